// The table of refinements: what is done to a layer's weights beyond their algorithm. Window, command line, report and guide go through it.
//
// To add one: its member and row as a setting (quant/setting_fields.h), its row here, a Reason where it cannot be done, and the code that does it.
#pragma once

#include "core/prepare/prepared.h"

namespace qs {

struct Refinement {
    const char* name;  ///< identifier, and the key in files
    bool WeightSetting::*flag;
    const char* label;
    const char* shortName;   ///< in tables
    const char* help;        ///< what it does, and its paper
    const char* option;      ///< of the command line, for all layers
    const char* optionHelp;  ///< the same
    Reason refused;
    /// Of one layer alone. Null for what takes two: equalizableLayers() says which.
    bool (*possible)(const Layer& layer, const WeightSetting& setting);
    bool Effective::*entered;  ///< null where `possible` is

    /// Found by running the calibration data, on top of those before it.
    bool learned() const { return entered != nullptr; }
    bool done(const Effective& effective) const { return learned() ? effective.*entered : !effective.equalizedWith.empty(); }
};
/// In the order in which they are done.
std::span<const Refinement> refinements();

/// The layers of the configuration that it can be asked for. Errors: those of fusion.
Result<std::vector<std::string>> refinableLayers(const Refinement& refinement, const std::shared_ptr<const Model>& model,
                                                 const Configuration& configuration);

/// " CLE BC": the short names of those that `has` says yes to.
template <class Has>
std::string refinementNames(const Has& has)
{
    std::string names;
    for (const Refinement& refinement : refinements())
        if (has(refinement))
            names += std::string(" ") + refinement.shortName;
    return names;
}

}  // namespace qs
