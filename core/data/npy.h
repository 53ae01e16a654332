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
/// What a file's values are, from its head: f8 counts as F32, as it is read. Errors as above.
Result<DType> npyType(const std::filesystem::path& path);
std::string npyBytes(const Buffer& buffer);
/// What stands before the values.
std::string npyHeader(DType dtype, const Shape& shape);
/// Any numeric dtype as F32.
Buffer toFloat(const Buffer& buffer);

}  // namespace qs
