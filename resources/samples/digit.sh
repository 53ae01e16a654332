#!/bin/bash
# Digits, as the manual's MNIST sample: pictures to LMDB, then float against int8 against SNQ.
# digit.sh [FOLDER for the files]
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
net=caffe-lenet-mnist/lenet.prototxt weights=caffe-lenet-mnist/lenet_iter_10000.caffemodel
need "$net" "$weights" mnist-t10k/mnist_open_1000-images-idx3-ubyte
model=("$models/$net" -w "$models/$weights")

"$cli" lmdb --mnist "$models/mnist-t10k/mnist_open_1000-images-idx3-ubyte" --color gray -o "$work/mnist_test_lmdb"
data=(--lmdb "$work/mnist_test_lmdb" --color gray --scale 0.00390625 --batch 32)
echo "== int8"
"$cli" evaluate "${model[@]}" "${data[@]}"
echo "== SNQ: snq_lenet.cfg"
"$cli" config "${model[@]}" --cfg "$(dirname "${BASH_SOURCE[0]}")/snq_lenet.cfg" -o "$work/snq.json" >"$work/config.txt"
"$cli" evaluate "${model[@]}" -c "$work/snq.json" "${data[@]}"
"$cli" quantize "${model[@]}" -c "$work/snq.json" "${data[@]}" -o "$work/mnist"
