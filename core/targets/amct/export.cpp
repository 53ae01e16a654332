#include "core/targets/amct/export.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/npy.h"
#include "core/export/caffe_net.h"
#include "core/import/caffe/document.h"
#include "core/ops/op.h"
#include "core/prepare/quantized_weights.h"
#include "core/targets/amct/config_json.h"
#include "core/targets/amct/qs_quant_param.pb.h"
#include "core/targets/amct/record_text.h"
#include "core/targets/settings_json.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <set>

namespace qs {

namespace {

namespace fs = std::filesystem;
namespace proto = quantscope_calibration;

/// ATC's parameters: scale is the multiplier 1 / scale_d (semantics 1.10, INFERRED from ATC's sample).
proto::CalibrationParam quantParamRecord(const PreparedNetwork& prepared, const QuantizedNetwork& quantized)
{
    proto::CalibrationParam record;
    record.set_version(65536);
    for (const Layer& layer : prepared.network->layers()) {
        const auto found = quantized.record.layers.find(layer.name);
        if (found == quantized.record.layers.end())
            continue;
        const LayerFactors& factors = found->second;
        auto* entry = record.add_layer();
        entry->set_name(layer.name);
        bool wide = false;
        for (const InputFactors& input : factors.inputs) {
            auto* data = entry->mutable_quant_param()->add_input();
            data->set_data_type(input.params.bits > 8 ? proto::S16 : proto::S8);
            data->add_scale(1 / input.params.scale);
            data->add_offset(static_cast<float>(input.params.offset));
            wide |= input.params.bits > 8;
        }
        entry->set_calc_data_type(wide ? proto::S16 : proto::S8);
        if (!factors.weightScales.empty()) {
            auto* weight = entry->mutable_quant_param()->mutable_weight();
            weight->set_data_type(factors.weightBits == 4 ? proto::S4 : proto::S8);
            for (const float scale : factors.weightScales) {
                weight->add_scale(1 / scale);
                weight->add_offset(0);
            }
            // SNQ's levels, a byte each (semantics 1.5, INFERRED).
            if (!factors.codebook.empty())
                weight->set_params(factors.codebook.data(), factors.codebook.size());
        }
        // `quant_param` is required, also for a layer without any.
        entry->mutable_quant_param();
    }
    return record;
}

Json factorsJson(const LayerFactors& factors)
{
    Json json;
    json["inputs"] = Json::array();
    for (const InputFactors& input : factors.inputs)
        json["inputs"].push_back(Json{{"index", input.port},
                                      {"scale", jsonNumber(input.params.scale)},
                                      {"offset", input.params.offset},
                                      {"numBits", input.params.bits},
                                      {"byHand", input.byHand}});
    json["weightScales"] = Json::array();
    for (const float scale : factors.weightScales)
        json["weightScales"].push_back(jsonNumber(scale));
    json["weightBits"] = factors.weightScales.empty() ? Json(nullptr) : Json(factors.weightBits);
    if (!factors.codebook.empty())
        json["codebook"] = factors.codebook;
    return json;
}

/// Our own versioned schema: the vendor's is not published (semantics 5).
std::string quantJson(const PreparedNetwork& prepared, const QuantizedNetwork& quantized, const CaffeNet& fakeQuant, const CaffeNet& deploy)
{
    Json json;
    json["schema"] = "quantscope-quant-json";
    json["version"] = 1;
    json["model"] = prepared.original->name();
    json["layers"] = Json::array();
    const Model& model = *prepared.original;
    for (const LayerId id : model.layerIds()) {
        const std::string& name = model.layer(id).name;
        const Effective& effective = quantized.effective[id];
        Json entry;
        entry["name"] = name;
        entry["type"] = model.layer(id).type;
        const LayerId host = prepared.networkLayer[id];
        entry["quantizedLayer"] = host == noId ? Json(nullptr) : Json(prepared.network->layer(host).name);
        entry["fused"] = Json::array();
        for (const LayerId other : model.layerIds())
            if (quantized.effective[other].reason == Reason::FusedInto && quantized.effective[other].reasonLayer == name)
                entry["fused"].push_back(model.layer(other).name);
        const auto inserted = [&](const CaffeNet& net) {
            const auto found = net.inserted.find(name);
            return found == net.inserted.end() ? Json::array() : Json(found->second);
        };
        entry["fakeQuantNodes"] = inserted(fakeQuant);
        entry["deployNodes"] = inserted(deploy);
        entry["requested"] = requestedJson(prepared.configuration, name);
        entry["effective"] = effectiveJson(effective);
        entry["reason"] = reasonText(effective);
        if (const auto factors = quantized.record.layers.find(name); factors != quantized.record.layers.end())
            entry["factors"] = factorsJson(factors->second);
        json["layers"].push_back(std::move(entry));
    }
    return jsonText(json);
}

/// scale_w of the original layers' weights with the activations' factors beside them.
Result<QuantRecord> recordBeforeFusion(const PreparedNetwork& prepared, const QuantRecord& fused)
{
    QuantRecord record = fused;
    for (auto& [name, factors] : record.layers) {
        const LayerId id = prepared.original->findLayer(name);
        const Effective& effective = prepared.effective[id];
        // An accelerated BatchNorm has no weights before fusion.
        if (effective.weightBits == 0 || layerQuantizable(*prepared.original, id, *prepared.configuration.scheme) != Quantizable::WeightsAndData)
            continue;
        QS_CHECK(solveWeights(prepared.original->layer(id), effectiveWeightSetting(prepared, name, effective), prepared.configuration.scheme->weights,
                              factors));
    }
    return record;
}

}  // namespace

Result<fs::path> statisticsFolder(const Configuration& configuration, const fs::path& prefix, const fs::path& dumpFolder)
{
    if (!dumpFolder.empty())
        return dumpFolder;
    const std::string wanted = configuration.bnUpdate.value_or(BnUpdateSetting{}).dumpDir;
    const fs::path base = prefix.parent_path();
    std::error_code failure;
    const fs::path real = fs::weakly_canonical(fs::absolute(base / "", failure), failure);
    const fs::path folder = fs::weakly_canonical(fs::absolute(base / wanted, failure), failure);
    const fs::path relative = folder.lexically_relative(real.has_filename() ? real : real.parent_path());
    if (failure || relative.empty() || *relative.begin() == "..")
        return Error{ErrorCode::OutOfRange,
                     "'" + wanted + "' leads out of the folder of the exported files: give a path below it, or --bn-dump-dir on the command line",
                     "key 'bn_update_config.bn_dump_dir'"};
    return base / wanted;
}

Result<ExportPlan> planAmct(const ExportRequest& request)
{
    const PreparedNetwork& prepared = *request.prepared;
    const QuantizedNetwork& quantized = *request.quantized;
    QS_CHECK(requireFactors(prepared, quantized));
    QS_TRY(const CaffeNet fakeQuant, caffeNet(quantized, CaffeForm::FakeQuant));
    QS_TRY(const CaffeNet deploy, caffeNet(quantized, CaffeForm::Deploy));
    const proto::CalibrationParam parameters = quantParamRecord(prepared, quantized);
    std::string parametersText;
    google::protobuf::TextFormat::PrintToString(parameters, &parametersText);
    std::vector<std::string> order;
    for (const Layer& layer : prepared.network->layers())
        order.push_back(layer.name);
    const auto* document = dynamic_cast<const CaffeDocument*>(prepared.network->source().get());
    ExportPlan plan;
    const auto add = [&](const char* suffix, const char* purpose, std::string content) {
        plan.files.push_back({request.prefix.string() + suffix, purpose, std::move(content)});
    };
    if (request.saveType != SaveType::Deploy) {
        add("_fake_quant_model.prototxt", "the quantized network for accuracy simulation in float (structure)",
            caffeNetText(fakeQuant.net, document));
        add("_fake_quant_weights.caffemodel", "the quantized network for accuracy simulation in float (weights)",
            fakeQuant.weights.SerializeAsString());
    }
    if (request.saveType != SaveType::FakeQuant) {
        add("_deploy_model.prototxt", "the network for the chip's compiler (structure)", caffeNetText(deploy.net, document));
        add("_deploy_weights.caffemodel", "the network for the chip's compiler (int8 weights, int32 biases)", deploy.weights.SerializeAsString());
    }
    add("_quant.json", "which original layer became which quantized one, for accuracy comparison (our own schema)",
        quantJson(prepared, quantized, fakeQuant, deploy));
    add("_quant_param_record.txt", "quantization parameters for ATC, text", std::move(parametersText));
    add("_quant_param_record.bin", "quantization parameters for ATC, binary", parameters.SerializeAsString());
    const bool updated = !quantized.record.statistics.empty();
    add(updated ? "_scale_offset_record_update.txt" : "_scale_offset_record.txt", "quantization factors, as AMCT's record; --record reads it",
        recordToText(quantized.record, order));
    if (updated) {
        // Equalization works on what fusion leaves: before it there are no weights that belong to these activations.
        if (prepared.equalized.empty()) {
            QS_TRY(const QuantRecord unfused, recordBeforeFusion(prepared, quantized.record));
            add("_scale_offset_record.txt", "quantization factors of the weights before fusion, as AMCT's record", recordToText(unfused, order));
        }
        QS_TRY(const fs::path folder, statisticsFolder(prepared.configuration, request.prefix, request.dumpFolder));
        std::set<std::string> taken;
        for (const auto& [name, statistics] : quantized.record.statistics) {
            // "a/b" and "a_b" are two layers.
            const std::string plain = fileNameOf(name);
            std::string file = plain;
            for (int i = 2; !taken.insert(file).second; ++i)
                file = plain + "_" + std::to_string(i);
            for (const auto& [suffix, values] : {std::pair{"_mean.npy", &statistics.mean}, std::pair{"_variance.npy", &statistics.variance}})
                plan.files.push_back({folder / (file + suffix), "refreshed BatchNorm statistics of one layer",
                                      npyBytes(Buffer::fromFloats({static_cast<int64_t>(values->size())}, *values))});
        }
    }
    add("_config.json", "the configuration, as AMCT's config.json", configurationToJson(*prepared.original, prepared.configuration));
    plan.differences = exportDifferences(prepared, quantized);
    return plan;
}

}  // namespace qs
