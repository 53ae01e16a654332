// A network with a configuration applied: what will really be run, and for each layer how and why.
#pragma once

#include "core/prepare/note.h"
#include "core/quant/configuration.h"
#include "core/quant/record.h"

#include <map>
#include <memory>
#include <set>

namespace qs {

/// Why a layer's effective setting differs from the requested one. reasonText() gives English; widgets translates by the code.
enum class Reason : uint8_t {
    None,                ///< as requested
    FusedInto,           ///< folded into the layer named in Effective::reasonLayer
    NotConfigured,       ///< the configuration does not list it
    TypeNotQuantizable,  ///< the chip's tool cannot quantize this type
    NotRunnable,         ///< the program cannot run it; detail says why
    NoFactors,           ///< the record has no factors for it (quantized layers need scale_d)
    IllegalScale,        ///< calibration found a range that cannot be quantized
    // The layer is quantized, but without all that was asked for.
    NotEqualized,      ///< no Convolution, DepthwiseConv or InnerProduct alone reads it through at most a ReLU
    NotAdaRounded,     ///< AdaRound takes uniform weights of a Convolution, DepthwiseConv or InnerProduct of bounded size
    BiasNotCorrected,  ///< the layer has no bias on the grid of its accumulators
    LargerScale,       ///< scale_w of the channels in the detail is larger than solved: their biases would leave int32
};

/// A quantizer of a layer: of an input, or of an output (quant/scheme.h).
struct EffectiveInput {
    int port = 0;  ///< the site
    int bits = 8;
    bool withOffset = true;
    bool byHand = false;             ///< limits set by hand, not by calibration
    std::string algorithm = "ifmr";  ///< calibrator
    bool operator==(const EffectiveInput&) const = default;
};

struct Effective {
    bool quantized = false;
    bool offByDefault = false;           ///< it is not quantized, as it is with the default configuration
    std::vector<EffectiveInput> inputs;  ///< quantized inputs and outputs; empty when not quantized
    int weightBits = 0;                  ///< 0: weights stay float
    bool channelWise = false;
    std::string algorithm;      ///< the one that is used
    std::string equalizedWith;  ///< the layer behind that shares its ranges; empty: not equalized
    bool adaRounded = false;    ///< AdaRound on top of the algorithm
    bool biasCorrected = false;
    Reason reason = Reason::None;
    std::string reasonLayer;   ///< FusedInto: the host's name
    std::string reasonDetail;  ///< English
    bool operator==(const Effective&) const = default;
};

/// "fused into conv1", "type not quantizable"...; empty for Reason::None.
std::string reasonText(const Effective& effective);

/// What fusion, acceleration and equalization make of a network, and the settings that decide it: folding weights costs more than all the rest, and
/// most edits do not touch them.
struct SimplifiedNetwork {
    std::shared_ptr<const Model> model;
    std::map<std::string, std::string> hosts;      ///< fused layer -> the layer it was folded into
    std::set<std::string> accelerated;             ///< layers that became a DepthwiseConv
    std::map<std::string, std::string> equalized;  ///< first layer of a pair -> second
    /// By what it was decided: fusion, update_bn, layers that are left out; affine layers that are enabled; layers to be equalized.
    struct Key {
        bool fusion = true;
        bool updateBn = false;
        std::vector<std::string> skipped;
        std::set<std::string> enabled;
        std::set<std::string> equalize;
        bool operator==(const Key&) const = default;
    } key;
};

struct PreparedNetwork {
    std::shared_ptr<const Model> original;
    std::shared_ptr<const SimplifiedNetwork> simplified;
    std::shared_ptr<const Model> network;  ///< after fusion: what is evaluated; values keep their names
    Configuration configuration;
    ById<LayerId, Effective> effective;    ///< of `original`
    ById<LayerId, LayerId> networkLayer;   ///< of a layer of `original`: its layer in `network` (a fused layer's is its host), or noId
    ById<LayerId, LayerId> originalLayer;  ///< of a layer of `network`: the layer of the same name in `original`
    std::vector<std::string> equalized;    ///< first layers of the pairs that were equalized, in the order of `network`
    std::vector<Note> notes;               ///< what the configuration asks for as a whole and this version does not do
    /// The effective setting of a layer of `network`.
    const Effective& effectiveOf(LayerId networkLayerId) const { return effective[originalLayer[networkLayerId]]; }
};

/// The first and the last of the layers with quantized weights, where they have codebooks (SNQ): the layer, and whether it is the first.
std::vector<std::pair<std::string, bool>> codebooksAtTheEnds(const PreparedNetwork& prepared);

/// A BatchNorm that runs, whose statistics update_bn takes anew.
bool refreshable(const Layer& layer);
/// Whether update_bn is on and there is one of these.
bool updatesBatchNorm(const PreparedNetwork& prepared);

/// The weight setting that is used for a layer whose weights are quantized.
WeightSetting effectiveWeightSetting(const PreparedNetwork& prepared, const std::string& layer, const Effective& effective);

/// prepared.network as it is with refreshed BatchNorm statistics (fused and accelerated alike); prepared.network itself without any.
/// Errors: ShapeMismatch naming the layer whose channels are others.
Result<std::shared_ptr<const Model>> networkWithStatistics(const PreparedNetwork& prepared, const BatchNormStatistics& statistics);

/// Layers of the configuration that equalization can be asked for: those that stand first in a pair after fusion. Errors: those of fusion.
Result<std::vector<std::string>> equalizableLayers(std::shared_ptr<const Model> model, Configuration configuration);

/// Checks the configuration, fuses, equalizes, and decides each layer. Cheap apart from folding weights. `before`, of the same model: where both give
/// the same network, it is taken over, so that whoever holds kernels for it keeps them; what cannot have changed is not folded again.
Result<std::shared_ptr<const PreparedNetwork>> prepareNetwork(std::shared_ptr<const Model> model, const Configuration& configuration,
                                                              const PreparedNetwork* before = nullptr);

}  // namespace qs
