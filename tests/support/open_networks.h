// The open Caffe networks of shared/models with data for them, for the tests and the table on real networks.
#pragma once

#include "core/data/dataset.h"
#include "core/import/importer.h"

#include <filesystem>
#include <string>
#include <vector>

namespace qs::test {

struct OpenNetwork {
    std::string name;
    std::filesystem::path model;
    std::filesystem::path weights;
    DataSpec data;
};

/// `models` is shared/models. Networks of faces and plates have no labelled pictures there: they get the ImageNet ones, for ranges of real pictures.
inline std::vector<OpenNetwork> openNetworks(const std::filesystem::path& models)
{
    const auto pictures = [&](ColorOrder color, std::vector<double> mean, double scale) {
        DataSpec spec;
        spec.kind = DataKind::Pictures;
        spec.path = models / "images-imagenet-128";
        spec.preprocess.color = color;
        spec.preprocess.mean = std::move(mean);
        spec.preprocess.scale = {scale};
        return spec;
    };
    std::vector<OpenNetwork> list;
    const auto add = [&](std::string name, const char* model, const char* weights, DataSpec data) {
        list.push_back({std::move(name), models / model, models / weights, std::move(data)});
    };
    DataSpec imagenet = pictures(ColorOrder::Bgr, {104, 117, 123}, 1);
    imagenet.preprocess.resizeShort = 256;
    imagenet.preprocess.crop = {227, 227};
    imagenet.labels = models / "images-imagenet-128" / "labels.txt";
    add("SqueezeNet 1.1", "caffe-squeezenet11/deploy.prototxt", "caffe-squeezenet11/squeezenet_v1.1_f16weights.caffemodel", imagenet);
    DataSpec mnist;
    mnist.kind = DataKind::Mnist;
    mnist.path = models / "mnist-t10k" / "mnist_open_1000-images-idx3-ubyte";
    mnist.labels = models / "mnist-t10k" / "mnist_open_1000-labels-idx1-ubyte";
    mnist.preprocess.color = ColorOrder::Gray;
    mnist.preprocess.scale = {1.0 / 256};
    add("LeNet", "caffe-lenet-mnist/lenet.prototxt", "caffe-lenet-mnist/lenet_iter_10000.caffemodel", mnist);
    DataSpec cifar;
    cifar.kind = DataKind::Cifar10;
    cifar.path = models / "cifar10-test" / "cifar10_test_open_1000.bin";
    cifar.preprocess.color = ColorOrder::Rgb;
    cifar.preprocess.mean = {125.3, 123.0, 113.9};  // the mean image's own means: the file has its planes in the other order
    add("CIFAR-10 quick", "caffe-cifar10-quick/cifar10_quick.prototxt", "caffe-cifar10-quick/cifar10_quick_iter_5000.caffemodel", cifar);
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(models / "caffe-resnet20-cifar10", ignored))
        if (entry.path().extension() == ".caffemodel")
            for (const auto& other : std::filesystem::directory_iterator(models / "caffe-resnet20-cifar10", ignored))
                if (other.path().extension() == ".prototxt" && other.path().filename().string().find("train") == std::string::npos)
                    list.push_back({"ResNet-20", other.path(), entry.path(), cifar});
    for (const char* net : {"det1", "det2", "det3"}) {
        DataSpec faces = pictures(ColorOrder::Rgb, {127.5, 127.5, 127.5}, 0.0078125);
        faces.preprocess.transpose = true;
        const std::string stem = std::string("caffe-mtcnn/") + net;
        add(std::string("MTCNN ") + net, (stem + ".prototxt").c_str(), (stem + ".caffemodel").c_str(), faces);
    }
    add("UltraFace RFB-320", "caffe-ultraface/RFB-320.prototxt", "caffe-ultraface/RFB-320.caffemodel",
        pictures(ColorOrder::Rgb, {127, 127, 127}, 0.0078125));
    add("HyperLPR detector", "caffe-hyperlpr/mininet_ssd_v1.prototxt", "caffe-hyperlpr/mininet_ssd_v1.caffemodel",
        pictures(ColorOrder::Bgr, {103.53, 116.28, 123.675}, 0.225));
    add("HyperLPR characters", "caffe-hyperlpr/CharacterRecognization.prototxt", "caffe-hyperlpr/CharacterRecognization.caffemodel",
        pictures(ColorOrder::Gray, {}, 1.0 / 255));
    add("HyperLPR segmentation", "caffe-hyperlpr/Segmentation.prototxt", "caffe-hyperlpr/Segmentation.caffemodel",
        pictures(ColorOrder::Gray, {}, 1.0 / 255));
    add("HyperLPR finemapping", "caffe-hyperlpr/HorizonalFinemapping.prototxt", "caffe-hyperlpr/HorizonalFinemapping.caffemodel",
        pictures(ColorOrder::Bgr, {}, 1.0 / 255));
    DataSpec qr = pictures(ColorOrder::Gray, {}, 1.0 / 255);
    add("WeChat QR super-resolution", "caffe-wechat-qr/sr.prototxt", "caffe-wechat-qr/sr.caffemodel", qr);
    add("YOLO-Face 50k", "caffe-yoloface/yoloface-50k.prototxt", "caffe-yoloface/yoloface-50k.caffemodel", pictures(ColorOrder::Rgb, {}, 1.0 / 255));
    return list;
}

}  // namespace qs::test
