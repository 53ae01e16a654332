// Targets: chips and runtimes that a quantized network is made for. What one says of itself stands in its folder and nowhere else.
//
// To add one: a folder targets/<vendor>, one line in targets.cpp, its test.
#pragma once

#include "core/export/exporter.h"

#include <span>

namespace qs {

struct Target {
    const char* name;         ///< "onnxruntime": on the command line and in files
    const char* label;        ///< "ONNX Runtime": in the window, in every language
    const char* vendor;       ///< "Microsoft"
    const char* description;  ///< one English line
    std::span<const int> activationWidths, weightWidths;
    std::span<const char* const> files;  ///< what follows the prefix of the files that it writes
    bool hasSaveTypes;                   ///< it writes a model for simulation and one to deploy, of which the user may want one (SaveType)
    Result<ExportPlan> (*plan)(const ExportRequest& request);
};

std::span<const Target> targets();
/// Error UnknownKey with the names that there are.
Result<const Target*> findTarget(const std::string& name);
/// What a network is made for where nobody says otherwise.
const Target& standardTarget();

}  // namespace qs
