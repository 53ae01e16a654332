// The text forms of settings and factors: what a target's tool calls them, and the files that it reads and writes.
#pragma once

#include "core/quant/fields.h"
#include "core/quant/record.h"

#include <filesystem>
#include <span>

namespace qs {

/// A parameter as the tool's manual explains it.
struct Parameter {
    int table;                     ///< number of the manual's table
    const char* key;               ///< path in the file of settings; "layer_config" stands for a layer's own name
    const Field* field = nullptr;  ///< null: none of a setting
    const char* type;              ///< "int", "float", "bool", "string", "object", "list"
    const char* meaning;           ///< one or two English sentences; widgets/common/parameter_help.cpp translates them
    const char* range;             ///< as an interval or a set; "" where anything is allowed
    const char* standard;          ///< what holds when the key is absent, as JSON; "" where that depends on the layer
    const char* recommended;       ///< the manual's recommendation; "" where it has none
    /// As the field; anything where there is none.
    bool holds(double value) const { return !field || field->holds(value); }
};

/// Settings made from a few lines that say what differs from the default.
struct SimpleConfig {
    Configuration configuration;
    std::map<std::string, std::string> skipped = {};  ///< by layer: which line of the file switches it off ("skip_layers")
    std::vector<std::string> notes = {};              ///< what the file says without effect, one English sentence each
};

struct Forms {
    const char* tool;  ///< what its makers call it
    Wording words;
    /// The opposite of `words` for weight algorithms; nothing where the tool has no such one.
    std::optional<std::string> (*ownAlgorithm)(std::string_view name);
    std::span<const Parameter> (*parameters)();
    /// By key or by the field's own name; null where the manual has none.
    const Parameter* (*findParameter)(std::string_view name);
    std::string (*writeSettings)(const Model& model, const Configuration& configuration);
    Result<Configuration> (*readSettings)(const Model& model, const std::string& text, const std::string& fileName);
    Result<SimpleConfig> (*readSimpleSettings)(const Model& model, const std::string& text, const std::string& fileName);
    std::string (*writeFactors)(const QuantRecord& record, const std::vector<std::string>& order);
    Result<QuantRecord> (*readFactors)(const std::string& text, const std::string& fileName);
    /// The same of a file of the user's, which must have a layer.
    Result<QuantRecord> (*readFactorFile)(const std::filesystem::path& file);
    /// What factors say of the settings that they belong to.
    Result<Configuration> (*settingsOfFactors)(const Model& model, const QuantRecord& record, const std::string& fileName);
};

/// Those that settings and factors are kept in whatever they are made for: no other target has files of its own for them.
const Forms& standardForms();

}  // namespace qs
