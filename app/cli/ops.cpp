#include "app/cli/command.h"
#include "core/base/json.h"
#include "core/ops/documentation.h"

#include <cstdio>

namespace qs::cli {

namespace {

Json describe(const TypeDocument& document)
{
    Json parameters = Json::array();
    for (const ParameterDocument& parameter : parametersOf(document))
        parameters.push_back({{"name", parameter.name}, {"default", parameter.fallback}});
    return {{"type", document.type},       {"meaning", document.meaning}, {"message", document.message},
            {"parameters", parameters},    {"source", document.source},   {"quantizable", quantizableText(document)},
            {"state", stateText(document)}};
}

void print()
{
    for (const TypeDocument& document : typeDocuments()) {
        std::printf("%s\n    %s\n", document.type, document.meaning);
        if (*document.message != '\0')
            std::printf("    %s { %s }\n", document.message, document.parameters);
        std::printf("    quantized: %s; %s; source: %s\n", quantizableText(document).c_str(), stateText(document).c_str(), document.source);
    }
}

}  // namespace

void addOps(Program& program)
{
    auto json = std::make_shared<bool>(false);
    CLI::App* command = program.app.add_subcommand("ops", "List the layer types: meaning, parameters, source, what is quantized");
    command->add_flag("--json", *json, "as JSON");
    command->callback([&program, json] {
        program.action = [json](const JobContext&) -> Result<void> {
            if (!*json) {
                print();
                return {};
            }
            Json list = Json::array();
            for (const TypeDocument& document : typeDocuments())
                list.push_back(describe(document));
            std::fputs(jsonText(list).c_str(), stdout);
            return {};
        };
    });
}

}  // namespace qs::cli
