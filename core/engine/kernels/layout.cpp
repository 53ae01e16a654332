// Copies, joins, cuts and resamplings.
#include "core/base/levels.h"
#include "core/base/parallel.h"
#include "core/engine/kernels/lists.h"
#include "core/engine/kernels/torch_tensor.h"

#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace qs::kernels {

namespace {

std::vector<int64_t> cuts(const Work& work, size_t axis)
{
    std::vector<int64_t> lengths;
    for (const Shape& shape : work.outputShapes)
        lengths.push_back(shape[axis]);
    return lengths;
}

}  // namespace

KernelResult copy(const Work& work)
{
    // The same values need no second memory: nobody writes where somebody else may read (Tensor::unshared).
    if (work.output() == work.input())
        return sameLayoutKernel(work, [](Inputs inputs, Outputs outputs) -> Result<void> {
            for (Tensor& output : outputs)
                output = inputs[0];
            return {};
        });
    // Another shape means another order of elements unless both are in C order.
    return plainKernel(work, [](Inputs inputs, Outputs outputs) -> Result<void> {
        for (Tensor& output : outputs)
            std::memcpy(output.data(), inputs[0].data(), output.sizeBytes());
        return {};
    });
}

KernelResult concat(const Work& work)
{
    const size_t axis = axisOf(work.attributes(), 1, work.output().size());
    const auto last = static_cast<size_t>(std::count(work.request.inputLayouts.begin(), work.request.inputLayouts.end(), Layout::ChannelsLast));
    if (axis == 1 && last > 0) {
        const std::vector<Layout> layouts(work.inputCount(), Layout::ChannelsLast);
        return makeKernel(layouts, {Layout::ChannelsLast}, work.outputShapes, [](Inputs inputs, Outputs outputs) -> Result<void> {
            int64_t first = 0;
            for (const Tensor& input : inputs) {
                Tensor part = outputs[0].channels(first, input.shape()[1]);
                copyInto(input, part);
                first += input.shape()[1];
            }
            return {};
        });
    }
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        std::vector<at::Tensor> parts;
        for (const Tensor& input : inputs)
            parts.push_back(viewOf(input));
        viewOf(outputs[0]).copy_(at::cat(parts, static_cast<int64_t>(axis)));
        return {};
    });
}

KernelResult slice(const Work& work)
{
    const size_t axis = axisOf(work.attributes(), 1, work.input().size());
    const std::vector<int64_t> lengths = cuts(work, axis);
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        int64_t begin = 0;
        for (size_t i = 0; i < outputs.size(); ++i) {
            viewOf(outputs[i]).copy_(viewOf(inputs[0]).narrow(static_cast<int64_t>(axis), begin, lengths[i]));
            begin += lengths[i];
        }
        return {};
    });
}

namespace {

/// A permutation of dimensions: those that stay side by side are one, those of one place are none.
struct Permutation {
    Shape sizes;                ///< of the input
    std::vector<size_t> order;  ///< of the input's dimensions in the output

