// Targets: chips and runtimes that a quantized network is made for. What one says of itself stands in its folder and nowhere else.
//
// To add one: a folder targets/<vendor>, one line in targets.cpp, its test.
#pragma once

#include "core/export/exporter.h"
#include "core/quant/scheme.h"
#include "core/targets/check.h"
#include "core/targets/forms.h"

#include <span>

namespace qs {

struct Target {
    const char* name;                    ///< "onnxruntime": on the command line and in files
    const char* label;                   ///< "ONNX Runtime": in the window, in every language
    const char* vendor;                  ///< "Microsoft"
    const char* description;             ///< one English line
    const QuantScheme& (*scheme)();      ///< what is quantized, where and on which grids
    std::span<const char* const> files;  ///< what follows the prefix of the files that it writes
    bool hasSaveTypes;                   ///< it writes a model for simulation and one to deploy, of which the user may want one (SaveType)
    Result<ExportPlan> (*plan)(const ExportRequest& request);
    std::span<const Rule> (*rules)();
    const Forms* forms = nullptr;  ///< of settings and factors; null: the standard target's
};

std::span<const Target> targets();
/// One more, behind the others, until the program ends: for a target that is no part of it. Before anything asks for targets on another thread.
void addTarget(const Target& target);

/// `configuration` with the target's name and what the target always does.
void setTarget(Configuration& configuration, const Target& target);
/// Settings of layers that the configuration's scheme does not quantize are taken out; those that were enabled, in the network's order. What a layer
/// that stays cannot have (a scale a channel, settings of more inputs or outputs than are quantized) goes.
std::vector<std::string> fitLayers(const Model& model, Configuration& configuration);
/// setTarget() and fitLayers(); layers that only this target quantizes get their default, and so does what is switched
/// on or off by the last target's; widths that it does not take become the next larger one, or
/// its largest.
struct Adapted {
    struct Width {
        std::string layer;
        int before, after;
    };
    Configuration configuration;
    std::vector<Width> changed;        ///< of inputs, outputs and weights
    std::vector<std::string> dropped;  ///< layers that were quantized and are not any more
};
Adapted adaptedTo(const Target& target, const Model& model, Configuration configuration);
/// The one that the configuration names; the standard one where it names none, or none that is known.
const Target& targetOf(const Configuration& configuration);
/// Error UnknownKey with the names that there are.
Result<const Target*> findTarget(const std::string& name);
/// The standard one, or where that quantizes no layer with weights the first that does.
const Target& targetFor(const Model& model);
/// What a network is made for where nobody says otherwise.
const Target& standardTarget();

}  // namespace qs
