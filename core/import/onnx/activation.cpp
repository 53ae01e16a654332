#include "core/import/onnx/translate.h"

#include <algorithm>
#include <cfloat>

namespace qs::onnxio {

namespace {

/// A constant's shape with ones in front, of at least this rank.
Shape padded(const Shape& shape, size_t rank)
{
    Shape full(rank > shape.size() ? rank - shape.size() : 0, 1);
    full.insert(full.end(), shape.begin(), shape.end());
    return full;
}

std::shared_ptr<const Buffer> flat(const TypedConstant& constant)
{
    return share(floatsOf(constant).reshaped({constant.data.count()}));
}

}  // namespace

Result<void> leakyRelu(const Context& c)
{
    c.set("slope", c.node.real("alpha", 0.01));
    return {};
}

Result<void> prelu(const Context& c)
{
    const TypedConstant* slope = c.node.constant(1);
    const auto shape = c.node.shape(0);
    if (!slope || !shape || shape->size() < 2)
        return c.refuse("its slopes are computed by the network, or its shape is not known");
    // The slope broadcasts: it is one a channel only where it varies along axis 1. Before opset 7 a list of them always was.
    Shape channels(shape->size(), 1);
    channels[1] = (*shape)[1];
    const bool old = c.node.opset < 7 && slope->data.shape() == Shape{(*shape)[1]};
    if (slope->data.count() != 1 && !old && padded(slope->data.shape(), shape->size()) != channels)
        return c.refuse("a PRelu whose slope " + shapeText(slope->data.shape()) + " is not one a channel of " + shapeText(*shape) + " is not built");
    c.out.weights = {flat(*slope)};
    return {};
}

Result<void> clip(const Context& c)
{
    const auto limit = [&c](const char* name, int input, double fallback) -> std::optional<double> {
        if (!c.node.has(input))
            return c.node.real(name, fallback);
        const TypedConstant* value = c.node.constant(input);
        return value && value->data.count() == 1 ? std::optional(asReal(floatsOf(*value).floats()[0])) : std::nullopt;
    };
    const auto low = limit("min", 1, -static_cast<double>(FLT_MAX));
    const auto high = limit("max", 2, static_cast<double>(FLT_MAX));
    if (!low || !high)
        return c.refuse("its limits are computed by the network");
    c.set("min", *low);
    c.set("max", *high);
    return {};
}

Result<void> elu(const Context& c)
{
    c.set("alpha", c.node.real("alpha", 1));
    return {};
}

Result<void> hardSigmoid(const Context& c)
{
    c.set("alpha", c.node.real("alpha", 0.2));
    c.set("beta", c.node.real("beta", 0.5));
    return {};
}

Result<void> gelu(const Context& c)
{
    const std::string approximate = c.node.text("approximate", "none");
    if (approximate != "none" && approximate != "tanh")
        return c.refuse("its approximation '" + approximate + "' is not known");
    c.set("approximate", approximate);
    return {};
}

Result<void> selu(const Context& c)
{
    // Before opset 6 they were rounded otherwise.
    c.set("alpha", c.node.real("alpha", 1.6732632423543772));
    c.set("gamma", c.node.real("gamma", 1.0507009873554805));
    return {};
}

Result<void> celu(const Context& c)
{
    c.set("alpha", c.node.real("alpha", 1));
    return {};
}

Result<void> shrink(const Context& c)
{
    c.set("lambda", c.node.real("lambd", 0.5));
    c.set("bias", c.node.real("bias", 0));
    return {};
}

Result<void> isInf(const Context& c)
{
    c.set("negative", c.node.integer("detect_negative", 1));
    c.set("positive", c.node.integer("detect_positive", 1));
    return {};
}

Result<void> softmax(const Context& c)
{
    const bool modern = c.node.opset >= 13;
    const int64_t axis = c.node.integer("axis", modern ? -1 : 1);
    c.set("axis", axis);
    if (modern)
        return {};
    // Before opset 13 everything from the axis on is one vector; where the rest is 1 that is the same.
    const auto shape = c.node.shape(0);
    const int64_t at = shape && axis < 0 ? axis + static_cast<int64_t>(shape->size()) : axis;
    bool rest = !shape || at < 0;
    for (size_t i = static_cast<size_t>(std::max<int64_t>(at, 0)) + 1; shape && i < shape->size(); ++i)
        rest = rest || (*shape)[i] != 1;
    if (rest)
        c.set("flatten", int64_t{1});
    return {};
}

Result<void> lrn(const Context& c)
{
    c.set("size", c.node.integer("size", 5));
    c.set("alpha", c.node.real("alpha", 1e-4));
    c.set("beta", c.node.real("beta", 0.75));
    c.set("k", c.node.real("bias", 1));
    c.set("region", std::string("across"));
    return {};
}

Result<void> batchNorm(const Context& c)
{
    // Older opsets say by what they give, or leave out, that the statistics are those of the batch.
    const bool several = c.node.opset < 14 && c.node.proto.output_size() > 1 && !c.node.proto.output(1).empty();
    if (several || c.node.integer("training_mode", 0) != 0 || c.node.integer("is_test", c.node.opset < 7 ? 0 : 1) == 0)
        return c.refuse("it takes the statistics of the batch, as in training");
    for (const int input : {3, 4, 1, 2}) {
        const TypedConstant* constant = c.node.constant(input);
        if (!constant)
            return c.refuse("its statistics are computed by the network");
        c.out.weights.push_back(flat(*constant));
    }
    c.set("epsilon", c.node.real("epsilon", 1e-5));
    return {};
}

Result<void> layerNorm(const Context& c)
{
    for (const int input : {1, 2}) {
        const TypedConstant* constant = c.node.constant(input);
        if (c.node.has(input) && !constant)
            return c.refuse("its weights are computed by the network");
        if (constant)
            c.out.weights.push_back(share(floatsOf(*constant)));
    }
    c.set("axis", c.node.integer("axis", -1));
    c.set("epsilon", c.node.real("epsilon", 1e-5));
    return {};
}

namespace {

/// Factors and shifts of inputs 1 and 2, each `times` in a row; false: they are refused.
bool scaledBy(const Context& c, int64_t times)
{
    for (const int input : {1, 2}) {
        const TypedConstant* constant = c.node.constant(input);
        if (!constant) {
            (void)c.refuse("its weights are computed by the network");
            return false;
        }
        Reals repeated;
        for (const double value : realsOf(constant->data))
            repeated.insert(repeated.end(), static_cast<size_t>(times), value);
        Buffer list(DType::F32, {static_cast<int64_t>(repeated.size())});
        std::transform(repeated.begin(), repeated.end(), list.floats().begin(), [](double value) { return static_cast<float>(value); });
        c.out.weights.push_back(share(list));
    }
    return true;
}

}  // namespace

// Each channel is a group.
Result<void> instanceNorm(const Context& c)
{
    if (scaledBy(c, 1))
        c.set("groups", c.out.weights.front()->count());
    c.set("epsilon", c.node.real("epsilon", 1e-5));
    return {};
}

Result<void> groupNorm(const Context& c)
{
    const int64_t groups = c.node.integer("num_groups", 0);
    c.set("groups", groups);
    c.set("epsilon", c.node.real("epsilon", 1e-5));
    if (c.node.opset >= 21) {
        scaledBy(c, 1);
        return {};
    }
    // Opset 18 has one factor a group.
    const auto shape = c.node.shape(0);
    if (!shape || shape->size() < 2 || groups < 1 || (*shape)[1] % groups != 0)
        return c.refuse("its channels are not known, or do not divide into " + std::to_string(groups) + " groups");
    scaledBy(c, (*shape)[1] / groups);
    return {};
}

Result<void> dropout(const Context& c)
{
    const TypedConstant* training = c.node.constant(2);
    const bool drops = c.node.has(2) && (!training || training->data.count() != 1 || floatsOf(*training).floats()[0] != 0);
    if (drops || c.node.integer("is_test", c.node.opset < 7 ? 0 : 1) == 0)
        return c.refuse("it drops values, as in training");
    c.node.constant(1);
    return {};
}

}  // namespace qs::onnxio
