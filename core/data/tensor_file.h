// Tensor files of CUDA-BEVFusion (semantics 4): int32 magic 0x33ff1101, number of dimensions, type, dimensions, then the values as they are.
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#include <filesystem>

namespace qs {

/// Types: 1 int32, 2 float16, 3 float32, 4 int64, 5 uint64, 7 int8, 8 uint8 (6, uint32: NotSupported). Errors: FileTruncated, ParseFailed,
/// NotSupported, and those of reading.
Result<Buffer> readTensorFile(const std::filesystem::path& path);
/// What a file's values are, from its head. Errors as above.
Result<DType> tensorFileType(const std::filesystem::path& path);
/// The same from bytes already read; `where` names them in errors.
Result<Buffer> parseTensorFile(std::string_view bytes, const std::string& where);

}  // namespace qs
