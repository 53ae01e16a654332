#include "core/ops/weight_channels.h"
#include "core/passes/affine.h"
#include "core/passes/pass.h"

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

/// Rounds over all pairs, for layers that stand in two of them; one pair alone is done after the first.
constexpr int mostRounds = 50;
/// Two ranges count as equal when their ratio is this near to 1.
constexpr double sameRatio = 1e-6;
/// A channel whose range is less than this of its layer's is as good as dead: to share it would only blow up its bias.
constexpr double deadShare = 1e-5;

bool scalable(const Layer& layer)
{
    const auto floats = [](const auto& weight) { return weight && weight->dtype() == DType::F32; };
    return layer.notRunnable.empty() && layer.inputs.size() == 1 && layer.outputs.size() == 1 && !layer.weights.empty() &&
           std::all_of(layer.weights.begin(), layer.weights.end(), floats);
}

bool isFirst(const Layer& layer)
{
    return multipliesByWeights(layer.op) && scalable(layer);
}

bool isSecond(const Layer& layer)
{
    return (layer.op == "Convolution" || layer.op == "DepthwiseConv" || layer.op == "InnerProduct") && scalable(layer);
}

/// f(s x) = s f(x) for every s > 0.
bool homogeneous(const Layer& layer)
{
    return (layer.op == "ReLU" || layer.op == "PReLU") && layer.notRunnable.empty();
}

/// Which input channel an element of weight 0 multiplies.
class InputChannels {
public:
    InputChannels(const Layer& layer, const Shape& input) : m_inner(elementCount(layer.weights[0]->shape()) / layer.weights[0]->shape()[0])
    {
        m_channels = input.size() > 1 ? input[1] : 0;
        const int64_t group = layer.op == "InnerProduct" ? 1 : layer.attributes.integer("group", 1);
        m_rowsPerGroup = layer.weights[0]->shape()[0] / group;
        m_perGroup = m_channels / group;
        m_each = m_perGroup > 0 ? m_inner / m_perGroup : 0;
        m_valid = m_channels > 0 && m_channels % group == 0 && m_each * m_perGroup == m_inner &&
                  (layer.op != "InnerProduct" || layer.attributes.integer("axis", 1) == 1);
    }
    bool valid() const { return m_valid; }
    int64_t channels() const { return m_channels; }
    int64_t of(int64_t element) const { return element / m_inner / m_rowsPerGroup * m_perGroup + element % m_inner / m_each; }

private:
    int64_t m_inner;
    int64_t m_channels = 0;
    int64_t m_rowsPerGroup = 1;
    int64_t m_perGroup = 0;
    int64_t m_each = 0;
    bool m_valid = false;
};

struct Pair {
    LayerId first = noId;
    LayerId second = noId;
};

/// The layer that alone reads `first`, through at most one ReLU, with as many input channels; noId when there is none.
LayerId secondOf(const Model& model, LayerId first)
{
    LayerId reader = onlyReader(model, model.layer(first).outputs.front());
    if (reader != noId && homogeneous(model.layer(reader)))
        reader = onlyReader(model, model.layer(reader).outputs.front());
    if (reader == noId || !isSecond(model.layer(reader)))
        return noId;
    const Layer& second = model.layer(reader);
    const InputChannels channels(second, model.value(second.inputs.front()).shape);
    return channels.valid() && channels.channels() == WeightChannels(model.layer(first)).channels() ? reader : noId;
}

/// Weights in double while they are scaled, so that rounds do not add up errors.
class Scaler {
public:
    Scaler(const Model& model, std::vector<Pair> pairs) : m_model(model), m_pairs(std::move(pairs)), m_weights(model.layers().size())
    {
        for (const Pair& pair : m_pairs)
            for (const LayerId id : {pair.first, pair.second})
                if (auto& weights = m_weights[id]; weights.empty())
                    for (const auto& weight : model.layer(id).weights)
                        weights.emplace_back(weight->floats().begin(), weight->floats().end());
    }

