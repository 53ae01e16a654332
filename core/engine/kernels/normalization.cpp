#include "core/base/levels.h"
#include "core/base/parallel.h"
#include "core/engine/kernels/lists.h"

#include <algorithm>
#include <cmath>

namespace qs::kernels {

namespace {

QS_LEVELS(void, affineRow, (const float* in, const float* factor, const float* shift, float* out, int64_t count), (in, factor, shift, out, count))
{
    for (int64_t i = 0; i < count; ++i)
        out[i] = in[i] * factor[i] + shift[i];
}

QS_LEVELS(void, affineSpan, (const float* in, float factor, float shift, float* out, int64_t count), (in, factor, shift, out, count))
{
    for (int64_t i = 0; i < count; ++i)
        out[i] = in[i] * factor + shift;
}

/// out = in * factor[m] + shift[m], the operands' index m running over the middle dimension of (outer, middle, inner).
void affinePlain(const float* in, const float* factor, const float* shift, float* out, int64_t outer, int64_t middle, int64_t inner)
{
    if (inner == 1)
        return forChunks(outer, std::max<int64_t>(1, (1 << 15) / middle), [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t o = begin; o < end; ++o)
                affineRow(in + o * middle, factor, shift, out + o * middle, middle);
        });
    forChunks(outer * middle, 16, [&](int64_t, int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            affineSpan(in + i * inner, factor[i % middle], shift[i % middle], out + i * inner, inner);
    });
}

/// Per-channel affine in either layout.
std::unique_ptr<Kernel> channelKernel(const Work& work, std::vector<float> factor, std::vector<float> shift)
{
    const Shape& shape = work.input();
    const auto channels = static_cast<int64_t>(factor.size());
    const bool last = work.request.inputLayouts.front() == Layout::ChannelsLast;
    const int64_t batch = shape.size() == 1 ? 1 : shape[0];
    const int64_t inner = last ? 1 : elementCount(shape) / batch / channels;
    const int64_t outer = elementCount(shape) / channels / inner;
    return sameLayoutKernel(work, [=, factor = std::move(factor), shift = std::move(shift)](Inputs inputs, Outputs outputs) -> Result<void> {
        affinePlain(inputs[0].data(), factor.data(), shift.data(), outputs[0].data(), outer, channels, inner);
        return {};
    });
}

std::vector<float> valuesOf(const std::shared_ptr<const Buffer>& buffer, size_t size, float fallback)
{
    if (!buffer)
        return std::vector<float>(size, fallback);
    return {buffer->floats().begin(), buffer->floats().end()};
}

}  // namespace

/// update_bn: normalized by mean and variance of the batch itself.
KernelResult batchNormOfBatch(const Work& work)
{
    const Shape& shape = work.input();
    const int64_t channels = shape[1];
    const int64_t inner = elementCount({shape.begin() + 2, shape.end()});
    const double epsilon = work.attributes().real("epsilon", 1e-5);
    const std::vector<float> gamma = valuesOf(work.weight(2), static_cast<size_t>(channels), 1);
    const std::vector<float> beta = valuesOf(work.weight(3), static_cast<size_t>(channels), 0);
    return plainKernel(work, [=, samples = shape[0]](Inputs inputs, Outputs outputs) -> Result<void> {
        const auto count = static_cast<double>(samples * inner);
        for (int64_t c = 0; c < channels; ++c) {
            double sum = 0;
            double squares = 0;
            const auto each = [&](auto use) {
                for (int64_t n = 0; n < samples; ++n)
                    for (int64_t i = (n * channels + c) * inner; i < (n * channels + c + 1) * inner; ++i)
                        use(i);
            };
            each([&](int64_t i) { sum += static_cast<double>(inputs[0].data()[i]); });
            const double mean = sum / count;
            each(
                [&](int64_t i) { squares += (static_cast<double>(inputs[0].data()[i]) - mean) * (static_cast<double>(inputs[0].data()[i]) - mean); });
            const double factor = static_cast<double>(gamma[static_cast<size_t>(c)]) / std::sqrt(squares / count + epsilon);
            const auto shift = static_cast<double>(beta[static_cast<size_t>(c)]);
            each([&](int64_t i) { outputs[0].data()[i] = static_cast<float>((static_cast<double>(inputs[0].data()[i]) - mean) * factor + shift); });
        }
        return {};
    });
}

KernelResult batchNorm(const Work& work)
{
    if (work.attributes().flag("batchStatistics", false))
        return batchNormOfBatch(work);
    const auto mean = work.weight(0)->floats();
    const auto variance = work.weight(1)->floats();
    const std::vector<float> gamma = valuesOf(work.weight(2), mean.size(), 1);
    const std::vector<float> beta = valuesOf(work.weight(3), mean.size(), 0);
    const double epsilon = work.attributes().real("epsilon", 1e-5);
    std::vector<float> factor;
    std::vector<float> shift;
    for (size_t c = 0; c < mean.size(); ++c) {
        const double f = static_cast<double>(gamma[c]) / std::sqrt(static_cast<double>(variance[c]) + epsilon);
        factor.push_back(static_cast<float>(f));
        shift.push_back(static_cast<float>(static_cast<double>(beta[c]) - static_cast<double>(mean[c]) * f));
    }
    return channelKernel(work, std::move(factor), std::move(shift));
}

