// Boxes in a comparison, of a real detector: the counts and the mean average precision against a computation of this file's own.
#include "core/jobs/live_bench.h"
#include "core/jobs/samples.h"
#include "core/project/results.h"
#include "tests/support/networks.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"

#include <set>

namespace qs {

namespace {

struct Box {
    int label;
    double score;
    double x1, y1, x2, y2;
};

double area(double x1, double y1, double x2, double y2)
{
    return std::max(0.0, x2 - x1) * std::max(0.0, y2 - y1);
}

double iou(const Box& a, const Box& b)
{
    const double both = area(std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2));
    const double all = area(a.x1, a.y1, a.x2, a.y2) + area(b.x1, b.y1, b.x2, b.y2) - both;
    return all > 0 ? both / all : 0;
}

std::vector<Box> boxesIn(const Tensor& rows)
{
    const Buffer buffer = bufferFrom(rows);
    std::vector<Box> boxes;
    for (size_t i = 0; i + 7 <= static_cast<size_t>(buffer.count()); i += 7) {
        const float* row = buffer.floats().data() + i;
        if (row[0] >= 0 && row[2] > 0)
            boxes.push_back({static_cast<int>(row[1]), row[2], row[3], row[4], row[5], row[6]});
    }
    return boxes;
}

/// One class at a time: all found boxes of all pictures by score, each a hit if it takes a free reference box of its picture; then the area under the
/// curve whose precision only falls.
double averagePrecision(const std::vector<std::vector<Box>>& reference, const std::vector<std::vector<Box>>& found, int label)
{
    int wanted = 0;
    for (const auto& boxes : reference)
        for (const Box& box : boxes)
            wanted += box.label == label;
    std::vector<std::pair<double, bool>> ranked;
    for (size_t picture = 0; picture < found.size(); ++picture) {
        std::vector<Box> candidates;
        for (const Box& box : found[picture])
            if (box.label == label)
                candidates.push_back(box);
        std::stable_sort(candidates.begin(), candidates.end(), [](const Box& a, const Box& b) { return a.score > b.score; });
        std::set<size_t> taken;
        for (const Box& box : candidates) {
            size_t best = reference[picture].size();
            double overlap = 0.5;
            for (size_t i = 0; i < reference[picture].size(); ++i)
                if (reference[picture][i].label == label && !taken.contains(i) && iou(reference[picture][i], box) >= overlap) {
                    best = i;
                    overlap = iou(reference[picture][i], box);
                }
            const bool hit = best < reference[picture].size();
            if (hit)
                taken.insert(best);
            ranked.emplace_back(box.score, hit);
        }
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<double> precision, recall;
    int hits = 0;
    for (size_t i = 0; i < ranked.size(); ++i) {
        hits += ranked[i].second;
        precision.push_back(static_cast<double>(hits) / static_cast<double>(i + 1));
        recall.push_back(static_cast<double>(hits) / wanted);
    }
    double sum = 0;
    for (size_t i = 0; i < ranked.size(); ++i)
        sum += (recall[i] - (i ? recall[i - 1] : 0)) * *std::max_element(precision.begin() + static_cast<std::ptrdiff_t>(i), precision.end());
    return sum;
}

}  // namespace

TEST(Detector, ItsFiguresEqualASeparateComputation)
{
    QS_SHARED_MODELS(models);
    for (const test::OpenNetwork& network : test::openNetworks(models)) {
        if (network.name != "HyperLPR detector")
            continue;
        const auto model = importModel({network.model, network.weights});
        QS_ASSERT_OK(model);
        // The network's own pictures of plates, small enough a set to be run three times.
        DataSpec spec = network.data;
        spec.path = models / "caffe-hyperlpr";
        const auto data = openDataSet(spec, (*model)->value((*model)->inputs().front()).shape);
        QS_ASSERT_OK(data);
        const auto prepared = prepareNetwork(*model, createQuantConfig(**model, (*data)->size()));
        QS_ASSERT_OK(prepared);
        const auto calibration = calibrate(test::engine(), **prepared, **data, {});
        QS_ASSERT_OK(calibration);
        const auto quantized = quantizeNetwork(**prepared, (*calibration)->record);
        QS_ASSERT_OK(quantized);
        const auto comparison = compare(test::engine(), **prepared, **quantized, **data, {.histograms = false, .local = false}, {});
        QS_ASSERT_OK(comparison);
        const Detection& boxes = (*comparison)->detection;
        ASSERT_TRUE(boxes.valid);

        LayerRunner runner(test::engine(), (*prepared)->network);
        Evaluator evaluator(runner);
        std::vector<std::vector<Box>> sure, found;
        for (int i = 0; i < (*data)->size(); ++i) {
            Forward forward;
            auto inputs = inputTensors(*(*prepared)->network, **data, i, runner.pool());
            QS_ASSERT_OK(inputs);
            forward.inputs = *inputs;
            const auto floating = evaluator.run(forward, {});
            QS_ASSERT_OK(floating);
            forward.quantization = &(*quantized)->layers;
            const auto fake = evaluator.run(forward, {});
            QS_ASSERT_OK(fake);
            sure.emplace_back();
            for (const Box& box : boxesIn(floating->front()))
                if (box.score >= 0.5)
                    sure.back().push_back(box);
            found.push_back(boxesIn(fake->front()));
        }
        std::set<int> labels;
        for (const auto& picture : sure)
            for (const Box& box : picture)
                labels.insert(box.label);
        ASSERT_FALSE(labels.empty()) << "no plate is found at all";
        double mean = 0;
        for (const int label : labels)
            mean += averagePrecision(sure, found, label) / static_cast<double>(labels.size());
        EXPECT_NEAR(boxes.meanAveragePrecision, mean, 1e-9);
        EXPECT_EQ(boxes.matched + boxes.missed, [&] {
            size_t count = 0;
            for (const auto& picture : sure)
                count += picture.size();
            return static_cast<int>(count);
        }());

        // The live bench, the outputs alone and a file that was kept say the same.
        LiveBench live(test::engine(), std::make_shared<ValueCache>(size_t{256} << 20));
        live.setState(*prepared, *quantized, *data, 1);
        const auto refreshed = live.refresh({.subset = 1, .most = 0, .publish = {}}, {});
        QS_ASSERT_OK(refreshed);
        EXPECT_EQ((*refreshed)->detection.matched, boxes.matched);
        EXPECT_EQ((*refreshed)->detection.meanAveragePrecision, boxes.meanAveragePrecision);
        const auto evaluation = evaluate(test::engine(), **prepared, **quantized, **data, {});
        QS_ASSERT_OK(evaluation);
        EXPECT_EQ(evaluation->detection.meanAveragePrecision, boxes.meanAveragePrecision);
        BranchResults branch;
        branch.comparison = *comparison;
        const auto kept = resultsFromBytes(resultsToBytes({"", "", "", {branch}}), "r");
        QS_ASSERT_OK(kept);
        EXPECT_EQ(kept->branches.front().comparison->detection.meanAveragePrecision, boxes.meanAveragePrecision);
    }
}

}  // namespace qs
