// Rules of the targets: each holds where it must, and not beside it.
#include "core/targets/check.h"

#include "core/base/text.h"
#include "core/targets/target.h"
#include "tests/support/toy_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace qs {

namespace {

const Target& targetNamed(const char* name)
{
    return **findTarget(name);
}

/// "rule layer arguments...", of a model with a configuration and, where there are any, factors.
std::vector<std::string> found(const char* target, const std::shared_ptr<const Model>& model, const Configuration& configuration,
                               const QuantRecord* record = nullptr, const Calibration* calibration = nullptr)
{
    const auto prepared = prepareNetwork(model, configuration);
    EXPECT_TRUE(prepared.ok()) << (prepared.ok() ? "" : errorText(prepared.error()));
    std::shared_ptr<const QuantizedNetwork> quantized;
    if (record) {
        const auto made = quantizeNetwork(**prepared, *record);
        EXPECT_TRUE(made.ok()) << (made.ok() ? "" : errorText(made.error()));
        quantized = made.ok() ? *made : nullptr;
    }
    std::vector<std::string> lines;
    for (const CheckResult& result : runChecks(targetNamed(target).rules(), {**prepared, quantized.get(), calibration})) {
        std::string line = std::string(result.rule->id) + " " + result.layer;
        for (const std::string& argument : result.arguments)
            line += " " + argument;
        lines.push_back(line);
    }
    return lines;
}

bool contains(const std::vector<std::string>& lines, const std::string& start)
{
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.starts_with(start); });
}

/// x (1xKx1x1) -> InnerProduct of `rows` rows with these weights, no bias.
std::shared_ptr<const Model> productOf(int64_t inputs, std::vector<float> weights)
{
    ModelBuilder builder("product", "caffe");
    const Layer input = toyLayer(builder, "data", "Input", {});
    builder.addLayer(input);
    builder.setInputShape(input.outputs.front(), {1, inputs, 1, 1});
    Layer product = toyLayer(builder, "fc", "InnerProduct", {input.outputs.front()});
    const auto rows = static_cast<int64_t>(weights.size()) / inputs;
    product.attributes.set("outputs", rows);
    product.weights = {std::make_shared<const Buffer>(Buffer::fromFloats({rows, inputs}, weights))};
    builder.addLayer(std::move(product));
    return *std::move(builder).build();
}

QuantRecord recordOf(const char* layer, QuantParams input, std::vector<float> weightScales)
{
    QuantRecord record;
    LayerFactors& factors = record.layers[layer];
    factors.inputs.push_back({.port = 0, .params = input});
    factors.weightScales = std::move(weightScales);
    return record;
}

}  // namespace

TEST(Checks, EveryRuleSaysWhereItStandsAndWhatToDo)
{
    std::set<std::string> ids;
    for (const Target& target : targets()) {
        ASSERT_FALSE(target.rules().empty()) << target.name;
        for (const Rule& rule : target.rules()) {
            EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
            for (const char* text : {rule.text, rule.source, rule.remedy})
                EXPECT_NE(std::string(text), "") << rule.id;
            EXPECT_NE(rule.find, nullptr) << rule.id;
        }
    }
}

TEST(Checks, AToyNetworkHasNothingToSay)
{
    const auto model = toyModel();
    EXPECT_EQ(found("amct-ss928", model, createQuantConfig(*model)), std::vector<std::string>());
    Configuration symmetric = createQuantConfig(*model);
    symmetric.activationOffset = false;
    EXPECT_EQ(found("onnxruntime", model, symmetric), std::vector<std::string>());
    EXPECT_EQ(found("onnxruntime", model, createQuantConfig(*model)).size(), 1U) << "zero points";
}

TEST(Checks, TheAccumulatorsBorder)
{
    // One scale of 1 makes the codes the weights: 127 * 127 * n against 2^31 - 1, with codes of the input from -128 (zero point 0).
    const auto sum = [](int64_t n) { return 127.0 * 128.0 * static_cast<double>(n); };
    const auto most = static_cast<int64_t>(2147483647.0 / (127.0 * 128.0));
    for (const int64_t n : {most, most + 1}) {
        const auto model = productOf(n, std::vector<float>(static_cast<size_t>(n), -127));
        const QuantRecord record = recordOf("fc", {.scale = 1, .offset = 0, .bits = 8}, {1});
        EXPECT_EQ(contains(found("amct-ss928", model, createQuantConfig(*model), &record), "amct.accumulator fc 0 "), sum(n) > 2147483647.0) << n;
    }
    // A zero point makes one side wider: codes minus -128 reach 255.
    const auto model = productOf(70000, std::vector<float>(70000, 127));
    const QuantRecord record = recordOf("fc", {.scale = 1, .offset = -128, .bits = 8}, {1});
    EXPECT_TRUE(contains(found("amct-ss928", model, createQuantConfig(*model), &record), "amct.accumulator fc 0 1.06"));
    // Before calibration: the widest input.
    EXPECT_TRUE(contains(found("amct-ss928", model, createQuantConfig(*model)), "amct.accumulator fc 0 1.06"));
}

TEST(Checks, FourBitsAtTheEnds)
{
    const auto model = toyModel();
    Configuration configuration = createQuantConfig(*model);
    for (const char* layer : {"conv1", "fc1"}) {
        configuration.layers.at(layer).weights->algorithm = "snq";
        configuration.layers.at(layer).weights->bits = 4;
    }
    const auto lines = found("amct-ss928", model, configuration);
    EXPECT_TRUE(contains(lines, "amct.codebook-ends conv1 first"));
    EXPECT_TRUE(contains(lines, "amct.codebook-ends fc1 last"));
    EXPECT_TRUE(contains(found("onnxruntime", model, configuration), "onnxruntime.codebook conv1"));
}

