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

inline std::shared_ptr<const Model> toyModel()
{
    ModelBuilder builder("toy", "caffe");
    const auto layer = [&](const char* name, const char* op, std::vector<ValueId> inputs) {
        Layer l;
        l.name = name;
        l.type = op;
        l.op = op;
        l.inputs = std::move(inputs);
        l.outputs = {builder.addValue(name)};
        return l;
    };
    Layer input = layer("data", "Input", {});
    const ValueId data = input.outputs.front();
    builder.addLayer(input);
    builder.setInputShape(data, {1, 3, 8, 8});
    Layer conv = layer("conv1", "Convolution", {data});
    conv.attributes.set("outputs", int64_t{4});
    conv.attributes.set("kernel", std::vector<int64_t>{3, 3});
    conv.attributes.set("pad", std::vector<int64_t>{1, 1, 1, 1});
    conv.attributes.set("stride", std::vector<int64_t>{1, 1});
    conv.weights = {randomBuffer({4, 3, 3, 3}, 1), randomBuffer({4}, 2)};
    builder.addLayer(conv);
    Layer relu = layer("relu1", "ReLU", {conv.outputs.front()});
    builder.addLayer(relu);
    Layer fc = layer("fc1", "InnerProduct", {relu.outputs.front()});
    fc.attributes.set("outputs", int64_t{5});
    fc.weights = {randomBuffer({5, 256}, 3), randomBuffer({5}, 4)};
    builder.addLayer(fc);
    builder.addLayer(layer("prob", "Softmax", {fc.outputs.front()}));
    auto model = std::move(builder).build();
    return model ? *model : nullptr;
}

}  // namespace qs
