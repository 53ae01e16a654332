// The way from a spec to a quantized network: the same as its steps one by one.
#include "core/jobs/spec.h"

#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace qs {

namespace {

class SpecTest : public ::testing::Test {
    test::TemporaryFolder m_folder;

protected:
    void SetUp() override
    {
        m_spec.model = test::mixedNetwork(m_folder.path());
        m_spec.configuration = createQuantConfig(*m_spec.model, 4);
        m_spec.data = std::make_shared<test::RandomData>(Shape{1, 3, 8, 8});
    }
    Spec m_spec;
};

}  // namespace

TEST_F(SpecTest, CalibratesWhereNoFactorsAreGiven)
{
    const auto solved = solve(m_spec, test::engine(), {});
    QS_ASSERT_OK(solved);
    const auto prepared = prepareNetwork(m_spec.model, m_spec.configuration);
    QS_ASSERT_OK(prepared);
    const auto calibration = calibrate(test::engine(), **prepared, *m_spec.data, {});
    QS_ASSERT_OK(calibration);
    EXPECT_EQ(solved->record.layers, (*calibration)->record.layers);
    ASSERT_NE(solved->calibration, nullptr);
    EXPECT_EQ(solved->calibration->samples, 4);
    EXPECT_EQ(solved->quantized->record.layers, (*quantizeNetwork(**prepared, solved->record))->record.layers);
}

TEST_F(SpecTest, GivenFactorsNeedNoEngine)
{
    const auto solved = solve(m_spec, test::engine(), {});
    QS_ASSERT_OK(solved);
    m_spec.given = solved->record;
    m_spec.prepared = solved->prepared;
    m_spec.data = nullptr;
    for (const auto& again : {solve(m_spec, nullptr, {}), quantize(m_spec)}) {
        QS_ASSERT_OK(again);
        EXPECT_EQ(again->prepared, solved->prepared) << "prepared already";
        EXPECT_EQ(again->calibration, nullptr);
        EXPECT_EQ(again->quantized->record.layers, solved->quantized->record.layers);
    }
    m_spec.given.reset();
    const auto without = quantize(m_spec);
    QS_ASSERT_OK(without);
    for (const LayerId id : m_spec.model->layerIds())
        if (m_spec.prepared->effective[id].quantized)
            EXPECT_EQ(without->quantized->effective[id].reason, Reason::NoFactors);
}

}  // namespace qs
