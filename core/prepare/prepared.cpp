#include "core/prepare/prepared.h"

#include "core/calib/adaround.h"
#include "core/calib/calibrators.h"
#include "core/ir/builder.h"
#include "core/ops/op.h"
#include "core/passes/affine.h"
#include "core/passes/pass.h"
#include "core/prepare/refinements.h"
#include "core/quant/fields.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace qs {

namespace {

using Simplified = SimplifiedNetwork;

Simplified::Key keyOf(const Model& model, const Configuration& configuration)
{
    Simplified::Key key{.fusion = configuration.doFusion,
                        .updateBn = configuration.updateBn.value_or(false),
                        .skipped = configuration.skipFusionLayers,
                        .enabled = {},
                        .equalize = {}};
    for (const Layer& layer : model.layers())
        if (affineRank(layer.op) != 0)
            if (const auto entry = configuration.layers.find(layer.name); entry != configuration.layers.end() && entry->second.quantEnable)
                key.enabled.insert(layer.name);
    // Also of layers that stay float: what they are equalized with gains, and switching a layer off must not change the network.
    for (const auto& [name, setting] : configuration.layers)
        if (setting.weights && setting.weights->equalize)
            key.equalize.insert(name);
    return key;
}

Result<void> accelerate(Simplified& simplified)
{
    std::set<std::string> enabled;
    for (const std::string& name : simplified.key.enabled)
        if (simplified.model->findLayer(name) != noId)
            enabled.insert(name);
    if (enabled.empty())
        return {};
    QS_TRY(Fused fused, accelerateBatchNorm(*simplified.model, enabled));
    for (const std::string& name : enabled)
        if (const LayerId id = fused.model->findLayer(name); id != noId && fused.model->layer(id).op == "DepthwiseConv")
            simplified.accelerated.insert(name);
    if (!simplified.accelerated.empty())
        simplified.model = std::move(fused.model);
    simplified.hosts.merge(fused.hosts);
    return {};
}

Result<void> equalize(Simplified& simplified)
{
    if (simplified.key.equalize.empty())
        return {};
    QS_TRY(Equalized equalized, equalizeLayers(*simplified.model, simplified.key.equalize));
    if (!equalized.pairs.empty())
        simplified.model = std::move(equalized.model);
    simplified.equalized = std::move(equalized.pairs);
    return {};
}

/// The order: what stands behind a layer goes into it first. A BatchNorm before a convolution stays where update_bn refreshes it: the record of
/// the weights before fusion could not hold the factors of what the convolution reads then (INFERRED). No model where nothing can be fused.
Result<Fused> fuseAll(const Model& model, const Configuration& configuration, const std::vector<std::string>& skip)
{
    if (std::none_of(model.layers().begin(), model.layers().end(), [](const Layer& layer) { return affineRank(layer.op) != 0; }))
        return Fused{};
    QS_TRY(Fused fused, fuseBatchNorm(model, skip));
    if (configuration.updateBn.value_or(false))
        return fused;
    QS_TRY(Fused before, fuseBatchNormBefore(*fused.model, skip));
    fused.model = std::move(before.model);
    fused.hosts.merge(before.hosts);
    return fused;
}

/// Names in skip_fusion_layers that change nothing.
Result<void> noteSkips(const Model& model, const Configuration& configuration, std::vector<Note>& notes)
{
    if (configuration.skipFusionLayers.empty())
        return {};
    if (!configuration.doFusion) {
        notes.push_back({NoteCode::SkipsWithoutFusion});
        return {};
    }
    QS_TRY(const Fused all, fuseAll(model, configuration, {}));
    std::set<std::string> fusible;
    for (const auto& [name, host] : all.hosts)
        fusible.insert({name, host});
    for (const std::string& name : configuration.skipFusionLayers)
        if (!fusible.contains(name))
            notes.push_back({NoteCode::SkipsNothing, name});
    return {};
}

/// A search that looks like a hang (seed 003, table 18).
void warnOfSearch(const Configuration& configuration, std::vector<Note>& notes)
{
    for (const auto& [name, setting] : configuration.layers)
        if (setting.quantEnable && std::any_of(setting.activations.begin(), setting.activations.end(), searchIsLong))
            notes.push_back({NoteCode::SearchIsLong, name});
}

Result<Simplified> simplify(const std::shared_ptr<const Model>& model, const Configuration& configuration)
{
    Simplified simplified{.model = model, .hosts = {}, .accelerated = {}, .equalized = {}, .key = keyOf(*model, configuration)};
    if (configuration.doFusion) {
        QS_TRY(Fused fused, fuseAll(*simplified.model, configuration, configuration.skipFusionLayers));
        if (!fused.hosts.empty())
            simplified.model = std::move(fused.model);
        simplified.hosts = std::move(fused.hosts);
    }
    QS_CHECK(accelerate(simplified));
    QS_CHECK(equalize(simplified));
    return simplified;
}

/// What is asked of a layer's weights beyond their algorithm; the first thing that cannot be done is the reason.
void decideRefinements(Effective& effective, const Layer& layer, const WeightSetting& setting)
{
    for (const Refinement& refinement : refinements()) {
        const bool asked = setting.*refinement.flag;
        if (refinement.entered)
            effective.*refinement.entered = asked && refinement.possible(layer, setting);
        if (asked && !refinement.done(effective) && effective.reason == Reason::None)
            effective.reason = refinement.refused;
    }
}

/// Checked here and not with the configuration: the table of calibrators is not core/quant's.
Result<void> checkCalibrators(const Configuration& configuration)
{
    for (const auto& [name, setting] : configuration.layers)
        for (const ActivationSetting& activation : setting.activations)
            if (!findCalibrator(activation.algorithm))
                return Error{ErrorCode::OutOfRange, "'" + activation.algorithm + "' is not in {" + calibratorNames() + "}",
                             "layer '" + name + "', calibrator"};
    return {};
}

Effective decide(const Model& model, LayerId id, const Configuration& configuration, const Simplified& simplified)
{
    const Layer& layer = model.layer(id);
    Effective effective;
    const auto reason = [&](Reason code, std::string detail = {}) {
        effective.reason = code;
        effective.reasonDetail = std::move(detail);
        return effective;
    };
    const auto entry = configuration.layers.find(layer.name);
    if (const auto host = simplified.hosts.find(layer.name); host != simplified.hosts.end()) {
        effective.reasonLayer = host->second;
        return reason(Reason::FusedInto);
    }
    if (!layer.notRunnable.empty())
        return reason(Reason::NotRunnable, layer.notRunnable);
    const Quantizable quantizable = layerQuantizable(model, id, *configuration.scheme);
    if (quantizable == Quantizable::No)
        return reason(Reason::TypeNotQuantizable);
    if (entry == configuration.layers.end())
        return reason(Reason::NotConfigured);
    const LayerSetting& setting = entry->second;
    if (const auto pair = simplified.equalized.find(layer.name); pair != simplified.equalized.end())
        effective.equalizedWith = pair->second;
    if (!setting.quantEnable) {
        effective.offByDefault = !configuration.scheme->rule(layer.op)->enabled;
        return effective;  // as requested
    }
    if (quantizable == Quantizable::WeightsAndData || simplified.accelerated.contains(layer.name)) {
        const WeightSetting weights = setting.weights.value_or(WeightSetting{});
        effective.weightBits = weights.bits;
        effective.channelWise = weights.channelWise && (quantizable == Quantizable::DataOnly || configuration.scheme->channelWise(layer.op));
        effective.algorithm = weights.algorithm;
        decideRefinements(effective, layer, weights);
    }
    effective.quantized = true;
    const std::vector<int> sites = quantizableSites(model, id, *configuration.scheme);
    for (size_t i = 0; i < sites.size(); ++i) {
        const ActivationSetting& activation = setting.activation(i);
        effective.inputs.push_back({.port = sites[i],
                                    .bits = activation.bits,
                                    .withOffset = activation.withOffset.value_or(configuration.activationOffset),
                                    .byHand = activation.clip.has_value(),
                                    .algorithm = activation.algorithm});
    }
    return effective;
}

/// The manual: "the first and the last layer are to be set to uniform quantization" beside SNQ.
void warnOfSnq(PreparedNetwork& prepared)
{
    for (const auto& [layer, first] : codebooksAtTheEnds(prepared))
        prepared.notes.push_back({first ? NoteCode::FirstHasCodebook : NoteCode::LastHasCodebook, layer});
}

bool sameWeights(const Layer& a, const Layer& b)
{
    return std::equal(a.weights.begin(), a.weights.end(), b.weights.begin(), b.weights.end(), [](const auto& x, const auto& y) {
        return x == y || (x && y && x->dtype() == y->dtype() && x->shape() == y->shape() && std::memcmp(x->bytes(), y->bytes(), x->sizeBytes()) == 0);
    });
}

/// Layers, values and weights alike, so that ids mean the same in both.
bool sameNetwork(const Model& a, const Model& b)
{
    return &a == &b || (a.values().size() == b.values().size() && a.outputs() == b.outputs() &&
                        std::equal(a.layers().begin(), a.layers().end(), b.layers().begin(), b.layers().end(), [](const Layer& x, const Layer& y) {
                            return x.name == y.name && x.op == y.op && x.attributes == y.attributes && x.inputs == y.inputs &&
                                   x.outputs == y.outputs && x.notRunnable == y.notRunnable && sameWeights(x, y);
                        }));
}

}  // namespace

