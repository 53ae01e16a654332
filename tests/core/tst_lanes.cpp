// Passes side by side: the same bits as in turn, one error, a prompt end.
#include "core/jobs/samples.h"
#include "core/jobs/sensitivity.h"
#include "core/stats/observation.h"
#include "tests/support/on_threads.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <stdexcept>

namespace qs {

namespace {

/// Refuses to prepare one layer with weights that are not its own: with quantized ones.
class Refusing final : public Engine {
public:
    Refusing(std::shared_ptr<Engine> engine, std::string layer) : m_engine(std::move(engine)), m_layer(std::move(layer)) {}
    std::string description() const override { return m_engine->description(); }
    void setThreads(int count) override { m_engine->setThreads(count); }
    int threads() const override { return m_engine->threads(); }
    ParallelRunner useThreads() override { return m_engine->useThreads(); }
    bool canRun(const std::string& op) const override { return m_engine->canRun(op); }
    bool canFuseActivation(const std::string& op) const override { return m_engine->canFuseActivation(op); }
    Result<std::unique_ptr<Kernel>> prepare(const KernelRequest& request) override
    {
        if (request.layer->name == m_layer && request.weights != request.layer->weights)
            return Error{ErrorCode::NotRunnable, "refused", {}};
        return m_engine->prepare(request);
    }
    Result<Gradients> gradients(const GradientRequest& request, TensorPool& pool) override { return m_engine->gradients(request, pool); }
    Result<void> train(const TrainRequest& request) override { return m_engine->train(request); }

private:
    std::shared_ptr<Engine> m_engine;
    std::string m_layer;
};

std::vector<double> figures(const Sensitivity& sensitivity)
{
    std::vector<double> figures;
    const auto add = [&](const Metrics& metrics) {
        figures.insert(figures.end(), {metrics.cosine, metrics.relL2, metrics.sqnrDb, static_cast<double>(metrics.worstSample)});
    };
    add(sensitivity.output);
    for (const LayerSensitivity& layer : sensitivity.layers)
        for (const Metrics* metrics : {&layer.local, &layer.cumulative, &layer.oneQuantized, &layer.oneFloat})
            add(*metrics);
    return figures;
}

class Lanes : public testing::Test {
protected:
    void SetUp() override
    {
        const auto model = test::mixedNetwork(m_folder.path());
        ASSERT_TRUE(model);
        const auto prepared = prepareNetwork(model, createQuantConfig(*model, samples));
        QS_ASSERT_OK(prepared);
        m_prepared = *prepared;
        const auto calibration = calibrate(test::engine(), *m_prepared, m_data, {});
        QS_ASSERT_OK(calibration);
        const auto quantized = quantizeNetwork(*m_prepared, (*calibration)->record);
        QS_ASSERT_OK(quantized);
        m_quantized = *quantized;
    }
    Result<std::shared_ptr<const Sensitivity>> sweep(const std::shared_ptr<Engine>& engine, size_t budget, const JobContext& job)
    {
        IncrementalEvaluator evaluator(engine, m_prepared->network, std::make_shared<ValueCache>(budget));
        return sensitivity(evaluator, *m_quantized, m_data, {.samples = 3, .publish = {}}, job);
    }

    static constexpr int samples = 6;
    test::TemporaryFolder m_folder;
    test::RandomData m_data{Shape{3, 8, 8}};
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::shared_ptr<const QuantizedNetwork> m_quantized;
};

}  // namespace

TEST_F(Lanes, TakeEachItemOnceAndReportTheFirstError)
{
    const test::OnThreads threads(2);
    const std::thread::id caller = std::this_thread::get_id();
    std::vector<std::atomic<int>> taken(100);
    const auto count = [&](int64_t lane, int64_t i) -> Result<void> {
        EXPECT_EQ(lane == 0, std::this_thread::get_id() == caller);
        EXPECT_FALSE(parallelRunner);
        ++taken[static_cast<size_t>(i)];
        return {};
    };
    EXPECT_TRUE(forLanes(100, 2, count).ok());
    EXPECT_TRUE(std::all_of(taken.begin(), taken.end(), [](const std::atomic<int>& times) { return times == 1; }));
    const auto fail = [&](int64_t, int64_t i) -> Result<void> {
        ++taken[static_cast<size_t>(i)];
        return i < 10 ? Result<void>() : Error{ErrorCode::Internal, std::to_string(i), {}};
    };
    const auto failed = forLanes(100, 2, fail);
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().detail, "10");
    EXPECT_EQ(taken[50], 1);
    EXPECT_THROW((void)forLanes(100, 2, [](int64_t, int64_t i) { return i < 10 ? Result<void>() : throw std::runtime_error("10"); }),
                 std::runtime_error);
    EXPECT_TRUE(parallelRunner);
    // One item has all threads to itself.
    EXPECT_TRUE(forLanes(1, 2, [](int64_t, int64_t) {
                    EXPECT_TRUE(parallelRunner);
                    return Result<void>();
                }).ok());
}

