#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/targets/target.h"

#include <algorithm>

namespace qs::cli {

namespace {

/// Of uniform weights, and of those with a codebook.
std::vector<int> weightWidths(const QuantScheme& scheme)
{
    std::vector<int> widths(scheme.weightWidths.begin(), scheme.weightWidths.end());
    if (scheme.codebooks && std::find(widths.begin(), widths.end(), 4) == widths.end())
        widths.insert(widths.begin(), 4);
    return widths;
}

Json describe(const Target& target)
{
    return {{"name", target.name},
            {"vendor", target.vendor},
            {"description", target.description},
            {"widths", {{"activations", target.scheme().activationWidths}, {"weights", weightWidths(target.scheme())}}},
            {"files", target.files}};
}

std::string widthsText(std::span<const int> widths)
{
    std::string text;
    for (const int width : widths)
        text += (text.empty() ? "" : " ") + std::to_string(width);
    return text;
}

void print()
{
    for (const Target& target : targets()) {
        say("%s\n    %s, %s\n", target.name, target.vendor, target.description);
        say("    bits of activations: %s; of weights: %s\n", widthsText(target.scheme().activationWidths).c_str(),
            widthsText(weightWidths(target.scheme())).c_str());
        std::string files;
        for (const char* file : target.files)
            files += std::string(" PREFIX") + file;
        say("    writes%s\n", files.c_str());
    }
}

std::string json()
{
    Json list = Json::array();
    for (const Target& target : targets())
        list.push_back(describe(target));
    return jsonText(list);
}

}  // namespace

std::string targetChoices()
{
    std::string names;
    for (const Target& target : targets())
        names += (names.empty() ? "" : ",") + std::string(target.name);
    return "{" + names + "}";
}

void addTargets(Program& program)
{
    addListCommand(program, "targets", "List what a network can be quantized for", print, json);
}

}  // namespace qs::cli
