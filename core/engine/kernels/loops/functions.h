// The loops of functions.cpp (each_level.h): functions of one value as arithmetic without branches. What is not a number stays one. Polynomials are
// fits by least squares at Chebyshev points; errors are the largest found over the floats of the ranges named.

namespace {

/// Of vectors, as integers.
QS_INLINE void bitsOf(const Vec& value, IntVec& bits)
{
    __builtin_memcpy(&bits, &value, sizeof(Vec));
}

QS_INLINE void valueOf(const IntVec& bits, Vec& value)
{
    __builtin_memcpy(&value, &bits, sizeof(Vec));
}

/// x = n ln 2 + r: e^r, and n.
QS_INLINE void splitExponential(const Vec& x, Vec& power, IntVec& n)
{
    // Added to this number, n stands in the last bits.
    constexpr float rounder = 12582912.0F;
    const Vec shifted = x * 1.44269504F + rounder;
    const Vec whole = shifted - rounder;
    Vec r = x - whole * 0.693359375F;
    r = r + whole * 2.12194440e-4F;
    power = ((((1.394656195e-3F * r + 8.369223508e-3F) * r + 4.166626152e-2F) * r + 1.666651538e-1F) * r + 5.000000081e-1F) * (r * r) + r + 1.0F;
    IntVec from;
    bitsOf(Vec{} + rounder, from);
    bitsOf(shifted, n);
    n = n - from;
}

/// e^x of |x| <= 87, within 2 units of the last place: no step of it is too small to be a normal number, which takes processors a hundred cycles.
QS_INLINE void exponentialInside(Vec& x)
{
    IntVec n;
    Vec power;
    splitExponential(x, power, n);
    Vec factor;
    valueOf((n + 127) << 23, factor);
    x = power * factor;
}

/// e^x of x <= 0; 0 below -87.
QS_INLINE void exponentialBelow(Vec& x)
{
    const Vec given = x;
    limit(x, -87.0F, 0.0F);
    exponentialInside(x);
    x = given < -87.0F ? Vec{} : x;
}

/// e^x; within 2 units of the last place. 0 below -87.3, infinite above 88.7.
QS_INLINE void exponential(Vec& x)
{
    constexpr float lowest = -87.33654F;
    constexpr float highest = 88.722839F;
    const Vec given = x;
    limit(x, lowest, highest);
    IntVec n;
    Vec power;
    splitExponential(x, power, n);
    // Times 2^n in two steps, each of which is a float for every n.
    const IntVec half = n >> 1;
    Vec first;
    Vec second;
    valueOf((half + 127) << 23, first);
    valueOf((n - half + 127) << 23, second);
    x = power * first * second;
    x = given < lowest ? Vec{} : x;
    x = given > highest ? Vec{} + __builtin_inff() : x;
}

QS_INLINE void logistic(Vec& x)
{
    const Vec given = x;
    x = -x;
    limit(x, -87.0F, 87.0F);
    exponentialInside(x);
    x = 1.0F / (1.0F + x);
    x = given < -87.0F ? Vec{} : x;
}

struct Exponential {
    float logBase, scale, shift;
    QS_INLINE void operator()(Vec& x) const
    {
        x = logBase * (shift + scale * x);
        exponential(x);
    }
};

struct Sigmoid {
    QS_INLINE void operator()(Vec& x) const { logistic(x); }
};

struct Swish {
    float beta;
    QS_INLINE void operator()(Vec& x) const
    {
        Vec gate = beta * x;
        logistic(gate);
        x = x * gate;
    }
};

/// Within 2e-7 of the value.
struct HyperbolicTangent {
    QS_INLINE void operator()(Vec& x) const
    {
        const Vec size = x < 0.0F ? -x : x;
        const Vec z = x * x;
        const Vec inner =
            ((((-5.529292883e-3F * z + 2.048480368e-2F) * z - 5.369389858e-2F) * z + 1.333092128e-1F) * z - 3.333326445e-1F) * z * x + x;
        Vec outer = 2.0F * size;
        limit(outer, 0.0F, 80.0F);
        exponentialInside(outer);
        outer = 1.0F - 2.0F / (outer + 1.0F);
        outer = x < 0.0F ? -outer : outer;
        x = size < 0.65F ? inner : outer;
    }
};

/// Within 2e-7.
struct ErrorFunction {
    QS_INLINE void operator()(Vec& x) const
    {
        Vec size = x < 0.0F ? -x : x;
        limit(size, 0.0F, 4.0F);
        const Vec z = size * size;
        const Vec inner =
            ((((((7.898210150e-5F * z - 8.024354113e-4F) * z + 5.190053576e-3F) * z - 2.685480854e-2F) * z + 1.128361243e-1F) * z - 3.761262884e-1F) *
                 z +
             1.128379167F) *
            size;
        const Vec q =
            ((((((-3.784685008e-4F * size + 5.878901174e-3F) * size - 4.035737072e-2F) * size + 1.623663082e-1F) * size - 4.288179639e-1F) * size +
              7.898726540e-1F) *
                 size -
             1.046800945F) *
                size +
            9.858204193e-1F;
        Vec outer = -z;
        exponentialInside(outer);
        outer = 1.0F - outer * q;
        const Vec value = size < 1.0F ? inner : outer;
        x = x < 0.0F ? -value : value;
    }
};

struct ExponentialLinear {
    float alpha;
    QS_INLINE void operator()(Vec& x) const
    {
        Vec below = x;
        exponentialBelow(below);
        below = alpha * (below - 1.0F);
        x = x > 0.0F ? x : below;
    }
};

/// The same bits for every value, wherever it stands.
template <class Formula>
QS_INLINE void each(const float* in, float* out, int64_t count, const Formula& formula)
{
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        Vec x;
        load(in + i, x);
        formula(x);
        store(out + i, x);
    }
    if (i < count) {
        Vec x;
        loadFirst(in + i, x, count - i);
        formula(x);
        storeFirst(out + i, x, count - i);
    }
}

}  // namespace

static void functionOf(const FunctionSpan& span)
{
    const auto& [function, in, out, count, a, b, c] = span;
    switch (function) {
        case Function::Exponential:
            return each(in, out, count, Exponential{a, b, c});
        case Function::Sigmoid:
            return each(in, out, count, Sigmoid{});
        case Function::Swish:
            return each(in, out, count, Swish{a});
        case Function::HyperbolicTangent:
            return each(in, out, count, HyperbolicTangent{});
        case Function::ErrorFunction:
            return each(in, out, count, ErrorFunction{});
        case Function::ExponentialLinear:
            return each(in, out, count, ExponentialLinear{a});
    }
}

static float exponentialsOf(const float* in, float* out, int64_t count, float largest)
{
    Vec sums{};
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        Vec x;
        load(in + i, x);
        x = x - largest;
        exponentialBelow(x);
        store(out + i, x);
        sums += x;
    }
    if (i < count) {
        Vec x;
        loadFirst(in + i, x, count - i);
        x = x - largest;
        exponentialBelow(x);
        storeFirst(out + i, x, count - i);
        loadFirst(out + i, x, count - i);
        sums += x;
    }
    float sum = 0;
    for (int lane = 0; lane < lanes; ++lane)
        sum += sums[lane];
    return sum;
}
