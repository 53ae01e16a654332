#include "core/base/file.h"
#include "core/data/codec.h"
#include "core/data/npy.h"
#include "core/data/picture_header.h"
#include "core/data/sources.h"
#include "core/import/caffe/mean_image.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace qs::data {

namespace {

Error unreadable(const std::string& where, std::string detail)
{
    return {ErrorCode::DataUnreadable, std::move(detail), where};
}

constexpr int64_t mostPixels = int64_t{1} << 26;  ///< of a resized picture

/// 8-bit RGB HWC.
Result<Buffer> decode(const std::filesystem::path& file)
{
    auto bytes = readFile(file, uint64_t{1} << 30);
    if (!bytes)
        return unreadable(file.string(), bytes.error().detail);
    auto decoded = decodePicture(*bytes);
    if (!decoded)
        return unreadable(file.string(), decoded.error().detail);
    return decoded;
}

/// Width and height of the crop's or resize's target, from the network's shape.
std::pair<int, int> networkSize(const Shape& target, bool transpose)
{
    const auto height = static_cast<int>(target[1]);
    const auto width = static_cast<int>(target[2]);
    return transpose ? std::pair(height, width) : std::pair(width, height);
}

int64_t widthOf(const Buffer& image)
{
    return image.shape()[1];
}

int64_t heightOf(const Buffer& image)
{
    return image.shape()[0];
}

Result<Buffer> resized(const Buffer& image, int width, int height)
{
    if (widthOf(image) == width && heightOf(image) == height)
        return image;
    if (static_cast<int64_t>(width) * height > mostPixels)
        return Error{
            ErrorCode::OutOfRange, "a picture of " + std::to_string(width) + "x" + std::to_string(height) + " is larger than any network takes", {}};
    QS_TRY(PictureCodec * codec, pictureCodec());
    return codec->resize(image, width, height);
}

/// The centre; the picture must be as large.
Buffer cropped(const Buffer& image, int64_t width, int64_t height)
{
    Buffer result(DType::U8, {height, width, image.shape()[2]});
    const int64_t left = (widthOf(image) - width) / 2;
    const int64_t top = (heightOf(image) - height) / 2;
    const int64_t pixel = image.shape()[2];
    for (int64_t row = 0; row < height; ++row)
        std::copy_n(image.as<uint8_t>().data() + ((top + row) * widthOf(image) + left) * pixel, width * pixel,
                    result.as<uint8_t>().data() + row * width * pixel);
    return result;
}

Result<Buffer> shaped(Buffer image, const Preprocess& preprocess, const Shape& target)
{
    if (preprocess.resizeShort) {
        const double ratio = static_cast<double>(*preprocess.resizeShort) / static_cast<double>(std::min(widthOf(image), heightOf(image)));
        const auto side = [&](int64_t extent) {
            return std::max(*preprocess.resizeShort, static_cast<int>(std::lround(static_cast<double>(extent) * ratio)));
        };
        QS_TRY(image, resized(image, side(widthOf(image)), side(heightOf(image))));
    }
    if (preprocess.resize) {
        QS_TRY(image, resized(image, preprocess.resize->first, preprocess.resize->second));
    }
    if (preprocess.crop) {
        const auto [width, height] = *preprocess.crop;
        if (width > widthOf(image) || height > heightOf(image))
            return unreadable({}, "the crop " + std::to_string(width) + "x" + std::to_string(height) + " is larger than the picture " +
                                      std::to_string(widthOf(image)) + "x" + std::to_string(heightOf(image)));
        image = cropped(image, width, height);
    }
    // Without any wish the network's own size is meant; after a resize of the short side, its centre.
    if (!preprocess.resize && !preprocess.crop && target.size() == 3) {
        const auto [width, height] = networkSize(target, preprocess.transpose);
        if (preprocess.resizeShort && width <= widthOf(image) && height <= heightOf(image))
            return cropped(image, width, height);
        return resized(image, width, height);
    }
    return image;
}

Result<Buffer> meanImage(const std::filesystem::path& path)
{
    if (path.extension() != ".npy")
        return caffe::readMeanImage(path);
    QS_TRY(const Buffer raw, readNpy(path));
    return toFloat(raw);
}

}  // namespace

