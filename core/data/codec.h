// Decoding and resizing of pictures, in a module of its own (core/base/module.h says why).
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#include <filesystem>
#include <string_view>

namespace qs {

class PictureCodec {
public:
    virtual ~PictureCodec() = default;
    /// 8-bit RGB HWC from an encoded JPEG, PNG, BMP...; errors carry a detail only.
    virtual Result<Buffer> decode(std::string_view bytes) = 0;
    /// 8-bit HWC to another size, bilinear (OpenCV's INTER_LINEAR, as Caffe users' pipelines resize).
    virtual Buffer resize(const Buffer& picture, int width, int height) = 0;
    /// Luma of 8-bit RGB HWC: HW1 (OpenCV's weights).
    virtual Buffer gray(const Buffer& picture) = 0;
    /// Whether the file starts like a picture.
    virtual bool recognises(const std::filesystem::path& file) = 0;
};

/// Opened at first use; thread-safe. Errors: EngineUnavailable.
Result<PictureCodec*> pictureCodec();

}  // namespace qs
