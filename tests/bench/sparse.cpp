// Sparse convolutions beside the arithmetic that they cannot do without, and beside a dense convolution of the same grid.
#include "core/data/npy.h"
#include "core/ir/builder.h"
#include "core/ops/op.h"
#include "tests/bench/subjects.h"

#include <map>

namespace qs::bench {

namespace {

constexpr int runs = 5;

Layer inputLayer(const std::string& name, ValueId value)
{
    Layer layer;
    layer.name = name;
    layer.type = layer.op = "Input";
    layer.outputs = {value};
    return layer;
}

/// A network of one layer behind inputs of these shapes.
std::shared_ptr<const Model> single(Layer layer, const std::vector<Shape>& inputs)
{
    ModelBuilder builder("single", "onnx");
    for (size_t i = 0; i < inputs.size(); ++i) {
        const std::string name = "in" + std::to_string(i);
        const ValueId value = builder.addValue(name);
        builder.addLayer(inputLayer(name, value));
        builder.setInputShape(value, inputs[i]);
        layer.inputs.push_back(value);
    }
    layer.name = layer.type = layer.op;
    layer.outputs = {builder.addValue("out")};
    builder.addLayer(std::move(layer));
    auto model = std::move(builder).build();
    return model ? *model : nullptr;
}

/// Milliseconds of a layer, a median; nothing where it cannot be run.
std::optional<double> timeOf(const std::shared_ptr<const Model>& model, const std::vector<Tensor>& inputs)
{
    if (!model || !model->layers().back().notRunnable.empty())
        return std::nullopt;
    LayerRunner runner(engine(), model);
    const LayerId layer = static_cast<LayerId>(model->layers().size()) - 1;
    const auto work = [&] {
        if (const auto outputs = runner.run(layer, inputs, nullptr); !outputs) {
            std::fprintf(stderr, "%s\n", errorText(outputs.error()).c_str());
            std::exit(1);
        }
    };
    work();
    std::vector<double> times;
    for (int i = 0; i < runs; ++i)
        times.push_back(milliseconds(work));
    return median(times);
}

std::shared_ptr<const Buffer> weightsOf(Shape shape)
{
    Buffer weights(DType::F32, std::move(shape));
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.1F);
    for (float& value : weights.floats())
        value = normal(random);
    return std::make_shared<const Buffer>(std::move(weights));
}

/// The product of as many rows as there are active pairs.
double productTime(int64_t pairs, int64_t inputs, int64_t outputs, TensorPool& pool)
{
    Layer layer;
    layer.op = "InnerProduct";
    layer.attributes.set("outputs", outputs);
    layer.weights = {weightsOf({outputs, inputs})};
    Buffer rows(DType::F32, {pairs, inputs});
    for (size_t i = 0; i < rows.floats().size(); ++i)
        rows.floats()[i] = static_cast<float>(i % 13) - 6;
    return timeOf(single(std::move(layer), {rows.shape()}), {tensorFrom(rows, pool)}).value_or(0);
}

int64_t activePairs(const Tensor& rules)
{
    return std::count_if(rules.values().begin(), rules.values().end(), [](float row) { return row >= 0; });
}

/// The encoder of BEVFusion, layer by layer.
void encoderTimes(const fs::path& folder)
{
    const auto model = open(folder / "bevfusion_scn_random.xyz.onnx", {});
    LayerRunner runner(engine(), model);
    std::map<ValueId, Tensor> values;
    for (const ValueId input : model->inputs()) {
        const bool sites = model->value(input).name.ends_with("_sites");
        const auto array = readNpy(folder / (sites ? "in_coors_bxyz_i32.npy" : "in_voxels_f32.npy"));
        values[input] = array ? tensorFrom(toFloat(*array), runner.pool()) : Tensor();
    }
    double sparse = 0;
    double products = 0;
    double all = 0;
    double gigaMacs = 0;
    for (const LayerId id : model->layerIds()) {
        const Layer& layer = model->layer(id);
        if (layer.op == "Input")
            continue;
        std::vector<Tensor> inputs;
        for (const ValueId input : layer.inputs)
            inputs.push_back(values[input]);
        std::vector<double> times;
        std::vector<Tensor> outputs;
        for (int i = 0; i <= runs; ++i)
            times.push_back(milliseconds([&] {
                if (auto made = runner.run(id, inputs, nullptr))
                    outputs = *std::move(made);
            }));
        if (outputs.size() != layer.outputs.size())
            std::exit(1);
        times.erase(times.begin());
        for (size_t i = 0; i < layer.outputs.size(); ++i)
            values[layer.outputs[i]] = outputs[i];
        all += median(times);
        if (layer.op != "SparseConvolution")
            continue;
        const int64_t pairs = activePairs(inputs[1]);
        const int64_t in = inputs[0].shape()[1];
        const int64_t out = outputs[0].shape()[1];
        sparse += median(times);
        products += productTime(pairs, in, out, runner.pool());
        gigaMacs += static_cast<double>(pairs * in * out) / 1e9;
    }
    char what[96];
    std::snprintf(what, sizeof what, "BEVFusion's encoder, %.1f GMACs of active pairs, convolutions", gigaMacs);
    row(what, sparse, products, sparse / products, "<= 2.5");
    row("the same, everything (rules, sums, scattering)", all, products, all / products, "");
}

/// 64 channels in a grid of 48 x 48 x 24, one place in twenty.
void stageTimes()
{
    constexpr int64_t channels = 64;
    const std::vector<int64_t> sides{48, 48, 24};
    TensorPool pool;
    std::mt19937 random(3);
    std::vector<float> sites;
    for (int64_t place = 0; place < sides[0] * sides[1] * sides[2]; ++place)
        if (random() % 20 == 0)
            for (const int64_t number : {int64_t{0}, place / (sides[1] * sides[2]), place / sides[2] % sides[1], place % sides[2]})
                sites.push_back(static_cast<float>(number));
    const auto rows = static_cast<int64_t>(sites.size() / 4);
    Layer rules;
    rules.op = "SparseRules";
    rules.attributes.set("spatialShape", sides);
    rules.attributes.set("kernel", std::vector<int64_t>{3, 3, 3});
    rules.attributes.set("subm", int64_t{1});
    const Tensor places = tensorFrom(Buffer::fromFloats({rows, 4}, sites), pool);
    const Tensor features = tensorFrom(noise({1, rows * channels}, 5).reshaped({rows, channels}), pool);
    ModelBuilder builder("stage", "onnx");
    const ValueId in = builder.addValue("in");
    const ValueId at = builder.addValue("at");
    for (const auto& [value, name, width] : {std::tuple{in, "in", channels}, std::tuple{at, "at", int64_t{4}}}) {
        builder.addLayer(inputLayer(name, value));
        builder.setInputShape(value, {rows, width});
    }
    rules.name = rules.type = rules.op;
    rules.inputs = {at};
    rules.outputs = {builder.addValue("after"), builder.addValue("rules")};
    const ValueId book = rules.outputs[1];
    builder.addLayer(std::move(rules));
    Layer sparse;
    sparse.name = sparse.type = sparse.op = "SparseConvolution";
    sparse.attributes.set("kernel", std::vector<int64_t>{3, 3, 3});
    sparse.attributes.set("outputs", channels);
    sparse.weights = {weightsOf({channels, channels, 3, 3, 3})};
    sparse.inputs = {in, book};
    sparse.outputs = {builder.addValue("out")};
    builder.addLayer(std::move(sparse));
    const auto model = *std::move(builder).build();
    LayerRunner runner(engine(), model);
    Evaluator evaluator(runner);
    Forward forward;
    forward.inputs = {features, places};
    const auto work = [&] {
        if (!evaluator.run(forward, {}))
            std::exit(1);
    };
    work();
    std::vector<double> times;
    for (int i = 0; i < runs; ++i)
        times.push_back(milliseconds(work));

    Layer dense;
    dense.op = "Convolution";
    dense.attributes.set("kernel", std::vector<int64_t>{3, 3, 3});
    dense.attributes.set("stride", std::vector<int64_t>{1, 1, 1});
    dense.attributes.set("dilation", std::vector<int64_t>{1, 1, 1});
    dense.attributes.set("pad", std::vector<int64_t>(6, 1));
    dense.attributes.set("outputs", channels);
    dense.weights = {weightsOf({channels, channels, 3, 3, 3})};
    const Shape grid{1, channels, sides[0], sides[1], sides[2]};
    const Tensor values = tensorFrom(noise({1, elementCount(grid)}, 5).reshaped(grid), pool);
    constexpr auto what = "64 channels, one place in twenty, rules included / dense convolution";
    if (const auto other = timeOf(single(std::move(dense), {grid}), {values}))
        row(what, median(times), *other, median(times) / *other, "<= 0.2");
    else
        missingRow(what, "no dense convolution of three sides");
}

}  // namespace

void sparseTimes()
{
    stageTimes();
    if (const auto models = test::sharedModels())
        encoderTimes(*models / "onnx-scn-synthetic");
    else
        missingRow("BEVFusion's encoder", "no shared models");
}

}  // namespace qs::bench
