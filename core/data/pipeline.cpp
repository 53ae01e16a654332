#include "core/base/file.h"
#include "core/data/codec.h"
#include "core/data/npy.h"
#include "core/data/sources.h"
#include "core/import/caffe/mean_image.h"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>

#include <cmath>
#include <mutex>

namespace qs::data {

namespace {

void quietOpenCv()
{
    static std::once_flag once;
    std::call_once(once, [] {
        cv::setNumThreads(1);
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    });
}

Error unreadable(const std::string& where, std::string detail)
{
    return {ErrorCode::DataUnreadable, std::move(detail), where};
}

Result<cv::Mat> decode(const std::filesystem::path& file)
{
    quietOpenCv();
    auto bytes = readFile(file, uint64_t{1} << 30);
    if (!bytes)
        return unreadable(file.string(), bytes.error().detail);
    if (bytes->empty())
        return unreadable(file.string(), "it is empty");
    QS_TRY(PictureCodec * codec, pictureCodec());
    const auto decoded = codec->decode(*bytes);
    if (!decoded)
        return unreadable(file.string(), decoded.error().detail);
    const auto rows = static_cast<int>(decoded->shape()[0]);
    const auto columns = static_cast<int>(decoded->shape()[1]);
    return cv::Mat(rows, columns, CV_8UC3, const_cast<std::byte*>(decoded->bytes())).clone();
}

/// Width and height of the crop's or resize's target, from the network's shape.
std::pair<int, int> networkSize(const Shape& target, bool transpose)
{
    const auto height = static_cast<int>(target[1]);
    const auto width = static_cast<int>(target[2]);
    return transpose ? std::pair(height, width) : std::pair(width, height);
}

cv::Mat resized(const cv::Mat& image, int width, int height)
{
    if (image.cols == width && image.rows == height)
        return image;
    cv::Mat result;
    cv::resize(image, result, cv::Size(width, height), 0, 0, cv::INTER_LINEAR);
    return result;
}

Result<cv::Mat> shaped(cv::Mat image, const Preprocess& preprocess, const Shape& target)
{
    if (preprocess.resizeShort) {
        const double ratio = static_cast<double>(*preprocess.resizeShort) / std::min(image.cols, image.rows);
        const auto side = [&](int extent) { return std::max(*preprocess.resizeShort, static_cast<int>(std::lround(extent * ratio))); };
        image = resized(image, side(image.cols), side(image.rows));
    }
    if (preprocess.resize)
        image = resized(image, preprocess.resize->first, preprocess.resize->second);
    if (preprocess.crop) {
        const auto [width, height] = *preprocess.crop;
        if (width > image.cols || height > image.rows)
            return unreadable({}, "the crop " + std::to_string(width) + "x" + std::to_string(height) + " is larger than the picture " +
                                      std::to_string(image.cols) + "x" + std::to_string(image.rows));
        image = image(cv::Rect((image.cols - width) / 2, (image.rows - height) / 2, width, height));
    }
    // Without any wish the network's own size is meant; after a resize of the short side, its centre.
    if (!preprocess.resize && !preprocess.crop && target.size() == 3) {
        const auto [width, height] = networkSize(target, preprocess.transpose);
        if (preprocess.resizeShort && width <= image.cols && height <= image.rows)
            image = image(cv::Rect((image.cols - width) / 2, (image.rows - height) / 2, width, height));
        else
            image = resized(image, width, height);
    }
    return image;
}

Buffer rgbBuffer(const cv::Mat& bgr)
{
    cv::Mat rgb;
    cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
    Buffer buffer(DType::U8, {rgb.rows, rgb.cols, 3});
    std::copy(rgb.datastart, rgb.dataend, buffer.as<uint8_t>().begin());
    return buffer;
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
    quietOpenCv();
    Pipeline pipeline;
    pipeline.m_preprocess = preprocess;
    pipeline.m_target = sampleShape(inputShape);
    const int64_t channels = preprocess.color == ColorOrder::Gray ? 1 : 3;
    const Shape& target = pipeline.m_target;
    if (target.size() == 3 && target[0] != channels)
        return Error{ErrorCode::ShapeMismatch,
                     "the network takes " + std::to_string(target[0]) + " channels, the colour order gives " + std::to_string(channels),
                     {}};
    if (!preprocess.mean.empty() && preprocess.mean.size() != 1 && static_cast<int64_t>(preprocess.mean.size()) != channels)
        return Error{ErrorCode::ShapeMismatch,
                     "the mean has " + std::to_string(preprocess.mean.size()) + " values for " + std::to_string(channels) + " channels",
                     {}};
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
    QS_TRY(const cv::Mat image, decode(file));
    auto result = shaped(image, m_preprocess, m_target);
    if (!result) {
        Error error = result.error();
        error.where = file.string();
        return error;
    }
    return rgbBuffer(*result);
}

Result<Buffer> Pipeline::picture(const Buffer& pixels) const
{
    const auto height = static_cast<int>(pixels.shape()[0]);
    const auto width = static_cast<int>(pixels.shape()[1]);
    const bool gray = pixels.shape()[2] == 1;
    const cv::Mat view(height, width, gray ? CV_8UC1 : CV_8UC3, const_cast<std::byte*>(pixels.bytes()));
    cv::Mat bgr;
    cv::cvtColor(view, bgr, gray ? cv::COLOR_GRAY2BGR : cv::COLOR_RGB2BGR);
    QS_TRY(const cv::Mat image, shaped(bgr, m_preprocess, m_target));
    return rgbBuffer(image);
}

Result<Buffer> Pipeline::sample(const Buffer& picture) const
{
    const auto height = static_cast<size_t>(picture.shape()[0]);
    const auto width = static_cast<size_t>(picture.shape()[1]);
    const bool gray = m_preprocess.color == ColorOrder::Gray;
    cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC3, const_cast<std::byte*>(picture.bytes()));
    if (gray)
        cv::cvtColor(pixels, pixels, cv::COLOR_RGB2GRAY);
    const size_t channels = gray ? 1 : 3;
    const size_t rows = m_preprocess.transpose ? width : height;
    const size_t columns = m_preprocess.transpose ? height : width;
    Buffer buffer(DType::F32, {static_cast<int64_t>(channels), static_cast<int64_t>(rows), static_cast<int64_t>(columns)});
    if (!m_mean.empty() && m_mean.shape() != buffer.shape())
        return Error{ErrorCode::ShapeMismatch, "the mean image is " + shapeText(m_mean.shape()) + ", the sample is " + shapeText(buffer.shape()), {}};
    const auto scale = static_cast<float>(m_preprocess.scale);
    const std::vector<double>& mean = m_preprocess.mean;
    size_t at = 0;
    for (size_t c = 0; c < channels; ++c) {
        const size_t plane = m_preprocess.color == ColorOrder::Bgr ? 2 - c : c;
        const auto value = static_cast<float>(mean.empty() ? 0 : mean[mean.size() == 1 ? 0 : c]);
        for (size_t y = 0; y < rows; ++y)
            for (size_t x = 0; x < columns; ++x, ++at) {
                const size_t row = m_preprocess.transpose ? x : y;
                const size_t column = m_preprocess.transpose ? y : x;
                const float pixel = pixels.data[(row * width + column) * channels + plane];
                buffer.floats()[at] = (pixel - value - (m_mean.empty() ? 0.0F : m_mean.floats()[at])) * scale;
            }
    }
    return buffer;
}

std::string pictureProblem(const std::filesystem::path& file, bool decodeIt)
{
    quietOpenCv();
    if (decodeIt) {
        const auto image = decode(file);
        return image ? std::string() : image.error().detail;
    }
    const auto codec = pictureCodec();
    if (!codec)
        return codec.error().detail;
    return (*codec)->recognises(file) ? std::string() : "it is not a picture";
}

}  // namespace qs::data
