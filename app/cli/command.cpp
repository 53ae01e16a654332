#include "app/cli/command.h"

#include "app/common/shape_text.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/calib/calibrators.h"
#include "core/import/importer.h"
#include "core/jobs/samples.h"
#include "core/ops/op.h"
#include "core/project/project.h"
#include "core/targets/amct/config_json.h"
#include "core/targets/amct/log.h"
#include "core/targets/amct/parameters.h"
#include "core/targets/amct/record_text.h"
#include "core/targets/target.h"

#include <algorithm>

namespace qs::cli {

namespace {

std::vector<std::string> choicesOf(const FieldInfo& field)
{
    std::vector<std::string> names = splitText(field.field->choices, '|');
    if (field.field == &field::calibrator)
        for (const Calibrator& calibrator : calibrators())
            names.emplace_back(calibrator.name);
    return names;
}

using GivenSettings = std::map<std::string, FieldValue>;

CLI::Option* addFlag(CLI::App& command, const FieldInfo& field, const std::string& help, GivenSettings& settings)
{
    const auto keep = [&settings, &field](const auto& given) { settings[field.flag] = given; };
    const auto inRange = [&field](const std::string& text) {
        double number = 0;
        const bool fits = CLI::detail::lexical_cast(text, number) && field.field->holds(number);
        return fits ? std::string() : text + " is not in " + field.field->range;
    };
    switch (field.type) {
        case FieldType::Switch:
            return command.add_option_function<bool>(field.flag, keep, help);
        case FieldType::Integer:
            return command.add_option_function<int>(field.flag, keep, help)->check(inRange, field.field->range);
        case FieldType::Number:
            return command.add_option_function<double>(field.flag, keep, help)->check(inRange, field.field->range);
        default:
            return command.add_option_function<std::string>(field.flag, keep, help)->check(CLI::IsMember(choicesOf(field)));
    }
}

/// The flags of the table's rows: type, range and help are the rows' own.
template <class Setting>
void addFlags(CLI::App& command, const std::string& of, GivenSettings& settings)
{
    std::map<std::string, std::string> helps;
    for (const FieldInfo& row : fieldsOf<Setting>())
        if (*row.flag)
            helps[row.flag] += (helps[row.flag].empty() ? "" : ", ") + std::string(row.help);
    for (const SettingField<Setting>& row : fieldsOf<Setting>())
        if (const auto help = helps.extract(row.flag))
            addFlag(command, row, of + ": " + help.mapped() + " (" + valueText(row.get({})) + ")", settings)->excludes("--record");
}

template <class Setting>
void enterFlags(const GivenSettings& settings, Setting& setting)
{
    for (const SettingField<Setting>& row : fieldsOf<Setting>())
        if (const auto given = settings.find(row.flag); given != settings.end())
            row.set(setting, given->second);
}

void addCalibrationOptions(CLI::App& command, ModelOptions& options)
{
    command.add_option("--target", options.target, "what the network is for (quantscope-cli targets); without it the configuration's")
        ->type_name(targetChoices());
    command.add_flag("--exact", options.exact, "calibrate with every value kept in memory instead of histograms");
    command.add_option("--record", options.record, "scale_offset_record.txt; without it the factors are calibrated first");
    addFlags<ActivationSetting>(command, "all inputs", options.settings);
    for (const Refinement& refinement : refinements())
        command.add_flag_callback(
            refinement.option, [&options, &refinement] { options.refinements.push_back(&refinement); }, refinement.optionHelp);
}

/// "All layers" of the options: where something does not apply, nothing is asked for.
Result<void> enterOptions(const std::shared_ptr<const Model>& model, const ModelOptions& options, Configuration& configuration)
{
    for (auto& [name, setting] : configuration.layers)
        for (ActivationSetting& activation : setting.activations)
            enterFlags(options.settings, activation);
    for (const Refinement* refinement : options.refinements) {
        QS_TRY(const auto layers, refinableLayers(*refinement, model, configuration));
        for (const std::string& name : layers)
            (*configuration.layers.at(name).weights).*(refinement->flag) = true;
    }
    return {};
}

}  // namespace

void addModelOptions(CLI::App& command, ModelOptions& options, bool configuration, bool record)
{
    command.add_option("MODEL", options.model, "Caffe .prototxt, .onnx, or TorchScript .pt")->required();
    command.add_option("-w,--weights", options.weights, "the .caffemodel");
    command.add_option("--input-shape", options.inputShapes,
                       "NAME=1x3x224x224: the shape of an input, where the file leaves it open or another is wanted");
    command.add_option("--custom-proto", options.customProto, "the custom.proto that describes the network's own layers");
    if (configuration)
        command.add_option("-c,--config", options.configuration,
                           "config.json, or a .qsproj for its configuration; without it the default configuration");
    if (record)
        addCalibrationOptions(command, options);
}

void addListCommand(Program& program, const std::string& name, const std::string& description, void (*print)(), std::string (*json)())
{
    const auto wanted = std::make_shared<bool>(false);
    CLI::App* command = program.app.add_subcommand(name, description);
    command->add_flag("--json", *wanted, "as JSON");
    command->callback([&program, wanted, print, json] {
        program.action = [wanted, print, json](const JobContext&) -> Result<void> {
            if (*wanted)
                printText(json());
            else
                print();
            return {};
        };
    });
}

void addSaveOption(CLI::App& command, std::string& saveType)
{
    command.add_option("--save-type", saveType, "Fakequant, Deploy or Both")->check(CLI::IsMember({"Fakequant", "Deploy", "Both"}));
}

void setAmctAction(Program& program, CLI::App& command, std::function<std::string()> stage, Action action)
{
    auto folder = std::make_shared<std::string>();
    command.add_option("--amct-log", *folder, "FOLDER in which amct_log/amct_caffe.log is written (level: AMCT_LOG_FILE_LEVEL)");
    command.callback([&program, folder, stage = std::move(stage), action = std::move(action)] {
        program.action = [folder, stage, action](const JobContext& job) -> Result<void> {
            QS_CHECK(amct::openLog(*folder));
            return stage ? amct::step(stage(), [&] { return action(job); }) : action(job);
        };
    });
}

void addBoxRule(CLI::App& command, BoxRule& rule)
{
    command.add_option("--score", rule.score, "boxes from this score on (0.5)")->check(CLI::Range(0.0, 1.0));
    command.add_option("--overlap", rule.overlap, "boxes match from this intersection over union on (0.5)")->check(CLI::Range(0.01, 1.0));
}

void addPartialOption(CLI::App& command, ModelOptions& options)
{
    command.add_flag("--partial", options.partial, "go on where no output of the network, or less than half of it, can be run");
}

Result<void> requireMostOfIt(const Model& model, bool partial)
{
    size_t missing = 0;
    const Layer* first = nullptr;
    for (const Layer& layer : model.layers()) {
        missing += layer.notRunnable.empty() ? 0 : 1;
        first = first || layer.notRunnable.empty() ? first : &layer;
    }
    if (!first)
        return {};
    const std::string what = std::to_string(missing) + " of " + std::to_string(model.layers().size()) + " layers are not run, first '" + first->name +
                             "' (" + first->type + "): " + first->notRunnable;
    const auto outputs = requireOutputs(model);
    if (!partial && !outputs.ok())
        return Error{outputs.error().code, outputs.error().detail + " (--partial goes on all the same)", outputs.error().where};
    if (!partial && 2 * missing > model.layers().size())
        return Error{ErrorCode::NotRunnable, what + " (--partial goes on all the same)", model.name()};
    complain("note: %s\n", what.c_str());
    return {};
}

namespace {

/// "x=1x3x224x224".
Result<std::pair<std::string, Shape>> parseInputShape(const std::string& text)
{
    const size_t equals = text.rfind('=');
    const auto shape = equals == std::string::npos || equals == 0 ? std::nullopt : shapeFromText(text.substr(equals + 1));
    if (!shape)
        return Error{ErrorCode::Usage, "'" + text + "' is not NAME=1x3x224x224", "--input-shape"};
    return std::pair(text.substr(0, equals), *shape);
}

Result<std::shared_ptr<const Model>> importQuietly(const ModelOptions& options, std::map<std::string, Shape> shapes)
{
    for (const std::string& text : options.inputShapes) {
        QS_TRY(auto given, parseInputShape(text));
        shapes[given.first] = given.second;
    }
    return importModel({options.model, options.weights, options.customProto, std::move(shapes)});
}

void printNotes(const Model& model)
{
    for (const std::string& note : model.notes())
        complain("note: %s\n", note.c_str());
}

}  // namespace

Result<std::shared_ptr<const Model>> loadModel(const ModelOptions& options, const std::map<std::string, Shape>& shapes)
{
    QS_TRY(auto model, importQuietly(options, {}));
    std::map<std::string, Shape> open;
    for (const ValueId input : model->inputs())
        if (const auto shape = shapes.find(model->value(input).name); shape != shapes.end() && !model->value(input).shaped)
            open.insert(*shape);
    if (!open.empty()) {
        QS_TRY(model, importQuietly(options, open));
    }
    printNotes(*model);
    return model;
}

Result<std::shared_ptr<const Model>> loadModelFor(const ModelOptions& options, const DataOptions& data)
{
    QS_TRY(auto model, importQuietly(options, {}));
    if (data.hasSource() && !model->inputs().empty() && !model->value(model->inputs().front()).shaped) {
        const std::string name = model->value(model->inputs().front()).name;
        QS_TRY(const DataSpec spec, dataSpecFor(*model, data));
        QS_TRY(const Shape shape, inputShapeFrom(spec));
        QS_TRY(model, importQuietly(options, {{name, shape}}));
        complain("note: input '%s' is taken as %s, as the data\n", name.c_str(), shapeText(shape).c_str());
    }
    printNotes(*model);
    return model;
}

Result<Configuration> loadConfiguration(const OpenedNetwork& opened, const ModelOptions& options)
{
    const auto& model = opened.model;
    Configuration configuration = opened.configuration;
    if (std::filesystem::path(options.configuration).extension() == ".qsproj") {
        QS_TRY(Project project, loadProject(options.configuration));
        configuration = std::move(project.configuration);
    } else if (!options.configuration.empty()) {
        QS_TRY(const std::string text, readFile(options.configuration, largestText));
        QS_TRY(configuration, configurationFromJson(*model, text, options.configuration));
    }
    if (!options.target.empty()) {
        QS_TRY(const Target* target, findTarget(options.target));
        // A network that comes with its quantizers has scales of its own.
        const bool own = opened.record && !configuration.joinScales;
        if (options.configuration.empty() && !opened.record) {
            configuration = adaptedTo(*target, *model, std::move(configuration)).configuration;
        } else {
            setTarget(configuration, *target);
            for (const std::string& layer : fitLayers(*model, configuration))
                complain("note: layer '%s' is not quantized: %s has no such layer\n", layer.c_str(), target->label);
        }
        configuration.joinScales = configuration.joinScales && !own;
    }
    QS_CHECK(checkConfiguration(*model, configuration, amctWords));
    QS_CHECK(enterOptions(model, options, configuration));
    return configuration;
}

void printSkipped(const DataSet& data)
{
    if (data.skipped().empty())
        return;
    complain("note: %zu samples cannot be read and are left out:\n", data.skipped().size());
    for (size_t i = 0; i < std::min<size_t>(data.skipped().size(), 10); ++i)
        complain("  %s\n", data.skipped()[i].c_str());
}

Result<std::shared_ptr<const DataSet>> loadData(const Model& model, const DataOptions& options)
{
    QS_TRY(const DataSpec spec, dataSpecFor(model, options));
    QS_TRY(auto data, openDataSet(spec, model.value(model.inputs().front()).shape));
    printSkipped(*data);
    return data;
}

Result<std::shared_ptr<Engine>> loadEngine(const Program& program)
{
    QS_TRY(auto engine, openEngine());
    if (program.threads > 0)
        engine->setThreads(program.threads);
    return engine;
}

namespace {

/// A network's own factors hold for the settings that it came with.
bool asksForOthers(const ModelOptions& options)
{
    return !options.configuration.empty() || !options.settings.empty() || !options.refinements.empty() || options.exact || options.calibrateAlways;
}

Result<void> prepareNoting(Spec& spec)
{
    QS_TRY(spec.prepared, prepare(spec));
    for (const Note& note : spec.prepared->notes)
        complain("note: %s\n", noteText(note).c_str());
    return {};
}

/// All but the data and the preparation.
Result<Spec> readNetwork(const ModelOptions& model, const DataOptions& data)
{
    QS_TRY(auto imported, loadModelFor(model, data));
    QS_TRY(OpenedNetwork opened, openedFrom(std::move(imported)));
    Spec spec{.model = opened.model, .options = {.exact = model.exact}};
    QS_TRY(spec.configuration, loadConfiguration(opened, model));
    if (!model.record.empty()) {
        QS_TRY(spec.given, readRecordFile(model.record));
        for (const auto& [name, factors] : spec.given->layers)
            if (spec.model->findLayer(name) == noId)
                return Error{ErrorCode::UnknownLayer, "'" + name + "'", model.record};
    } else if (opened.record && !asksForOthers(model)) {
        complain("note: the quantizers in the file are the settings\n");
        spec.given = std::move(opened.record);
    }
    return spec;
}

}  // namespace

Result<Session> readSession(const ModelOptions& model, const DataOptions& data)
{
    Session session;
    QS_TRY(session.spec, readNetwork(model, data));
    QS_CHECK(prepareNoting(session.spec));
    if (session.spec.given) {
        QS_TRY(session.solved, quantize(session.spec));
    }
    return session;
}

Result<Session> prepareSession(const ModelOptions& model, const DataOptions& data)
{
    Session session;
    Spec& spec = session.spec;
    QS_TRY(spec, readNetwork(model, data));
    QS_CHECK(requireMostOfIt(*spec.model, model.partial));
    QS_TRY(spec.data, loadData(*spec.model, data));
    // Nothing asked for: as many as make a fair calibration.
    const bool asked = !model.configuration.empty() || data.batch > 0 || spec.data->spec().preprocess.batch > 1;
    if (!asked)
        spec.configuration.batchNum = std::clamp(spec.data->size(), 1, 32);
    QS_CHECK(prepareNoting(spec));
    return session;
}

Result<void> solveSession(const Program& program, Session& session, const JobContext& job)
{
    QS_TRY(session.engine, loadEngine(program));
    QS_TRY(session.solved, solve(session.spec, session.engine, job));
    if (const auto& calibration = session.solved.calibration) {
        for (const Note& note : calibration->notes)
            complain("note: %s\n", noteText(note).c_str());
        complain("note: calibrated on %d samples\n", calibration->samples);
        for (const LayerId id : calibration->effective.ids())
            if (calibration->effective[id].reason == Reason::IllegalScale)
                complain("note: layer '%s' stays float: %s\n", session.spec.model->layer(id).name.c_str(),
                         reasonText(calibration->effective[id]).c_str());
    }
    return {};
}

Result<Session> openSession(const Program& program, const ModelOptions& model, const DataOptions& data, const JobContext& job)
{
    QS_TRY(Session session, prepareSession(model, data));
    QS_CHECK(solveSession(program, session, job));
    return session;
}

namespace {

/// Characters as shown: continuation bytes of UTF-8 take no room.
size_t width(const std::string& text)
{
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string table(std::vector<std::vector<std::string>> rows)
{
    constexpr size_t longestCell = 400;
    for (auto& row : rows)
        for (std::string& cell : row)
            cell = shown(shortened(cell, longestCell));
    std::vector<size_t> widths;
    for (const auto& row : rows)
        for (size_t column = 0; column < row.size(); ++column) {
            widths.resize(std::max(widths.size(), column + 1));
            widths[column] = std::max(widths[column], width(row[column]));
        }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (size_t column = 0; column < row.size(); ++column) {
            const std::string blanks(widths[column] - width(row[column]), ' ');
            const bool left = column == 0 || column + 1 == row.size();
            line += left ? row[column] + blanks : blanks + row[column];
            line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

}  // namespace qs::cli
