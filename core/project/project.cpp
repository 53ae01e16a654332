#include "core/project/project.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/project/configuration_json.h"
#include "core/project/record_json.h"
#include "core/targets/target.h"

#include <set>

namespace qs {

namespace fs = std::filesystem;

namespace {

/// 2: branches and undo history. What has neither is written as 1, which earlier programs read.
constexpr int currentVersion = 2;

constexpr uint64_t largestProject = uint64_t{1} << 30;  ///< with the rounded weights of several branches

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

fs::path folderOf(const fs::path& file)
{
    std::error_code failure;
    return fs::absolute(file, failure).parent_path();
}

constexpr std::pair<DataKind, const char*> kinds[] = {{DataKind::Pictures, "pictures"}, {DataKind::List, "list"},   {DataKind::Npy, "npy"},
                                                      {DataKind::Cifar10, "cifar10"},   {DataKind::Mnist, "mnist"}, {DataKind::Lmdb, "lmdb"},
                                                      {DataKind::Points, "points"}};

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
    for (const auto& [name, path] : data.inputs)
        json["inputs"][name] = stored(path, base);
    if (!data.notEvaluated.empty())
        json["notEvaluated"] = data.notEvaluated;
    if (data.outputs.kind != OutputKind::Automatic)
        json["outputs"] = outputKindNames[static_cast<size_t>(data.outputs.kind)];
    if (!data.outputs.decoder.empty())
        json["decoder"] = data.outputs.decoder;
    if (!(data.voxels == Voxelization()))
        json["voxels"] = Json{{"size", data.voxels.size},
                              {"range", data.voxels.range},
                              {"features", data.voxels.features},
                              {"mostPoints", data.voxels.mostPoints},
                              {"mostVoxels", data.voxels.mostVoxels}};
    if (data.reverseSites)
        json["reverseSites"] = true;
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
        data.limit = jsonInteger(json["limit"]);
    data.labels = restored(json.value("labels", ""), base);
    if (json.contains("inputs"))
        for (const auto& item : json["inputs"].items())
            data.inputs[item.key()] = restored(item.value().get<std::string>(), base);
    if (json.contains("notEvaluated"))
        data.notEvaluated = json["notEvaluated"].get<std::vector<std::string>>();
    QS_TRY(data.outputs.kind, outputKindFrom(json.value("outputs", outputKindNames[0]), fileName));
    data.outputs.decoder = json.value("decoder", "");
    if (json.contains("voxels")) {
        const Json& voxels = json["voxels"];
        data.voxels.size = voxels.value("size", data.voxels.size);
        data.voxels.range = voxels.value("range", data.voxels.range);
        for (const auto& [key, number] : {std::pair{"features", &data.voxels.features}, std::pair{"mostPoints", &data.voxels.mostPoints},
                                          std::pair{"mostVoxels", &data.voxels.mostVoxels}})
            if (voxels.contains(key))
                *number = jsonInteger(voxels[key]);
    }
    data.reverseSites = json.value("reverseSites", false);
    return data;
}

void putRecord(Json& json, const QuantRecord& record, const Configuration& recordConfiguration, const Configuration& configuration)
{
    putFactors(json, record);
    // As a difference, like the steps below: one setting of one layer is all that it mostly is.
    if (!(recordConfiguration == configuration))
        json["recordConfiguration"] = mergePatch(configurationJson(configuration), configurationJson(recordConfiguration));
}

Configuration patched(const Configuration& configuration, const Json& patch)
{
    return readConfiguration(applyPatch(configurationJson(configuration), patch));
}

void putHistory(Json& json, const History& whole, const Configuration& configuration)
{
    if (whole.steps.empty())
        return;
    const History history = boundedHistory(whole);
    Json last = configurationJson(history.start);
    Json list = Json::array();
    for (const HistoryStep& step : history.steps) {
        Json next = configurationJson(step.configuration);
        list.push_back(Json{{"text", step.text}, {"change", mergePatch(last, next)}});
        last = std::move(next);
    }
    json["history"] = Json{{"index", history.index},
                           {"start", mergePatch(configurationJson(configuration), configurationJson(history.start))},
                           {"steps", std::move(list)}};
}

Result<History> readHistory(const Json& json, const Configuration& configuration, const std::string& fileName)
{
    History history;
    if (json.at("steps").size() > static_cast<size_t>(historyLimit))
        return Error{ErrorCode::OutOfRange,
                     std::to_string(json.at("steps").size()) + " steps of an undo history; " + std::to_string(historyLimit) + " are kept at most",
                     fileName};
    Json settings = applyPatch(configurationJson(configuration), json.at("start"));
    history.start = readConfiguration(settings);
    for (const Json& step : json.at("steps")) {
        settings = applyPatch(settings, step.at("change"));
        history.steps.push_back({step.at("text").get<std::string>(), readConfiguration(settings)});
    }
    history.index = jsonInteger(json.at("index"));
    if (history.index < 0 || history.index > static_cast<int>(history.steps.size()))
        return Error{ErrorCode::OutOfRange,
                     "step " + std::to_string(history.index) + " of an undo history of " + std::to_string(history.steps.size()), fileName};
    // The settings are what counts: a history that leads elsewhere would undo to what never was.
    return history.present() == configuration ? history : History{};
}

Json branchJson(const Branch& branch)
{
    Json json{{"name", branch.name}, {"configuration", configurationJson(branch.configuration)}};
    if (branch.record)
        putRecord(json, *branch.record, branch.recordConfiguration, branch.configuration);
    putHistory(json, branch.history, branch.configuration);
    return json;
}

Result<Branch> readBranch(const Json& json, const std::string& fileName)
{
    Branch branch;
    branch.name = json.at("name").get<std::string>();
    branch.configuration = readConfiguration(json.at("configuration"));
    branch.recordConfiguration = branch.configuration;
    if (json.contains("record")) {
        QS_TRY(branch.record, readFactors(json, fileName));
        if (json.contains("recordConfiguration"))
            branch.recordConfiguration = patched(branch.configuration, json["recordConfiguration"]);
    }
    if (json.contains("history")) {
        QS_TRY(branch.history, readHistory(json["history"], branch.configuration, fileName));
    }
    return branch;
}

/// Earlier programs kept one target for all branches, and its name where a standard one goes without.
void spreadTarget(Json& json)
{
    const std::string target = json.value("target", "");
    if (target.empty() || target == standardTarget().name)
        return;
    const auto put = [&target](Json& configuration) {
        if (configuration.is_object() && !configuration.contains("target"))
            configuration["target"] = target;
    };
    put(json.at("configuration"));
    if (json.contains("branches"))
        for (Json& branch : json["branches"])
            put(branch.at("configuration"));
}

}  // namespace

