// Small real networks for tests: Caffe files with random weights, opened through the importer, and data in memory.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/engine.h"
#include "core/import/importer.h"
#include "core/proto/qs_caffe.pb.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

namespace qs::test {

/// One engine a process, opened on the thread that runs the tests.
inline std::shared_ptr<Engine> engine()
{
    static const std::shared_ptr<Engine> opened = [] {
        auto result = openEngine();
        EXPECT_TRUE(result.ok()) << (result.ok() ? "" : errorText(result.error()));
        return result.ok() ? *result : nullptr;
    }();
    return opened;
}

inline std::vector<float> randomValues(size_t count, unsigned seed, float spread = 1, float centre = 0)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(centre, spread);
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

struct Blob {
    Shape shape;
    std::vector<float> values;
};

inline Blob randomBlob(Shape shape, unsigned seed, float spread = 1, float centre = 0)
{
    const auto count = static_cast<size_t>(elementCount(shape));
    return {std::move(shape), randomValues(count, seed, spread, centre)};
}

/// Writes net.prototxt and net.caffemodel into `folder`.
inline void writeNetwork(const std::filesystem::path& folder, const std::string& prototxt, const std::map<std::string, std::vector<Blob>>& weights)
{
    std::ofstream(folder / "net.prototxt") << prototxt;
    quantscope_caffe::NetParameter net;
    for (const auto& [name, blobs] : weights) {
        auto* layer = net.add_layer();
        layer->set_name(name);
        for (const Blob& blob : blobs) {
            auto* out = layer->add_blobs();
            for (const int64_t dimension : blob.shape)
                out->mutable_shape()->add_dim(dimension);
            out->mutable_data()->Add(blob.values.begin(), blob.values.end());
        }
    }
    std::ofstream file(folder / "net.caffemodel", std::ios::binary);
    net.SerializeToOstream(&file);
}

inline Result<std::shared_ptr<const Model>> openNetwork(const std::filesystem::path& folder)
{
    return importModel({folder / "net.prototxt", folder / "net.caffemodel"});
}

/// Convolution + BatchNorm + Scale + ReLU (in place), a residual sum, a concat, pooling of both kinds, InnerProduct, Softmax; input 3x8x8.
inline std::shared_ptr<const Model> mixedNetwork(const std::filesystem::path& folder)
{
    const char* text = R"(name: "mixed"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 8 kernel_size: 3 pad: 1 bias_term: false } }
layer { name: "bn1" type: "BatchNorm" bottom: "conv1" top: "conv1" batch_norm_param { use_global_stats: true } }
layer { name: "scale1" type: "Scale" bottom: "conv1" top: "conv1" scale_param { bias_term: true } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "conv2" type: "Convolution" bottom: "conv1" top: "conv2" convolution_param { num_output: 8 kernel_size: 3 pad: 1 group: 2 } }
layer { name: "sum" type: "Eltwise" bottom: "conv1" bottom: "conv2" top: "sum" }
layer { name: "pool" type: "Pooling" bottom: "sum" top: "pool" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layer { name: "left" type: "Convolution" bottom: "pool" top: "left" convolution_param { num_output: 5 kernel_size: 1 } }
layer { name: "deconv" type: "Deconvolution" bottom: "pool" top: "deconv" convolution_param { num_output: 4 kernel_size: 1 group: 2 } }
layer { name: "join" type: "Concat" bottom: "left" bottom: "deconv" top: "join" }
layer { name: "average" type: "Pooling" bottom: "join" top: "average" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
layer { name: "fc" type: "InnerProduct" bottom: "average" top: "fc" inner_product_param { num_output: 6 } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }
)";
    writeNetwork(folder, text,
                 {{"conv1", {randomBlob({8, 3, 3, 3}, 1, 0.3F)}},
                  {"bn1", {randomBlob({8}, 2, 0.2F), Blob{{8}, std::vector<float>(8, 1.5F)}, Blob{{1}, {2.0F}}}},
                  {"scale1", {randomBlob({8}, 3, 0.2F, 1), randomBlob({8}, 4, 0.1F)}},
                  {"conv2", {randomBlob({8, 4, 3, 3}, 5, 0.2F), randomBlob({8}, 6, 0.1F)}},
                  {"left", {randomBlob({5, 8, 1, 1}, 7, 0.3F), randomBlob({5}, 8, 0.1F)}},
                  {"deconv", {randomBlob({8, 2, 1, 1}, 9, 0.3F), randomBlob({4}, 10, 0.1F)}},
                  {"fc", {randomBlob({6, 36}, 11, 0.3F), randomBlob({6}, 12, 0.1F)}}});
    auto model = openNetwork(folder);
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
    return model.ok() ? *model : nullptr;
}

/// Random samples in memory, labelled i % 6.
class RandomData final : public DataSet {
public:
    explicit RandomData(Shape shape, int size = 8, float spread = 1) : m_shape(std::move(shape)), m_size(size), m_spread(spread) {}
    int size() const override { return m_size; }
    std::string sampleName(int index) const override { return "#" + std::to_string(index); }
    Result<Buffer> sample(int index) const override
    {
        return Buffer::fromFloats(m_shape, randomValues(static_cast<size_t>(elementCount(m_shape)), 100 + static_cast<unsigned>(index), m_spread));
    }
    Result<Buffer> picture(int) const override { return Buffer(); }
    int label(int index) const override { return index % 6; }
    const std::vector<std::string>& skipped() const override { return m_skipped; }
    const DataSpec& spec() const override { return m_spec; }
    DataSpec& changeSpec() { return m_spec; }

private:
    Shape m_shape;
    int m_size;
    float m_spread;
    std::vector<std::string> m_skipped;
    DataSpec m_spec;
};

#define QS_ASSERT_OK(result) ASSERT_TRUE((result).ok()) << errorText((result).error())

}  // namespace qs::test
