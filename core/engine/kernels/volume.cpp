// Convolutions and poolings with one or three spatial dimensions, by the kernels of pictures. A row is a picture of height 1. A volume whose window
// is one slice deep is as many pictures as it has slices; one whose window is one pixel wide and high is a picture of its depth by its pixels, and so
// are the two steps of a pooling (a maximum of maxima, a mean of means). In channels-last layout these are the same bytes. For other windows, the
// slices that an output's window reads are laid side by side: a picture of so many times the channels.
#include "core/base/parallel.h"
#include "core/engine/kernels/kernels.h"
#include "core/ops/picture_form.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

namespace qs::kernels {

namespace {

using Ints = std::vector<int64_t>;

/// Weights in another form, as long as somebody needs them: kernels share what they pack by the weights' address (product.cpp).
class Rearrangements {
public:
    using Make = Buffer (*)(const Buffer& weights, const Shape& shape);

    std::shared_ptr<const Buffer> find(const std::shared_ptr<const Buffer>& weights, const Shape& shape, Make make)
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_known, [](const auto& known) { return known.second.made.expired(); });
        Rearranged& known = m_known[{weights.get(), shape, make}];
        std::shared_ptr<const Buffer> made = known.made.lock();
        if (made && known.from.lock() == weights)
            return made;
        made = std::make_shared<const Buffer>(make(*weights, shape));
        known = {weights, made};
        return made;
    }

private:
    struct Rearranged {
        std::weak_ptr<const Buffer> from;  ///< others may come to lie where they were
        std::weak_ptr<const Buffer> made;
    };
    std::mutex m_mutex;
    std::map<std::tuple<const Buffer*, Shape, Make>, Rearranged> m_known;
};

Rearrangements& rearrangements()
{
    static Rearrangements all;
    return all;
}

Buffer reshaped(const Buffer& weights, const Shape& shape)
{
    return weights.reshaped(shape);
}

/// (outputs, inputs, depth, height, width) to (outputs, depth * inputs, height, width): slice by slice.
Buffer sliceBySlice(const Buffer& weights, const Shape& shape)
{
    const Shape& from = weights.shape();
    const int64_t pixels = from[3] * from[4];
    Buffer made(DType::F32, shape);
    for (int64_t o = 0; o < from[0]; ++o)
        for (int64_t i = 0; i < from[1]; ++i)
            for (int64_t d = 0; d < from[2]; ++d)
                std::copy_n(weights.floats().data() + ((o * from[1] + i) * from[2] + d) * pixels, pixels,
                            made.floats().data() + ((o * from[2] + d) * from[1] + i) * pixels);
    return made;
}

/// A kernel of pictures, and what it must not outlive.
struct OfPictures {
    Shape input;
    std::unique_ptr<Kernel> kernel;
    std::vector<std::shared_ptr<const Buffer>> weights;
};

Result<OfPictures> ofPictures(const Work& work, Factory make, const Attributes& attributes, Shape input,
                              std::vector<std::shared_ptr<const Buffer>> weights)
{
    Layer layer = work.layer();
    layer.attributes = attributes;
    layer.weights = weights;
    KernelRequest request = work.request;
    request.layer = &layer;
    request.weights = weights;
    request.inputShapes = {input};
    request.inputLayouts = {Layout::ChannelsLast};
    QS_TRY(std::vector<Shape> shapes, findOp(layer.op)->shapes(layer, request.inputShapes));
    QS_TRY(std::unique_ptr<Kernel> kernel, make({request, std::move(shapes)}));
    return OfPictures{std::move(input), std::move(kernel), std::move(weights)};
}

/// Kernels of pictures one behind the other, over the same bytes.
class Viewed final : public Kernel {
public:
    Viewed(const Work& work, std::vector<OfPictures> steps)
        : m_steps(std::move(steps)), m_shapes(work.outputShapes), m_outputLayouts(m_shapes.size(), Layout::ChannelsLast)
    {
    }
    std::span<const Layout> inputLayouts() const override { return {m_outputLayouts.data(), 1}; }
    std::span<const Layout> outputLayouts() const override { return m_outputLayouts; }
    std::span<const Shape> outputShapes() const override { return m_shapes; }

    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        Tensor value = inputs[0];
        for (const OfPictures& step : m_steps) {
            const Tensor in = value.viewedAs(step.input, Layout::ChannelsLast);
            const auto shapes = step.kernel->outputShapes();
            std::vector<Tensor> out;
            for (size_t i = 0; i < shapes.size(); ++i)
                out.push_back(&step == &m_steps.back() ? outputs[i].viewedAs(shapes[i], Layout::ChannelsLast)
                                                       : TensorPool().allocate(shapes[i], Layout::ChannelsLast));
            QS_CHECK(step.kernel->run(std::span(&in, 1), out));
            value = out.front();
        }
        return {};
    }

