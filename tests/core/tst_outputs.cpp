// Outputs that are maps of classes and vectors: counted by compare, evaluate, the live bench and a file that was kept, beside this file's own counts;
// and what is a target of a search.
#include "core/jobs/live_bench.h"
#include "core/jobs/samples.h"
#include "core/jobs/search.h"
#include "core/project/project.h"
#include "core/project/results.h"
#include "core/stats/vectors.h"
#include "tests/support/networks.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

const char* const mapNetwork = R"(name: "map"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 8 kernel_size: 3 pad: 1 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "score" type: "Convolution" bottom: "conv1" top: "score" convolution_param { num_output: 4 kernel_size: 1 } }
)";

const char* const vectorNetwork = R"(name: "vector"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 8 kernel_size: 3 stride: 2 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "embed" type: "InnerProduct" bottom: "conv1" top: "embed" inner_product_param { num_output: 64 } }
)";

/// A network, its quantized form and the data: all that a job is about.
struct Subject {
    std::shared_ptr<const Model> model;
    std::shared_ptr<test::RandomData> data;
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const Calibration> calibration;
    std::shared_ptr<const QuantizedNetwork> quantized;
};

Result<Subject> subjectOf(const std::filesystem::path& folder, const char* text, const std::map<std::string, std::vector<test::Blob>>& weights)
{
    test::writeNetwork(folder, text, weights);
    Subject subject;
    QS_TRY(subject.model, test::openNetwork(folder));
    subject.data = std::make_shared<test::RandomData>(Shape{3, 8, 8}, 6);
    QS_TRY(subject.prepared, prepareNetwork(subject.model, createQuantConfig(*subject.model, 6)));
    QS_TRY(subject.calibration, calibrate(test::engine(), *subject.prepared, *subject.data, {}));
    QS_TRY(subject.quantized, quantizeNetwork(*subject.prepared, subject.calibration->record));
    return subject;
}

Result<Subject> mapSubject(const std::filesystem::path& folder)
{
    return subjectOf(folder, mapNetwork,
                     {{"conv1", {test::randomBlob({8, 3, 3, 3}, 1, 0.3F), test::randomBlob({8}, 2, 0.1F)}},
                      {"score", {test::randomBlob({4, 8, 1, 1}, 3, 0.4F), test::randomBlob({4}, 4, 0.1F)}}});
}

Result<Subject> vectorSubject(const std::filesystem::path& folder)
{
    return subjectOf(folder, vectorNetwork,
                     {{"conv1", {test::randomBlob({8, 3, 3, 3}, 1, 0.3F), test::randomBlob({8}, 2, 0.1F)}},
                      {"embed", {test::randomBlob({64, 72}, 3, 0.4F), test::randomBlob({64}, 4, 0.1F)}}});
}

/// Float and quantized outputs by sample.
std::vector<std::pair<Buffer, Buffer>> outputsOfAll(const Subject& subject)
{
    LayerRunner runner(test::engine(), subject.prepared->network);
    Evaluator evaluator(runner);
    std::vector<std::pair<Buffer, Buffer>> all;
    for (int i = 0; i < subject.data->size(); ++i) {
        Forward forward;
        forward.inputs = *inputTensors(*subject.prepared->network, *subject.data, i, runner.pool());
        const Buffer floating = bufferFrom(evaluator.run(forward, {})->front());
        forward.quantization = &subject.quantized->layers;
        all.emplace_back(floating, bufferFrom(evaluator.run(forward, {})->front()));
    }
    return all;
}

/// Whoever counts says the same.
void expectEverywhere(const Subject& subject, const OutputFigures& expected)
{
    const auto same = [&](const OutputFigures& figures, const char* who) {
        EXPECT_EQ(figures.segmentation.agreement, expected.segmentation.agreement) << who;
        EXPECT_EQ(figures.segmentation.meanIou, expected.segmentation.meanIou) << who;
        EXPECT_EQ(figures.embedding.cosine, expected.embedding.cosine) << who;
        EXPECT_EQ(figures.embedding.valid, expected.embedding.valid) << who;
        EXPECT_EQ(figures.agreement(), expected.agreement()) << who;
        EXPECT_FALSE(figures.classification.valid) << who;
    };
    const auto comparison = compare(test::engine(), *subject.prepared, *subject.quantized, *subject.data, {.histograms = false, .local = false}, {});
    QS_ASSERT_OK(comparison);
    same(**comparison, "compare");
    LiveBench live(test::engine(), std::make_shared<ValueCache>(size_t{256} << 20));
    live.setState(subject.prepared, subject.quantized, subject.data, 1);
    const auto refreshed = live.refresh({.subset = 2, .most = 0, .publish = {}}, {});
    QS_ASSERT_OK(refreshed);
    same(**refreshed, "live");
    BranchResults branch;
    branch.comparison = *comparison;
    const auto kept = resultsFromBytes(resultsToBytes({"", "", "", {branch}}), "r");
    QS_ASSERT_OK(kept);
    same(*kept->branches.front().comparison, "kept");
}

}  // namespace

