// Decoding, resizing, marking and encoding of pictures, in a module of its own (core/base/module.h says why).
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace qs {

/// A rectangle in pixels; what lies outside of the picture is not drawn.
struct PictureBox {
    float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    std::array<uint8_t, 3> color{};  ///< red, green, blue
    std::string text;                ///< ASCII, above the box or
    bool textBelow = false;          ///< below it
};

class PictureCodec {
public:
    virtual ~PictureCodec() = default;
    /// 8-bit RGB HWC from an encoded picture; errors carry a detail only. The caller has looked at its header (data/picture_header.h): the library
    /// would decode some thirty formats more, of any size.
    virtual Result<Buffer> decode(std::string_view bytes) = 0;
    /// 8-bit HWC to another size, bilinear (OpenCV's INTER_LINEAR, as Caffe users' pipelines resize).
    virtual Buffer resize(const Buffer& picture, int width, int height) = 0;
    /// Luma of 8-bit RGB HWC: HW1 (OpenCV's weights).
    virtual Buffer gray(const Buffer& picture) = 0;
    /// A copy of 8-bit RGB HWC with boxes on it.
    virtual Buffer drawBoxes(const Buffer& picture, std::span<const PictureBox> boxes) = 0;
    /// 8-bit RGB HWC as PNG; errors carry a detail only.
    virtual Result<std::string> encodePng(const Buffer& picture) = 0;
};

/// Opened at first use; thread-safe. Errors: EngineUnavailable.
Result<PictureCodec*> pictureCodec();

}  // namespace qs
