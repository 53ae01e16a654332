// Convolutions over the sites that are not empty: which rows meet (rules), and the products of those that do. For a group of rows that come out,
// place by place of the kernel, the rows that are read there are laid side by side, multiplied at once by the place's weights, and added where they
// belong.
#include "core/engine/kernels/convolution.h"
#include "core/engine/kernels/product.h"
#include "core/ops/sparse_sites.h"

#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

namespace qs::kernels {

namespace {

constexpr size_t mostDimensions = 3;
using Place = std::array<int64_t, mostDimensions>;

/// The grid's places in one row of numbers, by picture of the batch.
class Grid {
public:
    explicit Grid(const std::vector<int64_t>& sides) : m_dimensions(sides.size())
    {
        std::copy(sides.begin(), sides.end(), m_sides.begin());
        for (size_t side = 0; side < m_dimensions; ++side)
            m_places *= m_sides[side];
    }
    size_t dimensions() const { return m_dimensions; }
    bool holds(const Place& place) const
    {
        for (size_t side = 0; side < m_dimensions; ++side)
            if (place[side] < 0 || place[side] >= m_sides[side])
                return false;
        return true;
    }
    int64_t indexOf(int64_t batch, const Place& place) const
    {
        for (size_t side = 0; side < m_dimensions; ++side)
            batch = batch * m_sides[side] + place[side];
        return batch;
    }
    /// Picture of the batch and place, as a row of sites has them.
    void write(int64_t index, float* row) const
    {
        for (size_t side = m_dimensions; side > 0; --side) {
            row[side] = static_cast<float>(index % m_sides[side - 1]);
            index /= m_sides[side - 1];
        }
        row[0] = static_cast<float>(index);
    }
    int64_t places() const { return m_places; }

private:
    size_t m_dimensions;
    Place m_sides{1, 1, 1};
    int64_t m_places = 1;
};

struct Site {
    int64_t batch = 0;
    Place place{};
};

/// Errors: OutOfRange for a number that is no place of the grid.
Result<Site> siteAt(const Tensor& sites, int64_t row, const Grid& grid)
{
    constexpr float mostPictures = 65536;
    const float* numbers = sites.data() + row * sites.shape()[1];
    Site site;
    bool whole = numbers[0] >= 0 && numbers[0] < mostPictures && std::floor(numbers[0]) == numbers[0];
    for (size_t side = 0; side < grid.dimensions(); ++side) {
        whole = whole && std::fabs(numbers[side + 1]) < 1e9F && std::floor(numbers[side + 1]) == numbers[side + 1];
        site.place[side] = whole ? static_cast<int64_t>(numbers[side + 1]) : -1;
    }
    site.batch = whole ? static_cast<int64_t>(numbers[0]) : 0;
    if (!whole || !grid.holds(site.place))
        return Error{ErrorCode::OutOfRange, "site " + std::to_string(row) + " is no place of the grid", {}};
    return site;
}

/// Row by index of a place; -1: no site.
class Rows {
public:
    explicit Rows(int64_t count)
    {
        size_t size = 16;
        while (size < 2 * static_cast<size_t>(count))
            size *= 2;
        m_keys.assign(size, -1);
        m_rows.resize(size);
    }
    /// False: there is one already.
    bool insert(int64_t key, int64_t row)
    {
        size_t slot = slotOf(key);
        for (; m_keys[slot] >= 0; slot = next(slot))
            if (m_keys[slot] == key)
                return false;
        m_keys[slot] = key;
        m_rows[slot] = static_cast<int32_t>(row);
        return true;
    }
    int64_t find(int64_t key) const
    {
        for (size_t slot = slotOf(key); m_keys[slot] >= 0; slot = next(slot))
            if (m_keys[slot] == key)
                return m_rows[slot];
        return -1;
    }

private:
    size_t slotOf(int64_t key) const { return static_cast<size_t>((static_cast<uint64_t>(key) * 0x9E3779B97F4A7C15U) >> 20) & (m_keys.size() - 1); }
    size_t next(size_t slot) const { return (slot + 1) & (m_keys.size() - 1); }

