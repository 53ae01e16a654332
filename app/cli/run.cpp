#include "app/cli/command.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/data/npy.h"
#include "core/ir/builder.h"
#include "core/jobs/compare.h"
#include "core/jobs/samples.h"

#include <algorithm>
#include <numeric>

namespace qs::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
    ModelOptions model;
    DataOptions data;
    std::vector<std::string> inputs;
    std::string folder;
};

/// In the order of the network's inputs.
Result<std::vector<Tensor>> readInputs(const Model& model, const std::map<std::string, Buffer>& given, TensorPool& pool)
{
    std::vector<Tensor> tensors(model.inputs().size());
    for (const auto& [key, array] : given) {
        const std::string& name = key;
        const auto found = std::find_if(model.inputs().begin(), model.inputs().end(), [&](ValueId id) { return model.value(id).name == name; });
        if (found == model.inputs().end()) {
            std::string names;
            for (const ValueId input : model.inputs())
                names += " " + model.value(input).name;
            return Error{ErrorCode::Usage, "--input takes NAME=FILE.npy; the network's inputs are" + names, name};
        }
        tensors[static_cast<size_t>(found - model.inputs().begin())] = tensorFrom(toFloat(array), pool);
    }
    for (size_t i = 0; i < tensors.size(); ++i)
        if (tensors[i].empty())
            return Error{ErrorCode::Usage, "input '" + model.value(model.inputs()[i]).name + "' is not given", "--input"};
    return tensors;
}

/// Writes each value as it comes and keeps the index, laid out as shared/models/oracle-open.
class Recorder {
public:
    Recorder(const Model& model, fs::path folder, TensorPool pool) : m_model(model), m_folder(std::move(folder)), m_pool(std::move(pool)) {}

    Result<void> add(ValueId id, const Tensor& tensor)
    {
        const Tensor plain = convertLayout(tensor, Layout::Plain, m_pool);
        const auto values = plain.values();
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        const double sum = std::accumulate(values.begin(), values.end(), 0.0);
        const Value& value = m_model.value(id);
        const auto& outputs = m_model.layer(value.producer).outputs;
        const auto index = static_cast<size_t>(std::find(outputs.begin(), outputs.end(), id) - outputs.begin());
        std::string number = std::to_string(value.producer);
        number.insert(0, 4 - std::min<size_t>(4, number.size()), '0');
        const std::string file = number + "_" + std::to_string(index) + ".npy";
        m_tops[id] = Json{{"blob", value.blob},
                          {"shape", plain.shape()},
                          {"file", file},
                          {"min", values.empty() ? 0.0F : *low},
                          {"max", values.empty() ? 0.0F : *high},
                          {"mean", values.empty() ? 0 : sum / static_cast<double>(values.size())}};
        const std::string header = npyHeader(DType::F32, plain.shape());
        return writeFiles({{m_folder / file, header, {reinterpret_cast<const char*>(values.data()), values.size_bytes()}}}, Durability::Process);
    }

    Result<void> finish(const fs::path& model, const fs::path& weights) const
    {
        Json index;
        index["oracle"] = "quantscope " QS_VERSION;
        index["prototxt"] = model.string();
        index["weights"] = weights.string();
        index["layers"] = Json::array();
        for (const LayerId id : m_model.layerIds()) {
            const Layer& layer = m_model.layer(id);
            Json entry{{"i", id}, {"name", layer.name}, {"type", layer.type}, {"bottoms", Json::array()}, {"tops", Json::array()}};
            for (const ValueId input : layer.inputs)
                entry["bottoms"].push_back(m_model.value(input).blob);
            for (const ValueId output : layer.outputs)
                if (const auto top = m_tops.find(output); top != m_tops.end())
                    entry["tops"].push_back(top->second);
            if (!layer.notRunnable.empty())
                entry["notRun"] = layer.notRunnable;
            index["layers"].push_back(std::move(entry));
        }
        index["outputs"] = Json::array();
        for (const ValueId output : m_model.outputs())
            index["outputs"].push_back(m_model.value(output).blob);
        return writeFile(m_folder / "index.json", jsonText(index));
    }

private:
    const Model& m_model;
    fs::path m_folder;
    TensorPool m_pool;
    std::map<ValueId, Json> m_tops;
};

Result<void> runOnce(LayerRunner& runner, const std::vector<Tensor>& inputs, const Options& options, const fs::path& folder, const JobContext& job)
{
    const Model& model = runner.model();
    std::vector<Shape> shapes;
    for (const Tensor& input : inputs)
        shapes.push_back(input.shape());
    QS_CHECK(inferShapes(model, shapes));
    Recorder recorder(model, folder, runner.pool());
    Evaluator evaluator(runner);
    Forward forward;
    forward.inputs = inputs;
    forward.tapped.assign(model.values().size(), 1);
    forward.tap = [&](ValueId id, const Tensor& tensor) { return recorder.add(id, tensor); };
    QS_CHECK(evaluator.run(forward, job));
    return recorder.finish(options.model.model, options.model.weights);
}

Result<void> runAll(const Program& program, const Options& options, const JobContext& job)
{
    if (options.inputs.empty() == !options.data.hasSource())
        return Error{ErrorCode::Usage, "give either --input NAME=X.npy for every input, or DATA", "run"};
    std::map<std::string, Buffer> arrays;
    std::map<std::string, Shape> shapes;
    for (const std::string& pair : options.inputs) {
        const size_t equals = pair.find('=');
        if (equals == std::string::npos)
            return Error{ErrorCode::Usage, "--input takes NAME=FILE.npy", pair};
        QS_TRY(arrays[pair.substr(0, equals)], readNpy(pair.substr(equals + 1)));
        shapes[pair.substr(0, equals)] = arrays[pair.substr(0, equals)].shape();
    }
    QS_TRY(const auto model, options.inputs.empty() ? loadModelFor(options.model, options.data) : loadModel(options.model, shapes));
    QS_CHECK(requireMostOfIt(*model, options.model.partial));
    QS_TRY(const auto engine, loadEngine(program));
    LayerRunner runner(engine, model);
    if (!options.inputs.empty()) {
        QS_TRY(const std::vector<Tensor> inputs, readInputs(*model, arrays, runner.pool()));
        return runOnce(runner, inputs, options, options.folder, job);
    }
    QS_TRY(const auto data, loadData(*model, options.data));
    for (int sample = 0; sample < data->size(); ++sample) {
        job.report(static_cast<double>(sample) / data->size(), Phase::Sample, {data->sampleName(sample)});
        QS_TRY(const std::vector<Tensor> inputs, inputTensors(*model, *data, sample, runner.pool()));
        // One sample goes straight into the folder, several into a folder each.
        const fs::path folder = data->size() == 1 ? fs::path(options.folder) : fs::path(options.folder) / std::to_string(sample);
        QS_CHECK(runOnce(runner, inputs, options, folder, job));
    }
    return {};
}

}  // namespace

void addRun(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("run", "Run a network in float and write every value as .npy with an index.json");
    addModelOptions(*command, options->model, false, false);
    command->add_option("--input", options->inputs, "NAME=X.npy, once for every input of the network");
    command->add_option("-o,--output", options->folder, "folder")->required();
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    command->callback(
        [&program, options] { program.action = [&program, options](const JobContext& job) { return runAll(program, *options, job); }; });
}

}  // namespace qs::cli
