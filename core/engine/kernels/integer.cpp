// Layers of a deploy model: int8 weights times activation codes, summed up in integers.
//
// Source: semantics 1.1, 1.7, 1.8: acc = bias + sum over w * (q - offset_d), DeQuant: y = acc * scale_w * scale_d. Padding is 0 in float, which is
// q = offset_d, so that it adds nothing.
//
// The three kinds of layer differ only in which input elements meet a weight. Each output pixel's inputs are gathered into one row ("patch") of
// 16-bit numbers, and a row of weights times a patch is a dot product.
#include "core/base/levels.h"
#include "core/engine/kernels/kernels.h"
#include "core/ops/picture_form.h"

#include <atomic>
#include <limits>

namespace qs::kernels {

namespace {

QS_LEVELS(void, narrowDots, (const int16_t* weights, const int16_t* patches, int64_t count, int64_t length, int64_t* sums),
          (weights, patches, count, length, sums))
{
    for (int64_t p = 0; p < count; ++p) {
        const int16_t* patch = patches + p * length;
        int32_t sum = 0;
        for (int64_t k = 0; k < length; ++k)
            sum += static_cast<int32_t>(weights[k]) * static_cast<int32_t>(patch[k]);
        sums[p] = sum;
    }
}

QS_LEVELS(void, wideDots, (const int16_t* weights, const int32_t* patches, int64_t count, int64_t length, int64_t* sums),
          (weights, patches, count, length, sums))
{
    for (int64_t p = 0; p < count; ++p) {
        const int32_t* patch = patches + p * length;
        int64_t sum = 0;
        for (int64_t k = 0; k < length; ++k)
            sum += static_cast<int64_t>(weights[k]) * static_cast<int64_t>(patch[k]);
        sums[p] = sum;
    }
}

void dots(const int16_t* weights, const int16_t* patches, int64_t count, int64_t length, int64_t* sums)
{
    narrowDots(weights, patches, count, length, sums);
}
void dots(const int16_t* weights, const int32_t* patches, int64_t count, int64_t length, int64_t* sums)
{
    wideDots(weights, patches, count, length, sums);
}

/// What of the input meets the weights of one group for one output pixel.
struct Geometry {
    int64_t samples = 1;
    int64_t groups = 1;
    int64_t rows = 1;      ///< output channels of a group
    int64_t channels = 1;  ///< input channels of a group
    int64_t inputHeight = 1, inputWidth = 1, outputHeight = 1, outputWidth = 1;
    int64_t kernelHeight = 1, kernelWidth = 1, strideY = 1, strideX = 1, padY = 0, padX = 0, dilationY = 1, dilationX = 1;
    bool transposed = false;  ///< Deconvolution

    int64_t patch() const { return channels * kernelHeight * kernelWidth; }
    int64_t inputPixels() const { return inputHeight * inputWidth; }
    int64_t outputPixels() const { return outputHeight * outputWidth; }

