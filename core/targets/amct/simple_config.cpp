#include "core/targets/amct/simple_config.h"

#include "core/base/byte_order_mark.h"
#include "core/base/text.h"
#include "core/ops/op.h"
#include "core/targets/amct/parameters.h"
#include "core/targets/amct/qs_calibration_config.pb.h"
#include "core/targets/amct/text_errors.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <set>

namespace qs {

namespace {

namespace proto = quantscope_calibration_config;
using Tree = google::protobuf::TextFormat::ParseInfoTree;

/// Where a message stands in the file: its fields' lines, and the words for errors.
struct Place {
    const google::protobuf::Message& message;
    const Tree* tree;  ///< null when the parser kept nothing
    std::string name;  ///< "common_config", "override_layer_configs 'conv1'"

    /// Counted from 1; 0 when not known.
    int line(const std::string& field, int index = -1) const
    {
        const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
        if (!tree || !descriptor)
            return 0;
        return tree->GetLocation(descriptor, index).line + 1;
    }
    Place nested(const std::string& field, const google::protobuf::Message& inner, int index = -1, const std::string& innerName = {}) const
    {
        const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
        std::string path = name + (name.empty() ? "" : ".") + field;
        if (!innerName.empty())
            path += " '" + innerName + "'";
        return {inner, tree && descriptor ? tree->GetTreeForNested(descriptor, index) : nullptr, std::move(path)};
    }
};

/// What one CalibrationConfig says, checked once: the settings that it brings, and where.
struct Level {
    std::optional<ActivationSetting> activation;
    const proto::CalibrationConfig* config = nullptr;
    Place place;
};

class Reader {
public:
    Reader(const Model& model, const proto::AMCTConfig& message, const Tree& tree, const std::string& fileName)
        : m_model(model), m_message(message), m_root{message, &tree, {}}, m_fileName(fileName)
    {
        for (const Layer& layer : model.layers()) {
            m_names.push_back(layer.name);
            m_types.insert({layer.type, layer.op});
        }
        for (const OpInfo& op : allOps())
            m_types.insert(op.name);
        m_types.erase(std::string());
    }

    Result<SimpleConfig> run()
    {
        m_out.configuration = createQuantConfig(m_model);
        QS_CHECK(readGlobals());
        QS_CHECK(readCommon());
        // First what is left out: the parameters of such a layer are not judged against its type.
        QS_CHECK(skip());
        QS_CHECK(readTypes());
        QS_CHECK(readLayers());
        QS_CHECK(applyAll());
        // Everything has been checked with its line; what only the whole shows is checked here.
        if (const auto checked = checkConfiguration(m_model, m_out.configuration, amctWords); !checked.ok()) {
            Error error = checked.error();
            error.where = m_fileName + ": " + error.where;
            return error;
        }
        return std::move(m_out);
    }

private:
    std::string at(int line) const { return m_fileName + (line > 0 ? ":" + std::to_string(line) : std::string()); }

    Error outOfRange(const Place& place, const std::string& field, const std::string& layer, const std::string& value, const std::string& range) const
    {
        return {ErrorCode::OutOfRange, value + " is not in " + range,
                at(place.line(field)) + ": " + (layer.empty() ? "" : "layer '" + layer + "', ") + "key '" + place.name +
                    (place.name.empty() ? "" : ".") + field + "'"};
    }
    Error outOfRange(const Place& place, const Violation& violation, const std::string& layer = {}) const
    {
        std::string field = violation.key.substr(violation.key.rfind('.') + 1);
        // config.json's list is two fields here; the one that stands in the file is the one to name.
        if (field == "search_range")
            field = place.line("search_range_start") > 0 ? "search_range_start" : "search_range_end";
        return outOfRange(place, field, layer, violation.value, violation.range);
    }

    Result<void> checkLayerName(const std::string& name, const std::string& key, int line) const
    {
        if (m_model.findLayer(name) != noId)
            return {};
        const std::string near = nearestWord(name, m_names);
        return Error{ErrorCode::UnknownLayer, "'" + name + "'" + (near.empty() ? "" : " (did you mean '" + near + "'?)"),
                     at(line) + ": key '" + key + "'"};
    }
    Result<void> checkType(const std::string& type, const std::string& key, int line) const
    {
        if (m_types.contains(type))
            return {};
        const std::string near = nearestWord(type, {m_types.begin(), m_types.end()});
        return Error{ErrorCode::UnknownKey, "there is no layer type '" + type + "'" + (near.empty() ? "" : " (did you mean '" + near + "'?)"),
                     at(line) + ": key '" + key + "'"};
    }
    static bool isOfType(const Layer& layer, const std::string& type) { return layer.type == type || layer.op == type; }

