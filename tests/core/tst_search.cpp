// The search on the demo, whose dw4 is sensitive on purpose; the journal.
#include "core/jobs/search.h"

#include "core/base/file.h"
#include "core/import/importer.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

class SearchTest : public testing::Test {
protected:
    void SetUp() override
    {
        const std::filesystem::path demo = std::filesystem::path(QS_SOURCE_DIR) / "resources/demo";
        const auto model = importModel({demo / "demo.prototxt", demo / "demo.caffemodel"});
        QS_ASSERT_OK(model);
        m_model = *model;
        const Shape& shape = m_model->value(m_model->inputs().front()).shape;
        DataSpec spec = guessDataSpec(demo / "pictures", shape);
        if (const auto own = preprocessFromModel(*m_model))
            spec.preprocess = *own;
        spec.labels = demo / "labels.txt";
        spec.limit = 20;
        const auto data = openDataSet(spec, shape);
        QS_ASSERT_OK(data);
        m_data = *data;
        const auto prepared = prepareNetwork(m_model, createQuantConfig(*m_model, 16));
        QS_ASSERT_OK(prepared);
        m_prepared = *prepared;
        const auto calibration = calibrate(test::engine(), *m_prepared, *m_data, {});
        QS_ASSERT_OK(calibration);
        m_calibration = *calibration;
    }
    Result<std::shared_ptr<const SearchResult>> run(const SearchGoal& goal, const std::filesystem::path& journal = {}, const JobContext& job = {})
    {
        SearchOptions options;
        options.goal = goal;
        options.samples = 20;
        options.journal = journal;
        options.publish = [this](std::shared_ptr<const SearchResult> result) { m_published = std::move(result); };
        return searchSettings(test::engine(), m_prepared, *m_calibration, *m_data, options, job);
    }

    test::TemporaryFolder m_folder;
    std::shared_ptr<const Model> m_model;
    std::shared_ptr<const DataSet> m_data;
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::shared_ptr<const Calibration> m_calibration;
    std::shared_ptr<const SearchResult> m_published;
};

}  // namespace

TEST_F(SearchTest, FindsTheSensitiveLayer)
{
    const auto result = run({.target = SearchTarget::Cosine, .value = 0.995, .budget = 0.5});
    QS_ASSERT_OK(result);
    EXPECT_LT((*result)->points.front().cosine, 0.995);
    ASSERT_TRUE((*result)->met);
    const SearchPoint& best = (*result)->points[(*result)->best];
    EXPECT_GE(best.cosine, 0.995);
    EXPECT_GE(best.share, 0.5);
    EXPECT_TRUE(best.assignment.contains("dw4"));
    EXPECT_LE(best.assignment.size(), 2U);
    // Its figures are those of a comparison under that configuration.
    const auto prepared = prepareNetwork(m_model, applyAssignment(m_prepared->configuration, best.assignment));
    QS_ASSERT_OK(prepared);
    const auto quantized = quantizeNetwork(**prepared, solveAgain(**prepared, *m_calibration));
    QS_ASSERT_OK(quantized);
    DataSpec spec = m_data->spec();
    spec.limit = 20;
    const auto data = openDataSet(spec, m_model->value(m_model->inputs().front()).shape);
    QS_ASSERT_OK(data);
    const auto compared = compare(test::engine(), **prepared, **quantized, **data, {.histograms = false, .local = false}, {});
    QS_ASSERT_OK(compared);
    EXPECT_NEAR((*compared)->outputs.front().cumulative.cosine, best.cosine, 1e-12);
    EXPECT_NEAR((*compared)->classification.agreement, best.agreement.value(), 1e-12);
    // The front falls in share and rises in cosine.
    for (size_t i = 1; i < (*result)->front.size(); ++i) {
        const SearchPoint& before = (*result)->points[(*result)->front[i - 1]];
        const SearchPoint& after = (*result)->points[(*result)->front[i]];
        EXPECT_LT(after.share, before.share);
        EXPECT_GT(after.cosine, before.cosine);
    }
}

TEST_F(SearchTest, ADeclaredBatchDoesNotMoveTheShares)
{
    // A layer with multiply-accumulates and one without: both are counted for one sample.
    const std::filesystem::path demo = std::filesystem::path(QS_SOURCE_DIR) / "resources/demo";
    std::string text = *readFile(demo / "demo.prototxt");
    std::vector<double> shares;
    for (const char* batch : {"dim: 1\n", "dim: 10\n"}) {
        const size_t at = text.find("dim: 1\n");
        ASSERT_NE(at, std::string::npos);
        text.replace(at, 7, batch);
        const auto model = importModel({m_folder.write("net.prototxt", text), demo / "demo.caffemodel"});
        QS_ASSERT_OK(model);
        Configuration configuration = createQuantConfig(**model, 4);
        configuration.layers.at("pool1").activations.front().bits = 16;
        const auto prepared = prepareNetwork(*model, configuration);
        QS_ASSERT_OK(prepared);
        m_prepared = *prepared;
        const auto calibration = calibrate(test::engine(), *m_prepared, *m_data, {});
        QS_ASSERT_OK(calibration);
        m_calibration = *calibration;
        const auto result = run({.target = SearchTarget::Cosine, .value = 0, .budget = 0});
        QS_ASSERT_OK(result);
        shares.push_back((*result)->points.front().share);
    }
    EXPECT_LT(shares[0], 1);
    EXPECT_EQ(shares[0], shares[1]);
}

