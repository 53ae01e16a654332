#include "core/jobs/prediction.h"

#include "core/quant/fake_quant.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace qs {

namespace {

constexpr std::array widths{0, 8, 12, 16};  // 0: as configured

/// +1 or -1, the same for the same place on every machine (splitmix64).
float sign(uint64_t place)
{
    uint64_t z = place * 0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return ((z >> 63) & 1) != 0 ? 1.0F : -1.0F;
}

QuantParams atWidth(const QuantParams& params, int bits)
{
    if (bits == 0 || bits == params.bits)
        return params;
    const auto other = paramsFromRange(params.clipMin(), params.clipMax(), bits, params.offset != 0, params.form);
    return other ? *other : params;
}

struct Products {
    double first = 0;
    double squared = 0;
};

Products products(std::span<const float> gradient, std::span<const float> from, std::span<const float> to)
{
    Products sums;
    for (size_t i = 0; i < gradient.size(); ++i) {
        const double term = static_cast<double>(gradient[i]) * (static_cast<double>(to[i]) - static_cast<double>(from[i]));
        sums.first += term;
        sums.squared += term * term;
    }
    return sums;
}

std::vector<double> ranks(std::span<const double> values)
{
    std::vector<size_t> order(values.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (size_t begin = 0; begin < order.size();) {
        size_t end = begin + 1;
        while (end < order.size() && values[order[end]] == values[order[begin]])
            ++end;
        // Equal values share the mean of their ranks.
        for (size_t i = begin; i < end; ++i)
            ranks[order[i]] = static_cast<double>(begin + end - 1) / 2;
        begin = end;
    }
    return ranks;
}

}  // namespace

Predictor::Predictor(IncrementalEvaluator& evaluator, const QuantizedNetwork& quantized, std::vector<LayerId> layers)
    : m_evaluator(evaluator),
      m_model(evaluator.model()),
      m_quantized(quantized),
      m_layers(std::move(layers)),
      m_sums(m_layers.size(), std::vector<Sums>(widths.size()))
{
    // The network that was quantized may have refreshed statistics: the errors are against what the float run uses.
    m_request.model = evaluator.sharedModel();
    for (const LayerId id : m_layers) {
        const LayerQuantization& layer = quantized.layers[id];
        for (size_t port = 0; port < layer.inputs.size(); ++port)
            if (layer.inputs[port])
                m_request.inputPorts.emplace_back(id, port);
        for (size_t i = 0; i < layer.weights.size(); ++i)
            if (layer.weights[i] && i < m_model.layer(id).weights.size() && m_model.layer(id).weights[i])
                m_request.weights.emplace_back(id, i);
    }
}

std::vector<ValueId> Predictor::values() const
{
    std::vector<ValueId> values = m_model.inputs();
    values.insert(values.end(), m_model.outputs().begin(), m_model.outputs().end());
    for (const auto& [id, port] : m_request.inputPorts)
        values.push_back(m_model.layer(id).inputs[port]);
    return values;
}

Result<void> Predictor::checkOutputs(const Values& floating, const std::vector<Tensor>& found) const
{
    // The two say the same layers in different words: rounding, and nothing else, may tell them apart.
    constexpr float tolerance = 1e-3F;
    TensorPool& pool = m_evaluator.runner().pool();
    for (size_t i = 0; i < found.size(); ++i) {
        const auto known = floating.find(m_model.outputs()[i]);
        if (known == floating.end() || found[i].empty())
            continue;
        const Tensor plain = convertLayout(known->second, Layout::Plain, pool);
        float largest = 0;
        float error = 0;
        for (int64_t k = 0; k < std::min(plain.count(), found[i].count()); ++k) {
            largest = std::max(largest, std::fabs(plain.data()[k]));
            error = std::max(error, std::fabs(plain.data()[k] - found[i].data()[k]));
        }
        if (plain.count() != found[i].count() || !(error <= tolerance * largest))
            return Error{ErrorCode::Internal, "the backward pass computes another output '" + m_model.value(m_model.outputs()[i]).name + "'",
                         m_model.name()};
    }
    return {};
}

Result<void> Predictor::add(const Values& floating, int sample)
{
    for (const LayerId id : m_layers)
        if (const LayerQuantization& layer = m_quantized.layers[id]; layer.quantizesOutputs() || layer.state)
            return Error{ErrorCode::NotSupported,
                         std::string(layer.state ? "its state" : "its output") + " is quantized: errors are predicted of inputs and weights only",
                         "layer '" + m_model.layer(id).name + "'"};
    TensorPool& pool = m_evaluator.runner().pool();
    m_request.inputs.clear();
    m_request.seeds.clear();
    for (const ValueId input : m_model.inputs())
        m_request.inputs.push_back(floating.at(input));
    double squares = 0;
    for (size_t i = 0; i < m_model.outputs().size(); ++i) {
        Tensor& seed = m_request.seeds.emplace_back();
        const auto known = floating.find(m_model.outputs()[i]);
        if (known == floating.end())
            continue;
        seed = pool.allocate(known->second.shape());
        for (int64_t k = 0; k < seed.count(); ++k)
            seed.data()[k] = sign((static_cast<uint64_t>(sample) << 40) ^ (static_cast<uint64_t>(i) << 32) ^ static_cast<uint64_t>(k));
        for (const float value : known->second.values())
            squares += static_cast<double>(value) * static_cast<double>(value);
    }
    QS_TRY(const Gradients gradients, m_evaluator.runner().engine().gradients(m_request, pool));
    QS_CHECK(checkOutputs(floating, gradients.outputs));
    m_outputSquares += squares;
    size_t port = 0;
    size_t weight = 0;
    for (size_t layer = 0; layer < m_layers.size(); ++layer)
        addLayer(layer, floating, gradients, port, weight);
    return {};
}

void Predictor::addLayer(size_t layer, const Values& floating, const Gradients& gradients, size_t& port, size_t& weight)
{
    TensorPool& pool = m_evaluator.runner().pool();
    const LayerId id = m_layers[layer];
    const LayerQuantization& quantization = m_quantized.layers[id];
    Products weights;
    for (; weight < m_request.weights.size() && m_request.weights[weight].first == id; ++weight) {
        if (gradients.weights[weight].empty())
            continue;
        const size_t i = m_request.weights[weight].second;
        const Products sums = products(gradients.weights[weight].values(), m_model.layer(id).weights[i]->floats(), quantization.weights[i]->floats());
        weights.first += sums.first;
        weights.squared += sums.squared;
    }
    std::vector<Products> totals(widths.size(), weights);
    for (; port < m_request.inputPorts.size() && m_request.inputPorts[port].first == id; ++port) {
        const size_t at = m_request.inputPorts[port].second;
        const auto known = floating.find(m_model.layer(id).inputs[at]);
        if (gradients.inputPorts[port].empty() || known == floating.end())
            continue;
        const Tensor value = convertLayout(known->second, Layout::Plain, pool);
        Tensor quantized = pool.allocate(value.shape());
        for (size_t w = 0; w < widths.size(); ++w) {
            fakeQuantize(value.values(), quantized.values(), atWidth(*quantization.inputs[at], widths[w]));
            const Products sums = products(gradients.inputPorts[port].values(), value.values(), quantized.values());
            totals[w].first += sums.first;
            totals[w].squared += sums.squared;
        }
    }
    for (size_t w = 0; w < widths.size(); ++w) {
        m_sums[layer][w].firstOrder += totals[w].first * totals[w].first;
        m_sums[layer][w].squared += totals[w].squared;
    }
}

std::vector<Prediction> Predictor::predictions() const
{
    std::vector<Prediction> predictions;
    const auto relative = [&](double sum) { return m_outputSquares > 0 ? std::sqrt(sum / m_outputSquares) : 0; };
    for (size_t layer = 0; layer < m_layers.size(); ++layer) {
        Prediction& prediction = predictions.emplace_back();
        int own = 8;
        for (const auto& input : m_quantized.layers[m_layers[layer]].inputs)
            if (input)
                own = input->bits;
        for (size_t w = 0; w < widths.size(); ++w)
            prediction.widths.push_back(
                {widths[w] == 0 ? own : widths[w], relative(m_sums[layer][w].firstOrder), relative(m_sums[layer][w].squared)});
    }
    return predictions;
}

double rankCorrelation(std::span<const double> a, std::span<const double> b)
{
    if (a.size() < 2)
        return 0;
    const std::vector<double> x = ranks(a);
    const std::vector<double> y = ranks(b);
    const double mean = static_cast<double>(x.size() - 1) / 2;
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        xy += (x[i] - mean) * (y[i] - mean);
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
    }
    return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

}  // namespace qs