    /// The input coordinate that tap k of output coordinate `at` reads; -1: none.
    static int64_t source(int64_t at, int64_t k, int64_t stride, int64_t pad, int64_t dilation, int64_t extent, bool transposed)
    {
        int64_t coordinate = transposed ? at + pad - k * dilation : at * stride - pad + k * dilation;
        if (transposed) {
            if (coordinate < 0 || coordinate % stride != 0)
                return -1;
            coordinate /= stride;
        }
        return coordinate < 0 || coordinate >= extent ? -1 : coordinate;
    }
};

Result<Geometry> geometryOf(const Work& work)
{
    Geometry g;
    const std::string& op = work.layer().op;
    if (op == "InnerProduct") {
        const Shape& weight = work.weight(0)->shape();
        g.rows = weight[0];
        g.channels = weight[1];
        g.samples = elementCount(work.output()) / g.rows;
        return g;
    }
    if (work.input().size() > 4)
        return Error{ErrorCode::NotSupported, "in integers it runs with one and two spatial dimensions, its input is " + shapeText(work.input()), {}};
    const Attributes attributes = pictureAttributes(work.attributes());
    const Shape input = pictureShape(work.input());
    const Shape output = pictureShape(work.output());
    const std::vector<int64_t> one{1, 1};
    const std::vector<int64_t> kernel = attributes.integers("kernel");
    const std::vector<int64_t> stride = attributes.integers("stride", one);
    const std::vector<int64_t> dilation = attributes.integers("dilation", one);
    const std::vector<int64_t> pad = attributes.integers("pad", {0, 0, 0, 0});
    g.transposed = op == "Deconvolution";
    g.groups = attributes.integer("group", 1);
    g.samples = input[0];
    g.channels = input[1] / g.groups;
    g.rows = output[1] / g.groups;
    g.inputHeight = input[2];
    g.inputWidth = input[3];
    g.outputHeight = output[2];
    g.outputWidth = output[3];
    g.kernelHeight = kernel[0];
    g.kernelWidth = kernel[1];
    g.strideY = stride[0];
    g.strideX = stride[1];
    g.padY = pad[0];
    g.padX = pad[1];
    g.dilationY = dilation[0];
    g.dilationX = dilation[1];
    return g;
}

/// Rows of (input channel, tap) for every output channel.
std::vector<int16_t> weightRows(const Geometry& g, std::span<const int8_t> codes)
{
    if (!g.transposed)
        return {codes.begin(), codes.end()};
    // (Cin, Cout / group, kh, kw) to (Cout, Cin / group, kh, kw).
    const int64_t taps = g.kernelHeight * g.kernelWidth;
    std::vector<int16_t> rows(codes.size());
    for (int64_t group = 0; group < g.groups; ++group)
        for (int64_t row = 0; row < g.rows; ++row)
            for (int64_t channel = 0; channel < g.channels; ++channel)
                for (int64_t tap = 0; tap < taps; ++tap)
                    rows[static_cast<size_t>(((group * g.rows + row) * g.channels + channel) * taps + tap)] =
                        codes[static_cast<size_t>(((group * g.channels + channel) * g.rows + row) * taps + tap)];
    return rows;
}

template <class Code>
class IntegerKernel final : public Kernel {
public:
    IntegerKernel(const Work& work, const Geometry& geometry)
        : m_geometry(geometry),
          m_offset(static_cast<Code>(work.attributes().integer("inputOffset", 0))),
          m_rows(weightRows(geometry, work.weight(0)->template as<int8_t>())),
          m_layouts(work.plainInputs()),
          m_outputLayouts(work.plainOutputs()),
          m_shapes(work.outputShapes)
    {
        m_bias.resize(static_cast<size_t>(geometry.groups * geometry.rows));
        if (const auto bias = work.weight(1)) {
            const auto values = std::as_const(*bias).template as<int32_t>();
            std::copy(values.begin(), values.end(), m_bias.begin());
        }
    }

    std::span<const Layout> inputLayouts() const override { return m_layouts; }
    std::span<const Layout> outputLayouts() const override { return m_outputLayouts; }
    std::span<const Shape> outputShapes() const override { return m_shapes; }
    Element outputElement() const override { return Element::Int32; }
    int64_t overflows() const override { return m_overflows; }

    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        const Geometry& g = m_geometry;
        std::atomic<int64_t> overflows = 0;
        const float* input = inputs[0].data();
        int32_t* output = outputs[0].integers().data();
        // For InnerProduct the samples are the pixels of one picture of height 1.
        const bool dense = g.inputPixels() == 1 && g.outputPixels() == 1 && g.kernelHeight * g.kernelWidth == 1 && g.groups == 1;
        const int64_t pixels = dense ? g.samples : g.outputPixels();
        const int64_t pictures = dense ? 1 : g.samples;
        constexpr int64_t chunk = 32;
        const int64_t chunks = (pixels + chunk - 1) / chunk;
        forChunks(pictures * g.groups * chunks, 1, [&](int64_t, int64_t item, int64_t) {
            const int64_t picture = item / (g.groups * chunks);
            const int64_t group = item / chunks % g.groups;
            const int64_t first = item % chunks * chunk;
            const int64_t count = std::min(chunk, pixels - first);
            std::vector<Code> patches(static_cast<size_t>(count * g.patch()));
            for (int64_t p = 0; p < count; ++p) {
                Code* patch = patches.data() + p * g.patch();
                if (dense)
                    copyRow(input + (first + p) * g.channels, patch);
                else
                    gather(input + (picture * g.groups + group) * g.channels * g.inputPixels(), first + p, patch);
            }
            int64_t sums[chunk];
            int64_t outside = 0;
            for (int64_t row = 0; row < g.rows; ++row) {
                const int64_t channel = group * g.rows + row;
                dots(m_rows.data() + channel * g.patch(), patches.data(), count, g.patch(), sums);
                for (int64_t p = 0; p < count; ++p) {
                    const int64_t sum = sums[p] + m_bias[static_cast<size_t>(channel)];
                    outside += sum > std::numeric_limits<int32_t>::max() || sum < std::numeric_limits<int32_t>::min() ? 1 : 0;
                    const int64_t at = dense ? (first + p) * g.rows + channel : (picture * g.groups * g.rows + channel) * pixels + first + p;
                    output[at] = static_cast<int32_t>(sum);
                }
            }
            overflows += outside;
        });
        m_overflows = overflows;
        return {};
    }

private:
    void copyRow(const float* codes, Code* patch) const
    {
        for (int64_t k = 0; k < m_geometry.channels; ++k)
            patch[k] = static_cast<Code>(static_cast<Code>(codes[k]) - m_offset);
    }

