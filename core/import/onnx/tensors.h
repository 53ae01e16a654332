// Tensors of an ONNX file: typed constants, wherever their bytes lie.
#pragma once

#include "core/ops/evaluate.h"

#include <onnx/onnx_pb.h>

#include <filesystem>

namespace qs::onnxio {

/// Nullopt for strings, complex numbers and what came later.
std::optional<ElementType> elementTypeOf(int32_t dataType);

/// A tensor with its element type. Values of a file of its own ("external data") are read from `folder`, out of which no name leads. Errors:
/// NotSupported (the element type), FileTruncated, FileTooLarge, OutOfRange, FileNotFound; details only.
Result<TypedConstant> tensorConstant(const onnx::TensorProto& tensor, const std::filesystem::path& folder);

}  // namespace qs::onnxio
