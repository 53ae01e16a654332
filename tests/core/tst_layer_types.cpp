// Layer types for which no public reference outputs exist, against scalar loops written from their definitions. Fixed seeds.
#include "core/base/text.h"
#include "core/engine/evaluator.h"
#include "core/export/onnx/net.h"
#include "core/jobs/calibrate.h"
#include "core/jobs/samples.h"
#include "core/ops/op.h"
#include "core/quant/scheme.h"
#include "core/targets/amct/export.h"
#include "core/targets/documentation.h"
#include "tests/support/networks.h"
#include "tests/support/onnx_runtime.h"
#include "tests/support/run_model.h"
#include "tests/support/temporary_folder.h"

#include <onnx/onnx_pb.h>

#include <array>
#include <functional>
#include <set>

namespace qs {

namespace {

using test::Blob;
using test::randomBlob;
using Weights = std::vector<Blob>;

struct Net {
    std::shared_ptr<const Model> model;
    std::vector<Buffer> outputs;
    std::string error;
};

std::string shapeDims(const Shape& shape)
{
    std::string text;
    for (const int64_t dimension : shape)
        text += " dim: " + std::to_string(dimension);
    return text;
}

/// The same layer as an ONNX file, where one can be written: our reader gives the same values, and ONNX Runtime where it is there.
void expectTheSameAsOnnx(const Model& model, const std::vector<Blob>& inputs, const std::vector<Buffer>& outputs)
{
    const auto bytes = floatOnnx(model, oldestOnnxOpset);
    if (!bytes) {
        EXPECT_EQ(bytes.error().code, ErrorCode::NotSupported) << errorText(bytes.error());
        return;
    }
    // Nothing stands in the file that no node reads.
    onnx::ModelProto file;
    ASSERT_TRUE(file.ParseFromString(*bytes));
    std::set<std::string> read;
    for (const auto& node : file.graph().node())
        read.insert(node.input().begin(), node.input().end());
    for (const auto& tensor : file.graph().initializer())
        EXPECT_TRUE(read.contains(tensor.name())) << tensor.name();
    std::vector<Buffer> given;
    for (const Blob& input : inputs)
        given.push_back(Buffer::fromFloats(input.shape, input.values));
    const auto expectSame = [&](const char* reader, const std::vector<std::vector<float>>& found) {
        ASSERT_EQ(found.size(), outputs.size()) << reader;
        for (size_t i = 0; i < outputs.size(); ++i) {
            const auto expected = outputs[i].floats();
            ASSERT_EQ(found[i].size(), expected.size()) << reader;
            float largest = 1e-30F;
            for (const float value : expected)
                largest = std::isfinite(value) ? std::max(largest, std::fabs(value)) : largest;
            for (size_t k = 0; k < expected.size(); ++k)
                if (std::isfinite(expected[k]))
                    ASSERT_NEAR(found[i][k], expected[k], 1e-5F * largest) << reader << " at " << k;
        }
    };
    const test::TemporaryFolder folder;
    const auto again = importModel({folder.write("layer.onnx", *bytes), {}});
    ASSERT_TRUE(again.ok()) << errorText(again.error());
    const bool runs = std::all_of((*again)->layers().begin(), (*again)->layers().end(), [](const Layer& layer) { return layer.notRunnable.empty(); });
    // (What our reader does not know yet it says. A network without inputs is a constant to it.)
    if (runs && !(*again)->outputs().empty()) {
        std::vector<std::vector<float>> found;
        for (const Buffer& output : test::runModel(*again, given))
            found.push_back(test::listOf(output));
        expectSame("our reader", found);
    }
    if (test::onnxRuntime())
        expectSame("ONNX Runtime", test::runInOnnxRuntime(*bytes, given, "disabled"));
}

/// A network of one layer: inputs in0, in1... and as many tops, out0, out1...
Net runLayer(const std::string& type, const std::string& parameters, const std::vector<Blob>& inputs, const Weights& weights = {}, int tops = 1,
             const std::string& more = {})
{
    const test::TemporaryFolder folder;
    std::string text = "name: \"net\"\n";
    std::string layer = "layer { name: \"layer\" type: \"" + type + "\" ";
    for (size_t i = 0; i < inputs.size(); ++i) {
        const std::string name = "in" + std::to_string(i);
        text.append("layer { name: \"").append(name).append("\" type: \"Input\" top: \"").append(name);
        text.append("\" input_param { shape {").append(shapeDims(inputs[i].shape)).append(" } } }\n");
        layer.append("bottom: \"").append(name).append("\" ");
    }
    for (int i = 0; i < tops; ++i)
        layer.append("top: \"out").append(std::to_string(i)).append("\" ");
    test::writeNetwork(folder.path(), text + layer + parameters + " }\n" + more, {{"layer", weights}});
    Net net;
    const auto model = test::openNetwork(folder.path());
    if (!model) {
        net.error = errorText(model.error());
        return net;
    }
    net.model = *model;
    // A layer whose parameters do not fit is marked; one that is only drawn is no error.
    const Layer& found = net.model->layer(net.model->findLayer("layer"));
    if (!found.op.empty())
        net.error = found.notRunnable;
    if (!net.error.empty())
        return net;
    LayerRunner runner(test::engine(), net.model);
    Evaluator evaluator(runner);
    Forward forward;
    for (const Blob& input : inputs)
        forward.inputs.push_back(tensorFrom(Buffer::fromFloats(input.shape, input.values), runner.pool()));
    const auto outputs = evaluator.run(forward, {});
    if (!outputs) {
        net.error = errorText(outputs.error());
        return net;
    }
    for (const Tensor& output : *outputs)
        net.outputs.push_back(output.empty() ? Buffer() : bufferFrom(output));
    if (more.empty())
        expectTheSameAsOnnx(*net.model, inputs, net.outputs);
    return net;
}

/// 1e-5 of the largest value: kernels add floats in another order than the loops here, over at most a few hundred terms.
void expectNear(const Buffer& found, const Shape& shape, const std::vector<double>& expected, double tolerance = 1e-5)
{
    ASSERT_EQ(found.shape(), shape);
    ASSERT_EQ(found.floats().size(), expected.size());
    double largest = 1e-30;
    for (const double value : expected)
        largest = std::max(largest, std::fabs(value));
    for (size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(static_cast<double>(found.floats()[i]), expected[i], tolerance * largest) << "at " << i;
}

void expectNet(const Net& net, const Shape& shape, const std::vector<double>& expected, double tolerance = 1e-5)
{
    ASSERT_EQ(net.error, "");
    ASSERT_FALSE(net.outputs.empty());
    ASSERT_FALSE(net.outputs[0].floats().empty()) << net.model->layers().back().notRunnable;
    expectNear(net.outputs[0], shape, expected, tolerance);
}

double at(const Blob& blob, std::initializer_list<int64_t> index)
{
    int64_t place = 0;
    size_t axis = 0;
    for (const int64_t i : index)
        place = place * blob.shape[axis++] + i;
    return static_cast<double>(blob.values[static_cast<size_t>(place)]);
}

std::vector<double> mapped(const Blob& blob, const std::function<double(double)>& function)
{
    std::vector<double> values;
    for (const float value : blob.values)
        values.push_back(function(static_cast<double>(value)));
    return values;
}

/// Calls with every index of a shape of four dimensions, in C order.
std::vector<double> each4(const Shape& shape, const std::function<double(int64_t, int64_t, int64_t, int64_t)>& value)
{
    std::vector<double> values;
    for (int64_t n = 0; n < shape[0]; ++n)
        for (int64_t c = 0; c < shape[1]; ++c)
            for (int64_t y = 0; y < shape[2]; ++y)
                for (int64_t x = 0; x < shape[3]; ++x)
                    values.push_back(value(n, c, y, x));
    return values;
}

double sigmoid(double x)
{
    return 1 / (1 + std::exp(-x));
}

const Shape picture{2, 6, 4, 5};

}  // namespace

TEST(LayerTypes, ElementByElement)
{
    const Blob x = randomBlob(picture, 1, 3);
    const auto check = [&](const char* type, const char* parameters, const std::function<double(double)>& function) {
        SCOPED_TRACE(type);
        expectNet(runLayer(type, parameters, {x}), picture, mapped(x, function));
    };
    check("RReLU", "", [](double v) { return v > 0 ? v : v * (0.125 + 1.0 / 3) / 2; });
    check("RReLU", "rrelu_param { lower: 0.2 upper: 0.4 }", [](double v) { return v > 0 ? v : v * 0.3; });
    check("ReLU6", "", [](double v) { return std::clamp(v, 0.0, 6.0); });
    check("ReLU6", "relu6_param { threshold: 2 negative_slope: 0.5 }", [](double v) { return std::min(v > 0 ? v : v / 2, 2.0); });
    check("Swish", "swish_param { beta: 1.5 }", [](double v) { return v * sigmoid(1.5 * v); });
    check("Hswish", "", [](double v) { return v * std::clamp(v + 3, 0.0, 6.0) / 6; });
    check("BNLL", "", [](double v) { return std::log1p(std::exp(v)); });
    check("Threshold", "threshold_param { threshold: 0.5 }", [](double v) { return v > 0.5 ? 1 : 0; });
    check("Ceil", "", [](double v) { return std::ceil(v); });
    check("Sign", "", [](double v) { return v > 0 ? 1 : v < 0 ? -1 : 0; });
    check("Sin", "", [](double v) { return std::sin(v); });
    check("Cos", "", [](double v) { return std::cos(v); });
    check("Erf", "", [](double v) { return std::erf(v); });
    Blob positive = x;
    for (float& value : positive.values)
        value = std::fabs(value);
    expectNet(runLayer("Sqrt", "", {positive}), picture, mapped(positive, [](double v) { return std::sqrt(v); }));
    EXPECT_EQ(runLayer("Sign", "", {Blob{{3}, {0.0F, -0.0F, -2.0F}}}).outputs.at(0).floats()[0], 0);
}

TEST(LayerTypes, CRelu)
{
    const Blob x = randomBlob(picture, 2);
    const auto expected = each4({2, 12, 4, 5}, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
        const double v = (c < 6 ? 1 : -1) * at(x, {n, c % 6, h, w});
        return v > 0 ? v : v * 0.25;
    });
    expectNet(runLayer("CReLU", "crelu_param { negative_slope: 0.25 }", {x}), {2, 12, 4, 5}, expected);
}

TEST(LayerTypes, TwoOperands)
{
    Blob a = randomBlob({2, 3, 4}, 3);
    Blob b = randomBlob({3, 1}, 4);
    for (float& value : a.values)
        value = std::round(value * 2);
    for (float& value : b.values)
        value = std::round(value);
    const auto check = [&](const char* type, const std::function<double(double, double)>& function) {
        SCOPED_TRACE(type);
        std::vector<double> expected;
        for (int64_t i = 0; i < 2; ++i)
            for (int64_t j = 0; j < 3; ++j)
                for (int64_t k = 0; k < 4; ++k)
                    expected.push_back(function(at(a, {i, j, k}), at(b, {j, 0})));
        expectNet(runLayer(type, "", {a, b}), {2, 3, 4}, expected);
    };
    check("Equal", [](double x, double y) { return x == y ? 1 : 0; });
    check("Greater", [](double x, double y) { return x > y ? 1 : 0; });
    for (float& value : a.values)
        value = std::fabs(value) + 0.5F;
    check("Pow", [](double x, double y) { return std::pow(x, y); });
    // One shape takes another way through the kernel.
    expectNet(runLayer("Greater", "", {a, a}), {2, 3, 4}, std::vector<double>(24, 0.0));
}

TEST(LayerTypes, Reductions)
{
    const Blob x = randomBlob({2, 3, 4}, 5);
    const auto check = [&](const char* type, double start, const std::function<double(double, double)>& combine, double factor) {
        SCOPED_TRACE(type);
        std::vector<double> middle, all{start};
        for (int64_t i = 0; i < 2; ++i)
            for (int64_t k = 0; k < 4; ++k) {
                double value = start;
                for (int64_t j = 0; j < 3; ++j) {
                    value = combine(value, at(x, {i, j, k}));
                    all[0] = combine(all[0], at(x, {i, j, k}));
                }
                middle.push_back(value * factor);
            }
        expectNet(runLayer(type, "reduce_param { axes: -2 keep_dims: false }", {x}), {2, 4}, middle);
        expectNet(runLayer(type, "reduce_param { axes: 1 }", {x}), {2, 1, 4}, middle);
        all[0] *= factor == 1 ? 1 : 1.0 / 24;
        expectNet(runLayer(type, "", {x}), {1, 1, 1}, all);
    };
    check(
        "ReduceSum", 0, [](double a, double b) { return a + b; }, 1);
    check(
        "ReduceMean", 0, [](double a, double b) { return a + b; }, 1.0 / 3);
    check(
        "ReduceProd", 1, [](double a, double b) { return a * b; }, 1);
    check(
        "ReduceMax", -1e30, [](double a, double b) { return std::max(a, b); }, 1);
    check(
        "ReduceMin", 1e30, [](double a, double b) { return std::min(a, b); }, 1);
}

TEST(LayerTypes, Products)
{
    const Blob a = randomBlob({4, 3}, 6), b = randomBlob({5, 4}, 7), c = randomBlob({1, 5}, 8);
    std::vector<double> expected;
    for (int64_t m = 0; m < 3; ++m)
        for (int64_t n = 0; n < 5; ++n) {
            double sum = 0;
            for (int64_t k = 0; k < 4; ++k)
                sum += at(a, {k, m}) * at(b, {n, k});
            expected.push_back(0.5 * sum + 2 * at(c, {0, n}));
        }
    expectNet(runLayer("Gemm", "gemm_param { alpha: 0.5 beta: 2 transpose_a: true transpose_b: true }", {a, b, c}), {3, 5}, expected);
    const Blob p = randomBlob({2, 4, 3}, 9), q = randomBlob({2, 5, 4}, 10);
    expected.clear();
    for (int64_t i = 0; i < 2; ++i)
        for (int64_t m = 0; m < 3; ++m)
            for (int64_t n = 0; n < 5; ++n) {
                double sum = 0;
                for (int64_t k = 0; k < 4; ++k)
                    sum += at(p, {i, k, m}) * at(q, {i, n, k});
                expected.push_back(sum);
            }
    expectNet(runLayer("MatMul", "matmul_param { transpose_a: true transpose_b: true }", {p, q}), {2, 3, 5}, expected);
}

TEST(LayerTypes, AxpyScalesChannels)
{
    const Blob a = randomBlob({2, 6, 1, 1}, 11), x = randomBlob(picture, 12), y = randomBlob(picture, 13);
    const auto expected = each4(picture, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
        return at(a, {n, c, 0, 0}) * at(x, {n, c, h, w}) + at(y, {n, c, h, w});
    });
    expectNet(runLayer("Axpy", "", {a, x, y}), picture, expected);
    EXPECT_NE(runLayer("Axpy", "", {y, x, y}).error, "");
}

