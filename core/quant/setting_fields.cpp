#include "core/quant/setting_fields.h"

#include "core/base/text.h"

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
using SettingOf = typename MemberOf<decltype(member)>::Setting;
template <auto member>
using ValueOf = typename MemberOf<decltype(member)>::Value;
template <auto member>
constexpr bool isOptional = MemberOf<decltype(member)>::optional;

template <auto member>
FieldValue valueOf(const SettingOf<member>& setting)
{
    if constexpr (isOptional<member>)
        return setting.*member ? FieldValue(*(setting.*member)) : FieldValue();
    else
        return FieldValue(setting.*member);
}

template <auto member, const ValueOf<member>* absent>
FieldValue heldBy(const SettingOf<member>& setting)
{
    if constexpr (absent != nullptr)
        return FieldValue((setting.*member).value_or(*absent));
    else
        return valueOf<member>(setting);
}

template <auto member>
void setValue(SettingOf<member>& setting, const FieldValue& value)
{
    if constexpr (isOptional<member>)
        if (std::holds_alternative<std::monostate>(value)) {
            (setting.*member).reset();
            return;
        }
    setting.*member = std::get<ValueOf<member>>(value);
}

/// `absent`: what holds where it is absent (clang takes no number for a double).
template <auto member, const ValueOf<member>* absent = nullptr>
constexpr SettingField<SettingOf<member>> row(FieldInfo info)
{
    info.type = typeOf<ValueOf<member>>();
    info.written = info.written && !isOptional<member>;
    return {info, valueOf<member>, heldBy<member, absent>, setValue<member>};
}

constexpr bool off = false;
constexpr int standardIterations = 1000;
constexpr double standardDistance = 1e-10;

using A = ActivationSetting;
constexpr SettingField<A> activationTable[] = {
    row<&A::bits>({.field = &field::activationBits, .key = "bits", .label = "Bit width", .help = "bit width of the quantized input", .first = true}),
    row<&A::maxPercentile>({.field = &field::maxPercentile,
                            .key = "maxPercentile",
                            .label = "Max percentile",
                            .help = "share of values below the first upper limit",
                            .step = 0.0001,
                            .flag = "--percentile"}),
    row<&A::minPercentile>({.field = &field::minPercentile,
                            .key = "minPercentile",
                            .label = "Min percentile",
                            .help = "share of values above the first lower limit",
                            .step = 0.0001,
                            .flag = "--percentile"}),
    row<&A::searchStart>({.field = &field::searchRange,
                          .key = "search",
                          .element = 0,
                          .label = "Search range",
                          .help = "from this factor of the first limits; above 0 and below the end"}),
    row<&A::searchEnd>(
        {.field = &field::searchRange, .key = "search", .element = 1, .label = "Search range", .help = "to this factor; above the start"}),
    row<&A::searchStep>(
        {.field = &field::searchStep, .key = "search", .element = 2, .label = "Search step", .help = "at most end minus start", .step = 0.001}),
    row<&A::withOffset>({.field = &field::withOffset,
                         .key = "withOffset",
                         .label = "Offset",
                         .help = "asymmetric (zero point) or symmetric; by default as activation_offset of the whole configuration",
                         .first = true}),
    row<&A::clip>({.field = &field::clip,
                   .key = "clip",
                   .stale = Stale::Nothing,
                   .caption = "Limits by hand",
                   .help = "Clip limits instead of the calibrated ones; also set by dragging in the distribution. Not part of config.json, but of "
                           "the record"}),
    row<&A::algorithm>({.field = &field::calibrator,
                        .key = "calibrator",
                        .written = false,
                        .label = "Limits by",
                        .help = "how the limits are chosen",
                        .first = true,
                        .flag = "--calibrator"}),
};

using W = WeightSetting;
constexpr SettingField<W> weightTable[] = {
    row<&W::algorithm>(
        {.field = &field::weightAlgorithm, .key = "algorithm", .label = "Algorithm", .help = "how weights are quantized", .first = true}),
    row<&W::channelWise>({.field = &field::channelWise,
                          .key = "channelWise",
                          .label = "Scales",
                          .caption = "per channel",
                          .help = "one scale for each output channel"}),
    row<&W::bits>({.field = &field::weightBits, .key = "bits", .label = "Bit width", .help = "8 for ARQ, 4 for SNQ", .first = true}),
    row<&W::maxIteration, &standardIterations>({.field = &field::maxIteration,
                                                .key = "maxIteration",
                                                .label = "Iterations",
                                                .help = "of the clustering, at most",
                                                .group = codebookGroup,
                                                .step = 100}),
    row<&W::minDistance, &standardDistance>({.field = &field::minDistance,
                                             .key = "minDistance",
                                             .label = "Min distance",
                                             .help = "the clustering ends below it",
                                             .group = codebookGroup,
                                             .step = 1e-5}),
    row<&W::initAlgorithm>({.field = &field::initAlgorithm,
                            .key = "initAlgorithm",
                            .label = "First centres",
                            .help = "the first cluster centres",
                            .group = codebookGroup}),
    // Their words stand in the table of refinements (prepare/refinements.cpp).
    row<&W::equalize>({.field = &field::equalize, .key = "equalize", .stale = Stale::Calibration, .written = false}),
    row<&W::adaRound>({.field = &field::adaRound, .key = "adaRound", .written = false}),
    row<&W::biasCorrection>({.field = &field::biasCorrection, .key = "biasCorrection", .written = false}),
};

