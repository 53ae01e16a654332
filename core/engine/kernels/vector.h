// Sixteen floats as one value, for loops that keep what they work on in registers: a register of AVX-512, two of AVX2, four of SSE.
#pragma once

#include <cstring>

// Everything here goes by reference and is always inlined: it takes the instruction set of the clone (QS_CLONES) it is called from.
#define QS_INLINE [[gnu::always_inline]] inline

namespace qs::kernels {

constexpr int lanes = 16;
using Vec = float __attribute__((vector_size(lanes * sizeof(float))));

/// From and to anywhere; T is Vec, or float for the rest of a row.
template <class T>
QS_INLINE void load(const float* from, T& to)
{
    std::memcpy(&to, from, sizeof(T));
}

template <class T>
QS_INLINE void store(float* to, const T& from)
{
    std::memcpy(to, &from, sizeof(T));
}

}  // namespace qs::kernels