TEST(LayerTypes, Normalizations)
{
    const Blob x = randomBlob(picture, 14, 2, 1);
    const Blob scale = randomBlob({6}, 15), shift = randomBlob({6}, 16);
    /// Mean and variance over channels [from, to) of picture n.
    const auto moments = [&](int64_t n, int64_t from, int64_t to) {
        double sum = 0, squares = 0, count = 0;
        for (int64_t c = from; c < to; ++c)
            for (int64_t i = 0; i < 20; ++i, ++count)
                sum += at(x, {n, c, i / 5, i % 5});
        for (int64_t c = from; c < to; ++c)
            for (int64_t i = 0; i < 20; ++i)
                squares += std::pow(at(x, {n, c, i / 5, i % 5}) - sum / count, 2);
        return std::pair(sum / count, squares / count);
    };
    const auto group = each4(picture, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
        const auto [mean, variance] = moments(n, c / 2 * 2, c / 2 * 2 + 2);
        return (at(x, {n, c, h, w}) - mean) / std::sqrt(variance + 0.001) * at(scale, {c}) + at(shift, {c});
    });
    expectNet(runLayer("GroupNorm", "group_norm_param { num_groups: 3 eps: 0.001 }", {x}, {scale, shift}), picture, group);
    const auto mvm = each4(picture, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
        const auto [mean, variance] = moments(n, c, c + 1);
        return (at(x, {n, c, h, w}) - mean) / (std::sqrt(variance) + 1e-9);
    });
    expectNet(runLayer("Mvm", "", {x}), picture, mvm);
    const auto whole = each4(picture, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
        const auto [mean, variance] = moments(n, 0, 6);
        return (at(x, {n, c, h, w}) - mean) / std::sqrt(variance + 1e-5);
    });
    expectNet(runLayer("LayerNormalization", "layer_norm_param { axis: 1 affine: false }", {x}), picture, whole);
    const Blob gamma = randomBlob({5}, 17), beta = randomBlob({5}, 18);
    const auto rows = each4(picture, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
        double mean = 0, variance = 0;
        for (int64_t i = 0; i < 5; ++i)
            mean += at(x, {n, c, h, i}) / 5;
        for (int64_t i = 0; i < 5; ++i)
            variance += std::pow(at(x, {n, c, h, i}) - mean, 2) / 5;
        return (at(x, {n, c, h, w}) - mean) / std::sqrt(variance + 1e-5) * at(gamma, {w}) + at(beta, {w});
    });
    expectNet(runLayer("LayerNormalization", "", {x}, {gamma, beta}), picture, rows);
    EXPECT_NE(runLayer("GroupNorm", "group_norm_param { num_groups: 4 affine: false }", {x}).error, "");
}