    Permutation(const Shape& shape, const std::vector<int64_t>& given)
    {
        // Of the dimensions of more than one place, by axis: how many stand before it.
        std::vector<size_t> places(shape.size());
        for (size_t axis = 1; axis < shape.size(); ++axis)
            places[axis] = places[axis - 1] + (shape[axis - 1] == 1 ? 0 : 1);
        struct Run {
            size_t first, last;  // places
            int64_t size;
        };
        std::vector<Run> runs;  // in the output's order
        for (const int64_t dimension : given) {
            const auto axis = static_cast<size_t>(dimension);
            if (shape[axis] == 1)
                continue;
            if (!runs.empty() && places[axis] == runs.back().last + 1) {
                ++runs.back().last;
                runs.back().size *= shape[axis];
            } else {
                runs.push_back({places[axis], places[axis], shape[axis]});
            }
        }
        std::vector<Run> inInput = runs;
        std::sort(inInput.begin(), inInput.end(), [](const Run& a, const Run& b) { return a.first < b.first; });
        for (const Run& run : inInput)
            sizes.push_back(run.size);
        for (const Run& run : runs)
            order.push_back(
                static_cast<size_t>(std::count_if(runs.begin(), runs.end(), [&run](const Run& other) { return other.first < run.first; })));
    }
    bool none() const { return order.size() < 2; }
    /// Of one matrix, or of several, one after the other.
    bool transposes() const { return (order.size() == 2 && order[0] == 1) || (order.size() == 3 && order == std::vector<size_t>{0, 2, 1}); }
    bool keepsLast() const { return order.back() + 1 == order.size(); }
};

/// The last dimension stays the last: rows of it are moved.
void moveRows(const Permutation& permutation, const float* in, float* out, int64_t count)
{
    const size_t rank = permutation.sizes.size();
    std::vector<int64_t> steps(rank, 1);
    for (size_t d = rank - 1; d-- > 0;)
        steps[d] = steps[d + 1] * permutation.sizes[d + 1];
    const int64_t row = permutation.sizes.back();
    forChunks(count / row, std::max<int64_t>(1, (1 << 15) / row), [&](int64_t, int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            int64_t rest = i;
            int64_t from = 0;
            for (size_t d = rank - 1; d-- > 0;) {
                const size_t source = permutation.order[d];
                from += rest % permutation.sizes[source] * steps[source];
                rest /= permutation.sizes[source];
            }
            std::memcpy(out + i * row, in + from, static_cast<size_t>(row) * sizeof(float));
        }
    });
}

}  // namespace

KernelResult permute(const Work& work)
{
    const std::vector<int64_t> order = work.attributes().integers("order");
    const std::vector<int64_t> toLast{0, 2, 3, 1};
    const std::vector<int64_t> fromLast{0, 3, 1, 2};
    // A change of layout in words only: the bytes stay where they are.
    if (order == toLast && work.request.inputLayouts.front() == Layout::ChannelsLast)
        return makeKernel({Layout::ChannelsLast}, {Layout::Plain}, work.outputShapes, [](Inputs inputs, Outputs outputs) -> Result<void> {
            outputs[0] = inputs[0].viewedAs(outputs[0].shape(), Layout::Plain);
            return {};
        });
    if (order == fromLast)
        return makeKernel({Layout::Plain}, {Layout::ChannelsLast}, work.outputShapes, [](Inputs inputs, Outputs outputs) -> Result<void> {
            outputs[0] = inputs[0].viewedAs(outputs[0].shape(), Layout::ChannelsLast);
            return {};
        });
    return plainKernel(work, [order, permutation = Permutation(work.input(), order)](Inputs inputs, Outputs outputs) -> Result<void> {
        Tensor& out = outputs[0];
        if (out.count() == 0)
            return {};
        if (permutation.none()) {
            std::memcpy(out.data(), inputs[0].data(), out.sizeBytes());
        } else if (permutation.transposes()) {
            const int64_t columns = permutation.sizes.back();
            const int64_t rows = permutation.sizes[permutation.sizes.size() - 2];
            transposeMatrices(inputs[0].data(), out.data(), out.count() / rows / columns, rows, columns);
        } else if (permutation.keepsLast()) {
            moveRows(permutation, inputs[0].data(), out.data(), out.count());
        } else {
            const c10::InferenceMode guard;
            viewOf(out).copy_(viewOf(inputs[0]).permute(order));
        }
        return {};
    });
}

KernelResult crop(const Work& work)
{
    const size_t axis = axisOf(work.attributes(), 2, work.input().size());
    std::vector<int64_t> offsets = work.attributes().integers("offset", {0});
    if (offsets.empty())
        offsets.push_back(0);
    const Shape output = work.output();
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        at::Tensor view = viewOf(inputs[0]);
        for (size_t i = axis; i < output.size(); ++i)
            view = view.narrow(static_cast<int64_t>(i), offsets[offsets.size() == 1 ? 0 : i - axis], output[i]);
        viewOf(outputs[0]).copy_(view);
        return {};
    });
}

