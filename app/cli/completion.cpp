// Words for shells and a page for man, from the table of options that the program itself parses.
#include "app/cli/command.h"

#include <algorithm>

namespace qs::cli {

namespace {

/// What is not to be completed: CLI11 gives every command a help of its own.
bool isHelp(const CLI::Option& option)
{
    return option.check_lname("help");
}

std::vector<const CLI::Option*> optionsOf(const CLI::App& app)
{
    std::vector<const CLI::Option*> options;
    for (const CLI::Option* option : app.get_options())
        if (!isHelp(*option) && option->nonpositional())
            options.push_back(option);
    return options;
}

std::vector<const CLI::App*> commandsOf(const CLI::App& app)
{
    std::vector<const CLI::App*> commands;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        commands.push_back(command);
    return commands;
}

/// "-o" and "--output" of one option.
std::vector<std::string> namesOf(const CLI::Option& option)
{
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames())
        names.push_back("-" + name);
    for (const std::string& name : option.get_lnames())
        names.push_back("--" + name);
    return names;
}

/// "a b c" of an option that takes one of {a,b,c}; empty where anything goes.
std::string choicesOf(const CLI::Option& option)
{
    const std::string type = option.get_type_name();
    const size_t open = type.find('{');
    const size_t close = type.find('}');
    if (open == std::string::npos || close == std::string::npos || close < open)
        return {};
    std::string words = type.substr(open + 1, close - open - 1);
    std::replace(words.begin(), words.end(), ',', ' ');
    return words;
}

bool isFlag(const CLI::Option& option)
{
    return option.get_expected_max() == 0 || option.get_type_size() == 0;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string allNames(const std::vector<const CLI::Option*>& options)
{
    std::vector<std::string> words;
    for (const CLI::Option* option : options)
        for (std::string& name : namesOf(*option))
            words.push_back(std::move(name));
    return joined(words);
}

std::string bash(const CLI::App& app)
{
    std::string names;
    std::string options;
    std::map<std::string, std::string> choices;
    for (const CLI::App* command : commandsOf(app)) {
        names += (names.empty() ? "" : " ") + command->get_name();
        options += "        " + command->get_name() + ") words='" + allNames(optionsOf(*command)) + "' ;;\n";
        for (const CLI::Option* option : optionsOf(*command))
            if (const std::string words = choicesOf(*option); !words.empty())
                choices[option->get_lnames().empty() ? namesOf(*option).front() : "--" + option->get_lnames().front()] = words;
    }
    std::string alternatives = names;
    std::replace(alternatives.begin(), alternatives.end(), ' ', '|');
    std::string values;
    for (const auto& [option, words] : choices)
        values += "        " + option + ") COMPREPLY=($(compgen -W '" + words + "' -- \"$current\")); return ;;\n";
    const std::string general = allNames(optionsOf(app));
    return "# bash completion of quantscope-cli; written by `quantscope-cli completion bash`.\n"
           "_quantscope_cli()\n{\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= i\n"
           "    for ((i = 1; i < COMP_CWORD; ++i)); do\n"
           "        case ${COMP_WORDS[i]} in\n        " +
           alternatives +
           ") command=${COMP_WORDS[i]}; break ;;\n        esac\n    done\n"
           "    case $command in\n" +
           options + "        *) COMPREPLY=($(compgen -W '" + names + " " + general +
           " --help --version' -- \"$current\")); return ;;\n    esac\n"
           "    case $before in\n" +
           values +
           "    esac\n"
           "    if [[ $current == -* ]]; then\n        COMPREPLY=($(compgen -W \"$words " +
           general +
           " --help\" -- \"$current\"))\n    else\n        COMPREPLY=($(compgen -f -- \"$current\"))\n    fi\n}\n"
           "complete -o filenames -F _quantscope_cli quantscope-cli\n";
}

/// Inside single quotes and brackets of _arguments.
std::string zshText(const std::string& text)
{
    std::string safe;
    for (const char c : text) {
        if (c == '\'')
            safe += "'\\''";
        else if (c == '[' || c == ']' || c == ':' || c == '\\')
            safe += std::string("\\") + c;
        else
            safe += c == '\n' ? ' ' : c;
    }
    return safe;
}

std::string zshOptions(const std::vector<const CLI::Option*>& options)
{
    std::string text;
    for (const CLI::Option* option : options)
        for (const std::string& name : namesOf(*option)) {
            const std::string words = choicesOf(*option);
            const std::string value = isFlag(*option) ? "" : words.empty() ? ":value:_files" : ":value:(" + words + ")";
            text += "            '*" + name + "[" + zshText(option->get_description()) + "]" + value + "' \\\n";
        }
    return text;
}

std::string zsh(const CLI::App& app)
{
    std::string commands;
    std::string cases;
    for (const CLI::App* command : commandsOf(app)) {
        commands += "        '" + command->get_name() + ":" + zshText(command->get_description()) + "'\n";
        cases += "        " + command->get_name() + ")\n            _arguments \\\n" + zshOptions(optionsOf(*command)) + zshOptions(optionsOf(app)) +
                 "            '*:file:_files' ;;\n";
    }
    return "#compdef quantscope-cli\n# written by `quantscope-cli completion zsh`\n_quantscope_cli()\n{\n    local -a commands\n    commands=(\n" +
           commands + "    )\n    local command=${words[(r)(" +
           [&] {
               std::string names;
               for (const CLI::App* each : commandsOf(app))
                   names += (names.empty() ? "" : "|") + each->get_name();
               return names;
           }() +
           ")]}\n    case $command in\n" + cases + "        *) _describe command commands ;;\n    esac\n}\n_quantscope_cli \"$@\"\n";
}

/// A line of roff: what begins with a dot or a quote would be a request.
std::string roff(const std::string& text)
{
    std::string safe;
    for (const char c : text) {
        if (c == '\\')
            safe += "\\e";
        else if (c == '-')
            safe += "\\-";
        else
            safe += c;
    }
    size_t at = 0;
    while (at < safe.size()) {
        if ((at == 0 || safe[at - 1] == '\n') && (safe[at] == '.' || safe[at] == '\''))
            safe.insert(at, "\\&");
        const size_t next = safe.find('\n', at);
        at = next == std::string::npos ? safe.size() : next + 1;
    }
    return safe;
}

std::string manOptions(const std::vector<const CLI::Option*>& options)
{
    std::string text;
    for (const CLI::Option* option : options) {
        const std::string words = choicesOf(*option);
        text += ".TP\n\\fB" + roff(joined(namesOf(*option))) + "\\fR" +
                (isFlag(*option) ? ""
                 : words.empty() ? " \\fIVALUE\\fR"
                                 : " " + roff(words)) +
                "\n" + roff(option->get_description()) + "\n";
    }
    return text;
}

std::string man(const CLI::App& app)
{
    std::string text = ".TH QUANTSCOPE\\-CLI 1 \"\" \"Quantscope " QS_VERSION "\" \"User Commands\"\n.SH NAME\nquantscope\\-cli \\- " +
                       roff("what quantization does to each layer of a network") +
                       "\n.SH SYNOPSIS\n.B quantscope\\-cli\n.I COMMAND\n.RI [ OPTION ...]\n.SH DESCRIPTION\n" + roff(app.get_description()) +
                       "\n.SH OPTIONS OF ALL COMMANDS\n" + manOptions(optionsOf(app)) + ".SH COMMANDS\n";
    for (const CLI::App* command : commandsOf(app)) {
        std::string places;
        for (const CLI::Option* option : command->get_options())
            if (!option->nonpositional())
                places += " " + option->get_name();
        text += ".SS " + roff(command->get_name() + places) + "\n" + roff(command->get_description()) + "\n" + manOptions(optionsOf(*command));
    }
    return text + ".SH EXIT STATUS\n0 done, 1 the job failed, 2 bad usage, 130 interrupted.\n.SH ENVIRONMENT\n.TP\n.B QUANTSCOPE_CPU\n" +
           roff("x86-64-v4, x86-64-v3 or x86-64-v2: the highest level of the processor's instructions that is used.") +
           "\n.TP\n.B AMCT_LOG_LEVEL, AMCT_LOG_FILE_LEVEL\nDEBUG, INFO, WARNING or ERROR: what the steps of AMCT log.\n.SH SEE ALSO\n" +
           roff("The manual: Help > Manual in quantscope(1).") + "\n";
}

}  // namespace

void addCompletion(Program& program)
{
    auto form = std::make_shared<std::string>();
    CLI::App* command = program.app.add_subcommand("completion", "Print the completion of a shell, or the page for man");
    command->add_option("FORM", *form, "bash, zsh or man")->required()->check(CLI::IsMember({"bash", "zsh", "man"}));
    command->callback([&program, form] {
        program.action = [&program, form](const JobContext&) -> Result<void> {
            printText(*form == "bash" ? bash(program.app) : *form == "zsh" ? zsh(program.app) : man(program.app));
            return {};
        };
    });
}

}  // namespace qs::cli
