// Every layer against the reference outputs of BVLC Caffe, and one network from three files. Needs the shared models.
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/npy.h"
#include "core/engine/evaluator.h"
#include "core/ops/op.h"
#include "tests/support/networks.h"
#include "tests/support/shared_models.h"

namespace qs {

namespace {

namespace fs = std::filesystem;

/// Every value of one run, by value id.
Result<std::map<ValueId, Buffer>> runAll(const std::shared_ptr<const Model>& model, const std::map<std::string, Buffer>& inputs)
{
    LayerRunner runner(test::engine(), model);
    Evaluator evaluator(runner);
    std::map<ValueId, Buffer> values;
    Forward forward;
    for (const ValueId input : model->inputs()) {
        const auto found = inputs.find(model->value(input).name);
        if (found == inputs.end())
            return Error{ErrorCode::NoData, model->value(input).name, "input"};
        forward.inputs.push_back(tensorFrom(found->second, runner.pool()));
    }
    forward.tapped.assign(model->values().size(), 1);
    forward.tap = [&](ValueId id, const Tensor& tensor) -> Result<void> {
        values.emplace(id, bufferFrom(tensor));
        return {};
    };
    QS_CHECK(evaluator.run(forward, {}));
    return values;
}

/// Largest difference relative to the reference's largest value; infinity for another shape.
double relativeDifference(const Buffer& reference, const Buffer& found)
{
    if (reference.shape() != found.shape())
        return std::numeric_limits<double>::infinity();
    double difference = 0, largest = 0;
    for (size_t i = 0; i < reference.floats().size(); ++i) {
        const double a = reference.floats()[i], b = found.floats()[i];
        largest = std::max(largest, std::fabs(a));
        difference = std::isfinite(b) ? std::max(difference, std::fabs(a - b)) : std::numeric_limits<double>::infinity();
    }
    return difference == 0 ? 0 : difference / largest;
}

struct Checked {
    int layers = 0;
    double worst = 0;
};

/// Layers that only Caffe's own tool inserts (Split) have no counterpart.
Checked compareLayers(const Model& model, const std::map<ValueId, Buffer>& values, const fs::path& reference)
{
    Checked checked;
    const auto text = readFile(reference / "index.json");
    EXPECT_TRUE(text.ok());
    const auto index = parseJson(*text, "index.json");
    EXPECT_TRUE(index.ok());
    for (const Json& layer : (*index)["layers"]) {
        const LayerId id = model.findLayer(layer["name"].get<std::string>());
        if (id == noId || layer["type"] == "Split")
            continue;
        for (size_t top = 0; top < layer["tops"].size(); ++top) {
            const auto value = values.find(model.layer(id).outputs[top]);
            if (value == values.end()) {
                EXPECT_FALSE(model.layer(id).notRunnable.empty()) << layer["name"];
                continue;
            }
            const auto expected = readNpy(reference / layer["tops"][top]["file"].get<std::string>());
            EXPECT_TRUE(expected.ok());
            const double difference = relativeDifference(*expected, value->second);
            EXPECT_LE(difference, 1e-4) << reference << " " << layer["name"] << " " << layer["type"];
            checked.worst = std::max(checked.worst, difference);
            ++checked.layers;
        }
    }
    return checked;
}

}  // namespace

TEST(Oracle, EveryLayerOfTheOpenNetworks)
{
    QS_SHARED_MODELS(models);
    for (const fs::directory_entry& entry : fs::directory_iterator(models / "oracle-open")) {
        const auto index = parseJson(*readFile(entry.path() / "index.json"), "index.json");
        QS_ASSERT_OK(index);
        const auto model = importModel({models / (*index)["prototxt"].get<std::string>(), models / (*index)["weights"].get<std::string>()});
        QS_ASSERT_OK(model);
        const auto input = readNpy(entry.path() / "in.npy");
        QS_ASSERT_OK(input);
        const auto values = runAll(*model, {{(*model)->value((*model)->inputs().front()).name, *input}});
        QS_ASSERT_OK(values);
        const Checked checked = compareLayers(**model, *values, entry.path());
        EXPECT_GT(checked.layers, 8) << entry.path();
        std::printf("%-20s %3d layers, worst relative difference %s\n", entry.path().filename().c_str(), checked.layers,
                    numberText(checked.worst).c_str());
    }
}

TEST(Oracle, OpZoo)
{
    QS_SHARED_MODELS(models);
    int networks = 0;
    double worst = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(models / "caffe-opzoo")) {
        const auto model =
            importModel({entry.path() / "net.prototxt", fs::exists(entry.path() / "net.caffemodel") ? entry.path() / "net.caffemodel" : fs::path()});
        QS_ASSERT_OK(model);
        std::map<std::string, Buffer> inputs;
        for (const fs::directory_entry& file : fs::directory_iterator(entry.path()))
            if (const std::string name = file.path().stem(); name.starts_with("in_"))
                inputs.emplace(name.substr(3), toFloat(*readNpy(file.path())));
        const auto values = runAll(*model, inputs);
        QS_ASSERT_OK(values);
        for (const Layer& layer : (*model)->layers())
            EXPECT_EQ(layer.notRunnable, "") << entry.path() << " " << layer.name;
        const Checked checked = compareLayers(**model, *values, entry.path() / "ref");
        EXPECT_GT(checked.layers, 0) << entry.path();
        worst = std::max(worst, checked.worst);
        ++networks;
    }
    std::printf("op zoo: %d networks, worst relative difference %s\n", networks, numberText(worst).c_str());
    EXPECT_EQ(networks, 76);
}

TEST(Oracle, SqueezeNetFromThreeFilesAgrees)
{
    QS_SHARED_MODELS(models);
    const ImportRequest files[] = {
        {models / "caffe-squeezenet11/deploy.prototxt", models / "caffe-squeezenet11/squeezenet_v1.1_f16weights.caffemodel"},
        {models / "onnx-squeezenet11-f32/squeezenet1.1_f32_from_f16.onnx", {}},
        {models / "onnx-squeezenet-fp16/SqueezeNet_fp16.onnx", {}}};
    // 224 pixels, as the ONNX files declare: there their pooling windows are Caffe's.
    const Buffer whole = *readNpy(models / "oracle-open/squeezenet11/in.npy");
    Buffer input(DType::F32, {1, 3, 224, 224});
    for (size_t row = 0; row < 3 * 224; ++row)
        std::copy_n(whole.floats().begin() + static_cast<std::ptrdiff_t>(row / 224 * 227 * 227 + row % 224 * 227), 224,
                    input.floats().begin() + static_cast<std::ptrdiff_t>(row * 224));
    std::vector<Buffer> outputs;
    for (const ImportRequest& file : files) {
        const auto model = importModel(file);
        QS_ASSERT_OK(model);
        const auto values = runAll(*model, {{(*model)->value((*model)->inputs().front()).name, input}});
        QS_ASSERT_OK(values);
        const Buffer& output = values->at((*model)->outputs().front());
        outputs.push_back(output.reshaped({output.count()}));
    }
    EXPECT_LE(relativeDifference(outputs[0], outputs[1]), 1e-4);
    EXPECT_LE(relativeDifference(outputs[0], outputs[2]), 1e-4);
    EXPECT_LE(relativeDifference(outputs[1], outputs[2]), 1e-4);
}

}  // namespace qs
