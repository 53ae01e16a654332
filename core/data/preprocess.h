// From a picture file to the network's input, the way Caffe users' pipelines do it.
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace qs {

enum class ColorOrder : uint8_t { Bgr, Rgb, Gray };

/// Applied in this order: colour, resize, crop, (pixel - mean) * scale, to CHW float. (A standard deviation is 1 / scale.)
struct Preprocess {
    ColorOrder color = ColorOrder::Bgr;
    std::optional<int> resizeShort;             ///< short side in pixels, aspect kept
    std::optional<std::pair<int, int>> resize;  ///< width, height: aspect not kept
    std::optional<std::pair<int, int>> crop;    ///< width, height: centre
    std::vector<double> mean;                   ///< one value, or one per channel in `color`'s order
    std::filesystem::path meanFile;             ///< .npy (CHW float32) or .binaryproto; subtracted after the crop
    std::vector<double> scale;                  ///< one value, or one per channel in `color`'s order; empty: 1
    int batch = 1;                              ///< samples a batch: batch_num counts batches of this size
    bool transpose = false;                     ///< swap height and width (MTCNN)
    bool operator==(const Preprocess&) const = default;
};

/// The JSON of --preprocess and of the project file; keys: color, resizeShort, resize [w,h], crop [w,h], mean, meanFile, scale
/// (or std, which divides), batch, transpose.
std::string preprocessToJson(const Preprocess& preprocess);
/// What standard deviations, one or one a channel, come to. Errors: OutOfRange.
Result<std::vector<double>> scaleOfDeviations(const std::vector<double>& deviations);
Result<Preprocess> preprocessFromJson(const std::string& json, const std::string& fileName);

}  // namespace qs
