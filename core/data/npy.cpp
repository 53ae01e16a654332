#include "core/data/npy.h"

#include "core/base/file.h"
#include "core/base/text.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <new>

namespace qs {

namespace {

static_assert(std::endian::native == std::endian::little, ".npy files are read as they lie in memory");

constexpr std::string_view magic("\x93NUMPY", 6);

constexpr size_t mostDimensions = 32;  ///< NumPy's own limit

/// The text behind 'key': in the header's dictionary.
std::string_view entry(std::string_view header, std::string_view key)
{
    const size_t found = header.find("'" + std::string(key) + "'");
    if (found == std::string_view::npos)
        return {};
    const size_t colon = header.find(':', found);
    return colon == std::string_view::npos ? std::string_view() : trimmed(header.substr(colon + 1));
}

struct Kind {
    const char* code;
    DType dtype;
    bool doubles;
};
constexpr Kind kinds[] = {{"f4", DType::F32, false}, {"f8", DType::F32, true},  {"f2", DType::F16, false},
                          {"i1", DType::I8, false},  {"u1", DType::U8, false},  {"i2", DType::I16, false},
                          {"i4", DType::I32, false}, {"i8", DType::I64, false}, {"u8", DType::U64, false}};

float halfToFloat(uint16_t half)
{
    const int exponent = (half >> 10) & 31;
    const int mantissa = half & 1023;
    const float sign = half & 0x8000 ? -1.0F : 1.0F;
    if (exponent == 31)
        return mantissa ? NAN : sign * INFINITY;
    return sign * (exponent ? std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25) : std::ldexp(static_cast<float>(mantissa), -24));
}

template <class T>
void widen(const Buffer& from, Buffer& to)
{
    const std::span<const T> source = from.as<T>();
    for (size_t i = 0; i < source.size(); ++i)
        to.floats()[i] = static_cast<float>(source[i]);
}

/// Fortran order to C order: the bytes are those of the reversed shape.
Buffer reordered(const Buffer& buffer)
{
    const Shape& shape = buffer.shape();
    Buffer result(buffer.dtype(), shape);
    const size_t size = dtypeSize(buffer.dtype());
    std::vector<int64_t> index(shape.size());
    for (int64_t i = 0; i < buffer.count(); ++i) {
        int64_t from = 0;
        for (size_t d = shape.size(); d-- > 0;)
            from = from * shape[d] + index[d];
        std::memcpy(result.bytes() + static_cast<size_t>(i) * size, buffer.bytes() + static_cast<size_t>(from) * size, size);
        for (size_t d = shape.size(); d-- > 0;) {
            if (++index[d] < shape[d])
                break;
            index[d] = 0;
        }
    }
    return result;
}

Result<Shape> headerShape(std::string_view header, const std::string& where)
{
    const std::string_view text = entry(header, "shape");
    const size_t end = text.find(')');
    if (!text.starts_with('(') || end == std::string_view::npos)
        return Error{ErrorCode::ParseFailed, "its header has no shape", where};
    Shape shape;
    int64_t count = 1;
    for (const std::string& piece : splitText(text.substr(1, end - 1), ',')) {
        if (piece.empty())
            continue;  // "(3,)"
        const auto dimension = parseInteger(piece);
        if (!dimension || *dimension < 0)
            return Error{ErrorCode::ParseFailed, "its header has the dimension '" + piece + "'", where};
        if (shape.size() == mostDimensions)
            return Error{ErrorCode::NotSupported, "it has more than " + std::to_string(mostDimensions) + " dimensions", where};
        if (*dimension > 0 && count > (int64_t{1} << 40) / *dimension)
            return Error{ErrorCode::FileTooLarge, "its header declares too many values", where};
        count *= *dimension;
        shape.push_back(*dimension);
    }
    return shape;
}

struct Header {
    std::string_view text;
    const Kind* kind = nullptr;
    size_t end = 0;  ///< where the values begin
};

Result<Header> headerOf(std::string_view bytes, const std::string& where)
{
    if (!bytes.starts_with(magic))
        return Error{ErrorCode::ParseFailed, "it is not a .npy file", where};
    if (bytes.size() < 12)
        return Error{ErrorCode::FileTruncated, "it ends inside the header", where};
    const auto byte = [bytes](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(bytes[i])); };
    const size_t version = byte(6);
    const size_t start = version == 1 ? 10 : 12;
    const size_t length = version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
    if (version < 1 || version > 3)
        return Error{ErrorCode::NotSupported, "format version " + std::to_string(version), where};
    if (length > bytes.size() - start)
        return Error{ErrorCode::FileTruncated, "it ends inside the header", where};
    const std::string_view header = bytes.substr(start, length);
    const std::string_view described = entry(header, "descr");
    const size_t close = described.empty() ? std::string_view::npos : described.find(described[0], 1);
    if (close == std::string_view::npos || close < 4)
        return Error{ErrorCode::ParseFailed, "its header has no simple descr", where};
    const std::string_view code = described.substr(2, close - 2);
    const Kind* kind = nullptr;
    for (const Kind& candidate : kinds)
        if (code == candidate.code)
            kind = &candidate;
    if (!kind || described[1] == '>')
        return Error{ErrorCode::NotSupported, "values of type " + std::string(described.substr(1, close - 1)), where};
    return Header{header, kind, start + length};
}

}  // namespace

