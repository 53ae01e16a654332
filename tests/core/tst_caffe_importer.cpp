#include "core/data/npy.h"
#include "core/import/caffe/document.h"
#include "core/import/caffe/read.h"
#include "core/import/importer.h"
#include "core/ir/builder.h"
#include "core/ops/op.h"
#include "core/quant/scheme.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace qs {

namespace {

namespace fs = std::filesystem;
using quantscope_caffe::NetParameter;

constexpr const char* smallNet = R"(name: "small"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 4 dim: 4 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 3 kernel_size: 3 pad: 1 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc" inner_product_param { num_output: 2 bias_term: false } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }
)";

void addBlob(quantscope_caffe::LayerParameter& layer, const Shape& shape, float value = 0.5F)
{
    auto* blob = layer.add_blobs();
    for (const int64_t dimension : shape)
        blob->mutable_shape()->add_dim(dimension);
    for (int64_t i = 0; i < elementCount(shape); ++i)
        blob->add_data(value);
}

NetParameter smallWeights()
{
    NetParameter net;
    auto* conv = net.add_layer();
    conv->set_name("conv");
    addBlob(*conv, {3, 2, 3, 3});
    addBlob(*conv, {3});
    auto* fc = net.add_layer();
    fc->set_name("fc");
    addBlob(*fc, {2, 48});
    return net;
}

class CaffeImporter : public testing::Test {
protected:
    Result<std::shared_ptr<const Model>> import(const std::string& net) { return importModel({m_folder.write("net.prototxt", net), {}}); }
    Result<std::shared_ptr<const Model>> import(const std::string& net, const NetParameter& weights)
    {
        return import(net, weights.SerializeAsString());
    }
    Result<std::shared_ptr<const Model>> import(const std::string& net, const std::string& weights)
    {
        return importModel({m_folder.write("net.prototxt", net), m_folder.write("weights.caffemodel", weights)});
    }
    test::TemporaryFolder m_folder;
};

TEST_F(CaffeImporter, SmallNetworkDump)
{
    const auto model = import(smallNet, smallWeights());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ(dumpModel(**model), R"(model small (caffe)
data Input () -> (data:1x2x4x4)
conv Convolution (data:1x2x4x4) -> (conv:1x3x4x4) dilation=[1, 1] group=1 kernel=[3, 3] outputs=3 pad=[1, 1, 1, 1] stride=[1, 1] w3x2x3x3 w3
relu ReLU (conv:1x3x4x4) -> (relu:1x3x4x4) slope=0
fc InnerProduct (relu:1x3x4x4) -> (fc:1x2) axis=1 outputs=2 w2x48
prob Softmax (fc:1x2) -> (prob:1x2) axis=1
outputs prob
)");
    EXPECT_EQ((*model)->value((*model)->findValue("relu")).blob, "conv");
    EXPECT_EQ(layerMacs(**model, (*model)->findLayer("conv")), 3 * 16 * 2 * 9);
    EXPECT_EQ(quantizableSites(**model, (*model)->findLayer("fc")), std::vector<int>{0});
}

TEST_F(CaffeImporter, ABatchOfPicturesCountsOnce)
{
    std::string ten = smallNet;
    ten.replace(ten.find("dim: 1 "), 7, "dim: 10 ");
    const auto model = import(ten, smallWeights());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ((*model)->value((*model)->findValue("conv")).shape, (Shape{10, 3, 4, 4}));
    EXPECT_EQ(declaredBatch(**model), 10);
    EXPECT_EQ(layerMacs(**model, (*model)->findLayer("conv")), 3 * 16 * 2 * 9);
}

TEST_F(CaffeImporter, KeepsTheSourceDocument)
{
    const auto model = import(smallNet, smallWeights());
    ASSERT_TRUE(model.ok());
    const auto* document = dynamic_cast<const CaffeDocument*>((*model)->source().get());
    ASSERT_NE(document, nullptr);
    EXPECT_EQ(document->net.layer((*model)->layer((*model)->findLayer("fc")).source).name(), "fc");
    ASSERT_NE(document->findWeights("fc"), nullptr);
    std::vector<std::string> notes;
    const auto again = caffe::parseNetText(caffeNetText(document->net), "again", notes);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->SerializeAsString(), document->net.SerializeAsString());
}

