// The loops of pooling.cpp (each_level.h).

namespace {

/// `Count` Ts of channels from `in` on.
template <bool Average, class T, int Count>
QS_INLINE void combine(const float* in, const WindowRow& row, const Span& columns, float* out)
{
    constexpr int step = sizeof(T) / sizeof(float);
    T values[Count] = {};
    const bool empty = row.rows.begin >= row.rows.end || columns.begin >= columns.end;
    for (int i = 0; i < Count && !empty; ++i) {
        // The largest one starts as the first pixel, a sum as what changes nothing, not even a negative zero.
        if constexpr (Average)
            values[i] = -T{};
        else
            load(in + (row.rows.begin * row.width + columns.begin) * row.channels + i * step, values[i]);
    }
    for (int64_t y = row.rows.begin; y < row.rows.end; ++y)
        for (int64_t x = columns.begin; x < columns.end; ++x) {
            const float* pixel = in + (y * row.width + x) * row.channels;
            for (int i = 0; i < Count; ++i) {
                T value;
                load(pixel + i * step, value);
                if constexpr (Average)
                    values[i] += value;
                else
                    values[i] = value > values[i] ? value : values[i];
            }
        }
    const float factor = 1.0F / static_cast<float>(row.rows.divisor * columns.divisor);
    for (int i = 0; i < Count; ++i) {
        if (Average && !empty)
            values[i] *= factor;
        store(out + i * step, values[i]);
    }
}

template <bool Average>
QS_INLINE void combineRow(const float* image, const WindowRow& row, float* out)
{
    using Quad = float __attribute__((vector_size(4 * sizeof(float))));
    for (const Span& columns : row.columns) {
        int64_t c = 0;
        for (; c + 4 * lanes <= row.channels; c += 4 * lanes)
            combine<Average, Vec, 4>(image + c, row, columns, out + c);
        for (; c + lanes <= row.channels; c += lanes)
            combine<Average, Vec, 1>(image + c, row, columns, out + c);
        for (; c + 4 <= row.channels; c += 4)
            combine<Average, Quad, 1>(image + c, row, columns, out + c);
        for (; c < row.channels; ++c)
            combine<Average, float, 1>(image + c, row, columns, out + c);
        out += row.channels;
    }
}

}  // namespace

static void maximumRow(const float* image, const WindowRow& row, float* out)
{
    combineRow<false>(image, row, out);
}

static void averageRow(const float* image, const WindowRow& row, float* out)
{
    combineRow<true>(image, row, out);
}