    std::vector<int64_t> m_keys;
    std::vector<int32_t> m_rows;
};

/// A kernel over the grid.
struct SparseWindow {
    explicit SparseWindow(const Attributes& attributes)
        : kernel(attributes.integers("kernel")),
          stride(attributes.integers("stride", std::vector<int64_t>(kernel.size(), 1))),
          pad(attributes.integers("pad", std::vector<int64_t>(kernel.size(), 0))),
          dilation(attributes.integers("dilation", std::vector<int64_t>(kernel.size(), 1))),
          subm(attributes.flag("subm", false))
    {
        for (size_t side = 0; subm && side < kernel.size(); ++side)
            pad[side] = kernel[side] / 2 * dilation[side];
        taps = std::accumulate(kernel.begin(), kernel.end(), int64_t{1}, std::multiplies<>());
        for (int64_t tap = 0; tap < taps; ++tap) {
            Place place{};
            int64_t rest = tap;
            for (size_t side = kernel.size(); side > 0; --side) {
                place[side - 1] = rest % kernel[side - 1] * dilation[side - 1];
                rest /= kernel[side - 1];
            }
            offsets.push_back(place);
        }
    }
    /// The place that comes out where this one is read under the tap; false: there is none.
    bool outputOf(const Place& in, int64_t tap, const Grid& grid, Place& out) const
    {
        for (size_t side = 0; side < kernel.size(); ++side) {
            const int64_t from = in[side] + pad[side] - offsets[static_cast<size_t>(tap)][side];
            if (from < 0 || from % stride[side] != 0)
                return false;
            out[side] = from / stride[side];
        }
        return grid.holds(out);
    }

    std::vector<int64_t> kernel, stride, pad, dilation;
    bool subm;
    int64_t taps = 1;
    std::vector<Place> offsets;  ///< by tap
};

Tensor made(Shape shape)
{
    const auto count = static_cast<size_t>(elementCount(shape));
    return Tensor(std::move(shape), Layout::Plain, std::shared_ptr<float[]>(new float[std::max<size_t>(count, 1)]));
}

/// By index of the place that comes out.
struct Pair {
    int64_t out;
    int32_t tap;
    int32_t in;
};

Result<std::vector<Site>> sitesOf(const Tensor& sites, const Grid& grid)
{
    std::vector<Site> all;
    all.reserve(static_cast<size_t>(sites.shape()[0]));
    for (int64_t row = 0; row < sites.shape()[0]; ++row) {
        QS_TRY(const Site site, siteAt(sites, row, grid));
        all.push_back(site);
    }
    return all;
}

Result<void> submanifoldRules(const SparseWindow& window, const Grid& grid, const std::vector<Site>& sites, Tensor& rules)
{
    Rows rows(static_cast<int64_t>(sites.size()));
    for (size_t row = 0; row < sites.size(); ++row)
        if (!rows.insert(grid.indexOf(sites[row].batch, sites[row].place), static_cast<int64_t>(row)))
            return Error{ErrorCode::OutOfRange, "site " + std::to_string(row) + " is there twice", {}};
    forChunks(static_cast<int64_t>(sites.size()), 1024, [&](int64_t, int64_t first, int64_t end) {
        for (int64_t row = first; row < end; ++row) {
            const Site& site = sites[static_cast<size_t>(row)];
            for (int64_t tap = 0; tap < window.taps; ++tap) {
                Place from = site.place;
                for (size_t side = 0; side < grid.dimensions(); ++side)
                    from[side] += window.offsets[static_cast<size_t>(tap)][side] - window.pad[side];
                const int64_t read = grid.holds(from) ? rows.find(grid.indexOf(site.batch, from)) : -1;
                rules.data()[row * window.taps + tap] = static_cast<float>(read);
            }
        }
    });
    return {};
}

/// The pairs in the order of the places that come out.
std::vector<Pair> pairsOf(const SparseWindow& window, const Grid& output, const std::vector<Site>& sites)
{
    std::vector<Pair> pairs;
    for (size_t row = 0; row < sites.size(); ++row)
        for (int64_t tap = 0; tap < window.taps; ++tap)
            if (Place out{}; window.outputOf(sites[row].place, tap, output, out))
                pairs.push_back({output.indexOf(sites[row].batch, out), static_cast<int32_t>(tap), static_cast<int32_t>(row)});
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.out != b.out ? a.out < b.out : a.tap < b.tap; });
    return pairs;
}

