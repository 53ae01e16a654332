// NumPy .npy files (format 1.0 to 3.0, C order, little endian).
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#include <filesystem>
#include <string>

namespace qs {

/// Dtypes: f4, f8 (converted to f4), f2, i1, u1, i2, i4, i8, u8. Fortran order is transposed. Errors: FileTruncated, ParseFailed, NotSupported.
Result<Buffer> readNpy(const std::filesystem::path& path);
/// The same from bytes already read; `where` names them in errors.
Result<Buffer> parseNpy(std::string_view bytes, const std::string& where);
std::string npyBytes(const Buffer& buffer);
/// What stands before the values.
std::string npyHeader(DType dtype, const Shape& shape);
/// Any numeric dtype as F32.
Buffer toFloat(const Buffer& buffer);

}  // namespace qs
