// Incremental evaluation: the same bits as a full run, whatever is cached; only what an edit touches is run.
#include "core/jobs/samples.h"
#include "core/jobs/sensitivity.h"

#include "tests/support/networks.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

/// A network with its factors, and variants of its quantization to choose from at random.
struct Edited {
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;
    std::shared_ptr<const DataSet> data;

    static Edited of(const std::shared_ptr<const Model>& model, std::shared_ptr<const DataSet> data)
    {
        Edited edited;
        edited.data = std::move(data);
        const auto prepared = prepareNetwork(model, createQuantConfig(*model, 2));
        EXPECT_TRUE(prepared.ok());
        edited.prepared = *prepared;
        const auto calibration = calibrate(test::engine(), *edited.prepared, *edited.data, {});
        EXPECT_TRUE(calibration.ok()) << (calibration.ok() ? "" : errorText(calibration.error()));
        const auto quantized = quantizeNetwork(*edited.prepared, (*calibration)->record);
        EXPECT_TRUE(quantized.ok());
        edited.quantized = *quantized;
        return edited;
    }

    /// Some layers in float, some with a doubled scale, the rest as calibrated.
    ById<LayerId, LayerQuantization> edit(std::mt19937& random, ById<LayerId, LayerQuantization> layers) const
    {
        const auto id = static_cast<LayerId>(random() % layers.size());
        switch (random() % 3) {
            case 0:
                layers[id] = {};
                break;
            case 1:
                layers[id] = quantized->layers[id];
                break;
            default:
                for (auto& input : layers[id].inputs)
                    if (input)
                        input->scale *= 2;
        }
        return layers;
    }

    Sample sample(IncrementalEvaluator& evaluator, int index) const { return sampleOf(*data, index, evaluator); }
};

std::vector<ValueId> allValues(const Model& model)
{
    std::vector<ValueId> values;
    for (const Layer& layer : model.layers())
        if (layer.notRunnable.empty())
            values.insert(values.end(), layer.outputs.begin(), layer.outputs.end());
    return values;
}

using Seen = std::map<ValueId, std::vector<float>>;

Seen incremental(IncrementalEvaluator& evaluator, const Variant& variant, const Sample& sample, const std::vector<ValueId>& wanted)
{
    Seen seen;
    const auto tap = [&](ValueId value, const Tensor& tensor) -> Result<void> {
        seen[value].assign(tensor.values().begin(), tensor.values().end());
        return {};
    };
    const auto done = evaluator.run(variant, sample, wanted, true, tap, {});
    EXPECT_TRUE(done.ok()) << (done.ok() ? "" : errorText(done.error()));
    return seen;
}

Seen full(LayerRunner& runner, const ById<LayerId, LayerQuantization>& layers, std::vector<Tensor> inputs, const std::vector<ValueId>& wanted)
{
    Seen seen;
    Forward forward;
    forward.inputs = std::move(inputs);
    forward.quantization = &layers;
    forward.tapped.resize(runner.model().values().size());
    for (const ValueId value : wanted)
        forward.tapped[value] = 1;
    forward.tap = [&](ValueId value, const Tensor& tensor) -> Result<void> {
        seen[value].assign(tensor.values().begin(), tensor.values().end());
        return {};
    };
    EXPECT_TRUE(Evaluator(runner).run(forward, {}).ok());
    return seen;
}

