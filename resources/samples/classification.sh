#!/bin/bash
# Classification, as the manual's ResNet-50 sample: float against int8 against SNQ (4-bit weights but for the first and last layer).
# classification.sh [FOLDER for the files]
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
net=caffe-squeezenet11/deploy.prototxt weights=caffe-squeezenet11/squeezenet_v1.1_f16weights.caffemodel
need "$net" "$weights" images-imagenet-128/labels.txt
model=("$models/$net" -w "$models/$weights")
data=(--images "$models/images-imagenet-128" --labels "$models/images-imagenet-128/labels.txt"
    --resize-short 256 --crop 227x227 --mean 104,117,123 --batch 32)

echo "== int8: ARQ weights, IFMR activations"
"$cli" evaluate "${model[@]}" "${data[@]}"

echo "== SNQ: snq_squeezenet.cfg"
"$cli" config "${model[@]}" --cfg "$(dirname "${BASH_SOURCE[0]}")/snq_squeezenet.cfg" -o "$work/snq.json" >"$work/config.txt"
"$cli" evaluate "${model[@]}" -c "$work/snq.json" "${data[@]}"
"$cli" quantize "${model[@]}" -c "$work/snq.json" "${data[@]}" -o "$work/squeezenet"

net=caffe-resnet20-cifar10/res20_deploy.prototxt weights=caffe-resnet20-cifar10/cifar10_res20_iter_64000.caffemodel
need "$net" "$weights" cifar10-test/cifar10_test_open_1000.bin cifar10-test/mean_bgr_chw_f32.npy
model=("$models/$net" -w "$models/$weights")
# The mean image's planes are blue, green, red; the network takes red, green, blue.
bgr=$models/cifar10-test/mean_bgr_chw_f32.npy plane=4096
head=$(($(stat -c %s "$bgr") - 3 * plane))
{
    head -c "$head" "$bgr"
    for index in 3 2 1; do head -c $((head + index * plane)) "$bgr" | tail -c "$plane"; done
} >"$work/mean_rgb.npy"
data=(--cifar10 "$models/cifar10-test/cifar10_test_open_1000.bin" --color rgb --mean "$work/mean_rgb.npy" --batch 32)
echo "== a network with BatchNorm (ResNet-20): int8"
"$cli" evaluate "${model[@]}" "${data[@]}"
for update in false true; do
    echo "== ResNet-20, SNQ, update_bn: $update"
    sed "s/^update_bn: .*/update_bn: $update/" "$(dirname "${BASH_SOURCE[0]}")/snq_resnet20.cfg" >"$work/resnet20.cfg"
    "$cli" config "${model[@]}" --cfg "$work/resnet20.cfg" -o "$work/resnet20.json" >"$work/config.txt"
    (cd "$work" && "$cli" evaluate "${model[@]}" -c resnet20.json "${data[@]}") # bn_dump_dir is relative
done
