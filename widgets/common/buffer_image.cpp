#include "widgets/common/buffer_image.h"

#include "widgets/common/theme.h"

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

struct Planes {
    int channels = 0;
    int height = 0;
    int width = 0;
};

Planes planesOf(const Shape& shape)
{
    const auto at = [&](size_t fromEnd) { return shape.size() >= fromEnd ? static_cast<int>(shape[shape.size() - fromEnd]) : 1; };
    if (shape.size() >= 3 && at(1) * at(2) > 1)
        return {at(3), at(2), at(1)};
    // A vector is drawn as one picture, near a square.
    const int count = static_cast<int>(elementCount(shape));
    const int width = std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count)))));
    return {1, (count + width - 1) / width, width};
}

}  // namespace

int channelCount(const Buffer& tensor)
{
    return tensor.empty() ? 0 : planesOf(tensor.shape()).channels;
}

QImage pictureImage(const Buffer& picture)
{
    if (picture.empty() || picture.dtype() != DType::U8 || picture.shape().size() < 2)
        return {};
    const int height = static_cast<int>(picture.shape()[0]);
    const int width = static_cast<int>(picture.shape()[1]);
    const int channels = picture.shape().size() > 2 ? static_cast<int>(picture.shape()[2]) : 1;
    const auto* bytes = reinterpret_cast<const uchar*>(picture.bytes());
    if (channels == 3)
        return QImage(bytes, width, height, width * 3, QImage::Format_RGB888).copy();
    if (channels == 1)
        return QImage(bytes, width, height, width, QImage::Format_Grayscale8).copy();
    return {};
}

QImage tensorImage(const Buffer& sample, bool swapRedBlue)
{
    if (sample.empty() || sample.dtype() != DType::F32)
        return {};
    const Planes p = planesOf(sample.shape());
    const auto values = sample.floats();
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const float factor = *high > *low ? 255 / (*high - *low) : 0;
    const auto plane = static_cast<size_t>(p.height) * static_cast<size_t>(p.width);
    QImage image(p.width, p.height, QImage::Format_RGB32);
    for (int y = 0; y < p.height; ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < p.width; ++x) {
            const size_t at = static_cast<size_t>(y) * static_cast<size_t>(p.width) + static_cast<size_t>(x);
            const auto level = [&](size_t channel) {
                const size_t index = channel * plane + at;
                return index < values.size() ? static_cast<int>((values[index] - *low) * factor) : 0;
            };
            if (p.channels == 3)
                line[x] = swapRedBlue ? qRgb(level(2), level(1), level(0)) : qRgb(level(0), level(1), level(2));
            else
                line[x] = qRgb(level(0), level(0), level(0));
        }
    }
    return image;
}

QImage channelImage(const Buffer& tensor, int channel, float low, float high, bool signedScale)
{
    if (tensor.empty() || tensor.dtype() != DType::F32)
        return {};
    const Planes p = planesOf(tensor.shape());
    if (channel < 0 || channel >= p.channels)
        return {};
    const auto values = tensor.floats();
    const auto plane = static_cast<size_t>(p.height) * static_cast<size_t>(p.width);
    const float span = std::max(high - low, 1e-30F);
    QImage image(p.width, p.height, QImage::Format_RGB32);
    const QColor less = categoryColor(0);
    const QColor more = categoryColor(5);
    const QColor middle = theme().background;
    QRgb table[256];
    for (int i = 0; i < 256; ++i) {
        const double t = i / 255.0;
        const QColor color = !signedScale ? QColor(i, i, i) : t < 0.5 ? mixed(less, middle, t * 2) : mixed(middle, more, t * 2 - 1);
        table[i] = color.rgb();
    }
    for (int y = 0; y < p.height; ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < p.width; ++x) {
            const size_t index =
                static_cast<size_t>(channel) * plane + static_cast<size_t>(y) * static_cast<size_t>(p.width) + static_cast<size_t>(x);
            // A vector's last row may have room to spare.
            line[x] = index < values.size() ? table[std::clamp(static_cast<int>((values[index] - low) / span * 255), 0, 255)] : middle.rgb();
        }
    }
    return image;
}

}  // namespace qs