void randomEditsEqualFullRuns(const Edited& edited, size_t budget, int edits)
{
    const Model& network = *edited.prepared->network;
    IncrementalEvaluator evaluator(test::engine(), edited.prepared->network, std::make_shared<ValueCache>(budget));
    LayerRunner runner(test::engine(), edited.prepared->network);
    std::mt19937 random(11);
    ById<LayerId, LayerQuantization> layers = edited.quantized->layers;
    const std::vector<ValueId> all = allValues(network);
    for (int i = 0; i < edits; ++i) {
        layers = edited.edit(random, std::move(layers));
        const Sample sample = edited.sample(evaluator, static_cast<int>(random() % 2));
        // Sometimes the outputs alone (with ReLUs fused), sometimes everything.
        const std::vector<ValueId> wanted = random() % 2 ? network.outputs() : all;
        const auto inputs = sample.load();
        ASSERT_TRUE(inputs.ok());
        EXPECT_EQ(incremental(evaluator, evaluator.variant(layers), sample, wanted), full(runner, layers, *inputs, wanted)) << "edit " << i;
        EXPECT_LE(evaluator.cache().bytes(), budget);
    }
}

}  // namespace

class IncrementalTest : public testing::Test {
protected:
    void SetUp() override
    {
        const auto model = test::mixedNetwork(m_folder.path());
        ASSERT_TRUE(model);
        m_edited = Edited::of(model, std::make_shared<test::RandomData>(Shape{3, 8, 8}));
    }
    test::TemporaryFolder m_folder;
    Edited m_edited;
};

TEST_F(IncrementalTest, RandomEditsEqualFullRuns)
{
    for (const size_t budget : {size_t{0}, size_t{4000}, size_t{1} << 20})
        randomEditsEqualFullRuns(m_edited, budget, 60);
}

TEST_F(IncrementalTest, OnlyWhatAnEditTouchesIsRun)
{
    const Model& network = *m_edited.prepared->network;
    IncrementalEvaluator evaluator(test::engine(), m_edited.prepared->network, std::make_shared<ValueCache>(1 << 20));
    const Sample sample = m_edited.sample(evaluator, 0);
    const std::vector<ValueId> all = allValues(network);
    const Variant base = evaluator.variant(m_edited.quantized->layers);
    incremental(evaluator, base, sample, all);
    const int64_t first = evaluator.layersRun();
    incremental(evaluator, base, sample, all);
    EXPECT_EQ(evaluator.layersRun(), first) << "nothing has changed";
    const LayerId last = network.findLayer("fc");
    ASSERT_NE(last, noId);
    const Variant edited = evaluator.changed(base, last, {});
    incremental(evaluator, edited, sample, all);
    int64_t behind = 0;
    for (const ValueId id : network.valueIds())
        behind += edited.keys[id] != base.keys[id];
    EXPECT_EQ(evaluator.layersRun() - first, behind);
    EXPECT_LE(behind, 2) << "the inner product and the softmax behind it";
    const int64_t before = evaluator.layersRun();
    incremental(evaluator, base, sample, all);
    EXPECT_EQ(evaluator.layersRun(), before) << "going back costs nothing";
    EXPECT_EQ(evaluator.variant(edited.layers).keys, edited.keys);
}

TEST_F(IncrementalTest, KeysFollowContentsNotPointers)
{
    IncrementalEvaluator evaluator(test::engine(), m_edited.prepared->network, std::make_shared<ValueCache>(1 << 20));
    ById<LayerId, LayerQuantization> copied = m_edited.quantized->layers;
    ById<LayerId, LayerQuantization> other = copied;
    for (const LayerId id : copied.ids())
        if (!copied[id].weights.empty()) {
            const Buffer& weight = *copied[id].weights[0];
            copied[id].weights[0] = std::make_shared<const Buffer>(Buffer::fromFloats(weight.shape(), weight.floats()));
            Buffer changed = Buffer::fromFloats(weight.shape(), weight.floats());
            changed.floats()[0] += 1;
            other[id].weights[0] = std::make_shared<const Buffer>(changed);
        }
    const Variant base = evaluator.variant(m_edited.quantized->layers);
    EXPECT_EQ(evaluator.variant(copied).keys, base.keys);
    const ValueId output = m_edited.prepared->network->outputs().front();
    EXPECT_NE(evaluator.variant(other).keys[output], base.keys[output]);
}

