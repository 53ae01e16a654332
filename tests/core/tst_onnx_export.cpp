// Networks as ONNX files: QDQ, read by ONNX Runtime and by our own importer. (Single layers: tst_layer_types.cpp.)
#include "core/export/onnx/net.h"

#include "core/jobs/samples.h"
#include "core/targets/open.h"
#include "core/targets/target.h"
#include "tests/support/onnx_runtime.h"
#include "tests/support/open_networks.h"
#include "tests/support/run_model.h"
#include "tests/support/shared_models.h"

#include <onnx/onnx_pb.h>

#include <cmath>
#include <set>

namespace qs {

namespace {

struct Quantized {
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> network;
};

Result<Quantized> quantized(const std::shared_ptr<const Model>& model, Configuration configuration, const DataSet& data, int samples)
{
    configuration.batchNum = samples;
    QS_TRY(auto prepared, prepareNetwork(model, configuration));
    QS_TRY(const auto calibration, calibrate(test::engine(), *prepared, data, {}));
    QS_TRY(auto network, quantizeNetwork(*prepared, calibration->record));
    return Quantized{std::move(prepared), std::move(network)};
}

onnx::ModelProto parsed(const std::string& bytes)
{
    onnx::ModelProto model;
    EXPECT_TRUE(model.ParseFromString(bytes));
    return model;
}

/// What the target asks for.
Configuration settingsFor(const Model& model)
{
    Configuration configuration = createQuantConfig(model);
    setTarget(configuration, **findTarget("onnxruntime"));
    return configuration;
}

/// The largest difference, of the largest value.
double difference(const std::vector<float>& found, const Buffer& expected)
{
    EXPECT_EQ(found.size(), expected.floats().size());
    double worst = 0;
    double largest = 1e-30;
    for (size_t i = 0; i < std::min(found.size(), expected.floats().size()); ++i) {
        worst = std::max(worst, std::fabs(static_cast<double>(found[i]) - static_cast<double>(expected.floats()[i])));
        largest = std::max(largest, std::fabs(static_cast<double>(expected.floats()[i])));
    }
    return worst / largest;
}

std::vector<Buffer> inputsOf(const Model& model, const DataSet& data, int index)
{
    TensorPool pool;
    const auto tensors = inputTensors(model, data, index, pool);
    EXPECT_TRUE(tensors.ok()) << (tensors.ok() ? "" : errorText(tensors.error()));
    std::vector<Buffer> inputs;
    if (tensors.ok())
        for (const Tensor& tensor : *tensors)
            inputs.push_back(bufferFrom(tensor));
    return inputs;
}

/// Both files of the target say what we compute: QDQ the quantized values, the other the float ones.
void expectOnnxRuntimeAgrees(const std::string& name, const std::shared_ptr<const Model>& model, const DataSet& data, int samples,
                             bool largePictures = false)
{
    SCOPED_TRACE(name);
    const auto of = quantized(model, settingsFor(*model), data, samples);
    ASSERT_TRUE(of.ok()) << errorText(of.error());
    const auto target = findTarget("onnxruntime");
    ASSERT_TRUE(target.ok());
    const auto plan = (*target)->plan({of->prepared.get(), of->network.get(), "net"});
    ASSERT_TRUE(plan.ok()) << errorText(plan.error());
    ASSERT_EQ(plan->files.size(), 2U);
    double best = 1;
    double worst = 0;
    double worstFloat = 0;
    for (int sample = 0; sample < 2; ++sample) {
        const std::vector<Buffer> inputs = inputsOf(*model, data, sample);
        const std::vector<Buffer> expected = test::runModel(of->network->network, inputs, &of->network->layers);
        const auto found = test::runInOnnxRuntime(plan->files[0].content, inputs, "disabled");
        ASSERT_EQ(found.size(), expected.size());
        const std::vector<Buffer> floats = test::runModel(model, inputs);
        const auto foundFloats = test::runInOnnxRuntime(plan->files[1].content, inputs, "disabled");
        ASSERT_EQ(foundFloats.size(), floats.size());
        double here = 0;
        for (size_t i = 0; i < found.size(); ++i) {
            here = std::max(here, difference(found[i], expected[i]));
            worstFloat = std::max(worstFloat, difference(foundFloats[i], floats[i]));
        }
        best = std::min(best, here);
        worst = std::max(worst, here);
    }
    std::printf("%-28s QDQ %.1e, float %.1e of the largest value\n", name.c_str(), worst, worstFloat);
    EXPECT_LE(worstFloat, 1e-5);
    // A value within 1e-7 of the middle between two codes (some in a hundred thousand: sums are rounded in another order there) goes to the one or
    // the other, and what follows sees a step of its grid. Large pictures always have such values.
    EXPECT_LE(worst, 0.1);
    if (!largePictures)
        EXPECT_LE(best, 1e-5);
}

std::shared_ptr<const Model> demoNetwork()
{
    const std::filesystem::path folder = std::filesystem::path(QS_SOURCE_DIR) / "resources" / "demo";
    const auto model = importModel({folder / "demo.prototxt", folder / "demo.caffemodel"});
    EXPECT_TRUE(model.ok());
    return model ? *model : nullptr;
}

std::shared_ptr<const DataSet> demoData(const Model& model)
{
    DataSpec spec;
    spec.kind = DataKind::Pictures;
    spec.path = std::filesystem::path(QS_SOURCE_DIR) / "resources" / "demo" / "pictures";
    spec.preprocess.color = ColorOrder::Gray;
    spec.preprocess.mean = {128};
    spec.preprocess.scale = {0.0078125};
    const auto data = openDataSet(spec, model.value(model.inputs().front()).shape);
    EXPECT_TRUE(data.ok()) << (data.ok() ? "" : errorText(data.error()));
    return data ? *data : nullptr;
}

}  // namespace

TEST(OnnxExport, TheDemoKeepsItsNamesAndItsIntegers)
{
    const auto model = demoNetwork();
    const auto data = demoData(*model);
    const auto of = quantized(model, createQuantConfig(*model), *data, 8);
    ASSERT_TRUE(of.ok()) << errorText(of.error());
    const auto bytes = qdqOnnx(*of->network, 13);
    ASSERT_TRUE(bytes.ok()) << errorText(bytes.error());
    EXPECT_EQ(*bytes, *qdqOnnx(*of->network, 13));
    const onnx::ModelProto file = parsed(*bytes);
    ASSERT_EQ(file.opset_import_size(), 1);
    EXPECT_EQ(file.opset_import(0).version(), 13);
    std::set<std::string> types;
    std::map<std::string, const onnx::NodeProto*> nodes;
    for (const auto& node : file.graph().node()) {
        types.insert(node.op_type());
        EXPECT_TRUE(nodes.emplace(node.name(), &node).second) << node.name();
    }
    EXPECT_TRUE(types.contains("QuantizeLinear"));
    EXPECT_FALSE(types.contains("BatchNormalization"));  // folded before
    ASSERT_TRUE(nodes.contains("conv5"));
    EXPECT_EQ(nodes["conv5"]->op_type(), "Conv");
    std::map<std::string, const onnx::TensorProto*> tensors;
    for (const auto& tensor : file.graph().initializer())
        tensors[tensor.name()] = &tensor;
    // The weights are AMCT's integers, and the bias those of its accumulators.
    const Model& network = *of->network->network;
    const Layer& layer = network.layer(network.findLayer("conv5"));
    ASSERT_TRUE(tensors.contains("conv5_weight_quantized"));
    EXPECT_EQ(tensors["conv5_weight_quantized"]->data_type(), onnx::TensorProto::INT8);
    EXPECT_EQ(tensors["conv5_bias_quantized"]->data_type(), onnx::TensorProto::INT32);
    EXPECT_EQ(tensors["conv5_weight_scale"]->dims(0), layer.weights[0]->shape()[0]);
    // Every output of the file is one of the network, under its name.
    ASSERT_EQ(file.graph().output_size(), static_cast<int>(network.outputs().size()));
    EXPECT_EQ(file.graph().output(0).name(), network.value(network.outputs()[0]).name);
}

TEST(OnnxExport, WhatReadsAValueInTheSameWaySharesItsQuantizer)
{
    const auto model = demoNetwork();
    const auto of = quantized(model, createQuantConfig(*model), *demoData(*model), 8);
    ASSERT_TRUE(of.ok()) << errorText(of.error());
    std::map<std::pair<std::string, std::string>, int> quantizers;  // by value and scale
    const onnx::ModelProto file = parsed(*qdqOnnx(*of->network, 13));
    for (const auto& node : file.graph().node())
        if (node.op_type() == "QuantizeLinear")
            EXPECT_EQ(++quantizers[std::pair(node.input(0), node.input(1))], 1) << node.name();
    EXPECT_FALSE(quantizers.empty());
}

TEST(OnnxExport, OtherWidthsAndOpsetsAreRefusedByName)
{
    const auto model = demoNetwork();
    const auto data = demoData(*model);
    Configuration configuration = createQuantConfig(*model);
    configuration.layers.at("conv1").activations.front().bits = 12;
    auto of = quantized(model, configuration, *data, 2);
    ASSERT_TRUE(of.ok()) << errorText(of.error());
    const auto refused = qdqOnnx(*of->network, 13);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::NotSupported);
    EXPECT_EQ(refused.error().where, "layer 'conv1'");
    EXPECT_FALSE(qdqOnnx(*of->network, 12).ok());
    EXPECT_FALSE(floatOnnx(*model, 18).ok());
    // 16 bits stand in the domain that has them.
    configuration.layers.at("conv1").activations.front().bits = 16;
    of = quantized(model, configuration, *data, 2);
    ASSERT_TRUE(of.ok()) << errorText(of.error());
    const onnx::ModelProto file = parsed(*qdqOnnx(*of->network, 13));
    ASSERT_EQ(file.opset_import_size(), 2);
    EXPECT_EQ(file.opset_import(1).domain(), "com.microsoft");
}

