// The live bench on SqueezeNet: sensitivity, toggles, and memory over a thousand pictures.
#include "core/jobs/live_bench.h"
#include "core/jobs/sensitivity.h"
#include "core/stats/estimate.h"
#include "tests/bench/subjects.h"

#include <cstdlib>

namespace qs::bench {

namespace {

constexpr int subset = 8;

/// A network calibrated on noise.
struct Subject {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const DataSet> data;
    Configuration configuration;
    QuantRecord record;
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;

    Subject(const Network& network, int pictures)
    {
        model = open(network.net, network.weights);
        data = std::make_shared<Noise>(model->value(model->inputs().front()).shape, pictures);
        configuration = createQuantConfig(*model, subset);
        prepared = *prepareNetwork(model, configuration);
        record = (*calibrate(engine(), *prepared, *data, {}))->record;
        quantized = *quantizeNetwork(*prepared, record);
    }
    void apply()
    {
        prepared = *prepareNetwork(model, configuration, prepared.get());
        quantized = *quantizeNetwork(*prepared, record, quantized.get());
    }
    /// All samples of the subset, outputs only, as it is done without anything to reuse.
    void forwards(LayerRunner& runner, const ById<LayerId, LayerQuantization>* layers) const
    {
        for (int i = 0; i < subset; ++i) {
            Forward forward;
            forward.inputs = *inputTensors(*prepared->network, *data->sample(i), data->sampleName(i), runner.pool());
            forward.quantization = layers;
            if (!Evaluator(runner).run(forward, {}))
                std::exit(1);
        }
    }
};

/// One layer after the other is switched off and on again, its limits moved: what the window does, preparation included.
void toggleTimes(Subject& subject, LayerRunner& runner, const std::string& name)
{
    LiveBench live(engine(), std::make_shared<ValueCache>(size_t{2} << 30));
    // Milliseconds until the output's figures are those of the state; refresh() itself ends when all layers' are.
    const auto answer = [&] {
        double output = 0;
        const auto started = std::chrono::steady_clock::now();
        const auto look = [&](const std::shared_ptr<const Comparison>& comparison) {
            if (output == 0 && comparison->freshness != Freshness::Stale)
                output = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
        };
        subject.apply();
        live.setState(subject.prepared, subject.quantized, subject.data, 1);
        if (!live.refresh({.subset = subset, .most = subset, .publish = look}, {}))
            std::exit(1);
        return output;
    };
    answer();
    std::vector<double> there;
    std::vector<double> everything;
    std::vector<double> passes;
    std::vector<double> back;
    std::vector<double> locals;
    for (auto& [layer, setting] : subject.configuration.layers) {
        if (!setting.quantEnable)
            continue;
        passes.push_back(milliseconds([&] { subject.forwards(runner, &subject.quantized->layers); }));
        setting.quantEnable = false;
        everything.push_back(milliseconds([&] { there.push_back(answer()); }));
        setting.quantEnable = true;
        back.push_back(milliseconds(answer));
        // Another clip: the layer's own error alone.
        const auto before = setting.activations.front().clip;
        setting.activations.front().clip = {{-20, 20}};
        subject.apply();
        locals.push_back(milliseconds([&] {
            live.setState(subject.prepared, subject.quantized, subject.data, 1);
            if (!live.localError(layer, subset, {}))
                std::exit(1);
        }));
        setting.activations.front().clip = before;
        subject.apply();
    }
    const double pass = median(passes);
    row(name + ": a layer toggled until the output's cosine, ms, vs fake-quant pass", median(there), pass, median(there) / pass, "< 0.6");
    row(name + ": and until all layers' figures, ms, vs fake-quant pass", median(everything), pass, median(everything) / pass, "");
    row(name + ": toggled back, ms", median(back), 10, median(back) / 10, "< 10 ms");
    row(name + ": exact local error of a layer after an edit, 8 samples, ms", median(locals), 50, median(locals) / 50, "< 50 ms");
}

}  // namespace

void liveTimes()
{
    engine()->setThreads(2);
    Subject subject(networks().front(), subset);
    LayerRunner runner(engine(), subject.prepared->network);
    IncrementalEvaluator evaluator(engine(), subject.prepared->network, std::make_shared<ValueCache>(size_t{2} << 30));
    size_t layers = 0;
    const auto sweep = [&] {
        const auto result = sensitivity(evaluator, *subject.quantized, *subject.data, {.samples = subset, .fromQuantized = false, .publish = {}}, {});
        layers = (*result)->layers.size();
        evaluator.cache().clear();
    };
    const auto [swept, forwards] = medians(3, sweep, [&] { subject.forwards(runner, nullptr); });
    row("one-quantized, all layers, 8 samples, ms, vs layers x 8 forwards", swept, forwards * static_cast<double>(layers),
        swept / (forwards * static_cast<double>(layers)), "< 0.55");

    toggleTimes(subject, runner, networks().front().name);
    for (const Network& network : networks())
        if (std::string(network.name) == "ResNet-20") {
            // BatchNorm: what an edit cannot change is not folded again.
            Subject normalized(network, subset);
            LayerRunner own(engine(), normalized.prepared->network);
            toggleTimes(normalized, own, "ResNet-20 (BatchNorm)");
        }
    WideningHistogram values;
    values.add(subject.data->sample(0)->floats());
    const Histogram histogram = values.display();
    std::vector<double> estimates;
    for (int i = 0; i < 50; ++i)
        estimates.push_back(milliseconds([&] {
            if (estimateError(histogram, {.scale = 1.0F + static_cast<float>(i) / 100, .offset = 0, .bits = 8}).cosine < 0)
                std::exit(1);
        }));
    row("estimate of an input's error while a limit is dragged, ms", median(estimates), 16, median(estimates) / 16, "< 16 ms");
}

int liveMemory(int pictures, int budget)
{
    Subject subject(networks().front(), pictures);
    LiveBench live(engine(), std::make_shared<ValueCache>(static_cast<size_t>(budget) << 20));
    live.setState(subject.prepared, subject.quantized, subject.data, 1);
    const auto result = live.refresh({.subset = subset, .most = 0, .publish = {}}, {});
    if (!result)
        return 1;
    std::fprintf(stderr, "output cosine %.17g\n", (*result)->outputs.front().cumulative.cosine);
    printPeak();
    return 0;
}

void liveMemoryRow(const char* program)
{
    constexpr int budget = 512;
    constexpr int pictures = 1000;
    const auto peak = [&](int mebibytes) {
        return childMebibytes(std::string(program) + " --live-memory " + std::to_string(pictures) + " " + std::to_string(mebibytes));
    };
    // What the program takes without any cache is not the cache's.
    const double none = peak(0);
    for (const int mebibytes : {budget, budget / 10}) {
        const double held = peak(mebibytes) - none;
        row("live bench, 1,000 pictures, MiB above no cache, budget " + std::to_string(mebibytes), held, mebibytes, held / mebibytes, "< 1.15");
    }
}

}  // namespace qs::bench