TEST_F(IncrementalTest, SensitivityEqualsFullRuns)
{
    const Model& network = *m_edited.prepared->network;
    LayerRunner runner(test::engine(), m_edited.prepared->network);
    const ById<LayerId, LayerQuantization> floating(network.layers().size());
    // Room for little: prefixes are computed again, figures stay.
    for (const size_t budget : {size_t{0}, size_t{1} << 20}) {
        IncrementalEvaluator evaluator(test::engine(), m_edited.prepared->network, std::make_shared<ValueCache>(budget));
        int published = 0;
        const auto result =
            sensitivity(evaluator, *m_edited.quantized, *m_edited.data, {.samples = 3, .publish = [&](const auto&) { ++published; }}, {});
        QS_ASSERT_OK(result);
        EXPECT_EQ((*result)->samples, 3);
        EXPECT_EQ(published, 3);
        for (const LayerId id : network.layerIds()) {
            const LayerQuantization& own = m_edited.quantized->layers[id];
            const LayerSensitivity* found = (*result)->layer(network.layer(id).name);
            ASSERT_EQ(found != nullptr, own.active()) << network.layer(id).name;
            if (!found)
                continue;
            auto oneQuantized = floating;
            oneQuantized[id] = own;
            auto oneFloat = m_edited.quantized->layers;
            oneFloat[id] = {};
            MetricsAccumulator quantizedError, floatError, local, cumulative;
            const ValueId value = network.layer(id).outputs.front();
            for (const int i : {0, 2, 5}) {  // three of eight, spread evenly
                const std::vector<Tensor> inputs = *m_edited.sample(evaluator, i).load();
                const auto values = [&](const ById<LayerId, LayerQuantization>& layers) {
                    return full(runner, layers, inputs, {value, network.outputs().front()});
                };
                const Seen expected = values(floating);
                const auto add = [&](MetricsAccumulator& metrics, ValueId at, const ById<LayerId, LayerQuantization>& layers) {
                    metrics.add(errorSums(expected.at(at), values(layers).at(at)), i);
                };
                add(quantizedError, network.outputs().front(), oneQuantized);
                add(floatError, network.outputs().front(), oneFloat);
                add(local, value, oneQuantized);
                add(cumulative, value, m_edited.quantized->layers);
            }
            const auto same = [&](const Metrics& a, const Metrics& b) {
                EXPECT_NEAR(a.cosine, b.cosine, 1e-12) << found->layer;
                EXPECT_NEAR(a.relL2, b.relL2, 1e-12) << found->layer;
                EXPECT_EQ(a.worstSample, b.worstSample) << found->layer;
            };
            same(found->oneQuantized, quantizedError.metrics());
            same(found->oneFloat, floatError.metrics());
            same(found->local, local.metrics());
            same(found->cumulative, cumulative.metrics());
        }
    }
}

TEST_F(IncrementalTest, EvaluatorsOneAfterAnotherStayInTheBudget)
{
    // As in the window: an edit that changes the network takes another evaluator, over the same cache.
    constexpr size_t budget = 16 << 10;
    const auto cache = std::make_shared<ValueCache>(budget);
    for (uint64_t turn = 0; turn < 20; ++turn) {
        IncrementalEvaluator evaluator(test::engine(), m_edited.prepared->network, cache);
        const Variant variant = evaluator.variant(m_edited.quantized->layers);
        for (int i = 0; i < 3; ++i) {
            Sample sample = m_edited.sample(evaluator, i);
            sample.key = KeyBuilder().add(sample.key).add(turn).key();
            incremental(evaluator, variant, sample, allValues(evaluator.model()));
        }
        EXPECT_GT(cache->bytes(), budget / 2);
        EXPECT_GE(cache->pool().bytesInUse(), cache->bytes()) << "other storage is not watched";
        // A block may be a quarter larger than its value, and an eighth of the budget may wait.
        EXPECT_LE(cache->pool().bytesHeld(), budget + budget / 4 + budget / 8) << "evaluator " << turn;
    }
}

