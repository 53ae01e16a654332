#include "core/data/selection.h"

#include "core/jobs/calibrate.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

/// Samples named "0" to "n-1" ("twin" where told), each one value.
class Named final : public DataSet {
public:
    explicit Named(std::vector<std::string> names) : m_names(std::move(names)) {}
    int size() const override { return static_cast<int>(m_names.size()); }
    std::string sampleName(int index) const override { return m_names[static_cast<size_t>(index)]; }
    Result<Buffer> sample(int index) const override
    {
        const float value[] = {static_cast<float>(index)};
        return Buffer::fromFloats({1}, value);
    }
    Result<Buffer> picture(int) const override { return Buffer(); }
    int label(int index) const override { return 100 + index; }
    const std::vector<std::string>& skipped() const override { return m_skipped; }
    const DataSpec& spec() const override { return m_spec; }

private:
    std::vector<std::string> m_names;
    std::vector<std::string> m_skipped;
    DataSpec m_spec;
};

std::shared_ptr<const DataSet> named(std::vector<std::string> names)
{
    return std::make_shared<Named>(std::move(names));
}

}  // namespace

TEST(Selection, LeavesOutByName)
{
    const auto all = named({"a", "b", "c", "d"});
    const auto part = without(all, {"b", "nobody"});
    ASSERT_EQ(part->size(), 3);
    EXPECT_EQ(part->sampleName(1), "c");
    EXPECT_EQ(part->sourceIndex(1), 2);
    EXPECT_EQ(part->label(1), 102);
    EXPECT_EQ((*part->sample(1)).floats()[0], 2);
    // Of a part, too, the index is that of the whole.
    EXPECT_EQ(without(part, {"a"})->sourceIndex(0), 2);
}

TEST(Selection, IsTheSetItselfWhereNothingIsLeftOut)
{
    const auto all = named({"a", "b"});
    EXPECT_EQ(without(all, {}), all);
    EXPECT_EQ(without(all, {"c"}), all);
    EXPECT_EQ(evaluated(all), all);
}

TEST(Selection, TellsSamplesOfOneNameApart)
{
    const auto all = named({"cat/1.png", "1.png", "1.png"});
    EXPECT_EQ(sampleKeys(*all), (std::vector<std::string>{"cat/1.png", "1.png #1", "1.png #2"}));
    const auto part = without(all, {"1.png #1"});
    ASSERT_EQ(part->size(), 2);
    EXPECT_EQ(part->sourceIndex(1), 2);
    // What is left has that name alone: the key of the other does not take it away.
    EXPECT_EQ(without(part, {"1.png #1"})->size(), 2);
}

TEST(Selection, WhatIsNotEvaluatedIsOpenedAllTheSame)
{
    const auto all = withNotEvaluated(named({"a", "b", "c"}), {"a"});
    EXPECT_EQ(all->size(), 3);
    EXPECT_EQ(all->spec().notEvaluated, std::vector<std::string>{"a"});
    const auto part = evaluated(all);
    ASSERT_EQ(part->size(), 2);
    EXPECT_EQ(part->sourceIndex(0), 1);
    const auto none = withNotEvaluated(all, {"a", "b", "c"});
    EXPECT_EQ(evaluated(none)->size(), 0);
    EXPECT_NE(noSamples(*none).detail.find("all 3"), std::string::npos);
    EXPECT_EQ(withNotEvaluated(all, {})->spec().notEvaluated, std::vector<std::string>());
}

TEST(Selection, CalibrationGoesOnWithWhatIsLeft)
{
    const test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    const test::RandomData data({3, 8, 8});
    const auto calibrated = [&](const std::vector<std::string>& without, const DataSet& set) {
        Configuration configuration = createQuantConfig(*model, 3);
        configuration.notCalibrated = without;
        const auto prepared = prepareNetwork(model, configuration);
        EXPECT_TRUE(prepared.ok());
        return calibrate(test::engine(), **prepared, set, {});
    };
    const auto first = calibrated({}, data);
    QS_ASSERT_OK(first);
    const PortObservation& seen = (*first)->observations.front();
    ASSERT_EQ(seen.highest.size(), 3U);  // as many as samples
    EXPECT_GE(seen.highest[0].value, seen.highest[1].value);
    EXPECT_LE(seen.lowest[0].value, seen.lowest[1].value);
    EXPECT_EQ(seen.highest[0].value, static_cast<float>(seen.histogram.maximum));
    EXPECT_EQ(seen.highest[0].name, data.sampleName(seen.highest[0].sample));

    // Without the one that reaches furthest, the next in the set takes its place.
    const auto second = calibrated({seen.highest[0].name}, data);
    QS_ASSERT_OK(second);
    const PortObservation& then = (*second)->observations.front();
    EXPECT_EQ((*second)->samples, 3);
    for (const FurthestSample& sample : then.highest) {
        EXPECT_NE(sample.name, seen.highest[0].name);
        EXPECT_EQ(sample.name, data.sampleName(sample.sample));
    }
    // As if the set had never had it.
    const auto part = without(data, {seen.highest[0].name});
    const auto third = calibrated({}, *part);
    QS_ASSERT_OK(third);
    for (const auto& [layer, factors] : (*second)->record.layers)
        for (size_t i = 0; i < factors.inputs.size(); ++i)
            EXPECT_EQ(factors.inputs[i].params.scale, (*third)->record.layers.at(layer).inputs[i].params.scale) << layer;
}

}  // namespace qs