Result<void> stridedRules(const SparseWindow& window, const Grid& output, const std::vector<Site>& sites, Outputs outputs)
{
    const std::vector<Pair> pairs = pairsOf(window, output, sites);
    int64_t count = 0;
    for (size_t i = 0; i < pairs.size(); ++i) {
        if (i > 0 && pairs[i].out == pairs[i - 1].out && pairs[i].tap == pairs[i - 1].tap)
            return Error{ErrorCode::OutOfRange, "site " + std::to_string(pairs[i].in) + " is there twice", {}};
        count += i == 0 || pairs[i].out != pairs[i - 1].out ? 1 : 0;
    }
    outputs[0] = made({count, static_cast<int64_t>(output.dimensions()) + 1});
    outputs[1] = made({count, window.taps});
    std::fill(outputs[1].values().begin(), outputs[1].values().end(), -1.0F);
    int64_t row = -1;
    for (size_t i = 0; i < pairs.size(); ++i) {
        if (i == 0 || pairs[i].out != pairs[i - 1].out)
            output.write(pairs[i].out, outputs[0].data() + ++row * outputs[0].shape()[1]);
        outputs[1].data()[row * window.taps + pairs[i].tap] = static_cast<float>(pairs[i].in);
    }
    return {};
}

/// See the head of the file. Rows of a group stay in the processor's second cache, as do the weights of a place.
class SparseProduct final : public ProductKernel {
public:
    explicit SparseProduct(const Work& work)
        : ProductKernel(work, Layout::Plain, chunksOf(work), work.input(1)[1] * work.input(0)[1], packTaps),
          m_inputs(work.input(0)[1]),
          m_taps(work.input(1)[1]),
          m_rows(work.input(0)[0])
    {
    }
    std::span<const Layout> inputLayouts() const override { return m_plain; }
    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        const auto rules = inputs[1].values();
        const auto most = static_cast<float>(m_rows);
        if (!std::all_of(rules.begin(), rules.end(), [most](float rule) { return rule >= -1 && rule < most; }))
            return Error{ErrorCode::OutOfRange, "its rules name a row that is not there", {}};
        m_rules = inputs[1].data();
        return ProductKernel::run(inputs, outputs);
    }

private:
    static constexpr int64_t groupRows = 256;
    static Chunks chunksOf(const Work& work)
    {
        const ChannelBlocks blocks(work.output()[1], false);
        const int64_t rows = work.output()[0];
        return {blocks, rows, evenChunk(std::max<int64_t>(rows, 1), groupRows), blocks.count()};
    }

    void runChunk(const float* in, Tensor& out, int64_t first, int64_t end, int64_t firstBlock, int64_t endBlock) const override
    {
        const int64_t rows = end - first;
        const int64_t width = blocks().allWidths();
        const int64_t laidOut = rounded(rows * m_inputs, 16);
        const int64_t sums = rounded(rows * width, 16);
        auto* memory = static_cast<float*>(scratch(static_cast<size_t>(laidOut + 2 * sums + 2 * rows) * sizeof(float)));
        float* total = memory + laidOut;
        float* product = total + sums;
        auto* places = reinterpret_cast<int32_t*>(product + sums);
        for (int64_t row = 0; row < rows; ++row)
            for (int64_t block = firstBlock; block < endBlock; ++block)
                std::copy_n(biasOf(block), blocks().width(block), total + row * width + blocks().widthsBefore(block));
        for (int64_t tap = 0; tap < m_taps; ++tap) {
            const int64_t count = layOut(in, first, rows, tap, memory, places);
            if (count == 0)
                continue;
            for (int64_t block = firstBlock; block < endBlock; ++block)
                multiply({.in = memory,
                          .inStep = m_inputs,
                          .rows = count,
                          .depth = m_inputs,
                          .weights = weightsOf(block) + tap * m_inputs * blocks().width(block),
                          .vecs = blocks().width(block) / blocks().lanes,
                          .bias = nullptr,
                          .activation = nullptr,
                          .out = product + blocks().widthsBefore(block),
                          .outStep = width,
                          .channels = blocks().width(block)});
            for (int64_t i = 0; i < count; ++i) {
                float* to = total + places[i] * width;
                const float* from = product + i * width;
                for (int64_t c = 0; c < width; ++c)
                    to[c] += from[c];
            }
        }
        for (int64_t row = 0; row < rows; ++row)
            for (int64_t block = firstBlock; block < endBlock; ++block)
                finish(total + row * width + blocks().widthsBefore(block), blocks().existing(block),
                       out.data() + (first + row) * output()[1] + blocks().first(block));
    }

    /// The rows that are read under a tap side by side, and to which of the group's rows each belongs.
    int64_t layOut(const float* in, int64_t first, int64_t rows, int64_t tap, float* to, int32_t* places) const
    {
        int64_t count = 0;
        for (int64_t row = 0; row < rows; ++row) {
            const auto read = static_cast<int64_t>(m_rules[(first + row) * m_taps + tap]);
            if (read < 0)
                continue;
            std::memcpy(to + count * m_inputs, in + read * m_inputs, static_cast<size_t>(m_inputs) * sizeof(float));
            places[count++] = static_cast<int32_t>(row);
        }
        return count;
    }

    void finish(const float* from, int64_t count, float* to) const
    {
        const FusedActivation* behind = activation();
        for (int64_t c = 0; c < count; ++c) {
            const float value = from[c];
            to[c] = !behind ? value : std::min(std::max(value < 0 ? value * behind->slope : value, behind->low), behind->high);
        }
    }

    std::array<Layout, 2> m_plain{Layout::Plain, Layout::Plain};
    int64_t m_inputs;
    int64_t m_taps;
    int64_t m_rows;
    const float* m_rules = nullptr;  ///< of the run
};

}  // namespace