TEST(LayerTypes, OrderOfValues)
{
    // Equal values: the first in front, except for ArgMax, where Caffe takes the last.
    const Blob x{{2, 4}, {3, 1, 3, -2, 0, 5, 5, 5}};
    Net net = runLayer("TopK", "topk_param { k: 2 }", {x}, {}, 2);
    ASSERT_EQ(net.error, "");
    expectNear(net.outputs.at(0), {2, 2}, {3, 3, 5, 5});
    expectNear(net.outputs.at(1), {2, 2}, {0, 2, 1, 2});
    expectNet(runLayer("TopK", "topk_param { k: 1 axis: 0 largest: false }", {x}), {1, 4}, {0, 1, 3, -2});
    net = runLayer("Sort", "", {x}, {}, 2);
    ASSERT_EQ(net.error, "");
    expectNear(net.outputs.at(0), {2, 4}, {3, 3, 1, -2, 5, 5, 5, 0});
    expectNear(net.outputs.at(1), {2, 4}, {0, 2, 1, 3, 1, 2, 3, 0});
    expectNet(runLayer("Sort", "sort_param { descending: false axis: 0 }", {x}), {2, 4}, {0, 1, 3, -2, 3, 5, 5, 5});
    expectNet(runLayer("ArgMax", "argmax_param { axis: 1 }", {x}), {2, 1}, {2, 3});
    expectNet(runLayer("ArgMin", "argmin_param { axis: 1 }", {x}), {2, 1}, {3, 0});
    expectNet(runLayer("ArgMin", "argmin_param { top_k: 2 out_min_val: true }", {x}), {2, 2, 2}, {3, 1, -2, 1, 0, 1, 0, 5});
    EXPECT_NE(runLayer("TopK", "topk_param { k: 5 }", {x}).error, "");
    EXPECT_NE(runLayer("ArgMax", "argmax_param { top_k: 0 }", {x}).error, "");
}

TEST(LayerTypes, Layout)
{
    const Blob x = randomBlob(picture, 19);
    expectNet(runLayer("Reverse", "reverse_param { axis: 1 axis: -1 }", {x}), picture,
              each4(picture, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
                  return at(x, {n, 5 - c, h, 4 - w});
              }));
    expectNet(runLayer("Reverse", "", {x}), picture, each4(picture, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
                  return at(x, {1 - n, c, h, w});
              }));
    expectNet(runLayer("ShuffleChannel", "shuffle_channel_param { group: 3 }", {x}), picture,
              each4(picture, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
                  return at(x, {n, c % 3 * 2 + c / 3, h, w});
              }));
    expectNet(runLayer("Pad", "pad_param { pads: [0, 1, 0, 2, 0, 0, 1, 0] value: 7 }", {x}), {2, 7, 5, 7},
              each4({2, 7, 5, 7}, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
                  return c < 1 || h > 3 || w < 2 ? 7 : at(x, {n, c - 1, h, w - 2});
              }));
    expectNet(runLayer("Pad", "pad_param { pads: [0, 0, 0, 2, 0, 0, 0, 1] mode: REFLECT }", {x}), {2, 6, 4, 8},
              each4({2, 6, 4, 8}, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
                  const int64_t from = std::abs(w - 2);
                  return at(x, {n, c, h, from > 4 ? 8 - from : from});
              }));
    expectNet(runLayer("Tile", "tile_param { axis: 2 tiles: 2 }", {x}), {2, 6, 8, 5},
              each4({2, 6, 8, 5}, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
                  return at(x, {n, c, h % 4, w});
              }));
    const Blob large = randomBlob({2, 8, 4, 6}, 20);
    const Shape small{2, 32, 2, 3};
    expectNet(runLayer("PassThrough", "pass_through_param { num_output: 32 }", {large}), small,
              each4(small, [&](int64_t n, int64_t k, int64_t h, int64_t w) {
                  return at(large, {n, k % 8, h * 2 + k / 8 / 2, w * 2 + k / 8 % 2});
              }));
    EXPECT_NE(runLayer("PassThrough", "pass_through_param { num_output: 31 }", {large}).error, "");
    EXPECT_NE(runLayer("ShuffleChannel", "shuffle_channel_param { group: 4 }", {x}).error, "");
}

// Written as Darknet's loop: the input is taken for a picture of c / s^2 channels, s times as large.
TEST(LayerTypes, ReorgAsDarknet)
{
    const Blob x = randomBlob({2, 8, 4, 6}, 21);
    const int64_t s = 2, c = 8, h = 4, w = 6, outC = c / (s * s);
    std::vector<double> forward(x.values.size()), back(x.values.size());
    for (int64_t b = 0; b < 2; ++b)
        for (int64_t k = 0; k < c; ++k)
            for (int64_t j = 0; j < h; ++j)
                for (int64_t i = 0; i < w; ++i) {
                    const auto in = static_cast<size_t>(i + w * (j + h * (k + c * b)));
                    const int64_t c2 = k % outC, offset = k / outC;
                    const int64_t w2 = i * s + offset % s, h2 = j * s + offset / s;
                    const auto out = static_cast<size_t>(w2 + w * s * (h2 + h * s * (c2 + outC * b)));
                    forward[in] = static_cast<double>(x.values[out]);
                    back[out] = static_cast<double>(x.values[in]);
                }
    expectNet(runLayer("Reorg", "reorg_param { stride: 2 }", {x}), {2, 32, 2, 3}, forward);
    expectNet(runLayer("Reorg", "reorg_param { stride: 2 reverse: true }", {x}), {2, 2, 8, 12}, back);
    EXPECT_NE(runLayer("Reorg", "reorg_param { stride: 2 }", {randomBlob(picture, 1)}).error, "");
}

TEST(LayerTypes, UpsampleAndUnpooling)
{
    const Blob x = randomBlob({2, 3, 2, 3}, 22);
    // Places in a picture of 4 x 6, all different.
    Blob mask{{2, 3, 2, 3}, std::vector<float>(36)};
    for (size_t i = 0; i < 36; ++i)
        mask.values[i] = static_cast<float>(i % 6 / 3 * 12 + i % 3 * 2 + i % 2 * 6 + i % 5 % 2);
    const auto unpooled = [&](int64_t height, int64_t width) {
        std::vector<double> values(static_cast<size_t>(6 * height * width));
        for (size_t i = 0; i < 36; ++i)
            values[i / 6 * static_cast<size_t>(height * width) + static_cast<size_t>(mask.values[i])] = static_cast<double>(x.values[i]);
        return values;
    };
    expectNet(runLayer("Unpooling", "unpooling_param { kernel_size: 2 stride: 2 }", {x, mask}), {2, 3, 4, 6}, unpooled(4, 6));
    expectNet(runLayer("Upsample", "upsample_param { scale: 2 }", {x, mask}), {2, 3, 4, 6}, unpooled(4, 6));
    expectNet(runLayer("Upsample", "upsample_param { upsample_h: 5 upsample_w: 7 }", {x, mask}), {2, 3, 5, 7}, unpooled(5, 7));
    expectNet(runLayer("Upsample", "upsample_param { scale: 1 stride: 2 stride_w: 3 }", {x}), {2, 3, 4, 9},
              each4({2, 3, 4, 9}, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
                  return at(x, {n, c, h / 2, w / 3});
              }));
    expectNet(runLayer("Upsample", "upsample_param { scale: 0.5 stride: 2 }", {x}), {2, 3, 4, 6},
              each4({2, 3, 4, 6}, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
                  return 0.5 * at(x, {n, c, h / 2, w / 2});
              }));
    mask.values[7] = 24;  // one beyond the output
    EXPECT_NE(runLayer("Unpooling", "unpooling_param { kernel_size: 2 stride: 2 }", {x, mask}).error.find("24"), std::string::npos);
    // Interp to the extents of a second input, corners aligned.
    const Shape wanted{2, 3, 3, 5};
    expectNet(runLayer("Interp", "", {x, randomBlob({1, 1, 3, 5}, 1)}), wanted, each4(wanted, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
                  const double row = static_cast<double>(h) / 2, column = static_cast<double>(w) / 2;
                  const auto top = std::min<int64_t>(static_cast<int64_t>(row), 0), left = std::min<int64_t>(static_cast<int64_t>(column), 1);
                  const double down = row - static_cast<double>(top), right = column - static_cast<double>(left);
                  const auto line = [&](int64_t y) { return at(x, {n, c, y, left}) * (1 - right) + at(x, {n, c, y, left + 1}) * right; };
                  return line(top) * (1 - down) + line(top + 1) * down;
              }));
}

