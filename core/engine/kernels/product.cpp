#include "core/engine/kernels/product.h"

#include "core/base/parallel.h"

#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <tuple>

namespace qs::kernels {

namespace {

/// By eight flags: the numbers of those that are set, a byte each, moved together. (The instruction for it takes some processors hundreds of cycles.)
constexpr std::array<uint64_t, 256> movedTogether = [] {
    std::array<uint64_t, 256> table{};
    for (size_t flags = 0; flags < table.size(); ++flags)
        for (uint64_t bit = 8; bit-- > 0;)
            if ((flags >> bit & 1U) != 0)
                table[flags] = table[flags] << 8U | bit;
    return table;
}();

}  // namespace

}  // namespace qs::kernels

#define QS_LOOPS "core/engine/kernels/loops/product.h"
#include "core/engine/kernels/loops/each_level.h"

namespace qs::kernels {

const VectorShape& vectors()
{
    static const VectorShape shape = QS_AT_LEVEL(vectorShape());
    return shape;
}

ChannelBlocks::ChannelBlocks(int64_t given, bool shared, int64_t ofGroups) : channels(given), groups(ofGroups)
{
    const int64_t all = pieces(given, lanes);
    const int64_t most = vectors().mostVecs;
    vecs = pieces(all, std::max<int64_t>(1, pieces(all, most)));
    for (int64_t some = most; shared && some > 1; --some)
        if (all % some == 0 && groups * all % (2 * some) == 0) {
            vecs = some;
            break;
        }
}

void multiply(const Product& product)
{
    QS_AT_LEVEL(multiply(product));
}

int64_t nonZerosSize(int64_t rows, int64_t depth, int64_t vecs)
{
    return pieces(rows, QS_AT_LEVEL(rowsWithZeros(vecs))) * (1 + depth) + vectors().lanes;
}

NonZeros findNonZeros(const float* in, int64_t inStep, int64_t rows, int64_t depth, int64_t vecs, ZeroSearch& search, int32_t* memory)
{
    const int most = QS_AT_LEVEL(rowsWithZeros(vecs));
    const int64_t groups = pieces(rows, most);
    int32_t* counts = memory;
    int32_t* inputs = counts + groups;
    int64_t first = 0;
    for (int64_t group = 0; group < groups; ++group) {
        const int64_t size = rows / groups + (group < rows % groups ? 1 : 0);
        counts[group] = static_cast<int32_t>(depth);
        if (search.begins()) {
            counts[group] = QS_AT_LEVEL(findNonZeroInputs(in + first * inStep, inStep, size, depth, inputs + group * depth));
            search.ends(counts[group], depth);
        }
        first += size;
    }
    return {most, counts, inputs};
}

namespace {

/// What has been packed, as long as a kernel needs it. To pack the weights of a large layer anew takes as long as to run the layer some ten times,
/// most of it for memory that is touched for the first time.
class Packings {
public:
    std::shared_ptr<const PackedWeights> find(const std::shared_ptr<const Buffer>& weights, const ChannelBlocks& blocks, int64_t depth,
                                              PackBlock pack)
    {
        const std::shared_ptr<Packing> packing = entry({weights.get(), pack, blocks.vecs});
        // Whoever needs it, too, waits for it.
        const std::lock_guard lock(packing->mutex);
        std::shared_ptr<const PackedWeights> known = packing->packed.lock();
        if (known && packing->weights.lock() == weights)
            return known;
        const std::span<const float> values = weights->floats();
        const bool finite = std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
        auto packed = std::make_shared<PackedWeights>(PackedWeights{TensorPool().allocate({depth * blocks.allWidths()}), finite});
        forChunks(blocks.count(), 1, [&](int64_t, int64_t block, int64_t) {
            pack(*weights, blocks, block, packed->weights.data() + depth * blocks.widthsBefore(block));
        });
        packing->weights = weights;
        packing->packed = packed;
        return packed;
    }

private:
    using Key = std::tuple<const Buffer*, PackBlock, int64_t>;
    struct Packing {
        std::mutex mutex;
        std::weak_ptr<const Buffer> weights;  ///< others may come to lie where they were
        std::weak_ptr<const PackedWeights> packed;
    };

    std::shared_ptr<Packing> entry(const Key& key)
    {
        const std::lock_guard lock(m_mutex);
        // Those that nobody needs or is about to pack.
        std::erase_if(m_packings, [](const auto& known) {
            if (known.second.use_count() > 1)
                return false;
            const std::lock_guard last(known.second->mutex);  // whoever had it has written it
            return known.second->packed.expired();
        });
        std::shared_ptr<Packing>& packing = m_packings[key];
        if (!packing)
            packing = std::make_shared<Packing>();
        return packing;
    }

    std::mutex m_mutex;
    std::map<Key, std::shared_ptr<Packing>> m_packings;
};

Packings& packings()
{
    static Packings all;
    return all;
}

}  // namespace

ProductKernel::ProductKernel(const Work& work, Layout layout, const Chunks& chunks, int64_t depth, PackBlock pack)
    : m_layouts{layout},
      m_output(work.output()),
      m_activation(asLimits(work.request.activation)),
      m_chunks(chunks),
      m_depth(depth),
      m_bias(static_cast<size_t>(chunks.blocks.allWidths())),
      m_packed(packings().find(work.weight(0), chunks.blocks, depth, pack))
{
    const auto bias = work.weight(1);
    for (int64_t block = 0; bias && block < blocks().count(); ++block) {
        const float* from = bias->floats().data() + blocks().first(block);
        // Zeros without a sign: where all inputs are skipped, a negative one would stay.
        std::transform(from, from + blocks().existing(block), m_bias.begin() + blocks().widthsBefore(block),
                       [](float value) { return value + 0.0F; });
    }
}

Result<void> ProductKernel::run(std::span<const Tensor> inputs, std::span<Tensor> outputs)
{
    if (m_chunks.units == 0)
        return {};
    const int64_t parts = pieces(blocks().count(), m_chunks.chunkBlocks);
    forChunks(pieces(m_chunks.units, m_chunks.chunkUnits) * parts, 1, [&](int64_t, int64_t chunk, int64_t) {
        const int64_t unit = chunk / parts * m_chunks.chunkUnits;
        const int64_t block = chunk % parts * m_chunks.chunkBlocks;
        runChunk(inputs[0].data(), outputs[0], unit, std::min(m_chunks.units, unit + m_chunks.chunkUnits), block,
                 std::min(blocks().count(), block + m_chunks.chunkBlocks));
    });
    return {};
}

}  // namespace qs::kernels