TEST(Outputs, AMapOfClassesIsCountedByPixels)
{
    const test::TemporaryFolder folder;
    const auto subject = mapSubject(folder.path());
    QS_ASSERT_OK(subject);
    const auto evaluation = evaluate(test::engine(), *subject->prepared, *subject->quantized, *subject->data, {});
    QS_ASSERT_OK(evaluation);
    ASSERT_TRUE(evaluation->segmentation.valid);
    int64_t same = 0, pixels = 0;
    std::map<int, std::array<int64_t, 2>> classes;  // both, either
    for (const auto& [x, y] : outputsOfAll(*subject))
        for (size_t i = 0; i < 64; ++i) {
            const auto best = [i](const Buffer& scores) {
                int label = 0;
                for (int c = 1; c < 4; ++c)
                    if (scores.floats()[static_cast<size_t>(c) * 64 + i] > scores.floats()[static_cast<size_t>(label) * 64 + i])
                        label = c;
                return label;
            };
            const int a = best(x), b = best(y);
            ++pixels;
            same += a == b;
            classes[a][0] += a == b;
            ++classes[a][1];
            classes[b][1] += a != b;
        }
    double iou = 0;
    for (const auto& [label, counts] : classes)
        iou += static_cast<double>(counts[0]) / static_cast<double>(counts[1]) / static_cast<double>(classes.size());
    EXPECT_DOUBLE_EQ(evaluation->segmentation.agreement, static_cast<double>(same) / static_cast<double>(pixels));
    EXPECT_NEAR(evaluation->segmentation.meanIou, iou, 1e-12);
    EXPECT_GT(evaluation->segmentation.agreement, 0.9);
    expectEverywhere(*subject, *evaluation);
}

TEST(Outputs, VectorsAreRankedByTheirNeighbours)
{
    const test::TemporaryFolder folder;
    const auto subject = vectorSubject(folder.path());
    QS_ASSERT_OK(subject);
    // Labelled samples are classified unless told otherwise.
    const auto classes = readingOf(*subject->prepared->network, *subject->data);
    QS_ASSERT_OK(classes);
    EXPECT_EQ(classes->kind, OutputKind::Classes);
    const auto embedding = readingOf(*subject->prepared->network, OutputChoice{});
    QS_ASSERT_OK(embedding);
    EXPECT_EQ(embedding->kind, OutputKind::Vector);
    subject->data->changeSpec().outputs.kind = OutputKind::Vector;
    const auto evaluation = evaluate(test::engine(), *subject->prepared, *subject->quantized, *subject->data, {});
    QS_ASSERT_OK(evaluation);
    ASSERT_TRUE(evaluation->embedding.valid);
    const auto outputs = outputsOfAll(*subject);
    const auto cosine = [](const Buffer& a, const Buffer& b) {
        double ab = 0, aa = 0, bb = 0;
        for (size_t i = 0; i < 64; ++i) {
            const double x = static_cast<double>(a.floats()[i]), y = static_cast<double>(b.floats()[i]);
            ab += x * y;
            aa += x * x;
            bb += y * y;
        }
        return ab / std::sqrt(aa * bb);
    };
    int same = 0;
    double mean = 0, distance = 0;
    for (size_t i = 0; i < outputs.size(); ++i) {
        int x = -1, y = -1;
        double bestX = -2, bestY = -2;
        for (size_t j = 0; j < outputs.size(); ++j) {
            if (j == i)
                continue;
            if (const double c = cosine(outputs[i].first, outputs[j].first); c > bestX) {
                bestX = c;
                x = static_cast<int>(j);
            }
            if (const double c = cosine(outputs[i].second, outputs[j].second); c > bestY) {
                bestY = c;
                y = static_cast<int>(j);
            }
        }
        same += x == y;
        mean += cosine(outputs[i].first, outputs[i].second) / static_cast<double>(outputs.size());
        double squares = 0;
        for (size_t k = 0; k < 64; ++k)
            squares += std::pow(static_cast<double>(outputs[i].first.floats()[k]) - static_cast<double>(outputs[i].second.floats()[k]), 2);
        distance += std::sqrt(squares) / static_cast<double>(outputs.size());
    }
    EXPECT_NEAR(evaluation->embedding.cosine, mean, 1e-9);
    EXPECT_NEAR(evaluation->embedding.distance, distance, 1e-9);
    EXPECT_DOUBLE_EQ(evaluation->embedding.rankAgreement, same / 6.0);
    expectEverywhere(*subject, *evaluation);
}

