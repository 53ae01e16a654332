# Sourced by the samples: where the program and the networks are.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cli=${QUANTSCOPE_CLI:-$top/build/release/bin/quantscope-cli}
[ -x "$cli" ] || cli=$(command -v quantscope-cli) || {
    echo "quantscope-cli is neither built ($top/build/release/bin) nor on the PATH: run packaging/run, or set QUANTSCOPE_CLI." >&2
    exit 1
}
models=${QUANTSCOPE_MODELS:-$top/../shared/models}
if [ ! -d "$models" ]; then
    echo "No networks: $models is not a folder. This sample needs shared/models, which does not come with Quantscope; set QUANTSCOPE_MODELS." >&2
    exit 1
fi
need() {
    for file in "$@"; do
        [ -e "$models/$file" ] || { echo "$models/$file is missing: this sample cannot run." >&2; exit 1; }
    done
}
work=${1:-$(mktemp -d)}
mkdir -p "$work"
echo "files of this sample: $work"