std::string reasonText(const Effective& effective)
{
    switch (effective.reason) {
        case Reason::None:
            return {};
        case Reason::FusedInto:
            return "fused into " + effective.reasonLayer;
        case Reason::NotConfigured:
            return "not listed in the configuration";
        case Reason::TypeNotQuantizable:
            return "type not quantizable";
        case Reason::NotRunnable:
            return "not run: " + effective.reasonDetail;
        case Reason::NoFactors:
            return "no quantization factors" + (effective.reasonDetail.empty() ? std::string() : ": " + effective.reasonDetail);
        case Reason::IllegalScale:
            return "illegal scale: " + effective.reasonDetail;
        case Reason::NotEqualized:
            return "not equalized: no convolution or inner product alone reads it through at most a ReLU";
        case Reason::NotAdaRounded:
            return "no AdaRound: it takes uniform weights of a convolution or inner product, up to " + std::to_string(mostMoments) + " a channel";
        case Reason::BiasNotCorrected:
            return "bias not corrected: only those of convolutions and inner products are";
        case Reason::LargerScale:
            return "scale_w raised, so that the bias fits into int32: channel " + effective.reasonDetail;
    }
    return {};
}

std::vector<std::pair<std::string, bool>> codebooksAtTheEnds(const PreparedNetwork& prepared)
{
    const auto& effective = prepared.effective;
    std::vector<LayerId> weighted;
    for (const LayerId id : effective.ids())
        if (effective[id].weightBits != 0)
            weighted.push_back(id);
    std::vector<std::pair<std::string, bool>> found;
    const auto look = [&](LayerId id, bool isFirst) {
        if (effective[id].algorithm == "snq")
            found.emplace_back(prepared.original->layer(id).name, isFirst);
    };
    if (weighted.empty())
        return found;
    look(weighted.front(), true);
    if (weighted.size() > 1)
        look(weighted.back(), false);
    return found;
}

