#!/bin/bash
# Better int8 without retraining: each calibrator, then each algorithm, as the README's table. The lowest cosine of an output, and the agreement with
# float where the output is classes. int8.sh [FOLDER for the files]
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need caffe-resnet20-cifar10/res20_deploy.prototxt caffe-squeezenet11/deploy.prototxt caffe-ultraface/RFB-320.prototxt images-imagenet-128/labels.txt
pictures=(--images "$models/images-imagenet-128" --batch 32)
row() { # name, network and data, options
    local name=$1
    shift
    "$cli" compare "$@" >"$work/compare.txt"
    awk -v name="$name" '
        /^output / { split($0, part, "cosine "); split(part[2], value, ","); if (lowest == "" || value[1] < lowest) lowest = value[1] }
        /^agreement/ { agreement = $4 " %" }
        END { printf "%-28s %s  %s\n", name, lowest, agreement }' "$work/compare.txt"
}
table() { # title, network and data
    local title=$1
    shift
    echo "== $title"
    row IFMR "$@"
    for calibrator in minmax entropy mse; do row "$calibrator" "$@" --calibrator "$calibrator"; done
    row "percentile 0.9999" "$@" --calibrator percentile --percentile 0.9999
    row "equalization" "$@" --equalize
    row "bias correction" "$@" --bias-correction
    row "AdaRound" "$@" --adaround
    row "all three" "$@" --equalize --adaround --bias-correction
    row "all three, mse" "$@" --equalize --adaround --bias-correction --calibrator mse
}
table "demo, 200 pictures" "$top/resources/demo/demo.prototxt" -w "$top/resources/demo/demo.caffemodel" --images "$top/resources/demo/pictures" --batch 32
table "ResNet-20, 1,000 CIFAR-10 pictures" "$models/caffe-resnet20-cifar10/res20_deploy.prototxt" \
    -w "$models/caffe-resnet20-cifar10/cifar10_res20_iter_64000.caffemodel" --cifar10 "$models/cifar10-test/cifar10_test_open_1000.bin" \
    --color rgb --mean 125.3,123.0,113.9 --batch 32
table "SqueezeNet 1.1, 128 ImageNet pictures" "$models/caffe-squeezenet11/deploy.prototxt" \
    -w "$models/caffe-squeezenet11/squeezenet_v1.1_f16weights.caffemodel" "${pictures[@]}" --resize-short 256 --crop 227x227 --mean 104,117,123
table "UltraFace RFB-320 (depthwise), 128 ImageNet pictures" "$models/caffe-ultraface/RFB-320.prototxt" -w "$models/caffe-ultraface/RFB-320.caffemodel" \
    "${pictures[@]}" --color rgb --mean 127,127,127 --scale 0.0078125
