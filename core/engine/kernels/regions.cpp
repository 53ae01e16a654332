// Poolings of regions of a picture, and what puts pooled values back.
#include "core/base/parallel.h"
#include "core/engine/kernels/kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qs::kernels {

namespace {

Result<void> checkPictures(std::span<const float> rois, int64_t batch)
{
    for (size_t r = 0; r < rois.size() / 5; ++r)
        if (const float picture = rois[r * 5]; !(picture >= 0 && picture < static_cast<float>(batch)))
            return Error{ErrorCode::OutOfRange,
                         "region " + std::to_string(r) + " is of picture " + std::to_string(picture) + ", the batch has " + std::to_string(batch),
                         {}};
    return {};
}

/// A coordinate as a pixel's number; far outside (or not a number) it stays representable.
int64_t pixelOf(float position)
{
    constexpr float limit = 1e9F;
    return std::isnan(position) ? 0 : static_cast<int64_t>(std::clamp(position, -limit, limit));
}

/// The pixels [begin, end) of bin `index` of `bins` that start at `start` and are `size` long each.
struct Bin {
    int64_t begin, end;
    Bin(float start, float size, int64_t index, int64_t extent)
        : begin(std::clamp<int64_t>(pixelOf(std::floor(static_cast<float>(index) * size + start)), 0, extent)),
          end(std::clamp<int64_t>(pixelOf(std::ceil(static_cast<float>(index + 1) * size + start)), 0, extent))
    {
    }
};

/// Fast R-CNN's: corners are pixels.
struct RoundedSide {
    float start, size;
    RoundedSide(float from, float to, float scale, int64_t bins)
    {
        const auto first = static_cast<float>(pixelOf(std::round(from * scale)));
        const auto last = static_cast<float>(pixelOf(std::round(to * scale)));
        start = first;
        size = std::max(last - first + 1, 1.0F) / static_cast<float>(bins);
    }
    /// Rounded within the region first, as the original does, then moved.
    Bin bin(int64_t index, int64_t extent) const
    {
        Bin inside(0, size, index, std::numeric_limits<int32_t>::max());
        const auto offset = static_cast<int64_t>(start);
        inside.begin = std::clamp<int64_t>(inside.begin + offset, 0, extent);
        inside.end = std::clamp<int64_t>(inside.end + offset, 0, extent);
        return inside;
    }
};

struct AlignedSide {
    float start, size;
    int64_t samples;
};

AlignedSide alignedSide(float from, float to, float scale, int64_t bins, int64_t ratio, bool inclusive, bool halfPixel)
{
    const float half = halfPixel ? 0.5F : 0.0F;
    const float start = from * scale - half;
    const float extra = inclusive ? 1.0F : 0.0F;
    const float whole = (to + extra) * scale - half - start;
    const float length = halfPixel ? whole : std::max(whole, 1.0F);
    const float size = length / static_cast<float>(bins);
    // A region of a damaged file must not ask for unbounded work.
    const int64_t samples = ratio > 0 ? ratio : std::clamp<int64_t>(pixelOf(std::ceil(size)), 1, 4096);
    return {start, size, samples};
}

float bilinear(const float* plane, int64_t height, int64_t width, float y, float x)
{
    if (!(y >= -1 && y <= static_cast<float>(height) && x >= -1 && x <= static_cast<float>(width)))
        return 0;
    const auto clamped = [](float position, int64_t extent) { return std::clamp(position, 0.0F, static_cast<float>(extent - 1)); };
    const float row = clamped(y, height);
    const float column = clamped(x, width);
    const auto top = static_cast<int64_t>(row);
    const auto left = static_cast<int64_t>(column);
    const int64_t bottom = std::min(top + 1, height - 1);
    const int64_t right = std::min(left + 1, width - 1);
    const float down = row - static_cast<float>(top);
    const float across = column - static_cast<float>(left);
    const float above = plane[top * width + left] * (1 - across) + plane[top * width + right] * across;
    const float below = plane[bottom * width + left] * (1 - across) + plane[bottom * width + right] * across;
    return above * (1 - down) + below * down;
}

}  // namespace

KernelResult roiPooling(const Work& work)
{
    const std::vector<double> scale = work.attributes().reals("scale", {1, 1});
    const Shape& input = work.input();
    const Shape& output = work.output();
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        QS_CHECK(checkPictures(inputs[1].values(), input[0]));
        forChunks(output[0], 1, [&](int64_t r, int64_t, int64_t) {
            const float* roi = inputs[1].data() + r * 5;
            const RoundedSide vertical(roi[2], roi[4], static_cast<float>(scale[0]), output[2]);
            const RoundedSide horizontal(roi[1], roi[3], static_cast<float>(scale[1]), output[3]);
            for (int64_t c = 0; c < output[1]; ++c) {
                const float* plane = inputs[0].data() + (static_cast<int64_t>(roi[0]) * input[1] + c) * input[2] * input[3];
                float* out = outputs[0].data() + (r * output[1] + c) * output[2] * output[3];
                for (int64_t y = 0; y < output[2]; ++y)
                    for (int64_t x = 0; x < output[3]; ++x) {
                        const Bin rows = vertical.bin(y, input[2]);
                        const Bin columns = horizontal.bin(x, input[3]);
                        const bool empty = rows.begin >= rows.end || columns.begin >= columns.end;
                        float largest = empty ? 0 : -std::numeric_limits<float>::max();
                        for (int64_t i = rows.begin; i < rows.end; ++i)
                            for (int64_t j = columns.begin; j < columns.end; ++j)
                                largest = std::max(largest, plane[i * input[3] + j]);
                        out[y * output[3] + x] = largest;
                    }
            }
        });
        return {};
    });
}