using L = LayerSetting;
constexpr SettingField<L> layerTable[] = {
    row<&L::quantEnable>({.field = &field::enabled,
                          .key = "quantEnable",
                          .stale = Stale::Nothing,
                          .caption = "Quantize this layer",
                          .help = "off keeps the layer in float"}),
    row<&L::activationsAsList>({.field = &field::asList, .key = "asList", .stale = Stale::Nothing}),
};

using U = BnUpdateSetting;
constexpr SettingField<U> bnUpdateTable[] = {
    row<&U::movingAverageFraction>({.field = &field::bnFraction,
                                    .key = "movingAverageFraction",
                                    .stale = Stale::Calibration,
                                    .label = "Old share",
                                    .help = "how much of the old statistics stays",
                                    .step = 0.05}),
    row<&U::iterations>({.field = &field::bnIterations,
                         .key = "iterations",
                         .stale = Stale::Calibration,
                         .label = "Iterations",
                         .help = "forward passes, a batch each",
                         .step = 1}),
    row<&U::dumpDir>({.field = &field::bnDumpDir, .key = "dumpDir", .stale = Stale::Calibration, .label = "Folder"}),
};

using C = Configuration;
constexpr SettingField<C> networkTable[] = {
    row<&C::target>({.field = &field::target, .key = "target", .stale = Stale::Nothing, .written = false}),
    row<&C::joinScales>({.field = &field::joinScales, .key = "joinScales", .stale = Stale::Nothing, .written = false}),
    row<&C::batchNum>({.field = &field::batchNum,
                       .key = "batchNum",
                       .stale = Stale::Calibration,
                       .label = "Batches",
                       .help = "the first so many batches calibrate",
                       .group = "Calibration",
                       .step = 1}),
    row<&C::notCalibrated>({.field = &field::notCalibrated, .key = "notCalibrated", .stale = Stale::Calibration, .written = false}),
    row<&C::activationOffset>({.field = &field::activationOffset,
                               .key = "activationOffset",
                               .label = "Data",
                               .caption = "with offset (asymmetric)",
                               .group = "Calibration"}),
    row<&C::jointQuant, &off>({.field = &field::jointQuant,
                               .key = "jointQuant",
                               .stale = Stale::Nothing,
                               .label = "Joint",
                               .caption = "joint_quant",
                               .help = "joint_quant: stands once in the manual, without a word of what it does. Kept in config.json, without effect",
                               .group = "Calibration"}),
    row<&C::doFusion>({.field = &field::doFusion,
                       .key = "doFusion",
                       .stale = Stale::Calibration,
                       .label = "Fuse",
                       .caption = "BatchNorm, Scale, Bias",
                       .group = "Fusion"}),
    row<&C::skipFusionLayers>(
        {.field = &field::skipFusionLayers, .key = "skipFusionLayers", .stale = Stale::Calibration, .label = "Except", .group = "Fusion"}),
    row<&C::updateBn, &off>({.field = &field::updateBn,
                             .key = "updateBn",
                             .stale = Stale::Calibration,
                             .label = "Update",
                             .caption = "after weight quantization",
                             .group = "BatchNorm update"}),
};

/// As in JSON: a whole number that is not an integer says so.
std::string withPoint(const std::string& number)
{
    return number.find_first_not_of("-0123456789") == std::string::npos ? number + ".0" : number;
}

struct ValueTexter {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool on) const { return on ? "true" : "false"; }
    std::string operator()(int number) const { return std::to_string(number); }
    std::string operator()(double number) const { return withPoint(numberText(number)); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(std::pair<float, float> limits) const
    {
        return "[" + withPoint(numberText(limits.first)) + ", " + withPoint(numberText(limits.second)) + "]";
    }
    std::string operator()(const std::vector<std::string>& names) const
    {
        std::string text;
        for (const std::string& name : names)
            text += (text.empty() ? "" : ", ") + name;
        return "[" + text + "]";
    }
};

}  // namespace

std::string valueText(const FieldValue& value)
{
    return std::visit(ValueTexter{}, value);
}

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
