// The loops of grouped.cpp (each_level.h).

namespace {

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

/// Pixels whose windows begin `from` on, all inside the row: a register of channels, `Rest`: its first `rest` ones.
template <int Pixels, bool Single, bool Rest>
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
    const int64_t begin = (pixel * row.stride - row.pad) * row.channels + channel;
    const int64_t group = Single ? 1 : row.group;
    for (int64_t y = 0; y < row.kernelHeight; ++y) {
        if (!row.rows[y])
            continue;
        const float* weights = row.weights + (y * row.kernelWidth + firstTap) * group * row.weightStep + channel;
        for (int64_t tap = firstTap; tap < endTap; ++tap) {
            const float* in = row.rows[y] + begin + tap * row.dilation * row.channels;
            Vec values[Pixels];
            QS_UNROLL
            for (int p = 0; p < Pixels; ++p) {
                if constexpr (Rest)
                    loadFirst(in + p * step, values[p], rest);
                else
                    load(in + p * step, values[p]);
            }
            if constexpr (Single) {
                Vec weight;
                load(weights, weight);
                weights += row.weightStep;
                QS_UNROLL
                for (int p = 0; p < Pixels; ++p)
                    sums[p] += values[p] * weight;
            } else {
                for (int64_t i = 0; i < group; ++i) {
                    Vec weight;
                    load(weights, weight);
                    weights += row.weightStep;
                    const IntVec from = places.of[i];
                    QS_UNROLL
                    for (int p = 0; p < Pixels; ++p)
                        sums[p] += __builtin_shuffle(values[p], from) * weight;
                }
            }
        }
    }
    float* out = row.out + pixel * row.outStep + channel;
    QS_UNROLL
    for (int p = 0; p < Pixels; ++p) {
        if (row.activation)
            activate(sums[p], *row.activation);
        if constexpr (Rest)
            storeFirst(out + p * row.outStep, sums[p], rest);
        else
            store(out + p * row.outStep, sums[p]);
    }
}

template <bool Single, bool Rest>
QS_INLINE void multiplyChannels(const GroupedRow& row, int64_t channel, int64_t rest, const Places& places)
{
    constexpr int many = Single ? 8 : 4;
    int64_t pixel = 0;
    while (pixel < row.outWidth) {
        if (pixel >= row.firstInside && pixel < row.endInside) {
            for (; pixel + many <= row.endInside; pixel += many)
                multiplyPixels<many, Single, Rest>(row, channel, rest, pixel, 0, row.kernelWidth, places);
            for (; pixel < row.endInside; ++pixel)
                multiplyPixels<1, Single, Rest>(row, channel, rest, pixel, 0, row.kernelWidth, places);
            continue;
        }
        const int64_t begin = pixel * row.stride - row.pad;
        const int64_t first = begin < 0 ? pieces(-begin, row.dilation) : 0;
        const int64_t end = row.width > begin ? pieces(row.width - begin, row.dilation) : 0;
        multiplyPixels<1, Single, Rest>(row, channel, rest, pixel, first, end < row.kernelWidth ? end : row.kernelWidth, places);
        ++pixel;
    }
}

template <bool Single>
QS_INLINE void multiplyRow(const GroupedRow& row)
{
    Places places;
    if constexpr (!Single)
        findPlaces(row.group, places);
    int64_t channel = 0;
    for (; channel + lanes <= row.channels; channel += lanes)
        multiplyChannels<Single, false>(row, channel, lanes, places);
    if (channel < row.channels)
        multiplyChannels<Single, true>(row, channel, row.channels - channel, places);
}

}  // namespace

static void groupedRow(const GroupedRow& row)
{
    if (row.group == 1)
        multiplyRow<true>(row);
    else
        multiplyRow<false>(row);
}
