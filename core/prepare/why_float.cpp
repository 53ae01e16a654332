#include "core/prepare/why_float.h"

namespace qs {

FloatCause floatCause(const Effective& effective)
{
    if (effective.quantized)
        return FloatCause::Quantized;
    if (effective.reason != Reason::None)
        return FloatCause::AsReason;
    return effective.offByDefault ? FloatCause::OffByDefault : FloatCause::SwitchedOff;
}

std::string whyFloatText(const Model& model, LayerId layer, const Effective& effective, const std::string& skippedBy)
{
    switch (floatCause(effective)) {
        case FloatCause::Quantized:
            return {};
        case FloatCause::AsReason:
            return reasonText(effective);
        case FloatCause::OffByDefault:
            return skippedBy.empty() ? "off by default for the type " + model.layer(layer).type : "skipped (" + skippedBy + ")";
        case FloatCause::SwitchedOff:
            return skippedBy.empty() ? "switched off (quant_enable is false)" : "skipped (" + skippedBy + ")";
    }
    return {};
}

}  // namespace qs
