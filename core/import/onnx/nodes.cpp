#include "core/import/onnx/nodes.h"

#include "core/base/text.h"
#include "core/data/npy.h"

#include <algorithm>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstring>

namespace qs::onnxio {

namespace {

using Ints = std::vector<int64_t>;
using Reals = std::vector<double>;

double asReal(float value)
{
    return parseDouble(numberText(value)).value_or(static_cast<double>(value));
}

std::shared_ptr<const Buffer> share(Buffer buffer)
{
    return std::make_shared<const Buffer>(std::move(buffer));
}

std::shared_ptr<const Buffer> flat(const Buffer& buffer)
{
    return share(toFloat(buffer).reshaped({buffer.count()}));
}

Buffer transposed(const Buffer& matrix)
{
    Buffer result(DType::F32, {matrix.shape()[1], matrix.shape()[0]});
    const auto rows = static_cast<size_t>(matrix.shape()[0]);
    const auto columns = static_cast<size_t>(matrix.shape()[1]);
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j)
            result.floats()[j * rows + i] = matrix.floats()[i * columns + j];
    return result;
}

Buffer scaled(const Buffer& buffer, double factor)
{
    if (factor == 1)
        return buffer;
    Buffer result(DType::F32, buffer.shape());
    for (size_t i = 0; i < result.floats().size(); ++i)
        result.floats()[i] = buffer.floats()[i] * static_cast<float>(factor);
    return result;
}

struct Context {
    const Node& node;
    Translation& out;
    void set(const char* name, Attribute value) const { out.attributes.set(name, std::move(value)); }
    /// A variant that is not built: the node is drawn and not run.
    Result<void> refuse(std::string reason) const
    {
        out.op.clear();
        out.reason = std::move(reason);
        return {};
    }
};

Result<void> window(const Context& c, const Ints& kernel)
{
    const Ints stride = c.node.integers("strides", {1, 1});
    const Ints dilation = c.node.integers("dilations", {1, 1});
    Ints pad = c.node.integers("pads", {0, 0, 0, 0});
    if (kernel.size() != 2 || stride.size() != 2 || dilation.size() != 2 || pad.size() != 4)
        return c.refuse("only two spatial dimensions are built");
    const std::string automatic = c.node.text("auto_pad", "NOTSET");
    if (automatic.starts_with("SAME")) {
        const auto shape = c.node.shape(0);
        if (!shape || shape->size() != 4)
            return c.refuse("its padding depends on a size that is not known");
        for (size_t side = 0; side < 2; ++side) {
            if (stride[side] < 1)
                return c.refuse("its stride is not valid");
            const int64_t extent = (*shape)[side + 2];
            const int64_t outputs = (extent + stride[side] - 1) / stride[side];
            const int64_t total = std::max<int64_t>(0, (outputs - 1) * stride[side] + dilation[side] * (kernel[side] - 1) + 1 - extent);
            pad[side] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
            pad[side + 2] = total - pad[side];
        }
    }
    c.set("kernel", kernel);
    c.set("stride", stride);
    c.set("dilation", dilation);
    c.set("pad", pad);
    return {};
}

Result<void> convolution(const Context& c)
{
    const Buffer* weight = c.node.constant(1);
    if (!weight || (c.node.has(2) && !c.node.constant(2)))
        return c.refuse("its weights are computed by the network");
    if (weight->shape().size() != 4)
        return c.refuse("only two spatial dimensions are built");
    const bool transposedKind = c.out.op == "Deconvolution";
    const int64_t group = c.node.integer("group", 1);
    QS_CHECK(window(c, {weight->shape()[2], weight->shape()[3]}));
    if (c.out.op.empty())
        return {};
    if (c.node.attribute("output_shape") || (transposedKind && c.node.text("auto_pad", "NOTSET") != "NOTSET"))
        return c.refuse("a ConvTranspose with output_shape or auto_pad is not built");
    if (transposedKind && c.node.attribute("output_padding"))
        c.set("outputPad", c.node.integers("output_padding"));
    c.set("group", group);
    c.set("outputs", transposedKind ? weight->shape()[1] * group : weight->shape()[0]);
    c.out.weights = {share(toFloat(*weight))};
    if (c.node.has(2))
        c.out.weights.push_back(flat(*c.node.constant(2)));
    return {};
}

Result<void> pool(const Context& c, bool maximum)
{
    c.set("method", std::string(maximum ? "max" : "ave"));
    if (c.node.proto.op_type().starts_with("Global")) {
        c.set("global", int64_t{1});
        if (!maximum)
            c.set("count", std::string("exclude"));
        return {};
    }
    QS_CHECK(window(c, c.node.integers("kernel_shape")));
    if (c.out.op.empty())
        return {};
    if (c.out.attributes.integers("dilation") != Ints{1, 1} || (c.node.proto.output_size() > 1 && !c.node.proto.output(1).empty()))
        return c.refuse("pooling with dilation or indices is not built");
    c.set("ceil", c.node.integer("ceil_mode", 0));
    if (!maximum)
        c.set("count", std::string(c.node.integer("count_include_pad", 0) ? "include" : "exclude"));
    return {};
}

Result<void> maxPool(const Context& c)
{
    return pool(c, true);
}

Result<void> averagePool(const Context& c)
{
    return pool(c, false);
}

Result<void> gemm(const Context& c)
{
    const Buffer* weight = c.node.constant(1);
    const Buffer* bias = c.node.constant(2);
    const bool transB = c.node.integer("transB", 0) != 0;
    const double alpha = c.node.real("alpha", 1);
    const double beta = c.node.real("beta", 1);
    const int64_t outputs = weight && weight->shape().size() == 2 ? weight->shape()[transB ? 0 : 1] : 0;
    const bool simpleBias = !c.node.has(2) || (bias && (bias->count() == outputs || bias->count() == 1));
    if (outputs > 0 && simpleBias && c.node.integer("transA", 0) == 0) {
        const Buffer matrix = toFloat(*weight);
        c.out.op = "InnerProduct";
        c.set("outputs", outputs);
        c.set("axis", int64_t{1});
        c.out.weights = {share(scaled(transB ? matrix : transposed(matrix), alpha))};
        if (bias) {
            Buffer row(DType::F32, {outputs});
            const Buffer values = scaled(toFloat(*bias), beta);
            for (size_t i = 0; i < row.floats().size(); ++i)
                row.floats()[i] = values.floats()[values.count() == 1 ? 0 : i];
            c.out.weights.push_back(share(row));
        }
        return {};
    }
    c.out.inputs = c.node.has(2) ? std::vector<int>{0, 1, 2} : std::vector<int>{0, 1};
    c.set("transA", c.node.integer("transA", 0));
    c.set("transB", int64_t{transB});
    c.set("alpha", alpha);
    c.set("beta", beta);
    return {};
}

Result<void> matMul(const Context& c)
{
    const Buffer* weight = c.node.constant(1);
    if (!weight || weight->shape().size() != 2 || c.node.constant(0)) {
        c.out.inputs = {0, 1};
        return {};
    }
    c.out.op = "InnerProduct";
    c.set("outputs", weight->shape()[1]);
    c.set("axis", int64_t{-1});
    c.out.weights = {share(transposed(toFloat(*weight)))};
    return {};
}

Result<void> binary(const Context& c)
{
    c.out.inputs = {0, 1};
    const std::string& type = c.node.proto.op_type();
    const auto a = c.node.shape(0);
    const auto b = c.node.shape(1);
    // Two values of one shape: Caffe's Eltwise, which AMCT can quantize.
    if ((type == "Add" || type == "Mul") && a && b && *a == *b && !c.node.constant(0) && !c.node.constant(1)) {
        c.out.op = "Eltwise";
        c.set("operation", std::string(type == "Add" ? "sum" : "prod"));
    }
    return {};
}

Result<void> eltwise(const Context& c)
{
    c.out.inputs.clear();
    const auto first = c.node.shape(0);
    for (int i = 0; i < c.node.proto.input_size(); ++i) {
        const auto shape = c.node.shape(i);
        if (!first || !shape || *shape != *first)
            return c.refuse("a " + c.node.proto.op_type() + " that broadcasts is not built");
        c.out.inputs.push_back(i);
    }
    c.set("operation", std::string(c.node.proto.op_type() == "Max" ? "max" : "sum"));
    return {};
}

Result<void> power(const Context& c)
{
    const Buffer* exponent = c.node.constant(1);
    if (!exponent || exponent->count() != 1) {
        c.out.op = "Pow";
        c.out.inputs = {0, 1};
        return {};
    }
    c.set("power", asReal(toFloat(*exponent).floats()[0]));
    return {};
}

Result<void> negate(const Context& c)
{
    c.set("scale", -1.0);
    return {};
}

Result<void> leakyRelu(const Context& c)
{
    c.set("slope", c.node.real("alpha", 0.01));
    return {};
}

Result<void> prelu(const Context& c)
{
    const Buffer* slope = c.node.constant(1);
    const auto shape = c.node.shape(0);
    if (!slope || !shape || shape->size() < 2 || (slope->count() != 1 && slope->count() != (*shape)[1]))
        return c.refuse("a PRelu whose slope is not one a channel is not built");
    c.out.weights = {flat(*slope)};
    return {};
}

Result<void> clip(const Context& c)
{
    const auto limit = [&c](const char* name, int input, double fallback) -> std::optional<double> {
        if (!c.node.has(input))
            return c.node.real(name, fallback);
        const Buffer* value = c.node.constant(input);
        return value && value->count() == 1 ? std::optional(asReal(toFloat(*value).floats()[0])) : std::nullopt;
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
    for (const int input : {3, 4, 1, 2}) {
        if (!c.node.constant(input))
            return c.refuse("its statistics are computed by the network");
        c.out.weights.push_back(flat(*c.node.constant(input)));
    }
    c.set("epsilon", c.node.real("epsilon", 1e-5));
    return {};
}

Result<void> concat(const Context& c)
{
    c.out.inputs.clear();
    for (int i = 0; i < c.node.proto.input_size(); ++i)
        c.out.inputs.push_back(i);
    c.set("axis", c.node.integer("axis", 1));
    return {};
}

Result<void> reshape(const Context& c)
{
    const auto dims = c.node.integersAt(1);
    if (!dims)
        return c.refuse("its shape is computed by the network");
    c.set("dims", *dims);
    return {};
}

Result<void> flatten(const Context& c)
{
    c.set("axis", c.node.integer("axis", 1));
    c.set("always2d", int64_t{1});
    return {};
}

Result<void> transpose(const Context& c)
{
    Ints order = c.node.integers("perm");
    if (order.empty()) {
        const auto shape = c.node.shape(0);
        if (!shape)
            return c.refuse("its rank is not known");
        for (size_t i = shape->size(); i-- > 0;)
            order.push_back(static_cast<int64_t>(i));
    }
    c.set("order", order);
    return {};
}

Result<void> axes(const Context& c)
{
    const auto list = c.node.integersEither("axes", 1);
    if (!list && c.node.has(1))
        return c.refuse("its axes are computed by the network");
    if (list)
        c.set("axes", *list);
    return {};
}

Result<void> reduce(const Context& c)
{
    QS_CHECK(axes(c));
    c.set("keepDims", c.node.integer("keepdims", 1));
    return {};
}

Result<void> comparison(const Context& c)
{
    c.out.inputs = {0, 1};
    return {};
}

Result<void> argMax(const Context& c)
{
    c.set("lastOfEqual", c.node.integer("select_last_index", 0));
    c.set("keepDims", c.node.integer("keepdims", 1));
    c.set("axis", c.node.integer("axis", 0));
    return {};
}

Result<void> topK(const Context& c)
{
    const auto count = c.node.integersAt(1);
    const int64_t k = c.node.opset < 10 ? c.node.integer("k", 0) : count && count->size() == 1 ? (*count)[0] : 0;
    if (k < 1)
        return c.refuse("its k is computed by the network");
    c.set("k", k);
    c.set("axis", c.node.integer("axis", -1));
    c.set("largest", c.node.integer("largest", 1));
    return {};
}

Result<void> tile(const Context& c)
{
    const auto repeats = c.node.integersAt(1);
    const auto repeated = [](int64_t count) { return count != 1; };
    if (!repeats || std::count_if(repeats->begin(), repeats->end(), repeated) > 1)
        return c.refuse("a Tile of several dimensions, or of repeats that the network computes, is not built");
    const auto axis = std::find_if(repeats->begin(), repeats->end(), repeated);
    c.set("axis", axis == repeats->end() ? int64_t{0} : static_cast<int64_t>(axis - repeats->begin()));
    c.set("tiles", axis == repeats->end() ? int64_t{1} : *axis);
    return {};
}

Result<void> layerNorm(const Context& c)
{
    for (const int input : {1, 2}) {
        if (c.node.has(input) && !c.node.constant(input))
            return c.refuse("its weights are computed by the network");
        if (c.node.constant(input))
            c.out.weights.push_back(share(toFloat(*c.node.constant(input))));
    }
    if (c.node.proto.output_size() > 1)
        return c.refuse("a LayerNormalization that gives its statistics is not built");
    c.set("axis", c.node.integer("axis", -1));
    c.set("epsilon", c.node.real("epsilon", 1e-5));
    return {};
}

Result<void> slice(const Context& c)
{
    const auto starts = c.node.integersEither("starts", 1);
    const auto ends = c.node.integersEither("ends", 2);
    auto which = c.node.integersEither("axes", 3);
    auto steps = c.node.integersAt(4);
    if (!starts || !ends || (c.node.has(3) && !which) || (c.node.has(4) && !steps))
        return c.refuse("its limits are computed by the network");
    if (!which) {
        which.emplace();
        for (size_t i = 0; i < starts->size(); ++i)
            which->push_back(static_cast<int64_t>(i));
    }
    if (!steps)
        steps.emplace(starts->size(), 1);
    if (std::any_of(steps->begin(), steps->end(), [](int64_t step) { return step < 1; }))
        return c.refuse("a Slice that goes backwards is not built");
    c.set("starts", *starts);
    c.set("ends", *ends);
    c.set("axes", *which);
    c.set("steps", *steps);
    return {};
}

Result<void> split(const Context& c)
{
    const auto sizes = c.node.integersEither("split", 1);
    if (!sizes && c.node.has(1))
        return c.refuse("its parts are computed by the network");
    c.set("axis", c.node.integer("axis", 0));
    if (sizes) {
        Ints points;
        int64_t at = 0;
        for (size_t i = 0; i + 1 < sizes->size(); ++i) {
            if ((*sizes)[i] < 0 || (*sizes)[i] > INT_MAX)
                return Error{ErrorCode::OutOfRange, "a part has the size " + std::to_string((*sizes)[i]), {}};
            points.push_back(at += (*sizes)[i]);
        }
        c.set("points", points);
    }
    return {};
}

Result<void> pad(const Context& c)
{
    auto pads = c.node.integersEither("pads", 1);
    const Buffer* value = c.node.constant(2);
    if (!pads || (c.node.has(2) && !value))
        return c.refuse("its padding is computed by the network");
    if (std::any_of(pads->begin(), pads->end(), [](int64_t amount) { return amount < 0; }))
        return c.refuse("a Pad that crops is not built");
    c.set("pads", *pads);
    c.set("mode", c.node.text("mode", "constant"));
    c.set("value", value && value->count() == 1 ? asReal(toFloat(*value).floats()[0]) : c.node.real("value", 0));
    return {};
}

/// [h, w] of a list of four whose first two leave batch and channels alone.
template <class T>
std::optional<std::vector<T>> lastTwo(const std::vector<T>& four)
{
    if (four.size() != 4)
        return std::nullopt;
    return std::vector<T>{four[2], four[3]};
}

Reals realsOf(const Buffer& buffer)
{
    Reals values;
    const Buffer floats = toFloat(buffer);
    for (const float value : floats.floats())
        values.push_back(asReal(value));
    return values;
}

Result<void> resize(const Context& c)
{
    const bool upsample = c.node.proto.op_type() == "Upsample";
    const bool modern = !upsample && c.node.opset >= 11;
    const int scaleInput = modern ? 2 : 1;
    const std::string mode = c.node.text("mode", "nearest");
    c.set("mode", mode);
    c.set("coordinates", modern ? c.node.text("coordinate_transformation_mode", "half_pixel") : std::string("asymmetric"));
    c.set("rounding", modern ? c.node.text("nearest_mode", "round_prefer_floor") : std::string("floor"));
    const std::string coordinates = c.out.attributes.text("coordinates", "");
    if ((mode != "nearest" && mode != "linear") || coordinates.starts_with("tf_"))
        return c.refuse("a Resize of mode " + mode + ", " + coordinates + " is not built");
    const Buffer* scales = c.node.constant(scaleInput);
    std::optional<Reals> scale;
    if (const auto* attribute = c.node.attribute("scales"))
        scale = lastTwo(Reals(attribute->floats().begin(), attribute->floats().end()));
    else if (scales && scales->count() == 4)
        scale = lastTwo(realsOf(*scales));
    if (scale) {
        c.set("scale", *scale);
        return {};
    }
    const auto sizes = modern ? c.node.integersAt(3) : std::nullopt;
    const auto size = sizes ? lastTwo(*sizes) : std::nullopt;
    if (!size)
        return c.refuse("its size is computed by the network, or the picture has not four dimensions");
    c.set("size", *size);
    return {};
}

Result<void> nothing(const Context&)
{
    return {};
}

struct Entry {
    const char* type;
    const char* op;
    Result<void> (*translate)(const Context&);
};

constexpr Entry entries[] = {
    {"Conv", "Convolution", convolution},
    {"ConvTranspose", "Deconvolution", convolution},
    {"MaxPool", "Pooling", maxPool},
    {"AveragePool", "Pooling", averagePool},
    {"GlobalMaxPool", "Pooling", maxPool},
    {"GlobalAveragePool", "Pooling", averagePool},
    {"Gemm", "Gemm", gemm},
    {"MatMul", "MatMul", matMul},
    {"Add", "Add", binary},
    {"Sub", "Sub", binary},
    {"Mul", "Mul", binary},
    {"Div", "Div", binary},
    {"Sum", "Eltwise", eltwise},
    {"Max", "Eltwise", eltwise},
    {"Pow", "Power", power},
    {"Neg", "Power", negate},
    {"Relu", "ReLU", nothing},
    {"LeakyRelu", "ReLU", leakyRelu},
    {"PRelu", "PReLU", prelu},
    {"Clip", "Clip", clip},
    {"Elu", "ELU", elu},
    {"HardSwish", "Hswish", nothing},
    {"Sigmoid", "Sigmoid", nothing},
    {"Tanh", "TanH", nothing},
    {"Softplus", "BNLL", nothing},
    {"Exp", "Exp", nothing},
    {"Log", "Log", nothing},
    {"Abs", "AbsVal", nothing},
    {"Sqrt", "Sqrt", nothing},
    {"Erf", "Erf", nothing},
    {"Ceil", "Ceil", nothing},
    {"Sign", "Sign", nothing},
    {"Sin", "Sin", nothing},
    {"Cos", "Cos", nothing},
    {"Equal", "Equal", comparison},
    {"Greater", "Greater", comparison},
    {"ArgMax", "ArgMax", argMax},
    {"ArgMin", "ArgMin", argMax},
    {"TopK", "TopK", topK},
    {"Tile", "Tile", tile},
    {"LayerNormalization", "LayerNormalization", layerNorm},
    {"Softmax", "Softmax", softmax},
    {"LRN", "LRN", lrn},
    {"BatchNormalization", "BatchNorm", batchNorm},
    {"ReduceMean", "ReduceMean", reduce},
    {"ReduceSum", "ReduceSum", reduce},
    {"ReduceMax", "ReduceMax", reduce},
    {"ReduceMin", "ReduceMin", reduce},
    {"ReduceProd", "ReduceProd", reduce},
    {"Concat", "Concat", concat},
    {"Reshape", "Reshape", reshape},
    {"Flatten", "Flatten", flatten},
    {"Transpose", "Permute", transpose},
    {"Squeeze", "Squeeze", axes},
    {"Unsqueeze", "Unsqueeze", axes},
    {"Slice", "StridedSlice", slice},
    {"Split", "Slice", split},
    {"Pad", "Pad", pad},
    {"Resize", "Resize", resize},
    {"Upsample", "Resize", resize},
    {"Dropout", "Dropout", nothing},
    {"Identity", "Identity", nothing},
    {"Cast", "Identity", nothing},
};

template <class Stored, class Repeated>
bool fillFrom(const onnx::TensorProto& tensor, const Repeated& field, std::span<Stored> values)
{
    if (tensor.has_raw_data()) {
        if (tensor.raw_data().size() != values.size_bytes())
            return false;
        std::memcpy(values.data(), tensor.raw_data().data(), values.size_bytes());
        return true;
    }
    if (static_cast<size_t>(field.size()) != values.size())
        return false;
    std::transform(field.begin(), field.end(), values.begin(), [](auto value) { return static_cast<Stored>(value); });
    return true;
}

template <class Raw, class Target, class Repeated>
bool convert(const onnx::TensorProto& tensor, const Repeated& field, Buffer& buffer)
{
    std::vector<Raw> values(static_cast<size_t>(buffer.count()));
    if (!fillFrom(tensor, field, std::span<Raw>(values)))
        return false;
    std::transform(values.begin(), values.end(), buffer.as<Target>().begin(), [](Raw value) { return static_cast<Target>(value); });
    return true;
}

}  // namespace

const onnx::AttributeProto* Node::attribute(const char* name) const
{
    for (const auto& candidate : proto.attribute())
        if (candidate.name() == name)
            return &candidate;
    return nullptr;
}

int64_t Node::integer(const char* name, int64_t fallback) const
{
    const auto* found = attribute(name);
    return found ? found->i() : fallback;
}

double Node::real(const char* name, double fallback) const
{
    const auto* found = attribute(name);
    return found ? asReal(found->f()) : fallback;
}

std::string Node::text(const char* name, const char* fallback) const
{
    const auto* found = attribute(name);
    return found ? found->s() : fallback;
}

std::vector<int64_t> Node::integers(const char* name, std::vector<int64_t> fallback) const
{
    const auto* found = attribute(name);
    return found ? std::vector<int64_t>(found->ints().begin(), found->ints().end()) : std::move(fallback);
}

std::optional<std::vector<int64_t>> Node::integersAt(int input) const
{
    const Buffer* value = constant(input);
    if (!value || value->dtype() != DType::I64)
        return std::nullopt;
    return std::vector<int64_t>(value->as<int64_t>().begin(), value->as<int64_t>().end());
}

std::optional<std::vector<int64_t>> Node::integersEither(const char* name, int input) const
{
    return attribute(name) ? std::optional(integers(name)) : integersAt(input);
}

Result<Translation> translateNode(const Node& node)
{
    Translation translation;
    const std::string& domain = node.proto.domain();
    const auto* entry =
        std::find_if(std::begin(entries), std::end(entries), [&node](const Entry& known) { return node.proto.op_type() == known.type; });
    if (entry != std::end(entries) && (domain.empty() || domain == "ai.onnx")) {
        translation.op = entry->op;
        QS_CHECK(entry->translate({node, translation}));
        if (!translation.op.empty())
            return translation;
    }
    // Not known: drawn with all its inputs.
    translation.op.clear();
    translation.inputs.clear();
    translation.weights.clear();
    for (int i = 0; i < node.proto.input_size(); ++i) {
        const Buffer* constant = node.constant(i);
        if (constant)
            translation.weights.push_back(share(toFloat(*constant)));
        else if (node.has(i))
            translation.inputs.push_back(i);
    }
    return translation;
}

Result<Buffer> tensorBuffer(const onnx::TensorProto& tensor)
{
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
        return Error{ErrorCode::NotSupported, "its values are in a file of their own", {}};
    int64_t count = 1;
    const Shape shape(tensor.dims().begin(), tensor.dims().end());
    for (const int64_t dimension : shape) {
        if (dimension < 0 || (dimension > 0 && count > INT_MAX / dimension))
            return Error{ErrorCode::FileTooLarge, "its shape is " + shapeText(shape), {}};
        count *= dimension;
    }
    // Before anything of that size is allocated: every value takes a byte at least.
    const size_t listed = static_cast<size_t>(tensor.float_data_size()) + static_cast<size_t>(tensor.int32_data_size()) +
                          static_cast<size_t>(tensor.int64_data_size()) + static_cast<size_t>(tensor.double_data_size()) +
                          static_cast<size_t>(tensor.uint64_data_size()) + tensor.raw_data().size();
    if (static_cast<size_t>(count) > listed)
        return Error{ErrorCode::FileTruncated, "its shape is " + shapeText(shape) + ", but it has fewer values", {}};
    Buffer floats(DType::F32, shape);
    Buffer integers(DType::I64, shape);
    Buffer halves(DType::F16, shape);
    using T = onnx::TensorProto;
    bool fits = false;
    switch (tensor.data_type()) {
        case T::FLOAT:
            fits = fillFrom(tensor, tensor.float_data(), floats.floats());
            break;
        case T::DOUBLE:
            fits = convert<double, float>(tensor, tensor.double_data(), floats);
            break;
        case T::FLOAT16:
            fits = fillFrom(tensor, tensor.int32_data(), halves.as<uint16_t>());
            floats = toFloat(halves);
            break;
        case T::INT64:
            return fillFrom(tensor, tensor.int64_data(), integers.as<int64_t>())
                       ? Result<Buffer>(integers)
                       : Error{ErrorCode::FileTruncated, "it has not as many values as its shape says", {}};
        case T::INT32:
            fits = convert<int32_t, int64_t>(tensor, tensor.int32_data(), integers);
            break;
        case T::INT8:
            fits = convert<int8_t, int64_t>(tensor, tensor.int32_data(), integers);
            break;
        case T::UINT8:
        case T::BOOL:
            fits = convert<uint8_t, int64_t>(tensor, tensor.int32_data(), integers);
            break;
        default:
            return Error{ErrorCode::NotSupported, "values of type " + std::to_string(tensor.data_type()), {}};
    }
    if (!fits)
        return Error{ErrorCode::FileTruncated, "it has not as many values as its shape says", {}};
    const bool floating = tensor.data_type() == T::FLOAT || tensor.data_type() == T::DOUBLE || tensor.data_type() == T::FLOAT16;
    return floating ? floats : integers;
}

}  // namespace qs::onnxio
