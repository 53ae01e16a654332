#include "core/import/onnx/tensors.h"

#include "core/base/text.h"
#include "core/data/npy.h"
#include "core/ops/shape_rules.h"

#include <algorithm>
#include <bit>
#include <climits>
#include <cstring>
#include <fstream>

namespace qs::onnxio {

namespace {

namespace fs = std::filesystem;
using T = onnx::TensorProto;

Error tooFew(const Shape& shape)
{
    return {ErrorCode::FileTruncated, "its shape is " + shapeText(shape) + ", but it has not as many values", {}};
}

/// The values, from raw bytes (`raw`) or from the field that lists them.
template <class Stored, class Target, class Repeated>
bool fill(const std::string* raw, const Repeated& field, Buffer& buffer)
{
    const auto out = buffer.as<Target>();
    if (!raw) {
        if (static_cast<size_t>(field.size()) != out.size())
            return false;
        std::transform(field.begin(), field.end(), out.begin(), [](auto value) { return static_cast<Target>(static_cast<Stored>(value)); });
        return true;
    }
    if (raw->size() != out.size() * sizeof(Stored))
        return false;
    for (size_t i = 0; i < out.size(); ++i) {
        Stored value;
        std::memcpy(&value, raw->data() + i * sizeof(Stored), sizeof(Stored));
        out[i] = static_cast<Target>(value);
    }
    return true;
}

/// Halves, as the bits that the file has.
template <class Repeated>
bool fillHalves(const std::string* raw, const Repeated& field, bool brain, Buffer& floats)
{
    Buffer bits(DType::F16, floats.shape());
    if (!fill<uint16_t, uint16_t>(raw, field, bits))
        return false;
    if (!brain) {
        floats = toFloat(bits);
        return true;
    }
    std::transform(bits.as<uint16_t>().begin(), bits.as<uint16_t>().end(), floats.floats().begin(),
                   [](uint16_t half) { return std::bit_cast<float>(static_cast<uint32_t>(half) << 16); });
    return true;
}

std::string entry(const T& tensor, const char* key)
{
    for (const auto& pair : tensor.external_data())
        if (pair.key() == key)
            return pair.value();
    return {};
}

/// The bytes of a tensor that lie in a file of their own.
Result<std::string> externalBytes(const T& tensor, const fs::path& folder)
{
    const fs::path name = entry(tensor, "location");
    std::error_code failure;
    const fs::path base = fs::weakly_canonical(folder.empty() ? fs::path(".") : folder, failure);
    const fs::path path = fs::weakly_canonical(base / name, failure);
    const fs::path inside = path.lexically_relative(base);
    if (name.empty() || name.is_absolute() || inside.empty() || *inside.begin() == "..")
        return Error{ErrorCode::OutOfRange, "its values are in '" + name.string() + "', which leads out of the network's folder", {}};
    if (!fs::is_regular_file(path, failure))
        return Error{ErrorCode::FileNotFound, "its values are in '" + name.string() + "', which is not beside the network", {}};
    const auto size = static_cast<int64_t>(fs::file_size(path, failure));
    const int64_t offset = parseInteger(entry(tensor, "offset")).value_or(0);
    const int64_t length = parseInteger(entry(tensor, "length")).value_or(size - offset);
    if (failure || offset < 0 || length < 0 || offset > size || length > size - offset)
        return Error{
            ErrorCode::FileTruncated,
            "'" + name.string() + "' has not the bytes " + std::to_string(offset) + " to " + std::to_string(offset) + " + " + std::to_string(length),
            {}};
    std::string bytes(static_cast<size_t>(length), '\0');
    std::ifstream file(path, std::ios::binary);
    file.seekg(offset);
    if (!file.read(bytes.data(), length))
        return Error{ErrorCode::FileUnreadable, "'" + name.string() + "' cannot be read", {}};
    return bytes;
}

Result<int64_t> countOf(const Shape& shape)
{
    int64_t count = 1;
    if (shape.size() > ops::largestRank)
        return Error{ErrorCode::OutOfRange, "it has " + std::to_string(shape.size()) + " dimensions", {}};
    for (const int64_t dimension : shape) {
        if (dimension < 0 || (dimension > 0 && count > INT_MAX / dimension))
            return Error{ErrorCode::FileTooLarge, "its shape is " + shapeText(shape), {}};
        count *= dimension;
    }
    return count;
}

bool fillFloats(const T& tensor, const std::string* raw, Buffer& floats)
{
    switch (tensor.data_type()) {
        case T::FLOAT:
            return fill<float, float>(raw, tensor.float_data(), floats);
        case T::DOUBLE:
            return fill<double, float>(raw, tensor.double_data(), floats);
        default:
            return fillHalves(raw, tensor.int32_data(), tensor.data_type() == T::BFLOAT16, floats);
    }
}

bool fillIntegers(const T& tensor, const std::string* raw, Buffer& integers)
{
    switch (tensor.data_type()) {
        case T::INT64:
            return fill<int64_t, int64_t>(raw, tensor.int64_data(), integers);
        case T::UINT64:
            return fill<uint64_t, int64_t>(raw, tensor.uint64_data(), integers);
        case T::UINT32:
            return fill<uint32_t, int64_t>(raw, tensor.uint64_data(), integers);
        case T::INT32:
            return fill<int32_t, int64_t>(raw, tensor.int32_data(), integers);
        case T::INT16:
            return fill<int16_t, int64_t>(raw, tensor.int32_data(), integers);
        case T::UINT16:
            return fill<uint16_t, int64_t>(raw, tensor.int32_data(), integers);
        case T::INT8:
            return fill<int8_t, int64_t>(raw, tensor.int32_data(), integers);
        default:
            return fill<uint8_t, int64_t>(raw, tensor.int32_data(), integers);
    }
}

}  // namespace

std::optional<ElementType> elementTypeOf(int32_t dataType)
{
    static constexpr std::pair<T::DataType, ElementType> types[] = {
        {T::FLOAT, ElementType::Float32}, {T::DOUBLE, ElementType::Float64}, {T::FLOAT16, ElementType::Float16}, {T::BFLOAT16, ElementType::BFloat16},
        {T::INT8, ElementType::Int8},     {T::INT16, ElementType::Int16},    {T::INT32, ElementType::Int32},     {T::INT64, ElementType::Int64},
        {T::UINT8, ElementType::UInt8},   {T::UINT16, ElementType::UInt16},  {T::UINT32, ElementType::UInt32},   {T::UINT64, ElementType::UInt64},
        {T::BOOL, ElementType::Bool}};
    for (const auto& [from, to] : types)
        if (dataType == from)
            return to;
    return std::nullopt;
}

Result<TypedConstant> tensorConstant(const onnx::TensorProto& tensor, const fs::path& folder)
{
    const auto type = elementTypeOf(tensor.data_type());
    if (!type) {
        const bool text = tensor.data_type() == T::STRING;
        return Error{ErrorCode::NotSupported, text ? "its values are texts" : "values of ONNX's type " + std::to_string(tensor.data_type()), {}};
    }
    const Shape shape(tensor.dims().begin(), tensor.dims().end());
    QS_TRY(const int64_t count, countOf(shape));
    std::string outside;
    const bool external = tensor.data_location() == T::EXTERNAL;
    if (external) {
        QS_TRY(outside, externalBytes(tensor, folder));
    }
    const std::string* raw = external ? &outside : tensor.has_raw_data() ? &tensor.raw_data() : nullptr;
    // Before anything of that size is allocated: every value takes a byte at least.
    const size_t listed = raw ? raw->size()
                              : static_cast<size_t>(tensor.float_data_size()) + static_cast<size_t>(tensor.int32_data_size()) +
                                    static_cast<size_t>(tensor.int64_data_size()) + static_cast<size_t>(tensor.double_data_size()) +
                                    static_cast<size_t>(tensor.uint64_data_size());
    if (static_cast<size_t>(count) > listed)
        return tooFew(shape);
    TypedConstant constant{*type, Buffer(isFloating(*type) ? DType::F32 : DType::I64, shape)};
    if (!(isFloating(*type) ? fillFloats(tensor, raw, constant.data) : fillIntegers(tensor, raw, constant.data)))
        return tooFew(shape);
    return constant;
}

}  // namespace qs::onnxio
