#include "core/engine/evaluator.h"

#include "core/base/text.h"
#include "core/data/npy.h"
#include "core/engine/walk.h"
#include "core/quant/fake_quant.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <new>
#include <string>

namespace qs {

struct LayerRunner::Prepared {
    std::vector<Shape> shapes;
    std::vector<Layout> layouts;
    std::vector<std::shared_ptr<const Buffer>> weights;
    std::optional<FusedActivation> activation;
    std::optional<QuantParams> state;
    std::unique_ptr<Kernel> kernel;

    bool fits(std::span<const Tensor> inputs, const std::vector<std::shared_ptr<const Buffer>>& wanted, const std::optional<FusedActivation>& behind,
              const std::optional<QuantParams>& inside) const
    {
        const auto same = [this, &inputs](size_t i) { return inputs[i].shape() == shapes[i] && inputs[i].layout() == layouts[i]; };
        if (inputs.size() != shapes.size() || weights != wanted || activation != behind || state != inside)
            return false;
        for (size_t i = 0; i < inputs.size(); ++i)
            if (!same(i))
                return false;
        return true;
    }
};

namespace {

Error atLayer(Error error, const Layer& layer)
{
    if (error.where.empty())
        error.where = "layer '" + layer.name + "' (" + layer.type + ")";
    return error;
}

/// MiB that can be had without swapping; infinite where the system does not say.
double availableMemory()
{
    std::ifstream file("/proc/meminfo");
    for (std::string line; std::getline(file, line);)
        if (constexpr std::string_view key = "MemAvailable:"; line.starts_with(key))
            if (const auto kilobytes = parseDouble(std::string_view(line).substr(key.size(), line.rfind(" kB") - key.size())))
                return *kilobytes / 1024;
    return std::numeric_limits<double>::infinity();
}

/// The system promises memory that it does not have, and ends the program when it is touched: what cannot be there, with a copy for who looks at it,
/// is not asked for.
Result<void> checkMemory(std::span<const Shape> outputs, const Layer& layer)
{
    constexpr double alwaysThere = 256;
    double wanted = 0;
    for (const Shape& shape : outputs)
        wanted += static_cast<double>(elementCount(shape)) * sizeof(float) / (1 << 20);
    if (wanted <= alwaysThere)
        return {};
    const double available = availableMemory();
    if (2 * wanted <= available)
        return {};
    return atLayer({ErrorCode::OutOfMemory,
                    "its output takes " + fixedText(wanted, 0) + " MiB, and a copy of it the same; " + fixedText(available, 0) + " MiB are free",
                    {}},
                   layer);
}

}  // namespace

LayerRunner::LayerRunner(std::shared_ptr<Engine> engine, std::shared_ptr<const Model> model, TensorPool pool)
    : m_engine(std::move(engine)),
      m_model(std::move(model)),
      m_pool(std::move(pool)),
      m_prepared(m_model->layers().size()),
      m_overflows(m_model->layers().size())
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
                                                                    std::optional<FusedActivation> activation)
{
    // A layer is run in few variants (float, quantized, another batch): the newest are kept.
    constexpr size_t variants = 4;
    const Layer& layer = m_model->layer(id);
    const auto& weights = quantization && !quantization->weights.empty() ? quantization->weights : layer.weights;
    const std::optional<QuantParams> state = quantization ? quantization->state : std::nullopt;
    auto& known = m_prepared[id];
    const auto found = std::find_if(known.begin(), known.end(), [&](const auto& entry) { return entry->fits(inputs, weights, activation, state); });
    if (found != known.end()) {
        std::rotate(known.begin(), found, found + 1);
        return known.front();
    }
    auto wanted = std::make_shared<Prepared>();
    wanted->activation = activation;
    wanted->weights = weights;
    wanted->state = state;
    for (const Tensor& input : inputs) {
        wanted->shapes.push_back(input.shape());
        wanted->layouts.push_back(input.layout());
    }
    auto kernel = m_engine->prepare({.layer = &layer,
                                     .weights = wanted->weights,
                                     .inputShapes = wanted->shapes,
                                     .inputLayouts = wanted->layouts,
                                     .activation = activation,
                                     .state = state});
    if (!kernel)
        return atLayer(kernel.error(), layer);
    wanted->kernel = *std::move(kernel);
    known.insert(known.begin(), wanted);
    if (known.size() > variants)
        known.pop_back();
    return wanted;
}

Result<std::vector<Tensor>> LayerRunner::run(LayerId id, std::span<const Tensor> given, const LayerQuantization* quantization,
                                             std::optional<FusedActivation> activation, const Place& place)
{
    try {
        return runUnguarded(id, given, quantization, activation, place);
    } catch (const std::bad_alloc&) {
        return atLayer({ErrorCode::OutOfMemory, {}, {}}, m_model->layer(id));
    }
}

