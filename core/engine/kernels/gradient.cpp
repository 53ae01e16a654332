// Backwards through a float network, for what depends on errors to first order. The layers are said once more in terms that libtorch can
// differentiate; whoever asks gets the outputs, too, and compares them with those of the kernels.
#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/prelu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace qs::kernels {

namespace {

using Values = std::vector<at::Tensor>;

/// One layer to be said in ATen's words.
struct Step {
    const Work& work;
    const Values& in;
    const Values& weights;  // undefined where the layer has none

    const Attributes& attributes() const { return work.attributes(); }
    const std::string& op() const { return work.layer().op; }
    double real(const char* name, double fallback) const { return attributes().real(name, fallback); }
    at::Tensor weight(size_t i) const { return i < weights.size() ? weights[i] : at::Tensor(); }
    int64_t axis(int64_t fallback) const
    {
        const int64_t axis = attributes().integer("axis", fallback);
        return axis < 0 ? axis + in[0].dim() : axis;
    }
    /// A list of one value a channel, ready to be broadcast over an input of channels from `axis` on.
    at::Tensor along(const at::Tensor& operand, int64_t axis) const
    {
        Shape shape(static_cast<size_t>(axis), 1);
        for (const int64_t dimension : operand.sizes())
            shape.push_back(dimension);
        shape.resize(static_cast<size_t>(std::max<int64_t>(in[0].dim(), static_cast<int64_t>(shape.size()))), 1);
        return operand.reshape(shape);
    }
};

at::Tensor padded(const at::Tensor& value, const std::vector<int64_t>& pad, double with = 0)
{
    if (std::all_of(pad.begin(), pad.end(), [](int64_t side) { return side == 0; }))
        return value;
    // ATen takes the last side first.
    std::vector<int64_t> sides;
    for (size_t side = pad.size() / 2; side-- > 0;)
        sides.insert(sides.end(), {pad[side], pad[side + pad.size() / 2]});
    return at::constant_pad_nd(value, sides, with);
}

at::Tensor convolved(const Step& step)
{
    const at::Tensor in = padded(step.in[0], step.attributes().integers("pad"));
    const std::vector<int64_t> none(static_cast<size_t>(in.dim()) - 2, 0);
    const std::vector<int64_t> ones(none.size(), 1);
    return at::convolution(in, step.weight(0), step.weight(1), step.attributes().integers("stride", ones), none,
                           step.attributes().integers("dilation", ones), false, none, step.attributes().integer("group", 1));
}

at::Tensor deconvolved(const Step& step)
{
    const std::vector<int64_t> none(static_cast<size_t>(step.in[0].dim()) - 2, 0);
    const std::vector<int64_t> ones(none.size(), 1);
    const auto pad = step.attributes().integers("pad", std::vector<int64_t>(2 * none.size()));
    const Shape& output = step.work.output();
    at::Tensor full = at::convolution(step.in[0], step.weight(0), step.weight(1), step.attributes().integers("stride", ones), none,
                                      step.attributes().integers("dilation", ones), true, none, step.attributes().integer("group", 1));
    for (size_t side = 0; side < none.size(); ++side)
        full = full.narrow(static_cast<int64_t>(side) + 2, pad[side], output[side + 2]);
    return full;
}

/// Of pictures, to so many rows and columns.
at::Tensor pooled(const at::Tensor& in, const WindowSide& vertical, const WindowSide& horizontal, int64_t rows, int64_t columns, bool maximum)
{
    // As far as the last window reaches; what it does not reach is cut off.
    const auto after = [](const WindowSide& side, int64_t count) { return (count - 1) * side.stride + side.kernel - side.before - side.extent; };
    const std::vector<int64_t> pad{vertical.before, horizontal.before, after(vertical, rows), after(horizontal, columns)};
    const std::vector<int64_t> kernel{vertical.kernel, horizontal.kernel};
    const std::vector<int64_t> stride{vertical.stride, horizontal.stride};
    if (maximum)
        return at::max_pool2d(padded(in, pad, -std::numeric_limits<float>::infinity()), kernel, stride);
    at::Tensor divisors = at::zeros({rows, columns});
    for (int64_t y = 0; y < rows; ++y)
        for (int64_t x = 0; x < columns; ++x)
            divisors.data_ptr<float>()[y * columns + x] = static_cast<float>(vertical.window(y).divisor * horizontal.window(x).divisor);
    return at::avg_pool2d(padded(in, pad), kernel, stride).mul(static_cast<double>(kernel[0] * kernel[1])).div(divisors);
}

at::Tensor pooled(const Step& step)
{
    const std::vector<WindowSide> sides = poolingWindow(step.work);
    const Shape& out = step.work.output();
    const bool maximum = step.attributes().text("method", "max") == "max";
    const at::Tensor& in = step.in[0];
    const auto none = [](int64_t extent) { return WindowSide{extent, 1, 1, 0, 0, false}; };
    if (in.dim() == 4)
        return pooled(in, sides[0], sides[1], out[2], out[3], maximum);
    if (in.dim() == 3)
        return pooled(in.unsqueeze(2), none(1), sides[0], 1, out[2], maximum).reshape(out);
    // Of a volume: its slices, then its depth.
    const at::Tensor slices = pooled(in.reshape({in.size(0), -1, in.size(3), in.size(4)}), sides[1], sides[2], out[3], out[4], maximum);
    const int64_t pixels = out[3] * out[4];
    return pooled(slices.reshape({in.size(0), in.size(1), in.size(2), pixels}), sides[0], none(pixels), out[2], pixels, maximum).reshape(out);
}

at::Tensor innerProduct(const Step& step)
{
    const at::Tensor& weight = step.weight(0);
    const at::Tensor flat = at::matmul(step.in[0].reshape({-1, weight.size(1)}), weight.t());
    return (step.weight(1).defined() ? flat.add(step.weight(1)) : flat).reshape(step.work.output());
}

at::Tensor powered(const Step& step)
{
    const at::Tensor base = step.in[0].mul(step.real("scale", 1)).add(step.real("shift", 0));
    return step.real("power", 1) == 1 ? base : base.pow(step.real("power", 1));
}

/// What Exp and Log have in common: the input, and the logarithm of their base.
std::pair<at::Tensor, double> inBase(const Step& step)
{
    const double base = step.real("base", -1);
    return {step.in[0].mul(step.real("scale", 1)).add(step.real("shift", 0)), base == -1 ? 1 : std::log(base)};
}

at::Tensor exponential(const Step& step)
{
    const auto [inner, logBase] = inBase(step);
    return inner.mul(logBase).exp();
}

at::Tensor logarithm(const Step& step)
{
    const auto [inner, logBase] = inBase(step);
    return inner.log().div(logBase);
}

at::Tensor softmaxed(const Step& step)
{
    const int64_t axis = step.axis(1);
    if (!step.attributes().flag("flatten", false))
        return at::softmax(step.in[0], axis);
    return at::softmax(step.in[0].flatten(axis), axis).reshape(step.in[0].sizes());
}

at::Tensor batchNormalized(const Step& step)
{
    const at::Tensor deviation = step.weight(1).add(step.attributes().real("epsilon", 1e-5)).sqrt();
    at::Tensor out = step.in[0].sub(step.along(step.weight(0), 1)).div(step.along(deviation, 1));
    if (step.weight(2).defined())
        out = out.mul(step.along(step.weight(2), 1));
    return step.weight(3).defined() ? out.add(step.along(step.weight(3), 1)) : out;
}

at::Tensor scaled(const Step& step)
{
    const bool twoInputs = step.in.size() == 2;
    const bool isScale = step.op() == "Scale";
    const int64_t axis = step.axis(1);
    const at::Tensor operand = twoInputs ? step.in[1] : step.weight(0);
    const at::Tensor factor = isScale ? operand : at::Tensor();
    const at::Tensor shift = isScale ? step.weight(twoInputs ? 0 : 1) : operand;
    at::Tensor out = factor.defined() ? step.in[0].mul(step.along(factor, axis)) : step.in[0];
    return shift.defined() ? out.add(step.along(shift, axis)) : out;
}

at::Tensor responseNormalized(const Step& step)
{
    const at::Tensor& x = step.in[0];
    const int64_t size = step.attributes().integer("size", 5);
    const double alpha = step.attributes().real("alpha", 1);
    const double beta = step.attributes().real("beta", 0.75);
    const int64_t half = size / 2;
    const at::Tensor squares = at::constant_pad_nd(x.mul(x), {0, 0, 0, 0, half, half}, 0);
    at::Tensor sum = squares.narrow(1, 0, x.size(1));
    for (int64_t i = 1; i < size; ++i)
        sum = sum.add(squares.narrow(1, i, x.size(1)));
    return x.mul(sum.mul(alpha / static_cast<double>(size)).add(step.attributes().real("k", 1)).pow(-beta));
}

at::Tensor normalized(const Step& step)
{
    const at::Tensor& x = step.in[0];
    const std::vector<int64_t> axes = step.attributes().flag("acrossSpatial", true) ? std::vector<int64_t>{1, 2, 3} : std::vector<int64_t>{1};
    const at::Tensor norm = x.mul(x).sum(axes, true).add(step.attributes().real("epsilon", 1e-10)).sqrt();
    return x.div(norm).mul(step.along(step.weight(0).reshape({-1}), 1));
}

at::Tensor combined(const Step& step)
{
    const std::string operation = step.attributes().text("operation", "sum");
    const std::vector<double> coefficients = step.attributes().reals("coefficients");
    const auto term = [&](size_t i) { return coefficients.empty() || operation != "sum" ? step.in[i] : step.in[i].mul(coefficients[i]); };
    at::Tensor out = term(0);
    for (size_t i = 1; i < step.in.size(); ++i)
        out = operation == "prod" ? out.mul(term(i)) : operation == "max" ? at::maximum(out, term(i)) : out.add(term(i));
    return out;
}

at::Tensor reduced(const Step& step)
{
    std::vector<int64_t> axes = step.attributes().integers("axes");
    for (int64_t i = 0; i < step.in[0].dim() && step.attributes().integers("axes").empty(); ++i)
        axes.push_back(i);
    const at::Tensor out = step.op() == "ReduceMean" ? step.in[0].mean(axes, true) : step.in[0].sum(axes, true);
    return out.reshape(step.work.output());
}

at::Tensor multiplied(const Step& step)
{
    const auto flag = [&](const char* name) { return step.attributes().flag(name, false); };
    const bool gemm = step.op() == "Gemm";
    const auto oriented = [](const at::Tensor& value, bool turned) { return turned && value.dim() > 1 ? value.transpose(-1, -2) : value; };
    const at::Tensor product = at::matmul(oriented(step.in[0], flag("transA")), oriented(step.in[1], flag("transB")));
    if (!gemm)
        return product.reshape(step.work.output());
    const at::Tensor scaledProduct = product.mul(step.attributes().real("alpha", 1));
    return step.in.size() > 2 ? scaledProduct.add(step.in[2].mul(step.attributes().real("beta", 1))) : scaledProduct;
}

at::Tensor cropped(const Step& step)
{
    std::vector<int64_t> offsets = step.attributes().integers("offset", {0});
    if (offsets.empty())
        offsets.push_back(0);
    const auto axis = static_cast<size_t>(step.axis(2));
    const Shape& output = step.work.output();
    at::Tensor out = step.in[0];
    for (size_t i = axis; i < output.size(); ++i)
        out = out.narrow(static_cast<int64_t>(i), offsets[offsets.size() == 1 ? 0 : i - axis], output[i]);
    return out;
}

/// A row of weights for each output position.
at::Tensor matrixOf(const std::vector<ResampledFrom>& from, int64_t extent)
{
    at::Tensor matrix = at::zeros({static_cast<int64_t>(from.size()), extent});
    for (size_t i = 0; i < from.size(); ++i) {
        float* row = matrix.data_ptr<float>() + static_cast<int64_t>(i) * extent;
        row[from[i].first] += 1 - from[i].share;
        row[from[i].second] += from[i].share;
    }
    return matrix;
}

Result<Values> resampled(const Step& step)
{
    QS_TRY(const Resampling from, resampling(step.work));
    const Shape& input = step.work.input();
    const at::Tensor out = at::matmul(at::matmul(matrixOf(from.rows, input[2]), step.in[0]), matrixOf(from.columns, input[3]).t());
    return Values{out.mul(step.real("factor", 1))};
}

Values cut(const Step& step)
{
    Values parts;
    const int64_t axis = step.axis(1);
    int64_t begin = 0;
    for (const Shape& shape : step.work.outputShapes) {
        parts.push_back(step.in[0].narrow(axis, begin, shape[static_cast<size_t>(axis)]));
        begin += shape[static_cast<size_t>(axis)];
    }
    return parts;
}

at::Tensor shuffled(const Step& step)
{
    const Shape& shape = step.work.input();
    const int64_t group = step.attributes().integer("group", 1);
    return step.in[0].reshape({shape[0], group, shape[1] / group, -1}).transpose(1, 2).reshape(shape);
}

Error noGradient(const Step& step)
{
    return {ErrorCode::NotSupported, "the type " + step.work.layer().type + " has no gradient in this version", {}};
}

Result<Values> copied(const Step& step)
{
    Values copies;
    for (const Shape& shape : step.work.outputShapes)
        copies.push_back(step.in[0].reshape(shape));
    return copies;
}

template <at::Tensor (*say)(const Step&)>
Result<Values> one(const Step& step)
{
    return Values{say(step)};
}

struct Row {
    const char* op;
    Result<Values> (*say)(const Step& step);
};

/// To add an op: a function above and a row here; what it gives is compared with the kernel wherever gradients are asked for.
constexpr Row table[] = {
    {"Convolution", one<convolved>},
    {"DepthwiseConv", one<convolved>},
    {"Deconvolution", one<deconvolved>},
    {"InnerProduct", one<innerProduct>},
    {"MatMul", one<multiplied>},
    {"Gemm", one<multiplied>},
    {"Pooling",
     [](const Step& step) {
         return step.work.outputShapes.size() == 1 && !hasGaps(step.attributes()) ? one<pooled>(step) : Result<Values>(noGradient(step));
     }},

    {"ReLU", [](const Step& step) -> Result<Values> { return Values{at::leaky_relu(step.in[0], step.real("slope", 0))}; }},
    {"RReLU",
     [](const Step& step) -> Result<Values> {
         return Values{at::leaky_relu(step.in[0], (step.real("lower", 0.125) + step.real("upper", 1.0 / 3)) / 2)};
     }},
    {"ReLU6",
     [](const Step& step) -> Result<Values> {
         return Values{at::leaky_relu(step.in[0], step.real("slope", 0)).clamp_max(step.real("threshold", 6))};
     }},
    {"Clip", [](const Step& step) -> Result<Values> { return Values{step.in[0].clamp(step.real("min", 0), step.real("max", 6))}; }},
    {"PReLU", [](const Step& step) -> Result<Values> { return Values{at::prelu(step.in[0], step.weight(0).reshape({-1}))}; }},
    {"Sigmoid", [](const Step& step) -> Result<Values> { return Values{step.in[0].sigmoid()}; }},
    {"TanH", [](const Step& step) -> Result<Values> { return Values{step.in[0].tanh()}; }},
    {"ELU",
     [](const Step& step) -> Result<Values> {
         const at::Tensor& x = step.in[0];
         return Values{at::where(x.gt(0), x, x.clamp_max(0).exp().sub(1).mul(step.real("alpha", 1)))};
     }},
    {"Swish", [](const Step& step) -> Result<Values> { return Values{step.in[0].mul(step.in[0].mul(step.real("beta", 1)).sigmoid())}; }},
    {"Gelu", [](const Step& step) -> Result<Values> { return Values{at::gelu(step.in[0], step.attributes().text("approximate", "none"))}; }},
    {"Mish", [](const Step& step) -> Result<Values> { return Values{step.in[0].mul(at::softplus(step.in[0]).tanh())}; }},
    {"Hswish", [](const Step& step) -> Result<Values> { return Values{step.in[0].mul(step.in[0].add(3).clamp(0, 6)).div(6)}; }},
    {"BNLL", [](const Step& step) -> Result<Values> { return Values{at::softplus(step.in[0])}; }},
    {"AbsVal", [](const Step& step) -> Result<Values> { return Values{step.in[0].abs()}; }},
    {"Sqrt", [](const Step& step) -> Result<Values> { return Values{step.in[0].sqrt()}; }},
    {"Sin", [](const Step& step) -> Result<Values> { return Values{step.in[0].sin()}; }},
    {"Cos", [](const Step& step) -> Result<Values> { return Values{step.in[0].cos()}; }},
    {"Erf", [](const Step& step) -> Result<Values> { return Values{step.in[0].erf()}; }},
    {"Power", one<powered>},
    {"Exp", one<exponential>},
    {"Log", one<logarithm>},
    {"Softmax", one<softmaxed>},

    {"BatchNorm",
     [](const Step& step) {
         return step.attributes().flag("batchStatistics", false) ? Result<Values>(noGradient(step)) : one<batchNormalized>(step);
     }},
    {"Scale", one<scaled>},
    {"Bias", one<scaled>},
    {"LRN",
     [](const Step& step) {
         const bool across = step.attributes().text("region", "across") == "across" && step.attributes().integer("size", 5) % 2 == 1;
         return across ? one<responseNormalized>(step) : Result<Values>(noGradient(step));
     }},
    {"Normalize", one<normalized>},
    {"GroupNorm",
     [](const Step& step) -> Result<Values> {
         return Values{
             at::group_norm(step.in[0], step.attributes().integer("groups", 32), step.weight(0), step.weight(1), step.real("epsilon", 1e-5))};
     }},

    {"Eltwise", one<combined>},
    {"Add", [](const Step& step) -> Result<Values> { return Values{step.in[0].add(step.in[1])}; }},
    {"Sub", [](const Step& step) -> Result<Values> { return Values{step.in[0].sub(step.in[1])}; }},
    {"Mul", [](const Step& step) -> Result<Values> { return Values{step.in[0].mul(step.in[1])}; }},
    {"Div", [](const Step& step) -> Result<Values> { return Values{step.in[0].div(step.in[1])}; }},
    {"Pow", [](const Step& step) -> Result<Values> { return Values{step.in[0].pow(step.in[1])}; }},
    {"ReduceMean", one<reduced>},
    {"ReduceSum", one<reduced>},

    {"Concat", [](const Step& step) -> Result<Values> { return Values{at::cat(step.in, step.axis(1))}; }},
    {"Slice", [](const Step& step) -> Result<Values> { return cut(step); }},
    {"Split", copied},
    {"Dropout", copied},
    {"Identity", copied},
    {"Flatten", copied},
    {"Reshape", copied},
    {"Squeeze", copied},
    {"Unsqueeze", copied},
    {"Permute", [](const Step& step) -> Result<Values> { return Values{step.in[0].permute(step.attributes().integers("order"))}; }},
    {"Crop", one<cropped>},
    {"Upsample", [](const Step& step) { return step.in.size() == 1 ? resampled(step) : Result<Values>(noGradient(step)); }},
    {"Resize", resampled},
    {"Interp", resampled},
    {"ShuffleChannel", one<shuffled>},
};

Result<Values> differentiable(const Step& step)
{
    for (const Row& row : table)
        if (step.op() == row.op)
            return row.say(step);
    return noGradient(step);
}

Tensor copyOf(const at::Tensor& value, TensorPool& pool)
{
    if (!value.defined())
        return {};
    const at::Tensor plain = value.detach().contiguous();
    Tensor copy = pool.allocate(Shape(plain.sizes().begin(), plain.sizes().end()));
    std::memcpy(copy.data(), plain.data_ptr<float>(), copy.sizeBytes());
    return copy;
}

class Backward {
public:
    Backward(const GradientRequest& request, TensorPool& pool)
        : m_request(request), m_model(*request.model), m_pool(pool), m_values(m_model.values().size())
    {
    }

