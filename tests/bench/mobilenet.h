// MobileNetV2 (width 1, 224 pixels) with random weights as an ONNX file: what the bench times where there is none to be had.
#pragma once

#include <filesystem>

namespace qs::bench {

/// Batch normalization is folded, as an exporter leaves it; ReLU6 is a Clip. False when the file cannot be written.
bool writeMobileNet(const std::filesystem::path& file);

}  // namespace qs::bench