TEST(Outputs, NeighboursOfFewVectors)
{
    EXPECT_EQ(vectorCosine(std::vector<float>{0, 0}, std::vector<float>{0, 0}), 1);
    EXPECT_EQ(vectorCosine(std::vector<float>{1, 0}, std::vector<float>{0, 0}), 0);
    EXPECT_EQ(vectorDistance(std::vector<float>{3, 0}, std::vector<float>{0, 4}), 5);
    const std::vector<float> a{1, 0}, b{2, 0.1F}, c{0, 1};
    const std::vector<float>* const all[] = {&a, &b, &c};
    EXPECT_EQ(nearestNeighbours(all), (std::vector<int>{1, 0, 1}));
    EXPECT_EQ(nearestNeighbours(std::span(all, 1)), std::vector<int>{-1});
}

TEST(Outputs, AChoiceIsSavedAndHolds)
{
    Project project;
    project.model = "/tmp/net.onnx";
    project.data.emplace();
    project.data->path = "/tmp/pictures";
    project.data->outputs = {OutputKind::Boxes, "yolo sizes=9x14,12x17,22x21"};
    const auto read = projectFromJson(projectToJson(project, "/tmp"), "/tmp", "p");
    QS_ASSERT_OK(read);
    EXPECT_EQ(read->data->outputs, project.data->outputs);
    std::string other = projectToJson(project, "/tmp");
    other.replace(other.find("\"boxes\""), 7, "\"bones\"");
    const auto broken = projectFromJson(other, "/tmp", "p");
    ASSERT_FALSE(broken.ok());
    EXPECT_NE(broken.error().detail.find("class-map"), std::string::npos) << broken.error().detail;

    const test::TemporaryFolder folder;
    const auto subject = mapSubject(folder.path());
    QS_ASSERT_OK(subject);
    for (const auto& [choice, kind] :
         {std::pair(OutputChoice{}, OutputKind::ClassMap), std::pair(OutputChoice{OutputKind::Plain, ""}, OutputKind::Plain)}) {
        const auto reading = readingOf(*subject->model, choice);
        QS_ASSERT_OK(reading);
        EXPECT_EQ(reading->kind, kind);
    }
    const auto boxes = readingOf(*subject->model, {OutputKind::Boxes, ""});
    ASSERT_FALSE(boxes.ok());
    EXPECT_EQ(boxes.error().code, ErrorCode::NotSupported);
    // A decoder that does not fit ends the job, with the reason.
    subject->data->changeSpec().outputs.decoder = "yolo sizes=4";
    const auto compared = compare(test::engine(), *subject->prepared, *subject->quantized, *subject->data, {}, {});
    ASSERT_FALSE(compared.ok());
    EXPECT_EQ(compared.error().code, ErrorCode::ShapeMismatch);
}

TEST(Outputs, AVoteFollowsEveryOutput)
{
    // Heat and sizes are two outputs of a detector: what changes the sizes alone changes its boxes.
    const char* const text = R"(name: "centres"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "hm" type: "Convolution" bottom: "data" top: "hm" convolution_param { num_output: 2 kernel_size: 3 pad: 1 } }
layer { name: "wh" type: "Convolution" bottom: "data" top: "wh" convolution_param { num_output: 2 kernel_size: 3 pad: 1 } }
)";
    const test::TemporaryFolder folder;
    auto subject = subjectOf(folder.path(), text,
                             {{"hm", {test::randomBlob({2, 3, 3, 3}, 1, 0.3F), test::randomBlob({2}, 2, 0.1F)}},
                              {"wh", {test::randomBlob({2, 3, 3, 3}, 3, 0.4F), test::randomBlob({2}, 4, 0.1F, 5)}}});
    QS_ASSERT_OK(subject);
    subject->data->changeSpec().outputs = {OutputKind::Boxes, "centres score=0.5"};
    LiveBench live(test::engine(), std::make_shared<ValueCache>(size_t{256} << 20));
    Configuration configuration = subject->prepared->configuration;
    double before = 0;
    for (const bool cut : {false, true}) {
        if (cut)
            configuration.layers.at("wh").activations.front().clip = {{-0.1F, 0.1F}};
        const auto prepared = prepareNetwork(subject->model, configuration, subject->prepared.get());
        QS_ASSERT_OK(prepared);
        const auto quantized = quantizeNetwork(**prepared, solveAgain(**prepared, *subject->calibration));
        QS_ASSERT_OK(quantized);
        live.setState(*prepared, *quantized, subject->data, 1);
        const auto shown = live.refresh({.subset = 6, .most = 0, .publish = {}}, {});
        QS_ASSERT_OK(shown);
        const auto exact = compare(test::engine(), **prepared, **quantized, *subject->data, {.histograms = false, .local = false}, {});
        QS_ASSERT_OK(exact);
        ASSERT_TRUE((*exact)->detection.valid);
        EXPECT_EQ((*shown)->detection.matched, (*exact)->detection.matched) << cut;
        EXPECT_EQ((*shown)->detection.meanAveragePrecision, (*exact)->detection.meanAveragePrecision) << cut;
        EXPECT_NE((*exact)->detection.meanAveragePrecision, before) << "the cut changes nothing";
        before = (*exact)->detection.meanAveragePrecision;
    }
}