// Scale and Bias: operands from weights or from the second input.
KernelResult scale(const Work& work)
{
    const bool isScale = work.layer().op == "Scale";
    const Shape& shape = work.input();
    const auto axis = static_cast<int64_t>(axisOf(work.attributes(), 1, shape.size()));
    const bool twoInputs = work.inputCount() == 2;
    const int64_t operands = twoInputs ? elementCount(work.input(1)) : work.weight(0) ? work.weight(0)->count() : 1;
    std::vector<float> factor = valuesOf(isScale && !twoInputs ? work.weight(0) : nullptr, static_cast<size_t>(operands), 1);
    std::vector<float> shift = valuesOf(isScale     ? work.weight(twoInputs ? 0 : 1)
                                        : twoInputs ? nullptr
                                                    : work.weight(0),
                                        static_cast<size_t>(operands), 0);
    if (!twoInputs && axis == 1 && operands == shape[1])
        return channelKernel(work, std::move(factor), std::move(shift));
    const int64_t outer = elementCount(Shape(shape.begin(), shape.begin() + axis));
    const int64_t inner = elementCount(shape) / outer / operands;
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const float* multiplier = twoInputs && isScale ? inputs[1].data() : factor.data();
        const float* addend = twoInputs && !isScale ? inputs[1].data() : shift.data();
        affinePlain(inputs[0].data(), multiplier, addend, outputs[0].data(), outer, operands, inner);
        return {};
    });
}

namespace {

Result<void> lrnAcross(const Tensor& in, Tensor& out, int64_t size, double alpha, double beta, double k)
{
    const int64_t channels = in.shape()[1];
    const int64_t half = size / 2;
    forChunks(in.count() / channels, 256, [&](int64_t, int64_t begin, int64_t end) {
        for (int64_t pixel = begin; pixel < end; ++pixel) {
            const float* x = in.data() + pixel * channels;
            float* y = out.data() + pixel * channels;
            for (int64_t c = 0; c < channels; ++c) {
                double squares = 0;
                for (int64_t i = std::max<int64_t>(0, c - half); i <= std::min(channels - 1, c + half); ++i)
                    squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
                y[c] = static_cast<float>(static_cast<double>(x[c]) * std::pow(k + alpha / static_cast<double>(size) * squares, -beta));
            }
        }
    });
    return {};
}

/// Caffe's average pooling of the squares, clipped to the padded picture.
Result<void> lrnWithin(const Tensor& in, Tensor& out, int64_t size, double alpha, double beta)
{
    const Shape& shape = in.shape();
    const int64_t half = (size - 1) / 2;
    forChunks(shape[0] * shape[1], 1, [&](int64_t plane, int64_t, int64_t) {
        const float* x = in.data() + plane * shape[2] * shape[3];
        float* y = out.data() + plane * shape[2] * shape[3];
        for (int64_t row = 0; row < shape[2]; ++row)
            for (int64_t column = 0; column < shape[3]; ++column) {
                const int64_t bottom = std::min(row - half + size, shape[2] + half);
                const int64_t right = std::min(column - half + size, shape[3] + half);
                const int64_t area = (bottom - (row - half)) * (right - (column - half));
                double squares = 0;
                for (int64_t r = std::max<int64_t>(0, row - half); r < std::min(bottom, shape[2]); ++r)
                    for (int64_t c = std::max<int64_t>(0, column - half); c < std::min(right, shape[3]); ++c)
                        squares += static_cast<double>(x[r * shape[3] + c]) * static_cast<double>(x[r * shape[3] + c]);
                const int64_t i = row * shape[3] + column;
                y[i] = static_cast<float>(static_cast<double>(x[i]) * std::pow(1 + alpha * squares / static_cast<double>(area), -beta));
            }
    });
    return {};
}

}  // namespace

KernelResult lrn(const Work& work)
{
    const int64_t size = work.attributes().integer("size", 5);
    const double alpha = work.attributes().real("alpha", 1);
    const double beta = work.attributes().real("beta", 0.75);
    const double k = work.attributes().real("k", 1);
    if (work.attributes().text("region", "across") == "across")
        return makeKernel({Layout::ChannelsLast}, {Layout::ChannelsLast}, work.outputShapes,
                          [=](Inputs inputs, Outputs outputs) { return lrnAcross(inputs[0], outputs[0], size, alpha, beta, k); });
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) { return lrnWithin(inputs[0], outputs[0], size, alpha, beta); });
}