TEST_F(CaffeImporter, WithoutWeightsItIsDrawnAndNotRun)
{
    const auto model = import(smallNet);
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ((*model)->layer((*model)->findLayer("conv")).notRunnable, "its weights are missing");
    EXPECT_TRUE((*model)->value((*model)->findValue("prob")).shaped);
    EXPECT_EQ(layerQuantizable(**model, (*model)->findLayer("conv")), Quantizable::No);
}

TEST_F(CaffeImporter, TakesTheOnlyCaffemodelBeside)
{
    m_folder.write("other.caffemodel", smallWeights().SerializeAsString());
    const auto model = import(smallNet);
    ASSERT_TRUE(model.ok());
    EXPECT_GT((*model)->parameterCount(), 0);
    ASSERT_FALSE((*model)->notes().empty());
    m_folder.write("third.caffemodel", smallWeights().SerializeAsString());
    EXPECT_EQ((*import(smallNet))->parameterCount(), 0);
}

TEST_F(CaffeImporter, OldHeadsAndV1Layers)
{
    const auto model = import(R"(input: "data" input_dim: 1 input_dim: 2 input_dim: 4 input_dim: 4
layers { name: "pool" type: POOLING bottom: "data" top: "pool" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
layers { name: "relu" type: RELU bottom: "pool" top: "pool" }
)");
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ((*model)->layers().size(), 3U);
    EXPECT_EQ((*model)->value((*model)->findValue("relu")).shape, (Shape{1, 2, 2, 2}));
}

TEST_F(CaffeImporter, PhasesLabelsAndLosses)
{
    const auto model = import(R"(
layer { name: "mnist" type: "Data" top: "data" top: "label" include { phase: TRAIN } transform_param { crop_size: 9 } data_param { batch_size: 7 } }
layer { name: "mnist" type: "Data" top: "data" top: "label" include { phase: TEST } transform_param { crop_size: 8 mean_value: 1 mean_value: 2 mean_value: 3 } data_param { batch_size: 5 } }
layer { name: "drop" type: "Dropout" bottom: "data" top: "data" exclude { phase: TEST } }
layer { name: "pool" type: "Pooling" bottom: "data" top: "pool" pooling_param { kernel_size: 8 } }
layer { name: "accuracy" type: "Accuracy" bottom: "pool" bottom: "label" top: "accuracy" }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "pool" bottom: "label" top: "loss" }
)");
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ((*model)->layers().size(), 2U);
    EXPECT_EQ((*model)->value((*model)->inputs()[0]).shape, (Shape{5, 3, 8, 8}));
    EXPECT_EQ((*model)->value((*model)->outputs()[0]).name, "pool");
    EXPECT_EQ((*model)->notes().size(), 4U);  // no weights, the data layer, accuracy, loss
}

TEST_F(CaffeImporter, DataLayerWithoutSizeIsAnError)
{
    const auto model = import(R"(layer { name: "d" type: "Data" top: "data" data_param { batch_size: 5 } })");
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::MissingValue);
}

TEST_F(CaffeImporter, UnknownTypesAndFieldsAreShown)
{
    const auto model = import(std::string(smallNet) + R"(
layer { name: "odd" type: "Teleport" bottom: "prob" top: "odd" teleport_param { distance: 3 } }
layer { name: "after" type: "ReLU" bottom: "odd" top: "after" }
)",
                              smallWeights());
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    const Layer& odd = (*model)->layer((*model)->findLayer("odd"));
    EXPECT_TRUE(odd.op.empty());
    EXPECT_FALSE(odd.notRunnable.empty());
    EXPECT_NE((*model)->layer((*model)->findLayer("after")).notRunnable.find("odd"), std::string::npos);
    bool noted = false;
    for (const std::string& note : (*model)->notes())
        noted = noted || note.find("teleport_param") != std::string::npos;
    EXPECT_TRUE(noted);
}

TEST_F(CaffeImporter, SyntaxErrorNamesTheLine)
{
    const auto model = import("name: \"x\"\nlayer { name: \n}\n");
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::ParseFailed);
    EXPECT_NE(model.error().where.find("net.prototxt:3"), std::string::npos) << model.error().where;
}