bool refreshable(const Layer& layer)
{
    return layer.op == "BatchNorm" && layer.weights.size() >= 2 && layer.notRunnable.empty();
}

bool updatesBatchNorm(const PreparedNetwork& prepared)
{
    const auto& layers = prepared.original->layers();
    return prepared.configuration.updateBn.value_or(false) && std::any_of(layers.begin(), layers.end(), refreshable);
}

WeightSetting effectiveWeightSetting(const PreparedNetwork& prepared, const std::string& layer, const Effective& effective)
{
    WeightSetting setting = prepared.configuration.layers.at(layer).weights.value_or(WeightSetting{});
    setting.channelWise = effective.channelWise;
    return setting;
}

Result<std::shared_ptr<const Model>> networkWithStatistics(const PreparedNetwork& prepared, const BatchNormStatistics& statistics)
{
    if (statistics.empty())
        return prepared.network;
    ModelBuilder builder(*prepared.original);
    for (const auto& [name, values] : statistics) {
        const LayerId id = prepared.original->findLayer(name);
        if (id == noId || prepared.original->layer(id).op != "BatchNorm")
            return Error{ErrorCode::UnknownLayer, "there is no BatchNorm of this name for the refreshed statistics", "layer '" + name + "'"};
        Layer& layer = builder.layer(id);
        const auto channels = static_cast<int64_t>(values.mean.size());
        if (layer.weights.size() < 2 || layer.weights[0]->count() != channels || values.variance.size() != values.mean.size())
            return Error{ErrorCode::ShapeMismatch, "the refreshed statistics have " + std::to_string(channels) + " channels", "layer '" + name + "'"};
        layer.weights[0] = std::make_shared<const Buffer>(Buffer::fromFloats({channels}, values.mean));
        layer.weights[1] = std::make_shared<const Buffer>(Buffer::fromFloats({channels}, values.variance));
    }
    QS_TRY(auto refreshed, std::move(builder).build());
    QS_TRY(const Simplified simplified, simplify(std::move(refreshed), prepared.configuration));
    const auto& before = prepared.network->layers();
    const auto& after = simplified.model->layers();
    for (size_t i = 0; i < std::max(before.size(), after.size()); ++i)
        if (i >= before.size() || i >= after.size() || before[i].name != after[i].name)
            return Error{ErrorCode::InvalidNumber, "with the refreshed statistics a layer cannot be fused any more: its weights would not be finite",
                         "layer '" + (i < before.size() ? before[i].name : after[i].name) + "'"};
    return simplified.model;
}