std::string projectToJson(const Project& project, const fs::path& base)
{
    Json json;
    const bool simple = project.branches.empty() && project.history.steps.empty();
    json["quantscope"] = simple ? 1 : currentVersion;
    json["model"] = stored(project.model, base);
    if (!project.weights.empty())
        json["weights"] = stored(project.weights, base);
    if (!project.customProto.empty())
        json["customProto"] = stored(project.customProto, base);
    if (!project.inputShapes.empty())
        json["inputShapes"] = project.inputShapes;
    if (project.data)
        json["data"] = dataJson(*project.data, base);
    if (!project.classNames.empty())
        json["classNames"] = stored(project.classNames, base);
    json["configuration"] = configurationJson(project.configuration);
    if (project.record)
        putRecord(json, *project.record, project.recordConfiguration.value_or(project.configuration), project.configuration);
    if (project.branch != Project().branch)
        json["branch"] = project.branch;
    putHistory(json, project.history, project.configuration);
    for (const Branch& branch : project.branches)
        json["branches"].push_back(branchJson(branch));
    if (!project.layout.empty())
        json["layout"] = project.layout;
    return jsonText(json);
}

Result<Project> projectFromJson(const std::string& text, const fs::path& base, const std::string& fileName)
{
    QS_TRY(Json json, parseJson(text, fileName));
    try {
        spreadTarget(json);
        const int version = jsonInteger(json.at("quantscope"));
        if (version > currentVersion)
            return Error{ErrorCode::NotSupported, "the project was written by a later Quantscope (format " + std::to_string(version) + ")", fileName};
        Project project;
        project.model = restored(json.at("model").get<std::string>(), base);
        project.weights = restored(json.value("weights", ""), base);
        project.customProto = restored(json.value("customProto", ""), base);
        project.inputShapes = json.value("inputShapes", project.inputShapes);
        if (json.contains("data")) {
            QS_TRY(project.data, readData(json["data"], base, fileName));
        }
        project.classNames = restored(json.value("classNames", ""), base);
        project.configuration = readConfiguration(json.at("configuration"));
        if (json.contains("record")) {
            QS_TRY(project.record, readFactors(json, fileName));
            if (json.contains("recordConfiguration"))
                project.recordConfiguration = patched(project.configuration, json["recordConfiguration"]);
        }
        project.branch = json.value("branch", project.branch);
        if (json.contains("history")) {
            QS_TRY(project.history, readHistory(json["history"], project.configuration, fileName));
        }
        std::set<std::string> names{project.branch};
        for (const Json& item : json.value("branches", Json::array())) {
            QS_TRY(Branch branch, readBranch(item, fileName));
            if (branch.name.empty() || !names.insert(branch.name).second)
                return Error{ErrorCode::DuplicateKey, "two branches are called '" + branch.name + "'", fileName};
            project.branches.push_back(std::move(branch));
        }
        project.layout = json.value("layout", "");
        return project;
    } catch (const nlohmann::json::exception& error) {
        return Error{ErrorCode::ParseFailed, error.what(), fileName};
    }
}

Result<void> saveProject(const Project& project, const fs::path& file)
{
    return writeFile(file, projectToJson(project, folderOf(file)));
}

Result<Project> loadProject(const fs::path& file)
{
    QS_TRY(const std::string text, readFile(file, largestProject));
    return projectFromJson(text, folderOf(file), file.string());
}

}  // namespace qs
