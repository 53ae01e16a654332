// Modules that are opened late, because what they link is slow to load: the engine (libtorch) and the picture codecs (OpenCV's bring GDAL and a
// hundred libraries: 250 ms before main).
#pragma once

#include "core/base/error.h"

namespace qs {

/// dlopens `fileName` and finds `symbol` in it. Looks beside the program, then in ../lib/quantscope; `environment` names a variable with a path that
/// goes first. Never closed. Errors: EngineUnavailable with the places tried.
Result<void*> openModule(const char* fileName, const char* symbol, const char* environment);

}  // namespace qs