namespace {

/// Regions of two pictures of 40 x 50 pixels, one outside the picture in part, one of a single point.
Blob regions()
{
    return {{4, 5}, {0, 3, 5, 31, 29, 1, 10.5F, 0, 44.4F, 37.2F, 1, 30, 20, 70, 60, 0, 12, 12, 12, 12}};
}

}  // namespace

TEST(LayerTypes, RoiPooling)
{
    const Blob x = randomBlob({2, 3, 10, 13}, 23), rois = regions();
    const Shape shape{4, 3, 2, 3};
    const double scale = 0.25;
    const auto expected = each4(shape, [&](int64_t r, int64_t c, int64_t ph, int64_t pw) {
        const int64_t x1 = std::lround(at(rois, {r, 1}) * scale), y1 = std::lround(at(rois, {r, 2}) * scale);
        const int64_t x2 = std::lround(at(rois, {r, 3}) * scale), y2 = std::lround(at(rois, {r, 4}) * scale);
        const double high = static_cast<double>(std::max<int64_t>(y2 - y1 + 1, 1)) / 2,
                     wide = static_cast<double>(std::max<int64_t>(x2 - x1 + 1, 1)) / 3;
        // In units of the bin's end a float may round: only bins whose ends are exact or far from a whole number are in these regions.
        const auto clip = [](int64_t value, int64_t most) { return std::clamp<int64_t>(value, 0, most); };
        const auto low = [](double v) { return static_cast<int64_t>(std::floor(v + 1e-6)); };
        const auto up = [](double v) { return static_cast<int64_t>(std::ceil(v - 1e-6)); };
        const int64_t top = clip(low(static_cast<double>(ph) * high) + y1, 10), bottom = clip(up(static_cast<double>(ph + 1) * high) + y1, 10);
        const int64_t left = clip(low(static_cast<double>(pw) * wide) + x1, 13), right = clip(up(static_cast<double>(pw + 1) * wide) + x1, 13);
        double largest = top >= bottom || left >= right ? 0 : -1e30;
        for (int64_t i = top; i < bottom; ++i)
            for (int64_t j = left; j < right; ++j)
                largest = std::max(largest, at(x, {static_cast<int64_t>(rois.values[static_cast<size_t>(r * 5)]), c, i, j}));
        return largest;
    });
    expectNet(runLayer("ROIPooling", "roi_pooling_param { pooled_h: 2 pooled_w: 3 spatial_scale: 0.25 }", {x, rois}), shape, expected);
    Blob wrong = rois;
    wrong.values[0] = 2;
    EXPECT_NE(runLayer("ROIPooling", "roi_pooling_param { pooled_h: 2 pooled_w: 3 }", {x, wrong}).error, "");
    EXPECT_NE(runLayer("ROIPooling", "", {x, rois}).error, "");
}

TEST(LayerTypes, PsroiPooling)
{
    const Blob x = randomBlob({2, 18, 10, 13}, 24), rois = regions();
    const Shape shape{4, 2, 3, 3};
    const auto expected = each4(shape, [&](int64_t r, int64_t c, int64_t ph, int64_t pw) {
        const double scale = 0.25;
        const double left = std::round(at(rois, {r, 1})) * scale, top = std::round(at(rois, {r, 2})) * scale;
        const double wide = std::max((std::round(at(rois, {r, 3})) + 1) * scale - left, 0.1) / 3;
        const double high = std::max((std::round(at(rois, {r, 4})) + 1) * scale - top, 0.1) / 3;
        const auto clip = [](double value, int64_t most) { return std::clamp<int64_t>(static_cast<int64_t>(value), 0, most); };
        const int64_t y1 = clip(std::floor(static_cast<double>(ph) * high + top + 1e-6), 10),
                      y2 = clip(std::ceil(static_cast<double>(ph + 1) * high + top - 1e-6), 10);
        const int64_t x1 = clip(std::floor(static_cast<double>(pw) * wide + left + 1e-6), 13),
                      x2 = clip(std::ceil(static_cast<double>(pw + 1) * wide + left - 1e-6), 13);
        double sum = 0, count = 0;
        for (int64_t i = y1; i < y2; ++i)
            for (int64_t j = x1; j < x2; ++j, ++count)
                sum += at(x, {static_cast<int64_t>(rois.values[static_cast<size_t>(r * 5)]), (c * 3 + ph) * 3 + pw, i, j});
        return count == 0 ? 0 : sum / count;
    });
    expectNet(runLayer("PSROIPooling", "psroi_pooling_param { spatial_scale: 0.25 output_dim: 2 group_size: 3 }", {x, rois}), shape, expected);
    EXPECT_NE(runLayer("PSROIPooling", "psroi_pooling_param { spatial_scale: 0.25 output_dim: 2 group_size: 2 }", {x, rois}).error, "");
}

TEST(LayerTypes, RoiAlign)
{
    const Blob x = randomBlob({2, 3, 10, 13}, 25), rois = regions();
    const Shape shape{4, 3, 2, 3};
    for (const int64_t ratio : {int64_t{2}, int64_t{-1}}) {
        const auto expected = each4(shape, [&](int64_t r, int64_t c, int64_t ph, int64_t pw) {
            const double scale = 0.25;
            const double left = at(rois, {r, 1}) * scale, top = at(rois, {r, 2}) * scale;
            const double wide = std::max(at(rois, {r, 3}) * scale - left, 1.0) / 3, high = std::max(at(rois, {r, 4}) * scale - top, 1.0) / 2;
            const int64_t rows = ratio > 0 ? ratio : static_cast<int64_t>(std::ceil(high)),
                          columns = ratio > 0 ? ratio : static_cast<int64_t>(std::ceil(wide));
            const auto value = [&](double y, double xx) {
                if (y < -1 || y > 10 || xx < -1 || xx > 13)
                    return 0.0;
                y = std::clamp(y, 0.0, 9.0);
                xx = std::clamp(xx, 0.0, 12.0);
                const auto i = static_cast<int64_t>(y), j = static_cast<int64_t>(xx);
                const int64_t i2 = std::min<int64_t>(i + 1, 9), j2 = std::min<int64_t>(j + 1, 12);
                const double dy = y - static_cast<double>(i), dx = xx - static_cast<double>(j);
                const auto n = static_cast<int64_t>(rois.values[static_cast<size_t>(r * 5)]);
                return at(x, {n, c, i, j}) * (1 - dy) * (1 - dx) + at(x, {n, c, i, j2}) * (1 - dy) * dx + at(x, {n, c, i2, j}) * dy * (1 - dx) +
                       at(x, {n, c, i2, j2}) * dy * dx;
            };
            double sum = 0;
            for (int64_t i = 0; i < rows; ++i)
                for (int64_t j = 0; j < columns; ++j)
                    sum += value(top + static_cast<double>(ph) * high + (static_cast<double>(i) + 0.5) * high / static_cast<double>(rows),
                                 left + static_cast<double>(pw) * wide + (static_cast<double>(j) + 0.5) * wide / static_cast<double>(columns));
            return sum / static_cast<double>(rows * columns);
        });
        expectNet(
            runLayer("ROIAlign", "roi_align_param { pooled_h: 2 pooled_w: 3 spatial_scale: 0.25 sampling_ratio: " + std::to_string(ratio) + " }",
                     {x, rois}),
            shape, expected);
    }
}

