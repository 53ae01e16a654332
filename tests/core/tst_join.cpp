// A Concat whose inputs are written where they belong gives the bits of one that copies them.
#include "core/engine/incremental.h"

#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

std::string convolution(const std::string& name, const std::string& bottom, int outputs, int kernel)
{
    return "layer { name: \"" + name + "\" type: \"Convolution\" bottom: \"" + bottom + "\" top: \"" + name +
           "\" convolution_param { num_output: " + std::to_string(outputs) + " kernel_size: " + std::to_string(kernel) +
           " pad: " + std::to_string(kernel / 2) + " } }\nlayer { name: \"" + name + "_relu\" type: \"ReLU\" bottom: \"" + name + "\" top: \"" +
           name + "\" }\n";
}

/// Fire modules; the first Concat's values are all convolutions', the second one's first is the network's own input and its last is pooled.
class JoinTest : public testing::Test {
protected:
    void SetUp() override
    {
        test::writeNetwork(
            m_folder.path(),
            "name: \"fire\"\nlayer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: 1 dim: 16 dim: 14 dim: 15 } } }\n" +
                convolution("one", "data", 20, 1) + convolution("three", "data", 24, 3) + convolution("more", "data", 17, 3) +
                "layer { name: \"join\" type: \"Concat\" bottom: \"three\" bottom: \"one\" bottom: \"more\" top: \"join\" }\n" +
                convolution("next", "join", 32, 3) +
                "layer { name: \"pool\" type: \"Pooling\" bottom: \"join\" top: \"pool\" pooling_param { pool: MAX kernel_size: 3 stride: 1 pad: 1 } "
                "}\n"
                "layer { name: \"second\" type: \"Concat\" bottom: \"data\" bottom: \"next\" bottom: \"pool\" top: \"second\" }\n" +
                convolution("last", "second", 8, 1),
            {{"one", {test::randomBlob({20, 16, 1, 1}, 1), test::randomBlob({20}, 2)}},
             {"three", {test::randomBlob({24, 16, 3, 3}, 3), test::randomBlob({24}, 4)}},
             {"more", {test::randomBlob({17, 16, 3, 3}, 5), test::randomBlob({17}, 6)}},
             {"next", {test::randomBlob({32, 61, 3, 3}, 7), test::randomBlob({32}, 8)}},
             {"last", {test::randomBlob({8, 109, 1, 1}, 9), test::randomBlob({8}, 10)}}});
        const auto model = test::openNetwork(m_folder.path());
        QS_ASSERT_OK(model);
        m_model = *model;
    }
    Buffer run(const ById<LayerId, LayerQuantization>& layers, int64_t batch, bool keep)
    {
        IncrementalEvaluator evaluator(test::engine(), m_model, std::make_shared<ValueCache>(size_t{1} << 26));
        const Shape shape{batch, 16, 14, 15};
        const Buffer input = Buffer::fromFloats(shape, test::randomValues(static_cast<size_t>(elementCount(shape)), 11));
        const Sample sample{KeyBuilder().add(1).key(),
                            [&]() -> Result<std::vector<Tensor>> { return std::vector<Tensor>{tensorFrom(input, evaluator.runner().pool())}; }};
        const auto values = evaluator.values(evaluator.variant(layers), sample, m_model->outputs(), keep, {});
        EXPECT_TRUE(values.ok()) << (values.ok() ? "" : errorText(values.error()));
        return values.ok() ? bufferFrom(values->at(m_model->outputs().front())) : Buffer();
    }
    void compare(const ById<LayerId, LayerQuantization>& layers)
    {
        for (const int64_t batch : {1, 3}) {
            // What is kept in the cache is copied.
            const Buffer expected = run(layers, batch, true);
            const Buffer actual = run(layers, batch, false);
            ASSERT_EQ(actual.shape(), expected.shape());
            EXPECT_TRUE(std::equal(actual.bytes(), actual.bytes() + actual.sizeBytes(), expected.bytes())) << "batch " << batch;
        }
    }

    test::TemporaryFolder m_folder;
    std::shared_ptr<const Model> m_model;
};

}  // namespace

TEST_F(JoinTest, FloatBits)
{
    compare(ById<LayerId, LayerQuantization>(m_model->layers().size()));
}

TEST_F(JoinTest, FakeQuantizedBits)
{
    ById<LayerId, LayerQuantization> layers(m_model->layers().size());
    for (const char* name : {"one", "three", "more", "next", "pool", "last"})
        layers[m_model->findLayer(name)].inputs = {QuantParams{.scale = 0.1F, .offset = -7, .bits = 8}};
    compare(layers);
}

TEST_F(JoinTest, AQuantizedConcatReadsWholeValues)
{
    ById<LayerId, LayerQuantization> layers(m_model->layers().size());
    layers[m_model->findLayer("join")].inputs = std::vector<std::optional<QuantParams>>(3, QuantParams{.scale = 0.1F, .offset = 0, .bits = 8});
    compare(layers);
}

TEST_F(JoinTest, AValueThatIsWantedIsWhole)
{
    LayerRunner runner(test::engine(), m_model);
    Evaluator evaluator(runner);
    const Shape shape{1, 16, 14, 15};
    Forward forward;
    forward.inputs = {tensorFrom(Buffer::fromFloats(shape, test::randomValues(static_cast<size_t>(elementCount(shape)), 11)), runner.pool())};
    forward.tapped.resize(m_model->values().size());
    const ValueId wanted = m_model->layer(m_model->findLayer("three_relu")).outputs.front();
    forward.tapped[wanted] = 1;
    bool seen = false;
    forward.tap = [&](ValueId, const Tensor& tensor) -> Result<void> {
        seen = tensor.shape() == Shape{1, 24, 14, 15} && tensor.pixelStep() == 24;
        return {};
    };
    QS_ASSERT_OK(evaluator.run(forward, {}));
    EXPECT_TRUE(seen);
}

}  // namespace qs
