#include "core/ops/views.h"

namespace qs::ops {

View wholeView(const Shape& shape)
{
    View view{0, shape, std::vector<int64_t>(shape.size())};
    int64_t stride = 1;
    for (size_t i = shape.size(); i-- > 0; stride *= shape[i])
        view.strides[i] = stride;
    return view;
}

namespace {

View sliced(const Attributes& attributes, const Shape& input, const Shape& output)
{
    const std::vector<int64_t> axes = attributes.integers("axes");
    const std::vector<int64_t> starts = attributes.integers("starts");
    const std::vector<int64_t> steps = attributes.integers("steps");
    View view = wholeView(input);
    for (size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<size_t>(axes[i] < 0 ? axes[i] + static_cast<int64_t>(input.size()) : axes[i]);
        const int64_t start = starts[i] < 0 ? starts[i] + input[axis] : starts[i];
        view.offset += std::clamp<int64_t>(start, 0, std::max<int64_t>(steps[i] < 0 ? input[axis] - 1 : input[axis], 0)) * view.strides[axis];
        // One element needs no step; others' steps lie within the extent.
        view.strides[axis] *= output[axis] > 1 ? steps[i] : 1;
    }
    view.shape = output;
    return view;
}

View permuted(const Attributes& attributes, const Shape& input, const Shape& output)
{
    const View whole = wholeView(input);
    View view{0, output, {}};
    for (const int64_t axis : attributes.integers("order"))
        view.strides.push_back(whole.strides[static_cast<size_t>(axis)]);
    return view;
}

View expanded(const Shape& input, const Shape& output)
{
    const View whole = wholeView(input);
    View view{0, output, std::vector<int64_t>(output.size(), 0)};
    for (size_t i = 0; i < input.size(); ++i)
        view.strides[output.size() - input.size() + i] = input[i] == 1 ? 0 : whole.strides[i];
    return view;
}

/// Each dimension as two: which repetition, and which element of it.
View tiled(const Attributes& attributes, const Shape& input)
{
    std::vector<int64_t> repeats = attributes.integers("repeats");
    if (repeats.empty()) {
        const int64_t axis = attributes.integer("axis", 1);
        repeats.assign(input.size(), 1);
        repeats[static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(input.size()) : axis)] = attributes.integer("tiles", 1);
    }
    const View whole = wholeView(input);
    View view;
    for (size_t i = 0; i < input.size(); ++i) {
        view.shape.insert(view.shape.end(), {repeats[i], input[i]});
        view.strides.insert(view.strides.end(), {0, whole.strides[i]});
    }
    return view;
}

}  // namespace

std::optional<View> viewOf(std::string_view op, const Attributes& attributes, const Shape& input, const Shape& output)
{
    if (op == "StridedSlice")
        return sliced(attributes, input, output);
    if (op == "Permute")
        return permuted(attributes, input, output);
    if (op == "Expand")
        return expanded(input, output);
    if (op == "Tile")
        return tiled(attributes, input);
    return std::nullopt;
}

}  // namespace qs::ops
