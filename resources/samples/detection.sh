#!/bin/bash
# Detection, as the manual's Faster R-CNN sample: boxes of float and of the quantized network on the pictures, and the mAP of one against the other.
# detection.sh [FOLDER for the files]
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
net=caffe-hyperlpr/mininet_ssd_v1.prototxt weights=caffe-hyperlpr/mininet_ssd_v1.caffemodel
need "$net" "$weights" caffe-hyperlpr/1.jpg
model=("$models/$net" -w "$models/$weights")
data=(--images "$models/caffe-hyperlpr" --mean 103.53,116.28,123.675 --scale 0.225)

echo "== int8, calibrated on the pictures themselves"
count=$(find "$models/caffe-hyperlpr" -name '*.jpg' | wc -l)
"$cli" config "${model[@]}" --batch-num "$count" -o "$work/int8.json" >"$work/config.txt"
"$cli" detect "${model[@]}" -c "$work/int8.json" "${data[@]}" -o "$work/int8"
echo "== SNQ: snq_ssd.cfg"
sed "s/^batch_num: .*/batch_num: $count/" "$(dirname "${BASH_SOURCE[0]}")/snq_ssd.cfg" >"$work/snq.cfg"
"$cli" config "${model[@]}" --cfg "$work/snq.cfg" -o "$work/snq.json" >"$work/config.txt"
"$cli" detect "${model[@]}" -c "$work/snq.json" "${data[@]}" -o "$work/snq"
