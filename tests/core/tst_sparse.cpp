// Sparse convolutions against a dense one in loops; the SCN format, fused and not; the encoder of BEVFusion against its reference.
#include "core/data/npy.h"
#include "core/import/importer.h"
#include "core/jobs/compare.h"
#include "core/ops/sparse_sites.h"
#include "core/stats/bird_view.h"
#include "core/targets/open.h"
#include "core/targets/target.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/run_model.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

namespace qs {

namespace {

using test::Graph;
using Ints = std::vector<int64_t>;
using Place = std::array<int64_t, 4>;  ///< picture, then the sides

/// A window over a grid of three sides.
struct Window {
    Ints sides{9, 8, 7};
    Ints kernel{3, 3, 3};
    Ints stride{1, 1, 1};
    Ints pad{1, 1, 1};
    Ints dilation{1, 1, 1};
    bool subm = false;

    Ints after() const
    {
        Ints out(sides);
        for (size_t side = 0; side < 3 && !subm; ++side)
            out[side] = (sides[side] + 2 * pad[side] - dilation[side] * (kernel[side] - 1) - 1) / stride[side] + 1;
        return out;
    }
};

struct Cloud {
    std::vector<Place> places;
    Buffer features;
    Buffer sites;
};

/// Every third place or so of two pictures, in no order.
Cloud cloudOf(const Ints& sides, int64_t channels, unsigned seed)
{
    std::mt19937 random(seed);
    Cloud cloud;
    for (int64_t n = 0; n < 2; ++n)
        for (int64_t z = 0; z < sides[0]; ++z)
            for (int64_t y = 0; y < sides[1]; ++y)
                for (int64_t x = 0; x < sides[2]; ++x)
                    if (random() % 3 == 0)
                        cloud.places.push_back({n, z, y, x});
    std::shuffle(cloud.places.begin(), cloud.places.end(), random);
    const auto count = static_cast<int64_t>(cloud.places.size());
    cloud.features = Buffer::fromFloats({count, channels}, test::randomValues(static_cast<size_t>(count * channels), seed));
    cloud.sites = Buffer(DType::F32, {count, 4});
    for (size_t i = 0; i < cloud.places.size(); ++i)
        for (size_t k = 0; k < 4; ++k)
            cloud.sites.floats()[i * 4 + k] = static_cast<float>(cloud.places[i][k]);
    return cloud;
}

/// By place that comes out: bias and the products of what is there. Weights (outputs, inputs, kernel).
std::map<Place, std::vector<double>> convolved(const Window& w, const Cloud& cloud, const Buffer& weights, const std::vector<float>& bias)
{
    std::map<Place, size_t> rows;
    for (size_t i = 0; i < cloud.places.size(); ++i)
        rows[cloud.places[i]] = i;
    const auto inputs = static_cast<size_t>(cloud.features.shape()[1]);
    const auto taps = static_cast<size_t>(w.kernel[0] * w.kernel[1] * w.kernel[2]);
    std::map<Place, std::vector<double>> result;
    const Ints after = w.after();
    for (int64_t n = 0; n < 2; ++n)
        for (int64_t z = 0; z < after[0]; ++z)
            for (int64_t y = 0; y < after[1]; ++y)
                for (int64_t x = 0; x < after[2]; ++x) {
                    std::vector<double> sums(bias.begin(), bias.end());
                    bool there = w.subm && rows.contains({n, z, y, x});
                    for (size_t tap = 0; tap < taps; ++tap) {
                        const auto t = static_cast<int64_t>(tap);
                        const Place from{n, z * w.stride[0] - w.pad[0] + t / (w.kernel[1] * w.kernel[2]) * w.dilation[0],
                                         y * w.stride[1] - w.pad[1] + t / w.kernel[2] % w.kernel[1] * w.dilation[1],
                                         x * w.stride[2] - w.pad[2] + t % w.kernel[2] * w.dilation[2]};
                        const auto found = rows.find(from);
                        if (found == rows.end())
                            continue;
                        there = there || !w.subm;
                        for (size_t o = 0; o < sums.size(); ++o)
                            for (size_t i = 0; i < inputs; ++i)
                                sums[o] += static_cast<double>(weights.floats()[(o * inputs + i) * taps + tap]) *
                                           static_cast<double>(cloud.features.floats()[found->second * inputs + i]);
                    }
                    if (there)
                        result[{n, z, y, x}] = sums;
                }
    return result;
}

class Sparse : public testing::Test {
protected:
    std::shared_ptr<const Model> open(const Graph& graph)
    {
        const auto model = importModel({m_folder.write("scn.onnx", graph.bytes()), {}, {}, {}});
        EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
        return model.ok() ? *model : nullptr;
    }
    static onnx::NodeProto& convolution(Graph& g, const std::string& in, const std::string& out, const Window& w, int64_t inputs, int64_t outputs,
                                        const std::string& rulebook, const std::string& weights = "w")
    {
        auto& node = g.node("SparseConvolution", {in, weights, "b"}, {out});
        node.set_name(out);
        Graph::attribute(node, "ndim", int64_t{3});
        Graph::attribute(node, "in_channels", inputs);
        Graph::attribute(node, "out_channels", outputs);
        Graph::attribute(node, "input_spatial_shape", w.sides);
        Graph::attribute(node, "output_spatial_shape", w.after());
        Graph::attribute(node, "kernel_size", w.kernel);
        Graph::attribute(node, "stride", w.stride);
        Graph::attribute(node, "padding", w.pad);
        Graph::attribute(node, "dilation", w.dilation);
        Graph::attribute(node, "subm", int64_t{w.subm});
        Graph::attribute(node, "rulebook", rulebook);
        return node;
    }
    /// (outputs, inputs, kernel) as the SCN format has it, (outputs, kernel, inputs); or as spconv has, (kernel, inputs, outputs).
    static Buffer stored(const Buffer& weights, bool outputsFirst)
    {
        const Shape& s = weights.shape();
        const int64_t taps = s[2] * s[3] * s[4];
        Buffer made(DType::F32, outputsFirst ? Shape{s[0], s[2], s[3], s[4], s[1]} : Shape{s[2], s[3], s[4], s[1], s[0]});
        for (int64_t o = 0; o < s[0]; ++o)
            for (int64_t i = 0; i < s[1]; ++i)
                for (int64_t t = 0; t < taps; ++t)
                    made.floats()[static_cast<size_t>(outputsFirst ? (o * taps + t) * s[1] + i : (t * s[1] + i) * s[0] + o)] =
                        weights.floats()[static_cast<size_t>((o * s[1] + i) * taps + t)];
        return made;
    }
    static void constant(Graph& g, const std::string& name, const Buffer& values)
    {
        g.values(name, values.shape(), {values.floats().begin(), values.floats().end()});
    }
    static std::string reasonOf(const Model& model, const std::string& layer) { return model.layer(model.findLayer(layer)).notRunnable; }

