// Layers run a band of rows at a time give the bits of the layers run one by one.
#include "core/engine/incremental.h"

#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

std::string convolution(const std::string& name, const std::string& bottom, const std::string& parameters)
{
    return "layer { name: \"" + name + "\" type: \"Convolution\" bottom: \"" + bottom + "\" top: \"" + name + "\" convolution_param { " + parameters +
           " } }\nlayer { name: \"" + name + "_relu\" type: \"ReLU\" bottom: \"" + name + "\" top: \"" + name + "\" }\n";
}

/// What networks for small devices begin with, at an odd size: values of 0.4 to 2 MB between the layers.
class BandsTest : public testing::Test {
protected:
    void SetUp() override
    {
        test::writeNetwork(m_folder.path(),
                           "name: \"bands\"\nlayer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: 1 dim: 3 dim: 123 dim: "
                           "131 } } }\n" +
                               convolution("conv1", "data", "num_output: 32 kernel_size: 3 stride: 2 pad: 1") +
                               convolution("dw1", "conv1", "num_output: 32 group: 32 kernel_size: 3 pad: 1") +
                               convolution("up1", "dw1", "num_output: 128 kernel_size: 1") +
                               "layer { name: \"pool1\" type: \"Pooling\" bottom: \"up1\" top: \"pool1\" pooling_param { pool: MAX kernel_size: 3 "
                               "stride: 2 } }\n" +
                               convolution("dw2", "pool1", "num_output: 128 group: 128 kernel_size: 5 stride: 2 pad: 2") +
                               convolution("down2", "dw2", "num_output: 24 kernel_size: 1"),
                           {{"conv1", {test::randomBlob({32, 3, 3, 3}, 1, 0.2F), test::randomBlob({32}, 2)}},
                            {"dw1", {test::randomBlob({32, 1, 3, 3}, 3, 0.3F), test::randomBlob({32}, 4)}},
                            {"up1", {test::randomBlob({128, 32, 1, 1}, 5, 0.2F), test::randomBlob({128}, 6)}},
                            {"dw2", {test::randomBlob({128, 1, 5, 5}, 7, 0.2F), test::randomBlob({128}, 8)}},
                            {"down2", {test::randomBlob({24, 128, 1, 1}, 9, 0.1F), test::randomBlob({24}, 10)}}});
        const auto model = test::openNetwork(m_folder.path());
        QS_ASSERT_OK(model);
        m_model = *model;
        const Shape shape{1, 3, 123, 131};
        m_input = Buffer::fromFloats(shape, test::randomValues(static_cast<size_t>(elementCount(shape)), 11));
        m_threads = test::engine()->threads();
    }
    void TearDown() override { test::engine()->setThreads(m_threads); }

    /// The output; with `keep` nothing is skipped, and no layer run in bands.
    Buffer run(const ById<LayerId, LayerQuantization>& layers, bool keep, int64_t& layersRun)
    {
        IncrementalEvaluator evaluator(test::engine(), m_model, std::make_shared<ValueCache>(size_t{1} << 28));
        const Variant variant = evaluator.variant(layers);
        const Sample sample{KeyBuilder().add(1).key(),
                            [&]() -> Result<std::vector<Tensor>> { return std::vector<Tensor>{tensorFrom(m_input, evaluator.runner().pool())}; }};
        Buffer output;
        // The first time both ways are run and compared: the second is the one that counts.
        for (int time = 0; time < 2; ++time) {
            evaluator.cache().clear();
            const int64_t before = evaluator.layersRun();
            const auto values = evaluator.values(variant, sample, m_model->outputs(), keep, {});
            EXPECT_TRUE(values.ok()) << (values.ok() ? "" : errorText(values.error()));
            if (values.ok())
                output = bufferFrom(values->at(m_model->outputs().front()));
            layersRun = evaluator.layersRun() - before;
        }
        return output;
    }
    void compare(const ById<LayerId, LayerQuantization>& layers)
    {
        for (const int threads : {1, 2, 3}) {
            test::engine()->setThreads(threads);
            int64_t oneByOne = 0;
            int64_t inBands = 0;
            const Buffer expected = run(layers, true, oneByOne);
            const Buffer actual = run(layers, false, inBands);
            EXPECT_EQ(oneByOne, 6) << "each layer with its ReLU";
            EXPECT_EQ(inBands, 2) << "up to dw2, whose value is small, and the last";
            ASSERT_EQ(actual.shape(), expected.shape());
            EXPECT_TRUE(std::equal(actual.bytes(), actual.bytes() + actual.sizeBytes(), expected.bytes())) << threads << " threads";
        }
    }

    test::TemporaryFolder m_folder;
    std::shared_ptr<const Model> m_model;
    Buffer m_input;
    int m_threads = 1;
};

}  // namespace

TEST_F(BandsTest, FloatBitsAreThoseOfSingleLayers)
{
    compare(ById<LayerId, LayerQuantization>(m_model->layers().size()));
}

TEST_F(BandsTest, FakeQuantizedBitsAreThoseOfSingleLayers)
{
    ById<LayerId, LayerQuantization> layers(m_model->layers().size());
    for (const char* name : {"conv1", "dw1", "up1", "dw2", "down2"})
        layers[m_model->findLayer(name)].inputs = {QuantParams{.scale = 0.02F, .offset = -7, .bits = 8}};
    compare(layers);
}

TEST_F(BandsTest, AValueThatIsWantedIsThere)
{
    LayerRunner runner(test::engine(), m_model);
    Evaluator evaluator(runner);
    const ValueId between = m_model->layer(m_model->findLayer("pool1")).outputs.front();
    Forward forward;
    forward.inputs = {tensorFrom(m_input, runner.pool())};
    forward.tapped.resize(m_model->values().size());
    forward.tapped[between] = 1;
    Shape shape;
    forward.tap = [&](ValueId, const Tensor& tensor) -> Result<void> {
        shape = tensor.shape();
        return {};
    };
    QS_ASSERT_OK(evaluator.run(forward, {}));
    EXPECT_EQ(shape, (Shape{1, 128, 31, 33}));
}

TEST_F(BandsTest, ConvolutionsInTilesAreLeftOut)
{
    Layer layer = m_model->layer(m_model->findLayer("up1"));
    EXPECT_TRUE(runsInBands(layer, {1, 32, 62, 66}));
    EXPECT_FALSE(runsInBands(layer, {2, 32, 62, 66})) << "a batch";
    layer.attributes.set("kernel", std::vector<int64_t>{3, 3});
    EXPECT_FALSE(runsInBands(layer, {1, 32, 62, 66}));
}

}  // namespace qs
