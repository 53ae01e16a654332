// What a diagnosis costs beside a comparison of the same samples, and the remedies of one layer.
#include "core/jobs/remedies.h"
#include "tests/bench/subjects.h"

namespace qs::bench {

namespace {

constexpr int samples = 32;
constexpr int remedySamples = 8;

}  // namespace

void diagnoseTimes()
{
    const Network network = networks().front();
    const auto model = open(network.net, network.weights);
    const Noise data(model->value(model->inputs().front()).shape, samples);
    const auto prepared = *prepareNetwork(model, createQuantConfig(*model, samples));
    const auto calibration = *calibrate(engine(), *prepared, data, {});
    const auto quantized = *quantizeNetwork(*prepared, calibration->record);
    std::shared_ptr<const Diagnosis> diagnosis;
    const auto [diagnosed, compared] = medians(
        3,
        [&] {
            const auto found = diagnose(engine(), *prepared, *quantized, data, samples, {});
            if (!found)
                std::exit(1);
            diagnosis = *found;
        },
        [&] {
            if (!compare(engine(), *prepared, *quantized, data, {}, {}))
                std::exit(1);
        });
    row(std::string(network.name) + ", diagnose / compare, all layers, 32 samples", diagnosed, compared, diagnosed / compared, "<= 3");
    std::vector<double> tried;
    for (const LayerDiagnosis* layer : diagnosis->worst(3)) {
        RemedyTrial trial(engine(), prepared, quantized, *calibration, data, {.samples = remedySamples, .cache = nullptr});
        LayerDiagnosis all = *layer;
        all.causes.clear();  // every remedy that there is
        tried.push_back(milliseconds([&] {
            if (!tryRemedies(trial, *prepared, all, {}, {}))
                std::exit(1);
        }));
    }
    constexpr double bound = 2000;
    row(std::string(network.name) + ", all remedies of one layer, 8 samples, ms", median(tried), bound, median(tried) / bound, "< 2 s");
}

}  // namespace qs::bench
