// Pooling in NHWC: a window's rows are combined channel by channel, which vectorises for any window.
#include "core/base/parallel.h"
#include "core/engine/kernels/kernels.h"

#include <cstring>
#include <limits>

namespace qs::kernels {

namespace {

QS_CLONES void maximum(const float* in, float* out, int64_t count)
{
    for (int64_t i = 0; i < count; ++i)
        out[i] = in[i] > out[i] ? in[i] : out[i];
}

QS_CLONES void add(const float* in, float* out, int64_t count)
{
    for (int64_t i = 0; i < count; ++i)
        out[i] += in[i];
}

QS_CLONES void multiply(float* out, float factor, int64_t count)
{
    for (int64_t i = 0; i < count; ++i)
        out[i] *= factor;
}

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

void combine(const float* image, int64_t width, int64_t channels, const Span& rows, const Span& columns, bool average, float* out)
{
    bool first = true;
    for (int64_t y = rows.begin; y < rows.end; ++y)
        for (int64_t x = columns.begin; x < columns.end; ++x) {
            const float* pixel = image + (y * width + x) * channels;
            if (first)
                std::memcpy(out, pixel, static_cast<size_t>(channels) * sizeof(float));
            else if (average)
                add(pixel, out, channels);
            else
                maximum(pixel, out, channels);
            first = false;
        }
    if (first)
        std::fill(out, out + channels, 0.0F);
    else if (average)
        multiply(out, 1.0F / static_cast<float>(rows.divisor * columns.divisor), channels);
}

}  // namespace

WindowSide::Span WindowSide::window(int64_t index) const
{
    const int64_t start = index * stride - before;
    const int64_t padded = std::min(start + kernel, extent + after);
    const Span span{std::max<int64_t>(start, 0), std::min(padded, extent), padded - start};
    return excludePadding ? Span{span.begin, span.end, span.end - span.begin} : span;
}

std::pair<WindowSide, WindowSide> poolingWindow(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const Shape& input = work.input();
    const bool global = attributes.flag("global", false);
    const std::vector<int64_t> kernel = global ? std::vector<int64_t>{input[2], input[3]} : attributes.integers("kernel");
    const std::vector<int64_t> stride = global ? std::vector<int64_t>{1, 1} : attributes.integers("stride", {1, 1});
    const std::vector<int64_t> pad = global ? std::vector<int64_t>{0, 0, 0, 0} : attributes.integers("pad", {0, 0, 0, 0});
    const bool exclude = attributes.text("count", "caffe") == "exclude";
    return {{input[2], kernel[0], stride[0], pad[0], pad[2], exclude}, {input[3], kernel[1], stride[1], pad[1], pad[3], exclude}};
}

KernelResult pooling(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const std::string method = attributes.text("method", "max");
    if (method != "max" && method != "ave")
        return Error{ErrorCode::NotSupported, "pooling method '" + method + "'", {}};
    const Shape input = work.input();
    const Shape output = work.output();
    const auto [vertical, horizontal] = poolingWindow(work);
    const bool average = method == "ave";
    const bool mask = work.outputShapes.size() > 1;
    std::vector<Layout> layouts(work.outputShapes.size(), Layout::ChannelsLast);
    return makeKernel({Layout::ChannelsLast}, layouts, work.outputShapes,
                      [=, vertical = vertical, horizontal = horizontal](Inputs inputs, Outputs outputs) -> Result<void> {
                          const int64_t channels = input[1];
                          const int64_t rows = output[0] * output[2];
                          // One row of output a task; few rows (global pooling) are not worth a second thread.
                          forChunks(rows, std::max<int64_t>(1, (rows + 7) / 8), [&](int64_t, int64_t begin, int64_t end) {
                              for (int64_t row = begin; row < end; ++row) {
                                  const int64_t picture = row / output[2];
                                  const float* image = inputs[0].data() + picture * input[2] * input[3] * channels;
                                  const Span vertically = vertical.window(row % output[2]);
                                  for (int64_t x = 0; x < output[3]; ++x) {
                                      const int64_t at = (row * output[3] + x) * channels;
                                      if (mask)
                                          maximumWithMask(image, input[3], channels, vertically, horizontal.window(x), outputs[0].data() + at,
                                                          outputs[1].data() + at);
                                      else
                                          combine(image, input[3], channels, vertically, horizontal.window(x), average, outputs[0].data() + at);
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
            const WindowSide horizontal = sideOf(input[3]);
            forChunks(input[0] * input[1], 8, [&](int64_t, int64_t begin, int64_t end) {
                for (int64_t plane = begin; plane < end; ++plane) {
                    const float* image = inputs[0].data() + plane * input[2] * input[3];
                    float* out = outputs[0].data() + plane / input[1] * features + first + plane % input[1] * bins * bins;
                    for (int64_t y = 0; y < bins; ++y)
                        for (int64_t x = 0; x < bins; ++x)
                            combine(image, input[3], 1, vertical.window(y), horizontal.window(x), average, out + y * bins + x);
                }
            });
            first += input[1] * bins * bins;
        }
        return {};
    });
}

}  // namespace qs::kernels