TEST(Checks, RowsUnlikeEachOtherShareAScale)
{
    // A row of zeros does not count.
    const auto at = [](float narrow) { return productOf(2, {1, -16, narrow, 0, 0, 0}); };
    EXPECT_TRUE(contains(found("amct-ss928", at(1), createQuantConfig(*at(1))), "amct.one-scale-inner-product fc 16"));
    EXPECT_FALSE(contains(found("amct-ss928", at(1.1F), createQuantConfig(*at(1.1F))), "amct.one-scale-inner-product"));
}

TEST(Checks, ValuesBelowHalfAStepBecomeZero)
{
    const auto model = productOf(2, {1, 1});
    const QuantRecord record = recordOf("fc", {.scale = 1, .offset = 0, .bits = 8}, {1});
    for (const double largest : {0.5, 0.51}) {
        Calibration calibration;
        calibration.observations.push_back({.layer = "fc", .port = 0, .histogram = {}});
        calibration.observations.back().histogram.minimum = -largest;
        calibration.observations.back().histogram.maximum = 0.25;
        for (const char* target : {"amct-ss928", "onnxruntime"})
            EXPECT_EQ(contains(found(target, model, createQuantConfig(*model), &record, &calibration),
                               target == std::string("onnxruntime") ? "onnxruntime.becomes-zero fc 0" : "amct.becomes-zero fc 0"),
                      largest == 0.5)
                << target << largest;
    }
}

TEST(Checks, WidthsOfOnnx)
{
    const auto model = toyModel();
    Configuration configuration = createQuantConfig(*model);
    configuration.layers.at("conv1").activations.front().bits = 12;
    configuration.layers.at("fc1").activations.front().bits = 16;
    const auto lines = found("onnxruntime", model, configuration);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front(), "onnxruntime.width conv1 0 12");  // the worst first
    EXPECT_TRUE(contains(lines, "onnxruntime.sixteen-bits fc1 0"));
    EXPECT_FALSE(contains(found("amct-ss928", model, configuration), "amct.width"));
}

TEST(Checks, LayersThatAFileCannotHold)
{
    ModelBuilder builder("odd", "onnx");
    const ValueId conv = addToyConvolution(builder, "conv1", addToyInput(builder));
    Layer order = toyLayer(builder, "sin", "Sin", {conv});
    builder.addLayer(std::move(order));
    Layer unknown = toyLayer(builder, "what", "", {conv});
    unknown.type = "Abacus";
    builder.addLayer(std::move(unknown));
    const auto model = *std::move(builder).build();
    const auto caffe = found("amct-ss928", model, createQuantConfig(*model));
    EXPECT_TRUE(contains(caffe, "amct.caffe-cannot-hold sin ")) << testing::PrintToString(caffe);
    EXPECT_TRUE(contains(caffe, "amct.not-run what ")) << testing::PrintToString(caffe);
    const auto onnx = found("onnxruntime", model, createQuantConfig(*model));
    EXPECT_FALSE(contains(onnx, "onnxruntime.onnx-cannot-hold sin ")) << testing::PrintToString(onnx);
    EXPECT_TRUE(contains(onnx, "onnxruntime.onnx-cannot-hold what ")) << testing::PrintToString(onnx);
}

TEST(Checks, WhatIsJoinedSharesAScaleWhereTheTargetSaysSo)
{
    ModelBuilder builder("join", "onnx");
    const ValueId input = addToyInput(builder);
    const ValueId one = addToyConvolution(builder, "conv1", input);
    const ValueId two = addToyConvolution(builder, "conv2", input);
    Layer join = toyLayer(builder, "join", "Concat", {one, two});
    join.attributes.set("axis", int64_t{1});
    builder.addLayer(std::move(join));
    const auto model = *std::move(builder).build();
    QuantRecord record;
    record.layers["join"].inputs = {{.port = 0, .params = *paramsFromRange(-1, 2, 8, true)}, {.port = 1, .params = *paramsFromRange(-3, 1, 8, true)}};
    Configuration configuration = createQuantConfig(*model);
    for (const char* layer : {"conv1", "conv2"})
        configuration.layers.at(layer).quantEnable = false;
    EXPECT_TRUE(contains(found("onnxruntime", model, configuration, &record), "onnxruntime.unlike-operands join"));
    const auto inputsOf = [&](const Configuration& settings) {
        const auto prepared = prepareNetwork(model, settings);
        EXPECT_TRUE(prepared.ok());
        return effectiveRecord(**prepared, record).layers.at("join").inputs;
    };
    EXPECT_EQ(inputsOf(configuration), record.layers["join"].inputs);
    setTarget(configuration, targetNamed("onnxruntime"));
    const auto joined = inputsOf(configuration);
    EXPECT_EQ(joined[0].params, joined[1].params);
    // The widest of both, within half a step of the zero point's rounding.
    EXPECT_NEAR(joined[0].params.clipMin(), -3, joined[0].params.scale);
    EXPECT_NEAR(joined[0].params.clipMax(), 2, joined[0].params.scale);
    EXPECT_FALSE(contains(found("onnxruntime", model, configuration, &record), "onnxruntime.unlike-operands"));
    // Limits by hand are the user's.
    configuration.layers.at("join").activations.resize(2);
    configuration.layers.at("join").activations[0].clip = {{-1, 1}};
    EXPECT_EQ(inputsOf(configuration)[1].params, record.layers["join"].inputs[1].params);
    setTarget(configuration, targetNamed("amct-ss928"));
    EXPECT_FALSE(configuration.joinScales);
}

TEST(Checks, ArgumentsGoIntoTheSentence)
{
    EXPECT_EQ(withArguments("%2 of %1, 100 % %3", {"a%2", "b"}), "b of a%2, 100 % %3");
}

}  // namespace qs
