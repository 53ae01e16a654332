#include "core/targets/amct/steps.h"

#include "core/prepare/why_float.h"
#include "core/targets/amct/log.h"

#include <algorithm>

namespace qs::amct {

void logFusion(const PreparedNetwork& prepared)
{
    for (const LayerId id : prepared.effective.ids()) {
        const Effective& effective = prepared.effective[id];
        const std::string& name = prepared.original->layer(id).name;
        if (effective.reason == Reason::FusedInto)
            logDebug("Do layer " + name + " fusion into " + effective.reasonLayer + " success!");
        else if (!effective.quantized)
            logDebug("Layer " + name + " is not quantized: " + whyFloatText(*prepared.original, id, effective));
    }
}

void logWeights(const QuantRecord& record)
{
    for (const auto& [name, factors] : record.layers)
        if (!factors.weightScales.empty())
            logDebug("Do layer " + name + " weights calibration success! (" + std::to_string(factors.weightBits) + " bits, " +
                     std::to_string(factors.weightScales.size()) + " scales)");
}

void logActivations(const QuantRecord& record)
{
    for (const auto& [name, factors] : record.layers)
        if (!factors.inputs.empty())
            logDebug("Do layer " + name + " activation calibration success!");
}

void logWritten(const ExportPlan& plan)
{
    for (const ExportFile& file : plan.files)
        logDebug("written: " + file.path.string());
}

Result<void> requireLegalScales(const Model& model, const ById<LayerId, Effective>& effective)
{
    const auto illegal = [&](LayerId id) { return effective[id].reason == Reason::IllegalScale; };
    const auto ids = effective.ids();
    const auto first = std::find_if(ids.begin(), ids.end(), illegal);
    if (first == ids.end())
        return {};
    const auto count = std::count_if(ids.begin(), ids.end(), illegal);
    return Error{ErrorCode::IllegalScale,
                 effective[*first].reasonDetail + (count == 1 ? "" : " (and of " + std::to_string(count - 1) + " more layers)"),
                 "layer '" + model.layer(*first).name + "'"};
}

}  // namespace qs::amct
