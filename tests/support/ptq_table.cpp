// The table of the open networks in tests/bench/README.md: what post-training quantization does to each, by weight algorithm.
//   ptq_table [SHARED_MODELS]
#include "core/jobs/compare.h"
#include "core/prepare/integer_network.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace qs {

namespace {

constexpr int batch = 32;
constexpr int calibrationBatches = 1;
constexpr int comparedSamples = 128;

/// Classifiers: the share of samples with the float network's top-1, and with labels top-1 of both; others: the lowest cosine of an output.
struct Outcome {
    std::string text;
    std::string worst;
};

Result<Outcome> outcomeOf(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const DataSet& calibrationData, const DataSet& data)
{
    QS_TRY(const auto calibration, calibrate(engine, prepared, calibrationData, {}));
    QS_TRY(const auto quantized, quantizeNetwork(prepared, calibration->record));
    QS_TRY(const auto comparison, compare(engine, prepared, *quantized, data, {.histograms = false, .local = false}, {}));
    Outcome outcome;
    char text[96];
    double cosine = 1;
    for (const OutputComparison& output : comparison->outputs)
        cosine = std::min(cosine, output.cumulative.cosine);
    const Classification& classes = comparison->classification;
    if (classes.labelled)
        std::snprintf(text, sizeof text, "%.1f %%, top-1 %.1f %% of %.1f %%", 100 * classes.agreement, 100 * classes.quantizedTop1,
                      100 * classes.floatTop1);
    else if (classes.valid && comparison->outputs.size() == 1)
        std::snprintf(text, sizeof text, "%.1f %%", 100 * classes.agreement);
    else
        std::snprintf(text, sizeof text, "cos %.4f", cosine);
    outcome.text = text;
    const LayerComparison* worst = nullptr;
    for (const LayerComparison& layer : comparison->layers)
        if (layer.run && (!worst || layer.cumulative.cosine < worst->cumulative.cosine))
            worst = &layer;
    if (worst) {
        std::snprintf(text, sizeof text, " (%.4f)", worst->cumulative.cosine);
        outcome.worst = worst->layer + text;
    }
    return outcome;
}

/// SNQ on all layers with weights but the first and the last, as the manual says.
Configuration withSnq(const Model& model, Configuration configuration)
{
    std::vector<LayerSetting*> weighted;
    for (const Layer& layer : model.layers())
        if (const auto found = configuration.layers.find(layer.name); found != configuration.layers.end() && found->second.weights)
            weighted.push_back(&found->second);
    for (size_t i = 1; i + 1 < weighted.size(); ++i) {
        weighted[i]->weights->algorithm = "snq";
        weighted[i]->weights->bits = 4;
    }
    return configuration;
}

Result<void> printRow(const std::shared_ptr<Engine>& engine, const test::OpenNetwork& network)
{
    QS_TRY(const auto model, importModel({network.model, network.weights}));
    test::OpenNetwork limited = network;
    limited.data.preprocess.batch = batch;
    const Shape& shape = model->value(model->inputs().front()).shape;
    QS_TRY(const auto calibrationData, openDataSet(limited.data, shape));
    limited.data.limit = comparedSamples;
    QS_TRY(const auto data, openDataSet(limited.data, shape));
    const Configuration arq = createQuantConfig(*model, calibrationBatches);
    const Configuration snq = withSnq(*model, arq);
    const bool batchNorm = std::any_of(model->layers().begin(), model->layers().end(), [](const Layer& layer) { return layer.op == "BatchNorm"; });
    std::string row = "| " + network.name;
    std::string worst;
    for (int variant = 0; variant < 3; ++variant) {
        if (variant == 2 && !batchNorm) {
            row += " | no BatchNorm";
            continue;
        }
        Configuration configuration = variant == 0 ? arq : snq;
        if (variant == 2)
            configuration.updateBn = true;
        QS_TRY(const auto prepared, prepareNetwork(model, configuration));
        QS_TRY(const Outcome outcome, outcomeOf(engine, *prepared, *calibrationData, *data));
        row += " | " + outcome.text;
        if (variant == 0)
            worst = outcome.worst;
    }
    std::printf("%s | %s |\n", row.c_str(), worst.c_str());
    std::fflush(stdout);
    return {};
}

}  // namespace

}  // namespace qs

int main(int argc, char** argv)
{
    const auto models = argc > 1 ? std::optional<std::filesystem::path>(argv[1]) : qs::test::sharedModels();
    if (!models) {
        std::fprintf(stderr, "no shared models: give their folder\n");
        return 1;
    }
    const auto engine = qs::openEngine();
    if (!engine) {
        std::fprintf(stderr, "%s\n", qs::errorText(engine.error()).c_str());
        return 1;
    }
    std::printf("%d x %d samples to calibrate, %d compared\n\n", qs::calibrationBatches, qs::batch, qs::comparedSamples);
    std::printf("| network | W8A8 | SNQ W4A8 | SNQ W4A8, update_bn | worst layer of W8A8 |\n|---|---|---|---|---|\n");
    int status = 0;
    for (const auto& network : qs::test::openNetworks(*models))
        if (const auto done = qs::printRow(*engine, network); !done.ok()) {
            std::fprintf(stderr, "%s: %s\n", network.name.c_str(), qs::errorText(done.error()).c_str());
            status = 1;
        }
    return status;
}