Result<std::vector<std::string>> equalizableLayers(std::shared_ptr<const Model> model, Configuration configuration)
{
    for (auto& [name, setting] : configuration.layers)
        if (setting.weights)
            setting.weights->equalize = true;
    QS_TRY(const Simplified simplified, simplify(std::move(model), configuration));
    std::vector<std::string> layers;
    for (const auto& [first, second] : simplified.equalized)
        layers.push_back(first);
    return layers;
}

Result<std::shared_ptr<const PreparedNetwork>> prepareNetwork(std::shared_ptr<const Model> model, const Configuration& configuration,
                                                              const PreparedNetwork* before)
{
    QS_CHECK(checkConfiguration(*model, configuration));
    QS_CHECK(checkCalibrators(configuration));
    auto prepared = std::make_shared<PreparedNetwork>();
    prepared->original = model;
    prepared->configuration = configuration;
    const auto isBatchNorm = [](const Layer& layer) { return layer.op == "BatchNorm"; };
    if (configuration.updateBn.value_or(false) && std::none_of(model->layers().begin(), model->layers().end(), isBatchNorm))
        prepared->notes.push_back({NoteCode::NoBatchNorm});
    if (configuration.jointQuant.value_or(false))
        prepared->notes.push_back({NoteCode::JointQuant});
    QS_CHECK(noteSkips(*model, configuration, prepared->notes));
    warnOfSearch(configuration, prepared->notes);
    if (before && before->original == model && before->simplified->key == keyOf(*model, configuration)) {
        prepared->simplified = before->simplified;
    } else {
        QS_TRY(Simplified made, simplify(model, configuration));
        prepared->simplified = std::make_shared<const Simplified>(std::move(made));
    }
    const Simplified& simplified = *prepared->simplified;
    const bool kept =
        before && before->original == model && (before->simplified == prepared->simplified || sameNetwork(*before->network, *simplified.model));
    prepared->network = kept ? before->network : simplified.model;
    const auto& hosts = simplified.hosts;
    std::map<std::string, LayerId> byName;
    for (const LayerId id : prepared->network->layerIds())
        byName.emplace(prepared->network->layer(id).name, id);
    prepared->originalLayer.assign(prepared->network->layers().size(), noId);
    for (const LayerId id : model->layerIds()) {
        const std::string& name = model->layer(id).name;
        prepared->effective.push_back(decide(*model, id, configuration, simplified));
        const auto host = hosts.find(name);
        const auto found = byName.find(host == hosts.end() ? name : host->second);
        prepared->networkLayer.push_back(found == byName.end() ? noId : found->second);
        if (host == hosts.end() && found != byName.end())
            prepared->originalLayer[found->second] = id;
    }
    for (const Layer& layer : prepared->network->layers())
        if (simplified.equalized.contains(layer.name))
            prepared->equalized.push_back(layer.name);
    warnOfSnq(*prepared);
    return std::shared_ptr<const PreparedNetwork>(std::move(prepared));
}

}  // namespace qs
