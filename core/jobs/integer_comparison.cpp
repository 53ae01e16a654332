#include "core/jobs/integer_comparison.h"

#include "core/data/selection.h"
#include "core/jobs/compare.h"
#include "core/jobs/samples.h"
#include "core/prepare/integer_network.h"

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

/// The smallest scale_d at which the value is read quantized; 0 where nobody does.
double stepOf(const QuantizedNetwork& quantized, ValueId value)
{
    double step = 0;
    for (const LayerId reader : quantized.network->value(value).consumers) {
        const Layer& layer = quantized.network->layer(reader);
        const auto& inputs = quantized.layers[reader].inputs;
        for (size_t port = 0; port < inputs.size(); ++port)
            if (layer.inputs[port] == value && inputs[port])
                step = step == 0 ? static_cast<double>(inputs[port]->scale) : std::min(step, static_cast<double>(inputs[port]->scale));
    }
    return step;
}

/// `step` itself, or where nobody reads the value quantized a part of its range.
double stepFor(std::span<const float> expected, double step)
{
    if (step == 0 && !expected.empty()) {
        const auto [low, high] = std::minmax_element(expected.begin(), expected.end());
        step = (static_cast<double>(*high) - static_cast<double>(*low)) / 255;
    }
    // A constant output, or one value, has no range: what differs by float rounding only, a few units of the last place, is within.
    double most = 0;
    for (const float value : expected)
        most = std::max(most, std::fabs(static_cast<double>(value)));
    return std::max({step, 1e-6, most * 1e-6});
}

void addDifferences(StepAgreement& agreement, std::span<const float> expected, std::span<const float> actual, double step)
{
    step = stepFor(expected, step);
    for (size_t i = 0; i < expected.size(); ++i) {
        const double difference = std::fabs(static_cast<double>(expected[i]) - static_cast<double>(actual[i])) / step;
        agreement.within += difference <= 1.0001 ? 1 : 0;
        agreement.largest = std::max(agreement.largest, difference);
    }
    agreement.values += static_cast<int64_t>(expected.size());
}

/// One sample through both networks.
class IntegerWalk {
public:
    IntegerWalk(const std::shared_ptr<Engine>& engine, const QuantizedNetwork& quantized, std::shared_ptr<const Model> integers)
        : m_network(*quantized.network), m_integers(*integers), m_fakeRunner(engine, quantized.network), m_integerRunner(engine, std::move(integers))
    {
        m_fake.quantization = &quantized.layers;
        m_fake.outputs = m_integer.outputs = false;
        m_fake.tapped.assign(m_network.values().size(), 1);
        m_integer.tapped.resize(m_integers.values().size());
        for (const Layer& layer : m_network.layers()) {
            if (layer.op == "Input" || !layer.notRunnable.empty() || layer.outputs.empty())
                continue;
            const ValueId value = layer.outputs.front();
            const ValueId integerValue = m_integers.findValue(m_network.value(value).name);
            m_integer.tapped[integerValue] = 1;
            m_watched.push_back({value, integerValue, m_integers.findLayer(layer.name), stepOf(quantized, value)});
            m_comparison.layers.push_back({.layer = layer.name, .local = {}, .cumulative = {}});
        }
        m_fake.tap = [this](ValueId value, const Tensor& tensor) -> Result<void> {
            m_values[value] = tensor;
            return {};
        };
        m_integer.tap = [this](ValueId value, const Tensor& tensor) -> Result<void> {
            m_integerValues[value] = tensor;
            return {};
        };
    }

    Result<void> run(const DataSet& data, int sample, const JobContext& job)
    {
        m_values.assign(m_network.values().size(), {});
        m_integerValues.assign(m_integers.values().size(), {});
        QS_TRY(m_fake.inputs, inputTensors(m_network, data, sample, m_fakeRunner.pool()));
        m_integer.inputs = m_fake.inputs;
        QS_CHECK(Evaluator(m_fakeRunner).run(m_fake, job));
        QS_CHECK(Evaluator(m_integerRunner).run(m_integer, job));
        for (size_t i = 0; i < m_watched.size(); ++i) {
            Watched& watched = m_watched[i];
            const Tensor& expected = m_values[watched.value];
            const Tensor& cumulative = m_integerValues[watched.integerValue];
            if (expected.empty() || cumulative.count() != expected.count())
                continue;
            compare(m_comparison.layers[i].cumulative, expected, cumulative, watched.step);
            if (job.cancelled())
                return cancelledError();
            // Overflows are counted in the cumulative run only.
            const int64_t before = m_integerRunner.overflows(watched.integerLayer);
            QS_TRY(const Tensor local, valueOf(watched.integerValue, true));
            compare(m_comparison.layers[i].local, expected, local, watched.step);
            watched.localOverflows += m_integerRunner.overflows(watched.integerLayer) - before;
        }
        return {};
    }

    IntegerComparison finish(int samples)
    {
        m_comparison.samples = samples;
        for (size_t i = 0; i < m_watched.size(); ++i)
            m_comparison.layers[i].overflows = m_integerRunner.overflows(m_watched[i].integerLayer) - m_watched[i].localOverflows;
        return std::move(m_comparison);
    }

private:
    struct Watched {
        ValueId value = noId;         // in the fake-quant network
        ValueId integerValue = noId;  // the value of the same name
        LayerId integerLayer = noId;  // the layer of the same name
        double step = 0;
        int64_t localOverflows = 0;
    };

