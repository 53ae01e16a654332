#pragma once

namespace qs::cli {

/// One command of quantscope-cli: its exit status, 0 done, 1 the job failed, 2 bad usage, 130 interrupted. Prints on stdout, errors on stderr.
int run(int argc, char** argv);

}  // namespace qs::cli