    void run()
    {
        for (int round = 0; round < mostRounds; ++round) {
            double farthest = 0;
            for (const Pair& pair : m_pairs)
                farthest = std::max(farthest, equalize(pair));
            if (farthest < sameRatio)
                return;
        }
    }

    void store(ModelBuilder& builder) const
    {
        for (const LayerId id : m_weights.ids())
            for (size_t i = 0; i < m_weights[id].size(); ++i) {
                const std::vector<double>& from = m_weights[id][i];
                auto buffer = std::make_shared<Buffer>(DType::F32, m_model.layer(id).weights[i]->shape());
                std::transform(from.begin(), from.end(), buffer->floats().begin(), [](double value) { return static_cast<float>(value); });
                builder.layer(id).weights[i] = std::move(buffer);
            }
    }

private:
    /// How far the largest ratio of two ranges was from 1.
    double equalize(const Pair& pair)
    {
        const WeightChannels outputs(m_model.layer(pair.first));
        const Layer& second = m_model.layer(pair.second);
        const InputChannels inputs(second, m_model.value(second.inputs.front()).shape);
        auto& before = m_weights[pair.first];
        std::vector<double>& behind = m_weights[pair.second].front();
        std::vector<double> ranges1(static_cast<size_t>(outputs.channels()));
        std::vector<double> ranges2(ranges1.size());
        const auto output = [&](size_t i) { return static_cast<size_t>(outputs.of(static_cast<int64_t>(i) / outputs.inner())); };
        const auto input = [&](size_t i) { return static_cast<size_t>(inputs.of(static_cast<int64_t>(i))); };
        for (size_t i = 0; i < before.front().size(); ++i)
            ranges1[output(i)] = std::max(ranges1[output(i)], std::fabs(before.front()[i]));
        for (size_t i = 0; i < behind.size(); ++i)
            ranges2[input(i)] = std::max(ranges2[input(i)], std::fabs(behind[i]));
        const std::vector<double> scales = scalesOf(ranges1, ranges2);
        for (size_t i = 0; i < before.front().size(); ++i)
            before.front()[i] /= scales[output(i)];
        for (size_t c = 0; before.size() > 1 && c < scales.size(); ++c)
            before[1][c] /= scales[c];
        for (size_t i = 0; i < behind.size(); ++i)
            behind[i] *= scales[input(i)];
        double farthest = 0;
        for (const double scale : scales)
            farthest = std::max(farthest, std::fabs(scale - 1));
        return farthest;
    }

    /// s = sqrt(r1 r2) / r2; 1 for a dead channel, and where a channel with weights in one layer has none in the other.
    static std::vector<double> scalesOf(const std::vector<double>& ranges1, const std::vector<double>& ranges2)
    {
        const double dead1 = *std::max_element(ranges1.begin(), ranges1.end()) * deadShare;
        const double dead2 = *std::max_element(ranges2.begin(), ranges2.end()) * deadShare;
        std::vector<double> scales(ranges1.size(), 1);
        for (size_t c = 0; c < scales.size(); ++c)
            if (ranges1[c] > dead1 && ranges2[c] > dead2)
                scales[c] = std::sqrt(ranges1[c] / ranges2[c]);
        return scales;
    }

    const Model& m_model;
    std::vector<Pair> m_pairs;
    ById<LayerId, std::vector<std::vector<double>>> m_weights;  // empty: not in a pair
};

}  // namespace

Result<Equalized> equalizeLayers(const Model& model, const std::set<std::string>& first)
{
    std::vector<Pair> pairs;
    Equalized equalized;
    for (const LayerId id : model.layerIds()) {
        if (!first.contains(model.layer(id).name) || !isFirst(model.layer(id)))
            continue;
        if (const LayerId second = secondOf(model, id); second != noId) {
            pairs.push_back({id, second});
            equalized.pairs[model.layer(id).name] = model.layer(second).name;
        }
    }
    ModelBuilder builder(model);
    Scaler scaler(model, std::move(pairs));
    scaler.run();
    scaler.store(builder);
    QS_TRY(equalized.model, std::move(builder).build());
    return equalized;
}

}  // namespace qs
