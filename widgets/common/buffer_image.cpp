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

KernelTiles kernelTiles(const Shape& weights)
{
    KernelTiles tiles;
    if (weights.size() < 2)
        return tiles;
    const auto side = [&](size_t axis) { return axis < weights.size() ? static_cast<int>(weights[axis]) : 1; };
    const int inputs = static_cast<int>(weights[1]);
    tiles.height = side(2);
    tiles.width = side(3);
    for (size_t axis = 4; axis < weights.size(); ++axis)
        tiles.width *= side(axis);
    tiles.rows = 1;
    for (int rows = 1; rows * rows <= inputs; ++rows)
        if (inputs % rows == 0)
            tiles.rows = rows;
    tiles.columns = inputs / tiles.rows;
    return tiles;
}

Buffer kernelsSideBySide(const Buffer& weights)
{
    const KernelTiles tiles = kernelTiles(weights.shape());
    const int64_t outputs = weights.shape().empty() ? 0 : weights.shape().front();
    const int64_t height = int64_t{tiles.rows} * tiles.height;
    const int64_t width = int64_t{tiles.columns} * tiles.width;
    if (weights.dtype() != DType::F32 || outputs * height * width != weights.count())
        return {};
    Buffer shown(DType::F32, {1, outputs, height, width});
    const float* from = weights.floats().data();
    for (int64_t output = 0; output < outputs; ++output)
        for (int input = 0; input < tiles.rows * tiles.columns; ++input)
            for (int y = 0; y < tiles.height; ++y, from += tiles.width)
                std::copy_n(from, tiles.width,
                            shown.floats().data() + (output * height + int64_t{input / tiles.columns} * tiles.height + y) * width +
                                int64_t{input % tiles.columns} * tiles.width);
    return shown;
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