TEST(LayerTypes, SppAveragesTheParts)
{
    // 8 x 4 pixels divide evenly: no padding, each level is a plain mean.
    const Blob x = randomBlob({2, 3, 8, 4}, 26);
    std::vector<double> expected;
    for (int64_t n = 0; n < 2; ++n)
        for (const int64_t bins : {1, 2, 4})
            for (int64_t c = 0; c < 3; ++c)
                for (int64_t bin = 0; bin < bins * bins; ++bin) {
                    double sum = 0;
                    for (int64_t i = 0; i < 8 / bins; ++i)
                        for (int64_t j = 0; j < 4 / bins; ++j)
                            sum += at(x, {n, c, bin / bins * 8 / bins + i, bin % bins * 4 / bins + j});
                    expected.push_back(sum * static_cast<double>(bins * bins) / 32);
                }
    expectNet(runLayer("SPP", "spp_param { pyramid_height: 3 pool: AVE }", {x}), {2, 63}, expected);
    EXPECT_NE(runLayer("SPP", "spp_param { pyramid_height: 5 }", {x}).error, "");
}

TEST(LayerTypes, NmsKeepsTheBest)
{
    // Boxes 0 and 1 overlap by 0.82, 2 stands alone; two classes.
    const Blob boxes{{1, 3, 4}, {0, 0, 10, 10, 1, 0, 11, 10, 20, 20, 30, 30}};
    const Blob scores{{1, 2, 3}, {0.6F, 0.9F, 0.3F, 0.7F, 0.1F, 0.05F}};
    expectNet(runLayer("Nms", "nms_param { nms_threshold: 0.5 score_threshold: 0.2 keep_top_k: 4 }", {boxes, scores}), {1, 1, 4, 7},
              {0,  0, 0.9F, 1,  0,  11, 10,  //
               0,  1, 0.7F, 0,  0,  10, 10,  //
               0,  0, 0.3F, 20, 20, 30, 30,  //
               -1, 0, 0,    0,  0,  0,  0});
}

namespace {

struct Cell {
    Blob x, marks, constant, h0, c0, wx, bias, ws, wh, wo, bo;
    int64_t gates;
    explicit Cell(int64_t gateCount) : gates(gateCount)
    {
        x = randomBlob({4, 2, 3}, 30);
        marks = Blob{{4, 2}, {0, 1, 1, 1, 1, 0, 1, 1}};
        constant = randomBlob({2, 2}, 31);
        h0 = randomBlob({1, 2, 5}, 32, 0.5F);
        c0 = randomBlob({1, 2, 5}, 33, 0.5F);
        wx = randomBlob({gates * 5, 3}, 34, 0.5F);
        bias = randomBlob({gates * 5}, 35, 0.3F);
        ws = randomBlob({gates * 5, 2}, 36, 0.5F);
        wh = randomBlob({gates * 5, 5}, 37, 0.4F);
        wo = randomBlob({5, 5}, 38, 0.5F);
        bo = randomBlob({5}, 39, 0.3F);
    }
    /// Row `row` of the inputs' part, of the hidden part for state h.
    double inputRow(int64_t t, int64_t n, int64_t row, bool fixed) const
    {
        double sum = at(bias, {row});
        for (int64_t k = 0; k < 3; ++k)
            sum += at(wx, {row, k}) * at(x, {t, n, k});
        for (int64_t k = 0; fixed && k < 2; ++k)
            sum += at(ws, {row, k}) * at(constant, {n, k});
        return sum;
    }
    double hiddenRow(int64_t row, const std::vector<double>& h) const
    {
        double sum = 0;
        for (int64_t k = 0; k < 5; ++k)
            sum += at(wh, {row, k}) * h[static_cast<size_t>(k)];
        return sum;
    }
};

}  // namespace

TEST(LayerTypes, LstmWithStaticInputAndStates)
{
    const Cell cell(4);
    std::vector<double> all(40), lastH, lastC;
    for (int64_t n = 0; n < 2; ++n) {
        std::vector<double> h, c;
        for (int64_t k = 0; k < 5; ++k) {
            h.push_back(at(cell.h0, {0, n, k}));
            c.push_back(at(cell.c0, {0, n, k}));
        }
        for (int64_t t = 0; t < 4; ++t) {
            const double mark = at(cell.marks, {t, n});
            for (double& value : h)
                value *= mark;
            std::vector<double> next;
            for (int64_t k = 0; k < 5; ++k) {
                const auto gate = [&](int64_t g) { return cell.inputRow(t, n, g * 5 + k, true) + cell.hiddenRow(g * 5 + k, h); };
                double& state = c[static_cast<size_t>(k)];
                state = mark * sigmoid(gate(1)) * state + sigmoid(gate(0)) * std::tanh(gate(3));
                next.push_back(sigmoid(gate(2)) * std::tanh(state));
            }
            h = next;
            std::copy(h.begin(), h.end(), all.begin() + (t * 2 + n) * 5);
        }
        lastH.insert(lastH.end(), h.begin(), h.end());
        lastC.insert(lastC.end(), c.begin(), c.end());
    }
    const Net net = runLayer("LSTM", "recurrent_param { num_output: 5 expose_hidden: true }", {cell.x, cell.marks, cell.constant, cell.h0, cell.c0},
                             {cell.wx, cell.bias, cell.ws, cell.wh}, 3);
    ASSERT_EQ(net.error, "");
    ASSERT_EQ(net.outputs.size(), 3U);
    expectNear(net.outputs[0], {4, 2, 5}, all);
    expectNear(net.outputs[1], {1, 2, 5}, lastH);
    expectNear(net.outputs[2], {1, 2, 5}, lastC);
    // The marks have no factors; all else has.
    EXPECT_EQ(quantizableSites(*net.model, net.model->findLayer("layer")), (std::vector<int>{0, 2, 3, 4}));
    EXPECT_NE(runLayer("LSTM", "recurrent_param { num_output: 5 }", {cell.x, cell.marks}, {cell.wx, cell.bias}).error, "");
}

TEST(LayerTypes, RnnWithStaticInput)
{
    const Cell cell(1);
    std::vector<double> all(40);
    for (int64_t n = 0; n < 2; ++n) {
        std::vector<double> h(5);
        for (int64_t t = 0; t < 4; ++t) {
            for (double& value : h)
                value *= at(cell.marks, {t, n});
            std::vector<double> next;
            for (int64_t k = 0; k < 5; ++k)
                next.push_back(std::tanh(cell.inputRow(t, n, k, true) + cell.hiddenRow(k, h)));
            h = next;
            for (int64_t k = 0; k < 5; ++k) {
                double sum = at(cell.bo, {k});
                for (int64_t i = 0; i < 5; ++i)
                    sum += at(cell.wo, {k, i}) * h[static_cast<size_t>(i)];
                all[static_cast<size_t>((t * 2 + n) * 5 + k)] = std::tanh(sum);
            }
        }
    }
    expectNet(runLayer("RNN", "recurrent_param { num_output: 5 }", {cell.x, cell.marks, cell.constant},
                       {cell.wx, cell.bias, cell.ws, cell.wh, cell.wo, cell.bo}),
              {4, 2, 5}, all);
}

TEST(LayerTypes, GruInBothForms)
{
    const Cell cell(3);
    for (const bool linear : {false, true}) {
        std::vector<double> all(40);
        for (int64_t n = 0; n < 2; ++n) {
            std::vector<double> h(5);
            for (int64_t t = 0; t < 4; ++t) {
                for (double& value : h)
                    value *= at(cell.marks, {t, n});
                std::vector<double> reset, gated, next;
                for (int64_t k = 0; k < 5; ++k) {
                    reset.push_back(sigmoid(cell.inputRow(t, n, 5 + k, false) + cell.hiddenRow(5 + k, h)));
                    gated.push_back(reset.back() * h[static_cast<size_t>(k)]);
                }
                for (int64_t k = 0; k < 5; ++k) {
                    const double keep = sigmoid(cell.inputRow(t, n, k, false) + cell.hiddenRow(k, h));
                    const double hidden = linear ? reset[static_cast<size_t>(k)] * cell.hiddenRow(10 + k, h) : cell.hiddenRow(10 + k, gated);
                    next.push_back(keep * h[static_cast<size_t>(k)] + (1 - keep) * std::tanh(cell.inputRow(t, n, 10 + k, false) + hidden));
                }
                h = next;
                std::copy(h.begin(), h.end(), all.begin() + (t * 2 + n) * 5);
            }
        }
        const std::string more = linear ? " linear_before_reset: true" : "";
        expectNet(runLayer("GRU", "gru_param { num_output: 5" + more + " }", {cell.x, cell.marks}, {cell.wx, cell.bias, cell.wh}), {4, 2, 5}, all);
    }
}

