// Convolutions in groups of few channels, depthwise ones above all: a register holds neighbouring channels of a pixel, and each output of it reads
// the inputs of its own group.
#include "core/base/parallel.h"
#include "core/engine/kernels/convolution.h"
#include "core/engine/kernels/product.h"

#include <algorithm>

namespace qs::kernels {

namespace {

/// A row of outputs.
struct GroupedRow {
    const float* const* rows;  ///< of inputs, by row of the window; null: outside
    int64_t width;             ///< of the picture
    int64_t channels, group;   ///< `group`: channels of one
    int64_t kernelHeight, kernelWidth, stride, pad, dilation;
    const float* weights;  ///< by tap, input of a group, channel
    int64_t weightStep;    ///< the channels, up to whole registers
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
          m_step(rounded(m_output[1], vectors().lanes)),
          m_bias(static_cast<size_t>(m_step)),
          m_weights(static_cast<size_t>(m_window.taps() * m_window.groupInputs * m_step))
    {
        const auto weights = work.weight(0)->floats();
        const int64_t taps = m_window.taps();
        const int64_t inputs = m_window.groupInputs;
        for (int64_t channel = 0; channel < m_output[1]; ++channel)
            for (int64_t i = 0; i < inputs; ++i)
                for (int64_t tap = 0; tap < taps; ++tap)
                    m_weights[static_cast<size_t>((tap * inputs + i) * m_step + channel)] =
                        weights[static_cast<size_t>((channel * inputs + i) * taps + tap)];
        if (const auto bias = work.weight(1))
            std::copy(bias->floats().begin(), bias->floats().end(), m_bias.begin());
    }
    std::span<const Layout> inputLayouts() const override { return {&m_layout, 1}; }
    std::span<const Layout> outputLayouts() const override { return {&m_layout, 1}; }
    std::span<const Shape> outputShapes() const override { return {&m_output, 1}; }
    bool writesChannels() const override { return true; }

    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        // Some rows at a time: what they share of the picture is in the cache.
        const int64_t rows = m_output[0] * m_output[2];
        forChunks(rows, std::max<int64_t>(1, pieces(rows, 16)), [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row)
                runRow(inputs[0].data(), outputs[0], row);
        });
        return {};
    }

private:
    void runRow(const float* in, Tensor& out, int64_t index) const
    {
        const Window& w = m_window;
        const int64_t n = index / m_output[2];
        const int64_t y = index % m_output[2];
        const int64_t rowSize = w.width * w.channels;
        constexpr int64_t usual = 16;
        std::array<const float*, usual> some{};
        std::vector<const float*> many;
        if (w.kernel[0] > usual)
            many.resize(static_cast<size_t>(w.kernel[0]));
        const float** rows = many.empty() ? some.data() : many.data();
        for (int64_t tap = 0; tap < w.kernel[0]; ++tap) {
            const int64_t from = y * w.stride[0] - w.pad[0] + tap * w.dilation[0];
            rows[tap] = from >= 0 && from < w.height ? in + (n * w.height + from) * rowSize : nullptr;
        }
        const auto [first, end] = w.columnsInside(m_output[3]);
        const GroupedRow row{.rows = rows,
                             .width = w.width,
                             .channels = w.channels,
                             .group = w.groupInputs,
                             .kernelHeight = w.kernel[0],
                             .kernelWidth = w.kernel[1],
                             .stride = w.stride[1],
                             .pad = w.pad[1],
                             .dilation = w.dilation[1],
                             .weights = m_weights.data(),
                             .weightStep = m_step,
                             .bias = m_bias.data(),
                             .activation = m_activation ? &*m_activation : nullptr,
                             .out = out.data() + index * m_output[3] * out.pixelStep(),
                             .outStep = out.pixelStep(),
                             .outWidth = m_output[3],
                             .firstInside = first,
                             .endInside = end};
        QS_AT_LEVEL(groupedRow(row));
    }

    Layout m_layout = Layout::ChannelsLast;
    Window m_window;
    Shape m_output;
    std::optional<FusedActivation> m_activation;
    int64_t m_step;
    std::vector<float> m_bias;
    std::vector<float> m_weights;
};

}  // namespace

std::unique_ptr<Kernel> grouped(const Work& work)
{
    const Window window(work);
    const bool fits = window.group > 1 && window.groupInputs == window.groupOutputs && vectors().lanes % window.groupInputs == 0;
    return fits ? std::make_unique<Grouped>(work) : nullptr;
}

}  // namespace qs::kernels
