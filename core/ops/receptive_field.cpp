#include "core/ops/receptive_field.h"

#include "core/ops/op.h"

#include <algorithm>
#include <array>

namespace qs {

namespace {

bool hasPixels(const Value& value)
{
    return value.shaped && value.shape.size() == 4;
}

PixelRect wholeOf(const Shape& shape)
{
    return {0, 0, shape[2] - 1, shape[3] - 1};
}

PixelRect united(const PixelRect& a, const PixelRect& b)
{
    return {std::min(a.top, b.top), std::min(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
}

/// One side of a rectangle.
struct Range {
    int64_t low = 0, high = 0;
};

int64_t floorDivide(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

struct Window {
    int64_t kernel = 1, stride = 1, before = 0, dilation = 1;

    /// Of an input of that extent. Taps in the padding read nothing: with a dilation the first one inside need not stand at the border, and the
    /// windows beside it may reach further.
    Range read(const Range& out, int64_t extent) const
    {
        const int64_t last = extent - 1;
        Range range{last, 0};
        for (int64_t at = out.low; at <= std::min(out.high, out.low + dilation); ++at) {
            const int64_t first = at * stride - before;
            range.low = std::min(range.low, first < 0 ? first + (-first + dilation - 1) / dilation * dilation : first);
        }
        for (int64_t at = out.high; at >= std::max(out.low, out.high - dilation); --at) {
            const int64_t end = at * stride - before + dilation * (kernel - 1);
            range.high = std::max(range.high, end > last ? end - (end - last + dilation - 1) / dilation * dilation : end);
        }
        return range;
    }
    /// Of the transposed window: the inputs that write into these outputs.
    Range written(const Range& out) const
    {
        return {-floorDivide(-(out.low + before - dilation * (kernel - 1)), stride), floorDivide(out.high + before, stride)};
    }
};

std::array<Window, 2> windowsOf(const Layer& layer)
{
    const auto kernel = layer.attributes.integers("kernel", {1, 1});
    const auto stride = layer.attributes.integers("stride", {1, 1});
    const auto pad = layer.attributes.integers("pad", {0, 0, 0, 0});
    const auto dilation = layer.attributes.integers("dilation", {1, 1});
    std::array<Window, 2> windows;
    for (size_t side = 0; side < 2; ++side)
        windows[side] = {kernel[side], stride[side], pad[side], dilation[side]};
    return windows;
}

bool mixesPixels(const Layer& layer)
{
    static constexpr std::string_view mixing[] = {
        "MVN",  "Mvm",    "GroupNorm", "LayerNormalization", "Normalize", "Reduction",       "ArgMax",    "ArgMin", "TopK",
        "Sort", "Gather", "CumSum",    "GatherElements",     "GatherND",  "ScatterElements", "ScatterND", "OneHot"};
    if (layer.op.starts_with("Reduce") || std::find(std::begin(mixing), std::end(mixing), layer.op) != std::end(mixing))
        return true;
    if (layer.op == "Softmax" || layer.op == "LogSoftmax" || layer.op == "Hardmax")
        return layer.attributes.integer("axis", 1) != 1;
    return layer.op == "LRN" && layer.attributes.text("region", "across") != "across";
}

/// Each pixel of its output is made of the same pixel of its inputs.
bool keepsPixels(const Layer& layer)
{
    static constexpr std::string_view layout[] = {"Split", "Dropout", "Identity", "ShuffleChannel"};
    switch (findOp(layer.op)->family) {
        case OpFamily::Activation:
        case OpFamily::Normalization:
        case OpFamily::Elementwise:
        case OpFamily::Quantization:
            return !mixesPixels(layer);
        case OpFamily::Layout:
            return std::find(std::begin(layout), std::end(layout), layer.op) != std::end(layout) ||
                   ((layer.op == "Concat" || layer.op == "Slice") && layer.attributes.integer("axis", 1) == 1);
        default:
            return false;
    }
}

bool samePixels(const Shape& a, const Shape& b)
{
    return a[2] == b[2] && a[3] == b[3];
}

/// What the output's rectangle reads of an input; not cut to the input yet.
PixelRect readBy(const Layer& layer, const PixelRect& out, const Shape& output, const Shape& input)
{
    const std::array<Range, 2> ranges{Range{out.top, out.bottom}, Range{out.left, out.right}};
    const auto each = [&](auto side) {
        const Range rows = side(size_t{0});
        const Range columns = side(size_t{1});
        return PixelRect{rows.low, columns.low, rows.high, columns.high};
    };
    const bool windowed =
        layer.op == "Convolution" || layer.op == "DepthwiseConv" || (layer.op == "Pooling" && !layer.attributes.flag("global", false));
    if (windowed || layer.op == "Deconvolution") {
        const auto windows = windowsOf(layer);
        return each([&](size_t side) { return windowed ? windows[side].read(ranges[side], input[side + 2]) : windows[side].written(ranges[side]); });
    }
    if (keepsPixels(layer) && samePixels(output, input))
        return out;
    if (layer.op == "Upsample" || layer.op == "Resize" || layer.op == "Interp")
        // Whatever the interpolation: two neighbours more on each side.
        return each([&](size_t side) {
            constexpr int64_t neighbours = 2;
            const int64_t from = input[side + 2];
            const int64_t to = output[side + 2];
            return Range{ranges[side].low * from / to - neighbours, (ranges[side].high + 1) * from / to + neighbours};
        });
    return wholeOf(input);
}

}  // namespace

std::optional<PixelRect> receptiveField(const Model& model, ValueId value, int64_t y, int64_t x)
{
    const Value& start = model.value(value);
    if (!hasPixels(start) || y < 0 || x < 0 || y >= start.shape[2] || x >= start.shape[3])
        return std::nullopt;
    ById<ValueId, std::optional<PixelRect>> rects(model.values().size());
    rects[value] = PixelRect{y, x, y, x};
    for (auto layer = model.layers().rbegin(); layer != model.layers().rend(); ++layer) {
        for (const ValueId output : layer->outputs) {
            const auto& rect = rects[output];
            if (!rect)
                continue;
            for (const ValueId id : layer->inputs) {
                const Value& input = model.value(id);
                if (input.constant || !input.shaped)
                    continue;
                // A vector on the way: whatever has pixels before it is read whole.
                const bool pixels = hasPixels(input);
                PixelRect read;
                if (pixels) {
                    const bool known = hasPixels(model.value(output)) && findOp(layer->op) != nullptr;
                    const PixelRect whole = wholeOf(input.shape);
                    read = known ? readBy(*layer, *rect, model.value(output).shape, input.shape) : whole;
                    read = {std::clamp(read.top, int64_t{0}, whole.bottom), std::clamp(read.left, int64_t{0}, whole.right),
                            std::clamp(read.bottom, int64_t{0}, whole.bottom), std::clamp(read.right, int64_t{0}, whole.right)};
                }
                auto& known = rects[id];
                known = known ? united(*known, read) : read;
            }
        }
    }
    for (const ValueId input : model.inputs())
        if (hasPixels(model.value(input)))
            return rects[input];
    return std::nullopt;
}

}  // namespace qs
