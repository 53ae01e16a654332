// The manual's tuning path on the demo, whose one sensitive layer is known.
#include "core/import/importer.h"
#include "core/jobs/guide.h"
#include "core/project/project.h"
#include "tests/support/networks.h"

#include <algorithm>

namespace qs {

namespace {

/// One codebook for all channels.
WeightSetting snqForAll()
{
    WeightSetting setting;
    setting.algorithm = "snq";
    setting.channelWise = false;
    setting.bits = 4;
    return setting;
}

class GuideTest : public testing::Test {
protected:
    void SetUp() override
    {
        auto project = loadProject(std::filesystem::path(QS_SOURCE_DIR "/resources/demo/demo.qsproj"));
        QS_ASSERT_OK(project);
        m_model = *importModel({project->model, project->weights});
        project->data->limit = 32;
        m_data = *openDataSet(*project->data, m_model->value(m_model->inputs().front()).shape);
        m_configuration = project->configuration;
    }
    /// Calibrates when there was no calibration yet, else solves again; compares.
    void analyse()
    {
        const auto prepared = prepareNetwork(m_model, m_configuration);
        QS_ASSERT_OK(prepared);
        m_prepared = *prepared;
        if (!m_calibration) {
            const auto calibration = calibrate(test::engine(), *m_prepared, *m_data, {});
            QS_ASSERT_OK(calibration);
            m_calibration = *calibration;
        }
        const auto quantized = quantizeNetwork(*m_prepared, solveAgain(*m_prepared, *m_calibration));
        QS_ASSERT_OK(quantized);
        m_quantized = *quantized;
        const auto comparison = compare(test::engine(), *m_prepared, *m_quantized, *m_data, {.histograms = false, .local = true}, {});
        QS_ASSERT_OK(comparison);
        m_comparison = *comparison;
    }
    GuideInput input() const
    {
        return {.prepared = m_prepared.get(),
                .quantized = m_quantized.get(),
                .comparison = m_comparison.get(),
                .calibration = m_calibration.get(),
                .samples = m_data->size(),
                .batch = m_data->spec().preprocess.batch};
    }
    static bool changes(const ParameterProposal& proposal, const std::string& key)
    {
        return std::any_of(proposal.changes.begin(), proposal.changes.end(), [&](const ParameterChange& c) { return c.field.ends_with(key); });
    }