TEST_F(CaffeImporter, DeepNesting)
{
    std::string text;
    for (int i = 0; i < 100000; ++i)
        text += "layer {";
    EXPECT_EQ(import(text).error().code, ErrorCode::ParseFailed);
    std::string wire;
    for (int i = 0; i < 200; ++i) {
        std::string outer = "\x0b";  // group start of field 1, unknown
        wire += outer;
    }
    EXPECT_FALSE(import(smallNet, wire).ok());
}

TEST_F(CaffeImporter, CycleAndMissingProducer)
{
    const auto cycle = import(R"(input: "x" input_shape { dim: 1 dim: 2 dim: 4 dim: 4 }
layer { name: "a" type: "Eltwise" bottom: "x" bottom: "b" top: "a" }
layer { name: "b" type: "ReLU" bottom: "a" top: "b" })");
    ASSERT_FALSE(cycle.ok());
    EXPECT_EQ(cycle.error().code, ErrorCode::ModelInvalid);
    const auto missing = import(R"(layer { name: "a" type: "ReLU" bottom: "nowhere" top: "a" })");
    ASSERT_FALSE(missing.ok());
    EXPECT_NE(missing.error().detail.find("nowhere"), std::string::npos);
    const auto twice = import(R"(input: "x" input_shape { dim: 1 }
layer { name: "a" type: "ReLU" bottom: "x" top: "y" }
layer { name: "b" type: "ReLU" bottom: "x" top: "y" })");
    ASSERT_FALSE(twice.ok());
    EXPECT_EQ(twice.error().code, ErrorCode::ModelInvalid);
}

TEST_F(CaffeImporter, WeightsOfAnotherNetwork)
{
    NetParameter other;
    auto* layer = other.add_layer();
    layer->set_name("elsewhere");
    addBlob(*layer, {1});
    const auto model = import(smallNet, other);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::WeightsMismatch);

    NetParameter wrong = smallWeights();
    wrong.mutable_layer(0)->mutable_blobs(0)->mutable_shape()->set_dim(0, 2);
    wrong.mutable_layer(0)->mutable_blobs(0)->mutable_shape()->set_dim(1, 3);
    const auto shape = import(smallNet, wrong);
    ASSERT_FALSE(shape.ok());
    EXPECT_EQ(shape.error().code, ErrorCode::WeightsMismatch);
    EXPECT_NE(shape.error().where.find("conv"), std::string::npos);
    EXPECT_NE(shape.error().detail.find("2x3x3x3"), std::string::npos);
}

TEST_F(CaffeImporter, NotANumberInWeights)
{
    NetParameter bad = smallWeights();
    bad.mutable_layer(0)->mutable_blobs(1)->set_data(2, std::numeric_limits<float>::quiet_NaN());
    const auto model = import(smallNet, bad);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::InvalidNumber);
    EXPECT_NE(model.error().where.find("conv"), std::string::npos);
    EXPECT_NE(model.error().detail.find("blob 1"), std::string::npos);
}

TEST_F(CaffeImporter, TruncatedAndDamagedWeights)
{
    const std::string whole = smallWeights().SerializeAsString();
    for (const size_t length : {whole.size() - 1, whole.size() / 2, size_t{3}}) {
        const auto model = import(smallNet, whole.substr(0, length));
        ASSERT_FALSE(model.ok()) << length;
        EXPECT_EQ(model.error().code, ErrorCode::FileTruncated) << length;
    }
    EXPECT_EQ(import(smallNet, std::string()).error().code, ErrorCode::FileTruncated);
    EXPECT_EQ(import(smallNet, std::string("\xa2\x06\xff\xff\xff\xff\x0f", 7)).error().code, ErrorCode::FileTooLarge);
    EXPECT_EQ(import(smallNet, std::string(smallNet)).error().code, ErrorCode::ParseFailed);
    // Any damaged byte: an error or a model, never a crash.
    for (size_t i = 0; i < whole.size(); i += 3) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
        (void)import(smallNet, damaged);
    }
}

TEST_F(CaffeImporter, MissingFiles)
{
    EXPECT_EQ(importModel({m_folder.path() / "none.prototxt", {}}).error().code, ErrorCode::FileNotFound);
    EXPECT_EQ(importModel({m_folder.path(), {}}).error().code, ErrorCode::FileUnreadable);
    EXPECT_EQ(importModel({m_folder.write("a.txt", "hello"), {}}).error().code, ErrorCode::FormatUnknown);
    EXPECT_EQ(importModel({m_folder.write("net.prototxt", smallNet), m_folder.path() / "none.caffemodel"}).error().code, ErrorCode::FileNotFound);
}

