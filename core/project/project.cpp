#include "core/project/project.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/project/refinements.h"

namespace qs {

namespace fs = std::filesystem;

namespace {

constexpr int currentVersion = 1;

/// Relative where it stays inside or beside the project's folder, so that both can move together.
std::string stored(const fs::path& path, const fs::path& base)
{
    if (path.empty())
        return {};
    const fs::path relative = path.lexically_relative(base);
    return relative.empty() ? path.generic_string() : relative.generic_string();
}

fs::path restored(const std::string& text, const fs::path& base)
{
    if (text.empty())
        return {};
    const fs::path path(text);
    return (path.is_absolute() ? path : base / path).lexically_normal();
}

constexpr std::pair<DataKind, const char*> kinds[] = {{DataKind::Pictures, "pictures"}, {DataKind::List, "list"},   {DataKind::Npy, "npy"},
                                                      {DataKind::Cifar10, "cifar10"},   {DataKind::Mnist, "mnist"}, {DataKind::Lmdb, "lmdb"}};

Json dataJson(const DataSpec& data, const fs::path& base)
{
    Json json;
    for (const auto& [kind, name] : kinds)
        if (kind == data.kind)
            json["kind"] = name;
    json["path"] = stored(data.path, base);
    DataSpec moved = data;
    moved.preprocess.meanFile = stored(data.preprocess.meanFile, base);
    json["preprocess"] = Json::parse(preprocessToJson(moved.preprocess));
    if (data.limit)
        json["limit"] = *data.limit;
    if (!data.labels.empty())
        json["labels"] = stored(data.labels, base);
    return json;
}

Result<DataSpec> readData(const Json& json, const fs::path& base, const std::string& fileName)
{
    DataSpec data;
    const std::string kind = json.value("kind", "pictures");
    bool known = false;
    for (const auto& [value, name] : kinds)
        if (kind == name) {
            data.kind = value;
            known = true;
        }
    if (!known)
        return Error{ErrorCode::OutOfRange, "data kind '" + kind + "'", fileName};
    data.path = restored(json.value("path", ""), base);
    if (json.contains("preprocess")) {
        QS_TRY(data.preprocess, preprocessFromJson(json["preprocess"].dump(), fileName));
        data.preprocess.meanFile = restored(data.preprocess.meanFile.generic_string(), base);
    }
    if (json.contains("limit"))
        data.limit = json["limit"].get<int>();
    data.labels = restored(json.value("labels", ""), base);
    return data;
}

Json activationJson(const ActivationSetting& setting)
{
    Json json{{"bits", setting.bits},
              {"maxPercentile", setting.maxPercentile},
              {"minPercentile", setting.minPercentile},
              {"search", {setting.searchStart, setting.searchEnd, setting.searchStep}}};
    if (setting.withOffset)
        json["withOffset"] = *setting.withOffset;
    if (setting.clip)
        json["clip"] = {jsonNumber(setting.clip->first), jsonNumber(setting.clip->second)};
    if (setting.algorithm != ActivationSetting{}.algorithm)
        json["calibrator"] = setting.algorithm;
    return json;
}

ActivationSetting readActivation(const Json& json)
{
    ActivationSetting setting;
    setting.bits = json.at("bits").get<int>();
    setting.maxPercentile = json.at("maxPercentile").get<double>();
    setting.minPercentile = json.at("minPercentile").get<double>();
    setting.searchStart = json.at("search").at(0).get<double>();
    setting.searchEnd = json.at("search").at(1).get<double>();
    setting.searchStep = json.at("search").at(2).get<double>();
    if (json.contains("withOffset"))
        setting.withOffset = json["withOffset"].get<bool>();
    if (json.contains("clip"))
        setting.clip = {json["clip"].at(0).get<float>(), json["clip"].at(1).get<float>()};
    setting.algorithm = json.value("calibrator", setting.algorithm);
    return setting;
}

constexpr std::pair<const char*, bool WeightSetting::*> refinementFlags[] = {
    {"equalize", &WeightSetting::equalize}, {"adaRound", &WeightSetting::adaRound}, {"biasCorrection", &WeightSetting::biasCorrection}};

Json weightJson(const WeightSetting& setting)
{
    Json json{{"algorithm", setting.algorithm}, {"channelWise", setting.channelWise}, {"bits", setting.bits}};
    if (setting.maxIteration)
        json["maxIteration"] = *setting.maxIteration;
    if (setting.minDistance)
        json["minDistance"] = *setting.minDistance;
    if (setting.initAlgorithm)
        json["initAlgorithm"] = *setting.initAlgorithm;
    for (const auto& [key, member] : refinementFlags)
        if (setting.*member)
            json[key] = true;
    return json;
}

WeightSetting readWeights(const Json& json)
{
    WeightSetting setting;
    setting.algorithm = json.at("algorithm").get<std::string>();
    setting.channelWise = json.at("channelWise").get<bool>();
    setting.bits = json.at("bits").get<int>();
    if (json.contains("maxIteration"))
        setting.maxIteration = json["maxIteration"].get<int>();
    if (json.contains("minDistance"))
        setting.minDistance = json["minDistance"].get<double>();
    if (json.contains("initAlgorithm"))
        setting.initAlgorithm = json["initAlgorithm"].get<std::string>();
    for (const auto& [key, member] : refinementFlags)
        setting.*member = json.value(key, false);
    return setting;
}

/// All fields, including what config.json has no key for; checked against the network when it is imported.
Json configurationJson(const Configuration& configuration)
{
    Json json;
    json["batchNum"] = configuration.batchNum;
    json["activationOffset"] = configuration.activationOffset;
    if (configuration.jointQuant)
        json["jointQuant"] = *configuration.jointQuant;
    json["doFusion"] = configuration.doFusion;
    json["skipFusionLayers"] = configuration.skipFusionLayers;
    if (configuration.updateBn)
        json["updateBn"] = *configuration.updateBn;
    if (configuration.bnUpdate)
        json["bnUpdate"] = Json{{"movingAverageFraction", configuration.bnUpdate->movingAverageFraction},
                                {"iterations", configuration.bnUpdate->iterations},
                                {"dumpDir", configuration.bnUpdate->dumpDir}};
    json["layers"] = Json::object();
    for (const auto& [name, setting] : configuration.layers) {
        Json layer{{"quantEnable", setting.quantEnable}, {"asList", setting.activationsAsList}, {"activations", Json::array()}};
        for (const ActivationSetting& activation : setting.activations)
            layer["activations"].push_back(activationJson(activation));
        if (setting.weights)
            layer["weights"] = weightJson(*setting.weights);
        json["layers"][name] = std::move(layer);
    }
    return json;
}

Configuration readConfiguration(const Json& json)
{
    Configuration configuration;
    configuration.batchNum = json.at("batchNum").get<int>();
    configuration.activationOffset = json.at("activationOffset").get<bool>();
    if (json.contains("jointQuant"))
        configuration.jointQuant = json["jointQuant"].get<bool>();
    configuration.doFusion = json.at("doFusion").get<bool>();
    configuration.skipFusionLayers = json.at("skipFusionLayers").get<std::vector<std::string>>();
    if (json.contains("updateBn"))
        configuration.updateBn = json["updateBn"].get<bool>();
    if (json.contains("bnUpdate"))
        configuration.bnUpdate = BnUpdateSetting{json["bnUpdate"].at("movingAverageFraction").get<double>(),
                                                 json["bnUpdate"].at("iterations").get<int>(), json["bnUpdate"].at("dumpDir").get<std::string>()};
    for (const auto& item : json.at("layers").items()) {
        LayerSetting setting;
        setting.quantEnable = item.value().at("quantEnable").get<bool>();
        setting.activationsAsList = item.value().at("asList").get<bool>();
        setting.activations.clear();
        for (const Json& activation : item.value().at("activations"))
            setting.activations.push_back(readActivation(activation));
        if (setting.activations.empty())
            setting.activations.emplace_back();
        if (item.value().contains("weights"))
            setting.weights = readWeights(item.value()["weights"]);
        configuration.layers.emplace(item.key(), std::move(setting));
    }
    return configuration;
}

/// AMCT's record has no place for what update_bn found: it writes that into the caffemodel.
Json statisticsJson(const BatchNormStatistics& statistics)
{
    const auto list = [](const std::vector<float>& values) {
        Json json = Json::array();
        for (const float value : values)
            json.push_back(jsonNumber(value));
        return json;
    };
    Json json = Json::object();
    for (const auto& [layer, channels] : statistics)
        json[layer] = Json{{"mean", list(channels.mean)}, {"variance", list(channels.variance)}};
    return json;
}

BatchNormStatistics readStatistics(const Json& json)
{
    BatchNormStatistics statistics;
    for (const auto& item : json.items())
        statistics.emplace(
            item.key(), ChannelStatistics{item.value().at("mean").get<std::vector<float>>(), item.value().at("variance").get<std::vector<float>>()});
    return statistics;
}

std::vector<std::string> namesOf(const QuantRecord& record)
{
    std::vector<std::string> names;
    for (const auto& [name, factors] : record.layers)
        names.push_back(name);
    return names;
}

}  // namespace

std::string projectToJson(const Project& project, const fs::path& base)
{
    Json json;
    json["quantscope"] = currentVersion;
    json["model"] = stored(project.model, base);
    if (!project.weights.empty())
        json["weights"] = stored(project.weights, base);
    if (!project.customProto.empty())
        json["customProto"] = stored(project.customProto, base);
    if (project.data)
        json["data"] = dataJson(*project.data, base);
    if (!project.classNames.empty())
        json["classNames"] = stored(project.classNames, base);
    json["target"] = project.target;
    json["configuration"] = configurationJson(project.configuration);
    if (project.record) {
        json["record"] = recordToText(*project.record, namesOf(*project.record));
        if (!project.record->statistics.empty())
            json["statistics"] = statisticsJson(project.record->statistics);
        if (Json refinements = refinementsJson(*project.record); !refinements.empty())
            json["refinements"] = std::move(refinements);
    }
    if (!project.layout.empty())
        json["layout"] = project.layout;
    return jsonText(json);
}

Result<Project> projectFromJson(const std::string& text, const fs::path& base, const std::string& fileName)
{
    QS_TRY(const Json json, parseJson(text, fileName));
    try {
        const int version = json.at("quantscope").get<int>();
        if (version > currentVersion)
            return Error{ErrorCode::NotSupported, "the project was written by a later Quantscope (format " + std::to_string(version) + ")", fileName};
        Project project;
        project.model = restored(json.at("model").get<std::string>(), base);
        project.weights = restored(json.value("weights", ""), base);
        project.customProto = restored(json.value("customProto", ""), base);
        if (json.contains("data")) {
            QS_TRY(project.data, readData(json["data"], base, fileName));
        }
        project.classNames = restored(json.value("classNames", ""), base);
        project.target = json.value("target", project.target);
        project.configuration = readConfiguration(json.at("configuration"));
        if (json.contains("record")) {
            QS_TRY(project.record, recordFromText(json["record"].get<std::string>(), fileName));
            if (json.contains("statistics"))
                project.record->statistics = readStatistics(json["statistics"]);
            if (json.contains("refinements"))
                QS_CHECK(readRefinements(json["refinements"], *project.record, fileName));
        }
        project.layout = json.value("layout", "");
        return project;
    } catch (const nlohmann::json::exception& error) {
        return Error{ErrorCode::ParseFailed, error.what(), fileName};
    }
}

Result<void> saveProject(const Project& project, const fs::path& file)
{
    return writeFile(file, projectToJson(project, fs::absolute(file).parent_path()));
}

Result<Project> loadProject(const fs::path& file)
{
    QS_TRY(const std::string text, readFile(file));
    return projectFromJson(text, fs::absolute(file).parent_path(), file.string());
}

}  // namespace qs
