// How a layer of a network is simulated: its quantizers, and its weights as the chip has them.
#pragma once

#include "core/base/buffer.h"
#include "core/quant/params.h"

#include <memory>
#include <optional>
#include <vector>

namespace qs {

/// How one layer is run quantized. Default-constructed: in float.
struct LayerQuantization {
    std::vector<std::optional<QuantParams>> inputs;        ///< by input port; nullopt: float
    std::vector<std::optional<QuantParams>> outputs = {};  ///< by output: what it is quantized with before anybody sees it; nullopt: float
    std::optional<QuantParams> state = {};                 ///< of a recurrent layer: the hidden state as its next step multiplies it; nullopt: float
    std::vector<std::shared_ptr<const Buffer>> weights;    ///< fake-quantized weights and bias; empty: the layer's own

    bool active() const;
    bool quantizesOutputs() const;
    /// What is left where the inputs come quantized already.
    LayerQuantization withoutInputs() const;
    /// At a site (quant/scheme.h); `inputs` and `outputs` are as long as the layer's.
    void set(int site, const QuantParams& params);
    bool operator==(const LayerQuantization&) const = default;
};

}  // namespace qs
