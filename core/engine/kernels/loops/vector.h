// A register of floats, inside a loops file (each_level.h).

namespace {

constexpr int lanes = QS_LANES;
using Vec = float __attribute__((vector_size(QS_LANES * sizeof(float))));
using IntVec = int32_t __attribute__((vector_size(QS_LANES * sizeof(float))));

/// From and to anywhere; T is Vec, a part of one, or float.
template <class T>
QS_INLINE void load(const float* from, T& to)
{
    __builtin_memcpy(&to, from, sizeof(T));
}

template <class T>
QS_INLINE void store(float* to, const T& from)
{
    __builtin_memcpy(to, &from, sizeof(T));
}

/// The first `count` of fewer than a register; the others are zeros, and stay as they are.
#if defined(__x86_64__) && QS_LANES == 16
QS_INLINE void loadFirst(const float* from, Vec& to, int64_t count)
{
    to = (Vec)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << count) - 1), from);
}

QS_INLINE void storeFirst(float* to, const Vec& from, int64_t count)
{
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1U << count) - 1), (__m512)from);
}
#elif defined(__x86_64__) && QS_LANES == 8
QS_INLINE __m256i firstOf(int64_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

QS_INLINE void loadFirst(const float* from, Vec& to, int64_t count)
{
    to = (Vec)_mm256_maskload_ps(from, firstOf(count));
}

QS_INLINE void storeFirst(float* to, const Vec& from, int64_t count)
{
    _mm256_maskstore_ps(to, firstOf(count), (__m256)from);
}
#else
QS_INLINE void loadFirst(const float* from, Vec& to, int64_t count)
{
    to = Vec{};
    __builtin_memcpy(&to, from, static_cast<size_t>(count) * sizeof(float));
}

QS_INLINE void storeFirst(float* to, const Vec& from, int64_t count)
{
    __builtin_memcpy(to, &from, static_cast<size_t>(count) * sizeof(float));
}
#endif

/// No less than `low`, no more than `high`; what is not a number stays: of two operands one of which is none, the instructions give the second.
#if defined(__x86_64__) && QS_LANES == 16
// (The forms without a mask make GCC 12 warn of its own headers.)
QS_INLINE void limit(Vec& value, float low, float high)
{
    constexpr __mmask16 all = 0xFFFF;
    value = (Vec)_mm512_maskz_max_ps(all, _mm512_set1_ps(low), (__m512)value);
    value = (Vec)_mm512_maskz_min_ps(all, _mm512_set1_ps(high), (__m512)value);
}
#elif defined(__x86_64__) && QS_LANES == 8
QS_INLINE void limit(Vec& value, float low, float high)
{
    value = (Vec)_mm256_max_ps(_mm256_set1_ps(low), (__m256)value);
    value = (Vec)_mm256_min_ps(_mm256_set1_ps(high), (__m256)value);
}
#else
QS_INLINE void limit(Vec& value, float low, float high)
{
    value = value < low ? low + Vec{} : value;
    value = value > high ? high + Vec{} : value;
}
#endif

/// Of all. What an activation says is read once: the compiler cannot know that nothing is stored over it.
template <int Count>
QS_INLINE void activate(Vec (&values)[Count], const FusedActivation& activation)
{
    const float slope = activation.slope;
    const float low = activation.low;
    const float high = activation.high;
    if (slope != 1) {
        QS_UNROLL
        for (int i = 0; i < Count; ++i)
            values[i] = values[i] < 0.0F ? values[i] * slope : values[i];
    }
    QS_UNROLL
    for (int i = 0; i < Count; ++i)
        limit(values[i], low, high);
}

}  // namespace
