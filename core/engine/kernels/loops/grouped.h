// The loops of grouped.cpp (each_level.h).

namespace {

/// How the outputs of a register find the inputs of their groups.
enum class Grouping {
    Single,  ///< each output has one input, at its own place
    Whole,   ///< the register is a group or a part of one: an input goes to all of it
    Inside,  ///< groups lie inside fours, which are shuffled faster
    Across,
};

/// For each input of a group: the places of a register that its outputs read. Only the first `group` are set.
struct Places {
    IntVec of[lanes];
};

void findPlaces(int64_t group, Places& places)
{
    for (int64_t i = 0; i < group; ++i)
        for (int64_t place = 0; place < lanes; ++place)
            places.of[i][place] = static_cast<int32_t>(place / group * group + i);
}

/// What the outputs read of `values`, whose groups lie inside fours.
QS_INLINE void shuffleFours(const Vec& values, const IntVec& places, Vec& shuffled)
{
#if defined(__x86_64__) && QS_LANES == 16
    shuffled = (Vec)_mm512_maskz_permutevar_ps(0xFFFF, (__m512)values, (__m512i)places);
#elif defined(__x86_64__) && QS_LANES == 8
    shuffled = (Vec)_mm256_permutevar_ps((__m256)values, (__m256i)places);
#else
    shuffled = __builtin_shuffle(values, places);
#endif
}

/// Pixels whose windows begin `from` on, all inside the row: a register of channels, `Rest`: its first `rest` ones.
template <int Pixels, Grouping How, bool Rest>
QS_INLINE void multiplyPixels(const GroupedRow& row, int64_t channel, int64_t rest, int64_t pixel, int64_t firstTap, int64_t endTap,
                              const Places& places)
{
    Vec sums[Pixels];
    Vec bias;
    load(row.bias + channel, bias);
    QS_UNROLL
    for (int p = 0; p < Pixels; ++p)
        sums[p] = bias;
    const int64_t step = row.stride * row.channels;
    const int64_t group = How == Grouping::Single ? 1 : row.group;
    const int64_t firstInput = How == Grouping::Whole ? channel / group * group : channel;
    const int64_t begin = (pixel * row.stride - row.pad) * row.channels + firstInput;
    for (int64_t y = 0; y < row.kernelHeight; ++y) {
        if (!row.rows[y])
            continue;
        const float* weights = row.weights + (channel * row.kernelHeight * row.kernelWidth + (y * row.kernelWidth + firstTap) * lanes) * group;
        for (int64_t tap = firstTap; tap < endTap; ++tap) {
            const float* in = row.rows[y] + begin + tap * row.dilation * row.channels;
            if constexpr (How == Grouping::Whole) {
                for (int64_t i = 0; i < group; ++i) {
                    Vec weight;
                    load(weights, weight);
                    weights += lanes;
                    QS_UNROLL
                    for (int p = 0; p < Pixels; ++p)
                        sums[p] += in[p * step + i] * weight;
                }
                continue;
            }
            Vec values[Pixels];
            QS_UNROLL
            for (int p = 0; p < Pixels; ++p) {
                if constexpr (Rest)
                    loadFirst(in + p * step, values[p], rest);
                else
                    load(in + p * step, values[p]);
            }
            if constexpr (How == Grouping::Single) {
                Vec weight;
                load(weights, weight);
                weights += lanes;
                QS_UNROLL
                for (int p = 0; p < Pixels; ++p)
                    sums[p] += values[p] * weight;
            } else {
                for (int64_t i = 0; i < group; ++i) {
                    Vec weight;
                    load(weights, weight);
                    weights += lanes;
                    const IntVec from = places.of[i];
                    QS_UNROLL
                    for (int p = 0; p < Pixels; ++p) {
                        Vec shuffled;
                        if constexpr (How == Grouping::Inside)
                            shuffleFours(values[p], from, shuffled);
                        else
                            shuffled = __builtin_shuffle(values[p], from);
                        sums[p] += shuffled * weight;
                    }
                }
            }
        }
    }
    if (row.activation)
        activate(sums, *row.activation);
    const int64_t outStep = row.outStep;
    float* out = row.out + pixel * outStep + channel;
    QS_UNROLL
    for (int p = 0; p < Pixels; ++p) {
        if constexpr (Rest)
            storeFirst(out + p * outStep, sums[p], rest);
        else
            store(out + p * outStep, sums[p]);
    }
}

/// All channels of some pixels: what they read is in the cache then, and whole lines of it.
template <int Pixels, Grouping How>
QS_INLINE void multiplyChannels(const GroupedRow& row, int64_t pixel, int64_t firstTap, int64_t endTap, const Places& places)
{
    int64_t channel = 0;
    for (; channel + lanes <= row.channels; channel += lanes)
        multiplyPixels<Pixels, How, false>(row, channel, lanes, pixel, firstTap, endTap, places);
    if (channel < row.channels)
        multiplyPixels<Pixels, How, true>(row, channel, row.channels - channel, pixel, firstTap, endTap, places);
}

template <Grouping How>
QS_INLINE void multiplyRow(const GroupedRow& row)
{
    constexpr int many = How == Grouping::Single || How == Grouping::Whole ? 8 : 4;
    Places places{};
    if constexpr (How == Grouping::Inside || How == Grouping::Across)
        findPlaces(row.group, places);
    int64_t pixel = 0;
    while (pixel < row.outWidth) {
        if (pixel >= row.firstInside && pixel < row.endInside) {
            for (; pixel + many <= row.endInside; pixel += many)
                multiplyChannels<many, How>(row, pixel, 0, row.kernelWidth, places);
            // (Of small pictures these are most.)
            for (; many > 4 && pixel + 4 <= row.endInside; pixel += 4)
                multiplyChannels<4, How>(row, pixel, 0, row.kernelWidth, places);
            for (; pixel + 2 <= row.endInside; pixel += 2)
                multiplyChannels<2, How>(row, pixel, 0, row.kernelWidth, places);
            for (; pixel < row.endInside; ++pixel)
                multiplyChannels<1, How>(row, pixel, 0, row.kernelWidth, places);
            continue;
        }
        const int64_t begin = pixel * row.stride - row.pad;
        const int64_t first = begin < 0 ? pieces(-begin, row.dilation) : 0;
        const int64_t end = row.width > begin ? pieces(row.width - begin, row.dilation) : 0;
        multiplyChannels<1, How>(row, pixel, first, end < row.kernelWidth ? end : row.kernelWidth, places);
        ++pixel;
    }
}

}  // namespace

static void groupedRow(const GroupedRow& row)
{
    if (row.group == 1)
        multiplyRow<Grouping::Single>(row);
    else if (row.group % lanes == 0)
        multiplyRow<Grouping::Whole>(row);
    else if (row.group == 2 || row.group == 4)
        multiplyRow<Grouping::Inside>(row);
    else
        multiplyRow<Grouping::Across>(row);
}
