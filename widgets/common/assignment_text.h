// What a search asks of layers, in the window's words. Apart from format.h, which every view includes: it needs core's search.
#pragma once

#include "core/jobs/search.h"

#include <QString>

namespace qs {

/// "dw4: 16 bits; conv1: float".
QString assignmentText(const SearchAssignment& assignment);

}  // namespace qs