TEST_F(Lanes, LeaveEveryFigureOfASweepAsItIs)
{
    // Kernels are prepared and run by the engine's team, by other threads, and in turn; without a cache lanes load samples and run prefixes, too.
    for (const size_t budget : {size_t{0}, size_t{4096}, size_t{1} << 24}) {
        const auto team = sweep(test::engine(), budget, {});
        QS_ASSERT_OK(team);
        for (const int count : {1, 2}) {
            const test::OnThreads threads(count);
            const auto found = sweep(test::engine(), budget, {});
            QS_ASSERT_OK(found);
            EXPECT_EQ(figures(**found), figures(**team)) << count << " threads, cache of " << budget;
        }
    }
}

TEST_F(Lanes, LeaveACalibrationAsItIs)
{
    for (const bool exact : {false, true}) {
        std::vector<std::shared_ptr<const Calibration>> found;
        for (const int count : {1, 2}) {
            const test::OnThreads threads(count);
            const auto calibration = calibrate(test::engine(), *m_prepared, m_data, {}, {.exact = exact});
            QS_ASSERT_OK(calibration);
            found.push_back(*calibration);
        }
        EXPECT_EQ(found[0]->record.layers, found[1]->record.layers);
        ASSERT_EQ(found[0]->observed.size(), found[1]->observed.size());
        for (const auto& [port, observation] : found[0]->observed) {
            const Observation& other = *found[1]->observed.at(port);
            EXPECT_TRUE(std::ranges::equal(observation->all(), other.all())) << port.first;  // in the order of the samples
            EXPECT_TRUE(std::ranges::equal(observation->histogram().counts(), other.histogram().counts())) << port.first;
        }
    }
}

TEST_F(Lanes, EndWhenTheyAreCancelled)
{
    const test::OnThreads threads(2);
    std::stop_source stop;
    const std::thread::id caller = std::this_thread::get_id();
    int reports = 0;
    const auto progress = [&](const Progress&) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        if (++reports == 2)
            stop.request_stop();
    };
    const JobContext job{.stop = stop.get_token(), .progress = progress};
    const auto swept = sweep(test::engine(), 1 << 20, job);
    ASSERT_FALSE(swept.ok());
    EXPECT_EQ(swept.error().code, ErrorCode::Cancelled);
    EXPECT_EQ(reports, 2);
    stop = {};
    reports = 0;
    const auto calibrated = calibrate(test::engine(), *m_prepared, m_data,
                                      JobContext{.stop = stop.get_token(), .progress = [&](const Progress&) { stop.request_stop(); }});
    ASSERT_FALSE(calibrated.ok());
    EXPECT_EQ(calibrated.error().code, ErrorCode::Cancelled);
}

TEST_F(Lanes, NameTheLayerThatFails)
{
    const test::OnThreads threads(2);
    for (const LayerId id : m_quantized->layers.ids()) {
        if (m_quantized->layers[id].weights.empty())
            continue;
        const std::string name = m_prepared->network->layer(id).name;
        const auto engine = std::make_shared<Refusing>(test::engine(), name);
        const auto swept = sweep(engine, 1 << 20, {});
        ASSERT_FALSE(swept.ok());
        EXPECT_NE(swept.error().where.find("'" + name + "'"), std::string::npos) << errorText(swept.error());
        const auto calibrated = calibrate(engine, *m_prepared, m_data, {});
        ASSERT_FALSE(calibrated.ok());
        EXPECT_EQ(calibrated.error().code, ErrorCode::NotRunnable);
        EXPECT_NE(calibrated.error().where.find("'" + name + "'"), std::string::npos) << errorText(calibrated.error());
    }
}

TEST_F(Lanes, ShareACache)
{
    TensorPool pool;
    ValueCache cache(64 * 16 * sizeof(float));
    const auto work = [&](unsigned seed) {
        std::mt19937 random(seed);
        for (int i = 0; i < 20000; ++i) {
            const uint64_t value = random() % 64;
            const ValueKey key = KeyBuilder().add(value).key();
            if (const Tensor found = cache.find(key); !found.empty()) {
                EXPECT_EQ(found.data()[15], static_cast<float>(value));
            } else {
                Tensor tensor = pool.allocate({16});
                std::fill_n(tensor.data(), 16, static_cast<float>(value));
                cache.insert(key, tensor, static_cast<double>(random() % 8));
            }
            if (value == 0)
                cache.setBudget((32 + random() % 32) * 16 * sizeof(float));
            EXPECT_LE(cache.count(), 64U);
        }
    };
    {
        const std::jthread other(work, 1);
        work(2);
    }
    cache.setBudget(8 * 16 * sizeof(float));
    EXPECT_LE(cache.bytes(), cache.budget());
    cache.clear();
    EXPECT_EQ(pool.bytesInUse(), 0U);
}

}  // namespace qs
