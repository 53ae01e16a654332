// The built-in demo shows what the program is for: one layer that int8 hurts, found by comparison and repaired by a setting.
#include "core/base/file.h"
#include "core/import/importer.h"
#include "core/jobs/compare.h"
#include "core/project/project.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace qs {

namespace {

const std::filesystem::path demoFolder = QS_SOURCE_DIR "/resources/demo";
constexpr const char* sensitive = "dw4";

struct Outcome {
    std::shared_ptr<const Comparison> comparison;
    Classification classification;
};

class Demo : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        const auto project = loadProject(demoFolder / "demo.qsproj");
        ASSERT_TRUE(project.ok()) << errorText(project.error());
        s_project = *project;
        const auto model = importModel({s_project.model, s_project.weights});
        ASSERT_TRUE(model.ok()) << errorText(model.error());
        s_model = *model;
        ASSERT_TRUE(s_project.data.has_value());
        const auto data = openDataSet(*s_project.data, s_model->value(s_model->inputs().front()).shape);
        ASSERT_TRUE(data.ok()) << errorText(data.error());
        s_data = *data;
        const auto engine = openEngine();
        ASSERT_TRUE(engine.ok()) << errorText(engine.error());
        s_engine = *engine;
    }
    static void TearDownTestSuite()
    {
        s_model.reset();
        s_data.reset();
        s_engine.reset();
    }

    static Result<Outcome> outcome(const Configuration& configuration)
    {
        const JobContext job;
        QS_TRY(const auto prepared, prepareNetwork(s_model, configuration));
        QS_TRY(const auto calibration, calibrate(s_engine, *prepared, *s_data, job));
        QS_TRY(const auto quantized, quantizeNetwork(*prepared, calibration->record));
        Outcome outcome;
        QS_TRY(outcome.comparison, compare(s_engine, *prepared, *quantized, *s_data, {.histograms = false, .local = true}, job));
        QS_TRY(const Evaluation evaluation, evaluate(s_engine, *prepared, *quantized, *s_data, job));
        outcome.classification = evaluation.classification;
        return outcome;
    }

    static inline Project s_project;
    static inline std::shared_ptr<const Model> s_model;
    static inline std::shared_ptr<const DataSet> s_data;
    static inline std::shared_ptr<Engine> s_engine;
};

TEST_F(Demo, HasEverythingTheProgramMustShow)
{
    std::multiset<std::string> types;
    for (const Layer& layer : s_model->layers())
        types.insert(layer.type);
    for (const char* type : {"Convolution", "DepthwiseConv", "BatchNorm", "Scale", "ReLU", "Eltwise", "Concat", "Pooling", "InnerProduct", "Softmax"})
        EXPECT_GT(types.count(type), 0U) << type;
    EXPECT_EQ(s_data->size(), 200);
    EXPECT_TRUE(s_data->skipped().empty());
    EXPECT_TRUE(s_data->labelled());
    EXPECT_EQ(readClassNames(s_project.classNames).size(), 10U);
}

TEST_F(Demo, IsSmall)
{
    uintmax_t pictures = 0;
    for (const auto& file : std::filesystem::directory_iterator(demoFolder / "pictures"))
        pictures += file.file_size();
    EXPECT_LT(pictures, 500'000U);
    EXPECT_LT(std::filesystem::file_size(demoFolder / "demo.caffemodel") + std::filesystem::file_size(demoFolder / "demo.prototxt"), 600'000U);
}

TEST_F(Demo, ProjectHoldsTheDefaultConfiguration)
{
    EXPECT_EQ(s_project.configuration, createQuantConfig(*s_model));
    EXPECT_EQ(s_project.configuration.batchNum * s_project.data->preprocess.batch, 32);
    const auto text = readFile(demoFolder / "demo.qsproj");
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text->find(demoFolder.string()), std::string::npos) << "its paths are relative";
}

TEST_F(Demo, OneLayerIsSensitiveAndRepairable)
{
    const auto int8 = outcome(s_project.configuration);
    ASSERT_TRUE(int8.ok()) << errorText(int8.error());
    EXPECT_GE(int8->classification.floatTop1, 0.95);
    EXPECT_LE(int8->classification.agreement, 0.93);
    EXPECT_LE(int8->classification.quantizedTop1, int8->classification.floatTop1 - 0.03);

    const LayerComparison* worst = int8->comparison->layer(sensitive);
    ASSERT_NE(worst, nullptr);
    EXPECT_LT(worst->local.cosine, 0.97);
    for (const LayerComparison& layer : int8->comparison->layers) {
        if (layer.layer != sensitive) {
            EXPECT_GT(layer.local.cosine, worst->local.cosine + 0.02) << layer.layer;
        }
    }

    Configuration off = s_project.configuration;
    off.layers.at(sensitive).quantEnable = false;
    const auto repaired = outcome(off);
    ASSERT_TRUE(repaired.ok()) << errorText(repaired.error());
    EXPECT_GE(repaired->classification.agreement, 0.98);

    Configuration wide = s_project.configuration;
    wide.layers.at(sensitive).activations.front().bits = 16;
    const auto widened = outcome(wide);
    ASSERT_TRUE(widened.ok()) << errorText(widened.error());
    EXPECT_GE(widened->classification.agreement, 0.98);
    EXPECT_GT(widened->comparison->layer(sensitive)->local.cosine, 0.999);
}

TEST_F(Demo, EqualizationRepairsTheSensitiveLayerWithoutData)
{
    Configuration equalized = s_project.configuration;
    const auto first = equalizableLayers(s_model, equalized);
    ASSERT_TRUE(first.ok()) << errorText(first.error());
    for (const std::string& name : *first)
        equalized.layers.at(name).weights->equalize = true;
    const auto repaired = outcome(equalized);
    ASSERT_TRUE(repaired.ok()) << errorText(repaired.error());
    EXPECT_GE(repaired->classification.agreement, 0.98);
    EXPECT_GT(repaired->comparison->layer(sensitive)->local.cosine, 0.999);
}

}  // namespace

}  // namespace qs
