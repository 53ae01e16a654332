#include "core/data/picture_header.h"

#include <optional>
#include <string>

namespace qs::data {

namespace {

constexpr std::string_view jpegStart("\xff\xd8\xff", 3);
constexpr std::string_view pngStart("\x89PNG\r\n\x1a\n", 8);
constexpr std::string_view bmpStart("BM", 2);

Error unreadable(std::string detail)
{
    return {ErrorCode::DataUnreadable, std::move(detail), {}};
}

uint32_t byteAt(std::string_view bytes, size_t at)
{
    return static_cast<unsigned char>(bytes[at]);
}

uint32_t bigEndian(std::string_view bytes, size_t at, size_t count)
{
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i)
        value = value << 8 | byteAt(bytes, at + i);
    return value;
}

uint32_t littleEndian(std::string_view bytes, size_t at, size_t count)
{
    uint32_t value = 0;
    for (size_t i = count; i-- > 0;)
        value = value << 8 | byteAt(bytes, at + i);
    return value;
}

using Size = std::optional<std::pair<int64_t, int64_t>>;  ///< width, height

/// The frame header stands behind segments of any size (a camera's thumbnail, a colour profile).
Size jpegSize(std::string_view bytes)
{
    size_t at = 2;
    while (at + 4 <= bytes.size()) {
        if (byteAt(bytes, at) != 0xFF)
            return std::nullopt;
        const uint32_t marker = byteAt(bytes, at + 1);
        if (marker == 0xFF) {  // fill
            ++at;
            continue;
        }
        const bool alone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
        if (alone) {
            at += 2;
            continue;
        }
        // SOF0 to SOF15 but for the tables in between.
        if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
            if (at + 9 > bytes.size())
                return std::nullopt;
            return std::pair<int64_t, int64_t>(bigEndian(bytes, at + 7, 2), bigEndian(bytes, at + 5, 2));
        }
        // The end, or pixels before any frame.
        if (marker == 0xD9 || marker == 0xDA)
            return std::nullopt;
        at += 2 + bigEndian(bytes, at + 2, 2);
    }
    return std::nullopt;
}

Size pngSize(std::string_view bytes)
{
    if (bytes.size() < 24 || bytes.substr(12, 4) != "IHDR")
        return std::nullopt;
    return std::pair<int64_t, int64_t>(bigEndian(bytes, 16, 4), bigEndian(bytes, 20, 4));
}

Size bmpSize(std::string_view bytes)
{
    if (bytes.size() < 26)
        return std::nullopt;
    if (littleEndian(bytes, 14, 4) == 12)
        return std::pair<int64_t, int64_t>(littleEndian(bytes, 18, 2), littleEndian(bytes, 20, 2));
    // Signed; a negative height counts the rows from the top.
    const auto width = static_cast<int32_t>(littleEndian(bytes, 18, 4));
    const int64_t height = static_cast<int32_t>(littleEndian(bytes, 22, 4));
    return std::pair<int64_t, int64_t>(width, height < 0 ? -height : height);
}

}  // namespace

bool beginsAsPicture(std::string_view bytes)
{
    return bytes.starts_with(jpegStart) || bytes.starts_with(pngStart) || bytes.starts_with(bmpStart);
}

Result<PictureHeader> pictureHeader(std::string_view bytes)
{
    if (!beginsAsPicture(bytes))
        return unreadable("it is not a JPEG, PNG or BMP picture");
    PictureHeader header;
    header.format = bytes.starts_with(jpegStart) ? PictureFormat::Jpeg : bytes.starts_with(pngStart) ? PictureFormat::Png : PictureFormat::Bmp;
    const Size size = header.format == PictureFormat::Jpeg ? jpegSize(bytes) : header.format == PictureFormat::Png ? pngSize(bytes) : bmpSize(bytes);
    if (!size || size->first < 1 || size->second < 1)
        return unreadable("its header is damaged");
    header.width = size->first;
    header.height = size->second;
    // Not multiplied: sides of 32 bits give a product of 64.
    if (header.width > mostPixels / header.height)
        return unreadable("it has " + std::to_string(header.width) + "x" + std::to_string(header.height) + " pixels; " + std::to_string(mostPixels) +
                          " are decoded at most: make it smaller");
    return header;
}

}  // namespace qs::data