    test::TemporaryFolder m_folder;
};

}  // namespace

TEST_F(Sparse, ConvolutionsAreThoseOfTheDenseGrid)
{
    const Window windows[] = {
        {.subm = true},
        {.kernel = {1, 1, 3}, .pad = {0, 0, 1}, .subm = true},
        {.pad = {2, 2, 2}, .dilation = {2, 2, 2}, .subm = true},
        {},
        {.stride = {2, 2, 2}},
        {.stride = {2, 2, 2}, .pad = {1, 1, 0}},
        {.kernel = {1, 1, 3}, .stride = {1, 1, 2}, .pad = {0, 0, 0}},
        {.kernel = {2, 3, 1}, .stride = {3, 1, 2}, .pad = {0, 1, 0}, .dilation = {1, 2, 1}},
    };
    // More outputs than a vector has lanes, and not a multiple of them.
    constexpr int64_t inputs = 5;
    constexpr int64_t outputs = 21;
    for (const Window& w : windows) {
        const Cloud cloud = cloudOf(w.sides, inputs, 7);
        Shape shape{outputs, inputs};
        shape.insert(shape.end(), w.kernel.begin(), w.kernel.end());
        const Buffer weights = Buffer::fromFloats(shape, test::randomValues(static_cast<size_t>(elementCount(shape)), 3, 0.3F));
        const std::vector<float> bias = test::randomValues(outputs, 4);
        Graph g(11);
        g.input("x", {100, inputs}).values("b", {outputs}, bias).output("dense").output("y");
        constant(g, "w", stored(weights, true));
        convolution(g, "x", "y", w, inputs, outputs, "book");
        auto& scatter = g.node("ScatterDense", {"y"}, {"dense"});
        const Ints after = w.after();
        Graph::attribute(scatter, "input_spatial_shape", after);
        Graph::attribute(scatter, "output_shape", Ints{2, outputs, after[0], after[1], after[2]});
        const auto model = open(g);
        ASSERT_TRUE(model);
        for (const Layer& layer : model->layers())
            ASSERT_EQ(layer.notRunnable, "") << layer.name;
        const auto results = test::runModel(model, {cloud.features, cloud.sites});
        ASSERT_EQ(results.size(), 2U);
        const auto expected = convolved(w, cloud, weights, bias);
        EXPECT_EQ(results[1].shape(), (Shape{static_cast<int64_t>(expected.size()), outputs}));
        const Buffer& dense = results[0];
        ASSERT_EQ(dense.shape(), (Shape{2, outputs, after[0], after[1], after[2]}));
        for (int64_t i = 0; i < dense.count(); ++i) {
            const int64_t volume = after[0] * after[1] * after[2];
            const int64_t at = i % volume;
            const auto found = expected.find({i / volume / outputs, at / (after[1] * after[2]), at / after[2] % after[1], at % after[2]});
            const double value = found == expected.end() ? 0 : found->second[static_cast<size_t>(i / volume % outputs)];
            // 135 products of about one half, in floats.
            ASSERT_NEAR(dense.floats()[static_cast<size_t>(i)], value, 1e-5);
        }
    }
}

TEST_F(Sparse, AnInverseConvolutionGoesBackToTheSitesBefore)
{
    const Window w{.stride = {2, 2, 2}};
    constexpr int64_t channels = 4;
    const Cloud cloud = cloudOf(w.sides, channels, 5);
    const Shape shape{channels, channels, 3, 3, 3};
    const Buffer weights = Buffer::fromFloats(shape, test::randomValues(static_cast<size_t>(elementCount(shape)), 3, 0.3F));
    const std::vector<float> bias(channels, 0.5F);
    Graph g(11);
    g.input("x", {100, channels}).values("b", {channels}, bias).output("z").output("y");
    // Square and with a kernel of other sides than the channels: no doubt about the order.
    constant(g, "w", stored(weights, true));
    convolution(g, "x", "y", w, channels, channels, "down");
    auto& back = convolution(g, "y", "z", w, channels, channels, "down");
    Graph::attribute(back, "inverse", int64_t{1});
    const auto model = open(g);
    ASSERT_TRUE(model);
    ASSERT_EQ(reasonOf(*model, "z"), "");
    const auto results = test::runModel(model, {cloud.features, cloud.sites});
    const Buffer& up = results[0];
    ASSERT_EQ(up.shape(), cloud.features.shape());
    // y by place, then every pair the other way around.
    const auto y = convolved(w, cloud, weights, bias);
    for (size_t row = 0; row < cloud.places.size(); ++row) {
        std::vector<double> sums(channels, 0.5);
        for (int64_t tap = 0; tap < 27; ++tap) {
            const Ints offset{tap / 9, tap / 3 % 3, tap % 3};
            Place out{cloud.places[row][0], 0, 0, 0};
            bool whole = true;
            for (size_t side = 0; side < 3; ++side) {
                const int64_t from = cloud.places[row][side + 1] + 1 - offset[side];
                whole = whole && from >= 0 && from % 2 == 0;
                out[side + 1] = from / 2;
            }
            const auto found = whole ? y.find(out) : y.end();
            if (found == y.end())
                continue;
            for (size_t o = 0; o < channels; ++o)
                for (size_t i = 0; i < channels; ++i)
                    sums[o] += static_cast<double>(weights.floats()[(o * channels + i) * 27 + static_cast<size_t>(tap)]) * found->second[i];
        }
        for (size_t o = 0; o < channels; ++o)
            ASSERT_NEAR(up.floats()[row * channels + o], sums[o], 1e-4) << row;
    }
    // The picture of the value stands on the sites that it came back to.
    const auto sites = sparseSites(*model, model->findValue("z"));
    ASSERT_TRUE(sites);
    EXPECT_EQ(model->value(sites->value).name, "x_sites");
    EXPECT_EQ(sites->sides, w.sides);
}

// The seed's own shapes: 16 outputs, 5 inputs, 3 x 3 x 3.
TEST_F(Sparse, BatchNormIsFoldedAndBothFormsAreOneNetwork)
{
    const Window w{.subm = true};
    constexpr int64_t inputs = 5;
    constexpr int64_t outputs = 16;
    const Cloud cloud = cloudOf(w.sides, inputs, 9);
    const Buffer weights = Buffer::fromFloats({outputs, inputs, 3, 3, 3}, test::randomValues(outputs * inputs * 27, 3, 0.3F));
    const std::vector<float> bias = test::randomValues(outputs, 4, 0.2F);
    const std::vector<float> gamma = test::randomValues(outputs, 5, 0.2F, 1);
    const std::vector<float> beta = test::randomValues(outputs, 6, 0.3F);
    const std::vector<float> mean = test::randomValues(outputs, 7, 0.3F);
    std::vector<float> variance = test::randomValues(outputs, 8, 0.2F, 2);
    constexpr double eps = 1e-3;
    Graph unfused(11);
    unfused.input("x", {100, inputs}).values("b", {outputs}, bias).output("y");
    for (const auto& [name, list] : {std::pair{"gamma", &gamma}, {"beta", &beta}, {"mean", &mean}, {"variance", &variance}})
        unfused.values(name, {outputs}, *list);
    constant(unfused, "w", stored(weights, false));
    convolution(unfused, "x", "c", w, inputs, outputs, "subm1");
    auto& norm = unfused.node("BatchNormalization", {"c", "gamma", "beta", "mean", "variance"}, {"n"});
    auto* epsilon = norm.add_attribute();
    epsilon->set_name("epsilon");
    epsilon->set_type(onnx::AttributeProto::FLOAT);
    epsilon->set_f(static_cast<float>(eps));
    unfused.node("Relu", {"n"}, {"y"});

    // As the seed fuses: w * gamma / sqrt(var + eps), (b - mean) * gamma / sqrt(var + eps) + beta.
    Buffer fused = Buffer::fromFloats(weights.shape(), weights.floats());
    std::vector<float> fusedBias;
    for (size_t o = 0; o < outputs; ++o) {
        const double factor = static_cast<double>(gamma[o]) / std::sqrt(static_cast<double>(variance[o]) + eps);
        for (float& value : fused.floats().subspan(o * inputs * 27, inputs * 27))
            value = static_cast<float>(static_cast<double>(value) * factor);
        fusedBias.push_back(
            static_cast<float>((static_cast<double>(bias[o]) - static_cast<double>(mean[o])) * factor + static_cast<double>(beta[o])));
    }
    Graph whole(11);
    whole.input("x", {100, inputs}).values("b", {outputs}, fusedBias).output("y");
    constant(whole, "w", stored(fused, true));
    Graph::attribute(convolution(whole, "x", "y", w, inputs, outputs, "subm1"), "activation", std::string("ReLU"));

    const auto first = open(unfused);
    ASSERT_TRUE(first);
    const auto second = open(whole);
    ASSERT_TRUE(second);
    const auto a = test::runModel(first, {cloud.features, cloud.sites});
    const auto b = test::runModel(second, {cloud.features, cloud.sites});
    // And as our own pass fuses.
    Configuration configuration = createQuantConfig(*first, 1, true, targetFor(*first).scheme());
    const auto prepared = prepareNetwork(first, configuration);
    QS_ASSERT_OK(prepared);
    EXPECT_EQ((*prepared)->network->findLayer("n"), noId) << "folded";
    const auto c = test::runModel((*prepared)->network, {cloud.features, cloud.sites});
    float most = 0;
    for (const float value : a.front().floats())
        most = std::max(most, value);
    for (size_t i = 0; i < a.front().floats().size(); ++i) {
        ASSERT_NEAR(a.front().floats()[i], b.front().floats()[i], 1e-5F * most);
        ASSERT_NEAR(a.front().floats()[i], c.front().floats()[i], 1e-5F * most);
    }
}

TEST_F(Sparse, WhatIsNotUnderstoodMarksItsLayer)
{
    const Window w{.subm = true};
    const auto made = [&](const Window& window, const std::function<void(onnx::NodeProto&)>& change) {
        Graph g(11);
        g.input("x", {100, 4}).floats("b", {4}).floats("w", {4, 3, 3, 3, 4}).output("y");
        convolution(g, "x", "m", w, 4, 4, "book");
        change(convolution(g, "m", "y", window, 4, 4, "book"));
        return open(g);
    };
    const auto reason = [&](const Window& window, const std::function<void(onnx::NodeProto&)>& change) {
        const auto model = made(window, change);
        EXPECT_EQ(reasonOf(*model, "m"), "") << "the rest still runs";
        return reasonOf(*model, "y");
    };
    const auto nothing = [](onnx::NodeProto&) {};
    EXPECT_EQ(reason(w, nothing), "");
    // Another window under the same rulebook.
    EXPECT_NE(reason({.stride = {2, 2, 2}}, nothing).find("rulebook"), std::string::npos);
    EXPECT_NE(reason(w, [](onnx::NodeProto& node) { Graph::attribute(node, "groups", int64_t{2}); }).find("groups"), std::string::npos);
    EXPECT_NE(reason(w, [](onnx::NodeProto& node) { Graph::attribute(node, "activation", std::string("Tanh")); }).find("Tanh"), std::string::npos);
    EXPECT_NE(reason(w, [](onnx::NodeProto& node) { Graph::attribute(node, "voodoo", int64_t{2}); }).find("voodoo"), std::string::npos);
    const auto turned = [](onnx::NodeProto& node) {
        Graph::attribute(node, "inverse", int64_t{1});
        for (auto& attribute : *node.mutable_attribute())
            if (attribute.name() == "rulebook")
                attribute.set_s("another");
    };
    EXPECT_NE(reason(w, turned).find("rulebook"), std::string::npos) << "nothing to turn around";

    Graph g(11);
    g.input("x", {100, 3}).floats("b", {3}).floats("w", {3, 3, 3, 3, 3}).output("y");
    convolution(g, "x", "y", w, 3, 3, "book");
    EXPECT_NE(reasonOf(*open(g), "y").find("or both"), std::string::npos) << "either order of weights";

    // Sites that are wrong are an error of the run.
    Graph good(11);
    good.input("x", {2, 4}).floats("b", {4}).floats("w", {4, 3, 3, 3, 4}).output("y");
    convolution(good, "x", "y", w, 4, 4, "book");
    const auto model = open(good);
    LayerRunner runner(test::engine(), model);
    Evaluator evaluator(runner);
    for (const std::vector<float>& sites : {std::vector<float>{0, 1, 1, 1, 0, 1, 1, 1}, std::vector<float>{0, 1, 1, 1, 0, 9, 1, 1},
                                            std::vector<float>{0, 1, 1, 1, 0, 1.5F, 1, 1}, std::vector<float>{-1, 1, 1, 1, 0, 1, 1, 1}}) {
        Forward forward;
        forward.inputs = {tensorFrom(Buffer(DType::F32, {2, 4}), runner.pool()), tensorFrom(Buffer::fromFloats({2, 4}, sites), runner.pool())};
        const auto result = evaluator.run(forward, {});
        ASSERT_FALSE(result.ok());
        EXPECT_NE(errorText(result.error()).find("book"), std::string::npos) << errorText(result.error());
        EXPECT_NE(result.error().detail.find("site "), std::string::npos);
    }
}

TEST_F(Sparse, FromAboveTheLargestValueIsSeen)
{
    // Two sites over each other, one beside them, one of another picture.
    const Buffer sites = Buffer::fromFloats({4, 4}, std::vector<float>{0, 1, 2, 0, 0, 1, 2, 1, 0, 0, 0, 1, 1, 0, 0, 0});
    const Buffer features = Buffer::fromFloats({4, 2}, std::vector<float>{-5, 1, -3, 0, 4, 4, 9, 9});
    const Buffer map = birdView(features, sites, {3, 4, 2});
    ASSERT_EQ(map.shape(), (Shape{1, 2, 3, 4}));
    std::vector<float> expected(24);
    expected[0] = 4;
    expected[6] = -3;
    expected[12] = 4;
    expected[18] = 1;
    EXPECT_EQ(test::listOf(map), expected);
    // Dense, height first.
    const Buffer dense = Buffer::fromFloats({1, 1, 2, 3, 3}, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0});
    EXPECT_EQ(test::listOf(birdView(dense)), (std::vector<float>{8, 7, 6, 5, 4, 5, 6, 7, 8}));
    EXPECT_TRUE(birdView(Buffer(DType::F32, {1, 2, 3})).empty());
    // Of a long side some places are one pixel.
    EXPECT_EQ(birdView(features, sites, {1440, 1440, 41}).shape(), (Shape{1, 2, 480, 480}));
}