KernelResult psroiPooling(const Work& work)
{
    const auto scale = static_cast<float>(work.attributes().real("scale", 1));
    const int64_t group = work.attributes().integer("group", 1);
    const Shape& input = work.input();
    const Shape& output = work.output();
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        QS_CHECK(checkPictures(inputs[1].values(), input[0]));
        forChunks(output[0], 1, [&](int64_t r, int64_t, int64_t) {
            const float* roi = inputs[1].data() + r * 5;
            const float left = std::round(roi[1]) * scale;
            const float top = std::round(roi[2]) * scale;
            const float width = std::max((std::round(roi[3]) + 1) * scale - left, 0.1F) / static_cast<float>(group);
            const float height = std::max((std::round(roi[4]) + 1) * scale - top, 0.1F) / static_cast<float>(group);
            for (int64_t c = 0; c < output[1]; ++c)
                for (int64_t y = 0; y < group; ++y)
                    for (int64_t x = 0; x < group; ++x) {
                        const Bin rows(top, height, y, input[2]);
                        const Bin columns(left, width, x, input[3]);
                        const int64_t channel = (c * group + y) * group + x;
                        const float* plane = inputs[0].data() + (static_cast<int64_t>(roi[0]) * input[1] + channel) * input[2] * input[3];
                        float sum = 0;
                        for (int64_t i = rows.begin; i < rows.end; ++i)
                            for (int64_t j = columns.begin; j < columns.end; ++j)
                                sum += plane[i * input[3] + j];
                        const int64_t area = std::max<int64_t>(0, rows.end - rows.begin) * std::max<int64_t>(0, columns.end - columns.begin);
                        outputs[0].data()[((r * output[1] + c) * group + y) * group + x] = area == 0 ? 0 : sum / static_cast<float>(area);
                    }
        });
        return {};
    });
}

namespace {

/// Regions (R, 5), of what is given as one input or as regions and pictures.
std::vector<float> regionsOf(Inputs inputs)
{
    std::vector<float> regions(inputs[1].data(), inputs[1].data() + inputs[1].count());
    if (inputs.size() < 3)
        return regions;
    std::vector<float> joined;
    for (int64_t r = 0; r < inputs[2].count(); ++r) {
        joined.push_back(inputs[2].data()[r]);
        joined.insert(joined.end(), regions.begin() + 4 * r, regions.begin() + 4 * (r + 1));
    }
    return joined;
}

}  // namespace

KernelResult roiAlign(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const std::vector<double> scale = attributes.reals("scale", {1, 1});
    const int64_t ratio = attributes.integer("samplingRatio", -1);
    const bool inclusive = attributes.integer("endMode", 0) == 1;
    const bool halfPixel = attributes.flag("halfPixel", false);
    const Shape& input = work.input();
    const Shape& output = work.output();
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const std::vector<float> regions = regionsOf(inputs);
        QS_CHECK(checkPictures(regions, input[0]));
        forChunks(output[0], 1, [&](int64_t r, int64_t, int64_t) {
            const float* roi = regions.data() + r * 5;
            const AlignedSide vertical = alignedSide(roi[2], roi[4], static_cast<float>(scale[0]), output[2], ratio, inclusive, halfPixel);
            const AlignedSide horizontal = alignedSide(roi[1], roi[3], static_cast<float>(scale[1]), output[3], ratio, inclusive, halfPixel);
            const auto position = [](const AlignedSide& side, int64_t bin, int64_t sample) {
                return side.start + side.size * (static_cast<float>(bin) + (static_cast<float>(sample) + 0.5F) / static_cast<float>(side.samples));
            };
            for (int64_t c = 0; c < output[1]; ++c) {
                const float* plane = inputs[0].data() + (static_cast<int64_t>(roi[0]) * input[1] + c) * input[2] * input[3];
                float* out = outputs[0].data() + (r * output[1] + c) * output[2] * output[3];
                for (int64_t y = 0; y < output[2]; ++y)
                    for (int64_t x = 0; x < output[3]; ++x) {
                        float sum = 0;
                        for (int64_t i = 0; i < vertical.samples; ++i)
                            for (int64_t j = 0; j < horizontal.samples; ++j)
                                sum += bilinear(plane, input[2], input[3], position(vertical, y, i), position(horizontal, x, j));
                        out[y * output[3] + x] = sum / static_cast<float>(vertical.samples * horizontal.samples);
                    }
            }
        });
        return {};
    });
}

// Unpooling, and Upsample by a mask.
KernelResult unpooling(const Work& work)
{
    const Shape& output = work.output();
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        std::fill(outputs[0].values().begin(), outputs[0].values().end(), 0.0F);
        const int64_t plane = output[2] * output[3];
        const int64_t pixels = inputs[0].shape()[2] * inputs[0].shape()[3];
        for (int64_t i = 0; i < inputs[0].count(); ++i) {
            const float place = inputs[1].data()[i];
            if (!(place >= 0 && place < static_cast<float>(plane)))
                return Error{ErrorCode::OutOfRange,
                             "its mask says " + std::to_string(place) + ", the output has " + std::to_string(plane) + " places a channel",
                             {}};
            outputs[0].data()[i / pixels * plane + static_cast<int64_t>(place)] = inputs[0].data()[i];
        }
        return {};
    });
}

}  // namespace qs::kernels
