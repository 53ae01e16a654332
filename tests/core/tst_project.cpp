#include "core/project/project.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

namespace fs = std::filesystem;

Project sampleProject(const fs::path& base)
{
    Project project;
    project.model = base / "nets" / "net.prototxt";
    project.weights = base / "nets" / "net.caffemodel";
    project.customProto = base / "nets" / "custom.proto";
    project.classNames = base / "classes.txt";
    DataSpec data;
    data.path = base.parent_path() / "pictures";
    data.labels = base / "labels.txt";
    data.limit = 12;
    data.preprocess.mean = {104, 117, 123};
    data.preprocess.crop = {227, 227};
    data.preprocess.batch = 4;
    project.data = data;
    project.configuration.batchNum = 7;
    LayerSetting setting;
    setting.activations[0].clip = {-1.5F, 2.25F};
    setting.activations[0].bits = 12;
    setting.activations[0].algorithm = "entropy";
    setting.weights = WeightSetting{};
    setting.weights->equalize = setting.weights->adaRound = setting.weights->biasCorrection = true;
    project.configuration.layers.emplace("conv1", setting);
    project.configuration.layers.emplace("fc", LayerSetting{});
    QuantRecord record;
    record.layers["conv1"].inputs.push_back({.port = 0, .params = {.scale = 0.125F, .offset = -3, .bits = 12}});
    record.layers["conv1"].weightScales = {0.1F, 0.2F};
    record.layers["conv1"].roundUp = {1, 0, 0, 1, 1, 1};
    record.layers["conv1"].bias = {0.1F, -1.0F / 3};
    record.equalized = {"conv1"};
    record.statistics["bn1"] = {.mean = {0.1F, -1e-20F}, .variance = {1.0F / 3, 3e38F}};
    project.record = record;
    project.layout = "AAAA";
    return project;
}

}  // namespace

TEST(Project, RoundTrip)
{
    test::TemporaryFolder folder;
    const Project project = sampleProject(folder.path());
    const fs::path file = folder.path() / "my.qsproj";
    QS_ASSERT_OK(saveProject(project, file));
    const auto again = loadProject(file);
    QS_ASSERT_OK(again);
    EXPECT_EQ(again->model, project.model);
    EXPECT_EQ(again->weights, project.weights);
    EXPECT_EQ(again->customProto, project.customProto);
    EXPECT_EQ(again->data, project.data);
    EXPECT_EQ(again->configuration, project.configuration);
    EXPECT_EQ(again->layout, project.layout);
    EXPECT_EQ(again->record->layers.at("conv1").inputs[0].params, project.record->layers.at("conv1").inputs[0].params);
    EXPECT_EQ(again->record->statistics, project.record->statistics);  // to the last bit: they are weights
    EXPECT_EQ(again->record->layers.at("conv1").roundUp, project.record->layers.at("conv1").roundUp);
    EXPECT_EQ(again->record->layers.at("conv1").bias, project.record->layers.at("conv1").bias);
    EXPECT_EQ(again->record->equalized, project.record->equalized);
    EXPECT_EQ(projectToJson(*again, folder.path()), projectToJson(project, folder.path()));
}

TEST(Project, DefaultsAreWrittenAsBeforeAndOldFilesAreRead)
{
    Project project;
    project.model = "/net.prototxt";
    LayerSetting setting;
    setting.weights = WeightSetting{};
    project.configuration.layers.emplace("conv1", setting);
    project.record = QuantRecord{};
    const std::string json = projectToJson(project, "/");
    for (const char* key : {"calibrator", "equalize", "adaRound", "biasCorrection", "refinements"})
        EXPECT_EQ(json.find(key), std::string::npos) << key;
    const auto again = projectFromJson(json, "/", "old.qsproj");
    QS_ASSERT_OK(again);
    EXPECT_EQ(again->configuration, project.configuration);
}

TEST(Project, TheTargetIsABranchsAndOnceWasTheProjects)
{
    Project project;
    project.model = "/net.prototxt";
    project.configuration.target = "onnxruntime";
    project.branches.push_back({.name = "other", .configuration = {}, .record = {}, .recordConfiguration = {}, .history = {}});
    const auto again = projectFromJson(projectToJson(project, "/"), "/", "new.qsproj");
    QS_ASSERT_OK(again);
    EXPECT_EQ(again->configuration.target, "onnxruntime");
    EXPECT_EQ(again->branches.front().configuration.target, "");
    // As written before: one for all.
    project.configuration.target.clear();
    auto json = parseJson(projectToJson(project, "/"), "old");
    QS_ASSERT_OK(json);
    (*json)["target"] = "onnxruntime";
    const auto old = projectFromJson(jsonText(*json), "/", "old.qsproj");
    QS_ASSERT_OK(old);
    EXPECT_EQ(old->configuration.target, "onnxruntime");
    EXPECT_EQ(old->branches.front().configuration.target, "onnxruntime");
    (*json)["target"] = "amct-ss928";
    const auto standard = projectFromJson(jsonText(*json), "/", "old.qsproj");
    QS_ASSERT_OK(standard);
    EXPECT_EQ(standard->configuration, Configuration{});
}

TEST(Project, PathsAreRelativeSoThatFoldersCanMove)
{
    test::TemporaryFolder folder;
    const std::string json = projectToJson(sampleProject(folder.path()), folder.path());
    EXPECT_EQ(json.find(folder.path().string()), std::string::npos) << json;
    const auto moved = projectFromJson(json, "/elsewhere", "moved.qsproj");
    QS_ASSERT_OK(moved);
    EXPECT_EQ(moved->model, "/elsewhere/nets/net.prototxt");
}

TEST(Project, FaultsAreNamed)
{
    const auto codeOf = [](const std::string& json) {
        const auto project = projectFromJson(json, "/", "x.qsproj");
        EXPECT_FALSE(project.ok());
        return project.ok() ? ErrorCode::Internal : project.error().code;
    };
    EXPECT_EQ(codeOf("{"), ErrorCode::ParseFailed);
    EXPECT_EQ(codeOf("{}"), ErrorCode::ParseFailed);
    EXPECT_EQ(codeOf(R"({"quantscope": 99, "model": "m"})"), ErrorCode::NotSupported);
    EXPECT_EQ(codeOf(R"({"quantscope": 1, "model": 5})"), ErrorCode::ParseFailed);
    EXPECT_EQ(codeOf(R"([1, 2])"), ErrorCode::ParseFailed);
    // Six bits need two digits.
    std::string json = projectToJson(sampleProject("/"), "/");
    json.replace(json.find("\"9c\""), 4, "\"9\"");
    EXPECT_EQ(codeOf(json), ErrorCode::ParseFailed);
    EXPECT_EQ(loadProject("/nowhere/x.qsproj").error().code, ErrorCode::FileNotFound);
}

}  // namespace qs