private:
    std::vector<OfPictures> m_steps;
    std::vector<Shape> m_shapes;
    std::vector<Layout> m_outputLayouts;
};

KernelResult viewed(const Work& work, Result<OfPictures> step)
{
    if (!step)
        return step.error();
    std::vector<OfPictures> steps;
    steps.push_back(*std::move(step));
    return std::unique_ptr<Kernel>(std::make_unique<Viewed>(work, std::move(steps)));
}

/// Depth, height and width of a volume's windows.
struct VolumeWindow {
    explicit VolumeWindow(const Attributes& attributes)
        : kernel(attributes.integers("kernel")),
          stride(attributes.integers("stride", {1, 1, 1})),
          dilation(attributes.integers("dilation", {1, 1, 1})),
          pad(attributes.integers("pad", Ints(6)))
    {
    }
    /// Whether every output is made of its own place along this side alone.
    bool keeps(size_t side) const { return kernel[side] == 1 && stride[side] == 1 && pad[side] == 0 && pad[side + 3] == 0; }

    Ints kernel, stride, dilation, pad;
};

/// Of a slice.
Attributes heightAndWidth(const Attributes& attributes, const VolumeWindow& w)
{
    Attributes pictures = attributes;
    pictures.set("kernel", Ints{w.kernel[1], w.kernel[2]});
    pictures.set("stride", Ints{w.stride[1], w.stride[2]});
    pictures.set("dilation", Ints{w.dilation[1], w.dilation[2]});
    pictures.set("pad", Ints{w.pad[1], w.pad[2], w.pad[4], w.pad[5]});
    return pictures;
}

/// Of a picture as high as the volume is deep, as wide as a slice has pixels.
Attributes depthAlone(const Attributes& attributes, const VolumeWindow& w)
{
    Attributes pictures = attributes;
    pictures.set("kernel", Ints{w.kernel[0], 1});
    pictures.set("stride", Ints{w.stride[0], 1});
    pictures.set("dilation", Ints{w.dilation[0], 1});
    pictures.set("pad", Ints{w.pad[0], 0, w.pad[3], 0});
    return pictures;
}

/// A convolution with any window: some slices of outputs at a time.
class Stacked final : public Kernel {
public:
    Stacked(const Work& work, const VolumeWindow& window, OfPictures pictures)
        : m_input(work.input()),
          m_output(work.output()),
          m_group(work.attributes().integer("group", 1)),
          m_window(window),
          m_pictures(std::move(pictures))
    {
    }
    std::span<const Layout> inputLayouts() const override { return {&m_layout, 1}; }
    std::span<const Layout> outputLayouts() const override { return {&m_layout, 1}; }
    std::span<const Shape> outputShapes() const override { return {&m_output, 1}; }

    /// Of outputs: as many as their inputs, side by side, take some MB.
    static int64_t slicesTogether(const Shape& input, const Shape& output, const VolumeWindow& window)
    {
        constexpr int64_t floats = int64_t{1} << 22;
        const int64_t most = std::max<int64_t>(1, floats / std::max<int64_t>(1, window.kernel[0] * input[1] * input[3] * input[4]));
        const int64_t parts = (output[2] + most - 1) / most;
        return (output[2] + parts - 1) / parts;
    }

    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        const int64_t some = m_pictures.input[0];
        Tensor beside = TensorPool().allocate(m_pictures.input, Layout::ChannelsLast);
        const Tensor all = outputs[0].viewedAs({1, m_output[1], m_output[0] * m_output[2] * m_output[3], m_output[4]}, Layout::ChannelsLast);
        for (int64_t n = 0; n < m_output[0]; ++n)
            for (int64_t slice = 0; slice < m_output[2]; slice += some) {
                // The last ones begin earlier, and are computed again.
                const int64_t first = std::min(slice, m_output[2] - some);
                layBeside(inputs[0].data() + n * elementCount(m_input) / m_input[0], first, beside.data());
                Tensor out = all.rows((n * m_output[2] + first) * m_output[3], some * m_output[3])
                                 .viewedAs({some, m_output[1], m_output[3], m_output[4]}, Layout::ChannelsLast);
                QS_CHECK(m_pictures.kernel->run(std::span(&beside, 1), std::span(&out, 1)));
            }
        return {};
    }