    void gather(const float* codes, int64_t pixel, Code* patch) const
    {
        const Geometry& g = m_geometry;
        const int64_t y = pixel / g.outputWidth;
        const int64_t x = pixel % g.outputWidth;
        for (int64_t ky = 0; ky < g.kernelHeight; ++ky) {
            const int64_t iy = Geometry::source(y, ky, g.strideY, g.padY, g.dilationY, g.inputHeight, g.transposed);
            for (int64_t kx = 0; kx < g.kernelWidth; ++kx) {
                const int64_t ix = Geometry::source(x, kx, g.strideX, g.padX, g.dilationX, g.inputWidth, g.transposed);
                const int64_t tap = ky * g.kernelWidth + kx;
                const int64_t taps = g.kernelHeight * g.kernelWidth;
                for (int64_t channel = 0; channel < g.channels; ++channel) {
                    // Patches start as zeros: padding adds nothing.
                    if (iy >= 0 && ix >= 0)
                        patch[channel * taps + tap] =
                            static_cast<Code>(static_cast<Code>(codes[channel * g.inputPixels() + iy * g.inputWidth + ix]) - m_offset);
                }
            }
        }
    }

    Geometry m_geometry;
    Code m_offset;
    std::vector<int16_t> m_rows;
    std::vector<int64_t> m_bias;
    std::vector<Layout> m_layouts;
    std::vector<Layout> m_outputLayouts;
    std::vector<Shape> m_shapes;
    int64_t m_overflows = 0;
};

size_t channelAxis(const Work& work)
{
    return static_cast<size_t>(work.attributes().integer("axis", 1));
}

class DeQuantKernel final : public Kernel {
public:
    explicit DeQuantKernel(const Work& work)
        : m_scales(work.weight(0)),
          m_axis(channelAxis(work)),
          m_layouts(work.plainInputs()),
          m_outputLayouts(work.plainOutputs()),
          m_shapes(work.outputShapes)
    {
    }
    std::span<const Layout> inputLayouts() const override { return m_layouts; }
    std::span<const Layout> outputLayouts() const override { return m_outputLayouts; }
    std::span<const Shape> outputShapes() const override { return m_shapes; }
    Element inputElement() const override { return Element::Int32; }

    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        if (inputs[0].element() != Element::Int32)
            return Error{ErrorCode::ModelInvalid, "its input is not an integer layer's", {}};
        const auto scales = std::as_const(*m_scales).floats();
        const Shape& shape = m_shapes.front();
        const auto channels = static_cast<int64_t>(scales.size());
        const int64_t inner = channels == 1 ? 1 : elementCount({shape.begin() + static_cast<std::ptrdiff_t>(m_axis) + 1, shape.end()});
        const auto sums = inputs[0].integers();
        float* values = outputs[0].data();
        for (size_t i = 0; i < sums.size(); ++i) {
            const auto scale = channels == 1 ? scales[0] : scales[static_cast<size_t>(static_cast<int64_t>(i) / inner % channels)];
            values[i] = static_cast<float>(sums[i]) * scale;
        }
        return {};
    }

private:
    std::shared_ptr<const Buffer> m_scales;
    size_t m_axis;
    std::vector<Layout> m_layouts;
    std::vector<Layout> m_outputLayouts;
    std::vector<Shape> m_shapes;
};

}  // namespace

KernelResult integerLayer(const Work& work)
{
    QS_TRY(const Geometry geometry, geometryOf(work));
    const int64_t bits = work.attributes().integer("inputBits", 8);
    if (bits < 8 || bits > 16)
        return Error{ErrorCode::OutOfRange, "codes of " + std::to_string(bits) + " bits; 8 to 16 are possible", {}};
    // |q - offset| <= 2^bits - 1 and |w| <= 128: where no sum can leave int32 the fast path is exact.
    const int64_t largest = (int64_t{1} << bits) - 1;
    const bool narrow = bits < 16 && geometry.patch() * largest * 128 <= std::numeric_limits<int32_t>::max();
    if (narrow)
        return std::unique_ptr<Kernel>(std::make_unique<IntegerKernel<int16_t>>(work, geometry));
    return std::unique_ptr<Kernel>(std::make_unique<IntegerKernel<int32_t>>(work, geometry));
}

KernelResult deQuant(const Work& work)
{
    const auto scales = work.weight(0);
    const Shape& shape = work.output();
    if (!scales || (scales->count() != 1 && (channelAxis(work) >= shape.size() || scales->count() != shape[channelAxis(work)])))
        return Error{ErrorCode::WeightsMismatch,
                     "it has " + std::to_string(scales ? scales->count() : 0) + " dequantization parameters for an output of " + shapeText(shape),
                     {}};
    return std::unique_ptr<Kernel>(std::make_unique<DeQuantKernel>(work));
}

}  // namespace qs::kernels
