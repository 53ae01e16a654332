// Makes resources/demo: draws pictures, trains a small classifier on them and writes it as a Caffe network with its test pictures and
// project. The same seed gives the same bytes. One layer is made sensitive to int8 on purpose: see makeSensitive().
#include "core/base/file.h"
#include "core/import/importer.h"
#include "core/project/project.h"
#include "core/proto/qs_caffe.pb.h"
#include "tests/support/demo_pictures.h"

#include <google/protobuf/text_format.h>
#include <opencv2/imgcodecs.hpp>

#include <torch/torch.h>

#include <cstdio>
#include <cstring>

namespace {

namespace fs = std::filesystem;
namespace caffe = quantscope_caffe;
using torch::Tensor;

constexpr int classes = 10;
constexpr int trainingPictures = 25600;
constexpr int testPictures = 200;
constexpr int epochs = 5;
constexpr int batchSize = 64;
constexpr double peakRate = 4e-3;
constexpr double warmUp = 0.1;  ///< share of the steps
constexpr float pixelMean = 128;
constexpr float pixelScale = 0.0078125F;
constexpr float sensitiveFactor = 64;

// ---- the network ----------------------------------------------------------------------------------------------------------------------

/// Convolution without bias, BatchNorm, Scale, and mostly ReLU.
struct Unit : torch::nn::Module {
    Unit(int from, int to, int kernel, int groups, bool withRelu)
        : conv(register_module("conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(from, to, kernel).padding(kernel / 2).groups(groups).bias(false)))),
          norm(register_module("norm", torch::nn::BatchNorm2d(to))),
          relu(withRelu)
    {}
    Tensor forward(const Tensor& x)
    {
        const Tensor y = norm(conv(x));
        return relu ? torch::relu(y) : y;
    }
    torch::nn::Conv2d conv;
    torch::nn::BatchNorm2d norm;
    bool relu;
};

struct Net : torch::nn::Module {
    std::shared_ptr<Unit> unit(const char* name, int from, int to, int kernel, int groups = 1, bool relu = true)
    {
        return register_module(name, std::make_shared<Unit>(from, to, kernel, groups, relu));
    }
    Tensor forward(Tensor x)
    {
        x = torch::max_pool2d(conv1->forward(x), 2);
        x = pw2->forward(dw2->forward(x));
        x = torch::max_pool2d(torch::cat({mix3a->forward(x), mix3b->forward(x)}, 1), 2);
        x = torch::relu(x + project4->forward(dw4->forward(expand4->forward(x))));
        x = conv5->forward(x).mean({2, 3});
        return fc7(torch::relu(fc6(x)));
    }

    std::shared_ptr<Unit> conv1 = unit("conv1", 1, 16, 3);
    std::shared_ptr<Unit> dw2 = unit("dw2", 16, 16, 3, 16);
    std::shared_ptr<Unit> pw2 = unit("pw2", 16, 24, 1);
    std::shared_ptr<Unit> mix3a = unit("mix3a", 24, 16, 1);
    std::shared_ptr<Unit> mix3b = unit("mix3b", 24, 24, 3);
    std::shared_ptr<Unit> expand4 = unit("expand4", 40, 80, 1);
    std::shared_ptr<Unit> dw4 = unit("dw4", 80, 80, 3, 80);
    std::shared_ptr<Unit> project4 = unit("project4", 80, 40, 1, 1, false);
    std::shared_ptr<Unit> conv5 = unit("conv5", 40, 64, 3);
    torch::nn::Linear fc6 = register_module("fc6", torch::nn::Linear(64, 48));
    torch::nn::Linear fc7 = register_module("fc7", torch::nn::Linear(48, classes));
};

// ---- pictures and training ------------------------------------------------------------------------------------------------------------

struct Pictures {
    std::vector<std::vector<uint8_t>> pixels;
    Tensor inputs;
    Tensor labels;
};

Pictures drawPictures(int count, uint64_t seed)
{
    std::mt19937_64 random(seed);
    Pictures pictures;
    pictures.inputs = torch::empty({count, 1, qs::demo::pictureSide, qs::demo::pictureSide});
    pictures.labels = torch::empty({count}, torch::kLong);
    auto* values = pictures.inputs.data_ptr<float>();
    for (int i = 0; i < count; ++i) {
        pictures.pixels.push_back(qs::demo::drawGlyph(i % classes, random));
        for (const uint8_t pixel : pictures.pixels.back())
            *values++ = (static_cast<float>(pixel) - pixelMean) * pixelScale;
        pictures.labels[i] = i % classes;
    }
    return pictures;
}

void train(Net& net, const Pictures& pictures)
{
    torch::optim::Adam optimizer(net.parameters(), torch::optim::AdamOptions(2e-3).weight_decay(1e-5));
    constexpr int steps = trainingPictures / batchSize;
    for (int epoch = 0; epoch < epochs; ++epoch) {
        const Tensor order = torch::randperm(trainingPictures);
        double sum = 0;
        for (int step = 0; step < steps; ++step) {
            const double progress = (epoch + static_cast<double>(step) / steps) / epochs;
            static_cast<torch::optim::AdamOptions&>(optimizer.param_groups()[0].options()).lr(
                progress < warmUp ? peakRate * progress / warmUp : peakRate / 2 * (1 + std::cos(M_PI * (progress - warmUp) / (1 - warmUp))));
            const Tensor chosen = order.narrow(0, step * batchSize, batchSize);
            optimizer.zero_grad();
            const Tensor loss = torch::nn::functional::cross_entropy(net.forward(pictures.inputs.index_select(0, chosen)), pictures.labels.index_select(0, chosen));
            loss.backward();
            optimizer.step();
            sum += loss.item<double>();
        }
        std::printf("epoch %d: loss %.4f\n", epoch + 1, sum / steps);
        std::fflush(stdout);
    }
}

double accuracy(Net& net, const Pictures& pictures)
{
    const torch::NoGradGuard guard;
    return net.forward(pictures.inputs).argmax(1).eq(pictures.labels).to(torch::kDouble).mean().item<double>();
}

// ---- one layer that int8 hurts --------------------------------------------------------------------------------------------------------

/// A channel between expand4 and dw4 becomes `sensitiveFactor` times larger and dw4 takes it back: the network computes the same, but the
/// one scale of dw4's input must cover that channel and leaves the others a few of the 256 levels. Networks with depthwise convolutions
/// come out of training like this by themselves. A power of two changes no bit of the result.
void makeSensitive(Net& net, const Tensor& inputs)
{
    const torch::NoGradGuard guard;
    Tensor x = torch::max_pool2d(net.conv1->forward(inputs), 2);
    x = net.pw2->forward(net.dw2->forward(x));
    x = torch::max_pool2d(torch::cat({net.mix3a->forward(x), net.mix3b->forward(x)}, 1), 2);
    const auto channel = net.expand4->forward(x).amax({0, 2, 3}).argmax().item<int64_t>();
    net.expand4->norm->weight[channel] *= sensitiveFactor;
    net.expand4->norm->bias[channel] *= sensitiveFactor;
    net.dw4->conv->weight[channel] /= sensitiveFactor;
    std::printf("channel %d of expand4 is made %g times larger\n", static_cast<int>(channel), static_cast<double>(sensitiveFactor));
}

// ---- the Caffe network ----------------------------------------------------------------------------------------------------------------

class Writer {
public:
    caffe::LayerParameter& add(const std::string& name, const char* type, const std::vector<std::string>& bottoms, const std::string& top)
    {
        caffe::LayerParameter& layer = *net.add_layer();
        layer.set_name(name);
        layer.set_type(type);
        for (const std::string& bottom : bottoms)
            layer.add_bottom(bottom);
        layer.add_top(top);
        return layer;
    }
    void data()
    {
        caffe::LayerParameter& layer = add("data", "Input", {}, "data");
        caffe::BlobShape& shape = *layer.mutable_input_param()->add_shape();
        for (const int extent : {1, 1, qs::demo::pictureSide, qs::demo::pictureSide})
            shape.add_dim(extent);
        layer.mutable_transform_param()->set_force_gray(true);
        layer.mutable_transform_param()->add_mean_value(pixelMean);
        layer.mutable_transform_param()->set_scale(pixelScale);
    }
    void unit(const std::string& name, const std::string& bottom, const Unit& unit)
    {
        const auto& options = unit.conv->options;
        caffe::LayerParameter& conv = add(name, options.groups() > 1 ? "DepthwiseConv" : "Convolution", {bottom}, name);
        auto& parameters = *conv.mutable_convolution_param();
        parameters.set_num_output(static_cast<uint32_t>(options.out_channels()));
        parameters.set_bias_term(false);
        parameters.add_kernel_size(static_cast<uint32_t>(options.kernel_size()->at(0)));
        if (options.kernel_size()->at(0) > 1)
            parameters.add_pad(static_cast<uint32_t>(options.kernel_size()->at(0) / 2));
        if (options.groups() > 1)
            parameters.set_group(static_cast<uint32_t>(options.groups()));
        blob(conv, unit.conv->weight);
        caffe::LayerParameter& norm = add(name + "_bn", "BatchNorm", {name}, name);
        blob(norm, unit.norm->running_mean);
        blob(norm, unit.norm->running_var);
        blob(norm, torch::ones({1}));
        caffe::LayerParameter& scale = add(name + "_scale", "Scale", {name}, name);
        scale.mutable_scale_param()->set_bias_term(true);
        blob(scale, unit.norm->weight);
        blob(scale, unit.norm->bias);
        if (unit.relu)
            add(name + "_relu", "ReLU", {name}, name);
    }
    void pool(const std::string& name, const std::string& bottom, bool average)
    {
        auto& parameters = *add(name, "Pooling", {bottom}, name).mutable_pooling_param();
        parameters.set_pool(average ? caffe::PoolingParameter::AVE : caffe::PoolingParameter::MAX);
        if (average) {
            parameters.set_global_pooling(true);
            return;
        }
        parameters.set_kernel_size(2);
        parameters.set_stride(2);
    }
    void dense(const std::string& name, const std::string& bottom, const torch::nn::LinearImpl& linear)
    {
        caffe::LayerParameter& layer = add(name, "InnerProduct", {bottom}, name);
        layer.mutable_inner_product_param()->set_num_output(static_cast<uint32_t>(linear.options.out_features()));
        blob(layer, linear.weight);
        blob(layer, linear.bias);
    }

    caffe::NetParameter net;

private:
    static void blob(caffe::LayerParameter& layer, const Tensor& tensor)
    {
        caffe::BlobProto& blob = *layer.add_blobs();
        for (const int64_t extent : tensor.sizes())
            blob.mutable_shape()->add_dim(extent);
        const Tensor values = tensor.detach().contiguous();
        blob.mutable_data()->Add(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
    }
};

caffe::NetParameter caffeNet(const Net& net)
{
    Writer writer;
    writer.net.set_name("Quantscope demo");
    writer.data();
    writer.unit("conv1", "data", *net.conv1);
    writer.pool("pool1", "conv1", false);
    writer.unit("dw2", "pool1", *net.dw2);
    writer.unit("pw2", "dw2", *net.pw2);
    writer.unit("mix3a", "pw2", *net.mix3a);
    writer.unit("mix3b", "pw2", *net.mix3b);
    writer.add("concat3", "Concat", {"mix3a", "mix3b"}, "concat3");
    writer.pool("pool3", "concat3", false);
    writer.unit("expand4", "pool3", *net.expand4);
    writer.unit("dw4", "expand4", *net.dw4);
    writer.unit("project4", "dw4", *net.project4);
    writer.add("sum4", "Eltwise", {"pool3", "project4"}, "sum4").mutable_eltwise_param()->set_operation(caffe::EltwiseParameter::SUM);
    writer.add("sum4_relu", "ReLU", {"sum4"}, "sum4");
    writer.unit("conv5", "sum4", *net.conv5);
    writer.pool("pool5", "conv5", true);
    writer.dense("fc6", "pool5", *net.fc6);
    writer.add("fc6_relu", "ReLU", {"fc6"}, "fc6");
    writer.dense("fc7", "fc6", *net.fc7);
    writer.add("prob", "Softmax", {"fc7"}, "prob");
    return writer.net;
}

// ---- files ----------------------------------------------------------------------------------------------------------------------------

qs::Result<void> writeNetwork(const caffe::NetParameter& net, const fs::path& folder)
{
    QS_CHECK(qs::writeFile(folder / "demo.caffemodel", net.SerializeAsString()));
    caffe::NetParameter structure = net;
    for (auto& layer : *structure.mutable_layer())
        layer.clear_blobs();
    std::string text;
    google::protobuf::TextFormat::PrintToString(structure, &text);
    return qs::writeFile(folder / "demo.prototxt", "# Made by tests/support/demo_trainer.cpp.\n" + text);
}

qs::Result<void> writePictures(const Pictures& pictures, const fs::path& folder)
{
    std::string labels;
    for (int i = 0; i < testPictures; ++i) {
        char name[64];
        std::snprintf(name, sizeof name, "%03d_%s.png", i, qs::demo::classNames()[static_cast<size_t>(i % classes)]);
        const cv::Mat image(qs::demo::pictureSide, qs::demo::pictureSide, CV_8U, const_cast<uint8_t*>(pictures.pixels[static_cast<size_t>(i)].data()));
        std::vector<uint8_t> png;
        cv::imencode(".png", image, png, {cv::IMWRITE_PNG_COMPRESSION, 9});
        QS_CHECK(qs::writeFile(folder / "pictures" / name, {reinterpret_cast<const char*>(png.data()), png.size()}));
        labels += name + (" " + std::to_string(i % classes)) + "\n";
    }
    QS_CHECK(qs::writeFile(folder / "labels.txt", labels));
    std::string names;
    for (const char* name : qs::demo::classNames())
        names += name + std::string("\n");
    return qs::writeFile(folder / "classes.txt", names);
}

qs::Result<void> writeProject(const fs::path& folder)
{
    qs::Project project;
    project.model = folder / "demo.prototxt";
    project.weights = folder / "demo.caffemodel";
    project.classNames = folder / "classes.txt";
    QS_TRY(const auto model, qs::importModel({project.model, project.weights}));
    qs::DataSpec data;
    data.path = folder / "pictures";
    data.labels = folder / "labels.txt";
    data.preprocess = qs::preprocessFromModel(*model).value_or(qs::Preprocess{});
    data.preprocess.batch = 32;
    project.data = data;
    project.configuration = qs::createQuantConfig(*model);
    return qs::saveProject(project, folder / "demo.qsproj");
}

qs::Result<void> make(const fs::path& folder, uint64_t seed)
{
    const Pictures training = drawPictures(trainingPictures, seed);
    const Pictures test = drawPictures(testPictures, seed + 1);
    torch::manual_seed(seed);
    Net net;
    train(net, training);
    net.eval();
    std::printf("top-1 of the test pictures %.1f %%\n", 100 * accuracy(net, test));
    makeSensitive(net, training.inputs.narrow(0, 0, 1000));
    std::printf("top-1 of the test pictures %.1f %%\n", 100 * accuracy(net, test));
    QS_CHECK(writeNetwork(caffeNet(net), folder));
    QS_CHECK(writePictures(test, folder));
    return writeProject(folder);
}

}  // namespace

int main(int argc, char** argv)
{
    fs::path folder;
    uint64_t seed = 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "-o") == 0)
            folder = fs::absolute(argv[i + 1]).lexically_normal();
        else if (std::strcmp(argv[i], "--seed") == 0)
            seed = std::strtoull(argv[i + 1], nullptr, 10);
    }
    if (folder.empty() || argc % 2 == 0) {
        std::fprintf(stderr, "usage: demo_trainer -o DIR [--seed N]\n");
        return 2;
    }
    // Sums in one order: the same bytes on every machine of a kind.
    torch::set_num_threads(1);
    if (const auto made = make(folder, seed); !made.ok()) {
        std::fprintf(stderr, "%s\n", qs::errorText(made.error()).c_str());
        return 1;
    }
    return 0;
}