    std::shared_ptr<const Model> m_model;
    std::shared_ptr<const DataSet> m_data;
    Configuration m_configuration;
    std::shared_ptr<const Calibration> m_calibration;
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::shared_ptr<const QuantizedNetwork> m_quantized;
    std::shared_ptr<const Comparison> m_comparison;
};

}  // namespace

TEST(GuideBatches, AreAsTheManualAdvises)
{
    const auto proposed = [](int batchNum, int batch, int samples) { return findBatches(batchNum, batch, samples).proposed; };
    EXPECT_EQ(proposed(1, 1, 200), 32);   // 1 picture is too few
    EXPECT_EQ(proposed(1, 16, 200), 2);   // 16 will do, 32 are better
    EXPECT_EQ(proposed(2, 16, 200), 2);   // 32
    EXPECT_EQ(proposed(40, 1, 200), 40);  // above 32, not above 50
    EXPECT_EQ(proposed(64, 1, 200), 32);  // "not more than 50"
    EXPECT_EQ(proposed(1, 1, 9), 9);      // what there is
    EXPECT_EQ(proposed(9, 1, 9), 9);
    EXPECT_EQ(proposed(1, 5, 200), 6);   // whole batches: 30
    EXPECT_EQ(proposed(1, 64, 200), 1);  // one batch cannot be less
    EXPECT_EQ(proposed(1, 0, 3), 3);
}

TEST_F(GuideTest, FindsTheSensitiveLayerAndSwitchingItOffMeetsTheGoal)
{
    analyse();
    GuidePlan plan = planGuide(input(), {});
    EXPECT_FALSE(plan.met);
    EXPECT_EQ(plan.next, GuideStep::SwitchOff);
    EXPECT_EQ(plan.batches.proposed, plan.batches.batchNum);
    EXPECT_EQ(plan.figures.worstLayer, "dw4");
    ASSERT_EQ(plan.sensitive.size(), 1U);
    EXPECT_EQ(plan.sensitive[0].layer, "dw4");
    EXPECT_EQ(plan.sensitive[0].local, plan.figures.worstCosine);
    EXPECT_LT(plan.sensitive[0].local, manualCosine);
    EXPECT_TRUE(plan.sensitive[0].small);
    EXPECT_FALSE(plan.sensitive[0].first || plan.sensitive[0].last);
    const int before = plan.figures.quantizedLayers;
    const double agreement = plan.figures.agreement.value();
    m_configuration.layers.at("dw4").quantEnable = false;
    analyse();
    plan = planGuide(input(), {});
    EXPECT_TRUE(plan.met);
    EXPECT_EQ(plan.next, GuideStep::None);
    EXPECT_TRUE(plan.sensitive.empty() && plan.parameters.empty());
    EXPECT_EQ(plan.figures.quantizedLayers, before - 1);
    EXPECT_GT(plan.figures.agreement.value(), agreement);
}

TEST_F(GuideTest, ParametersGoFromLimitsToTwelveBits)
{
    analyse();
    double cosine = m_comparison->layer("dw4")->local.cosine;
    int rounds = 0;
    bool wide = false;
    while (const auto proposal = proposeParameters(input(), "dw4")) {
        ASSERT_LT(++rounds, 6);
        ASSERT_FALSE(proposal->changes.empty());
        EXPECT_FALSE(wide) << "12 bits are the last";
        wide = changes(*proposal, "activation.bits");
        if (wide)
            EXPECT_EQ(proposal->setting.activations[0].bits, 12);
        ASSERT_TRUE(proposal->inputLoss);
        EXPECT_LT(*proposal->inputLoss, 0.95);
        QS_ASSERT_OK(checkLayerSetting(*m_model, m_model->findLayer("dw4"), proposal->setting));
        m_configuration.layers.at("dw4") = proposal->setting;
        analyse();
    }
    EXPECT_TRUE(wide);
    EXPECT_GT(m_comparison->layer("dw4")->local.cosine, std::max(cosine, 0.999));
    EXPECT_TRUE(planGuide(input(), {}).met);
}

TEST_F(GuideTest, WeightsBecomeUniformAndChannelWise)
{
    m_configuration.layers.at("conv5").weights = snqForAll();
    analyse();
    const auto proposal = proposeParameters(input(), "conv5");
    ASSERT_TRUE(proposal);
    EXPECT_TRUE(changes(*proposal, "weight.algorithm") && changes(*proposal, "weight.bits") && changes(*proposal, "channel_wise"));
    EXPECT_FALSE(changes(*proposal, "activation.bits"));
    EXPECT_EQ(*proposal->setting.weights, WeightSetting{});
    // InnerProduct has no channels.
    m_configuration.layers.at("fc7").weights = snqForAll();
    analyse();
    const auto inner = proposeParameters(input(), "fc7");
    ASSERT_TRUE(inner);
    EXPECT_FALSE(changes(*inner, "channel_wise"));
    QS_ASSERT_OK(checkLayerSetting(*m_model, m_model->findLayer("fc7"), inner->setting));
}

TEST_F(GuideTest, LimitsByHandAndLayersThatAreOffAreLeftAlone)
{
    m_configuration.layers.at("dw4").activations[0].clip = {-1.0F, 1.0F};
    m_configuration.layers.at("conv5").quantEnable = false;
    analyse();
    const auto proposal = proposeParameters(input(), "dw4");
    ASSERT_TRUE(proposal);
    EXPECT_EQ(proposal->changes.size(), 1U);
    EXPECT_TRUE(changes(*proposal, "activation.bits"));
    EXPECT_EQ(proposal->setting.activations[0].clip, m_configuration.layers.at("dw4").activations[0].clip);
    EXPECT_FALSE(proposeParameters(input(), "conv5"));
    EXPECT_FALSE(proposeParameters(input(), "nothing"));
}

TEST_F(GuideTest, AHigherGoalNamesMoreLayersButNotMoreThanAsked)
{
    analyse();
    GuideInput strict = input();
    strict.goal = 1;
    strict.most = 4;
    const auto layers = findSensitive(strict);
    ASSERT_EQ(layers.size(), 4U);
    EXPECT_TRUE(std::is_sorted(layers.begin(), layers.end(), [](const auto& a, const auto& b) { return a.local < b.local; }));
    EXPECT_EQ(layers.front().layer, "dw4");
}

}  // namespace qs
