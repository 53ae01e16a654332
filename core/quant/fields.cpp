#include "core/quant/fields.h"

#include "core/base/text.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"
#include "core/quant/setting_fields.h"

#include <algorithm>

namespace qs {

namespace {

std::optional<Violation> checkNumber(const Field& known, double value, Wording words)
{
    if (known.holds(value))
        return std::nullopt;
    return Violation{words(known.name), numberText(value), known.range};
}

std::optional<Violation> checkChoice(const Field& known, const std::string& value, Wording words)
{
    if (known.holds(value))
        return std::nullopt;
    std::string range;
    for (const std::string& choice : splitText(known.choices, '|'))
        range += (range.empty() ? "{" : ", ") + words(choice);
    return Violation{words(known.name), "'" + words(value) + "'", range + "}"};
}

/// What the fields say by themselves, in the order of the table.
template <class Setting>
std::optional<Violation> checkFields(const Setting& setting, Wording words)
{
    for (const SettingField<Setting>& row : fieldsOf<Setting>()) {
        const FieldValue value = row.get(setting);
        std::optional<Violation> found;
        if (const auto* integer = std::get_if<int>(&value))
            found = checkNumber(*row.field, *integer, words);
        else if (const auto* number = std::get_if<double>(&value))
            found = checkNumber(*row.field, *number, words);
        else if (const auto* text = std::get_if<std::string>(&value))
            found = checkChoice(*row.field, *text, words);
        if (found)
            return found;
    }
    return std::nullopt;
}

}  // namespace

std::string ownWords(std::string_view word)
{
    return std::string(word);
}

bool Field::holds(double value) const
{
    if (low == 0 && high == 0)
        return true;
    return (lowOpen ? value > low : value >= low) && (highOpen ? value < high : value <= high);
}

bool Field::holds(const std::string& value) const
{
    const std::vector<std::string> allowed = splitText(choices, '|');
    return allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

std::optional<Violation> findViolation(const ActivationSetting& setting, const QuantScheme& scheme, Wording words)
{
    if (setting.bits < scheme.activationWidths.front() || setting.bits > scheme.activationWidths.back())
        return Violation{words(field::activationBits.name), std::to_string(setting.bits), widthsText(scheme.activationWidths)};
    if (auto found = checkFields(setting, words))
        return found;
    // The manual has no upper end; beyond a million the search would only find overflow.
    if (!(setting.searchStart > 0 && setting.searchStart < setting.searchEnd && setting.searchEnd <= 1e6))
        return Violation{words(field::searchRange.name), "[" + numberText(setting.searchStart) + ", " + numberText(setting.searchEnd) + "]",
                         field::searchRange.range};
    const double width = setting.searchEnd - setting.searchStart;
    // The step may equal the range; decimal fractions do not subtract exactly.
    if (!(setting.searchStep > 0 && setting.searchStep <= width * (1 + 1e-9)))
        return Violation{words(field::searchStep.name), numberText(setting.searchStep), "(0, " + numberText(width) + "]"};
    // The manual warns of very many steps, which look like a hang (searchIsLong); beyond this they would be one.
    constexpr double mostCandidates = 1e6;
    if (width / setting.searchStep > mostCandidates)
        return Violation{words(field::searchStep.name), numberText(setting.searchStep), "at most 1000000 search iterations"};
    return std::nullopt;
}

bool searchIsLong(const ActivationSetting& setting)
{
    return (setting.searchEnd - setting.searchStart) / setting.searchStep > 1e5;
}

std::optional<Violation> findViolation(const WeightSetting& setting, const std::string& op, const QuantScheme& scheme, Wording words)
{
    if (auto found = checkFields(setting, words))
        return found;
    const bool uniform = setting.algorithm == WeightSetting{}.algorithm;
    if (!uniform && isRecurrent(op))
        return Violation{words(field::weightAlgorithm.name), words(setting.algorithm),
                         "{" + words("arq") + "}: the weights of " + op + " are quantized uniformly only"};
    if (uniform ? setting.bits < scheme.weightWidths.front() || setting.bits > scheme.weightWidths.back() : setting.bits != 4)
        return Violation{words(field::weightBits.name), std::to_string(setting.bits),
                         (uniform ? widthsText(scheme.weightWidths) : "{4}") + " for " + words(setting.algorithm)};
    if (setting.channelWise && !scheme.channelWise(op))
        return Violation{words(field::channelWise.name), "true", "{false}: " + op + " has no channels"};
    return std::nullopt;
}

std::optional<Violation> findViolation(const Configuration& configuration, Wording words)
{
    if (auto found = checkNumber(field::version, configuration.version, words))
        return found;
    if (auto found = checkFields(configuration, words))
        return found;
    return configuration.bnUpdate ? checkFields(*configuration.bnUpdate, words) : std::nullopt;
}

}  // namespace qs
