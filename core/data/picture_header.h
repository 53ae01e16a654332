// What a picture file says about itself before anything is decoded: the only formats that reach the decoders, and how large they claim to be.
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <string_view>

namespace qs::data {

enum class PictureFormat : uint8_t { Jpeg, Png, Bmp };

/// Decoded at most: 64 megapixels, 192 MiB of 8-bit RGB. A file of some kilobytes can claim a thousand times that.
constexpr int64_t mostPixels = int64_t{1} << 26;

struct PictureHeader {
    PictureFormat format = PictureFormat::Jpeg;
    int64_t width = 0;
    int64_t height = 0;
};

/// Whether the bytes begin as one of the formats does; the name of the file says nothing.
bool beginsAsPicture(std::string_view bytes);

/// Errors (a detail only): DataUnreadable for another format, a header that is cut or has no size, more than mostPixels.
/// Sources: ITU-T T.81 annex B (JPEG); W3C PNG, 11.2.2; BITMAPCOREHEADER and BITMAPINFOHEADER.
Result<PictureHeader> pictureHeader(std::string_view bytes);

}  // namespace qs::data