Result<DType> npyType(const std::filesystem::path& path)
{
    constexpr size_t most = size_t{1} << 16;
    const std::string head = readHead(path, most);
    QS_TRY(const Header header, headerOf(head, path.string()));
    return header.kind->dtype;
}

Result<Buffer> parseNpy(std::string_view bytes, const std::string& where)
{
    QS_TRY(const Header header, headerOf(bytes, where));
    const Kind* kind = header.kind;
    const std::string_view content = bytes.substr(header.end);
    QS_TRY(const Shape shape, headerShape(header.text, where));

    const size_t size = kind->doubles ? 8 : dtypeSize(kind->dtype);
    const auto count = static_cast<size_t>(elementCount(shape));
    if (content.size() < count * size)
        return Error{ErrorCode::FileTruncated,
                     "it should hold " + std::to_string(count * size) + " bytes of values, it has " + std::to_string(content.size()), where};
    Buffer buffer(kind->dtype, shape);
    if (kind->doubles) {
        for (size_t i = 0; i < count; ++i) {
            double value = 0;
            std::memcpy(&value, content.data() + i * size, size);
            buffer.floats()[i] = static_cast<float>(value);
        }
    } else {
        std::memcpy(buffer.bytes(), content.data(), count * size);
    }
    return entry(header.text, "fortran_order").starts_with("True") ? reordered(buffer) : buffer;
}

Result<Buffer> readNpy(const std::filesystem::path& path)
{
    QS_TRY(const std::string bytes, readFile(path, largestArray));
    try {
        return parseNpy(bytes, path.string());
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, "its values take " + std::to_string(bytes.size()) + " bytes", path.string()};
    }
}

std::string npyHeader(DType dtype, const Shape& dimensions)
{
    std::string shape;
    for (const int64_t dimension : dimensions)
        shape += std::to_string(dimension) + ", ";
    if (dimensions.size() > 1)
        shape.resize(shape.size() - 2);
    else if (!shape.empty())
        shape.resize(shape.size() - 1);
    const char* code = "f4";
    for (const Kind& kind : kinds)
        if (kind.dtype == dtype && !kind.doubles)
            code = kind.code;
    const bool single = dtypeSize(dtype) == 1;
    std::string header = std::string("{'descr': '") + (single ? "|" : "<") + code + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    header.append(63 - (10 + header.size()) % 64, ' ');
    header += '\n';
    std::string bytes(magic);
    bytes += {'\1', '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
    return bytes + header;
}

std::string npyBytes(const Buffer& buffer)
{
    std::string bytes = npyHeader(buffer.dtype(), buffer.shape());
    bytes.append(reinterpret_cast<const char*>(buffer.bytes()), buffer.sizeBytes());
    return bytes;
}

Buffer toFloat(const Buffer& buffer)
{
    if (buffer.dtype() == DType::F32)
        return buffer;
    Buffer result(DType::F32, buffer.shape());
    switch (buffer.dtype()) {
        case DType::F32:
            break;
        case DType::F16: {
            const std::span<const uint16_t> halves = buffer.as<uint16_t>();
            for (size_t i = 0; i < halves.size(); ++i)
                result.floats()[i] = halfToFloat(halves[i]);
            break;
        }
        case DType::I8:
            widen<int8_t>(buffer, result);
            break;
        case DType::U8:
            widen<uint8_t>(buffer, result);
            break;
        case DType::I16:
            widen<int16_t>(buffer, result);
            break;
        case DType::I32:
            widen<int32_t>(buffer, result);
            break;
        case DType::I64:
            widen<int64_t>(buffer, result);
            break;
        case DType::U64:
            widen<uint64_t>(buffer, result);
            break;
    }
    return result;
}

}  // namespace qs