    Result<Gradients> run()
    {
        const at::AutoGradMode mode(true);
        // Everything hangs on the inputs: they want gradients even where nobody asks for theirs.
        for (size_t i = 0; i < m_model.inputs().size(); ++i) {
            const Tensor plain = convertLayout(m_request.inputs[i], Layout::Plain, m_pool);
            m_values[m_model.inputs()[i]] = viewOf(plain).clone().requires_grad_(true);
        }
        for (const LayerId id : m_model.layerIds())
            if (const Layer& layer = m_model.layer(id); layer.notRunnable.empty() && layer.op != "Input")
                QS_CHECK(step(id));
        Gradients gradients;
        at::Tensor total;
        for (size_t i = 0; i < m_model.outputs().size(); ++i) {
            const at::Tensor& value = m_values[m_model.outputs()[i]];
            gradients.outputs.push_back(copyOf(value, m_pool));
            if (!value.defined() || m_request.seeds[i].empty())
                continue;
            const Tensor seed = convertLayout(m_request.seeds[i], Layout::Plain, m_pool);
            const at::Tensor part = value.mul(viewOf(seed).clone()).sum();
            total = total.defined() ? total.add(part) : part;
        }
        if (total.defined())
            total.backward();
        for (const auto& port : m_request.inputPorts)
            gradients.inputPorts.push_back(copyOf(gradientOf(m_ports, port), m_pool));
        for (const auto& weight : m_request.weights)
            gradients.weights.push_back(copyOf(gradientOf(m_weights, weight), m_pool));
        return gradients;
    }

private:
    using Place = std::pair<LayerId, size_t>;

