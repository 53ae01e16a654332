#include "core/engine/kernels/product.h"

#include "core/base/parallel.h"

#include <cmath>
#include <map>
#include <mutex>
#include <tuple>

namespace qs::kernels {

namespace {

/// Of a block's last vector, where no more of its channels exist: 24 outputs take three quarters of the time of 32.
using HalfVec = float __attribute__((vector_size(lanes / 2 * sizeof(float))));

/// Rows at a time: with a block's vectors up to 24 registers of sums. With more of them the rest does not hold what is multiplied; with fewer, more
/// is loaded for a multiplication.
constexpr int mostRows(int vecs)
{
    return vecs == 4 ? 6 : 8;
}

/// Where zeros are looked for. The fewer rows, the more inputs are zero in all of them, and the more is loaded for those that are not: measured best
/// for MobileNetV2, whose ReLU6s leave a third of zeros, and no worse for SqueezeNet.
constexpr int mostRowsWithZeros(int vecs)
{
    return vecs == 4 ? 6 : 4;
}

/// What a product goes through: numbers of inputs.
struct EveryInput {
    int64_t count;
    QS_INLINE int64_t operator[](int64_t i) const { return i; }
};
struct SomeInputs {
    int64_t count;
    const int32_t* numbers;
    QS_INLINE int64_t operator[](int64_t i) const { return numbers[i]; }
};

/// The first `count` of fewer than a vector.
QS_INLINE QS_WIDE void storeFirst(float* to, const Vec& from, int64_t count)
{
#if defined(__x86_64__)
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1U << count) - 1), (__m512)from);
#else
    std::memcpy(to, &from, static_cast<size_t>(count) * sizeof(float));
#endif
}

/// Half: of the last vector only its first half.
template <int Rows, int Vecs, bool Half, class Inputs>
QS_INLINE QS_WIDE void multiplyRows(const Product& product, int64_t first, const Inputs& inputs)
{
    constexpr int whole = Half ? Vecs - 1 : Vecs;
    Vec sums[Rows][Vecs];
    HalfVec halves[Rows];
    QS_UNROLL
    for (int v = 0; v < whole; ++v) {
        Vec bias{};
        if (product.bias)
            load(product.bias + v * lanes, bias);
        QS_UNROLL
        for (int r = 0; r < Rows; ++r)
            sums[r][v] = bias;
    }
    if constexpr (Half) {
        HalfVec bias{};
        if (product.bias)
            load(product.bias + whole * lanes, bias);
        QS_UNROLL
        for (int r = 0; r < Rows; ++r)
            halves[r] = bias;
    }
    float* out = product.out + first * product.outStep;
    const float* in = product.in + first * product.inStep;
    const int64_t step = product.inStep;
    for (int64_t i = 0; i < inputs.count; ++i) {
        const int64_t k = inputs[i];
        const float* weights = product.weights + k * (Vecs * lanes);
        Vec column[Vecs];
        HalfVec half;
        QS_UNROLL
        for (int v = 0; v < whole; ++v)
            load(weights + v * lanes, column[v]);
        if constexpr (Half)
            load(weights + whole * lanes, half);
        QS_UNROLL
        for (int r = 0; r < Rows; ++r) {
            QS_UNROLL
            for (int v = 0; v < whole; ++v)
                sums[r][v] += in[r * step + k] * column[v];
            if constexpr (Half)
                halves[r] += in[r * step + k] * half;
        }
    }
    if constexpr (Half) {
        QS_UNROLL
        for (int r = 0; r < Rows; ++r)
            sums[r][whole] = __builtin_shufflevector(halves[r], HalfVec{}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }
    if (product.activation) {
        const FusedActivation activation = *product.activation;
        QS_UNROLL
        for (int r = 0; r < Rows; ++r) {
            QS_UNROLL
            for (int v = 0; v < Vecs; ++v)
                activate(sums[r][v], activation);
        }
    }
    // What is read again after a store is kept here: the compiler cannot know that nothing is stored over it.
    const int64_t outStep = product.outStep;
    const int64_t rest = product.channels - (Vecs - 1) * lanes;
    QS_UNROLL
    for (int r = 0; r < Rows; ++r) {
        QS_UNROLL
        for (int v = 0; v < Vecs - 1; ++v)
            store(out + r * outStep + v * lanes, sums[r][v]);
    }
    out += (Vecs - 1) * lanes;
    if (rest == lanes) {
        QS_UNROLL
        for (int r = 0; r < Rows; ++r)
            store(out + r * outStep, sums[r][Vecs - 1]);
    } else {
        QS_UNROLL
        for (int r = 0; r < Rows; ++r)
            storeFirst(out + r * outStep, sums[r][Vecs - 1], rest);
    }
}

template <int Rows, int Vecs, bool Half, class Inputs>
QS_INLINE QS_WIDE void multiplySome(const Product& product, int64_t first, int64_t rows, const Inputs& inputs)
{
    if (rows == Rows)
        multiplyRows<Rows, Vecs, Half>(product, first, inputs);
    else if constexpr (Rows > 1)
        multiplySome<Rows - 1, Vecs, Half>(product, first, rows, inputs);
}

/// In groups of rows that differ by one at most: a row alone has too few sums to keep the processor busy.
template <int Vecs, bool Half>
QS_WIDE void multiplyAll(const Product& product)
{
    constexpr int most = mostRows(Vecs);
    const NonZeros* some = product.nonZeros;
    const int64_t groups = pieces(product.rows, some ? some->mostRows : most);
    int64_t first = 0;
    for (int64_t group = 0; group < groups; ++group) {
        const int64_t rows = pieces(product.rows - first, groups - group);
        if (some && some->counts[group] < product.depth)
            multiplySome<most, Vecs, Half>(product, first, rows, SomeInputs{some->counts[group], some->inputs + group * product.depth});
        else
            multiplySome<most, Vecs, Half>(product, first, rows, EveryInput{product.depth});
        first += rows;
    }
}

template <bool Half>
void multiplyBy(const Product& product)
{
    switch (product.vecs) {
        case 1:
            return multiplyAll<1, Half>(product);
        case 2:
            return multiplyAll<2, Half>(product);
        case 3:
            return multiplyAll<3, Half>(product);
        default:
            return multiplyAll<4, Half>(product);
    }
}

/// Writes the numbers of the inputs that are not zero in all rows, and returns how many there are. Writes up to `lanes` more.
#if defined(__x86_64__)
QS_WIDE int32_t findInGroup(const float* in, int64_t step, int64_t rows, int64_t depth, int32_t* numbers)
{
    __m512i numbersHere = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i allButSign = _mm512_set1_epi32(0x7FFFFFFF);  // fake quantization leaves negative zeros
    int32_t found = 0;
    for (int64_t k = 0; k < depth; k += lanes) {
        const auto there = static_cast<__mmask16>(depth - k < lanes ? (1U << (depth - k)) - 1 : 0xFFFFU);
        __m512i bits = _mm512_setzero_si512();
        for (int64_t r = 0; r < rows; ++r)
            bits = _mm512_or_si512(bits, _mm512_maskz_loadu_epi32(there, in + r * step + k));
        const __mmask16 some = _mm512_test_epi32_mask(bits, allButSign);
        _mm512_storeu_si512(numbers + found, _mm512_maskz_compress_epi32(some, numbersHere));
        numbersHere = _mm512_add_epi32(numbersHere, _mm512_set1_epi32(lanes));
        found += __builtin_popcount(some);
    }
    return found;
}
#else
int32_t findInGroup(const float* in, int64_t step, int64_t rows, int64_t depth, int32_t* numbers)
{
    int32_t found = 0;
    for (int64_t k = 0; k < depth; ++k) {
        bool some = false;
        for (int64_t r = 0; r < rows; ++r)
            some |= in[r * step + k] != 0;
        numbers[found] = static_cast<int32_t>(k);
        found += some ? 1 : 0;
    }
    return found;
}
#endif

}  // namespace

