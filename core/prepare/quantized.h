// A prepared network with factors: what is simulated, exported and run in integers.
#pragma once

#include "core/prepare/prepared.h"
#include "core/quant/layer_quantization.h"

namespace qs {

/// Factors of the weights alone; `network` is prepared.network, perhaps with refreshed BatchNorm statistics. Layers without weights have an empty
/// entry; those whose weights are no numbers or have no legal scale have none, and stand in `illegal`.
Result<QuantRecord> weightRecord(const PreparedNetwork& prepared, const Model& network);

/// Whether a layer's inputs are joined value by value or one behind the other: Concat, Eltwise.
bool joinsInputs(const Layer& layer);

/// The factors with the configuration's clips by hand put in, and limited to the layers that are enabled. Cheap: for every edit. `only`: of this
/// layer of the original alone.
QuantRecord effectiveRecord(const PreparedNetwork& prepared, const QuantRecord& record, LayerId only = noId);

/// A network ready to run quantized: per layer of prepared.network, with fake-quantized weights and bias on the scale_w*scale_d grid.
struct QuantizedNetwork {
    ById<LayerId, LayerQuantization> layers;  ///< of prepared.network
    ById<LayerId, Effective> effective;       ///< of prepared.original
    QuantRecord record;                       ///< what was used
    /// prepared.network, with refreshed BatchNorm statistics after update_bn and corrected biases: the weights that were quantized.
    std::shared_ptr<const Model> network;
};
/// Layers that the configuration enables but the record lacks stay float with Reason::NoFactors. Errors: MissingValue for factors without what
/// the configuration asks for and only a calibration finds: refreshed statistics (update_bn), equalization, roundings (AdaRound), corrected biases.
/// `before`: weights of layers whose factors are the same are taken over.
Result<std::shared_ptr<const QuantizedNetwork>> quantizeNetwork(const PreparedNetwork& prepared, const QuantRecord& record,
                                                                const QuantizedNetwork* before = nullptr);

/// The layer stays float, for this reason.
void markFloat(ById<LayerId, Effective>& effective, const Model& model, const std::string& layer, Reason reason, std::string detail);

}  // namespace qs
