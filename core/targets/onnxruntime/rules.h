// What ONNX Runtime, and TensorRT where it reads the same files, say of a network.
#pragma once

#include "core/targets/check.h"

namespace qs {

std::span<const Rule> onnxruntimeRules();

}  // namespace qs
