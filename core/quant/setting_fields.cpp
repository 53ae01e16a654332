#include "core/quant/setting_fields.h"

namespace qs {

namespace {

template <class Member>
struct MemberOf;
template <class S, class T>
struct MemberOf<T S::*> {
    using Setting = S;
    using Value = T;
    static constexpr bool optional = false;
};
template <class S, class T>
struct MemberOf<std::optional<T> S::*> {
    using Setting = S;
    using Value = T;
    static constexpr bool optional = true;
};

template <class T, size_t index = 0>
constexpr FieldType typeOf()
{
    if constexpr (std::is_same_v<std::variant_alternative_t<index, FieldValue>, T>)
        return static_cast<FieldType>(index);
    else
        return typeOf<T, index + 1>();
}

template <auto member>
constexpr auto row(FieldInfo info)
{
    using Member = MemberOf<decltype(member)>;
    using Setting = typename Member::Setting;
    using Value = typename Member::Value;
    info.type = typeOf<Value>();
    info.written &= !Member::optional;
    return SettingField<Setting>{info,
                                 [](const Setting& setting) {
                                     if constexpr (Member::optional)
                                         return setting.*member ? FieldValue(std::in_place_type<Value>, *(setting.*member)) : FieldValue();
                                     else
                                         return FieldValue(std::in_place_type<Value>, setting.*member);
                                 },
                                 [](Setting& setting, const FieldValue& value) {
                                     if constexpr (Member::optional)
                                         if (std::holds_alternative<std::monostate>(value)) {
                                             (setting.*member).reset();
                                             return;
                                         }
                                     setting.*member = std::get<Value>(value);
                                 }};
}

using A = ActivationSetting;
constexpr SettingField<A> activationTable[] = {
    row<&A::bits>({.field = &field::activationBits, .key = "bits"}),
    row<&A::maxPercentile>({.field = &field::maxPercentile, .key = "maxPercentile"}),
    row<&A::minPercentile>({.field = &field::minPercentile, .key = "minPercentile"}),
    row<&A::searchStart>({.field = &field::searchRange, .key = "search", .element = 0}),
    row<&A::searchEnd>({.field = &field::searchRange, .key = "search", .element = 1}),
    row<&A::searchStep>({.field = &field::searchStep, .key = "search", .element = 2}),
    row<&A::withOffset>({.field = &field::withOffset, .key = "withOffset"}),
    row<&A::clip>({.field = &field::clip, .key = "clip", .stale = Stale::Nothing}),
    row<&A::algorithm>({.field = &field::calibrator, .key = "calibrator", .written = false}),
};

using W = WeightSetting;
constexpr SettingField<W> weightTable[] = {
    row<&W::algorithm>({.field = &field::weightAlgorithm, .key = "algorithm"}),
    row<&W::channelWise>({.field = &field::channelWise, .key = "channelWise"}),
    row<&W::bits>({.field = &field::weightBits, .key = "bits"}),
    row<&W::maxIteration>({.field = &field::maxIteration, .key = "maxIteration"}),
    row<&W::minDistance>({.field = &field::minDistance, .key = "minDistance"}),
    row<&W::initAlgorithm>({.field = &field::initAlgorithm, .key = "initAlgorithm"}),
    row<&W::equalize>({.field = &field::equalize, .key = "equalize", .stale = Stale::Calibration, .written = false}),
    row<&W::adaRound>({.field = &field::adaRound, .key = "adaRound", .written = false}),
    row<&W::biasCorrection>({.field = &field::biasCorrection, .key = "biasCorrection", .written = false}),
};

using L = LayerSetting;
constexpr SettingField<L> layerTable[] = {
    row<&L::quantEnable>({.field = &field::enabled, .key = "quantEnable", .stale = Stale::Nothing}),
    row<&L::activationsAsList>({.field = &field::asList, .key = "asList", .stale = Stale::Nothing}),
};

using U = BnUpdateSetting;
constexpr SettingField<U> bnUpdateTable[] = {
    row<&U::movingAverageFraction>({.field = &field::bnFraction, .key = "movingAverageFraction", .stale = Stale::Calibration}),
    row<&U::iterations>({.field = &field::bnIterations, .key = "iterations", .stale = Stale::Calibration}),
    row<&U::dumpDir>({.field = &field::bnDumpDir, .key = "dumpDir", .stale = Stale::Calibration}),
};

using C = Configuration;
constexpr SettingField<C> networkTable[] = {
    row<&C::target>({.field = &field::target, .key = "target", .stale = Stale::Nothing, .written = false}),
    row<&C::joinScales>({.field = &field::joinScales, .key = "joinScales", .stale = Stale::Nothing, .written = false}),
    row<&C::batchNum>({.field = &field::batchNum, .key = "batchNum", .stale = Stale::Calibration}),
    row<&C::activationOffset>({.field = &field::activationOffset, .key = "activationOffset"}),
    row<&C::jointQuant>({.field = &field::jointQuant, .key = "jointQuant", .stale = Stale::Nothing}),
    row<&C::doFusion>({.field = &field::doFusion, .key = "doFusion", .stale = Stale::Calibration}),
    row<&C::skipFusionLayers>({.field = &field::skipFusionLayers, .key = "skipFusionLayers", .stale = Stale::Calibration}),
    row<&C::updateBn>({.field = &field::updateBn, .key = "updateBn", .stale = Stale::Calibration}),
};

}  // namespace

template <>
std::span<const SettingField<ActivationSetting>> fieldsOf()
{
    return activationTable;
}

template <>
std::span<const SettingField<WeightSetting>> fieldsOf()
{
    return weightTable;
}

template <>
std::span<const SettingField<LayerSetting>> fieldsOf()
{
    return layerTable;
}

template <>
std::span<const SettingField<BnUpdateSetting>> fieldsOf()
{
    return bnUpdateTable;
}

template <>
std::span<const SettingField<Configuration>> fieldsOf()
{
    return networkTable;
}

}  // namespace qs
