// Lists of values along one axis, for kernels that take each by itself.
#pragma once

#include "core/engine/kernels/kernels.h"

namespace qs::kernels {

/// The attribute from the front: shape rules have seen that it is there.
inline size_t axisOf(const Attributes& attributes, int64_t fallback, size_t rank)
{
    const int64_t axis = attributes.integer("axis", fallback);
    return static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(rank) : axis);
}

/// Element k of list (outer, inner) is at (outer * size + k) * inner count + inner.
struct Lists {
    int64_t outer, size, inner;
    Lists(const Shape& shape, size_t axis)
        : outer(elementCount(Shape(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis)))),
          size(shape[axis]),
          inner(elementCount(Shape(shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end())))
    {
    }
    int64_t count() const { return outer * inner; }
    /// Where list i begins; its values are `inner` apart.
    int64_t first(int64_t i) const { return i / inner * size * inner + i % inner; }
};

/// Along a Softmax's axis, or over all dimensions from there on ("flatten").
inline Lists softmaxLists(const Work& work)
{
    const Shape& shape = work.input();
    const size_t axis = axisOf(work.attributes(), 1, shape.size());
    if (!work.attributes().flag("flatten", false))
        return {shape, axis};
    const auto at = shape.begin() + static_cast<std::ptrdiff_t>(axis);
    return {{elementCount(Shape(shape.begin(), at)), elementCount(Shape(at, shape.end()))}, 1};
}

}  // namespace qs::kernels