    void compare(StepAgreement& agreement, const Tensor& expected, const Tensor& actual, double step)
    {
        const Tensor same = convertLayout(actual, expected.layout(), m_integerRunner.pool());
        addDifferences(agreement, expected.values(), same.values(), step);
    }

    /// A value of the integer network from the fake-quant network's values: what deployment has put between is run, and `wanted` itself.
    Result<Tensor> valueOf(ValueId id, bool wanted = false)
    {
        const ValueId known = m_network.findValue(m_integers.value(id).name);
        if (known != noId && !wanted)
            return m_values[known];
        const LayerId producer = m_integers.value(id).producer;
        const Layer& layer = m_integers.layer(producer);
        std::vector<Tensor> inputs;
        for (const ValueId input : layer.inputs) {
            if (m_integers.value(input).constant) {
                inputs.emplace_back();
                continue;
            }
            QS_TRY(Tensor tensor, valueOf(input));
            inputs.push_back(std::move(tensor));
        }
        QS_TRY(std::vector<Tensor> outputs, m_integerRunner.run(producer, inputs));
        const auto port = std::find(layer.outputs.begin(), layer.outputs.end(), id) - layer.outputs.begin();
        return outputs[static_cast<size_t>(port)];
    }

    const Model& m_network;
    const Model& m_integers;
    LayerRunner m_fakeRunner;
    LayerRunner m_integerRunner;
    Forward m_fake;
    Forward m_integer;
    std::vector<Watched> m_watched;
    ById<ValueId, Tensor> m_values;
    ById<ValueId, Tensor> m_integerValues;
    IntegerComparison m_comparison;
};

}  // namespace

Result<IntegerComparison> compareIntegers(const std::shared_ptr<Engine>& engine, const QuantizedNetwork& quantized, const DataSet& all, int samples,
                                          const JobContext& job)
{
    const auto chosen = evaluated(all);
    const DataSet& data = *chosen;
    QS_TRY(auto integers, integerNetwork(quantized));
    IntegerWalk walk(engine, quantized, std::move(integers));
    samples = std::min(samples, data.size());
    for (int sample = 0; sample < samples; ++sample) {
        job.count(Phase::RunningInIntegers, sample, samples);
        QS_CHECK(walk.run(data, sample, job));
    }
    return walk.finish(samples);
}

Result<std::shared_ptr<const IntegerSample>> integerSample(const std::shared_ptr<Engine>& engine, const QuantizedNetwork& quantized,
                                                           const DataSet& data, int sample, const std::string& layer, const JobContext& job)
{
    const Model& network = *quantized.network;
    if (sample < 0 || sample >= data.size())
        return Error{ErrorCode::OutOfRange, "sample " + std::to_string(sample) + " of " + std::to_string(data.size()), data.spec().path.string()};
    const LayerId id = network.findLayer(layer);
    if (id == noId || !network.layer(id).notRunnable.empty() || network.layer(id).outputs.empty())
        return Error{ErrorCode::UnknownLayer, "it is not run", "layer '" + layer + "'"};
    QS_TRY(const auto integers, integerNetwork(quantized));
    const ValueId value = network.layer(id).outputs.front();
    LayerRunner runner(engine, quantized.network);
    LayerRunner integerRunner(engine, integers);
    // Only the way to this value is run, in both networks.
    const auto valueIn = [&](LayerRunner& at, ValueId wanted, const ById<LayerId, LayerQuantization>* quantization) -> Result<Buffer> {
        Buffer found;
        Forward forward;
        QS_TRY(forward.inputs, inputTensors(network, data, sample, at.pool()));
        forward.quantization = quantization;
        forward.outputs = false;
        forward.tapped.assign(at.model().values().size(), 0);
        forward.tapped[static_cast<size_t>(wanted)] = 1;
        forward.tap = [&found](ValueId, const Tensor& tensor) -> Result<void> {
            found = bufferFrom(tensor);
            return {};
        };
        QS_CHECK(Evaluator(at).run(forward, job));
        return found;
    };
    auto result = std::make_shared<IntegerSample>();
    result->layer = layer;
    result->sample = sample;
    QS_TRY(const Buffer fake, valueIn(runner, value, &quantized.layers));
    QS_TRY(result->output, valueIn(integerRunner, integers->findValue(network.value(value).name), nullptr));
    if (fake.empty() || fake.count() != result->output.count())
        return Error{ErrorCode::UnknownLayer, "it is not run", "layer '" + layer + "'"};
    result->step = stepFor(fake.floats(), stepOf(quantized, value));
    addDifferences(result->agreement, fake.floats(), result->output.floats(), result->step);
    result->steps = Buffer(DType::F32, fake.shape());
    for (size_t i = 0; i < fake.floats().size(); ++i)
        result->steps.floats()[i] =
            static_cast<float>((static_cast<double>(result->output.floats()[i]) - static_cast<double>(fake.floats()[i])) / result->step);
    for (const LayerId at : integers->layerIds())
        if (const int64_t count = integerRunner.overflows(at); count > 0)
            result->overflows.emplace_back(integers->layer(at).name, count);
    return std::shared_ptr<const IntegerSample>(std::move(result));
}

}  // namespace qs
