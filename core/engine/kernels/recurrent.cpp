// LSTM, RNN and GRU: the inputs' products for all steps at once, the hidden ones step by step, both through ATen. In a deploy model the inputs'
// products are summed up in integers.
#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/torch_tensor.h"
#include "core/quant/code_grid.h"
#include "core/quant/fake_quant.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace qs::kernels {

namespace {

float sigmoid(float x)
{
    return 0.5F * std::tanh(0.5F * x) + 0.5F;  // Caffe's form: no overflow at either end
}

struct Recurrence {
    int64_t steps, batch, outputs, gates;
    bool exposed;
    std::shared_ptr<const Buffer> input, bias, constant, hidden, output, outputBias;  ///< constant: of the static input, or null
    bool linearBeforeReset;
    std::optional<QuantParams> state;  ///< h is quantized so before it is multiplied; what is kept of it stays in float
};

/// What the hidden weights are multiplied with.
at::Tensor multiplied(const Recurrence& r, const at::Tensor& h)
{
    if (!r.state)
        return h;
    at::Tensor quantized = at::empty_like(h);
    const auto count = static_cast<size_t>(h.numel());
    fakeQuantize({h.data_ptr<float>(), count}, {quantized.data_ptr<float>(), count}, *r.state);
    return quantized;
}

/// The static input's part of every step, (1, N, G * H).
at::Tensor staticRows(const Recurrence& r, Inputs inputs)
{
    return at::mm(viewOf(inputs[2]).view({r.batch, -1}), viewOf(*r.constant).t()).unsqueeze(0);
}

/// Rows of the gates for every step: input * x + bias [+ static * s], (T, N, G * H).
at::Tensor inputRows(const Recurrence& r, Inputs inputs)
{
    const int64_t rows = r.steps * r.batch;
    const at::Tensor x = viewOf(inputs[0]).view({rows, -1});
    at::Tensor all = at::addmm(viewOf(*r.bias), x, viewOf(*r.input).t()).view({r.steps, r.batch, -1});
    if (r.constant)
        all.add_(staticRows(r, inputs));
    return all;
}

/// One step of one sample: `gates` holds the sums of the gates, `h` and `c` the states, of which h was multiplied by cont already.
void lstmCell(float* gates, float cont, float* h, float* c, int64_t count)
{
    for (int64_t i = 0; i < count; ++i) {
        const float in = sigmoid(gates[i]);
        const float forget = cont == 0 ? 0 : cont * sigmoid(gates[count + i]);
        const float out = sigmoid(gates[2 * count + i]);
        c[i] = forget * c[i] + in * std::tanh(gates[3 * count + i]);
        h[i] = out * std::tanh(c[i]);
    }
}

void gruCell(const float* gates, const float* candidate, float* h, int64_t count)
{
    for (int64_t i = 0; i < count; ++i) {
        const float keep = sigmoid(gates[i]);
        h[i] = keep * h[i] + (1 - keep) * std::tanh(candidate[i]);
    }
}

/// GRU's new values, before their tanh, into `candidate` (N, H). `rows` (N, 3 H) of the inputs, `sums` with the hidden products added to them.
void gruCandidate(const Recurrence& r, const at::Tensor& rows, const at::Tensor& products, const at::Tensor& h, at::Tensor& candidate)
{
    const int64_t count = r.outputs;
    const at::Tensor reset = rows.narrow(1, count, count).add(products.narrow(1, count, count)).sigmoid_();
    const at::Tensor hidden = r.linearBeforeReset ? products.narrow(1, 2 * count, count).mul(reset)
                                                  : at::mm(reset.mul(h), viewOf(*r.hidden).narrow(0, 2 * count, count).t());
    candidate.copy_(rows.narrow(1, 2 * count, count).add(hidden));
}

Result<void> runRecurrence(const Recurrence& r, const std::string& op, const at::Tensor& rows, Inputs inputs, Outputs outputs)
{
    const size_t firstState = r.constant ? 3 : 2;
    const auto state = [&](size_t index) {
        at::Tensor values = at::zeros({r.batch, r.outputs}, at::kFloat);
        if (r.exposed)
            values.copy_(viewOf(inputs[firstState + index]).view({r.batch, r.outputs}));
        return values;
    };
    at::Tensor h = state(0);
    at::Tensor c = op == "LSTM" ? state(1) : at::Tensor();
    at::Tensor all = viewOf(outputs[0]);
    const at::Tensor marks = viewOf(inputs[1]);
    const at::Tensor hiddenWeight = viewOf(*r.hidden).t();
    for (int64_t t = 0; t < r.steps; ++t) {
        h.mul_(marks[t].unsqueeze(1));
        const at::Tensor read = multiplied(r, h);
        const at::Tensor products = at::mm(read, hiddenWeight);
        const at::Tensor sums = rows[t].add(products).contiguous();
        const int64_t width = r.gates * r.outputs;
        if (op == "GRU") {
            at::Tensor candidate = at::empty({r.batch, r.outputs}, at::kFloat);
            gruCandidate(r, rows[t], products, read, candidate);
            for (int64_t n = 0; n < r.batch; ++n)
                gruCell(sums.data_ptr<float>() + n * width, candidate.data_ptr<float>() + n * r.outputs, h.data_ptr<float>() + n * r.outputs,
                        r.outputs);
            all[t].copy_(h);
        } else if (op == "LSTM") {
            for (int64_t n = 0; n < r.batch; ++n)
                lstmCell(sums.data_ptr<float>() + n * width, inputs[1].data()[t * r.batch + n], h.data_ptr<float>() + n * r.outputs,
                         c.data_ptr<float>() + n * r.outputs, r.outputs);
            all[t].copy_(h);
        } else {
            h.copy_(sums.tanh());
            all[t].copy_(at::addmm(viewOf(*r.outputBias), h, viewOf(*r.output).t()).tanh_());
        }
    }
    if (outputs.size() > 1)
        viewOf(outputs[1]).copy_(h.unsqueeze(0));
    if (outputs.size() > 2)
        viewOf(outputs[2]).copy_(c.unsqueeze(0));
    return {};
}

/// An integer matrix times an input's codes: an inner product of a deploy model, its sums as floats.
class IntegerProduct {
public:
    static Result<IntegerProduct> make(const std::shared_ptr<const Buffer>& matrix, int64_t samples, int64_t offset, int64_t bits, float scale)
    {
        Layer layer;
        layer.op = "InnerProduct";
        layer.attributes.set("inputOffset", offset);
        layer.attributes.set("inputBits", bits);
        const KernelRequest request{
            .layer = &layer, .weights = {matrix}, .inputShapes = {{samples, matrix->shape()[1]}}, .inputLayouts = {Layout::Plain}, .activation = {}};
        IntegerProduct product;
        QS_TRY(product.m_kernel, integerLayer({request, {{samples, matrix->shape()[0]}}}));
        product.m_input = request.inputShapes.front();
        product.m_scale = scale;
        return product;
    }

