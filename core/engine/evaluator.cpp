#include "core/engine/evaluator.h"

#include "core/data/npy.h"
#include "core/quant/fake_quant.h"

#include <algorithm>

namespace qs {

bool LayerQuantization::active() const
{
    return !weights.empty() || std::any_of(inputs.begin(), inputs.end(), [](const auto& input) { return input.has_value(); });
}

struct LayerRunner::Prepared {
    std::vector<Shape> shapes;
    std::vector<Layout> layouts;
    std::vector<std::shared_ptr<const Buffer>> weights;
    std::optional<float> slope;
    std::unique_ptr<Kernel> kernel;
};

namespace {

Error atLayer(Error error, const Layer& layer)
{
    if (error.where.empty())
        error.where = "layer '" + layer.name + "' (" + layer.type + ")";
    return error;
}

}  // namespace

LayerRunner::LayerRunner(std::shared_ptr<Engine> engine, std::shared_ptr<const Model> model)
    : m_engine(std::move(engine)), m_model(std::move(model)), m_prepared(m_model->layers().size()), m_overflows(m_model->layers().size())
{
}

LayerRunner::~LayerRunner() = default;

Tensor LayerRunner::fakeQuantized(const Tensor& tensor, const QuantParams& params)
{
    Tensor quantized = m_pool.allocate(tensor.shape(), tensor.layout());
    fakeQuantize(tensor.values(), quantized.values(), params);
    return quantized;
}

Result<Tensor> LayerRunner::constant(ValueId id)
{
    if (const auto found = m_constants.find(id); found != m_constants.end())
        return found->second;
    const Tensor tensor = tensorFrom(toFloat(*m_model->value(id).constant), m_pool);
    m_constants.emplace(id, tensor);
    return tensor;
}

Result<std::shared_ptr<LayerRunner::Prepared>> LayerRunner::prepare(LayerId id, std::span<const Tensor> inputs, const LayerQuantization* quantization,
                                                                    std::optional<float> slope)
{
    // A layer is run in few variants (float, quantized, another batch): the newest are kept.
    constexpr size_t variants = 4;
    const Layer& layer = m_model->layer(id);
    auto wanted = std::make_shared<Prepared>();
    wanted->slope = slope;
    wanted->weights = quantization && !quantization->weights.empty() ? quantization->weights : layer.weights;
    for (const Tensor& input : inputs) {
        wanted->shapes.push_back(input.shape());
        wanted->layouts.push_back(input.layout());
    }
    auto& known = m_prepared[static_cast<size_t>(id)];
    const auto found = std::find_if(known.begin(), known.end(), [&](const auto& entry) {
        return entry->shapes == wanted->shapes && entry->layouts == wanted->layouts && entry->weights == wanted->weights && entry->slope == slope;
    });
    if (found != known.end()) {
        std::rotate(known.begin(), found, found + 1);
        return known.front();
    }
    auto kernel = m_engine->prepare(
        {.layer = &layer, .weights = wanted->weights, .inputShapes = wanted->shapes, .inputLayouts = wanted->layouts, .fusedReluSlope = slope});
    if (!kernel)
        return atLayer(kernel.error(), layer);
    wanted->kernel = *std::move(kernel);
    known.insert(known.begin(), wanted);
    if (known.size() > variants)
        known.pop_back();
    return wanted;
}

Result<std::vector<Tensor>> LayerRunner::run(LayerId id, std::span<const Tensor> given, const LayerQuantization* quantization,
                                             std::optional<float> fusedReluSlope)
{
    const Layer& layer = m_model->layer(id);
    std::vector<Tensor> inputs(given.begin(), given.end());
    for (size_t i = 0; i < inputs.size(); ++i) {
        if (m_model->value(layer.inputs[i]).constant) {
            QS_TRY(inputs[i], constant(layer.inputs[i]));
        } else if (inputs[i].empty()) {
            return Error{ErrorCode::NotRunnable, "its input '" + m_model->value(layer.inputs[i]).name + "' does not exist",
                         "layer '" + layer.name + "'"};
        }
        if (quantization && i < quantization->inputs.size() && quantization->inputs[i])
            inputs[i] = fakeQuantized(inputs[i], *quantization->inputs[i]);
    }
    QS_TRY(const std::shared_ptr<Prepared> prepared, prepare(id, inputs, quantization, fusedReluSlope));
    Kernel& kernel = *prepared->kernel;
    for (size_t i = 0; i < inputs.size(); ++i)
        inputs[i] = convertLayout(kernel.inputElement() == Element::Int32 ? inputs[i] : toFloat(inputs[i], m_pool), kernel.inputLayouts()[i], m_pool);
    std::vector<Tensor> outputs;
    for (size_t i = 0; i < kernel.outputShapes().size(); ++i)
        outputs.push_back(m_pool.allocate(kernel.outputShapes()[i], kernel.outputLayouts()[i]).withElement(kernel.outputElement()));
    if (const auto done = kernel.run(inputs, outputs); !done.ok())
        return atLayer(done.error(), layer);
    m_overflows[static_cast<size_t>(id)] += kernel.overflows();
    return outputs;
}

namespace {

/// Layers that lead to a tapped value or an output and can run.
std::vector<char> neededLayers(const Model& model, const Forward& forward)
{
    std::vector<char> neededValues(model.values().size());
    for (const ValueId output : model.outputs())
        neededValues[static_cast<size_t>(output)] = forward.outputs ? 1 : 0;
    for (size_t value = 0; value < forward.tapped.size(); ++value)
        if (forward.tapped[value])
            neededValues[value] = 1;
    std::vector<char> needed(model.layers().size());
    for (size_t i = model.layers().size(); i-- > 0;) {
        const Layer& layer = model.layers()[i];
        if (!layer.notRunnable.empty() || layer.op == "Input")
            continue;
        needed[i] = std::any_of(layer.outputs.begin(), layer.outputs.end(), [&](ValueId id) { return neededValues[static_cast<size_t>(id)] != 0; });
        if (needed[i])
            for (const ValueId input : layer.inputs)
                neededValues[static_cast<size_t>(input)] = 1;
    }
    return needed;
}

/// One walk; holds the values that are still needed.
class Walk {
public:
    Walk(LayerRunner& runner, const Forward& forward)
        : m_runner(runner), m_model(runner.model()), m_forward(forward), m_needed(neededLayers(m_model, forward))
    {
        m_values.resize(m_model.values().size());
        m_readers.resize(m_model.values().size());
        m_quantized.resize(m_model.values().size());
        for (size_t i = 0; i < m_needed.size(); ++i)
            if (m_needed[i])
                for (const ValueId input : m_model.layers()[i].inputs)
                    ++m_readers[static_cast<size_t>(input)];
        for (const ValueId output : m_model.outputs())
            ++m_readers[static_cast<size_t>(output)];
    }