Shape sampleShape(const Shape& inputShape)
{
    if (inputShape.size() == 3)
        return inputShape;
    if (inputShape.size() == 4)
        return {inputShape.begin() + 1, inputShape.end()};
    return {};
}

Result<Pipeline> Pipeline::make(const Preprocess& preprocess, const Shape& inputShape)
{
    Pipeline pipeline;
    pipeline.m_preprocess = preprocess;
    pipeline.m_target = sampleShape(inputShape);
    const int64_t channels = preprocess.color == ColorOrder::Gray ? 1 : 3;
    const Shape& target = pipeline.m_target;
    if (target.size() == 3 && target[0] != channels)
        return Error{ErrorCode::ShapeMismatch,
                     "the network takes " + std::to_string(target[0]) + " channels, the colour order gives " + std::to_string(channels),
                     {}};
    const std::pair<const char*, const std::vector<double>*> lists[] = {{"mean", &preprocess.mean}, {"scale", &preprocess.scale}};
    for (const auto& [name, list] : lists)
        if (list->size() > 1 && static_cast<int64_t>(list->size()) != channels)
            return Error{
                ErrorCode::ShapeMismatch,
                "the " + std::string(name) + " has " + std::to_string(list->size()) + " values for " + std::to_string(channels) + " channels",
                "--" + std::string(name)};
    if (std::any_of(preprocess.scale.begin(), preprocess.scale.end(), [](double scale) { return !std::isfinite(scale); }))
        return Error{ErrorCode::InvalidNumber, "the scale is not a number", "--scale"};
    if (!preprocess.meanFile.empty()) {
        QS_TRY(Buffer mean, meanImage(preprocess.meanFile));
        if (mean.shape().size() == 4 && mean.shape()[0] == 1)
            mean = mean.reshaped({mean.shape().begin() + 1, mean.shape().end()});
        if (mean.shape().size() != 3 || (target.size() == 3 && mean.shape() != target))
            return Error{ErrorCode::ShapeMismatch, "the mean image is " + shapeText(mean.shape()) + ", samples are " + shapeText(target),
                         preprocess.meanFile.string()};
        pipeline.m_mean = std::move(mean);
    }
    return pipeline;
}

Result<Buffer> Pipeline::picture(const std::filesystem::path& file) const
{
    QS_TRY(const Buffer image, decode(file));
    auto result = shaped(image, m_preprocess, m_target);
    if (!result)
        return Error{result.error().code, result.error().detail, file.string()};
    return result;
}

Result<Buffer> Pipeline::picture(const Buffer& pixels) const
{
    if (pixels.shape()[2] == 3)
        return shaped(pixels, m_preprocess, m_target);
    Buffer rgb(DType::U8, {pixels.shape()[0], pixels.shape()[1], 3});
    for (size_t i = 0; i < pixels.as<uint8_t>().size(); ++i)
        std::fill_n(rgb.as<uint8_t>().data() + 3 * i, 3, pixels.as<uint8_t>()[i]);
    return shaped(rgb, m_preprocess, m_target);
}