    int64_t overflows() const { return m_kernel->overflows(); }
    Result<at::Tensor> run(const Tensor& codes)
    {
        const Shape& shape = m_kernel->outputShapes().front();
        Tensor sums = m_pool.allocate(shape).withElement(Element::Int32);
        const Tensor input = codes.reshaped(m_input);
        QS_CHECK(m_kernel->run({&input, 1}, {&sums, 1}));
        at::Tensor rows = at::empty(shape, at::kFloat);
        const auto integers = sums.integers();
        std::transform(integers.begin(), integers.end(), rows.data_ptr<float>(), [this](int32_t sum) { return static_cast<float>(sum) * m_scale; });
        return rows;
    }

private:
    std::unique_ptr<Kernel> m_kernel;
    Shape m_input;
    float m_scale = 1;
    TensorPool m_pool;
};

std::shared_ptr<const Buffer> asFloats(const Buffer& codes, float scale)
{
    auto floats = std::make_shared<Buffer>(DType::F32, codes.shape());
    const auto integers = codes.as<int8_t>();
    std::transform(integers.begin(), integers.end(), floats->floats().begin(), [scale](int8_t code) { return static_cast<float>(code) * scale; });
    return floats;
}

/// The products of a deploy model's layer with its inputs; its state and what comes of it stay in float.
class IntegerRecurrence final : public Kernel {
public:
    static KernelResult make(const Work& work, Recurrence recurrence)
    {
        const Attributes& attributes = work.attributes();
        const std::vector<double> scales = attributes.reals("weightScales");
        std::vector<std::shared_ptr<const Buffer>*> matrices{&recurrence.input};
        for (std::shared_ptr<const Buffer>* matrix : {&recurrence.constant, &recurrence.hidden, &recurrence.output})
            if (*matrix)
                matrices.push_back(matrix);
        if (scales.size() != matrices.size())
            return Error{ErrorCode::WeightsMismatch,
                         "it has " + std::to_string(scales.size()) + " scales for " + std::to_string(matrices.size()) + " integer matrices",
                         {}};
        auto kernel = std::make_unique<IntegerRecurrence>();
        QS_TRY(kernel->m_input, IntegerProduct::make(recurrence.input, recurrence.steps * recurrence.batch, attributes.integer("inputOffset", 0),
                                                     attributes.integer("inputBits", 8), static_cast<float>(scales[0])));
        if (recurrence.constant && attributes.has("staticBits")) {
            QS_TRY(kernel->m_static, IntegerProduct::make(recurrence.constant, recurrence.batch, attributes.integer("staticOffset", 0),
                                                          attributes.integer("staticBits", 8), static_cast<float>(scales[1])));
        }
        for (size_t i = 1; i < matrices.size(); ++i)
            *matrices[i] = asFloats(**matrices[i], static_cast<float>(scales[i]));
        kernel->m_recurrence = std::move(recurrence);
        kernel->m_op = work.layer().op;
        kernel->m_layouts = work.plainInputs();
        kernel->m_outputLayouts = work.plainOutputs();
        kernel->m_shapes = work.outputShapes;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }

