// Branches: named settings beside each other, each with its factors and the steps that led to it. Pure values; app/session/branches.h keeps them.
#pragma once

#include "core/quant/configuration.h"
#include "core/quant/record.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace qs {

/// One step of the undo history: what was done, and the settings after it.
struct HistoryStep {
    std::string text;
    Configuration configuration;
    bool operator==(const HistoryStep&) const = default;
};

struct History {
    Configuration start;  ///< before the first step; means nothing without steps
    std::vector<HistoryStep> steps;
    int index = 0;  ///< steps that are done; those behind it can be redone
    /// The settings that the history stands at; `start` without steps.
    const Configuration& present() const { return index > 0 ? steps[static_cast<size_t>(index) - 1].configuration : start; }
    bool operator==(const History&) const = default;
};

/// Steps that are kept; the oldest go first, then the farthest of those that can be redone.
constexpr int historyLimit = 100;
History boundedHistory(History history, int limit = historyLimit);

struct Branch {
    std::string name;
    Configuration configuration;
    std::optional<QuantRecord> record;
    Configuration recordConfiguration;  ///< the settings that `record` was found for; means nothing without it
    History history;
};

/// One setting that two configurations do not share. Values as text ("8", "true", "[0.7, 1.3, 0.01]"); empty where it is not set.
struct SettingDifference {
    std::string layer;  ///< empty: a setting of the whole network
    std::string key;    ///< the standard target's name where it has one
    std::string before;
    std::string after;
    bool operator==(const SettingDifference&) const = default;
};

/// What would have to be changed in `before` to have `after`: of the network first, then layer by layer, by name. A layer that only one of them lists
/// stands with its being quantized or not alone. Every field that the project file keeps is compared.
std::vector<SettingDifference> settingsDifference(const Configuration& before, const Configuration& after);

/// `into` with all settings of these layers (fusion, too) as they are in `from`; a layer that `from` does not list is not listed then.
Configuration mergeLayers(Configuration into, const Configuration& from, std::span<const std::string> layers);

}  // namespace qs
