// Networks as other people have them: extreme weights, batches written into them, one value a sample.
#include "core/import/caffe/mean_image.h"
#include "core/jobs/compare.h"
#include "core/jobs/integer_comparison.h"
#include "core/jobs/samples.h"
#include "core/prepare/integer_network.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/run_model.h"
#include "tests/support/temporary_folder.h"

#include <cfloat>
#include <cmath>

namespace qs {

namespace {

using test::Graph;
using test::listOf;

/// Samples that a test gives.
class GivenData final : public DataSet {
public:
    explicit GivenData(std::vector<Buffer> samples) : m_samples(std::move(samples)) {}
    int size() const override { return static_cast<int>(m_samples.size()); }
    std::string sampleName(int index) const override { return "#" + std::to_string(index); }
    Result<Buffer> sample(int index) const override { return m_samples[static_cast<size_t>(index)]; }
    Result<Buffer> picture(int) const override { return Buffer(); }
    int label(int) const override { return -1; }
    const std::vector<std::string>& skipped() const override { return m_skipped; }
    const DataSpec& spec() const override { return m_spec; }

private:
    std::vector<Buffer> m_samples;
    std::vector<std::string> m_skipped;
    DataSpec m_spec;
};

Buffer samplesOf(const Shape& shape, std::vector<float> values)
{
    return Buffer::fromFloats(shape, values);
}

class GivenNetworks : public testing::Test {
protected:
    struct Calibrated {
        std::shared_ptr<const PreparedNetwork> prepared;
        std::shared_ptr<const Calibration> calibration;  ///< null: the test has failed
    };
    /// With the default configuration.
    static Calibrated calibrated(const std::shared_ptr<const Model>& model, const DataSet& data)
    {
        const auto prepared = prepareNetwork(model, createQuantConfig(*model));
        EXPECT_TRUE(prepared.ok()) << (prepared.ok() ? "" : errorText(prepared.error()));
        if (!prepared)
            return {};
        const auto calibration = calibrate(test::engine(), **prepared, data, {});
        EXPECT_TRUE(calibration.ok()) << (calibration.ok() ? "" : errorText(calibration.error()));
        return {*prepared, calibration ? *calibration : nullptr};
    }
    std::shared_ptr<const Model> open(const Graph& graph)
    {
        const auto model = importModel({m_folder.write("net.onnx", graph.bytes()), {}});
        EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
        return model.ok() ? *model : nullptr;
    }
    Result<std::shared_ptr<const Model>> caffe(const std::string& text) { return importModel({m_folder.write("net.prototxt", text), {}}); }
    test::TemporaryFolder m_folder;
};

/// One nearly dead channel with a bias: its own scale grows, the others keep theirs.
TEST_F(GivenNetworks, ABiasThatLeavesInt32RaisesItsChannelsScale)
{
    Graph g;
    g.input("x", {1, 1, 2, 2}).values("w", {2, 1, 1, 1}, {1, 2e-5F}).values("b", {2}, {0.5F, 5}).output("y");
    g.node("Conv", {"x", "w", "b"}, {"y"}).set_name("conv");
    const auto model = open(g);
    ASSERT_NE(model, nullptr);
    const GivenData data({samplesOf({1, 2, 2}, {1, -1, 0.5F, 0.25F})});
    const auto [prepared, calibration] = calibrated(model, data);
    ASSERT_NE(calibration, nullptr);
    const auto quantized = quantizeNetwork(*prepared, calibration->record);
    QS_ASSERT_OK(quantized);
    const auto& before = calibration->record.layers.at("conv").weightScales;
    const auto& after = (*quantized)->record.layers.at("conv").weightScales;
    EXPECT_EQ(after[0], before[0]);
    EXPECT_GT(after[1], before[1]);
    const Effective& effective = (*quantized)->effective[1];
    EXPECT_TRUE(effective.quantized);
    EXPECT_EQ(reasonText(effective), "scale_w raised, so that the bias fits into int32: channel 1");
    EXPECT_NEAR((*quantized)->layers[1].weights[1]->floats()[1], 5, 1e-5);
    EXPECT_TRUE(integerNetwork(**quantized).ok());

    // A chip whose tool refuses such a bias says so.
    QuantScheme refusing = standardScheme();
    refusing.wideBias = WideBias::StaysFloat;
    Configuration other = createQuantConfig(*model);
    other.scheme = &refusing;
    const auto refused = quantizeNetwork(**prepareNetwork(model, other), calibration->record);
    QS_ASSERT_OK(refused);
    EXPECT_FALSE((*refused)->effective[1].quantized);
    EXPECT_EQ((*refused)->effective[1].reason, Reason::IllegalScale);
    EXPECT_NE((*refused)->effective[1].reasonDetail.find("channel 1 is 5: it does not fit into int32"), std::string::npos);
    EXPECT_FALSE((*refused)->layers[1].active());
}

TEST_F(GivenNetworks, AnIllegalScaleKeepsItsReason)
{
    Graph g;
    g.input("x", {1, 1, 1, 2}).values("w", {1, 1, 1, 1}, {1}).output("y");
    g.node("Conv", {"x", "w"}, {"y"}).set_name("conv");
    const auto model = open(g);
    ASSERT_NE(model, nullptr);
    const GivenData data({samplesOf({1, 1, 2}, {FLT_MAX, -FLT_MAX})});
    const auto [prepared, calibration] = calibrated(model, data);
    ASSERT_NE(calibration, nullptr);
    const auto quantized = quantizeNetwork(*prepared, calibration->record);
    QS_ASSERT_OK(quantized);
    EXPECT_FALSE((*quantized)->effective[1].quantized);
    EXPECT_EQ((*quantized)->effective[1].reason, Reason::IllegalScale);
    EXPECT_EQ(reasonText((*quantized)->effective[1]), reasonText(calibration->effective[1]));
    const auto again = quantizeNetwork(*prepared, solveAgain(*prepared, *calibration));
    QS_ASSERT_OK(again);
    EXPECT_EQ((*again)->effective[1].reason, Reason::IllegalScale);
}

/// Weights that are no numbers keep their layer in float; the others are calibrated and compared.
TEST_F(GivenNetworks, WeightsThatAreNoNumbersKeepOneLayerFloat)
{
    for (const float bad : {std::nanf(""), HUGE_VALF}) {
        Graph g;
        g.input("x", {1, 1, 1, 2}).values("w", {1, 1, 1, 1}, {bad}).values("v", {1, 1, 1, 1}, {0.5F}).output("y").output("z");
        g.node("Conv", {"x", "w"}, {"y"}).set_name("bad");
        g.node("Conv", {"x", "v"}, {"z"}).set_name("good");
        const auto model = open(g);
        ASSERT_NE(model, nullptr);
        const GivenData data({samplesOf({1, 1, 2}, {1, -1})});
        const auto [prepared, calibration] = calibrated(model, data);
        ASSERT_NE(calibration, nullptr);
        const LayerId good = model->findLayer("good");
        const LayerId broken = model->findLayer("bad");
        for (const QuantRecord& record : {calibration->record, solveAgain(*prepared, *calibration)}) {
            const auto quantized = quantizeNetwork(*prepared, record);
            QS_ASSERT_OK(quantized);
            EXPECT_TRUE((*quantized)->effective[good].quantized);
            EXPECT_FALSE((*quantized)->effective[broken].quantized);
            EXPECT_EQ((*quantized)->effective[broken].reason, Reason::IllegalScale);
            EXPECT_FALSE((*quantized)->effective[broken].reasonDetail.empty());
            const auto comparison = compare(test::engine(), *prepared, **quantized, data, {}, {});
            QS_ASSERT_OK(comparison);
        }
    }
}

/// A regression network gives one value a sample, which has no range: 1e-4 of 900 is rounding.
TEST_F(GivenNetworks, OneValueASampleIsMeasuredByItsSize)
{
    Graph g;
    g.input("x", {1, 64}).values("w", {64, 1}, test::randomValues(64, 1)).values("b", {1}, {900}).output("y");
    g.node("Gemm", {"x", "w", "b"}, {"y"}).set_name("fc");
    const auto model = open(g);
    ASSERT_NE(model, nullptr);
    std::vector<Buffer> samples;
    for (unsigned i = 0; i < 8; ++i)
        samples.push_back(samplesOf({64}, test::randomValues(64, 10 + i)));
    const GivenData data(samples);
    const auto [prepared, calibration] = calibrated(model, data);
    ASSERT_NE(calibration, nullptr);
    const auto quantized = quantizeNetwork(*prepared, calibration->record);
    QS_ASSERT_OK(quantized);
    const auto comparison = compareIntegers(test::engine(), **quantized, data, data.size(), {});
    QS_ASSERT_OK(comparison);
    ASSERT_EQ(comparison->layers.size(), 1U);
    EXPECT_EQ(comparison->layers[0].local.share(), 1);
}

/// A Reshape that joins the batch with what follows cannot take one sample: the sample fills the batch.
TEST_F(GivenNetworks, AWrittenBatchIsFilledWhereOneSampleCannotRun)
{
    Graph g;
    g.input("x", {2, 3}).integers("dims", {6, 1}).output("y");
    g.node("Reshape", {"x", "dims"}, {"y"});
    const auto model = open(g);
    ASSERT_NE(model, nullptr);
    TensorPool pool;
    const auto tensors = inputTensors(*model, samplesOf({3}, {1, 2, 3}), "sample", pool);
    QS_ASSERT_OK(tensors);
    EXPECT_EQ((*tensors)[0].shape(), (Shape{2, 3}));
    EXPECT_EQ(listOf(bufferFrom((*tensors)[0])), (std::vector<float>{1, 2, 3, 1, 2, 3}));
}

TEST_F(GivenNetworks, CaffesBatchOfTenRunsSampleBySample)
{
    const auto model = caffe(
        "layer { name: \"x\" type: \"Input\" top: \"x\" input_param { shape { dim: 10 dim: 2 } } }\n"
        "layer { name: \"y\" type: \"ReLU\" bottom: \"x\" top: \"y\" }\n");
    QS_ASSERT_OK(model);
    TensorPool pool;
    const auto tensors = inputTensors(**model, samplesOf({2}, {1, 2}), "sample", pool);
    QS_ASSERT_OK(tensors);
    EXPECT_EQ((*tensors)[0].shape(), (Shape{1, 2}));
}

const char* const input4 = "layer { name: \"x\" type: \"Input\" top: \"x\" input_param { shape { dim: 1 dim: 1 dim: 1 dim: 4 } } }\n";

/// A window of 3 by 2 over 4 values.
std::string pooling(const std::string& mode)
{
    return std::string(input4) +
           "layer { name: \"p\" type: \"Pooling\" bottom: \"x\" top: \"p\" pooling_param { kernel_h: 1 kernel_w: 3 stride_h: 1 stride_w: 2 " + mode +
           " } }\n";
}

TEST_F(GivenNetworks, RoundModeOrCeilModeSaysHowWindowsAreCounted)
{
    for (const auto& [mode, extent] :
         {std::pair{"", 2}, {"round_mode: CEIL", 2}, {"round_mode: FLOOR", 1}, {"ceil_mode: true", 2}, {"ceil_mode: false", 1}}) {
        const auto model = caffe(pooling(mode));
        QS_ASSERT_OK(model);
        EXPECT_EQ((*model)->value((*model)->findValue("p")).shape.back(), extent) << mode;
        EXPECT_EQ((*model)->notes().size(), 1U) << mode;  // no weights were given
    }
}

/// One row above and below, none beside.
TEST_F(GivenNetworks, PaddingHasAHeightAndAWidth)
{
    const auto model = caffe(std::string(input4) +
                             "layer { name: \"p\" type: \"Pooling\" bottom: \"x\" top: \"p\" "
                             "pooling_param { kernel_size: 2 stride: 1 pad_h: 1 pad_w: 0 } }\n"
                             "layer { name: \"c\" type: \"Convolution\" bottom: \"x\" top: \"c\" "
                             "convolution_param { num_output: 1 kernel_size: 1 pad_h: 1 pad_w: 0 } }\n");
    QS_ASSERT_OK(model);
    EXPECT_EQ((*model)->value((*model)->findValue("p")).shape, (Shape{1, 1, 2, 3}));
    EXPECT_EQ((*model)->value((*model)->findValue("c")).shape, (Shape{1, 1, 3, 4}));
}

/// A bias for which no legal scale is large enough: the layer stays float, and nothing of its quantization is left.
TEST_F(GivenNetworks, ABiasThatNoScaleHoldsLeavesTheLayerFloat)
{
    Graph g;
    g.input("x", {1, 1, 1, 2}).values("w", {1, 1, 1, 1}, {1}).values("b", {1}, {1e30F}).output("y");
    g.node("Conv", {"x", "w", "b"}, {"y"}).set_name("conv");
    const auto model = open(g);
    ASSERT_NE(model, nullptr);
    const GivenData data({samplesOf({1, 1, 2}, {1, -1})});
    const auto [prepared, calibration] = calibrated(model, data);
    ASSERT_NE(calibration, nullptr);
    const auto quantized = quantizeNetwork(*prepared, calibration->record);
    QS_ASSERT_OK(quantized);
    const Effective& effective = (*quantized)->effective[1];
    EXPECT_EQ(effective.reason, Reason::IllegalScale);
    EXPECT_FALSE(effective.quantized);
    EXPECT_TRUE(effective.inputs.empty());
    EXPECT_FALSE((*quantized)->layers[1].active());
    EXPECT_FALSE((*quantized)->record.layers.contains("conv"));
}

TEST_F(GivenNetworks, DropoutMayScaleInTheTestPhase)
{
    const auto model =
        caffe(std::string(input4) +
              "layer { name: \"d\" type: \"Dropout\" bottom: \"x\" top: \"d\" dropout_param { dropout_ratio: 0.25 scale_train: false } }\n");
    QS_ASSERT_OK(model);
    EXPECT_EQ(listOf(test::runModel(*model, {samplesOf({1, 1, 1, 4}, {4, 8, -4, 0})}).at(0)), (std::vector<float>{3, 6, -3, 0}));
}

TEST_F(GivenNetworks, AFieldOfAForkMarksItsLayer)
{
    const auto model = caffe(std::string(input4) +
                             "layer { name: \"a\" type: \"ReLU\" bottom: \"x\" top: \"a\" }\n"
                             "layer { name: \"b\" type: \"ReLU\" bottom: \"a\" top: \"b\" relu_param { leak_after: 3 } } "
                             "layer { name: \"c\" type: \"ReLU\" bottom: \"x\" top: \"c\" }\n");
    QS_ASSERT_OK(model);
    const auto reason = [&](const char* name) { return (*model)->layer((*model)->findLayer(name)).notRunnable; };
    EXPECT_EQ(reason("a"), "");
    EXPECT_EQ(reason("b"), "its parameter 'leak_after' (line 3) is not known");
    EXPECT_EQ(reason("c"), "");
}

TEST_F(GivenNetworks, AByteOrderMarkIsSkipped)
{
    const auto model = caffe(std::string("\xef\xbb\xbf") + input4 + "layer { name: \"a\" type: \"ReLU\" bottom: \"x\" top: \"a\" }\n");
    QS_ASSERT_OK(model);
    EXPECT_EQ((*model)->layers().size(), 2U);
    EXPECT_NE(caffe("\xff\xfelayer {}").error().detail.find("UTF-16"), std::string::npos);
}

TEST_F(GivenNetworks, SidesOfPicturesAreBounded)
{
    const auto model = caffe("layer { name: \"d\" type: \"ImageData\" top: \"d\" transform_param { crop_size: 4294967295 } }\n" +
                             std::string(input4) + "layer { name: \"a\" type: \"ReLU\" bottom: \"x\" top: \"a\" }\n");
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::OutOfRange);
    EXPECT_NE(model.error().detail.find("crop_size is 4294967295"), std::string::npos);
}

TEST_F(GivenNetworks, ShapesOfCaffesInputsAreGiven)
{
    m_folder.write("net.prototxt", std::string(input4) + "layer { name: \"a\" type: \"ReLU\" bottom: \"x\" top: \"a\" }\n");
    const auto model = importModel({m_folder.path() / "net.prototxt", {}, {}, {{"x", {2, 7}}}});
    QS_ASSERT_OK(model);
    EXPECT_EQ((*model)->value((*model)->findValue("a")).shape, (Shape{2, 7}));
    EXPECT_EQ(importModel({m_folder.path() / "net.prototxt", {}, {}, {{"y", {2}}}}).error().code, ErrorCode::UnknownKey);
}

TEST_F(GivenNetworks, NothingFoundIsARowOfMinusOne)
{
    const auto model = caffe(
        "layer { name: \"l\" type: \"Input\" top: \"l\" input_param { shape { dim: 1 dim: 4 } } }\n"
        "layer { name: \"c\" type: \"Input\" top: \"c\" input_param { shape { dim: 1 dim: 2 } } }\n"
        "layer { name: \"p\" type: \"Input\" top: \"p\" input_param { shape { dim: 1 dim: 2 dim: 4 } } }\n"
        "layer { name: \"d\" type: \"DetectionOutput\" bottom: \"l\" bottom: \"c\" bottom: \"p\" top: \"d\" "
        "detection_output_param { num_classes: 2 keep_top_k: 2 confidence_threshold: 0.5 } }\n");
    QS_ASSERT_OK(model);
    const auto output = test::runModel(
        *model, {samplesOf({1, 4}, {0, 0, 0, 0}), samplesOf({1, 2}, {0.9F, 0.1F}), samplesOf({1, 2, 4}, {0, 0, 1, 1, 0.1F, 0.1F, 0.2F, 0.2F})});
    ASSERT_EQ(output.size(), 1U);
    EXPECT_EQ(listOf(output[0]), (std::vector<float>{0, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0}));
}

}  // namespace

}  // namespace qs
