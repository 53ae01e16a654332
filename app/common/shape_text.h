// The shape of an input as people type it.
#pragma once

#include "core/base/buffer.h"

#include <optional>
#include <string>

namespace qs {

/// "1x3x224x224"; nullopt for anything else.
std::optional<Shape> shapeFromText(const std::string& text);

}  // namespace qs
