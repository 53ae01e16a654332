// Pooling in NHWC: a block of channels stays in registers over the whole window.
#include "core/base/cpu.h"
#include "core/base/parallel.h"
#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/vector.h"

#include <limits>

namespace qs::kernels {

namespace {

using Span = WindowSide::Span;

void maximumWithMask(const float* image, int64_t width, int64_t channels, const Span& rows, const Span& columns, float* out, float* mask)
{
    for (int64_t c = 0; c < channels; ++c) {
        out[c] = -std::numeric_limits<float>::max();
        mask[c] = -1;
        for (int64_t y = rows.begin; y < rows.end; ++y)
            for (int64_t x = columns.begin; x < columns.end; ++x)
                if (const float value = image[(y * width + x) * channels + c]; value > out[c]) {
                    out[c] = value;
                    mask[c] = static_cast<float>(y * width + x);
                }
    }
}

/// Where a row of windows lies in an image.
struct WindowRow {
    int64_t width, channels;        ///< of the image
    Span rows;                      ///< of every window
    std::span<const Span> columns;  ///< by output
};

}  // namespace

}  // namespace qs::kernels

#define QS_LOOPS "core/engine/kernels/loops/pooling.h"
#include "core/engine/kernels/loops/each_level.h"

namespace qs::kernels {

WindowSide::Span WindowSide::window(int64_t index) const
{
    const int64_t start = index * stride - before;
    const int64_t padded = std::min(start + kernel, extent + after);
    const Span span{std::max<int64_t>(start, 0), std::min(padded, extent), padded - start};
    return excludePadding ? Span{span.begin, span.end, span.end - span.begin} : span;
}

std::vector<WindowSide> poolingWindow(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const Shape extents(work.input().begin() + 2, work.input().end());
    const size_t count = extents.size();
    const bool global = attributes.flag("global", false);
    const std::vector<int64_t> ones(count, 1);
    const std::vector<int64_t> none(2 * count, 0);
    const std::vector<int64_t> kernel = global ? extents : attributes.integers("kernel");
    const std::vector<int64_t> stride = global ? ones : attributes.integers("stride", ones);
    const std::vector<int64_t> pad = global ? none : attributes.integers("pad", none);
    const bool exclude = attributes.text("count", "caffe") == "exclude";
    std::vector<WindowSide> sides;
    for (size_t i = 0; i < count; ++i)
        sides.push_back({extents[i], kernel[i], stride[i], pad[i], pad[i + count], exclude});
    return sides;
}

namespace {

void poolRow(bool average, const float* image, const WindowRow& row, float* out)
{
    if (average)
        QS_AT_LEVEL(averageRow(image, row, out));
    else
        QS_AT_LEVEL(maximumRow(image, row, out));
}

std::vector<Span> windows(const WindowSide& side, int64_t count)
{
    std::vector<Span> spans;
    for (int64_t i = 0; i < count; ++i)
        spans.push_back(side.window(i));
    return spans;
}

}  // namespace

KernelResult pooling(const Work& work)
{
    const bool otherPlaces = work.outputShapes.size() > 1 && (work.input().size() == 5 || work.attributes().text("places", "channel") == "tensor");
    if ((hasGaps(work.attributes()) || otherPlaces) && !work.attributes().flag("global", false))
        return gappedPooling(work);
    if (work.input().size() != 4)
        return poolingByPictures(work, pooling);
    const Attributes& attributes = work.attributes();
    const std::string method = attributes.text("method", "max");
    if (method != "max" && method != "ave")
        return Error{ErrorCode::NotSupported, "pooling method '" + method + "'", {}};
    const Shape input = work.input();
    const Shape output = work.output();
    const std::vector<WindowSide> sides = poolingWindow(work);
    const bool average = method == "ave";
    const bool mask = work.outputShapes.size() > 1;
    std::vector<Layout> layouts(work.outputShapes.size(), Layout::ChannelsLast);
    return makeKernel({Layout::ChannelsLast}, layouts, work.outputShapes,
                      [=, vertical = sides[0], columns = windows(sides[1], output[3])](Inputs inputs, Outputs outputs) -> Result<void> {
                          const int64_t channels = input[1];
                          const int64_t rows = output[0] * output[2];
                          // Few rows (global pooling) are not worth a second thread: 1000 channels of 13x13 take 20 us.
                          forChunks(rows, std::max<int64_t>(1, (rows + 7) / 8), [&](int64_t, int64_t begin, int64_t end) {
                              for (int64_t row = begin; row < end; ++row) {
                                  const float* image = inputs[0].data() + row / output[2] * input[2] * input[3] * channels;
                                  const Span vertically = vertical.window(row % output[2]);
                                  const int64_t at = row * output[3] * channels;
                                  if (!mask) {
                                      poolRow(average, image, {input[3], channels, vertically, columns}, outputs[0].data() + at);
                                      continue;
                                  }
                                  for (size_t x = 0; x < columns.size(); ++x) {
                                      const int64_t pixel = at + static_cast<int64_t>(x) * channels;
                                      maximumWithMask(image, input[3], channels, vertically, columns[x], outputs[0].data() + pixel,
                                                      outputs[1].data() + pixel);
                                  }
                              }
                          });
                          return {};
                      });
}

// Spatial pyramid pooling: few windows, plane by plane.
KernelResult spp(const Work& work)
{
    const Shape input = work.input();
    const int64_t levels = work.attributes().integer("height", 1);
    const std::string method = work.attributes().text("method", "max");
    if (method != "max" && method != "ave")
        return Error{ErrorCode::NotSupported, "pooling method '" + method + "'", {}};
    const bool average = method == "ave";
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const int64_t features = outputs[0].shape()[1];
        int64_t first = 0;
        for (int64_t level = 0; level < levels; ++level) {
            const int64_t bins = int64_t{1} << level;
            const auto sideOf = [bins](int64_t extent) {
                const int64_t kernel = (extent + bins - 1) / bins;
                const int64_t pad = (kernel * bins - extent + 1) / 2;
                return WindowSide{extent, kernel, kernel, pad, pad, false};
            };
            const WindowSide vertical = sideOf(input[2]);
            const std::vector<Span> columns = windows(sideOf(input[3]), bins);
            forChunks(input[0] * input[1], 8, [&](int64_t, int64_t begin, int64_t end) {
                for (int64_t plane = begin; plane < end; ++plane) {
                    const float* image = inputs[0].data() + plane * input[2] * input[3];
                    float* out = outputs[0].data() + plane / input[1] * features + first + plane % input[1] * bins * bins;
                    for (int64_t y = 0; y < bins; ++y)
                        poolRow(average, image, {input[3], 1, vertical.window(y), columns}, out + y * bins);
                }
            });
            first += input[1] * bins * bins;
        }
        return {};
    });
}

}  // namespace qs::kernels
