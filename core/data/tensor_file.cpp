#include "core/data/tensor_file.h"

#include "core/base/file.h"

#include <cstring>
#include <optional>

namespace qs {

namespace {

constexpr int32_t magic = 0x33ff1101;

int32_t integerAt(std::string_view bytes, size_t index)
{
    int32_t value = 0;
    std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
    return value;
}

std::optional<DType> typeOf(int32_t code)
{
    switch (code) {
        case 1:
            return DType::I32;
        case 2:
            return DType::F16;
        case 3:
            return DType::F32;
        case 4:
            return DType::I64;
        case 5:
            return DType::U64;
        case 7:
            return DType::I8;
        case 8:
            return DType::U8;
        default:
            return std::nullopt;
    }
}

constexpr size_t headNumbers = 3;

struct Header {
    size_t dimensions = 0;
    DType type = DType::F32;
};

Result<Header> headerOf(std::string_view bytes, const std::string& where)
{
    constexpr int32_t mostDimensions = 8;
    if (bytes.size() < headNumbers * sizeof(int32_t) || integerAt(bytes, 0) != magic)
        return Error{ErrorCode::ParseFailed, "it is no tensor file of CUDA-BEVFusion", where};
    const int32_t dimensions = integerAt(bytes, 1);
    const auto type = typeOf(integerAt(bytes, 2));
    if (dimensions < 1 || dimensions > mostDimensions)
        return Error{ErrorCode::ParseFailed, "it says " + std::to_string(dimensions) + " dimensions", where};
    if (!type)
        return Error{ErrorCode::NotSupported, "its type " + std::to_string(integerAt(bytes, 2)) + " is not built", where};
    return Header{static_cast<size_t>(dimensions), *type};
}

}  // namespace

Result<DType> tensorFileType(const std::filesystem::path& path)
{
    const std::string head = readHead(path, headNumbers * sizeof(int32_t));
    QS_TRY(const Header header, headerOf(head, path.string()));
    return header.type;
}

Result<Buffer> parseTensorFile(std::string_view bytes, const std::string& where)
{
    QS_TRY(const Header header, headerOf(bytes, where));
    const auto [dimensions, type] = header;
    const size_t start = (headNumbers + dimensions) * sizeof(int32_t);
    const size_t given = bytes.size() < start ? 0 : bytes.size() - start;
    size_t wanted = dtypeSize(type);
    Shape shape;
    for (size_t i = 0; i < dimensions && bytes.size() >= start; ++i) {
        shape.push_back(integerAt(bytes, headNumbers + i));
        if (shape.back() < 0)
            return Error{ErrorCode::ParseFailed, "it says a dimension of " + std::to_string(shape.back()), where};
        // Beyond the file as soon as it is larger: no product leaves its type.
        wanted = shape.back() > 0 && wanted > given ? wanted : wanted * static_cast<size_t>(shape.back());
    }
    if (bytes.size() < start || wanted > given)
        return Error{ErrorCode::FileTruncated, "its values end early", where};
    Buffer values(type, shape);
    std::memcpy(values.bytes(), bytes.data() + start, values.sizeBytes());
    return values;
}

Result<Buffer> readTensorFile(const std::filesystem::path& path)
{
    QS_TRY(const std::string bytes, readFile(path));
    return parseTensorFile(bytes, path.string());
}

}  // namespace qs
