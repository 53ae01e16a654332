// What a network's outputs mean to whoever judges them: detected, or chosen with the data.
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <string>

namespace qs {

enum class OutputKind : uint8_t { Automatic, Classes, Boxes, ClassMap, Vector, Plain };

struct OutputChoice {
    OutputKind kind = OutputKind::Automatic;
    std::string decoder;  ///< of boxes (stats/decoders.h), as text; empty: a DetectionOutput layer, or what fits the outputs
    bool operator==(const OutputChoice&) const = default;
};

/// "automatic", "classes", "boxes", "class-map", "vector", "values": the words of the command line and of the project.
constexpr const char* outputKindNames[] = {"automatic", "classes", "boxes", "class-map", "vector", "values"};
/// Errors: OutOfRange, with `where`.
Result<OutputKind> outputKindFrom(const std::string& name, const std::string& where);

}  // namespace qs