KernelResult sparseRules(const Work& work)
{
    const SparseWindow window(work.attributes());
    const std::vector<int64_t> sides = work.attributes().integers("spatialShape");
    return plainKernel(work, [window, grid = Grid(sides), output = Grid(sidesBehind(work.layer()))](Inputs inputs, Outputs outputs) -> Result<void> {
        QS_TRY(const std::vector<Site> sites, sitesOf(inputs[0], grid));
        if (!window.subm)
            return stridedRules(window, output, sites, outputs);
        std::copy(inputs[0].values().begin(), inputs[0].values().end(), outputs[0].values().begin());
        return submanifoldRules(window, grid, sites, outputs[1]);
    });
}

KernelResult sparseInverseRules(const Work& work)
{
    return plainKernel(work, [](Inputs inputs, Outputs outputs) -> Result<void> {
        const int64_t taps = inputs[0].shape()[1];
        const int64_t rows = outputs[0].shape()[0];
        std::fill(outputs[0].values().begin(), outputs[0].values().end(), -1.0F);
        for (int64_t i = 0; i < inputs[0].count(); ++i) {
            const auto read = static_cast<int64_t>(inputs[0].data()[i]);
            if (read >= rows)
                return Error{ErrorCode::OutOfRange, "its rules name a row that is not there", {}};
            if (read >= 0)
                outputs[0].data()[read * taps + i % taps] = static_cast<float>(i / taps);
        }
        return {};
    });
}

KernelResult sparseConvolution(const Work& work)
{
    return std::unique_ptr<Kernel>(std::make_unique<SparseProduct>(work));
}

KernelResult scatterDense(const Work& work)
{
    const Grid grid(work.attributes().integers("spatialShape"));
    return plainKernel(work, [grid](Inputs inputs, Outputs outputs) -> Result<void> {
        const int64_t channels = inputs[0].shape()[1];
        if (inputs[0].shape()[0] != inputs[1].shape()[0])
            return Error{ErrorCode::ShapeMismatch,
                         std::to_string(inputs[0].shape()[0]) + " rows of features and " + std::to_string(inputs[1].shape()[0]) + " sites",
                         {}};
        std::fill(outputs[0].values().begin(), outputs[0].values().end(), 0.0F);
        for (int64_t row = 0; row < inputs[0].shape()[0]; ++row) {
            QS_TRY(const Site site, siteAt(inputs[1], row, grid));
            if (site.batch >= outputs[0].shape()[0])
                return Error{ErrorCode::OutOfRange, "site " + std::to_string(row) + " is of a picture that the batch has not", {}};
            const int64_t index = grid.indexOf(0, site.place);
            for (int64_t c = 0; c < channels; ++c)
                outputs[0].data()[(site.batch * channels + c) * grid.places() + index] = inputs[0].data()[row * channels + c];
        }
        return {};
    });
}

}  // namespace qs::kernels