TEST_F(CaffeImporter, BatchNormIsDividedByItsFactor)
{
    NetParameter net;
    auto* layer = net.add_layer();
    layer->set_name("bn");
    addBlob(*layer, {2}, 6);
    addBlob(*layer, {2}, 8);
    addBlob(*layer, {1}, 2);
    const auto model = import(R"(input: "x" input_shape { dim: 1 dim: 2 dim: 1 dim: 1 }
layer { name: "bn" type: "BatchNorm" bottom: "x" top: "x" })",
                              net);
    ASSERT_TRUE(model.ok()) << errorText(model.error());
    EXPECT_EQ((*model)->layer(1).weights[0]->floats()[0], 3);
    EXPECT_EQ((*model)->layer(1).weights[1]->floats()[1], 4);
}

/// Shapes of every layer whose type is in the table, against the dump of BVLC Caffe.
void compareShapes(const Model& model, const ById<ValueId, InferredShape>& shapes, const fs::path& index)
{
    const auto text = readFile(index);
    ASSERT_TRUE(text.ok()) << index;
    const auto json = nlohmann::json::parse(*text);
    for (const auto& entry : json["layers"]) {
        if (entry["type"] == "Split" || entry["type"] == "DetectionOutput" || entry["type"] == "Filter")
            continue;  // Caffe inserts Split itself; the others' rows depend on data
        const LayerId id = model.findLayer(entry["name"].get<std::string>());
        if (id == noId)
            continue;  // Input layers of old heads have other names
        const Layer& layer = model.layer(id);
        for (size_t top = 0; top < entry["tops"].size() && top < layer.outputs.size(); ++top) {
            const InferredShape& shape = shapes[layer.outputs[top]];
            if (shape.known)
                EXPECT_EQ(shape.shape, entry["tops"][top]["shape"].get<Shape>()) << index << " " << layer.name;
            else
                EXPECT_FALSE(layer.notRunnable.empty()) << index << " " << layer.name;
        }
    }
}

TEST(CaffeModels, AllImport)
{
    QS_SHARED_MODELS(models);
    int count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(models)) {
        if (entry.path().extension() != ".prototxt")
            continue;
        const auto model = importModel({entry.path(), {}});
        if (entry.path().filename() == "lenet_train_test.prototxt") {
            EXPECT_EQ(model.error().code, ErrorCode::MissingValue);  // its database alone knows the size
            continue;
        }
        EXPECT_TRUE(model.ok()) << errorText(model.error());
        ++count;
    }
    EXPECT_GT(count, 80);
}

TEST(CaffeModels, ShapesEqualCaffes)
{
    QS_SHARED_MODELS(models);
    for (const auto& entry : fs::directory_iterator(models / "caffe-opzoo")) {
        const auto model = importModel({entry.path() / "net.prototxt", {}});
        ASSERT_TRUE(model.ok()) << entry.path();
        std::vector<Shape> inputs;
        for (const ValueId input : (*model)->inputs())
            inputs.push_back((*model)->value(input).shape);
        const auto shapes = inferShapes(**model, inputs);
        ASSERT_TRUE(shapes.ok()) << entry.path();
        compareShapes(**model, *shapes, entry.path() / "ref" / "index.json");
    }
}

TEST(CaffeModels, OracleShapesEqualCaffes)
{
    QS_SHARED_MODELS(models);
    int count = 0;
    for (const auto& entry : fs::directory_iterator(models / "oracle-open")) {
        const auto text = readFile(entry.path() / "index.json");
        ASSERT_TRUE(text.ok()) << entry.path();
        const auto json = nlohmann::json::parse(*text);
        const auto model = importModel({models / json["prototxt"].get<std::string>(), models / json["weights"].get<std::string>()});
        ASSERT_TRUE(model.ok()) << errorText(model.error());
        const auto input = readNpy(entry.path() / "in.npy");
        ASSERT_TRUE(input.ok()) << errorText(input.error());
        const auto shapes = inferShapes(**model, {input->shape()});
        ASSERT_TRUE(shapes.ok()) << errorText(shapes.error());
        compareShapes(**model, *shapes, entry.path() / "index.json");
        ++count;
    }
    EXPECT_EQ(count, 8);
}

}  // namespace

}  // namespace qs