    Result<void> readGlobals()
    {
        Configuration& out = m_out.configuration;
        // Beyond int the number is clamped: it is out of range either way.
        const auto integer = [](uint32_t value) { return static_cast<int>(std::min<uint32_t>(value, INT32_MAX)); };
        if (m_message.has_batch_num()) {
            out.batchNum = integer(m_message.batch_num());
            if (m_message.batch_num() > INT32_MAX)
                return outOfRange(m_root, "batch_num", {}, std::to_string(m_message.batch_num()), findParameter("batch_num")->range);
        }
        if (m_message.has_activation_offset())
            out.activationOffset = m_message.activation_offset();
        if (m_message.has_joint_quant())
            out.jointQuant = m_message.joint_quant();
        if (m_message.has_do_fusion())
            out.doFusion = m_message.do_fusion();
        if (m_message.has_update_bn())
            out.updateBn = m_message.update_bn();
        for (int i = 0; i < m_message.skip_fusion_layers_size(); ++i) {
            QS_CHECK(checkLayerName(m_message.skip_fusion_layers(i), "skip_fusion_layers", m_root.line("skip_fusion_layers", i)));
            out.skipFusionLayers.push_back(m_message.skip_fusion_layers(i));
        }
        if (m_message.has_bn_update_config()) {
            const auto& update = m_message.bn_update_config();
            BnUpdateSetting setting;
            if (update.has_bn_moving_average_fraction())
                setting.movingAverageFraction = update.bn_moving_average_fraction();
            if (update.has_bn_update_iterations())
                setting.iterations = integer(update.bn_update_iterations());
            if (update.has_bn_dump_dir())
                setting.dumpDir = update.bn_dump_dir();
            out.bnUpdate = setting;
        }
        if (const auto violation = findViolation(out, amctWords))
            return outOfRange(
                violation->key.starts_with("bn_update_config.") ? m_root.nested("bn_update_config", m_message.bn_update_config()) : m_root,
                *violation);
        return {};
    }

    /// Checks what does not depend on the layer. `place` is that of the CalibrationConfig.
    Result<Level> readLevel(const proto::CalibrationConfig& config, Place place) const
    {
        Level level{std::nullopt, &config, std::move(place)};
        if (config.has_ifmr_quantize()) {
            const auto& ifmr = config.ifmr_quantize();
            ActivationSetting setting;
            if (ifmr.has_search_range_start())
                setting.searchStart = ifmr.search_range_start();
            if (ifmr.has_search_range_end())
                setting.searchEnd = ifmr.search_range_end();
            if (ifmr.has_search_step())
                setting.searchStep = ifmr.search_step();
            if (ifmr.has_max_percentile())
                setting.maxPercentile = ifmr.max_percentile();
            if (ifmr.has_min_percentile())
                setting.minPercentile = ifmr.min_percentile();
            if (ifmr.has_num_bits())
                setting.bits = static_cast<int>(std::min<uint32_t>(ifmr.num_bits(), 1000));
            if (const auto violation = findViolation(setting, standardScheme(), amctWords))
                return outOfRange(level.place.nested("ifmr_quantize", ifmr), *violation);
            level.activation = setting;
        }
        // The algorithm's own numbers, with an op that allows every channel_wise; each layer is checked again when it is applied.
        if (config.weights_case() != proto::CalibrationConfig::WEIGHTS_NOT_SET) {
            const WeightSetting setting = weightsOf(config, "Convolution");
            if (const auto violation = findViolation(setting, "Convolution", standardScheme(), amctWords))
                return outOfRange(weightPlace(level), *violation);
        }
        return level;
    }

    static Place weightPlace(const Level& level)
    {
        if (level.config->has_snq_quantize())
            return level.place.nested("snq_quantize", level.config->snq_quantize());
        return level.place.nested("arq_quantize", level.config->arq_quantize());
    }

    static WeightSetting weightsOf(const proto::CalibrationConfig& config, const std::string& op)
    {
        WeightSetting setting;
        setting.channelWise = standardScheme().channelWise(op);
        if (config.has_arq_quantize()) {
            const auto& arq = config.arq_quantize();
            if (arq.has_channel_wise())
                setting.channelWise = arq.channel_wise();
            if (arq.has_num_bits())
                setting.bits = static_cast<int>(std::min<uint32_t>(arq.num_bits(), 1000));
            return setting;
        }
        const auto& snq = config.snq_quantize();
        setting.algorithm = "snq";
        setting.bits = 4;
        if (snq.has_channel_wise())
            setting.channelWise = snq.channel_wise();
        // Written out with their defaults, as in the manual's config.json of an SNQ network.
        setting.maxIteration = snq.has_max_iteration() ? static_cast<int>(std::min<uint32_t>(snq.max_iteration(), 1000000)) : 1000;
        setting.minDistance = snq.has_min_distance() ? snq.min_distance() : 1e-10;
        setting.initAlgorithm = snq.has_init_algo() ? snq.init_algo() : "uniform";
        return setting;
    }

