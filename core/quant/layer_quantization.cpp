#include "core/quant/layer_quantization.h"

#include "core/quant/scheme.h"

#include <algorithm>

namespace qs {

bool LayerQuantization::active() const
{
    return !weights.empty() || quantizesOutputs() || std::any_of(inputs.begin(), inputs.end(), [](const auto& input) { return input.has_value(); });
}

bool LayerQuantization::quantizesOutputs() const
{
    return std::any_of(outputs.begin(), outputs.end(), [](const auto& output) { return output.has_value(); });
}

void LayerQuantization::set(int site, const QuantParams& params)
{
    (isOutputSite(site) ? outputs[outputOf(site)] : inputs[static_cast<size_t>(site)]) = params;
}

}  // namespace qs