TEST(LayerTypes, SamplesThatGoOn)
{
    const Blob x = randomBlob({3, 2, 1, 2}, 40);
    const std::string more = "layer { name: \"scaled\" type: \"Power\" bottom: \"out0\" top: \"end\" power_param { scale: 2 } }\n";
    const auto twice = [&](int64_t n) {
        std::vector<double> values;
        for (int64_t i = 0; i < 4; ++i)
            values.push_back(2 * static_cast<double>(x.values[static_cast<size_t>(n * 4 + i)]));
        return values;
    };
    expectNet(runLayer("Filter", "", {x, Blob{{3, 1}, {0, 1, 0}}}, {}, 1, more), {1, 2, 1, 2}, twice(1));
    // None selected: one sample of zeros, so that what follows can run.
    expectNet(runLayer("Filter", "", {x, Blob{{3, 1}, {0, 0, 0}}}, {}, 1, more), {1, 2, 1, 2}, {0, 0, 0, 0});
    EXPECT_EQ(runLayer("Filter", "", {x, Blob{{3}, {1, 1, 1}}}).outputs.at(0).shape(), (Shape{3, 2, 1, 2}));
    EXPECT_NE(runLayer("BatchReindex", "", {x, Blob{{2}, {0, 3}}}).error.find("3"), std::string::npos);
    EXPECT_NE(runLayer("Embed", "embed_param { num_output: 2 input_dim: 3 bias_term: false }", {Blob{{2}, {0, -1}}}, {randomBlob({3, 2}, 1)}).error,
              "");
}

TEST(LayerTypes, ParameterIsItsBlob)
{
    const Blob value = randomBlob({2, 3}, 41);
    const Net net = runLayer("Parameter", "parameter_param { shape { dim: 2 dim: 3 } }", {}, {value});
    expectNet(net, {2, 3}, mapped(value, [](double v) { return v; }));
    EXPECT_EQ(layerQuantizable(*net.model, net.model->findLayer("layer")), Quantizable::No);
}

TEST(LayerTypes, DataLayersOfUnknownSize)
{
    const test::TemporaryFolder folder;
    const std::string data = "layer { name: \"data\" type: \"HDF5Data\" top: \"extra\" top: \"label\" hdf5_data_param { batch_size: 2 } }\n";
    const std::string rest = R"(
layer { name: "relu" type: "ReLU" bottom: "x" top: "y" }
layer { name: "both" type: "Eltwise" bottom: "y" bottom: "extra" top: "z" }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "y" bottom: "label" top: "loss" }
layer { name: "quiet" type: "Silence" bottom: "y" }
)";
    const std::string input = "layer { name: \"x\" type: \"Input\" top: \"x\" input_param { shape { dim: 1 dim: 3 } } }\n";
    const auto with = importModel({folder.write("net.prototxt", data + input + rest), {}});
    QS_ASSERT_OK(with);
    ASSERT_EQ((*with)->layers().size(), 2U);
    EXPECT_EQ((*with)->layers()[1].name, "relu");
    // Nothing else feeds the network: there is nothing to show.
    EXPECT_FALSE(importModel({folder.write("net.prototxt", data + "layer { name: \"relu\" type: \"ReLU\" bottom: \"extra\" top: \"y\" }"), {}}).ok());
}

namespace {

using Box = std::array<double, 4>;

/// rpn.proposal_layer as it reads, with the anchors of one place given.
struct Proposals {
    std::vector<double> rows, scores;

