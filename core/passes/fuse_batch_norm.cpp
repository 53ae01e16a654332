#include "core/ir/builder.h"
#include "core/ops/weight_channels.h"
#include "core/passes/pass.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace qs {

namespace {

/// y = x * factor + shift per channel.
struct Affine {
    std::vector<double> factor;
    std::vector<double> shift;
};

std::vector<double> doubles(const std::shared_ptr<const Buffer>& buffer)
{
    const auto values = buffer->floats();
    return {values.begin(), values.end()};
}

bool onChannels(const Layer& layer)
{
    const int64_t axis = layer.attributes.integer("axis", 1);
    return (axis == 1 || axis == -3) && layer.attributes.integer("numAxes", 1) == 1 && layer.inputs.size() == 1;
}

bool hasWeights(const Layer& layer, size_t count)
{
    return layer.weights.size() >= count &&
           std::all_of(layer.weights.begin(), layer.weights.end(), [](const auto& weight) { return weight != nullptr; });
}

/// Empty when the layer cannot be folded.
Affine affineOf(const Layer& layer)
{
    Affine affine;
    if (layer.op == "BatchNorm" && hasWeights(layer, 2)) {
        const std::vector<double> mean = doubles(layer.weights[0]);
        const std::vector<double> variance = doubles(layer.weights[1]);
        const double epsilon = layer.attributes.real("epsilon", 1e-5);
        for (size_t c = 0; c < mean.size(); ++c) {
            const double factor = 1 / std::sqrt(variance[c] + epsilon);
            const double gamma = layer.weights.size() > 2 ? static_cast<double>(layer.weights[2]->floats()[c]) : 1;
            const double beta = layer.weights.size() > 3 ? static_cast<double>(layer.weights[3]->floats()[c]) : 0;
            affine.factor.push_back(factor * gamma);
            affine.shift.push_back(beta - mean[c] * factor * gamma);
        }
    } else if (layer.op == "Scale" && onChannels(layer) && hasWeights(layer, 1)) {
        affine.factor = doubles(layer.weights[0]);
        affine.shift = layer.weights.size() > 1 ? doubles(layer.weights[1]) : std::vector<double>(affine.factor.size());
    } else if (layer.op == "Bias" && onChannels(layer) && hasWeights(layer, 1)) {
        affine.shift = doubles(layer.weights[0]);
        affine.factor.assign(affine.shift.size(), 1);
    }
    return affine;
}

bool isHost(const Layer& layer)
{
    static const std::set<std::string> hosts{"Convolution", "DepthwiseConv", "Deconvolution", "InnerProduct"};
    return hosts.contains(layer.op) && hasWeights(layer, 1) && layer.inputs.size() == 1 && layer.outputs.size() == 1;
}

int rankInChain(const std::string& op)
{
    return op == "BatchNorm" ? 1 : op == "Scale" ? 2 : op == "Bias" ? 3 : 0;
}

/// The layer behind `value` if it is the only reader and nobody else sees the value.
const Layer* onlyReader(const Model& model, ValueId value, LayerId& id)
{
    const auto& consumers = model.value(value).consumers;
    if (consumers.size() != 1 || std::find(model.outputs().begin(), model.outputs().end(), value) != model.outputs().end())
        return nullptr;
    id = consumers.front();
    return &model.layer(id);
}

bool finite(const std::vector<double>& values)
{
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(static_cast<float>(value)); });
}

/// Weight and bias of the host with `affine` behind it; false when a value leaves the range of float.
bool fold(const Layer& host, const Affine& affine, std::vector<std::shared_ptr<const Buffer>>& weights)
{
    const WeightChannels channels(host);
    if (static_cast<size_t>(channels.channels()) != affine.factor.size())
        return false;
    const auto old = host.weights[0]->floats();
    auto weight = std::make_shared<Buffer>(DType::F32, host.weights[0]->shape());
    for (int64_t run = 0; run < channels.runs(); ++run)
        for (int64_t i = run * channels.inner(); i < (run + 1) * channels.inner(); ++i) {
            const auto folded =
                static_cast<float>(static_cast<double>(old[static_cast<size_t>(i)]) * affine.factor[static_cast<size_t>(channels.of(run))]);
            if (!std::isfinite(folded))
                return false;
            weight->floats()[static_cast<size_t>(i)] = folded;
        }
    std::vector<double> bias = host.weights.size() > 1 ? doubles(host.weights[1]) : std::vector<double>(affine.factor.size());
    for (size_t c = 0; c < bias.size(); ++c)
        bias[c] = bias[c] * affine.factor[c] + affine.shift[c];
    if (!finite(bias))
        return false;
    auto folded = std::make_shared<Buffer>(DType::F32, Shape{static_cast<int64_t>(bias.size())});
    std::transform(bias.begin(), bias.end(), folded->floats().begin(), [](double value) { return static_cast<float>(value); });
    weights = {std::move(weight), std::move(folded)};
    return true;
}

}  // namespace

Result<Fused> fuseBatchNorm(const Model& model, const std::vector<std::string>& skip)
{
    const std::set<std::string> skipped(skip.begin(), skip.end());
    ModelBuilder builder(model);
    Fused fused;
    for (LayerId hostId = 0; hostId < static_cast<LayerId>(model.layers().size()); ++hostId) {
        const Layer& host = model.layer(hostId);
        if (!isHost(host) || skipped.contains(host.name))
            continue;
        int rank = 0;
        LayerId nextId = noId;
        ValueId value = host.outputs.front();
        while (const Layer* next = onlyReader(model, value, nextId)) {
            const int nextRank = rankInChain(next->op);
            if (nextRank <= rank || skipped.contains(next->name))
                break;
            const Affine affine = affineOf(*next);
            std::vector<std::shared_ptr<const Buffer>> weights;
            if (affine.factor.empty() || !fold(builder.layer(hostId), affine, weights))
                break;
            builder.layer(hostId).weights = std::move(weights);
            value = next->outputs.front();
            builder.layer(hostId).outputs = {value};
            builder.removeLayer(nextId);
            fused.hosts[next->name] = host.name;
            rank = nextRank;
        }
    }
    QS_TRY(fused.model, std::move(builder).build());
    return fused;
}

}  // namespace qs
