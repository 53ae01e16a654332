// The tensors inside a value of TorchScript.
#pragma once

#include "core/import/torchscript/reader/recorder.h"

#include <ATen/core/ivalue.h>

namespace qs::torchscript {

/// A file can have a list that holds itself, twice even: neither depth nor count may be without an end.
struct WalkLimits {
    int depth = 64;
    int64_t values = int64_t{1} << 20;
};

template <class Function>
void forTensors(const c10::IValue& value, const Function& function, WalkLimits& limits)
{
    if (limits.depth == 0 || --limits.values < 0)
        throw Stop{"lists in lists without an end"};
    --limits.depth;
    if (value.isTensor()) {
        if (value.toTensor().defined())
            function(value.toTensor());
    } else if (value.isList()) {
        for (const c10::IValue& one : value.toListRef())
            forTensors(one, function, limits);
    } else if (value.isTuple()) {
        for (const c10::IValue& one : value.toTupleRef().elements())
            forTensors(one, function, limits);
    } else if (value.isGenericDict()) {
        for (const auto& entry : value.toGenericDict())
            forTensors(entry.value(), function, limits);
    }
    ++limits.depth;
}

/// Calls the function with every tensor in lists, tuples and dictionaries, in their order. Throws Stop where there is no end to them.
template <class Function>
void forTensors(const c10::IValue& value, const Function& function)
{
    WalkLimits limits;
    forTensors(value, function, limits);
}

}  // namespace qs::torchscript
