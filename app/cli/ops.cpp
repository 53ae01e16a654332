#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/quant/scheme.h"
#include "core/targets/documentation.h"

namespace qs::cli {

namespace {

Json describe(const TypeDocument& document)
{
    Json parameters = Json::array();
    for (const ParameterDocument& parameter : parametersOf(document))
        parameters.push_back({{"name", parameter.name}, {"default", parameter.fallback}});
    return {{"type", document.type},       {"meaning", document.meaning}, {"message", document.message},
            {"parameters", parameters},    {"source", document.source},   {"quantizable", quantizableText(document.type)},
            {"state", stateText(document)}};
}

void print()
{
    for (const TypeDocument& document : typeDocuments()) {
        say("%s\n    %s\n", document.type, document.meaning);
        if (*document.message != '\0')
            say("    %s { %s }\n", document.message, document.parameters);
        say("    quantized: %s; %s; source: %s\n", quantizableText(document.type).c_str(), stateText(document).c_str(), document.source);
    }
}

std::string json()
{
    Json list = Json::array();
    for (const TypeDocument& document : typeDocuments())
        list.push_back(describe(document));
    return jsonText(list);
}

}  // namespace

void addOps(Program& program)
{
    addListCommand(program, "ops", "List the layer types: meaning, parameters, source, what is quantized", print, json);
}

}  // namespace qs::cli
