// A small network built in memory: convolution, ReLU, inner product, softmax.
#pragma once

#include "core/ir/builder.h"

#include <random>

namespace qs {

inline std::shared_ptr<const Buffer> randomBuffer(Shape shape, unsigned seed)
{
    Buffer buffer(DType::F32, std::move(shape));
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 0.3F);
    for (float& value : buffer.floats())
        value = normal(random);
    return std::make_shared<const Buffer>(std::move(buffer));
}

/// One output, named as the layer is; not in the model yet.
inline Layer toyLayer(ModelBuilder& builder, const std::string& name, const char* op, std::vector<ValueId> inputs)
{
    Layer layer;
    layer.name = name;
    layer.type = op;
    layer.op = op;
    layer.inputs = std::move(inputs);
    layer.outputs = {builder.addValue(name)};
    return layer;
}

/// Adds "data" of 1x3x8x8.
inline ValueId addToyInput(ModelBuilder& builder)
{
    const Layer input = toyLayer(builder, "data", "Input", {});
    builder.addLayer(input);
    builder.setInputShape(input.outputs.front(), {1, 3, 8, 8});
    return input.outputs.front();
}

/// Adds 4 channels of 3x3 over an input of 3.
inline ValueId addToyConvolution(ModelBuilder& builder, const std::string& name, ValueId input)
{
    Layer conv = toyLayer(builder, name, "Convolution", {input});
    conv.attributes.set("outputs", int64_t{4});
    conv.attributes.set("kernel", std::vector<int64_t>{3, 3});
    conv.attributes.set("pad", std::vector<int64_t>{1, 1, 1, 1});
    conv.attributes.set("stride", std::vector<int64_t>{1, 1});
    conv.weights = {randomBuffer({4, 3, 3, 3}, 1), randomBuffer({4}, 2)};
    builder.addLayer(conv);
    return conv.outputs.front();
}

inline std::shared_ptr<const Model> toyModel()
{
    ModelBuilder builder("toy", "caffe");
    const ValueId conv = addToyConvolution(builder, "conv1", addToyInput(builder));
    const Layer relu = toyLayer(builder, "relu1", "ReLU", {conv});
    builder.addLayer(relu);
    Layer fc = toyLayer(builder, "fc1", "InnerProduct", {relu.outputs.front()});
    fc.attributes.set("outputs", int64_t{5});
    fc.weights = {randomBuffer({5, 256}, 3), randomBuffer({5}, 4)};
    builder.addLayer(fc);
    builder.addLayer(toyLayer(builder, "prob", "Softmax", {fc.outputs.front()}));
    auto model = std::move(builder).build();
    return model ? *model : nullptr;
}

}  // namespace qs