TEST_F(IncrementalTest, SensitivityIsCancelled)
{
    IncrementalEvaluator evaluator(test::engine(), m_edited.prepared->network, std::make_shared<ValueCache>(1 << 20));
    std::stop_source stop;
    const JobContext job{.stop = stop.get_token(), .progress = {}};
    const auto result =
        sensitivity(evaluator, *m_edited.quantized, *m_edited.data, {.samples = 3, .publish = [&](const auto&) { stop.request_stop(); }}, job);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
}

TEST(SpreadOrder, TakesTheSubsetFirst)
{
    EXPECT_EQ(spreadOrder(8, 3), (std::vector<int>{0, 2, 5, 1, 3, 4, 6, 7}));
    EXPECT_EQ(spreadOrder(2, 8), (std::vector<int>{0, 1}));
    EXPECT_TRUE(spreadOrder(0, 8).empty());
}

TEST(ValueCache, EvictsTheCheapestToRecompute)
{
    TensorPool pool;
    ValueCache cache(4 * 64 * sizeof(float));
    const auto key = [](uint64_t i) { return KeyBuilder().add(i).key(); };
    for (uint64_t i = 0; i < 4; ++i)
        cache.insert(key(i), pool.allocate({64}), i == 2 ? 1 : 100);
    EXPECT_EQ(cache.count(), 4U);
    cache.insert(key(9), pool.allocate({64}), 50);
    EXPECT_TRUE(cache.find(key(2)).empty());
    EXPECT_FALSE(cache.find(key(9)).empty());
    // What is larger than the budget is not kept, and throws nothing out.
    cache.insert(key(10), pool.allocate({64 * 5}), 1e9);
    EXPECT_EQ(cache.count(), 4U);
    cache.setBudget(64 * sizeof(float));
    EXPECT_EQ(cache.count(), 1U);
    EXPECT_LE(cache.bytes(), cache.budget());
    cache.clear();
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST(ValueCache, ASmallerBudgetGivesStorageBackAtOnce)
{
    constexpr size_t value = 64 * sizeof(float);
    ValueCache cache(16 * value);
    TensorPool pool = cache.pool();
    for (uint64_t i = 0; i < 16; ++i)
        cache.insert(KeyBuilder().add(i).key(), pool.allocate({64}), 1);
    EXPECT_EQ(pool.bytesHeld(), 16 * value);
    cache.setBudget(4 * value);
    EXPECT_EQ(cache.count(), 4U);
    EXPECT_EQ(pool.bytesHeld(), 4 * value);
}

TEST(ValueCache, KeysOfDifferentContentsDiffer)
{
    EXPECT_NE(KeyBuilder().add(std::string_view("ab")).add(std::string_view("c")).key(),
              KeyBuilder().add(std::string_view("a")).add(std::string_view("bc")).key());
    EXPECT_NE(KeyBuilder().add(uint64_t{0}).key(), KeyBuilder().add(uint64_t{0}).add(uint64_t{0}).key());
    std::vector<std::byte> zeros(16);
    EXPECT_NE(KeyBuilder().add(std::span<const std::byte>(zeros).first(8)).key(), KeyBuilder().add(std::span<const std::byte>(zeros)).key());
}

TEST(IncrementalNetworks, RandomEditsEqualFullRuns)
{
    QS_SHARED_MODELS(models);
    for (const test::OpenNetwork& open : test::openNetworks(models)) {
        if (open.name != "SqueezeNet 1.1" && open.name != "ResNet-20" && open.name != "MTCNN det3")
            continue;
        SCOPED_TRACE(open.name);
        const auto model = importModel({open.model, open.weights});
        QS_ASSERT_OK(model);
        DataSpec spec = open.data;
        spec.limit = 2;
        const auto data = openDataSet(spec, (*model)->value((*model)->inputs().front()).shape);
        QS_ASSERT_OK(data);
        randomEditsEqualFullRuns(Edited::of(*model, *data), size_t{40} << 20, 12);
    }
}

}  // namespace qs