    Result<std::vector<Tensor>> run(const JobContext& job)
    {
        for (size_t i = 0; i < m_model.inputs().size() && i < m_forward.inputs.size(); ++i)
            QS_CHECK(keep(m_model.inputs()[i], m_forward.inputs[i]));
        for (LayerId id = 0; id < static_cast<LayerId>(m_needed.size()); ++id) {
            if (!m_needed[static_cast<size_t>(id)])
                continue;
            if (job.cancelled())
                return cancelledError();
            QS_CHECK(runLayer(id));
        }
        std::vector<Tensor> outputs;
        for (const ValueId output : m_model.outputs())
            outputs.push_back(m_values[static_cast<size_t>(output)]);
        return outputs;
    }

private:
    const LayerQuantization* quantization(LayerId id) const
    {
        return m_forward.quantization ? &(*m_forward.quantization)[static_cast<size_t>(id)] : nullptr;
    }

    bool isTapped(ValueId id) const { return static_cast<size_t>(id) < m_forward.tapped.size() && m_forward.tapped[static_cast<size_t>(id)] != 0; }

    /// The ReLU behind a layer whose own output nobody else needs.
    LayerId reluBehind(const Layer& layer) const
    {
        const ValueId value = layer.outputs.front();
        if (!m_runner.engine().canFuseRelu(layer.op) || layer.outputs.size() != 1 || isTapped(value) || m_readers[static_cast<size_t>(value)] != 1)
            return noId;
        for (const LayerId reader : m_model.value(value).consumers) {
            const LayerQuantization* quantized = quantization(reader);
            if (m_needed[static_cast<size_t>(reader)])
                return m_model.layer(reader).op == "ReLU" && !(quantized && quantized->active()) ? reader : noId;
        }
        return noId;
    }

