#include "core/targets/check.h"

#include "core/base/text.h"

#include <algorithm>
#include <tuple>

namespace qs {

std::vector<CheckResult> runChecks(std::span<const Rule> rules, const CheckInput& input)
{
    std::vector<CheckResult> results;
    for (const Rule& rule : rules)
        rule.find(input, [&](const std::string& layer, std::vector<std::string> arguments) {
            results.push_back({&rule, layer, std::move(arguments)});
        });
    const Model& model = *input.prepared.original;
    const auto place = [&model](const CheckResult& result) { return std::tuple(result.rule->severity, model.findLayer(result.layer)); };
    std::stable_sort(results.begin(), results.end(), [&place](const CheckResult& a, const CheckResult& b) { return place(a) < place(b); });
    return results;
}

std::string checkText(const CheckResult& result)
{
    return withArguments(result.rule->text, result.arguments);
}

const char* severityName(Severity severity)
{
    switch (severity) {
        case Severity::Error:
            return "error";
        case Severity::Slow:
        case Severity::Accuracy:
            return "warning";
        case Severity::Advice:
            return "advice";
    }
    return "";
}

}  // namespace qs
