// Convolutions in groups of few channels, depthwise ones above all: a register holds neighbouring channels of a pixel, and each output of it reads
// the inputs of its own group.
#include "core/base/parallel.h"
#include "core/engine/kernels/convolution.h"
#include "core/engine/kernels/product.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace qs::kernels {

namespace {

/// A row of outputs.
struct GroupedRow {
    const float* const* rows;  ///< of inputs, by row of the window; null: outside
    int64_t width;             ///< of the picture
    int64_t channels, group;   ///< `group`: channels of one
    int64_t kernelHeight, kernelWidth, stride, pad, dilation;
    const float* weights;  ///< by register of channels, tap, input of a group, channel
    const float* bias;     ///< up to whole registers
    const FusedActivation* activation;
    float* out;
    int64_t outStep, outWidth;
    int64_t firstInside, endInside;  ///< outputs whose whole window is inside
};

}  // namespace

}  // namespace qs::kernels

#define QS_LOOPS "core/engine/kernels/loops/grouped.h"
#include "core/engine/kernels/loops/each_level.h"

namespace qs::kernels {

namespace {

class Grouped final : public Kernel {
public:
    explicit Grouped(const Work& work)
        : m_window(work),
          m_output(work.output()),
          m_activation(asLimits(work.request.activation)),
          m_inside(m_window.columnsInside(m_output[3])),
          m_bias(static_cast<size_t>(rounded(m_output[1], vectors().lanes))),
          m_weights(m_bias.size() * static_cast<size_t>(m_window.taps() * m_window.groupInputs))
    {
        const auto weights = work.weight(0)->floats();
        const int64_t taps = m_window.taps();
        const int64_t inputs = m_window.groupInputs;
        const int64_t lanes = vectors().lanes;
        for (int64_t channel = 0; channel < m_output[1]; ++channel)
            for (int64_t i = 0; i < inputs; ++i)
                for (int64_t tap = 0; tap < taps; ++tap)
                    m_weights[static_cast<size_t>(((channel / lanes * taps + tap) * inputs + i) * lanes + channel % lanes)] =
                        weights[static_cast<size_t>((channel * inputs + i) * taps + tap)];
        if (const auto bias = work.weight(1))
            std::copy(bias->floats().begin(), bias->floats().end(), m_bias.begin());
        // Where many columns are at the borders, zeros are laid around the picture: they must add nothing.
        const bool narrow = 5 * (m_inside.second - m_inside.first) < 4 * m_output[3];
        m_laidOut = narrow && std::all_of(weights.begin(), weights.end(), [](float value) { return std::isfinite(value); });
    }
    std::span<const Layout> inputLayouts() const override { return {&m_layout, 1}; }
    std::span<const Layout> outputLayouts() const override { return {&m_layout, 1}; }
    std::span<const Shape> outputShapes() const override { return {&m_output, 1}; }
    bool writesChannels() const override { return true; }

    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        // Less work is not worth another thread.
        constexpr int64_t leastWork = 1 << 16;
        const int64_t workOfOutput = m_window.taps() * m_window.groupInputs;
        if (m_laidOut) {
            const int64_t width = channelsTogether();
            const int64_t blocks = pieces(m_output[1], width);
            const int64_t work = std::max<int64_t>(1, workOfOutput * width * m_output[2] * m_output[3]);
            forChunks(m_output[0] * blocks, pieces(leastWork, work), [&](int64_t, int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; ++i)
                    runChannels(inputs[0].data(), outputs[0], i / blocks, i % blocks * width, std::min(m_output[1], (i % blocks + 1) * width));
            });
            return {};
        }
        // Some rows at a time: what they share of the picture is in the cache.
        const int64_t rows = m_output[0] * m_output[2];
        const int64_t work = std::max<int64_t>(1, workOfOutput * m_output[1] * m_output[3]);
        forChunks(rows, std::max(pieces(rows, 16), pieces(leastWork, work)), [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row)
                runRow(inputs[0].data(), outputs[0], row);
        });
        return {};
    }

