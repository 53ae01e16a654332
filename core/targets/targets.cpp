#include "core/targets/amct/export.h"
#include "core/targets/amct/rules.h"
#include "core/targets/onnxruntime/onnxruntime.h"
#include "core/targets/onnxruntime/rules.h"
#include "core/targets/target.h"

#include <algorithm>
#include <array>

namespace qs {

namespace {

constexpr std::array eightToSixteen{8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr std::array eightOrSixteen{8, 16};
constexpr std::array fourOrEight{4, 8};
constexpr std::array caffeFiles{"_fake_quant_model.prototxt",
                                "_fake_quant_weights.caffemodel",
                                "_deploy_model.prototxt",
                                "_deploy_weights.caffemodel",
                                "_quant.json",
                                "_quant_param_record.txt",
                                "_quant_param_record.bin",
                                "_scale_offset_record.txt",
                                "_config.json"};
constexpr std::array qdqFiles{"_qdq.onnx", "_float.onnx"};

constexpr std::array table{
    Target{"amct-ss928", "AMCT SS928", "HiSilicon", "SS928, through AMCT for Caffe and ATC", eightToSixteen, fourOrEight, false, caffeFiles, true,
           &planAmct, &amctRules},
    Target{"onnxruntime", "ONNX Runtime", "Microsoft", "ONNX Runtime, and TensorRT: QDQ ONNX", eightOrSixteen, fourOrEight, true, qdqFiles, false,
           &planQdq, &onnxruntimeRules},
};

}  // namespace

std::span<const Target> targets()
{
    return table;
}

Result<const Target*> findTarget(const std::string& name)
{
    const auto found = std::find_if(table.begin(), table.end(), [&name](const Target& target) { return name == target.name; });
    if (found != table.end())
        return &*found;
    std::string names;
    for (const Target& target : table)
        names += (names.empty() ? "" : ", ") + std::string(target.name);
    return Error{ErrorCode::UnknownKey, "'" + name + "' is no target: there are " + names, "target"};
}

namespace {

/// True where it had to be changed.
bool adaptWidth(int& bits, std::span<const int> widths)
{
    if (std::find(widths.begin(), widths.end(), bits) != widths.end())
        return false;
    const auto larger = std::upper_bound(widths.begin(), widths.end(), bits);
    bits = larger == widths.end() ? widths.back() : *larger;
    return true;
}

}  // namespace

void setTarget(Configuration& configuration, const Target& target)
{
    configuration.target = &target == &standardTarget() ? std::string() : std::string(target.name);
    configuration.joinScales = target.joinsScales;
}

Adapted adaptedTo(const Target& target, Configuration configuration)
{
    Adapted adapted;
    setTarget(configuration, target);
    for (auto& [name, setting] : configuration.layers)
        for (ActivationSetting& activation : setting.activations)
            if (const int before = activation.bits; adaptWidth(activation.bits, target.activationWidths))
                adapted.changed.push_back({name, before, activation.bits});
    adapted.configuration = std::move(configuration);
    return adapted;
}

const Target& targetOf(const Configuration& configuration)
{
    const auto found = findTarget(configuration.target);
    return found ? **found : standardTarget();
}

const Target& standardTarget()
{
    return table.front();
}

}  // namespace qs