    static at::Tensor gradientOf(const std::map<Place, at::Tensor>& tensors, const Place& place)
    {
        const auto found = tensors.find(place);
        return found == tensors.end() ? at::Tensor() : found->second.grad();
    }

    static bool wanted(const std::vector<Place>& places, const Place& place)
    {
        return std::find(places.begin(), places.end(), place) != places.end();
    }

    at::Tensor input(LayerId id, size_t port)
    {
        const ValueId value = m_model.layer(id).inputs[port];
        at::Tensor& known = m_values[value];
        // Constants of other types are shapes and axes, which are attributes by now.
        if (const auto& constant = m_model.value(value).constant; constant && constant->dtype() == DType::F32 && !known.defined())
            known = viewOf(*constant);
        if (!known.defined() || !wanted(m_request.inputPorts, {id, port}))
            return known;
        // Of its own, so that its gradient is not that of all who read the value.
        at::Tensor own = known.view_as(known);
        if (own.requires_grad())
            own.retain_grad();
        m_ports[{id, port}] = own;
        return own;
    }

    Result<void> step(LayerId id)
    {
        const Layer& layer = m_model.layer(id);
        Values in;
        for (size_t port = 0; port < layer.inputs.size(); ++port)
            in.push_back(input(id, port));
        Values weights;
        for (size_t i = 0; i < layer.weights.size(); ++i) {
            weights.emplace_back();
            if (!layer.weights[i])
                continue;
            weights.back() = viewOf(*layer.weights[i]);
            if (wanted(m_request.weights, {id, i}))
                m_weights[{id, i}] = weights.back().requires_grad_(true);
        }
        std::vector<Shape> shapes;
        for (size_t port = 0; port < in.size(); ++port)
            shapes.push_back(in[port].defined() ? Shape(in[port].sizes().begin(), in[port].sizes().end()) : m_model.value(layer.inputs[port]).shape);
        QS_TRY(std::vector<Shape> outputShapes, findOp(layer.op)->shapes(layer, shapes));
        const KernelRequest request{
            .layer = &layer, .weights = layer.weights, .inputShapes = std::move(shapes), .inputLayouts = {}, .activation = {}};
        const Work work{request, std::move(outputShapes)};
        const auto out = [&]() -> Result<Values> {
            try {
                return differentiable({work, in, weights});
            } catch (const c10::Error& error) {
                return Error{ErrorCode::Internal, error.what_without_backtrace(), {}};
            }
        }();
        if (!out)
            return Error{out.error().code, out.error().detail, "layer '" + layer.name + "' (" + layer.type + ")"};
        for (size_t i = 0; i < layer.outputs.size() && i < out->size(); ++i)
            m_values[layer.outputs[i]] = (*out)[i];
        return {};
    }

    const GradientRequest& m_request;
    const Model& m_model;
    TensorPool& m_pool;
    Values m_values;
    std::map<Place, at::Tensor> m_ports;
    std::map<Place, at::Tensor> m_weights;
};

}  // namespace

Result<Gradients> backward(const GradientRequest& request, TensorPool& pool)
{
    return Backward(request, pool).run();
}

}  // namespace qs::kernels
