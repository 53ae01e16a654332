// The rules of a target on a network: what cannot be compiled for it, what runs slowly there, what costs accuracy, what is worth knowing.
//
// To add a rule: its row in targets/<vendor>/rules.cpp, with a function that finds where it holds; its Chinese sentence in the context "Checks" of
// translations; its test.
#pragma once

#include "core/jobs/calibrate.h"

#include <functional>
#include <span>

namespace qs {

/// The worst first.
enum class Severity : uint8_t {
    Error,     ///< cannot be compiled, or exported
    Slow,      ///< runs in float, or not on the accelerator
    Accuracy,  ///< costs accuracy
    Advice,
};

struct CheckInput {
    const PreparedNetwork& prepared;
    const QuantizedNetwork* quantized = nullptr;  ///< null: not calibrated yet; rules about factors say nothing, or speak of the worst case
    const Calibration* calibration = nullptr;     ///< null (a record from a file): rules about what was seen say nothing
};

/// Called for each place where a rule holds: a layer of prepared.original, and what its sentence names.
using RuleFound = std::function<void(const std::string& layer, std::vector<std::string> arguments)>;

struct Rule {
    const char* id;  ///< "<vendor>.accumulator"
    Severity severity;
    const char* text;    ///< one English sentence; %1, %2 are the arguments
    const char* source;  ///< where it stands: a manual and its chapter, a specification; or that it is our own
    const char* remedy;  ///< what to do, English
    void (*find)(const CheckInput& input, const RuleFound& found);
};

struct CheckResult {
    const Rule* rule = nullptr;
    std::string layer;
    std::vector<std::string> arguments;
    bool operator==(const CheckResult&) const = default;
};

/// Worst first, then in the network's order.
std::vector<CheckResult> runChecks(std::span<const Rule> rules, const CheckInput& input);

/// The rule's sentence, in English.
std::string checkText(const CheckResult& result);
/// "error", "warning" (Slow and Accuracy), "advice": the command line's words.
const char* severityName(Severity severity);

}  // namespace qs
