#include "core/engine/bands.h"

#include "core/base/parallel.h"
#include "core/ops/op.h"
#include "core/quant/fake_quant.h"

#include <algorithm>
#include <cstring>

namespace qs {

namespace {

/// The vertical side of a layer's window.
struct Side {
    int64_t reach, stride, above, below;

    explicit Side(const Layer& layer)
    {
        const std::vector<int64_t> pad = layer.attributes.integers("pad", {0, 0, 0, 0});
        reach = layer.attributes.integers("dilation", {1, 1})[0] * (layer.attributes.integers("kernel")[0] - 1) + 1;
        stride = layer.attributes.integers("stride", {1, 1})[0];
        above = pad[0];
        below = pad[2];
    }
    /// The first row that output row `row` reads, and the end of what it reads, in a picture without borders.
    int64_t begin(int64_t row) const { return row * stride - above; }
    int64_t end(int64_t row) const { return begin(row) + reach; }
};

int64_t rowSize(const Shape& shape)
{
    return shape[1] * shape[3];
}

}  // namespace

bool runsInBands(const Layer& layer, const Shape& input)
{
    if (input.size() != 4 || input[0] != 1 || layer.inputs.size() != 1 || layer.outputs.size() != 1)
        return false;
    if (layer.op == "Pooling")
        return !layer.attributes.flag("global", false);
    if ((layer.op != "Convolution" && layer.op != "DepthwiseConv") || layer.weights.empty() || layer.weights.front()->dtype() != DType::F32)
        return false;
    const std::vector<int64_t> kernel = layer.attributes.integers("kernel");
    constexpr int64_t picture = 4;
    return layer.attributes.integer("group", 1) == input[1] || input[1] <= picture || (kernel[0] == 1 && kernel[1] == 1);
}

Result<std::unique_ptr<BandChain>> BandChain::prepare(Engine& engine, std::vector<BandLayer> layers, const Shape& input)
{
    std::unique_ptr<BandChain> chain(new BandChain(std::move(layers), input));
    for (const BandLayer& layer : chain->m_layers) {
        const OpInfo* op = findOp(layer.layer->op);
        QS_TRY(std::vector<Shape> shapes, op->shapes(*layer.layer, std::span(&chain->m_shapes.back(), 1)));
        chain->m_shapes.push_back(std::move(shapes.front()));
    }
    // Each thread goes from top to bottom through a part of its own.
    const int64_t rows = chain->outputShape()[2];
    const int64_t parts = std::min<int64_t>(engine.threads(), rows);
    for (int64_t i = 0; i < parts; ++i) {
        Part part = chain->plannedForCache(rows * i / parts, rows * (i + 1) / parts);
        for (Step& step : part.steps) {
            auto& kernel = part.kernels[{static_cast<int64_t>(step.layer), step.sourceRows, step.above, step.below}];
            if (!kernel) {
                QS_TRY(kernel, chain->kernelFor(engine, step));
                if (!kernel)
                    return std::unique_ptr<BandChain>();
            }
            step.kernel = kernel.get();
        }
        chain->m_parts.push_back(std::move(part));
    }
    return chain;
}

bool BandChain::fits(std::span<const BandLayer> layers, const Shape& input) const
{
    return input == m_shapes.front() && std::equal(layers.begin(), layers.end(), m_layers.begin(), m_layers.end());
}

BandChain::Part BandChain::planned(int64_t first, int64_t end, int64_t rows) const
{
    const size_t count = m_layers.size();
    std::vector<Side> sides;
    for (const BandLayer& layer : m_layers)
        sides.emplace_back(*layer.layer);
    const auto height = [this](size_t layer) { return m_shapes[layer][2]; };  // of its source
    // Rows of each layer's output that exist, and the first row that the buffer before each layer holds.
    std::vector<int64_t> done(count), base(count), wanted(count);
    done.back() = first;
    for (size_t i = count - 1; i > 0; --i)
        done[i - 1] = base[i] = std::max<int64_t>(0, sides[i].begin(done[i]));
    Part part;
    part.bufferRows.resize(count);
    for (int64_t band = first; band < end; band += rows) {
        wanted.back() = std::min(end, band + rows);
        for (size_t i = count - 1; i > 0; --i)
            wanted[i - 1] = std::max(done[i - 1], std::min(height(i), sides[i].end(wanted[i] - 1)));
        for (size_t i = 0; i < count; ++i) {
            if (wanted[i] == done[i])
                continue;
            const Side& side = sides[i];
            const int64_t from = std::max<int64_t>(0, side.begin(done[i]));
            const int64_t to = std::min(height(i), side.end(wanted[i] - 1));
            Step step{.layer = i};
            step.source = from - base[i];
            step.sourceRows = to - from;
            step.target = done[i];
            step.targetRows = wanted[i] - done[i];
            step.above = std::max<int64_t>(0, -side.begin(done[i]));
            step.below = std::clamp<int64_t>(side.end(wanted[i] - 1) - height(i), 0, side.below);
            if (i + 1 < count) {
                const int64_t kept = std::clamp<int64_t>(sides[i + 1].begin(done[i + 1]), base[i + 1], done[i]);
                step.drop = kept - base[i + 1];
                step.keep = done[i] - kept;
                step.target = step.keep;
                base[i + 1] = kept;
                part.bufferRows[i + 1] = std::max(part.bufferRows[i + 1], wanted[i] - kept);
            }
            part.steps.push_back(step);
            done[i] = wanted[i];
        }
    }
    return part;
}

BandChain::Part BandChain::plannedForCache(int64_t first, int64_t end) const
{
    // About half of the second cache of a processor of today; what is read and written beside the buffers needs room, too.
    constexpr size_t cache = size_t{512} << 10;
    int64_t bands = 1;
    Part part = planned(first, end, end - first);
    while (bufferBytes(part) > cache && bands < end - first) {
        ++bands;
        part = planned(first, end, (end - first + bands - 1) / bands);
    }
    return part;
}

size_t BandChain::bufferBytes(const Part& part) const
{
    int64_t count = 0;
    for (size_t i = 1; i < m_layers.size(); ++i)
        count += part.bufferRows[i] * rowSize(m_shapes[i]);
    return static_cast<size_t>(count) * sizeof(float);
}

Result<std::unique_ptr<Kernel>> BandChain::kernelFor(Engine& engine, const Step& step) const
{
    const BandLayer& wanted = m_layers[step.layer];
    const Shape& whole = m_shapes[step.layer];
    Layer layer = *wanted.layer;
    std::vector<int64_t> pad = layer.attributes.integers("pad", {0, 0, 0, 0});
    pad[0] = step.above;
    pad[2] = step.below;
    layer.attributes.set("pad", pad);
    QS_TRY(auto kernel, engine.prepare({.layer = &layer,
                                        .weights = wanted.weights,
                                        .inputShapes = {{1, whole[1], step.sourceRows, whole[3]}},
                                        .inputLayouts = {Layout::ChannelsLast},
                                        .activation = wanted.activation}));
    const Shape& target = m_shapes[step.layer + 1];
    const bool rows = kernel->inputLayouts().front() == Layout::ChannelsLast && kernel->outputLayouts().front() == Layout::ChannelsLast &&
                      kernel->outputShapes().front() == Shape{1, target[1], step.targetRows, target[3]};
    return rows ? std::move(kernel) : nullptr;
}

Result<void> BandChain::run(const Tensor& input, Tensor& output, TensorPool& pool)
{
    std::vector<std::vector<Tensor>> buffers(m_parts.size());
    for (size_t part = 0; part < m_parts.size(); ++part)
        for (size_t i = 0; i < m_layers.size(); ++i)
            buffers[part].push_back(i == 0 ? input
                                           : pool.allocate({1, m_shapes[i][1], m_parts[part].bufferRows[i], m_shapes[i][3]}, Layout::ChannelsLast));
    std::vector<Result<void>> results(m_parts.size());
    forChunks(static_cast<int64_t>(m_parts.size()), 1, [&](int64_t i, int64_t, int64_t) {
        const auto part = static_cast<size_t>(i);
        results[part] = runPart(m_parts[part], buffers[part], output);
    });
    for (const Result<void>& result : results)
        QS_CHECK(result);
    return {};
}

Result<void> BandChain::runPart(const Part& part, std::vector<Tensor>& sources, Tensor& output) const
{
    for (const Step& step : part.steps) {
        const bool last = step.layer + 1 == m_layers.size();
        Tensor& target = last ? output : sources[step.layer + 1];
        const int64_t row = rowSize(m_shapes[step.layer + 1]);
        if (step.drop > 0)
            std::memmove(target.data(), target.data() + step.drop * row, static_cast<size_t>(step.keep * row) * sizeof(float));
        const Tensor source = sources[step.layer].rows(step.source, step.sourceRows);
        Tensor made = target.rows(step.target, step.targetRows);
        QS_CHECK(step.kernel->run(std::span(&source, 1), std::span(&made, 1)));
        if (!last && m_layers[step.layer + 1].quantization)
            fakeQuantize(made.values(), made.values(), *m_layers[step.layer + 1].quantization);
    }
    return {};
}

}  // namespace qs