KernelResult pad(const Work& work)
{
    const std::vector<int64_t> pads = work.attributes().integers("pads");
    const std::string mode = work.attributes().text("mode", "constant");
    const double value = work.attributes().real("value", 0);
    const Shape input = work.input();
    const Shape output = work.output();
    const size_t rank = input.size();
    // Where each place along a side comes from; -1: from outside.
    std::vector<std::vector<int64_t>> from(rank);
    for (size_t d = 0; d < rank; ++d)
        for (int64_t i = 0; i < output[d]; ++i) {
            int64_t position = i - pads[d];
            if (mode == "reflect") {
                position = position < 0 ? -position : position;
                position = position >= input[d] ? 2 * (input[d] - 1) - position : position;
            } else if (mode == "wrap") {
                position = (position + input[d]) % input[d];
            } else if (mode == "edge") {
                position = std::clamp<int64_t>(position, 0, input[d] - 1);
            }
            from[d].push_back(position >= 0 && position < input[d] ? position : -1);
        }
    // In the order in which they lie in memory.
    std::vector<size_t> order(rank);
    std::iota(order.begin(), order.end(), 0);
    if (work.request.inputLayouts.front() == Layout::ChannelsLast)
        std::rotate(order.begin() + 1, order.begin() + 2, order.end());
    return sameLayoutKernel(work, [=, value = static_cast<float>(value)](Inputs inputs, Outputs outputs) -> Result<void> {
        if (outputs[0].count() == 0)
            return {};
        const size_t side = rank == 0 ? 0 : order.back();
        const std::vector<int64_t> one{0};
        const std::vector<int64_t>& inRow = rank == 0 ? one : from[side];
        const auto length = static_cast<int64_t>(inRow.size());
        const int64_t inLength = rank == 0 ? 1 : input[side];
        forChunks(outputs[0].count() / length, 64, [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row) {
                int64_t rest = row;
                int64_t source = 0;
                int64_t step = 1;
                bool inside = true;
                for (size_t d = rank - (rank == 0 ? 0 : 1); d-- > 0;) {
                    const int64_t position = from[order[d]][static_cast<size_t>(rest % output[order[d]])];
                    rest /= output[order[d]];
                    inside &= position >= 0;
                    source += position * step;
                    step *= input[order[d]];
                }
                const float* in = inputs[0].data() + source * inLength;
                float* out = outputs[0].data() + row * length;
                if (inside && length == inLength && inRow.front() == 0)
                    std::memcpy(out, in, static_cast<size_t>(length) * sizeof(float));
                else
                    for (int64_t i = 0; i < length; ++i)
                        out[i] = inside && inRow[static_cast<size_t>(i)] >= 0 ? in[inRow[static_cast<size_t>(i)]] : value;
            }
        });
        return {};
    });
}

namespace {

struct Positions {
    bool nearest = true;
    std::string coordinates = "asymmetric";
    std::string rounding = "floor";
};

/// In float32, as ONNX Runtime and PyTorch compute it: the pixel that "nearest" takes hangs on the last bit.
float positionOf(int64_t index, float scale, int64_t in, int64_t out, const std::string& coordinates)
{
    const auto y = static_cast<float>(index);
    if (coordinates == "half_pixel" || (coordinates == "pytorch_half_pixel" && out > 1))
        return (y + 0.5F) / scale - 0.5F;
    if (coordinates == "pytorch_half_pixel")
        return 0;
    if (coordinates == "align_corners")
        return out == 1 ? 0 : y * static_cast<float>(in - 1) / static_cast<float>(out - 1);
    return y / scale;
}

std::vector<ResampledFrom> sources(int64_t in, int64_t out, float scale, const Positions& how)
{
    std::vector<ResampledFrom> result;
    for (int64_t i = 0; i < out; ++i) {
        const float position = positionOf(i, scale, in, out, how.coordinates);
        ResampledFrom source;
        if (how.nearest) {
            const float rounded = how.rounding == "ceil"                 ? std::ceil(position)
                                  : how.rounding == "round_prefer_ceil"  ? std::floor(position + 0.5F)
                                  : how.rounding == "round_prefer_floor" ? std::ceil(position - 0.5F)
                                                                         : std::floor(position);
            source.first = source.second = std::clamp<int64_t>(static_cast<int64_t>(rounded), 0, in - 1);
        } else {
            const float clamped = std::clamp(position, 0.0F, static_cast<float>(in - 1));
            source.first = static_cast<int64_t>(clamped);
            source.second = std::min(source.first + 1, in - 1);
            source.share = clamped - static_cast<float>(source.first);
        }
        result.push_back(source);
    }
    return result;
}

QS_LEVELS(void, blend, (const float* a, const float* b, const float* c, const float* d, float right, float down, float* out, int64_t count),
          (a, b, c, d, right, down, out, count))
{
    for (int64_t i = 0; i < count; ++i) {
        const float top = a[i] + (b[i] - a[i]) * right;
        const float bottom = c[i] + (d[i] - c[i]) * right;
        out[i] = top + (bottom - top) * down;
    }
}

}  // namespace

