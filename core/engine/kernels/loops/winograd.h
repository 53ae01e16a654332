// The loops of winograd.cpp (each_level.h).

namespace {

/// Six values of a row of inputs at the points.
template <class T>
QS_INLINE void evaluate(const T (&in)[patch], T (&out)[patch])
{
    const T innerEven = in[4] - outer2 * in[2];
    const T innerOdd = in[3] - outer2 * in[1];
    const T outerEven = in[4] - inner2 * in[2];
    const T outerOdd = in[3] - inner2 * in[1];
    out[0] = in[4] - (inner2 + outer2) * in[2] + inner2 * outer2 * in[0];
    out[1] = innerEven + inner * innerOdd;
    out[2] = innerEven - inner * innerOdd;
    out[3] = outerEven + outer * outerOdd;
    out[4] = outerEven - outer * outerOdd;
    out[5] = in[5] - (inner2 + outer2) * in[3] + inner2 * outer2 * in[1];
}

/// Four outputs of a row from their products at the points.
template <class T>
QS_INLINE void interpolate(const T (&in)[patch], T (&out)[tileSize])
{
    const T innerSum = in[1] + in[2];
    const T innerDifference = in[1] - in[2];
    const T outerSum = in[3] + in[4];
    const T outerDifference = in[3] - in[4];
    out[0] = in[0] + innerSum + outerSum;
    out[1] = inner * innerDifference + outer * outerDifference;
    out[2] = inner2 * innerSum + outer2 * outerSum;
    out[3] = inner2 * inner * innerDifference + outer2 * outer * outerDifference + in[5];
}

using Wide = double __attribute__((vector_size(lanes * sizeof(double))));

/// A column or row of a kernel at the points: powers of a point over its distances from the others, which are the same for both signs.
QS_INLINE void evaluateKernel(const Wide& first, const Wide& second, const Wide& third, Wide (&out)[patch])
{
    constexpr double a = inner;
    constexpr double b = outer;
    constexpr double overInner = 1 / (2 * a * a * (a * a - b * b));
    constexpr double overOuter = 1 / (2 * b * b * (b * b - a * a));
    const Wide innerEven = overInner * first + overInner * a * a * third;
    const Wide innerOdd = overInner * a * second;
    const Wide outerEven = overOuter * first + overOuter * b * b * third;
    const Wide outerOdd = overOuter * b * second;
    out[0] = 1 / (a * a * b * b) * first;
    out[1] = innerEven + innerOdd;
    out[2] = innerEven - innerOdd;
    out[3] = outerEven + outerOdd;
    out[4] = outerEven - outerOdd;
    out[5] = third;
}

}  // namespace

/// The kernels of `count` outputs, `kernelStep` apart, at the points, `outStep` apart; up to a register of outputs with zeros.
static void evaluateWeights(const float* kernels, int64_t kernelStep, int64_t count, float* out, int64_t outStep)
{
    float gathered[9][lanes] = {};
    for (int64_t o = 0; o < count; ++o)
        for (int i = 0; i < 9; ++i)
            gathered[i][o] = kernels[o * kernelStep + i];
    Wide half[3][patch];
    for (int x = 0; x < 3; ++x) {
        Wide column[3];
        for (int y = 0; y < 3; ++y) {
            Vec value;
            load(gathered[y * 3 + x], value);
            column[y] = __builtin_convertvector(value, Wide);
        }
        evaluateKernel(column[0], column[1], column[2], half[x]);
    }
    for (int y = 0; y < patch; ++y) {
        Wide row[patch];
        evaluateKernel(half[0][y], half[1][y], half[2][y], row);
        for (int x = 0; x < patch; ++x)
            store(out + (y * patch + x) * outStep, __builtin_convertvector(row[x], Vec));
    }
}

template <class T>
QS_INLINE void evaluatePatch(const float* const* pixels, float* out, int64_t step)
{
    T half[patch][patch];
    for (int x = 0; x < patch; ++x) {
        T in[patch], column[patch];
        for (int y = 0; y < patch; ++y)
            load(pixels[y * patch + x], in[y]);
        evaluate(in, column);
        for (int y = 0; y < patch; ++y)
            half[y][x] = column[y];
    }
    for (int y = 0; y < patch; ++y) {
        T row[patch];
        evaluate(half[y], row);
        for (int x = 0; x < patch; ++x)
            store(out + (y * patch + x) * step, row[x]);
    }
}

/// `out`: a point's channels `step` behind the last one's.
static void evaluatePatches(const float* const* pixels, int64_t channels, float* out, int64_t step)
{
    const float* at[points];
    int64_t c = 0;
    for (; c + lanes <= channels; c += lanes) {
        for (int i = 0; i < points; ++i)
            at[i] = pixels[i] + c;
        evaluatePatch<Vec>(at, out + c, step);
    }
    for (; c < channels; ++c) {
        for (int i = 0; i < points; ++i)
            at[i] = pixels[i] + c;
        evaluatePatch<float>(at, out + c, step);
    }
}

/// Up to a register of channels of a tile's outputs from their products at the points.
static void interpolateTile(const float* in, int64_t step, const float* bias, const FusedActivation* activation, const Target& target)
{
    Vec half[tileSize][patch];
    for (int x = 0; x < patch; ++x) {
        Vec column[patch], out[tileSize];
        for (int y = 0; y < patch; ++y)
            load(in + (y * patch + x) * step, column[y]);
        interpolate(column, out);
        for (int y = 0; y < tileSize; ++y)
            half[y][x] = out[y];
    }
    Vec offset;
    load(bias, offset);
    for (int y = 0; y < target.rows; ++y) {
        Vec row[tileSize];
        interpolate(half[y], row);
        for (int x = 0; x < tileSize; ++x)
            row[x] += offset;
        if (activation)
            activate(row, *activation);
        for (int x = 0; x < target.columns; ++x) {
            float* to = target.data + y * target.rowStep + x * target.pixelStep;
            if (target.channels == lanes)
                store(to, row[x]);
            else
                storeFirst(to, row[x], target.channels);
        }
    }
}