TEST(Outputs, PixelsAndRanksAreTargetsOfASearch)
{
    const std::pair<SearchTarget, OutputKind> targets[] = {{SearchTarget::PixelAgreement, OutputKind::ClassMap},
                                                           {SearchTarget::RankAgreement, OutputKind::Vector}};
    for (const auto& [target, kind] : targets) {
        const test::TemporaryFolder folder;
        const auto subject = kind == OutputKind::ClassMap ? mapSubject(folder.path()) : vectorSubject(folder.path());
        QS_ASSERT_OK(subject);
        subject->data->changeSpec().outputs.kind = kind;
        SearchOptions options;
        options.samples = 6;
        options.goal = {.target = target, .value = 0.999};
        const auto result = searchSettings(test::engine(), subject->prepared, *subject->calibration, *subject->data, options, {});
        QS_ASSERT_OK(result);
        EXPECT_TRUE((*result)->met);
        EXPECT_GE((*result)->points[(*result)->best].agreement.value_or(0), 0.999);
        options.goal.target = SearchTarget::MeanAveragePrecision;
        const auto boxes = searchSettings(test::engine(), subject->prepared, *subject->calibration, *subject->data, options, {});
        ASSERT_FALSE(boxes.ok());
        EXPECT_EQ(boxes.error().code, ErrorCode::NotSupported);
    }
}

TEST(Outputs, MeanAveragePrecisionIsATargetOfASearch)
{
    QS_SHARED_MODELS(models);
    for (const test::OpenNetwork& network : test::openNetworks(models)) {
        if (network.name != "HyperLPR detector")
            continue;
        const auto model = importModel({network.model, network.weights});
        QS_ASSERT_OK(model);
        DataSpec spec = network.data;
        spec.path = models / "caffe-hyperlpr";
        const auto data = openDataSet(spec, (*model)->value((*model)->inputs().front()).shape);
        QS_ASSERT_OK(data);
        // One layer's input is cut by hand so far that boxes are lost: the search has something to find.
        Configuration configuration = createQuantConfig(**model, (*data)->size());
        for (const Layer& layer : (*model)->layers())
            if (layer.op == "Convolution" && layer.attributes.integer("group", 1) == 1 && configuration.layers.contains(layer.name) &&
                layer.name != (*model)->layers()[1].name) {
                configuration.layers.at(layer.name).activations.front().clip = {{0, 0.05F}};
                break;
            }
        const auto prepared = prepareNetwork(*model, configuration);
        QS_ASSERT_OK(prepared);
        const auto calibration = calibrate(test::engine(), **prepared, **data, {});
        QS_ASSERT_OK(calibration);
        SearchOptions options;
        options.samples = (*data)->size();
        options.goal = {.target = SearchTarget::MeanAveragePrecision, .value = 0.9, .budget = 0.5};
        const auto result = searchSettings(test::engine(), *prepared, **calibration, **data, options, {});
        QS_ASSERT_OK(result);
        const SearchPoint& best = (*result)->points[(*result)->best];
        ASSERT_TRUE(best.agreement.has_value());
        EXPECT_EQ((*result)->met, *best.agreement >= 0.9 && best.share >= 0.5);
        EXPECT_TRUE((*result)->met);
        EXPECT_LT((*result)->points.front().agreement.value_or(0), 0.9);
        EXPECT_FALSE(best.assignment.empty());
        // The figure is the comparison's, under the settings that were found.
        const auto found = prepareNetwork(*model, applyAssignment((*prepared)->configuration, best.assignment));
        QS_ASSERT_OK(found);
        const auto quantized = quantizeNetwork(**found, solveAgain(**found, **calibration));
        QS_ASSERT_OK(quantized);
        const auto evaluation = evaluate(test::engine(), **found, **quantized, **data, {});
        QS_ASSERT_OK(evaluation);
        EXPECT_EQ(evaluation->detection.meanAveragePrecision, *best.agreement);
        RecordProperty("points", static_cast<int>((*result)->points.size()));
        RecordProperty("mAP before", std::to_string((*result)->points.front().agreement.value_or(-1)));
        RecordProperty("mAP", std::to_string(*best.agreement));
    }
}

}  // namespace qs
