// Small walks over arrays in C order that constants (ops/evaluate.h) and the engine's kernels share.
#pragma once

#include "core/base/buffer.h"
#include "core/ir/attributes.h"

#include <algorithm>
#include <optional>
#include <span>

namespace qs::ops {

/// Part of an array in another order: element (i, j...) lies at offset + i * strides[0] + j * strides[1]...
struct View {
    int64_t offset = 0;
    Shape shape;
    std::vector<int64_t> strides;
};

/// All of it. The shape's product must not overflow.
View wholeView(const Shape& shape);
/// Of StridedSlice, Permute, Expand, Tile, whose attributes the op's shape function has accepted; nullopt for other ops.
std::optional<View> viewOf(std::string_view op, const Attributes& attributes, const Shape& input, const Shape& output);

/// Calls row(output element, first element of each input, how far it moves from one output element to the next: 0 or 1, elements) for every row of
/// the output; NumPy broadcasting. Shapes must broadcast to `output`.
template <class Row>
void forBroadcastRows(const Shape& output, std::span<const Shape> inputs, Row row)
{
    const size_t rank = output.size();
    const int64_t count = elementCount(output);
    std::vector<std::vector<int64_t>> strides;
    for (const Shape& input : inputs) {
        std::vector<int64_t> own(rank, 0);
        int64_t stride = 1;
        for (size_t i = input.size(); i-- > 0; stride *= input[i])
            own[rank - input.size() + i] = input[i] == 1 ? 0 : stride;
        strides.push_back(std::move(own));
    }
    const int64_t length = rank == 0 ? 1 : output[rank - 1];
    std::vector<int64_t> index(rank, 0);
    std::vector<int64_t> first(inputs.size(), 0);
    std::vector<int64_t> steps;
    for (const auto& own : strides)
        steps.push_back(rank == 0 ? 0 : own[rank - 1]);
    for (int64_t at = 0; at < count; at += length) {
        row(at, std::span<const int64_t>(first), std::span<const int64_t>(steps), length);
        for (size_t i = rank > 0 ? rank - 1 : 0; i-- > 0;) {
            const bool wraps = ++index[i] == output[i];
            for (size_t k = 0; k < first.size(); ++k)
                first[k] += wraps ? -strides[k][i] * (output[i] - 1) : strides[k][i];
            if (!wraps)
                break;
            index[i] = 0;
        }
    }
}

/// The view's elements in C order.
template <class T>
void copyView(const View& view, const T* in, T* out)
{
    const size_t rank = view.shape.size();
    const int64_t count = elementCount(view.shape);
    const int64_t length = rank == 0 ? 1 : view.shape[rank - 1];
    const int64_t step = rank == 0 ? 0 : view.strides[rank - 1];
    std::vector<int64_t> index(rank, 0);
    int64_t from = view.offset;
    for (int64_t at = 0; at < count; at += length) {
        for (int64_t i = 0; i < length; ++i)
            out[at + i] = in[from + i * step];
        for (size_t i = rank > 0 ? rank - 1 : 0; i-- > 0;) {
            if (++index[i] < view.shape[i]) {
                from += view.strides[i];
                break;
            }
            from -= view.strides[i] * (view.shape[i] - 1);
            index[i] = 0;
        }
    }
}

/// Gather: `at` gives the k-th index, negative counts from the back; false: one lies outside, and the output is not whole.
template <class T, class Index>
bool gatherElements(const T* in, const Shape& input, size_t axis, int64_t count, Index at, T* out)
{
    const int64_t outer = elementCount(Shape(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(axis)));
    const int64_t inner = elementCount(Shape(input.begin() + static_cast<std::ptrdiff_t>(axis) + 1, input.end()));
    for (int64_t k = 0; k < count; ++k) {
        int64_t index = at(k);
        index = index < 0 ? index + input[axis] : index;
        if (index < 0 || index >= input[axis])
            return false;
        for (int64_t o = 0; o < outer; ++o)
            std::copy_n(in + (o * input[axis] + index) * inner, inner, out + (o * count + k) * inner);
    }
    return true;
}

}  // namespace qs::ops