TEST_F(SearchTest, SaysWhenItCannot)
{
    // Nothing may leave 8 bits.
    const auto result = run({.target = SearchTarget::Cosine, .value = 0.999999, .budget = 1, .bits = {}});
    QS_ASSERT_OK(result);
    EXPECT_FALSE((*result)->met);
    EXPECT_TRUE((*result)->finished);
    const SearchPoint& best = (*result)->points[(*result)->best];
    EXPECT_EQ(best.share, 1);
    EXPECT_GE(best.cosine, (*result)->points.front().cosine);
    // 12 bits would do, but cost more than the budget leaves.
    const auto dear = run({.target = SearchTarget::Cosine, .value = 0.99, .budget = 1, .bits = {12}});
    QS_ASSERT_OK(dear);
    EXPECT_FALSE((*dear)->met);
    EXPECT_EQ((*dear)->points[(*dear)->best].share, 1);
}

TEST_F(SearchTest, SnqWhereTheTargetAllows)
{
    const auto result = run({.target = SearchTarget::Cosine, .value = 0.98, .budget = 0.5, .snq = true});
    QS_ASSERT_OK(result);
    ASSERT_TRUE((*result)->met);
    const SearchPoint& best = (*result)->points[(*result)->best];
    EXPECT_LT(best.weightBytes, (*result)->points.front().weightBytes);
    EXPECT_GE(best.cosine, 0.98);
}

TEST_F(SearchTest, AStoppedSearchGoesOnToTheSameEnd)
{
    const SearchGoal goal{.target = SearchTarget::Cosine, .value = 0.995, .budget = 0.5};
    const auto unbroken = run(goal);
    QS_ASSERT_OK(unbroken);
    const auto journal = m_folder.path() / "tune.json";
    // Stopped after every third point, again and again.
    Result<std::shared_ptr<const SearchResult>> result = Error{ErrorCode::Cancelled, {}, {}};
    double best = -1;
    for (int attempt = 0; attempt < 200 && !result.ok(); ++attempt) {
        std::stop_source stop;
        size_t first = 0;
        SearchOptions options;
        options.goal = goal;
        options.samples = 20;
        options.journal = journal;
        options.publish = [&](const std::shared_ptr<const SearchResult>& now) {
            m_published = now;
            const bool fresh = now->points.size() > static_cast<size_t>(3 * (attempt + 1));
            if (fresh && ++first == 1)
                stop.request_stop();
        };
        result = searchSettings(test::engine(), m_prepared, *m_calibration, *m_data, options, {.stop = stop.get_token(), .progress = {}});
        const SearchPoint& found = m_published->points[m_published->best];
        EXPECT_GE(found.met ? 2 + found.share : found.cosine, best) << "the best is never lost";
        best = found.met ? 2 + found.share : found.cosine;
    }
    QS_ASSERT_OK(result);
    ASSERT_EQ((*result)->points.size(), (*unbroken)->points.size());
    for (size_t i = 0; i < (*result)->points.size(); ++i) {
        EXPECT_EQ((*result)->points[i].assignment, (*unbroken)->points[i].assignment);
        EXPECT_EQ((*result)->points[i].cosine, (*unbroken)->points[i].cosine);
    }
    EXPECT_EQ((*result)->best, (*unbroken)->best);
    // Another target's journal is refused, a damaged one too.
    const auto other = run({.target = SearchTarget::Cosine, .value = 0.9}, journal);
    ASSERT_FALSE(other.ok());
    EXPECT_NE(errorText(other.error()).find("tune.json"), std::string::npos);
    QS_ASSERT_OK(writeFile(journal, "{\"search\": 3"));
    EXPECT_FALSE(run(goal, journal).ok());
}

TEST_F(SearchTest, AnotherSearchHasAnotherName)
{
    SearchOptions options;
    options.samples = 20;
    const auto nameOf = [&](const Configuration& configuration) {
        return searchName(**prepareNetwork(m_model, configuration), *m_calibration, *m_data, options);
    };
    const Configuration before = m_prepared->configuration;
    EXPECT_EQ(nameOf(before), nameOf(before));
    // What the files of the chip's tool have no words for counts, too: two searches must not share a journal.
    for (const auto& change :
         std::vector<std::function<void(LayerSetting&)>>{[](LayerSetting& setting) {
                                                             setting.activations.front().clip = {-1.0F, 1.0F};
                                                         },
                                                         [](LayerSetting& setting) { setting.activations.front().algorithm = "mse"; },
                                                         [](LayerSetting& setting) { setting.weights->biasCorrection = true; }}) {
        Configuration after = before;
        change(after.layers.at("dw4"));
        EXPECT_NE(nameOf(after), nameOf(before));
    }
    options.goal.value = 0.5;
    const std::string other = nameOf(before);
    options.goal.value = 0.6;
    EXPECT_NE(nameOf(before), other);
}

