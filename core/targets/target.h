// Targets: chips and runtimes that a quantized network is made for. What one says of itself stands in its folder and nowhere else.
//
// To add one: a folder targets/<vendor>, one line in targets.cpp, its test.
#pragma once

#include "core/export/exporter.h"
#include "core/targets/check.h"

#include <span>

namespace qs {

struct Target {
    const char* name;         ///< "onnxruntime": on the command line and in files
    const char* label;        ///< "ONNX Runtime": in the window, in every language
    const char* vendor;       ///< "Microsoft"
    const char* description;  ///< one English line
    std::span<const int> activationWidths, weightWidths;
    bool joinsScales;                    ///< the inputs of a Concat or Eltwise share one scale
    std::span<const char* const> files;  ///< what follows the prefix of the files that it writes
    bool hasSaveTypes;                   ///< it writes a model for simulation and one to deploy, of which the user may want one (SaveType)
    Result<ExportPlan> (*plan)(const ExportRequest& request);
    std::span<const Rule> (*rules)();
};

std::span<const Target> targets();

/// `configuration` with the target's name and what the target always does.
void setTarget(Configuration& configuration, const Target& target);
/// The same, and made to fit it: widths of inputs that it does not take become the next larger one, or its largest.
struct Adapted {
    struct Width {
        std::string layer;
        int before, after;
    };
    Configuration configuration;
    std::vector<Width> changed;  ///< by input
};
Adapted adaptedTo(const Target& target, Configuration configuration);
/// The one that the configuration names; the standard one where it names none, or none that is known.
const Target& targetOf(const Configuration& configuration);
/// Error UnknownKey with the names that there are.
Result<const Target*> findTarget(const std::string& name);
/// What a network is made for where nobody says otherwise.
const Target& standardTarget();

}  // namespace qs