DetectedBox Pipeline::placed(DetectedBox box, int64_t width, int64_t height) const
{
    // Only a cut moves what stands in shares: what is left is its centre.
    const bool cut = m_preprocess.crop || (m_preprocess.resizeShort && m_target.size() == 3);
    double across = static_cast<double>(width);
    double down = static_cast<double>(height);
    if (m_preprocess.resizeShort) {
        const double ratio = *m_preprocess.resizeShort / std::min(across, down);
        across = std::max<double>(*m_preprocess.resizeShort, std::round(across * ratio));
        down = std::max<double>(*m_preprocess.resizeShort, std::round(down * ratio));
    }
    if (m_preprocess.resize)
        std::tie(across, down) = *m_preprocess.resize;
    const auto [kept, high] = m_preprocess.crop ? *m_preprocess.crop : cut ? networkSize(m_target, m_preprocess.transpose) : std::pair(0, 0);
    if (cut && kept <= across && high <= down) {
        const double left = std::floor((across - kept) / 2);
        const double top = std::floor((down - high) / 2);
        const auto move = [](float& share, double extent, double first, double size) {
            share = static_cast<float>((static_cast<double>(share) * extent - first) / size);
        };
        for (float* x : {&box.x1, &box.x2})
            move(*x, across, left, kept);
        for (float* y : {&box.y1, &box.y2})
            move(*y, down, top, high);
    }
    for (float* share : {&box.x1, &box.y1, &box.x2, &box.y2})
        *share = std::clamp(*share, 0.0F, 1.0F);
    return box;
}

Result<Buffer> Pipeline::sample(const Buffer& picture) const
{
    const auto height = static_cast<size_t>(picture.shape()[0]);
    const auto width = static_cast<size_t>(picture.shape()[1]);
    const bool gray = m_preprocess.color == ColorOrder::Gray;
    Buffer pixels = picture;
    if (gray) {
        QS_TRY(pixels, grayPicture(picture));
    }
    const size_t channels = gray ? 1 : 3;
    const size_t rows = m_preprocess.transpose ? width : height;
    const size_t columns = m_preprocess.transpose ? height : width;
    Buffer buffer(DType::F32, {static_cast<int64_t>(channels), static_cast<int64_t>(rows), static_cast<int64_t>(columns)});
    if (!m_mean.empty() && m_mean.shape() != buffer.shape())
        return Error{ErrorCode::ShapeMismatch, "the mean image is " + shapeText(m_mean.shape()) + ", the sample is " + shapeText(buffer.shape()), {}};
    const std::vector<double>& scales = m_preprocess.scale;
    const std::vector<double>& mean = m_preprocess.mean;
    size_t at = 0;
    for (size_t c = 0; c < channels; ++c) {
        const size_t plane = m_preprocess.color == ColorOrder::Bgr ? 2 - c : c;
        const auto scale = static_cast<float>(scales.empty() ? 1 : scales[scales.size() == 1 ? 0 : c]);
        const auto value = static_cast<float>(mean.empty() ? 0 : mean[mean.size() == 1 ? 0 : c]);
        for (size_t y = 0; y < rows; ++y)
            for (size_t x = 0; x < columns; ++x, ++at) {
                const size_t row = m_preprocess.transpose ? x : y;
                const size_t column = m_preprocess.transpose ? y : x;
                const float pixel = pixels.as<uint8_t>()[(row * width + column) * channels + plane];
                buffer.floats()[at] = (pixel - value - (m_mean.empty() ? 0.0F : m_mean.floats()[at])) * scale;
            }
    }
    return buffer;
}

Result<Buffer> decodePicture(std::string_view bytes)
{
    if (bytes.empty())
        return unreadable({}, "it is empty");
    QS_CHECK(pictureHeader(bytes));
    QS_TRY(PictureCodec * codec, pictureCodec());
    return codec->decode(bytes);
}

Result<Buffer> grayPicture(const Buffer& picture)
{
    QS_TRY(PictureCodec * codec, pictureCodec());
    return codec->gray(picture);
}

std::string pictureProblem(const std::filesystem::path& file, bool decodeIt)
{
    if (decodeIt) {
        const auto image = decode(file);
        return image ? std::string() : image.error().detail;
    }
    return beginsAsPicture(readHead(file, 16)) ? std::string() : "it is not a JPEG, PNG or BMP picture";
}

}  // namespace qs::data