TEST_F(SearchTest, TargetsThatNeedClassesSaySo)
{
    const auto agreement = run({.target = SearchTarget::Agreement, .value = 0.9, .budget = 0.5});
    QS_ASSERT_OK(agreement);
    EXPECT_TRUE((*agreement)->met);
    DataSpec spec = m_data->spec();
    spec.labels.clear();
    const auto data = openDataSet(spec, m_model->value(m_model->inputs().front()).shape);
    QS_ASSERT_OK(data);
    m_data = *data;
    const auto top1 = run({.target = SearchTarget::Top1Drop, .value = 0.01});
    ASSERT_FALSE(top1.ok());
    EXPECT_EQ(top1.error().code, ErrorCode::NotSupported);
}

namespace {

/// Small networks of their own, on random values.
class SearchOutputs : public testing::Test {
protected:
    void write(const std::string& prototxt, const std::map<std::string, std::vector<test::Blob>>& weights)
    {
        test::writeNetwork(m_folder.path(), prototxt, weights);
    }
    void calibrateIt()
    {
        const auto model = test::openNetwork(m_folder.path());
        QS_ASSERT_OK(model);
        const auto prepared = prepareNetwork(*model, createQuantConfig(**model, 2));
        QS_ASSERT_OK(prepared);
        m_prepared = *prepared;
        const auto calibration = calibrate(test::engine(), *m_prepared, m_data, {});
        QS_ASSERT_OK(calibration);
        m_calibration = *calibration;
    }

    test::TemporaryFolder m_folder;
    test::RandomData m_data{{3, 8, 8}, 2};
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::shared_ptr<const Calibration> m_calibration;
};

}  // namespace

TEST_F(SearchOutputs, ANetworkWhoseOutputIsNotRunSaysSo)
{
    write(R"(name: "behind"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "own" type: "Python" bottom: "conv1" top: "own" python_param { module: "mine" layer: "Mine" } }
)",
          {{"conv1", {test::randomBlob({4, 3, 3, 3}, 1), test::randomBlob({4}, 2)}}});
    ASSERT_NO_FATAL_FAILURE(calibrateIt());
    const auto quantized = quantizeNetwork(*m_prepared, m_calibration->record);
    QS_ASSERT_OK(quantized);
    // Nothing of it reaches an output: a cosine of 1 would be a lie.
    IncrementalEvaluator evaluator(test::engine(), m_prepared->network, std::make_shared<ValueCache>(1 << 20));
    const auto sensitivities = sensitivity(evaluator, **quantized, m_data, {.samples = 2, .publish = {}}, {});
    ASSERT_FALSE(sensitivities.ok());
    EXPECT_EQ(sensitivities.error().code, ErrorCode::NotRunnable);
    EXPECT_NE(sensitivities.error().detail.find("'own'"), std::string::npos) << sensitivities.error().detail;
    const auto tuned = searchSettings(test::engine(), m_prepared, *m_calibration, m_data, SearchOptions(), {});
    ASSERT_FALSE(tuned.ok());
    EXPECT_EQ(tuned.error().code, ErrorCode::NotRunnable);
}

TEST_F(SearchOutputs, AMapOfValuesHasNoAgreement)
{
    write(R"(name: "map"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "conv2" type: "Convolution" bottom: "conv1" top: "conv2" convolution_param { num_output: 2 kernel_size: 3 } }
)",
          {{"conv1", {test::randomBlob({4, 3, 3, 3}, 1), test::randomBlob({4}, 2)}},
           {"conv2", {test::randomBlob({2, 4, 3, 3}, 3), test::randomBlob({2}, 4)}}});
    ASSERT_NO_FATAL_FAILURE(calibrateIt());
    SearchOptions options;
    options.goal = {.target = SearchTarget::Cosine, .value = 0.9};
    options.samples = 2;
    options.journal = m_folder.path() / "journal.json";
    // The second run is answered by the journal.
    for (int attempt = 0; attempt < 2; ++attempt) {
        const auto tuned = searchSettings(test::engine(), m_prepared, *m_calibration, m_data, options, {});
        QS_ASSERT_OK(tuned);
        for (const SearchPoint& point : (*tuned)->points)
            EXPECT_FALSE(point.agreement.has_value()) << "attempt " << attempt;
    }
    options.journal.clear();
    options.goal.target = SearchTarget::Agreement;
    const auto refused = searchSettings(test::engine(), m_prepared, *m_calibration, m_data, options, {});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::NotSupported);
}

}  // namespace qs