Result<std::vector<Tensor>> LayerRunner::runUnguarded(LayerId id, std::span<const Tensor> given, const LayerQuantization* quantization,
                                                      const std::optional<FusedActivation>& activation, const Place& place)
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
    QS_TRY(const std::shared_ptr<Prepared> prepared, prepare(id, inputs, quantization, activation));
    Kernel& kernel = *prepared->kernel;
    for (size_t i = 0; i < inputs.size(); ++i)
        inputs[i] = convertLayout(kernel.inputElement() == Element::Int32 ? inputs[i] : toFloat(inputs[i], m_pool), kernel.inputLayouts()[i], m_pool);
    std::vector<Tensor> outputs;
    if (place && kernel.writesChannels() && !(quantization && quantization->quantizesOutputs()))
        if (const Tensor part = place(); part.shape() == kernel.outputShapes().front())
            outputs.push_back(part);
    QS_CHECK(checkMemory(kernel.outputShapes(), layer));
    for (size_t i = outputs.size(); i < kernel.outputShapes().size(); ++i)
        outputs.push_back(m_pool.allocate(kernel.outputShapes()[i], kernel.outputLayouts()[i]).withElement(kernel.outputElement()));
    if (const auto done = kernel.run(inputs, outputs); !done.ok())
        return atLayer(done.error(), layer);
    m_overflows[id] += kernel.overflows();
    if (quantization)
        quantizeOutputs(*quantization, outputs);
    return outputs;
}

void LayerRunner::quantizeOutputs(const LayerQuantization& quantization, std::span<Tensor> outputs)
{
    for (size_t i = 0; i < std::min(outputs.size(), quantization.outputs.size()); ++i)
        if (quantization.outputs[i])
            fakeQuantize(outputs[i].values(), outputs[i].values(), *quantization.outputs[i]);
}

Result<Tensor> LayerRunner::runOneByOne(std::span<const BandLayer> layers, const Tensor& input)
{
    Tensor value = input;
    for (const BandLayer& layer : layers) {
        if (layer.quantization)
            value = fakeQuantized(value, *layer.quantization);
        const LayerQuantization weights{.inputs = {}, .outputs = {}, .weights = layer.weights};
        QS_TRY(auto outputs, run(layer.id, std::span(&value, 1), &weights, layer.activation));
        value = std::move(outputs.front());
    }
    return value;
}

Result<Tensor> LayerRunner::runBands(const std::vector<BandLayer>& layers, const Tensor& given)
{
    // As with single layers: float, quantized, and what was tried last.
    constexpr size_t variants = 4;
    std::pair<std::vector<LayerId>, Shape> place{{}, given.shape()};
    for (const BandLayer& layer : layers)
        place.first.push_back(layer.id);
    const auto known = m_inBands.find(place);
    if (known != m_inBands.end() && !known->second)
        return Tensor();
    auto& chains = m_chains[layers.front().id];
    auto found = std::find_if(chains.begin(), chains.end(), [&](const auto& chain) { return chain->fits(layers, given.shape()); });
    if (found == chains.end()) {
        auto chain = BandChain::prepare(*m_engine, layers, given.shape());
        if (!chain || !*chain) {
            m_inBands[place] = false;
            return Tensor();
        }
        if (chains.size() == variants)
            chains.pop_back();
        found = chains.insert(chains.begin(), *std::move(chain));
    }
    std::rotate(chains.begin(), found, found + 1);
    BandChain& chain = *chains.front();
    const Tensor input = convertLayout(given, Layout::ChannelsLast, m_pool);
    Tensor output = m_pool.allocate(chain.outputShape(), Layout::ChannelsLast);
    QS_CHECK(chain.run(input, output, m_pool));
    if (known != m_inBands.end())
        return output;
    // A library may choose another kernel for a band than for the picture: bands are trusted once they have given the layers' own bits.
    QS_TRY(const Tensor whole, runOneByOne(layers, given));
    m_inBands[place] = whole.layout() == output.layout() && std::memcmp(whole.data(), output.data(), output.sizeBytes()) == 0;
    return whole;
}

namespace {

class ForwardHost final : public WalkHost {
public:
    ForwardHost(LayerRunner& runner, const Forward& forward)
        : m_runner(runner), m_model(runner.model()), m_forward(forward), m_outputs(m_model.outputs().size())
    {
    }

    Result<std::vector<Tensor>> load() override { return m_forward.inputs; }
    Result<void> show(ValueId id, const Tensor& tensor) override
    {
        if (m_forward.tapped.contains(id) && m_forward.tapped[id])
            QS_CHECK(m_forward.tap(id, toFloat(tensor, m_runner.pool())));
        for (size_t i = 0; i < m_outputs.size() && m_forward.outputs; ++i)
            if (m_model.outputs()[i] == id)
                m_outputs[i] = tensor;
        return {};
    }
    std::vector<ValueId> wanted() const
    {
        std::vector<ValueId> wanted;
        for (const ValueId id : m_forward.tapped.ids())
            if (m_forward.tapped[id])
                wanted.push_back(id);
        if (m_forward.outputs)
            wanted.insert(wanted.end(), m_model.outputs().begin(), m_model.outputs().end());
        return wanted;
    }
    std::vector<Tensor> takeOutputs() { return std::move(m_outputs); }

private:
    LayerRunner& m_runner;
    const Model& m_model;
    const Forward& m_forward;
    std::vector<Tensor> m_outputs;
};

}  // namespace

Evaluator::Evaluator(LayerRunner& runner) : m_runner(runner), m_walk(std::make_unique<Walk>(runner)) {}

Evaluator::~Evaluator() = default;

Result<std::vector<Tensor>> Evaluator::run(const Forward& forward, const JobContext& job)
{
    const Model& model = m_runner.model();
    if (forward.inputs.size() != model.inputs().size())
        return Error{ErrorCode::ShapeMismatch,
                     "the network has " + std::to_string(model.inputs().size()) + " inputs, " + std::to_string(forward.inputs.size()) + " were given",
                     model.name()};
    ForwardHost host(m_runner, forward);
    QS_CHECK(m_walk->run(forward.quantization, host.wanted(), host, job));
    return host.takeOutputs();
}

}  // namespace qs