private:
    /// Whole registers and groups, some hundred bytes of a pixel.
    int64_t channelsTogether() const { return rounded(64, std::max(vectors().lanes, m_window.groupInputs)); }
    /// The left and right columns of zeros that a row of outputs reads.
    int64_t laidOutWidth() const
    {
        return std::max(m_window.pad[1] + m_window.width,
                        (m_output[3] - 1) * m_window.stride[1] + (m_window.kernel[1] - 1) * m_window.dilation[1] + 1);
    }

    /// Channels [first, end) of a picture, with columns of zeros beside it.
    void runChannels(const float* in, Tensor& out, int64_t n, int64_t first, int64_t end) const
    {
        const Window& w = m_window;
        const int64_t channels = end - first;
        const int64_t width = laidOutWidth();
        const int64_t rowSize = width * channels;
        auto* picture = static_cast<float*>(scratch(static_cast<size_t>(w.height * rowSize) * sizeof(float)));
        for (int64_t y = 0; y < w.height; ++y) {
            float* row = picture + y * rowSize;
            const float* from = in + (n * w.height + y) * w.width * w.channels + first;
            std::fill(row, row + w.pad[1] * channels, 0.0F);
            for (int64_t x = 0; x < w.width; ++x)
                std::memcpy(row + (w.pad[1] + x) * channels, from + x * w.channels, static_cast<size_t>(channels) * sizeof(float));
            std::fill(row + (w.pad[1] + w.width) * channels, row + rowSize, 0.0F);
        }
        const int64_t weightsOfChannel = w.taps() * w.groupInputs;
        for (int64_t y = 0; y < m_output[2]; ++y) {
            GroupedRow row = rowOf(out, n * m_output[2] + y);
            row.width = width;
            row.channels = channels;
            row.pad = 0;
            row.weights += first * weightsOfChannel;
            row.bias += first;
            row.out += first;
            row.firstInside = 0;
            row.endInside = m_output[3];
            multiply(row, picture, y, rowSize);
        }
    }

    void runRow(const float* in, Tensor& out, int64_t index) const
    {
        const int64_t rowSize = m_window.width * m_window.channels;
        multiply(rowOf(out, index), in + index / m_output[2] * m_window.height * rowSize, index % m_output[2], rowSize);
    }

    /// All but its rows of inputs.
    GroupedRow rowOf(Tensor& out, int64_t index) const
    {
        return {.rows = nullptr,
                .width = m_window.width,
                .channels = m_window.channels,
                .group = m_window.groupInputs,
                .kernelHeight = m_window.kernel[0],
                .kernelWidth = m_window.kernel[1],
                .stride = m_window.stride[1],
                .pad = m_window.pad[1],
                .dilation = m_window.dilation[1],
                .weights = m_weights.data(),
                .bias = m_bias.data(),
                .activation = m_activation ? &*m_activation : nullptr,
                .out = out.data() + index * m_output[3] * out.pixelStep(),
                .outStep = out.pixelStep(),
                .outWidth = m_output[3],
                .firstInside = m_inside.first,
                .endInside = m_inside.second};
    }

    /// `picture`: of one sample, `rowSize` floats a row; `y`: of the output.
    void multiply(GroupedRow row, const float* picture, int64_t y, int64_t rowSize) const
    {
        const Window& w = m_window;
        constexpr int64_t usual = 16;
        std::array<const float*, usual> some{};
        std::vector<const float*> many;
        if (w.kernel[0] > usual)
            many.resize(static_cast<size_t>(w.kernel[0]));
        const float** rows = many.empty() ? some.data() : many.data();
        for (int64_t tap = 0; tap < w.kernel[0]; ++tap) {
            const int64_t from = y * w.stride[0] - w.pad[0] + tap * w.dilation[0];
            rows[tap] = from >= 0 && from < w.height ? picture + from * rowSize : nullptr;
        }
        row.rows = rows;
        QS_AT_LEVEL(groupedRow(row));
    }

    Layout m_layout = Layout::ChannelsLast;
    Window m_window;
    Shape m_output;
    std::optional<FusedActivation> m_activation;
    std::pair<int64_t, int64_t> m_inside;  ///< columns of outputs whose whole windows are inside
    bool m_laidOut = false;
    std::vector<float> m_bias;
    std::vector<float> m_weights;
};

}  // namespace

std::unique_ptr<Kernel> grouped(const Work& work)
{
    const Window window(work);
    // Larger groups are products of matrices.
    constexpr int64_t mostTogether = 16;
    const bool fits = window.group > 1 && window.groupInputs == window.groupOutputs &&
                      (vectors().lanes % window.groupInputs == 0 || window.groupInputs % vectors().lanes == 0) && window.groupInputs <= mostTogether;
    return fits ? std::make_unique<Grouped>(work) : nullptr;
}

}  // namespace qs::kernels