TEST_F(Sparse, TheEncoderOfBevfusionRunsAndQuantizes)
{
    QS_SHARED_MODELS(models);
    const std::filesystem::path folder = models / "onnx-scn-synthetic";
    const auto opened = openNetwork({folder / "bevfusion_scn_random.xyz.onnx", {}, {}, {}});
    QS_ASSERT_OK(opened);
    const auto& model = opened->model;
    EXPECT_EQ(targetOf(opened->configuration).name, std::string("tensorrt"));
    for (const Layer& layer : model->layers())
        EXPECT_EQ(layer.notRunnable, "") << layer.name;
    DataSpec spec;
    spec.kind = DataKind::Points;
    spec.path = m_folder.path() / "data";
    std::filesystem::create_directory(spec.path);
    for (const char* file : {"in_voxels_f32.npy", "in_coors_bxyz_i32.npy"})
        std::filesystem::copy_file(folder / file, spec.path / file);
    const auto data = openDataSet(spec, model->value(model->inputs().front()).shape);
    QS_ASSERT_OK(data);
    const auto prepared = prepareNetwork(model, opened->configuration);
    QS_ASSERT_OK(prepared);
    const auto calibration = calibrate(test::engine(), **prepared, **data, {});
    QS_ASSERT_OK(calibration);
    const auto quantized = quantizeNetwork(**prepared, (*calibration)->record);
    QS_ASSERT_OK(quantized);
    const auto sample = compareSample(test::engine(), **prepared, **quantized, **data, 0, "conv0", {});
    QS_ASSERT_OK(sample);
    EXPECT_EQ((*sample)->sites, 17748);
    EXPECT_EQ((*sample)->floatOutput.shape(), (Shape{1, 16, 480, 480}));

    // The reference is dense, of the same 16-bit weights in floats.
    const std::filesystem::path reference = m_folder.path() / "reference";
    std::filesystem::create_directory(reference);
    const std::string command = "unzip -q -o '" + (folder / "ref_dense_f32.npz").string() + "' -d '" + reference.string() + "' 2>/dev/null";
    if (std::system(command.c_str()) == 0) {
        const auto expected = readNpy(reference / "dense.npy");
        QS_ASSERT_OK(expected);
        const Buffer& found = (*sample)->floatOutputs.front();
        ASSERT_EQ(found.shape(), expected->shape());
        float most = 0;
        float error = 0;
        for (size_t i = 0; i < found.floats().size(); ++i) {
            most = std::max(most, std::fabs(expected->floats()[i]));
            error = std::max(error, std::fabs(expected->floats()[i] - found.floats()[i]));
        }
        EXPECT_LT(error, 1e-3F * most);
    }
    const auto comparison = compare(test::engine(), **prepared, **quantized, **data, {}, {});
    QS_ASSERT_OK(comparison);
    int quantizedLayers = 0;
    for (const Layer& layer : (*prepared)->network->layers())
        quantizedLayers += layer.op == "SparseConvolution" && (*comparison)->layer(layer.name)->local.mse > 0 ? 1 : 0;
    EXPECT_EQ(quantizedLayers, 21);
    EXPECT_GT((*comparison)->outputs.front().cumulative.cosine, 0.99);
}

}  // namespace qs
