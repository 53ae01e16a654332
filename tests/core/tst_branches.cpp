#include "core/project/branches.h"

#include "core/project/configuration_json.h"
#include "core/project/project.h"
#include "tests/support/networks.h"

namespace qs {

namespace {

Configuration sample()
{
    Configuration configuration;
    configuration.batchNum = 4;
    LayerSetting conv;
    conv.weights = WeightSetting{};
    configuration.layers.emplace("conv1", conv);
    configuration.layers.emplace("conv2", conv);
    configuration.layers.emplace("pool", LayerSetting{});
    return configuration;
}

/// `count` steps, each with another batch_num.
History steps(int count, int index)
{
    History history{sample(), {}, index};
    for (int i = 0; i < count; ++i) {
        Configuration next = history.steps.empty() ? history.start : history.steps.back().configuration;
        next.batchNum = 100 + i;
        next.layers.at("conv1").activations[0].clip = {-0.1F * static_cast<float>(i), 1.0F / 3};
        history.steps.push_back({"step " + std::to_string(i), next});
    }
    return history;
}

Project projectWith(const History& history)
{
    Project project;
    project.model = "/base/net.prototxt";
    project.configuration = history.present();
    project.history = history;
    return project;
}

Project again(const Project& project)
{
    const std::string json = projectToJson(project, "/base");
    const auto read = projectFromJson(json, "/base", "x.qsproj");
    EXPECT_TRUE(read.ok()) << errorText(read.error());
    if (!read.ok())
        return {};
    EXPECT_EQ(projectToJson(*read, "/base"), json);
    return *read;
}

}  // namespace

TEST(Branches, DifferencesAreNamedAsAmctNamesThem)
{
    const Configuration before = sample();
    EXPECT_TRUE(settingsDifference(before, before).empty());
    Configuration after = before;
    after.batchNum = 8;
    after.updateBn = true;
    after.layers.at("conv1").quantEnable = false;
    after.layers.at("conv1").weights->algorithm = "snq";
    after.layers.at("conv2").activations[0].bits = 12;
    after.layers.at("conv2").activations[0].searchEnd = 1.5;
    after.layers.at("conv2").activations[0].clip = {-1.0F, 0.5F};
    after.layers.erase("pool");
    after.layers.emplace("fc", LayerSetting{});
    after.skipFusionLayers = {"conv1"};
    const std::vector<SettingDifference> expected{
        {"", "batch_num", "4", "8"},
        {"", "update_bn", "", "true"},
        {"conv1", "quant_enable", "true", "false"},
        {"conv1", "weight.wts_algo", "arq_quantize", "snq_quantize"},
        {"conv1", "skip_fusion", "false", "true"},
        {"conv2", "activation.num_bits", "8", "12"},
        {"conv2", "activation.search_range", "[0.7, 1.3, 0.01]", "[0.7, 1.5, 0.01]"},
        {"conv2", "activation.clip", "", "[-1.0, 0.5]"},
        {"fc", "quant_enable", "", "true"},
        {"pool", "quant_enable", "true", ""},
    };
    EXPECT_EQ(settingsDifference(before, after), expected);
    // The other way round, the same with the values changed over.
    const auto back = settingsDifference(after, before);
    ASSERT_EQ(back.size(), expected.size());
    EXPECT_TRUE(std::all_of(expected.begin(), expected.end(), [&](const SettingDifference& d) {
        return std::find(back.begin(), back.end(), SettingDifference{d.layer, d.key, d.after, d.before}) != back.end();
    }));
}

TEST(Branches, MergingLayersTakesThemWhole)
{
    const Configuration mine = sample();
    Configuration other = sample();
    other.batchNum = 9;
    other.layers.at("conv1").activations[0].bits = 16;
    other.layers.at("conv2").quantEnable = false;
    other.layers.erase("pool");
    other.skipFusionLayers = {"conv1"};
    const std::vector<std::string> one{"conv1"};
    Configuration merged = mergeLayers(mine, other, one);
    EXPECT_EQ(merged.layers.at("conv1"), other.layers.at("conv1"));
    EXPECT_EQ(merged.layers.at("conv2"), mine.layers.at("conv2"));
    EXPECT_EQ(merged.skipFusionLayers, other.skipFusionLayers);
    EXPECT_EQ(merged.batchNum, mine.batchNum);
    // Back again, and the layer that is not listed there.
    EXPECT_EQ(mergeLayers(merged, mine, one), mine);
    EXPECT_FALSE(mergeLayers(mine, other, std::vector<std::string>{"pool"}).layers.contains("pool"));
    // All of them leave only what belongs to the network.
    merged = mergeLayers(mine, other, std::vector<std::string>{"conv1", "conv2", "pool"});
    merged.batchNum = other.batchNum;
    EXPECT_EQ(merged, other);
}

TEST(Branches, PatchesLeadFromOneConfigurationToTheOther)
{
    const History history = steps(20, 20);
    Json json = configurationJson(history.start);
    for (const HistoryStep& step : history.steps) {
        json.merge_patch(mergePatch(json, configurationJson(step.configuration)));
        EXPECT_EQ(readConfiguration(json), step.configuration);
    }
    json.merge_patch(mergePatch(json, configurationJson(history.start)));
    EXPECT_EQ(readConfiguration(json), history.start);
}

TEST(Branches, HistoryIsBounded)
{
    const History all = steps(130, 120);
    const History kept = boundedHistory(all, 100);
    ASSERT_EQ(kept.steps.size(), 100U);
    EXPECT_EQ(kept.index, 90);
    EXPECT_EQ(kept.present(), all.present());
    EXPECT_EQ(kept.start, all.steps[29].configuration);
    // What was undone goes when nothing else is left.
    const History undone = boundedHistory(steps(130, 10), 100);
    EXPECT_EQ(undone.steps.size(), 100U);
    EXPECT_EQ(undone.index, 0);
    EXPECT_EQ(undone.present(), steps(130, 10).present());
    EXPECT_EQ(boundedHistory(steps(5, 3)), steps(5, 3));
}

TEST(Branches, ProjectKeepsBranchesRecordsAndHistories)
{
    Project project = projectWith(steps(12, 7));
    project.branch = "wide";
    QuantRecord record;
    record.layers["conv1"].inputs.push_back({.port = 0, .params = {.scale = 0.125F, .offset = -3, .bits = 12}});
    record.statistics["bn1"] = {.mean = {0.1F}, .variance = {3e38F}};
    project.record = record;
    project.recordConfiguration = sample();
    Branch main;
    main.name = "main";
    main.configuration = sample();
    main.configuration.layers.at("conv2").quantEnable = false;
    main.record = record;
    main.recordConfiguration = sample();
    main.history = {sample(), {{"Keep conv2 in float", main.configuration}}, 1};
    project.branches.push_back(main);
    const Project read = again(project);
    EXPECT_EQ(read.branch, "wide");
    EXPECT_EQ(read.history, project.history);
    EXPECT_EQ(read.recordConfiguration, project.recordConfiguration);
    ASSERT_EQ(read.branches.size(), 1U);
    EXPECT_EQ(read.branches[0].name, "main");
    EXPECT_EQ(read.branches[0].configuration, main.configuration);
    EXPECT_EQ(read.branches[0].recordConfiguration, main.recordConfiguration);
    EXPECT_EQ(read.branches[0].history, main.history);
    EXPECT_EQ(read.branches[0].record->layers.at("conv1").inputs[0].params, record.layers["conv1"].inputs[0].params);
    EXPECT_EQ(read.branches[0].record->statistics, record.statistics);
    // A step is written as what it changes: the setting of one layer, however many there are.
    EXPECT_LT(projectToJson(projectWith(steps(100, 100)), "/").size(), projectToJson(projectWith(steps(0, 0)), "/").size() + 100 * 1100);
}

TEST(Branches, AProjectWithoutThemIsOfTheOldFormat)
{
    const std::string json = projectToJson(projectWith({sample(), {}, 0}), "/base");
    EXPECT_NE(json.find("\"quantscope\": 1,"), std::string::npos);
    EXPECT_EQ(json.find("branch"), std::string::npos);
    EXPECT_EQ(json.find("history"), std::string::npos);
    EXPECT_NE(projectToJson(projectWith(steps(1, 0)), "/base").find("\"quantscope\": 2,"), std::string::npos);
}

TEST(Branches, FaultsInTheFileAreNamed)
{
    Project project = projectWith(steps(2, 1));
    project.branches.push_back({"main", sample(), {}, {}, {}});
    auto read = projectFromJson(projectToJson(project, "/"), "/", "x.qsproj");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, ErrorCode::DuplicateKey);
    EXPECT_EQ(read.error().where, "x.qsproj");
    EXPECT_NE(read.error().detail.find("'main'"), std::string::npos);
    project.branches.clear();
    Json json = Json::parse(projectToJson(project, "/"));
    json["history"]["index"] = 3;
    read = projectFromJson(json.dump(), "/", "x.qsproj");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, ErrorCode::OutOfRange);
    // Edited by hand: the settings hold, the way to them is gone.
    json["history"]["index"] = 1;
    json["configuration"]["batchNum"] = 55;
    read = projectFromJson(json.dump(), "/", "x.qsproj");
    QS_ASSERT_OK(read);
    EXPECT_EQ(read->configuration.batchNum, 55);
    EXPECT_TRUE(read->history.steps.empty());
    json["history"]["steps"][0].erase("change");
    EXPECT_EQ(projectFromJson(json.dump(), "/", "x.qsproj").error().code, ErrorCode::ParseFailed);
}

}  // namespace qs
