// ONNX Runtime in node as a second reader of what is exported: where node and the package are (in $QUANTSCOPE_ONNXRUNTIME, where the bench installs
// it).
#pragma once

#include "core/base/buffer.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

#include <cstring>
#include <fstream>
#include <optional>

namespace qs::test {

/// The folder with node_modules; nothing where it cannot be run.
inline std::optional<std::filesystem::path> onnxRuntime()
{
    const char* folder = std::getenv("QUANTSCOPE_ONNXRUNTIME");
    std::error_code failed;
    if (!folder || !std::filesystem::exists(std::filesystem::path(folder) / "node_modules" / "onnxruntime-node", failed))
        return std::nullopt;
    static const bool node = std::system("node --version > /dev/null 2>&1") == 0;
    return node ? std::optional(std::filesystem::path(folder)) : std::nullopt;
}

/// The model's outputs as flat lists; of inputs that hold several samples of `shape` one behind the other, one run a sample, its values behind the
/// others'. `level`: "disabled" or "all" optimizations. Empty, with a failed expectation, where it does not run.
inline std::vector<std::vector<float>> runInOnnxRuntime(const std::string& model, const std::vector<Buffer>& inputs, const std::string& level,
                                                        std::optional<Shape> sample = std::nullopt)
{
    const auto runtime = onnxRuntime();
    if (!runtime)
        return {};
    const TemporaryFolder folder;
    const std::string prefix = (folder.path() / "out").string();
    std::vector<std::string> words{"/usr/bin/env",
                                   "node",
                                   std::string(QS_SOURCE_DIR) + "/tests/support/onnxruntime.js",
                                   runtime->string(),
                                   folder.write("model.onnx", model).string(),
                                   level,
                                   prefix};
    for (size_t i = 0; i < inputs.size(); ++i) {
        std::string shape;
        for (const int64_t size : sample.value_or(inputs[i].shape()))
            shape += (shape.empty() ? "" : "x") + std::to_string(size);
        const std::string bytes(static_cast<const char*>(static_cast<const void*>(inputs[i].bytes())), inputs[i].sizeBytes());
        words.push_back(shape + "=" + folder.write("in" + std::to_string(i), bytes).string());
    }
    const std::string errors = (folder.path() / "errors").string();
    if (waitFor(startProgram(words, {}, errors)) != 0) {
        const auto said = readFile(errors);
        ADD_FAILURE() << "ONNX Runtime: " << (said ? *said : "");
        return {};
    }
    std::vector<std::vector<float>> outputs;
    std::error_code failed;
    for (int i = 0; std::filesystem::exists(prefix + std::to_string(i) + ".f32", failed); ++i) {
        const std::string bytes = *readFile(prefix + std::to_string(i) + ".f32");
        outputs.emplace_back(bytes.size() / sizeof(float));
        std::memcpy(outputs.back().data(), bytes.data(), outputs.back().size() * sizeof(float));
    }
    return outputs;
}

}  // namespace qs::test