    std::span<const Layout> inputLayouts() const override { return m_layouts; }
    std::span<const Layout> outputLayouts() const override { return m_outputLayouts; }
    std::span<const Shape> outputShapes() const override { return m_shapes; }
    int64_t overflows() const override { return m_input->overflows() + (m_static ? m_static->overflows() : 0); }

    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        const c10::InferenceMode guard;
        const Recurrence& r = m_recurrence;
        QS_TRY(at::Tensor rows, m_input->run(inputs[0]));
        rows = rows.add_(viewOf(*r.bias)).view({r.steps, r.batch, -1});
        if (m_static) {
            QS_TRY(const at::Tensor constant, m_static->run(inputs[2]));
            rows.add_(constant.unsqueeze(0));
        } else if (r.constant) {
            rows.add_(staticRows(r, inputs));
        }
        return runRecurrence(r, m_op, rows, inputs, outputs);
    }

private:
    Recurrence m_recurrence;
    std::string m_op;
    std::optional<IntegerProduct> m_input;
    std::optional<IntegerProduct> m_static;
    std::vector<Layout> m_layouts;
    std::vector<Layout> m_outputLayouts;
    std::vector<Shape> m_shapes;
};

}  // namespace

KernelResult recurrent(const Work& work)
{
    const std::string& op = work.layer().op;
    const bool fixed = work.attributes().flag("staticInput", false);
    size_t next = 0;
    Recurrence r{.steps = work.input()[0],
                 .batch = work.input()[1],
                 .outputs = work.attributes().integer("outputs", 0),
                 .gates = op == "LSTM"  ? 4
                          : op == "GRU" ? 3
                                        : 1,
                 .exposed = work.attributes().flag("exposeHidden", false),
                 .input = work.weight(next++),
                 .bias = work.weight(next++),
                 .constant = fixed ? work.weight(next++) : nullptr,
                 .hidden = work.weight(next++),
                 .output = op == "RNN" ? work.weight(next++) : nullptr,
                 .outputBias = op == "RNN" ? work.weight(next++) : nullptr,
                 .linearBeforeReset = work.attributes().flag("linearBeforeReset", false),
                 .state = work.request.state};
    // A deploy model says it itself.
    if (work.attributes().has(std::string(stateGrid) + "scale"))
        r.state = codeGrid(work.attributes(), stateGrid).params;
    for (size_t i = 0; i < next; ++i)
        if (!work.weight(i))
            return Error{ErrorCode::WeightsMismatch, "it needs " + std::to_string(next) + " weights, it has " + std::to_string(i), {}};
    if (r.input->dtype() == DType::I8)
        return IntegerRecurrence::make(work, std::move(r));
    return plainKernel(work, [r = std::move(r), op](Inputs inputs, Outputs outputs) {
        const c10::InferenceMode guard;
        return runRecurrence(r, op, inputRows(r, inputs), inputs, outputs);
    });
}

KernelResult embed(const Work& work)
{
    const std::shared_ptr<const Buffer> weight = work.weight(0);
    const std::shared_ptr<const Buffer> bias = work.weight(1);
    const int64_t vocabulary = weight->shape()[0];
    const int64_t width = weight->shape()[1];
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        for (int64_t i = 0; i < inputs[0].count(); ++i) {
            const float word = inputs[0].data()[i];
            if (!(word >= 0 && word < static_cast<float>(vocabulary)))
                return Error{
                    ErrorCode::OutOfRange,
                    "value " + std::to_string(i) + " of its input is " + std::to_string(word) + ", it knows 0 to " + std::to_string(vocabulary - 1),
                    {}};
            const float* row = weight->floats().data() + static_cast<int64_t>(word) * width;
            for (int64_t k = 0; k < width; ++k)
                outputs[0].data()[i * width + k] = row[k] + (bias ? bias->floats()[static_cast<size_t>(k)] : 0.0F);
        }
        return {};
    });
}

}  // namespace qs::kernels
