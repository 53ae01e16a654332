// libquantscope_pictures.so: OpenCV's imgcodecs.
#include "core/data/codec.h"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include <algorithm>

namespace qs {

namespace {

class OpenCvCodec final : public PictureCodec {
public:
    OpenCvCodec() { cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT); }

    Result<Buffer> decode(std::string_view bytes) override
    {
        try {
            const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
            const cv::Mat image = cv::imdecode(raw, cv::IMREAD_COLOR);
            if (image.empty())
                return Error{ErrorCode::DataUnreadable, "it is not a picture that can be decoded", {}};
            Buffer buffer(DType::U8, {image.rows, image.cols, 3});
            for (int row = 0; row < image.rows; ++row)
                std::copy_n(image.ptr<uint8_t>(row), image.cols * 3, buffer.as<uint8_t>().data() + static_cast<std::ptrdiff_t>(row) * image.cols * 3);
            return buffer;
        } catch (const cv::Exception& exception) {
            return Error{ErrorCode::DataUnreadable, exception.err, {}};
        }
    }

    bool recognises(const std::filesystem::path& file) override
    {
        try {
            return cv::haveImageReader(file.string());
        } catch (const cv::Exception&) {
            return false;
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