ChannelBlocks::ChannelBlocks(int64_t given, bool shared) : channels(given)
{
    const int64_t all = pieces(given, lanes);
    vecs = pieces(all, pieces(all, mostVecs));
    for (int64_t some = mostVecs; shared && some > 1; --some)
        if (all % (2 * some) == 0) {
            vecs = some;
            break;
        }
}

void multiply(const Product& product)
{
    const int64_t spare = product.vecs * lanes - product.channels;
    if (spare >= lanes / 2)
        multiplyBy<true>(product);
    else
        multiplyBy<false>(product);
}

NonZeros findNonZeros(const float* in, int64_t inStep, int64_t rows, int64_t depth, int64_t vecs, ZeroSearch& search)
{
    const int most = mostRowsWithZeros(static_cast<int>(vecs));
    const int64_t groups = pieces(rows, most);
    auto* counts = static_cast<int32_t*>(scratch(static_cast<size_t>(groups * (1 + depth) + lanes) * sizeof(int32_t)));
    int32_t* inputs = counts + groups;
    int64_t first = 0;
    for (int64_t group = 0; group < groups; ++group) {
        const int64_t size = pieces(rows - first, groups - group);
        counts[group] = static_cast<int32_t>(depth);
        if (search.begins()) {
            counts[group] = findInGroup(in + first * inStep, inStep, size, depth, inputs + group * depth);
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
        forChunks(blocks.count(), 1,
                  [&](int64_t, int64_t block, int64_t) { pack(*weights, blocks, block, packed->weights.data() + depth * blocks.first(block)); });
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
    if (const auto bias = work.weight(1))
        // Zeros without a sign: where all inputs are skipped, a negative one would stay.
        std::transform(bias->floats().begin(), bias->floats().end(), m_bias.begin(), [](float value) { return value + 0.0F; });
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