    Proposals(const Blob& given, const Blob& deltas, const Blob& info, const std::vector<Box>& anchors, double stride, double least, size_t before,
              size_t keep, double threshold)
    {
        std::vector<std::pair<double, Box>> boxes;
        const auto count = static_cast<int64_t>(anchors.size());
        for (int64_t y = 0; y < given.shape[2]; ++y)
            for (int64_t x = 0; x < given.shape[3]; ++x)
                for (int64_t a = 0; a < count; ++a) {
                    const Box& anchor = anchors[static_cast<size_t>(a)];
                    Box box;
                    for (const int64_t axis : {0, 1}) {
                        const size_t i = static_cast<size_t>(axis);
                        const double size = anchor[i + 2] - anchor[i] + 1;
                        const double centre =
                            anchor[i] + stride * static_cast<double>(axis ? y : x) + size / 2 + at(deltas, {0, a * 4 + axis, y, x}) * size;
                        const double half = std::exp(at(deltas, {0, a * 4 + axis + 2, y, x})) * size / 2;
                        const double end = static_cast<double>(info.values[axis ? 0 : 1]) - 1;
                        box[i] = std::min(std::max(centre - half, 0.0), end);
                        box[i + 2] = std::min(std::max(centre + half, 0.0), end);
                    }
                    const double smallest = least * static_cast<double>(info.values[2]);
                    if (box[2] - box[0] + 1 >= smallest && box[3] - box[1] + 1 >= smallest)
                        boxes.emplace_back(at(given, {0, count + a, y, x}), box);
                }
        std::sort(boxes.begin(), boxes.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        boxes.resize(std::min(boxes.size(), before));
        const auto area = [](const Box& box) { return (box[2] - box[0] + 1) * (box[3] - box[1] + 1); };
        std::vector<bool> dropped(boxes.size());
        for (size_t i = 0; i < boxes.size() && scores.size() < keep; ++i) {
            if (dropped[i])
                continue;
            const Box& one = boxes[i].second;
            rows.insert(rows.end(), {0, one[0], one[1], one[2], one[3]});
            scores.push_back(boxes[i].first);
            for (size_t j = i + 1; j < boxes.size(); ++j) {
                const Box& other = boxes[j].second;
                const double both = std::max(0.0, std::min(one[2], other[2]) - std::max(one[0], other[0]) + 1) *
                                    std::max(0.0, std::min(one[3], other[3]) - std::max(one[1], other[1]) + 1);
                dropped[j] = dropped[j] || both / (area(one) + area(other) - both) > threshold;
            }
        }
    }
};

}  // namespace

TEST(LayerTypes, ProposalsOfFasterRcnn)
{
    const Blob scores = randomBlob({1, 18, 20, 25}, 42), deltas = randomBlob({1, 36, 20, 25}, 43, 0.2F), info{{1, 3}, {320, 400, 1.5F}};
    // What py-faster-rcnn's generate_anchors() returns.
    const std::vector<Box> anchors{{-84, -40, 99, 55}, {-176, -88, 191, 103},  {-360, -184, 375, 199},
                                   {-56, -56, 71, 71}, {-120, -120, 135, 135}, {-248, -248, 263, 263},
                                   {-36, -80, 51, 95}, {-80, -168, 95, 183},   {-168, -344, 183, 359}};
    const Proposals expected(scores, deltas, info, anchors, 16, 16, 6000, 300, 0.7);
    ASSERT_GT(expected.scores.size(), 20U);
    for (const char* words : {"\"'feat_stride': 16\"", "\"{feat_stride: 16, 'scales': [8, 16, 32]}\""}) {
        const std::string parameters = std::string("python_param { module: 'rpn.proposal_layer' layer: 'ProposalLayer' param_str: ") + words + " }";
        expectNet(runLayer("Python", parameters, {scores, deltas, info}), {static_cast<int64_t>(expected.scores.size()), 5}, expected.rows);
    }
    const Net nameless = runLayer("Python", "python_param { module: 'rpn.proposal_layer' layer: 'ProposalLayer' }", {scores, deltas, info});
    EXPECT_NE(nameless.model->layers().back().notRunnable.find("feat_stride"), std::string::npos);
}

TEST(LayerTypes, ProposalsOfTheOwnParameters)
{
    const Blob scores = randomBlob({1, 4, 9, 7}, 44), deltas = randomBlob({1, 8, 9, 7}, 45, 0.3F), info{{1, 3}, {72, 56, 1}};
    // base 8, ratio 1: 8 x 8 around (3.5, 3.5), scaled by 2 and 3.
    const Proposals expected(scores, deltas, info, {{-4, -4, 11, 11}, {-8, -8, 15, 15}}, 8, 10, 50, 7, 0.5);
    ASSERT_EQ(expected.scores.size(), 7U);
    const Net net = runLayer("Proposal",
                             "proposal_param { feat_stride: 8 base_size: 8 min_size: 10 ratio: 1 scale: 2 scale: 3 pre_nms_topn: 50 post_nms_topn: 7 "
                             "iou_threshold: 0.5 }",
                             {scores, deltas, info}, {}, 2);
    expectNet(net, {7, 5}, expected.rows);
    expectNear(net.outputs[1], {7, 1}, expected.scores);
    // Nothing is large enough: one row of zeros.
    expectNet(runLayer("Proposal", "proposal_param { feat_stride: 8 base_size: 8 min_size: 100 ratio: 1 scale: 2 scale: 3 }", {scores, deltas, info}),
              {1, 5}, {0, 0, 0, 0, 0});
    EXPECT_NE(runLayer("Proposal", "proposal_param { feat_stride: 8 ratio: 1 }", {scores, deltas, info}).error.find("3 anchors"), std::string::npos);
    const Net unknown = runLayer("Proposal", "proposal_param { ratio: 1 scale: 2 scale: 3 output_actual_rois_num: true }", {scores, deltas, info});
    EXPECT_NE(unknown.model->layers().back().notRunnable, "");
}

TEST(LayerTypes, PicturesComeWithTheirInformation)
{
    const test::TemporaryFolder folder;
    const auto model = importModel({folder.write("net.prototxt", R"(name: "net"
input: "data" input_shape { dim: 1 dim: 3 dim: 12 dim: 10 }
input: "im_info" input_shape { dim: 1 dim: 3 }
layer { name: "size" type: "Power" bottom: "im_info" top: "size" }
layer { name: "relu" type: "ReLU" bottom: "data" top: "relu" }
)"),
                                    {}});
    QS_ASSERT_OK(model);
    TensorPool pool;
    const auto inputs = inputTensors(**model, test::RandomData({3, 12, 10}), 0, pool);
    QS_ASSERT_OK(inputs);
    ASSERT_EQ(inputs->size(), 2U);
    const auto information = (*inputs)[1].values();
    EXPECT_EQ(std::vector<float>(information.begin(), information.end()), (std::vector<float>{12, 10, 1}));
}

TEST(LayerTypes, OutputsOfDifferentSizeAreNotSetAgainstEachOther)
{
    TensorPool pool;
    const Tensor long_ = tensorFrom(Buffer::fromFloats({3, 1}, std::vector<float>{1, 2, 3}), pool);
    const Tensor short_ = tensorFrom(Buffer::fromFloats({2, 1}, std::vector<float>{1, 2}), pool);
    EXPECT_EQ(cosineOf(errorSums(long_, long_, pool)), 1);
    EXPECT_EQ(cosineOf(errorSums(long_, short_, pool)), 0);
    EXPECT_EQ(errorSums(long_, short_, pool).nn, 14);
    EXPECT_EQ(errorSums(Tensor(), short_, pool).nn, 5);
}

TEST(LayerTypes, WhatIsOnlyDrawn)
{
    const Blob info{{1, 3}, {64, 64, 1}};
    const Net net = runLayer("Python", "python_param { module: 'mine' layer: 'Mine' }", {info});
    ASSERT_EQ(net.error, "");
    EXPECT_NE(net.model->layers().back().notRunnable.find("mine.Mine"), std::string::npos);
    EXPECT_TRUE(net.outputs.at(0).floats().empty());
}

/// Indices, marks, regions and masks keep their values.
TEST(LayerTypes, InputsThatAreNoActivations)
{
    const Net pooled = runLayer("ROIPooling", "roi_pooling_param { pooled_h: 2 pooled_w: 2 }", {randomBlob({2, 3, 10, 13}, 1), regions()});
    ASSERT_EQ(pooled.error, "");
    EXPECT_EQ(quantizableSites(*pooled.model, pooled.model->findLayer("layer")), std::vector<int>{0});
    const Net axpy = runLayer("Axpy", "", {randomBlob({2, 6}, 1), randomBlob(picture, 2), randomBlob(picture, 3)});
    ASSERT_EQ(axpy.error, "");
    EXPECT_EQ(quantizableSites(*axpy.model, axpy.model->findLayer("layer")), (std::vector<int>{0, 1, 2}));
}

namespace {

/// AMCT's table of layer types (seed 003, appendix), typed from it.
constexpr const char* weightsAndData[] = {"Convolution", "DepthwiseConv", "InnerProduct", "Deconvolution", "LSTM", "RNN", "GRU"};
constexpr const char* dataOn[] = {"PassThrough",
                                  "Pooling",
                                  "PSROIPooling",
                                  "ROIPooling",
                                  "SPP",
                                  "Upsample",
                                  "Eltwise",
                                  "Slice",
                                  "Concat",
                                  "Softmax",
                                  "ROIAlign",
                                  "BNLL",
                                  "CReLU",
                                  "ELU",
                                  "Exp",
                                  "Interp",
                                  "Log",
                                  "LRN",
                                  "Mvm",
                                  "Nms",
                                  "Normalize",
                                  "Power",
                                  "Reduction",
                                  "Sigmoid",
                                  "Sort",
                                  "Threshold",
                                  "Reshape",
                                  "Reverse",
                                  "ShuffleChannel",
                                  "Crop",
                                  "Axpy",
                                  "Flatten",
                                  "Permute",
                                  "Tile",
                                  "Split",
                                  "ArgMax",
                                  "Hswish",
                                  "MVN",
                                  "Reorg",
                                  "TanH",
                                  "MatMul",
                                  "GroupNorm",
                                  "ArgMin",
                                  "Sqrt",
                                  "ReduceSum",
                                  "ReduceMean",
                                  "ReduceProd",
                                  "LayerNormalization",
                                  "Gemm",
                                  "Ceil"};
constexpr const char* dataOff[] = {"AbsVal", "PReLU",   "ReLU",      "Scale",     "BatchNorm", "Bias", "Clip", "RReLU", "ReLU6",     "Swish", "Pad",
                                   "Equal",  "Greater", "ReduceMax", "ReduceMin", "Sign",      "Cos",  "Sin",  "TopK",  "Unpooling", "Erf"};
/// What networks carry besides (issue "All of AMCT for Caffe").
constexpr const char* unquantized[] = {"Input",        "Data",          "ImageData",      "MemoryData",      "HDF5Data", "DummyData",
                                       "WindowData",   "AnnotatedData", "Dropout",        "Embed",           "Im2col",   "Filter",
                                       "BatchReindex", "Parameter",     "PriorBox",       "DetectionOutput", "Proposal", "Python",
                                       "Silence",      "Accuracy",      "SoftmaxWithLoss"};

}  // namespace

TEST(LayerTypeDocuments, TheManualsTableIsComplete)
{
    const auto check = [](std::span<const char* const> types, Quantizable quantizable, bool on) {
        for (const char* type : types) {
            const OpInfo* op = findOp(type);
            ASSERT_NE(op, nullptr) << type;
            const LayerRule* rule = standardScheme().rule(type);
            ASSERT_NE(rule, nullptr) << type;
            EXPECT_EQ(rule->quantizable, quantizable) << type;
            EXPECT_EQ(rule->enabled, on) << type;
            EXPECT_TRUE(op->runnable && op->shapes) << type;
            EXPECT_NE(findTypeDocument(type), nullptr) << type;
        }
    };
    check(weightsAndData, Quantizable::WeightsAndData, true);
    check(dataOn, Quantizable::DataOnly, true);
    check(dataOff, Quantizable::DataOnly, false);
    for (const char* type : unquantized) {
        ASSERT_NE(findTypeDocument(type), nullptr) << type;
        EXPECT_EQ(quantizableText(type), "no") << type;
    }
}

TEST(LayerTypeDocuments, EveryOpHasOneAndEveryParameterExists)
{
    for (const OpInfo& op : allOps())
        EXPECT_NE(findTypeDocument(op.name), nullptr) << op.name;
    const auto* layer = quantscope_caffe::LayerParameter::descriptor();
    std::set<std::string> types;
    for (const TypeDocument& document : typeDocuments()) {
        EXPECT_TRUE(types.insert(document.type).second) << document.type;
        EXPECT_FALSE(std::string(document.meaning).empty() || std::string(document.source).empty()) << document.type;
        const std::vector<ParameterDocument> parameters = parametersOf(document);
        if (*document.message == '\0') {
            EXPECT_TRUE(parameters.empty()) << document.type;
            continue;
        }
        const auto* message = layer->FindFieldByName(document.message);
        ASSERT_NE(message, nullptr) << document.type << " " << document.message;
        const auto fallback = [](const google::protobuf::FieldDescriptor& field) -> std::string {
            using Field = google::protobuf::FieldDescriptor;
            if (!field.has_default_value())
                return "";
            switch (field.cpp_type()) {
                case Field::CPPTYPE_FLOAT:
                    return numberText(field.default_value_float());
                case Field::CPPTYPE_BOOL:
                    return field.default_value_bool() ? "true" : "false";
                case Field::CPPTYPE_ENUM:
                    return field.default_value_enum()->name();
                case Field::CPPTYPE_INT32:
                    return std::to_string(field.default_value_int32());
                case Field::CPPTYPE_UINT32:
                    return std::to_string(field.default_value_uint32());
                default:
                    return field.default_value_string();
            }
        };
        for (const ParameterDocument& parameter : parameters) {
            const auto* field = message->message_type()->FindFieldByName(parameter.name);
            ASSERT_NE(field, nullptr) << document.type << " " << parameter.name;
            EXPECT_EQ(fallback(*field), parameter.fallback) << document.type << " " << parameter.name;
        }
    }
}

/// Every message that is new stays as the user wrote it on the way through export, and the exported network opens.
TEST(LayerTypeDocuments, MessagesSurviveExport)
{
    const test::TemporaryFolder folder;
    const auto layer = [](const std::string& name, const std::string& type, const std::string& bottom, const std::string& rest) {
        return "layer { name: \"" + name + "\" type: \"" + type + "\" bottom: \"" + bottom + "\" top: \"" + name + "\" " + rest + " }\n";
    };
    std::string text = R"(name: "zoo"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 8 dim: 8 dim: 8 } } }
layer { name: "rois" type: "Parameter" top: "rois" parameter_param { shape { dim: 2 dim: 5 } } }
layer { name: "cont" type: "Parameter" top: "cont" parameter_param { shape { dim: 1 dim: 8 } } }
)";
    const std::vector<std::array<std::string, 3>> singles{
        {"Reorg", "reorg", "reorg_param { stride: 2 }"},
        {"PassThrough", "pass", "pass_through_param { num_output: 32 block_height: 2 block_width: 2 }"},
        {"CReLU", "crelu", "crelu_param { negative_slope: 0.25 }"},
        {"RReLU", "rrelu", "rrelu_param { lower: 0.1 upper: 0.3 }"},
        {"ShuffleChannel", "shuffle", "shuffle_channel_param { group: 2 }"},
        {"Reverse", "reverse", "reverse_param { axis: 1 axis: 2 }"},
        {"Sort", "sort", "sort_param { axis: 1 descending: false }"},
        {"TopK", "topk", "topk_param { k: 2 axis: 1 }"},
        {"ArgMin", "argmin", "argmin_param { top_k: 2 axis: 1 }"},
        {"ReduceSum", "reduce", "reduce_param { axes: 1 keep_dims: false }"},
        {"Pad", "pad", "pad_param { pads: [0, 0, 1, 1, 0, 0, 1, 1] mode: EDGE }"},
        {"GroupNorm", "groupnorm", "group_norm_param { num_groups: 4 affine: false }"},
        {"LayerNormalization", "layernorm", "layer_norm_param { axis: 1 affine: false }"},
        {"ReLU6", "relu6", "relu6_param { threshold: 4 }"},
        {"SPP", "spp", "spp_param { pyramid_height: 2 }"},
        {"Upsample", "up", "upsample_param { scale: 1 stride: 2 }"}};
    for (const auto& [type, name, parameters] : singles)
        text += layer(name, type, "data", parameters);
    text += layer("roi", "ROIPooling", "data", "bottom: \"rois\" roi_pooling_param { pooled_h: 2 pooled_w: 2 spatial_scale: 0.5 }");
    text += layer("align", "ROIAlign", "data", "bottom: \"rois\" roi_align_param { pooled_h: 2 pooled_w: 2 spatial_scale: 0.5 sampling_ratio: 2 }");
    text += layer("ps", "PSROIPooling", "data", "bottom: \"rois\" psroi_pooling_param { spatial_scale: 0.5 output_dim: 2 group_size: 2 }");
    text += layer("gru", "GRU", "data", "bottom: \"cont\" gru_param { num_output: 3 linear_before_reset: true }");
    text += layer("mul", "MatMul", "data", "bottom: \"data\" matmul_param { transpose_b: true }");
    text += layer("gemm", "Gemm", "spp", "bottom: \"spp\" gemm_param { alpha: 0.5 transpose_b: true }");
    text += "layer { name: \"pool\" type: \"Pooling\" bottom: \"data\" top: \"pool\" top: \"mask\" pooling_param { kernel_size: 2 stride: 2 } }\n";
    text += layer("unpool", "Unpooling", "pool", "bottom: \"mask\" unpooling_param { kernel_size: 2 stride: 2 }");
    text += "layer { name: \"boxes\" type: \"Reshape\" bottom: \"data\" top: \"boxes\" reshape_param { shape { dim: 1 dim: 128 dim: 4 } } }\n";
    text += "layer { name: \"cut\" type: \"Slice\" bottom: \"boxes\" top: \"scores\" top: \"rest\" slice_param { axis: 2 slice_point: 1 } }\n";
    text += "layer { name: \"turned\" type: \"Permute\" bottom: \"scores\" top: \"turned\" permute_param { order: 0 order: 2 order: 1 } }\n";
    text += layer("nms", "Nms", "boxes", "bottom: \"turned\" nms_param { nms_threshold: 0.25 keep_top_k: 5 }");
    test::writeNetwork(folder.path(), text,
                       {{"rois", {Blob{{2, 5}, {0, 0, 0, 7, 7, 0, 2, 2, 12, 9}}}},
                        {"cont", {Blob{{1, 8}, std::vector<float>(8, 1.0F)}}},
                        {"gru", {randomBlob({9, 64}, 1), randomBlob({9}, 2), randomBlob({9, 3}, 3)}}});
    const auto model = test::openNetwork(folder.path());
    QS_ASSERT_OK(model);
    for (const Layer& one : (*model)->layers())
        EXPECT_EQ(one.notRunnable, "") << one.name;
    Configuration configuration = createQuantConfig(**model, 2);
    const auto prepared = prepareNetwork(*model, configuration);
    QS_ASSERT_OK(prepared);
    const test::RandomData data({8, 8, 8}, 2);
    const auto calibration = calibrate(test::engine(), **prepared, data, {});
    QS_ASSERT_OK(calibration);
    const auto quantized = quantizeNetwork(**prepared, (*calibration)->record);
    QS_ASSERT_OK(quantized);
    const auto plan = planAmct({prepared->get(), quantized->get(), folder.path() / "out" / "zoo"});
    QS_ASSERT_OK(plan);
    QS_ASSERT_OK(writeExport(*plan));
    const auto again = importModel({folder.path() / "out/zoo_fake_quant_model.prototxt", folder.path() / "out/zoo_fake_quant_weights.caffemodel"});
    QS_ASSERT_OK(again);
    for (const Layer& one : (*model)->layers()) {
        const LayerId id = (*again)->findLayer(one.name);
        ASSERT_NE(id, noId) << one.name;
        EXPECT_EQ((*again)->layer(id).attributes, one.attributes) << one.name;
        EXPECT_EQ((*again)->layer(id).notRunnable, "") << one.name;
        EXPECT_EQ((*again)->layer(id).weights.size(), one.weights.size()) << one.name;
    }
}

}  // namespace qs
