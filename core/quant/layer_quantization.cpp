#include "core/quant/layer_quantization.h"

#include "core/quant/scheme.h"

#include <algorithm>

namespace qs {

bool LayerQuantization::active() const
{
    return !weights.empty() || state || quantizesOutputs() ||
           std::any_of(inputs.begin(), inputs.end(), [](const auto& input) { return input.has_value(); });
}

bool LayerQuantization::quantizesOutputs() const
{
    return std::any_of(outputs.begin(), outputs.end(), [](const auto& output) { return output.has_value(); });
}

LayerQuantization LayerQuantization::withoutInputs() const
{
    return {.inputs = {}, .outputs = outputs, .state = state, .weights = weights};
}

void LayerQuantization::set(int site, const QuantParams& params)
{
    if (isStateSite(site))
        state = params;
    else
        (isOutputSite(site) ? outputs[outputOf(site)] : inputs[static_cast<size_t>(site)]) = params;
}

}  // namespace qs