    Result<void> readCommon()
    {
        if (m_message.has_common_config()) {
            QS_TRY(Level level, readLevel(m_message.common_config(), m_root.nested("common_config", m_message.common_config())));
            m_common.emplace(std::move(level));
        }
        return {};
    }

    Error missing(const Place& place, const char* field, int line) const
    {
        return {ErrorCode::MissingValue, field, at(line) + ": key '" + place.name + "'"};
    }

    Result<void> readTypes()
    {
        for (int i = 0; i < m_message.override_layer_types_size(); ++i) {
            const auto& entry = m_message.override_layer_types(i);
            const int line = m_root.line("override_layer_types", i);
            const Place place = m_root.nested("override_layer_types", entry, i, entry.layer_type());
            if (entry.layer_type().empty())
                return missing(place, "layer_type", line);
            if (!entry.has_calibration_config())
                return missing(place, "calibration_config", line);
            QS_CHECK(checkType(entry.layer_type(), "override_layer_types.layer_type", place.line("layer_type")));
            const OpInfo* op = findOp(entry.layer_type());
            for (const Layer& layer : m_model.layers())
                if (isOfType(layer, entry.layer_type()))
                    op = findOp(layer.op);
            const LayerRule* rule = op ? standardScheme().rule(op->name) : nullptr;
            const Quantizable ruled = rule ? rule->quantizable : Quantizable::No;
            const bool skipped = std::find(m_message.skip_layer_types().begin(), m_message.skip_layer_types().end(), entry.layer_type()) !=
                                 m_message.skip_layer_types().end();
            if (!skipped && (ruled == Quantizable::No))
                return Error{ErrorCode::OutOfRange, "the type " + entry.layer_type() + " cannot be quantized",
                             at(place.line("layer_type")) + ": key 'override_layer_types.layer_type'"};
            QS_TRY(Level level, readLevel(entry.calibration_config(), place.nested("calibration_config", entry.calibration_config())));
            if (!skipped && ruled != Quantizable::WeightsAndData && entry.calibration_config().weights_case() != 0)
                return Error{ErrorCode::OutOfRange, "the type " + entry.layer_type() + " has no weights to quantize",
                             at(weightLine(level)) + ": key '" + weightPlace(level).name + "'"};
            if (!m_byType.emplace(entry.layer_type(), std::move(level)).second)
                return Error{ErrorCode::DuplicateKey, "the type '" + entry.layer_type() + "'", at(line) + ": key 'override_layer_types'"};
        }
        return {};
    }

    static int weightLine(const Level& level) { return level.place.line(level.config->has_snq_quantize() ? "snq_quantize" : "arq_quantize"); }

    Result<void> readLayers()
    {
        for (int i = 0; i < m_message.override_layer_configs_size(); ++i) {
            const auto& entry = m_message.override_layer_configs(i);
            const int line = m_root.line("override_layer_configs", i);
            const Place place = m_root.nested("override_layer_configs", entry, i, entry.layer_name());
            if (entry.layer_name().empty())
                return missing(place, "layer_name", line);
            if (!entry.has_calibration_config())
                return missing(place, "calibration_config", line);
            QS_CHECK(checkLayerName(entry.layer_name(), "override_layer_configs.layer_name", place.line("layer_name")));
            const LayerId id = m_model.findLayer(entry.layer_name());
            const Quantizable quantizable = layerQuantizable(m_model, id);
            const bool skipped = m_out.skipped.contains(entry.layer_name()) || m_skippedByName.contains(entry.layer_name());
            if (!skipped && quantizable == Quantizable::No)
                return Error{ErrorCode::OutOfRange,
                             "the layer '" + entry.layer_name() + "' (" + m_model.layer(id).type + ") cannot be quantized" +
                                 (m_model.layer(id).notRunnable.empty() ? "" : ": " + m_model.layer(id).notRunnable),
                             at(place.line("layer_name")) + ": key 'override_layer_configs.layer_name'"};
            QS_TRY(Level level, readLevel(entry.calibration_config(), place.nested("calibration_config", entry.calibration_config())));
            if (!skipped && quantizable != Quantizable::WeightsAndData && entry.calibration_config().weights_case() != 0)
                return Error{ErrorCode::OutOfRange, "the type " + m_model.layer(id).type + " has no weights to quantize",
                             at(weightLine(level)) + ": layer '" + entry.layer_name() + "', key '" + weightPlace(level).name + "'"};
            if (!m_byLayer.emplace(entry.layer_name(), std::move(level)).second)
                return Error{ErrorCode::DuplicateKey, "the layer '" + entry.layer_name() + "'", at(line) + ": key 'override_layer_configs'"};
        }
        return {};
    }

