#include "core/data/outputs.h"

#include <algorithm>

namespace qs {

Result<OutputKind> outputKindFrom(const std::string& name, const std::string& where)
{
    const auto found = std::find(std::begin(outputKindNames), std::end(outputKindNames), name);
    if (found != std::end(outputKindNames))
        return static_cast<OutputKind>(found - std::begin(outputKindNames));
    std::string known;
    for (const char* const kind : outputKindNames)
        known += (known.empty() ? "" : ", ") + std::string(kind);
    return Error{ErrorCode::OutOfRange, "'" + name + "' is none of " + known, where};
}

}  // namespace qs
