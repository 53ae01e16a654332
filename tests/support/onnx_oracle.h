// A small graph, as our importer reads it, as ONNX Runtime runs it, and as we write it again.
#pragma once

#include "core/export/onnx/net.h"
#include "core/import/importer.h"
#include "tests/support/networks.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/onnx_runtime.h"
#include "tests/support/run_model.h"

#include <algorithm>
#include <cmath>

namespace qs::test {

inline Buffer randomBuffer(const Shape& shape, unsigned seed, float spread = 1, float centre = 0)
{
    return Buffer::fromFloats(shape, randomValues(static_cast<size_t>(elementCount(shape)), seed, spread, centre));
}

/// Within `tolerance` of the largest expected value; what is not finite is so in both.
inline void expectSameValues(const std::vector<float>& found, const std::vector<float>& expected, float tolerance, const char* who)
{
    ASSERT_EQ(found.size(), expected.size()) << who;
    float largest = 1e-30F;
    for (const float value : expected)
        largest = std::isfinite(value) ? std::max(largest, std::fabs(value)) : largest;
    for (size_t i = 0; i < expected.size(); ++i) {
        if (std::isfinite(expected[i]))
            ASSERT_NEAR(found[i], expected[i], tolerance * largest) << who << " at " << i;
        else
            ASSERT_TRUE(std::isnan(expected[i]) ? std::isnan(found[i]) : found[i] == expected[i]) << who << " at " << i << ": " << found[i];
    }
}

/// What our reader makes of it; every layer runs.
inline std::vector<Buffer> runGraph(const Graph& graph, const std::vector<Buffer>& inputs, std::shared_ptr<const Model>* read = nullptr)
{
    const TemporaryFolder folder;
    const auto model = importModel({folder.write("net.onnx", graph.bytes()), {}});
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
    if (!model)
        return {};
    for (const Layer& layer : (*model)->layers())
        EXPECT_EQ(layer.notRunnable, "") << layer.name << " (" << layer.type << ")";
    if (read)
        *read = *model;
    return runModel(*model, inputs);
}

/// ONNX Runtime computes our values, of the graph and of what we write of it. Returns ours.
inline std::vector<Buffer> expectAsOnnxRuntime(const Graph& graph, const std::vector<Buffer>& inputs, float tolerance = 1e-5F)
{
    std::shared_ptr<const Model> model;
    const std::vector<Buffer> found = runGraph(graph, inputs, &model);
    if (found.empty() || !onnxRuntime())
        return found;
    const auto expected = runInOnnxRuntime(graph.bytes(), inputs, "disabled");
    EXPECT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < std::min(found.size(), expected.size()); ++i)
        expectSameValues(listOf(found[i]), expected[i], tolerance, "our reader");
    const auto written = floatOnnx(*model, newestOnnxOpset);
    if (!written) {
        EXPECT_EQ(written.error().code, ErrorCode::NotSupported) << errorText(written.error());
        return found;
    }
    const auto again = runInOnnxRuntime(*written, inputs, "disabled");
    for (size_t i = 0; i < std::min(again.size(), expected.size()); ++i)
        expectSameValues(again[i], expected[i], tolerance, "what we write");
    return found;
}

/// Why our reader does not run the layer; empty where it does.
inline std::string reasonOf(const Graph& graph, const std::string& layer)
{
    const TemporaryFolder folder;
    const auto model = importModel({folder.write("net.onnx", graph.bytes()), {}});
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
    const LayerId id = model ? (*model)->findLayer(layer) : noId;
    return id == noId ? "no such layer" : (*model)->layer(id).notRunnable;
}

}  // namespace qs::test