    Result<void> applyAll()
    {
        for (const LayerId id : m_model.layerIds()) {
            const Layer& layer = m_model.layer(id);
            const auto entry = m_out.configuration.layers.find(layer.name);
            if (entry == m_out.configuration.layers.end())
                continue;
            std::vector<const Level*> levels;  // from the farthest to the nearest
            if (m_common)
                levels.push_back(&*m_common);
            if (const Level* level = levelOfType(layer))
                levels.push_back(level);
            const auto own = m_byLayer.find(layer.name);
            if (own != m_byLayer.end())
                levels.push_back(&own->second);
            const Level* weights = nullptr;
            for (const Level* level : levels) {
                if (level->activation)
                    entry->second.activations = {*level->activation};
                if (level->config->weights_case() != proto::CalibrationConfig::WEIGHTS_NOT_SET)
                    weights = level;
            }
            const bool skipped = m_out.skipped.contains(layer.name);
            if (weights && entry->second.weights) {
                const WeightSetting setting = weightsOf(*weights->config, layer.op);
                const auto violation = findViolation(setting, layer.op, standardScheme(), amctWords);
                if (violation && !skipped)
                    return outOfRange(weightPlace(*weights), *violation, layer.name);
                if (!violation)
                    entry->second.weights = setting;
            }
            if (!skipped && own != m_byLayer.end() && !entry->second.quantEnable)
                m_out.notes.push_back("layer '" + layer.name + "' has an override but is off by default for its type (" + layer.type +
                                      "), and a .cfg has no switch: set quant_enable in config.json");
        }
        return {};
    }

    const Level* levelOfType(const Layer& layer) const
    {
        for (const std::string& name : {layer.type, layer.op})
            if (const auto found = m_byType.find(name); found != m_byType.end())
                return &found->second;
        return nullptr;
    }

    Result<void> skip()
    {
        auto& layers = m_out.configuration.layers;
        for (int i = 0; i < m_message.skip_layer_types_size(); ++i) {
            const std::string& type = m_message.skip_layer_types(i);
            QS_CHECK(checkType(type, "skip_layer_types", m_root.line("skip_layer_types", i)));
            bool any = false;
            for (const Layer& layer : m_model.layers())
                if (isOfType(layer, type)) {
                    any = true;
                    if (const auto entry = layers.find(layer.name); entry != layers.end()) {
                        entry->second.quantEnable = false;
                        m_out.skipped[layer.name] = "skip_layer_types: " + type;
                    }
                }
            if (!any)
                m_out.notes.push_back("skip_layer_types names '" + type + "', of which the network has no layer");
        }
        for (int i = 0; i < m_message.skip_layers_size(); ++i) {
            const std::string& name = m_message.skip_layers(i);
            QS_CHECK(checkLayerName(name, "skip_layers", m_root.line("skip_layers", i)));
            m_skippedByName.insert(name);
            if (const auto entry = layers.find(name); entry != layers.end()) {
                entry->second.quantEnable = false;
                m_out.skipped[name] = "skip_layers";
            } else {
                m_out.notes.push_back("skip_layers names '" + name + "', which cannot be quantized anyway");
            }
        }
        return {};
    }

    const Model& m_model;
    const proto::AMCTConfig& m_message;
    Place m_root;
    const std::string& m_fileName;
    std::vector<std::string> m_names;
    std::set<std::string> m_types;
    std::optional<Level> m_common;
    std::map<std::string, Level> m_byType;
    std::map<std::string, Level> m_byLayer;
    std::set<std::string> m_skippedByName;  ///< also what cannot be quantized anyway
    SimpleConfig m_out;
};

}  // namespace

Result<SimpleConfig> configurationFromCfg(const Model& model, const std::string& text, const std::string& fileName)
{
    proto::AMCTConfig message;
    google::protobuf::TextFormat::Parser parser;
    FirstTextError error;
    Tree tree;
    parser.RecordErrorsTo(&error);
    parser.WriteLocationsTo(&tree);
    parser.SetRecursionLimit(100);
    if (!parser.ParseFromString(withoutByteOrderMark(text), &message))
        return Error{ErrorCode::ParseFailed, unknownFieldText(error.text, proto::AMCTConfig::descriptor()->file()), error.place(fileName)};
    return Reader(model, message, tree, fileName).run();
}

}  // namespace qs