Result<Resampling> resampling(const Work& work)
{
    const std::string& op = work.layer().op;
    const std::string mode = work.attributes().text("mode", op == "Interp" ? "linear" : "nearest");
    if (mode != "nearest" && mode != "linear" && mode != "bilinear")
        return Error{ErrorCode::NotSupported, "resize mode '" + mode + "'", {}};
    Positions how{.nearest = mode == "nearest"};
    if (op == "Interp")
        how.coordinates = "align_corners";
    if (op == "Resize") {
        how.coordinates = work.attributes().text("coordinates", "half_pixel");
        how.rounding = work.attributes().text("rounding", "round_prefer_floor");
    }
    const Shape& input = work.input();
    const Shape& output = work.output();
    const std::vector<double> given = work.attributes().reals("scale");
    std::vector<float> scale(given.begin(), given.end());
    if (scale.size() != 2 || work.attributes().has("size") || work.inputCount() > 1)
        scale = {static_cast<float>(output[2]) / static_cast<float>(input[2]), static_cast<float>(output[3]) / static_cast<float>(input[3])};
    return Resampling{sources(input[2], output[2], scale[0], how), sources(input[3], output[3], scale[1], how), how.nearest};
}

// Upsample, Resize, Interp.
KernelResult resize(const Work& work)
{
    if (work.layer().op == "Upsample" && work.inputCount() == 2)
        return unpooling(work);
    QS_TRY(const Resampling from, resampling(work));
    const Shape input = work.input();
    const Shape output = work.output();
    const auto factor = static_cast<float>(work.attributes().real("factor", 1));
    std::vector<Layout> inputLayouts(work.inputCount(), Layout::Plain);
    inputLayouts.front() = Layout::ChannelsLast;
    return makeKernel(inputLayouts, {Layout::ChannelsLast}, work.outputShapes, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const int64_t channels = input[1];
        forChunks(output[0] * output[2], 8, [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row) {
                const ResampledFrom& y = from.rows[static_cast<size_t>(row % output[2])];
                const float* image = inputs[0].data() + row / output[2] * input[2] * input[3] * channels;
                const auto pixel = [&](int64_t r, int64_t c) { return image + (r * input[3] + c) * channels; };
                for (int64_t column = 0; column < output[3]; ++column) {
                    const ResampledFrom& x = from.columns[static_cast<size_t>(column)];
                    float* out = outputs[0].data() + (row * output[3] + column) * channels;
                    if (from.nearest)
                        std::memcpy(out, pixel(y.first, x.first), static_cast<size_t>(channels) * sizeof(float));
                    else
                        blend(pixel(y.first, x.first), pixel(y.first, x.second), pixel(y.second, x.first), pixel(y.second, x.second), x.share,
                              y.share, out, channels);
                }
            }
        });
        if (factor != 1)
            for (float& value : outputs[0].values())
                value *= factor;
        return {};
    });
}

