// Kernels from the formulas and views of ops/: see evaluated.cpp.
#pragma once

#include "core/engine/kernels/kernels.h"

namespace qs::kernels {

/// What ops/evaluate.h computes element by element, with broadcasting.
KernelResult evaluatedUnary(const Work& work);
KernelResult evaluatedBinary(const Work& work);
KernelResult where(const Work& work);
KernelResult gather(const Work& work);
KernelResult expand(const Work& work);

}  // namespace qs::kernels
