// libquantscope_pictures.so: OpenCV's imgcodecs and imgproc.
#include "core/data/codec.h"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <new>

namespace qs {

namespace {

cv::Mat matOf(const Buffer& picture)
{
    const auto channels = static_cast<int>(picture.shape()[2]);
    return {static_cast<int>(picture.shape()[0]), static_cast<int>(picture.shape()[1]), CV_8UC(channels), const_cast<std::byte*>(picture.bytes())};
}

Buffer bufferOf(const cv::Mat& image)
{
    Buffer buffer(DType::U8, {image.rows, image.cols, image.channels()});
    const int width = image.cols * image.channels();
    for (int row = 0; row < image.rows; ++row)
        std::copy_n(image.ptr<uint8_t>(row), width, buffer.as<uint8_t>().data() + static_cast<std::ptrdiff_t>(row) * width);
    return buffer;
}

class OpenCvCodec final : public PictureCodec {
public:
    OpenCvCodec()
    {
        cv::setNumThreads(1);
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    }

    Result<Buffer> decode(std::string_view bytes) override
    {
        try {
            if (bytes.size() > INT32_MAX)
                return Error{ErrorCode::DataUnreadable, "it has " + std::to_string(bytes.size()) + " bytes", {}};
            const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
            cv::Mat image = cv::imdecode(raw, cv::IMREAD_COLOR);
            if (image.empty())
                return Error{ErrorCode::DataUnreadable, "it is not a picture that can be decoded", {}};
            cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
            return bufferOf(image);
        } catch (const cv::Exception& exception) {
            return Error{ErrorCode::DataUnreadable, exception.err, {}};
        } catch (const std::bad_alloc&) {
            return Error{ErrorCode::OutOfMemory, "decoding a picture", {}};
        }
    }

    Buffer resize(const Buffer& picture, int width, int height) override
    {
        cv::Mat result;
        cv::resize(matOf(picture), result, cv::Size(width, height), 0, 0, cv::INTER_LINEAR);
        return bufferOf(result);
    }

    Buffer gray(const Buffer& picture) override
    {
        cv::Mat result;
        cv::cvtColor(matOf(picture), result, cv::COLOR_RGB2GRAY);
        return bufferOf(result);
    }

    Buffer drawBoxes(const Buffer& picture, std::span<const PictureBox> boxes) override
    {
        cv::Mat image = matOf(picture).clone();
        // OpenCV draws in fixed point: far corners must not overflow it.
        const auto at = [&](float x, float y) {
            constexpr float far = 16384;
            return cv::Point(static_cast<int>(std::clamp(x, -far, far)), static_cast<int>(std::clamp(y, -far, far)));
        };
        for (const PictureBox& box : boxes) {
            const cv::Scalar color(box.color[0], box.color[1], box.color[2]);
            cv::rectangle(image, at(box.x1, box.y1), at(box.x2, box.y2), color, 2);
            if (!box.text.empty())
                cv::putText(image, box.text, at(box.x1, box.textBelow ? box.y2 + 14 : box.y1 - 4), cv::FONT_HERSHEY_SIMPLEX, 0.45, color, 1,
                            cv::LINE_AA);
        }
        return bufferOf(image);
    }

    Result<std::string> encodePng(const Buffer& picture) override
    {
        try {
            cv::Mat image;
            cv::cvtColor(matOf(picture), image, cv::COLOR_RGB2BGR);
            std::vector<uint8_t> bytes;
            if (!cv::imencode(".png", image, bytes))
                return Error{ErrorCode::Internal, "the picture cannot be written as PNG", {}};
            return std::string(bytes.begin(), bytes.end());
        } catch (const cv::Exception& exception) {
            return Error{ErrorCode::Internal, exception.err, {}};
        }
    }
};

}  // namespace

}  // namespace qs

extern "C" __attribute__((visibility("default"))) qs::PictureCodec* quantscopePictureCodec()
{
    static qs::OpenCvCodec codec;
    return &codec;
}