KernelResult im2col(const Work& work)
{
    const std::vector<int64_t> kernel = work.attributes().integers("kernel");
    const std::vector<int64_t> stride = work.attributes().integers("stride", {1, 1});
    const std::vector<int64_t> before = work.attributes().integers("pad", {0, 0, 0, 0});
    const std::vector<int64_t> dilation = work.attributes().integers("dilation", {1, 1});
    const Shape input = work.input();
    const Shape output = work.output();
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        forChunks(output[0] * output[1], 1, [&](int64_t plane, int64_t, int64_t) {
            const int64_t element = plane % output[1];
            const int64_t channel = element / (kernel[0] * kernel[1]);
            const float* image = inputs[0].data() + (plane / output[1] * input[1] + channel) * input[2] * input[3];
            float* out = outputs[0].data() + plane * output[2] * output[3];
            for (int64_t y = 0; y < output[2]; ++y)
                for (int64_t x = 0; x < output[3]; ++x) {
                    const int64_t row = y * stride[0] - before[0] + element / kernel[1] % kernel[0] * dilation[0];
                    const int64_t column = x * stride[1] - before[1] + element % kernel[1] * dilation[1];
                    const bool inside = row >= 0 && row < input[2] && column >= 0 && column < input[3];
                    out[y * output[3] + x] = inside ? image[row * input[3] + column] : 0;
                }
        });
        return {};
    });
}

KernelResult reverse(const Work& work)
{
    const std::vector<int64_t> axes = work.attributes().integers("axes", {0});
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        viewOf(outputs[0]).copy_(viewOf(inputs[0]).flip(axes));
        return {};
    });
}

KernelResult shuffleChannel(const Work& work)
{
    const Shape& shape = work.input();
    const int64_t group = work.attributes().integer("group", 1);
    const Shape split{shape[0], group, shape[1] / group, elementCount(shape) / shape[0] / shape[1]};
    const Shape joined{shape[0], shape[1] / group, group, split[3]};
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        viewOf(outputs[0]).view(joined).copy_(viewOf(inputs[0]).view(split).transpose(1, 2));
        return {};
    });
}

KernelResult reorg(const Work& work)
{
    const int64_t stride = work.attributes().integer("stride", 2);
    const bool back = work.attributes().flag("reverse", false);
    const Shape input = work.input();
    const int64_t channels = input[1] / (stride * stride);
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        // The names of the comment at reorgShapes: `a` runs over the input's shape, `b` over the larger picture.
        int64_t a = 0;
        for (int64_t n = 0; n < input[0]; ++n)
            for (int64_t k = 0; k < input[1]; ++k)
                for (int64_t y = 0; y < input[2]; ++y)
                    for (int64_t x = 0; x < input[3]; ++x, ++a) {
                        const int64_t column = x * stride + k / channels % stride;
                        const int64_t row = y * stride + k / channels / stride;
                        const int64_t b = ((n * channels + k % channels) * input[2] * stride + row) * input[3] * stride + column;
                        outputs[0].data()[back ? b : a] = inputs[0].data()[back ? a : b];
                    }
        return {};
    });
}

KernelResult passThrough(const Work& work)
{
    const std::vector<int64_t> block = work.attributes().integers("block", {2, 2});
    const Shape& output = work.output();
    const Shape split{output[0], work.input()[1], output[2], block[0], output[3], block[1]};
    const Shape joined{output[0], block[0], block[1], work.input()[1], output[2], output[3]};
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const c10::InferenceMode guard;
        viewOf(outputs[0]).view(joined).copy_(viewOf(inputs[0]).view(split).permute({0, 3, 5, 1, 2, 4}));
        return {};
    });
}

KernelResult parameter(const Work& work)
{
    return plainKernel(work, [value = work.weight(0)](Inputs, Outputs outputs) -> Result<void> {
        std::memcpy(outputs[0].data(), value->floats().data(), outputs[0].sizeBytes());
        return {};
    });
}

}  // namespace qs::kernels
