// What the measurements share: the engine, networks, and noise to feed them with.
#pragma once

#include "core/import/importer.h"
#include "core/jobs/compare.h"
#include "core/jobs/samples.h"
#include "tests/bench/bench.h"
#include "tests/support/shared_models.h"

#include <cstdio>
#include <filesystem>
#include <random>

namespace qs::bench {

namespace fs = std::filesystem;

inline std::shared_ptr<Engine> engine()
{
    static const std::shared_ptr<Engine> opened = [] {
        auto result = openEngine();
        if (!result) {
            std::fprintf(stderr, "%s\n", errorText(result.error()).c_str());
            std::exit(1);
        }
        return *result;
    }();
    return opened;
}

inline std::shared_ptr<const Model> open(const fs::path& net, const fs::path& weights)
{
    auto model = importModel({net, weights});
    if (!model) {
        std::fprintf(stderr, "%s\n", errorText(model.error()).c_str());
        std::exit(1);
    }
    return *model;
}

inline Buffer noise(Shape shape, unsigned seed)
{
    shape[0] = 1;
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 50);
    Buffer buffer(DType::F32, shape);
    for (float& value : buffer.floats())
        value = normal(random);
    return buffer;
}

/// Noise in memory, made when asked for: the bench measures computing, not decoding.
class Noise final : public DataSet {
public:
    Noise(Shape shape, int size) : m_shape(std::move(shape)), m_size(size) {}
    int size() const override { return m_size; }
    std::string sampleName(int index) const override { return std::to_string(index); }
    Result<Buffer> sample(int index) const override
    {
        // Few different ones: drawing noise costs as much as a forward.
        auto& kept = m_kept[static_cast<size_t>(index) % m_kept.size()];
        if (kept.empty())
            kept = noise(m_shape, static_cast<unsigned>(index));
        return kept;
    }
    Result<Buffer> picture(int) const override { return Buffer(); }
    int label(int) const override { return -1; }
    const std::vector<std::string>& skipped() const override { return m_skipped; }
    const DataSpec& spec() const override { return m_spec; }

private:
    Shape m_shape;
    int m_size;
    mutable std::vector<Buffer> m_kept = std::vector<Buffer>(8);
    std::vector<std::string> m_skipped;
    DataSpec m_spec;
};

struct Network {
    const char* name;
    fs::path net, weights;
};

inline std::vector<Network> networks()
{
    std::vector<Network> list;
    if (const auto models = test::sharedModels()) {
        list.push_back(
            {"SqueezeNet 1.1", *models / "caffe-squeezenet11/deploy.prototxt", *models / "caffe-squeezenet11/squeezenet_v1.1_f16weights.caffemodel"});
        list.push_back({"ResNet-20", *models / "caffe-resnet20-cifar10/res20_deploy.prototxt",
                        *models / "caffe-resnet20-cifar10/cifar10_res20_iter_64000.caffemodel"});
        list.push_back({"ultraface RFB-320", *models / "caffe-ultraface/RFB-320.prototxt", *models / "caffe-ultraface/RFB-320.caffemodel"});
    } else {
        std::printf("no shared models: the demo network only\n");
        const fs::path demo = fs::path(QS_SOURCE_DIR) / "resources/demo";
        list.push_back({"demo", demo / "demo.prototxt", demo / "demo.caffemodel"});
    }
    return list;
}

}  // namespace qs::bench
