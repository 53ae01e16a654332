// The table of settings: nothing is left out of it, and each row is one member.
#include "core/project/branches.h"
#include "core/project/configuration_json.h"
#include "core/quant/setting_fields.h"
#include "core/targets/target.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace qs {

namespace {

/// One that a field of this kind has not by default.
FieldValue otherValue(const FieldInfo& info, const FieldValue& now)
{
    switch (info.type) {
        case FieldType::Absent:
            break;
        case FieldType::Switch:
            return !(std::holds_alternative<bool>(now) && std::get<bool>(now));
        case FieldType::Integer:
            return 777;
        case FieldType::Number:
            return 0.123;
        case FieldType::Text:
            return std::string(info.field == &field::weightAlgorithm ? "snq" : info.field == &field::target ? "onnxruntime" : "mse");
        case FieldType::Limits:
            return std::pair(-0.1F, 3.0F);
        case FieldType::Names:
            return std::vector<std::string>{"a", "b, \"c\""};
    }
    return {};
}

/// Changes one member after the other; `check` gets each changed setting.
template <class Setting>
void changeEach(const std::function<void(const FieldInfo&, const Setting&)>& check)
{
    for (const auto& row : fieldsOf<Setting>()) {
        Setting changed;
        const FieldValue value = otherValue(row, row.get(changed));
        EXPECT_EQ(value.index(), static_cast<size_t>(row.type)) << row.key;
        row.set(changed, value);
        for (const auto& other : fieldsOf<Setting>())
            EXPECT_EQ(other.get(changed), &other == &row ? value : other.get(Setting{})) << row.key << ", " << other.key;
        EXPECT_FALSE(changed == Setting{}) << row.key;
        check(row, changed);
    }
}

/// A configuration around each of the changed settings.
void configureEach(const std::function<void(const FieldInfo&, Configuration)>& check)
{
    Configuration base;
    base.layers["conv"].weights = WeightSetting{};
    base.bnUpdate = BnUpdateSetting{};
    const auto around = [&](auto enter) {
        return [&base, &check, enter](const FieldInfo& info, const auto& changed) {
            Configuration configuration = base;
            enter(configuration, changed);
            check(info, std::move(configuration));
        };
    };
    changeEach<ActivationSetting>(around([](Configuration& c, const ActivationSetting& a) { c.layers["conv"].activations.front() = a; }));
    changeEach<WeightSetting>(around([](Configuration& c, const WeightSetting& w) { c.layers["conv"].weights = w; }));
    changeEach<LayerSetting>(around([](Configuration& c, const LayerSetting& l) {
        c.layers["conv"].quantEnable = l.quantEnable;
        c.layers["conv"].activationsAsList = l.activationsAsList;
    }));
    changeEach<BnUpdateSetting>(around([](Configuration& c, const BnUpdateSetting& u) { c.bnUpdate = u; }));
    changeEach<Configuration>(around([&base](Configuration& c, const Configuration& n) {
        c = n;
        c.layers = base.layers;
        c.bnUpdate = base.bnUpdate;
        c.scheme = &targetOf(n).scheme();
    }));
}

}  // namespace

TEST(SettingFields, EveryMemberHasARow)
{
    // A member more, and these lines do not compile: it needs its row.
    [[maybe_unused]] const auto& [a1, a2, a3, a4, a5, a6, a7, a8, a9] = ActivationSetting{};
    EXPECT_EQ(fieldsOf<ActivationSetting>().size(), 9U);
    [[maybe_unused]] const auto& [w1, w2, w3, w4, w5, w6, w7, w8, w9] = WeightSetting{};
    EXPECT_EQ(fieldsOf<WeightSetting>().size(), 9U);
    [[maybe_unused]] const auto& [enabled, activations, asList, weights] = LayerSetting{};
    EXPECT_EQ(fieldsOf<LayerSetting>().size(), 4U - 2);  // the settings within it
    [[maybe_unused]] const auto& [u1, u2, u3] = BnUpdateSetting{};
    EXPECT_EQ(fieldsOf<BnUpdateSetting>().size(), 3U);
    [[maybe_unused]] const auto& [version, c2, c3, c4, c5, c6, c7, c8, update, layers, c11, c12, scheme] = Configuration{};
    EXPECT_EQ(fieldsOf<Configuration>().size(), 13U - 4);  // nor the version of a tool's file, and the scheme, which is the target's
}

template <class Setting>
void checkFlags()
{
    std::map<std::string, FieldType> types;
    for (const FieldInfo& row : fieldsOf<Setting>()) {
        if (!*row.flag)
            continue;
        EXPECT_EQ(types.emplace(row.flag, row.type).first->second, row.type) << row.flag;
        EXPECT_TRUE(std::string(row.flag).starts_with("--") && *row.help) << row.flag;
        EXPECT_TRUE(row.type == FieldType::Switch || row.type == FieldType::Text || *row.field->range) << row.flag;
    }
}

TEST(SettingFields, FlagsSayWhatTheyTake)
{
    checkFlags<ActivationSetting>();
    checkFlags<WeightSetting>();
    checkFlags<LayerSetting>();
}

TEST(SettingFields, AProjectKeepsEach)
{
    configureEach([](const FieldInfo& info, const Configuration& configuration) {
        const Json json = configurationJson(configuration);
        EXPECT_NE(json.dump().find(std::string("\"") + info.key + "\":"), std::string::npos) << info.key;
        EXPECT_EQ(readConfiguration(json), configuration) << info.key;
    });
}

TEST(SettingFields, ADifferenceNamesEach)
{
    Configuration base;
    base.layers["conv"].weights = WeightSetting{};
    base.bnUpdate = BnUpdateSetting{};
    std::set<std::string> keys;
    configureEach([&](const FieldInfo& info, const Configuration& configuration) {
        const auto differences = settingsDifference(base, configuration);
        ASSERT_EQ(differences.size(), info.field == &field::skipFusionLayers ? 2U : 1U) << info.key;
        EXPECT_NE(differences[0].before, differences[0].after) << info.key;
        keys.insert(differences[0].key);
    });
    // Start, end and step of the search are one.
    EXPECT_EQ(keys.size(), 9U - 2 + 9 + 2 + 3 + 9);
}

}  // namespace qs