KernelResult normalize(const Work& work)
{
    const bool across = work.attributes().flag("acrossSpatial", true);
    const double epsilon = work.attributes().real("epsilon", 1e-10);
    const std::shared_ptr<const Buffer> factors = work.weight(0);
    const int64_t channels = work.input()[1];
    const int64_t pixels = work.input()[2] * work.input()[3];
    return makeKernel({Layout::ChannelsLast}, {Layout::ChannelsLast}, work.outputShapes, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const int64_t group = across ? channels * pixels : channels;
        for (int64_t begin = 0; begin < inputs[0].count(); begin += group) {
            double squares = epsilon;
            for (int64_t i = begin; i < begin + group; ++i)
                squares += static_cast<double>(inputs[0].data()[i]) * static_cast<double>(inputs[0].data()[i]);
            const double inverse = 1 / std::sqrt(squares);
            for (int64_t i = begin; i < begin + group; ++i) {
                const float factor = factors->floats()[factors->count() == 1 ? 0 : static_cast<size_t>(i % channels)];
                outputs[0].data()[i] = static_cast<float>(static_cast<double>(inputs[0].data()[i]) * inverse) * factor;
            }
        }
        return {};
    });
}

namespace {

/// Mean and variance of one list, in double: Caffe's formula with float sums loses digits that its eps of 1e-9 does not forgive.
struct Moments {
    double mean = 0;
    double variance = 0;
    Moments(const float* values, int64_t count)
    {
        for (int64_t i = 0; i < count; ++i)
            mean += static_cast<double>(values[i]);
        mean /= static_cast<double>(count);
        for (int64_t i = 0; i < count; ++i) {
            const double distance = static_cast<double>(values[i]) - mean;
            variance += distance * distance;
        }
        variance /= static_cast<double>(count);
    }
};

void standardize(const float* in, float* out, int64_t count, double mean, double factor)
{
    for (int64_t i = 0; i < count; ++i)
        out[i] = static_cast<float>((static_cast<double>(in[i]) - mean) * factor);
}

}  // namespace

// MVN and Mvm.
KernelResult mvn(const Work& work)
{
    const Shape& shape = work.input();
    const bool normalizeVariance = work.attributes().flag("normalizeVariance", true);
    const double epsilon = work.attributes().real("epsilon", 1e-9);
    const int64_t lists = shape[0] * (work.attributes().flag("acrossChannels", false) ? 1 : shape[1]);
    const int64_t size = elementCount(shape) / lists;
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        forChunks(lists, 1, [&](int64_t i, int64_t, int64_t) {
            const Moments moments(inputs[0].data() + i * size, size);
            standardize(inputs[0].data() + i * size, outputs[0].data() + i * size, size, moments.mean,
                        normalizeVariance ? 1 / (std::sqrt(moments.variance) + epsilon) : 1);
        });
        return {};
    });
}

KernelResult groupNorm(const Work& work)
{
    const Shape& shape = work.input();
    const int64_t channels = shape[1];
    const int64_t groups = work.attributes().integer("groups", 32);
    const double epsilon = work.attributes().real("epsilon", 1e-5);
    const std::vector<float> factor = valuesOf(work.weight(0), static_cast<size_t>(channels), 1);
    const std::vector<float> shift = valuesOf(work.weight(1), static_cast<size_t>(channels), 0);
    const int64_t plane = elementCount(shape) / shape[0] / channels;
    const int64_t size = channels / groups * plane;
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        forChunks(inputs[0].count() / size, 1, [&](int64_t i, int64_t, int64_t) {
            const Moments moments(inputs[0].data() + i * size, size);
            standardize(inputs[0].data() + i * size, outputs[0].data() + i * size, size, moments.mean, 1 / std::sqrt(moments.variance + epsilon));
        });
        affinePlain(outputs[0].data(), factor.data(), shift.data(), outputs[0].data(), inputs[0].count() / plane / channels, channels, plane);
        return {};
    });
}

KernelResult layerNorm(const Work& work)
{
    const Shape& shape = work.input();
    const auto axis = static_cast<std::ptrdiff_t>(axisOf(work.attributes(), -1, shape.size()));
    const int64_t size = elementCount(Shape(shape.begin() + axis, shape.end()));
    const double epsilon = work.attributes().real("epsilon", 1e-5);
    const std::vector<float> factor = valuesOf(work.weight(0), static_cast<size_t>(size), 1);
    const std::vector<float> shift = valuesOf(work.weight(1), static_cast<size_t>(size), 0);
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        forChunks(inputs[0].count() / size, 4, [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                const Moments moments(inputs[0].data() + i * size, size);
                float* out = outputs[0].data() + i * size;
                standardize(inputs[0].data() + i * size, out, size, moments.mean, 1 / std::sqrt(moments.variance + epsilon));
                affineRow(out, factor.data(), shift.data(), out, size);
            }
        });
        return {};
    });
}

}  // namespace qs::kernels
