#include "core/export/exporter.h"

#include "core/base/file.h"
#include "core/quant/scheme.h"

namespace qs {

Result<SaveType> saveTypeNamed(const std::string& name)
{
    if (name == "Both")
        return SaveType::Both;
    if (name == "Fakequant")
        return SaveType::FakeQuant;
    if (name == "Deploy")
        return SaveType::Deploy;
    return Error{ErrorCode::OutOfRange, "'" + name + "' is not one of Fakequant, Deploy, Both", "save_type"};
}

Result<void> writeExport(const ExportPlan& plan)
{
    std::vector<NewFile> files;
    for (const ExportFile& file : plan.files)
        files.push_back({file.path, file.content});
    return writeFiles(files);
}

std::vector<std::string> exportDifferences(const PreparedNetwork& prepared, const QuantizedNetwork& quantized)
{
    std::vector<std::string> lines;
    for (const Note& note : prepared.notes)
        lines.push_back(noteText(note));
    for (const LayerId id : prepared.original->layerIds()) {
        const std::string& name = prepared.original->layer(id).name;
        const auto requested = prepared.configuration.layers.find(name);
        const Effective& effective = quantized.effective[id];
        if (requested != prepared.configuration.layers.end() && requested->second.quantEnable && !effective.quantized)
            lines.push_back(name + ": not quantized as requested: " + reasonText(effective));
        const auto notAll = [&](const std::string& what) { lines.push_back(name + ": " + what); };
        for (const EffectiveInput& input : effective.inputs)
            if (input.byHand)
                notAll("the limits of " + siteText(input.port) + " are set by hand (in the record, not in config.json)");
            else if (input.algorithm != ActivationSetting{}.algorithm)
                notAll(siteText(input.port) + " is calibrated by " + input.algorithm + " (in the record, not in config.json)");
        // A record that is read again would be taken for one of the plain network.
        if (!effective.equalizedWith.empty())
            notAll("equalized with " + effective.equalizedWith + " (in the weights; neither in the record nor in config.json)");
        if (effective.adaRounded)
            notAll("rounded by AdaRound (in the weights; neither in the record nor in config.json)");
        if (effective.biasCorrected)
            notAll("its bias is corrected (in the weights; neither in the record nor in config.json)");
    }
    return lines;
}

Error layersNotWritten(const std::vector<Error>& layers, const std::string& how, const std::string& network)
{
    if (layers.size() == 1)
        return layers.front();
    std::string detail = std::to_string(layers.size()) + " layers cannot be written " + how;
    for (const Error& error : layers)
        detail += (&error == &layers.front() ? ": " : "; ") + error.where + ": " + error.detail;
    return {ErrorCode::NotSupported, detail, network};
}

Result<void> checkOnnxOpset(int opset)
{
    if (opset < oldestOnnxOpset || opset > newestOnnxOpset)
        return Error{
            ErrorCode::OutOfRange,
            "opset " + std::to_string(opset) + " is not one of " + std::to_string(oldestOnnxOpset) + " to " + std::to_string(newestOnnxOpset),
            "opset"};
    return {};
}

Result<void> requireFactors(const PreparedNetwork& prepared, const QuantizedNetwork& quantized)
{
    std::vector<std::string> without;
    for (const LayerId id : quantized.effective.ids())
        if (quantized.effective[id].reason == Reason::NoFactors)
            without.push_back(prepared.original->layer(id).name);
    if (without.empty())
        return {};
    return Error{ErrorCode::MissingValue,
                 "Cannot find scale_d of layer '" + without.front() + "' in record file" +
                     (without.size() == 1 ? "" : " (nor of " + std::to_string(without.size() - 1) + " more)") +
                     ": calibrate it, or switch its quant_enable off",
                 prepared.original->name()};
}

}  // namespace qs
