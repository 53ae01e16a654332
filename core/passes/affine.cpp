#include "core/passes/affine.h"

#include "core/ops/weight_channels.h"

#include <algorithm>
#include <cmath>

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
           std::all_of(layer.weights.begin(), layer.weights.end(), [](const auto& weight) { return weight && weight->dtype() == DType::F32; });
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

bool finite(const std::vector<double>& values)
{
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(static_cast<float>(value)); });
}

/// In floats; null where one leaves their range.
std::shared_ptr<const Buffer> floatsOf(const std::vector<double>& values)
{
    if (!finite(values))
        return nullptr;
    auto buffer = std::make_shared<Buffer>(DType::F32, Shape{static_cast<int64_t>(values.size())});
    std::transform(values.begin(), values.end(), buffer->floats().begin(), [](double value) { return static_cast<float>(value); });
    return buffer;
}

/// The layer's bias, one a channel; zeros where it has none.
std::vector<double> biasOf(const Layer& layer, size_t channels)
{
    return layer.weights.size() > 1 ? doubles(layer.weights[1]) : std::vector<double>(channels);
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
    std::vector<double> bias = biasOf(host, affine.factor.size());
    for (size_t c = 0; c < bias.size(); ++c)
        bias[c] = bias[c] * affine.factor[c] + affine.shift[c];
    weights = {std::move(weight), floatsOf(bias)};
    return weights.back() != nullptr;
}

/// The convolution with `affine` in front of it; false when a value leaves the range of float, or where it cannot be.
bool foldInFront(const Layer& host, const Affine& affine, std::vector<std::shared_ptr<const Buffer>>& weights)
{
    const Shape& shape = host.weights[0]->shape();
    const int64_t group = host.attributes.integer("group", 1);
    const auto channels = static_cast<int64_t>(affine.factor.size());
    const auto pads = host.attributes.integers("pad");
    const bool padded = std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad != 0; });
    const bool shifts = std::any_of(affine.shift.begin(), affine.shift.end(), [](double shift) { return shift != 0; });
    if (shape.size() < 3 || group < 1 || shape[1] * group != channels || shape[0] % group != 0 || (padded && shifts))
        return false;
    const int64_t inner = elementCount(Shape(shape.begin() + 2, shape.end()));
    std::vector<double> bias = biasOf(host, static_cast<size_t>(shape[0]));
    auto weight = std::make_shared<Buffer>(DType::F32, shape);
    const auto old = host.weights[0]->floats();
    for (int64_t i = 0; i < weight->count(); ++i) {
        const int64_t output = i / (shape[1] * inner);
        const auto channel = static_cast<size_t>(output / (shape[0] / group) * shape[1] + i / inner % shape[1]);
        const auto value = static_cast<double>(old[static_cast<size_t>(i)]);
        const auto folded = static_cast<float>(value * affine.factor[channel]);
        if (!std::isfinite(folded))
            return false;
        weight->floats()[static_cast<size_t>(i)] = folded;
        bias[static_cast<size_t>(output)] += value * affine.shift[channel];
    }
    weights = {std::move(weight), floatsOf(bias)};
    return weights.back() != nullptr;
}

}  // namespace

int affineRank(const std::string& op)
{
    return op == "BatchNorm" ? 1 : op == "Scale" ? 2 : op == "Bias" ? 3 : 0;
}

LayerId onlyReader(const Model& model, ValueId value)
{
    const auto& consumers = model.value(value).consumers;
    const bool seen = std::find(model.outputs().begin(), model.outputs().end(), value) != model.outputs().end();
    return consumers.size() != 1 || seen ? noId : consumers.front();
}

bool isFoldable(const Layer& layer)
{
    return multipliesByWeights(layer.op) && !layer.weights.empty() && layer.weights[0] && layer.weights[0]->dtype() == DType::F32 &&
           layer.inputs.size() == (layer.op == "SparseConvolution" ? 2 : 1) && layer.outputs.size() == 1;
}

namespace {

struct Link {
    LayerId id;
    Affine affine;
};

/// `first` and the affine layers behind it in the order of folding, each read by the next alone. Ends before a layer that is skipped or not run.
std::vector<Link> chainFrom(const Model& model, LayerId first, const std::set<std::string>& skipped)
{
    std::vector<Link> chain;
    int rank = 0;
    for (LayerId id = first; id != noId; id = onlyReader(model, model.layer(id).outputs.front())) {
        const Layer& layer = model.layer(id);
        const bool goesOn = affineRank(layer.op) > rank && !skipped.contains(layer.name) && layer.notRunnable.empty() && layer.outputs.size() == 1;
        const Affine affine = goesOn ? affineOf(layer) : Affine{};
        if (affine.factor.empty())
            break;
        chain.push_back({id, affine});
        rank = affineRank(layer.op);
    }
    return chain;
}

/// One layer for all of them; empty where their channels differ.
Affine joined(const std::vector<Link>& chain)
{
    Affine whole = chain.front().affine;
    for (size_t i = 1; i < chain.size(); ++i) {
        const Affine& next = chain[i].affine;
        if (next.factor.size() != whole.factor.size())
            return {};
        for (size_t c = 0; c < next.factor.size(); ++c) {
            whole.factor[c] *= next.factor[c];
            whole.shift[c] = whole.shift[c] * next.factor[c] + next.shift[c];
        }
    }
    return whole;
}

}  // namespace

std::vector<LayerId> foldChain(ModelBuilder& builder, const Model& model, LayerId host, LayerId first, const std::set<std::string>& skipped)
{
    std::vector<LayerId> folded;
    for (const Link& link : chainFrom(model, first, skipped)) {
        std::vector<std::shared_ptr<const Buffer>> weights;
        if (!fold(builder.layer(host), link.affine, weights))
            break;
        builder.layer(host).weights = std::move(weights);
        builder.layer(host).outputs = {model.layer(link.id).outputs.front()};
        if (link.id != host)
            builder.removeLayer(link.id);
        folded.push_back(link.id);
    }
    return folded;
}

std::vector<LayerId> foldBefore(ModelBuilder& builder, const Model& model, LayerId first, const std::set<std::string>& skipped, LayerId& host)
{
    const std::vector<Link> chain = chainFrom(model, first, skipped);
    host = chain.empty() ? noId : onlyReader(model, model.layer(chain.back().id).outputs.front());
    std::vector<std::shared_ptr<const Buffer>> weights;
    if (host == noId || !isFoldable(model.layer(host)) || model.layer(host).op != "Convolution" || skipped.contains(model.layer(host).name) ||
        !foldInFront(builder.layer(host), joined(chain), weights))
        return {};
    builder.layer(host).weights = std::move(weights);
    builder.layer(host).inputs.front() = model.layer(first).inputs.front();
    std::vector<LayerId> folded;
    for (const Link& link : chain) {
        builder.removeLayer(link.id);
        folded.push_back(link.id);
    }
    return folded;
}

}  // namespace qs