TEST(OnnxExport, OurOwnReaderGivesTheFloatNetworkBack)
{
    const auto model = demoNetwork();
    const auto data = demoData(*model);
    for (const int opset : {13, 17}) {
        const auto bytes = floatOnnx(*model, opset);
        ASSERT_TRUE(bytes.ok()) << errorText(bytes.error());
        const test::TemporaryFolder folder;
        const auto again = importModel({folder.write("demo.onnx", *bytes), {}});
        ASSERT_TRUE(again.ok()) << errorText(again.error());
        const std::vector<Buffer> inputs = inputsOf(*model, *data, 0);
        const auto expected = test::runModel(model, inputs);
        const auto found = test::runModel(*again, inputs);
        ASSERT_EQ(found.size(), expected.size());
        EXPECT_LE(difference(test::listOf(found[0]), expected[0]), 1e-6);
    }
}

namespace {

/// Written, opened, and written again: the same factors, and the same values.
void expectTheQuantizersBack(const std::string& name, const std::shared_ptr<const Model>& model, const DataSet& data, int samples)
{
    SCOPED_TRACE(name);
    const auto of = quantized(model, settingsFor(*model), data, samples);
    ASSERT_TRUE(of.ok()) << errorText(of.error());
    const auto bytes = qdqOnnx(*of->network, 13);
    ASSERT_TRUE(bytes.ok()) << errorText(bytes.error());
    const test::TemporaryFolder folder;
    const auto opened = openNetwork({folder.write("qdq.onnx", *bytes), {}});
    ASSERT_TRUE(opened.ok()) << errorText(opened.error());
    ASSERT_TRUE(opened->record.has_value());
    EXPECT_EQ(opened->configuration.target, "onnxruntime");
    const auto prepared = prepareNetwork(opened->model, opened->configuration);
    ASSERT_TRUE(prepared.ok()) << errorText(prepared.error());
    const auto again = quantizeNetwork(**prepared, *opened->record);
    ASSERT_TRUE(again.ok()) << errorText(again.error());
    size_t same = 0;
    for (const auto& [layer, factors] : of->network->record.layers) {
        const auto found = (*again)->record.layers.find(layer);
        // A layer that became several nodes, of which the last has its name.
        if (found == (*again)->record.layers.end() || found->second.inputs.size() != factors.inputs.size())
            continue;
        ++same;
        for (size_t i = 0; i < factors.inputs.size(); ++i)
            EXPECT_EQ(found->second.inputs[i].params, factors.inputs[i].params) << layer;
        EXPECT_EQ(found->second.weightScales, factors.weightScales) << layer;
    }
    EXPECT_GE(2 * same, of->network->record.layers.size());
    double worst = 0;
    for (int sample = 0; sample < 2; ++sample) {
        const std::vector<Buffer> inputs = inputsOf(*model, data, sample);
        const auto expected = test::runModel(of->network->network, inputs, &of->network->layers);
        const auto found = test::runModel((*again)->network, inputs, &(*again)->layers);
        ASSERT_EQ(found.size(), expected.size());
        for (size_t i = 0; i < found.size(); ++i)
            worst = std::max(worst, difference(test::listOf(found[i]), expected[i]));
    }
    std::printf("%-28s %zu of %zu layers, outputs within %.1e\n", name.c_str(), same, of->network->record.layers.size(), worst);
    // The same kernels on the same numbers; what was several nodes may round in another order.
    EXPECT_LE(worst, 1e-5);
    const auto second = qdqOnnx(**again, 13);
    ASSERT_TRUE(second.ok()) << errorText(second.error());
    const auto reopened = openNetwork({folder.write("again.onnx", *second), {}});
    ASSERT_TRUE(reopened.ok()) << errorText(reopened.error());
    // A quantizer that stands alone is named after its node, whose name must differ from the layer's.
    ASSERT_EQ(reopened->record->layers.size(), opened->record->layers.size());
    for (const auto& [layer, factors] : opened->record->layers)
        if (opened->model->layer(opened->model->findLayer(layer)).op != "Quantizer") {
            ASSERT_TRUE(reopened->record->layers.contains(layer)) << layer;
            EXPECT_EQ(reopened->record->layers.at(layer), factors) << layer;
            EXPECT_EQ(reopened->configuration.layers.at(layer), opened->configuration.layers.at(layer)) << layer;
        }
}

}  // namespace