private:
    /// By pixel: of each group, slice by slice, what the windows of output slices from `first` on read; zeros outside of the volume.
    void layBeside(const float* volume, int64_t first, float* to) const
    {
        const int64_t taps = m_window.kernel[0];
        const int64_t inputs = m_input[1] / m_group;
        const int64_t row = m_input[4] * m_input[1];
        const auto bytes = static_cast<size_t>(inputs) * sizeof(float);
        forChunks(m_pictures.input[0] * m_input[3], 4, [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t line = begin; line < end; ++line)
                for (int64_t tap = 0; tap < taps; ++tap) {
                    const int64_t slice = (first + line / m_input[3]) * m_window.stride[0] - m_window.pad[0] + tap * m_window.dilation[0];
                    const bool inside = slice >= 0 && slice < m_input[2];
                    const float* from = inside ? volume + (slice * m_input[3] + line % m_input[3]) * row : nullptr;
                    float* out = to + line * row * taps + tap * inputs;
                    for (int64_t i = 0; i < m_input[4] * m_group; ++i)
                        if (inside)
                            std::memcpy(out + i * taps * inputs, from + i * inputs, bytes);
                        else
                            std::memset(out + i * taps * inputs, 0, bytes);
                }
        });
    }

    Layout m_layout = Layout::ChannelsLast;
    Shape m_input, m_output;
    int64_t m_group;
    VolumeWindow m_window;
    OfPictures m_pictures;
};

/// The layer's weights, the first in another form.
std::vector<std::shared_ptr<const Buffer>> weightsAs(const Work& work, const Shape& shape, Rearrangements::Make make)
{
    std::vector<std::shared_ptr<const Buffer>> weights = work.request.weights;
    weights.front() = rearrangements().find(weights.front(), shape, make);
    return weights;
}

KernelResult stacked(const Work& work, Factory make, const VolumeWindow& window)
{
    const Shape& in = work.input();
    const Shape& weight = work.weight(0)->shape();
    QS_TRY(OfPictures pictures, ofPictures(work, make, heightAndWidth(work.attributes(), window),
                                           {Stacked::slicesTogether(in, work.output(), window), window.kernel[0] * in[1], in[3], in[4]},
                                           weightsAs(work, {weight[0], weight[2] * weight[1], weight[3], weight[4]}, sliceBySlice)));
    return std::unique_ptr<Kernel>(std::make_unique<Stacked>(work, window, std::move(pictures)));
}

KernelResult volumeConvolution(const Work& work, Factory make)
{
    const VolumeWindow window(work.attributes());
    const Shape& in = work.input();
    const Shape& weight = work.weight(0)->shape();
    if (window.keeps(0))
        return viewed(work, ofPictures(work, make, heightAndWidth(work.attributes(), window), {in[0] * in[2], in[1], in[3], in[4]},
                                       weightsAs(work, {weight[0], weight[1], weight[3], weight[4]}, reshaped)));
    if (window.keeps(1) && window.keeps(2))
        return viewed(work, ofPictures(work, make, depthAlone(work.attributes(), window), {in[0], in[1], in[2], in[3] * in[4]},
                                       weightsAs(work, {weight[0], weight[1], weight[2], 1}, reshaped)));
    return stacked(work, make, window);
}

KernelResult volumePooling(const Work& work, Factory make)
{
    const Shape& in = work.input();
    if (work.outputShapes.size() > 1)
        return Error{ErrorCode::NotSupported, "the places of maxima in three dimensions are not built", {}};
    if (work.attributes().flag("global", false))
        return viewed(work, ofPictures(work, make, work.attributes(), {in[0], in[1], in[2] * in[3], in[4]}, {}));
    const VolumeWindow window(work.attributes());
    const Shape& out = work.output();
    std::vector<OfPictures> steps;
    if (!window.keeps(1) || !window.keeps(2)) {
        QS_TRY(steps.emplace_back(), ofPictures(work, make, heightAndWidth(work.attributes(), window), {in[0] * in[2], in[1], in[3], in[4]}, {}));
    }
    if (!window.keeps(0) || steps.empty()) {
        QS_TRY(steps.emplace_back(), ofPictures(work, make, depthAlone(work.attributes(), window), {in[0], in[1], in[2], out[3] * out[4]}, {}));
    }
    return std::unique_ptr<Kernel>(std::make_unique<Viewed>(work, std::move(steps)));
}

/// One spatial dimension.
KernelResult ofRows(const Work& work, Factory make)
{
    auto weights = work.request.weights;
    if (!weights.empty()) {
        const Shape& weight = weights.front()->shape();
        weights = weightsAs(work, {weight[0], weight[1], 1, weight[2]}, reshaped);
    }
    return viewed(work, ofPictures(work, make, pictureAttributes(work.attributes()), pictureShape(work.input()), std::move(weights)));
}

}  // namespace

KernelResult convolutionByPictures(const Work& work, Factory make)
{
    return work.input().size() == 3 ? ofRows(work, make) : volumeConvolution(work, make);
}

KernelResult poolingByPictures(const Work& work, Factory make)
{
    return work.input().size() == 3 ? ofRows(work, make) : volumePooling(work, make);
}

}  // namespace qs::kernels
