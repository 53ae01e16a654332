// The loops of product.cpp (each_level.h).

namespace {

/// A block's vectors: its sums and what they are made of fill the registers.
constexpr int mostVecs = QS_LANES == 16 ? 4 : 2;

/// Of a block's last vector, where no more of its channels exist: 24 outputs take three quarters of the time of 32.
using HalfVec = float __attribute__((vector_size(QS_LANES / 2 * sizeof(float))));

/// Rows at a time: with a block's vectors up to 24 registers of sums of 32, or 12 of 16. With more of them the rest does not hold what is multiplied;
/// with fewer, more is loaded for a multiplication.
constexpr int mostRows(int vecs)
{
    return vecs == mostVecs ? 6 : 8;
}

/// Where zeros are looked for. The fewer rows, the more inputs are zero in all of them, and the more is loaded for those that are not: measured best
/// for MobileNetV2, whose ReLU6s leave a third of zeros, and no worse for SqueezeNet.
constexpr int mostRowsWithZeros(int vecs)
{
    return vecs == mostVecs ? 6 : 4;
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

/// What is brought from memory meanwhile: `step` floats further from input to input, 0 for nothing.
struct Ahead {
    const float* from;
    int64_t step;
};

/// Half: of the last vector only its first half.
template <int Rows, int Vecs, bool Half, class Inputs>
QS_INLINE void multiplyRows(const Product& product, int64_t first, const Inputs& inputs, Ahead ahead)
{
    constexpr int whole = Half ? Vecs - 1 : Vecs;
    Vec sums[Rows][Vecs];
    HalfVec halves[Rows];
    // What is read again after a store is kept here: the compiler cannot know that nothing is stored over it.
    float* out = product.out + first * product.outStep;
    const int64_t outStep = product.outStep;
    const int64_t rest = product.channels - (Vecs - 1) * lanes;
    if (product.goesOn) {
        QS_UNROLL
        for (int r = 0; r < Rows; ++r) {
            QS_UNROLL
            for (int v = 0; v < Vecs - 1; ++v)
                load(out + r * outStep + v * lanes, sums[r][v]);
            Vec last;
            if (rest == lanes)
                load(out + r * outStep + (Vecs - 1) * lanes, last);
            else
                loadFirst(out + r * outStep + (Vecs - 1) * lanes, last, rest);
            if constexpr (Half)
                __builtin_memcpy(&halves[r], &last, sizeof(HalfVec));
            else
                sums[r][Vecs - 1] = last;
        }
    } else {
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
    }
    const float* in[Rows];
    QS_UNROLL
    for (int r = 0; r < Rows; ++r) {
        in[r] = product.in + (first + r) * product.inStep;
        // In a register of its own: otherwise GCC adds the rows' distances up again for every input, which takes as long as to multiply.
        __asm__("" : "+r"(in[r]));
    }
    const float* packed = product.weights;
    for (int64_t part = product.parts; part > 0; --part) {
        for (int64_t i = 0; i < inputs.count; ++i) {
            const int64_t k = inputs[i];
            __builtin_prefetch(ahead.from);
            ahead.from += ahead.step;
            const float* weights = packed + k * (Vecs * lanes);
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
                    sums[r][v] += in[r][k] * column[v];
                if constexpr (Half)
                    halves[r] += in[r][k] * half;
            }
        }
        packed += product.depth * (Vecs * lanes);
        QS_UNROLL
        for (int r = 0; r < Rows; ++r)
            in[r] += product.partStep;
    }
    if constexpr (Half) {
        QS_UNROLL
        for (int r = 0; r < Rows; ++r) {
            Vec last{};
            __builtin_memcpy(&last, &halves[r], sizeof(HalfVec));
            sums[r][whole] = last;
        }
    }
    if (product.activation) {
        QS_UNROLL
        for (int r = 0; r < Rows; ++r)
            activate(sums[r], *product.activation);
    }
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
QS_INLINE void multiplySome(const Product& product, int64_t first, int64_t rows, const Inputs& inputs, const Ahead& ahead)
{
    if (rows == Rows)
        multiplyRows<Rows, Vecs, Half>(product, first, inputs, ahead);
    else if constexpr (Rows > 1)
        multiplySome<Rows - 1, Vecs, Half>(product, first, rows, inputs, ahead);
}

/// In groups of rows that differ by one at most: a row alone has too few sums to keep the processor busy.
template <int Vecs, bool Half>
void multiplyAll(const Product& product)
{
    constexpr int most = mostRows(Vecs);
    const NonZeros* some = product.nonZeros;
    const int64_t groups = pieces(product.rows, some ? some->mostRows : most);
    // Each group brings its share of the weights that come next, a line an input at most.
    constexpr int64_t line = 16;
    Ahead ahead{product.weights, 0};
    if (product.next)
        ahead = {product.next, pieces(Vecs * lanes, groups) < line ? pieces(Vecs * lanes, groups) : line};
    const int64_t fewer = product.rows / groups;
    const int64_t withOneMore = product.rows % groups;
    int64_t first = 0;
    for (int64_t group = 0; group < groups; ++group) {
        const int64_t rows = group < withOneMore ? fewer + 1 : fewer;
        if (some && some->counts[group] < product.depth)
            multiplySome<most, Vecs, Half>(product, first, rows, SomeInputs{some->counts[group], some->inputs + group * product.depth}, ahead);
        else
            multiplySome<most, Vecs, Half>(product, first, rows, EveryInput{product.depth}, ahead);
        ahead.from += product.depth * ahead.step;
        first += rows;
    }
}

template <bool Half>
void multiplyBy(const Product& product)
{
    if (product.vecs == 1)
        return multiplyAll<1, Half>(product);
    if constexpr (mostVecs > 2) {
        if (product.vecs == 3)
            return multiplyAll<3, Half>(product);
        if (product.vecs == 4)
            return multiplyAll<4, Half>(product);
    }
    multiplyAll<2, Half>(product);
}

/// Writes the numbers of the inputs that are not zero in all rows, and returns how many there are. Writes up to `lanes` more.
#if defined(__x86_64__) && QS_LANES == 16
int32_t findInGroup(const float* in, int64_t step, int64_t rows, int64_t depth, int32_t* numbers)
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
#elif defined(__x86_64__) && QS_LANES == 8
/// Of some of a register's inputs: whose bits, but for the signs, are not all zero.
QS_INLINE int32_t writeNonZeros(const IntVec& bits, int64_t k, int32_t* numbers)
{
    const __m256i allButSign = _mm256_set1_epi32(0x7FFFFFFF);
    const __m256i zeros = _mm256_cmpeq_epi32(_mm256_and_si256((__m256i)bits, allButSign), _mm256_setzero_si256());
    const auto some = static_cast<unsigned>(_mm256_movemask_ps((__m256)zeros)) ^ 0xFFU;
    const __m128i moved = _mm_cvtsi64_si128(static_cast<int64_t>(movedTogether[some]));
    const __m256i here = _mm256_add_epi32(_mm256_cvtepu8_epi32(moved), _mm256_set1_epi32(static_cast<int32_t>(k)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(numbers), here);
    return __builtin_popcount(some);
}

template <int Rows>
QS_INLINE int32_t findInRows(const float* in, int64_t step, int64_t depth, int32_t* numbers)
{
    int32_t found = 0;
    int64_t k = 0;
    for (; k + lanes <= depth; k += lanes) {
        IntVec bits;
        __builtin_memcpy(&bits, in + k, sizeof(IntVec));
        QS_UNROLL
        for (int r = 1; r < Rows; ++r) {
            IntVec row;
            __builtin_memcpy(&row, in + r * step + k, sizeof(IntVec));
            bits |= row;
        }
        found += writeNonZeros(bits, k, numbers + found);
    }
    if (k < depth) {
        const __m256i there = firstOf(depth - k);
        IntVec bits{};
        for (int r = 0; r < Rows; ++r)
            bits |= (IntVec)_mm256_maskload_ps(in + r * step + k, there);
        found += writeNonZeros(bits, k, numbers + found);
    }
    return found;
}

int32_t findInGroup(const float* in, int64_t step, int64_t rows, int64_t depth, int32_t* numbers)
{
    static_assert(mostRowsWithZeros(1) <= 6 && mostRowsWithZeros(2) <= 6);
    switch (rows) {
        case 1:
            return findInRows<1>(in, step, depth, numbers);
        case 2:
            return findInRows<2>(in, step, depth, numbers);
        case 3:
            return findInRows<3>(in, step, depth, numbers);
        case 4:
            return findInRows<4>(in, step, depth, numbers);
        case 5:
            return findInRows<5>(in, step, depth, numbers);
        default:
            return findInRows<6>(in, step, depth, numbers);
    }
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

static void multiply(const Product& product)
{
    // (Half of four is no register.)
    if (QS_LANES > 4 && product.vecs * lanes - product.channels >= lanes / 2)
        multiplyBy<QS_LANES != 4>(product);
    else
        multiplyBy<false>(product);
}

static int rowsWithZeros(int64_t vecs)
{
    return mostRowsWithZeros(static_cast<int>(vecs));
}

static int32_t findNonZeroInputs(const float* in, int64_t step, int64_t rows, int64_t depth, int32_t* numbers)
{
    return findInGroup(in, step, rows, depth, numbers);
}

static VectorShape vectorShape()
{
    return {lanes, mostVecs};
}