TEST(OnnxExport, OurOwnReaderGivesTheQuantizersBack)
{
    const auto model = demoNetwork();
    expectTheQuantizersBack("demo", model, *demoData(*model), 8);
}

TEST(OnnxExport, OurOwnReaderGivesTheQuantizersOfOpenNetworksBack)
{
    QS_SHARED_MODELS(models);
    for (const test::OpenNetwork& network : test::openNetworks(models)) {
        const auto model = importModel({network.model, network.weights});
        ASSERT_TRUE(model.ok()) << errorText(model.error());
        if (network.name == "HyperLPR detector")
            continue;  // not written
        const auto data = openDataSet(network.data, (*model)->value((*model)->inputs().front()).shape);
        ASSERT_TRUE(data.ok()) << errorText(data.error());
        expectTheQuantizersBack(network.name, *model, **data, 2);
    }
}

namespace {

size_t largestOf(std::span<const float> values)
{
    return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

struct Agreement {
    int same = 0;
    int count = 0;
};

/// ONNX Runtime with its int8 kernels chooses the classes that we simulate. `most`: samples. Where the logits of two classes are one code apart, or
/// equal, a sum's last bits decide, which tip a code somewhere before: four of SqueezeNet's 128 pictures, and ONNX Runtime in float decides them as
/// in int8.
void expectTheSameClasses(const std::string& name, const std::shared_ptr<const Model>& model, const DataSet& data, int samples, int most,
                          Agreement& sum)
{
    SCOPED_TRACE(name);
    const auto of = quantized(model, settingsFor(*model), data, samples);
    ASSERT_TRUE(of.ok()) << errorText(of.error());
    const auto bytes = qdqOnnx(*of->network, 13);
    ASSERT_TRUE(bytes.ok()) << errorText(bytes.error());
    const int count = std::min(data.size(), most);
    std::vector<float> all;
    std::vector<size_t> expected;
    Shape shape;
    size_t classes = 0;
    for (int sample = 0; sample < count; ++sample) {
        const std::vector<Buffer> inputs = inputsOf(*model, data, sample);
        ASSERT_EQ(inputs.size(), 1U);
        shape = inputs.front().shape();
        all.insert(all.end(), inputs.front().floats().begin(), inputs.front().floats().end());
        const auto outputs = test::runModel(of->network->network, inputs, &of->network->layers);
        ASSERT_FALSE(outputs.empty());
        classes = static_cast<size_t>(outputs.front().count());
        expected.push_back(largestOf(outputs.front().floats()));
    }
    const auto found = test::runInOnnxRuntime(*bytes, {Buffer::fromFloats({static_cast<int64_t>(all.size())}, all)}, "all", shape);
    ASSERT_FALSE(found.empty());
    ASSERT_EQ(found.front().size(), classes * expected.size());
    int same = 0;
    for (size_t sample = 0; sample < expected.size(); ++sample)
        same += largestOf(std::span(found.front()).subspan(sample * classes, classes)) == expected[sample] ? 1 : 0;
    std::printf("%-28s top-1 as ours on %d of %d samples\n", name.c_str(), same, count);
    EXPECT_GE(same, 0.96 * count);
    sum.same += same;
    sum.count += count;
}

}  // namespace

TEST(OnnxExport, OnnxRuntimeWithItsIntegersChoosesOurClasses)
{
    if (!test::onnxRuntime())
        GTEST_SKIP() << "skipped: no ONNX Runtime in $QUANTSCOPE_ONNXRUNTIME";
    const auto model = demoNetwork();
    Agreement all;
    expectTheSameClasses("demo", model, *demoData(*model), 32, 200, all);
    EXPECT_GE(all.same, 0.99 * all.count);
}

TEST(OnnxExport, OnnxRuntimeWithItsIntegersChoosesOurClassesOfOpenNetworks)
{
    QS_SHARED_MODELS(models);
    if (!test::onnxRuntime())
        GTEST_SKIP() << "skipped: no ONNX Runtime in $QUANTSCOPE_ONNXRUNTIME";
    Agreement all;
    for (const test::OpenNetwork& network : test::openNetworks(models)) {
        const std::set<std::string> classifiers{"SqueezeNet 1.1", "LeNet", "CIFAR-10 quick", "ResNet-20", "HyperLPR characters"};
        if (!classifiers.contains(network.name))
            continue;
        const auto model = importModel({network.model, network.weights});
        ASSERT_TRUE(model.ok()) << errorText(model.error());
        const auto data = openDataSet(network.data, (*model)->value((*model)->inputs().front()).shape);
        ASSERT_TRUE(data.ok()) << errorText(data.error());
        expectTheSameClasses(network.name, *model, **data, 32, 500, all);
    }
    EXPECT_GE(all.same, 0.99 * all.count);
}

TEST(OnnxExport, OnnxRuntimeComputesOurValuesOfTheDemo)
{
    if (!test::onnxRuntime())
        GTEST_SKIP() << "skipped: no ONNX Runtime in $QUANTSCOPE_ONNXRUNTIME";
    const auto model = demoNetwork();
    expectOnnxRuntimeAgrees("demo", model, *demoData(*model), 8);
}

TEST(OnnxExport, OnnxRuntimeComputesOurValuesOfOpenNetworks)
{
    QS_SHARED_MODELS(models);
    if (!test::onnxRuntime())
        GTEST_SKIP() << "skipped: no ONNX Runtime in $QUANTSCOPE_ONNXRUNTIME";
    for (const test::OpenNetwork& network : test::openNetworks(models)) {
        const auto model = importModel({network.model, network.weights});
        ASSERT_TRUE(model.ok()) << errorText(model.error());
        if (network.name == "HyperLPR detector") {
            // SSD's own layers, all of them named.
            const auto refused = floatOnnx(**model, 13);
            ASSERT_FALSE(refused.ok());
            EXPECT_NE(refused.error().detail.find("7 layers"), std::string::npos) << errorText(refused.error());
            continue;
        }
        const auto data = openDataSet(network.data, (*model)->value((*model)->inputs().front()).shape);
        ASSERT_TRUE(data.ok()) << errorText(data.error());
        const bool large = network.name.starts_with("UltraFace") || network.name.starts_with("WeChat") || network.name.starts_with("SqueezeNet");
        expectOnnxRuntimeAgrees(network.name, *model, **data, 4, large);
    }
}

}  // namespace qs
