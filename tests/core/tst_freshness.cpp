// What each edit asks for: a pure function of the document's values.
#include "core/jobs/freshness.h"

#include "tests/support/toy_model.h"

#include <gtest/gtest.h>

namespace qs {

namespace {

class FreshnessTest : public ::testing::Test {
protected:
    FreshnessTest()
    {
        m_ground = {m_model, true, 1};
        m_branch.configuration = createQuantConfig(*m_model);
        m_branch.prepared = *prepareNetwork(m_model, m_branch.configuration);
        auto calibration = std::make_shared<Calibration>();
        for (const char* layer : {"conv1", "fc1", "prob"})
            calibration->record.layers[layer].inputs.push_back({.port = 0, .params = {.scale = 0.1F, .offset = 0, .bits = 8}});
        m_branch.calibration = calibration;
        m_branch.record = calibration->record;
        m_branch.recordIsCalibrated = true;
        m_branch.recordSerial = 1;
        m_branch.recordConfiguration = m_branch.calibrationConfiguration = m_branch.configuration;
        m_branch.result = {std::make_shared<Comparison>(), m_branch.prepared, nullptr, 1, 1};
        m_branch.histograms = m_branch.result;
    }
    BranchFreshness now() const { return freshness(m_ground, m_branch); }
    LayerSetting& layer(const char* name) { return m_branch.configuration.layers.at(name); }

    std::shared_ptr<const Model> m_model = toyModel();
    Ground m_ground;
    BranchContent m_branch;
};

}  // namespace

TEST_F(FreshnessTest, NothingAsksForAnythingWhenNothingChanged)
{
    EXPECT_TRUE(now().prepared);
    EXPECT_FALSE(now().calibrationStale || now().solvable || now().comparisonStale || now().histogramsStale);
    EXPECT_EQ(now().next, NextStep::Export);
}

TEST_F(FreshnessTest, TheNextStepIsTheFirstThatIsMissing)
{
    m_branch.result = {};
    EXPECT_EQ(now().next, NextStep::Compare);
    m_branch.record.reset();
    EXPECT_EQ(now().next, NextStep::Calibrate);
    m_ground.hasData = false;
    EXPECT_EQ(now().next, NextStep::Data);
    m_ground.model = nullptr;
    EXPECT_EQ(now().next, NextStep::Open);
    EXPECT_FALSE(now().prepared);
}

TEST_F(FreshnessTest, AClipOrASwitchedOffLayerNeedsNoCalibration)
{
    layer("conv1").activations.front().clip = std::pair{-1.0F, 1.0F};
    layer("prob").quantEnable = false;
    EXPECT_FALSE(now().prepared);
    EXPECT_FALSE(now().calibrationStale || now().solvable);
    EXPECT_TRUE(now().comparisonStale && now().histogramsStale);
    EXPECT_EQ(now().next, NextStep::Compare);
}

TEST_F(FreshnessTest, OtherBitsAreSolvedFromWhatWasSeen)
{
    layer("conv1").activations.front().bits = 12;
    EXPECT_TRUE(now().calibrationStale && now().solvable);
    EXPECT_EQ(now().next, NextStep::Compare);
    // What solving could not find, it cannot find a second time.
    m_branch.solvedFor = m_branch.configuration;
    EXPECT_FALSE(now().solvable);
    EXPECT_EQ(now().next, NextStep::Calibrate);
    // Factors from a file: there is nothing to solve from.
    m_branch.solvedFor.reset();
    m_branch.recordIsCalibrated = false;
    EXPECT_FALSE(now().solvable);
}

TEST_F(FreshnessTest, FusionBatchesAndLayersThatWereOffNeedTheData)
{
    const Configuration before = m_branch.configuration;
    m_branch.configuration.doFusion = false;
    EXPECT_TRUE(now().calibrationStale && !now().solvable);
    m_branch.configuration = before;
    m_branch.configuration.batchNum = 4;
    EXPECT_TRUE(now().calibrationStale && !now().solvable);
    m_branch.configuration = before;
    layer("relu1").quantEnable = true;
    EXPECT_TRUE(now().calibrationStale);
    EXPECT_EQ(now().next, NextStep::Calibrate);
    // Solved in between: the layer still asks for a calibration.
    m_branch.recordConfiguration = solvedConfiguration(m_branch.configuration, m_branch.calibrationConfiguration);
    EXPECT_TRUE(now().calibrationStale);
}

TEST_F(FreshnessTest, WhatHoldsWhereAFieldIsAbsentAsksForNothing)
{
    m_branch.configuration.updateBn = false;
    m_branch.configuration.bnUpdate = BnUpdateSetting{.movingAverageFraction = 0.25};  // no effect while update_bn is off
    m_branch.configuration.jointQuant = true;
    LayerSetting& conv = layer("conv1");
    conv.weights->maxIteration = 1000;
    conv.activations.resize(2, conv.activations.front());
    conv.activationsAsList = true;
    EXPECT_FALSE(now().calibrationStale || now().solvable);
    m_branch.configuration.updateBn = true;
    EXPECT_TRUE(now().calibrationStale && !now().solvable);
}

TEST_F(FreshnessTest, ALayerThatWasOffWhileOthersWereSolvedIsSolvedWhenItIsBack)
{
    m_branch.record->layers.erase("prob");
    EXPECT_TRUE(now().solvable);
}

TEST_F(FreshnessTest, OtherDataFactorsOrTargetsMakeAComparisonStale)
{
    m_ground.dataSerial = 2;
    EXPECT_TRUE(now().comparisonStale);
    m_ground.dataSerial = 1;
    m_branch.recordSerial = 2;
    EXPECT_TRUE(now().comparisonStale);
    EXPECT_FALSE(now().calibrationStale);
    // A target of other grids needs another comparison, one whose quantizers stand elsewhere another calibration.
    m_branch.recordSerial = 1;
    QuantScheme other = standardScheme();
    other.activations.isUnsigned = true;
    m_branch.configuration.scheme = &other;
    EXPECT_TRUE(now().comparisonStale);
    EXPECT_FALSE(now().calibrationStale);
    other.sites = [](const Model&, LayerId) { return std::vector<int>{-1}; };
    EXPECT_TRUE(now().calibrationStale);
    m_branch.configuration.scheme = &standardScheme();
    // Of a network that has been closed.
    m_ground.model = toyModel();
    EXPECT_FALSE(now().prepared);
}

TEST_F(FreshnessTest, JointQuantAndAnUpdateThatIsOffChangeNoFactors)
{
    m_branch.configuration.jointQuant = true;
    m_branch.configuration.bnUpdate = BnUpdateSetting{};
    EXPECT_FALSE(now().calibrationStale || now().solvable);
    m_branch.configuration.updateBn = true;
    EXPECT_TRUE(now().calibrationStale && !now().solvable);
}

}  // namespace qs
