#include "core/targets/amct/amct.h"

#include "core/base/file.h"
#include "core/export/caffe_net.h"
#include "core/export/uninplace.h"
#include "core/import/caffe/document.h"
#include "core/import/importer.h"
#include "core/jobs/spec.h"
#include "core/prepare/quantized_weights.h"
#include "core/targets/amct/config_json.h"
#include "core/targets/amct/export.h"
#include "core/targets/amct/log.h"
#include "core/targets/amct/record_configuration.h"
#include "core/targets/amct/record_text.h"
#include "core/targets/amct/simple_config.h"
#include "core/targets/amct/steps.h"

namespace qs::amct {

struct Graph::State {
    Spec spec;  ///< prepared
    std::string recordFile;
    QuantRecord record;
    bool weightsQuantized = false;
    bool calibrated = false;
};

const PreparedNetwork& Graph::prepared() const
{
    return *m_state->spec.prepared;
}

namespace {

std::vector<std::string> layerOrder(const PreparedNetwork& prepared)
{
    std::vector<std::string> names;
    for (const Layer& layer : prepared.network->layers())
        names.push_back(layer.name);
    return names;
}

Result<void> writeRecord(const Graph::State& state)
{
    return writeFile(state.recordFile, recordToText(state.record, layerOrder(*state.spec.prepared)));
}

/// The network on its way: quantized weights, and where `activations` says so the inputs that will be quantized.
QuantizedNetwork partlyQuantized(const Graph::State& state, bool activations)
{
    const PreparedNetwork& prepared = *state.spec.prepared;
    QuantizedNetwork partly;
    partly.network = prepared.network;
    partly.effective = prepared.effective;
    partly.record = state.record;
    partly.layers.resize(prepared.network->layers().size());
    for (const LayerId id : partly.layers.ids()) {
        const Layer& layer = prepared.network->layer(id);
        const Effective& effective = prepared.effectiveOf(id);
        LayerQuantization& quantization = partly.layers[id];
        if (effective.weightBits != 0)
            quantization.weights = fakeQuantizedWeightsOnly(layer, state.record.layers.at(layer.name));
        if (!activations)
            continue;
        quantization.inputs.resize(layer.inputs.size());
        for (const EffectiveInput& input : effective.inputs)
            quantization.inputs[static_cast<size_t>(input.port)] = QuantParams{.scale = 1, .offset = 0, .bits = input.bits};
    }
    return partly;
}

Result<void> writeNetwork(const CaffeNet& net, const std::string& model, const std::string& weights)
{
    return writeFiles({{model, caffeNetText(net.net)}, {weights, net.weights.SerializeAsString()}});
}

Result<void> saveModel(const Spec& spec, const std::string& type, const std::string& path)
{
    QS_TRY(const SaveType saveType, saveTypeNamed(type));
    QS_TRY(const Solved solved, quantize(spec));
    QS_CHECK(requireLegalScales(*spec.model, solved.quantized->effective));
    QS_TRY(const ExportPlan plan, planAmct({solved.prepared.get(), solved.quantized.get(), path, saveType}));
    QS_CHECK(writeExport(plan));
    for (const std::string& difference : plan.differences)
        logWarning(difference);
    logWritten(plan);
    return {};
}

Result<void> createQuantConfig(const std::string& configFile, const std::string& modelFile, const std::string& weightsFile, int batchNum, bool offset,
                               const std::string& definition)
{
    if (batchNum < 1)
        return Error{ErrorCode::OutOfRange, "batch_num " + std::to_string(batchNum) + " is not above 0", configFile};
    QS_TRY(const auto model, importModel({modelFile, weightsFile}));
    QS_CHECK(checkNotQuantized(*model));
    Configuration configuration = qs::createQuantConfig(*model, batchNum, offset);
    if (!definition.empty()) {
        QS_TRY(const std::string text, readFile(definition, largestText));
        QS_TRY(SimpleConfig simple, configurationFromCfg(*model, text, definition));
        for (const std::string& note : simple.notes)
            logWarning(note);
        configuration = std::move(simple.configuration);
    }
    return writeFile(configFile, configurationToJson(*model, configuration));
}

Result<Graph> initGraph(const std::string& configFile, const std::string& modelFile, const std::string& weightsFile, const std::string& recordFile)
{
    QS_TRY(const auto model, importModel({modelFile, weightsFile}));
    QS_CHECK(checkNotQuantized(*model));
    QS_TRY(const std::string text, readFile(configFile, largestText));
    auto state = std::make_shared<Graph::State>();
    state->spec.model = model;
    QS_TRY(state->spec.configuration, configurationFromJson(*model, text, configFile));
    QS_TRY(state->spec.prepared, prepare(state->spec));
    state->recordFile = recordFile;
    QS_CHECK(writeFile(recordFile, ""));
    for (const Note& note : state->spec.prepared->notes)
        logWarning(noteText(note));
    logFusion(*state->spec.prepared);
    return Graph(std::move(state));
}

Result<void> quantizeWeights(Graph::State& state, const std::string& modelFile, const std::string& weightsFile)
{
    QS_TRY(state.record, weightRecord(*state.spec.prepared, *state.spec.prepared->network));
    if (const auto& illegal = state.record.illegal; !illegal.empty())
        return Error{ErrorCode::IllegalScale, illegal.begin()->second, "layer '" + illegal.begin()->first + "'"};
    state.weightsQuantized = true;
    state.calibrated = false;
    logWeights(state.record);
    QS_CHECK(writeRecord(state));
    QS_TRY(const CaffeNet net, caffeNet(partlyQuantized(state, false), CaffeForm::Calibration));
    return writeNetwork(net, modelFile, weightsFile);
}

Result<void> quantizeActivations(Graph::State& state, const std::string& modelFile, const std::string& weightsFile)
{
    if (!state.weightsQuantized)
        return Error{ErrorCode::MissingValue, "weights_quantize_model comes first", "activation_quantize_model"};
    QS_TRY(const CaffeNet net, caffeNet(partlyQuantized(state, true), CaffeForm::Calibration));
    return writeNetwork(net, modelFile, weightsFile);
}

Result<void> runCalibration(Graph::State& state, const std::shared_ptr<Engine>& engine, const DataSet& data, const JobContext& job)
{
    if (!state.weightsQuantized)
        return Error{ErrorCode::MissingValue, "weights_quantize_model comes first", "run_calibration"};
    QS_TRY(const auto calibration, calibrate(engine, *state.spec.prepared, data, job));
    QS_CHECK(requireLegalScales(*state.spec.prepared->original, calibration->effective));
    state.record = calibration->record;
    state.calibrated = true;
    logActivations(state.record);
    return writeRecord(state);
}

Result<void> convertModel(const std::string& modelFile, const std::string& weightsFile, const std::string& recordFile, const std::string& path,
                          const std::string& type)
{
    QS_TRY(const auto model, importModel({modelFile, weightsFile}));
    QS_CHECK(checkNotQuantized(*model));
    Spec spec{.model = model};
    QS_TRY(spec.given, readRecordFile(recordFile));
    QS_TRY(spec.configuration, configurationFromRecord(*model, *spec.given, recordFile));
    QS_TRY(spec.prepared, prepare(spec));
    logFusion(*spec.prepared);
    logWeights(*spec.given);
    logActivations(*spec.given);
    return saveModel(spec, type, path);
}

}  // namespace

void set_cpu_mode()
{
    logDebug("weights are quantized on the CPU");
}

Result<void> set_gpu_mode()
{
    return step("", []() -> Result<void> {
        return Error{ErrorCode::NotSupported, "this engine has no GPU; the CPU is used without a call", "set_gpu_mode"};
    });
}

Result<void> create_quant_config(const std::string& config_file, const std::string& model_file, const std::string& weights_file, int batch_num,
                                 bool activation_offset, const std::string& config_defination)
{
    return step("create_quant_config: " + model_file,
                [&] { return createQuantConfig(config_file, model_file, weights_file, batch_num, activation_offset, config_defination); });
}

Result<Graph> init(const std::string& config_file, const std::string& model_file, const std::string& weights_file,
                   const std::string& scale_offset_record_file)
{
    return step("init: reading " + model_file, [&] { return initGraph(config_file, model_file, weights_file, scale_offset_record_file); });
}

Result<void> weights_quantize_model(Graph& graph, const std::string& modified_model_file, const std::string& modified_weights_file)
{
    return step("quantizing weights", [&] { return quantizeWeights(graph.state(), modified_model_file, modified_weights_file); });
}

Result<void> activation_quantize_model(Graph& graph, const std::string& modified_model_file, const std::string& modified_weights_file)
{
    return step("inserting the quantization of activations",
                [&] { return quantizeActivations(graph.state(), modified_model_file, modified_weights_file); });
}

Result<void> run_calibration(Graph& graph, const std::shared_ptr<Engine>& engine, const DataSet& data, const JobContext& job)
{
    return step("calibrating activations", [&] { return runCalibration(graph.state(), engine, data, job); });
}

Result<void> save_model(Graph& graph, const std::string& save_type, const std::string& save_path)
{
    const Graph::State& state = graph.state();
    return step("saving " + save_path, [&]() -> Result<void> {
        Spec spec = state.spec;
        // Before the calibration the record holds weights only.
        if (state.calibrated)
            spec.given = state.record;
        return saveModel(spec, save_type, save_path);
    });
}

Result<void> convert_model(const std::string& model_file, const std::string& weights_file, const std::string& scale_offset_record_file,
                           const std::string& save_path, const std::string& save_type)
{
    return step("converting " + model_file + " with " + scale_offset_record_file,
                [&] { return convertModel(model_file, weights_file, scale_offset_record_file, save_path, save_type); });
}

Result<void> uninplace_model(const std::string& model_file, const std::string& uninplaced_model_file)
{
    return step("uninplace_model: " + model_file, [&]() -> Result<void> {
        QS_TRY(const auto model, importModel({model_file, {}}));
        QS_TRY(const std::string text, uninplacedNet(*model));
        return writeFile(uninplaced_model_file, text);
    });
}

}  // namespace qs::amct