    /// Fake-quantized inputs are shared between the layers that read a value with the same factors.
    Tensor input(ValueId id, const std::optional<QuantParams>& params)
    {
        const Tensor& value = m_values[static_cast<size_t>(id)];
        if (!params || value.empty())
            return value;
        auto& known = m_quantized[static_cast<size_t>(id)];
        for (const auto& [knownParams, tensor] : known)
            if (knownParams == *params)
                return tensor;
        return known.emplace_back(*params, m_runner.fakeQuantized(value, *params)).second;
    }

    Result<void> runLayer(LayerId id)
    {
        const Layer& layer = m_model.layer(id);
        const LayerQuantization* quantized = quantization(id);
        std::vector<Tensor> inputs;
        for (size_t port = 0; port < layer.inputs.size(); ++port)
            inputs.push_back(input(layer.inputs[port], quantized && port < quantized->inputs.size() ? quantized->inputs[port] : std::nullopt));
        LayerQuantization weightsOnly;
        if (quantized)
            weightsOnly.weights = quantized->weights;
        std::optional<float> slope;
        const LayerId relu = reluBehind(layer);
        if (relu != noId) {
            slope = static_cast<float>(m_model.layer(relu).attributes.real("slope", 0));
            m_needed[static_cast<size_t>(relu)] = 0;
        }
        QS_TRY(std::vector<Tensor> outputs, m_runner.run(id, inputs, &weightsOnly, slope));
        inputs.clear();
        for (const ValueId value : layer.inputs)
            release(value);
        const Layer& last = relu == noId ? layer : m_model.layer(relu);
        for (size_t i = 0; i < outputs.size(); ++i)
            QS_CHECK(keep(last.outputs[i], outputs[i]));
        return {};
    }

    Result<void> keep(ValueId id, const Tensor& tensor)
    {
        if (isTapped(id))
            QS_CHECK(m_forward.tap(id, toFloat(tensor, m_runner.pool())));
        if (m_readers[static_cast<size_t>(id)] > 0)
            m_values[static_cast<size_t>(id)] = tensor;
        return {};
    }

    void release(ValueId id)
    {
        if (--m_readers[static_cast<size_t>(id)] == 0) {
            m_values[static_cast<size_t>(id)] = {};
            m_quantized[static_cast<size_t>(id)].clear();
        }
    }

    LayerRunner& m_runner;
    const Model& m_model;
    const Forward& m_forward;
    std::vector<char> m_needed;
    std::vector<Tensor> m_values;
    std::vector<int> m_readers;
    std::vector<std::vector<std::pair<QuantParams, Tensor>>> m_quantized;
};

}  // namespace

Result<std::vector<Tensor>> Evaluator::run(const Forward& forward, const JobContext& job)
{
    const Model& model = m_runner.model();
    if (forward.inputs.size() != model.inputs().size())
        return Error{ErrorCode::ShapeMismatch,
                     "the network has " + std::to_string(model.inputs().size()) + " inputs, " + std::to_string(forward.inputs.size()) + " were given",
                     model.name()};
    return Walk(m_runner, forward).run(job);
}

}  // namespace qs
