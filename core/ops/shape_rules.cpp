#include "core/ops/shape_rules.h"

#include <algorithm>

namespace qs::ops {

Error shapeError(std::string detail)
{
    return {ErrorCode::ShapeMismatch, std::move(detail), {}};
}

Error weightsError(std::string detail)
{
    return {ErrorCode::WeightsMismatch, std::move(detail), {}};
}

Error rangeError(std::string detail)
{
    return {ErrorCode::OutOfRange, std::move(detail), {}};
}

Result<void> checkInputCount(Inputs inputs, size_t least, size_t most)
{
    if (inputs.size() >= least && inputs.size() <= most)
        return {};
    const std::string wanted = least == most      ? std::to_string(least)
                               : most == SIZE_MAX ? "at least " + std::to_string(least)
                                                  : std::to_string(least) + " to " + std::to_string(most);
    return shapeError("it needs " + wanted + " inputs, it has " + std::to_string(inputs.size()));
}

Result<void> checkRank(const Shape& shape, size_t rank)
{
    if (shape.size() == rank)
        return {};
    return shapeError("it needs an input of " + std::to_string(rank) + " dimensions, it gets " + shapeText(shape));
}

Result<size_t> spatialSides(const Shape& shape)
{
    constexpr size_t channels = 2;
    if (shape.size() >= channels + 1 && shape.size() <= channels + 3)
        return shape.size() - channels;
    return shapeError("it needs an input of 3, 4 or 5 dimensions, it gets " + shapeText(shape));
}

Result<void> checkWeight(const Layer& layer, size_t index, const Shape& expected, const char* role)
{
    if (layer.weights.size() <= index || !layer.weights[index] || layer.weights[index]->shape() == expected)
        return {};
    return weightsError("its " + std::string(role) + " should be " + shapeText(expected) + ", the file has " +
                        shapeText(layer.weights[index]->shape()));
}

Result<size_t> normalizedAxis(int64_t axis, size_t rank, bool end)
{
    const auto count = static_cast<int64_t>(rank);
    const int64_t most = end ? count : count - 1;
    const int64_t index = axis < 0 ? axis + count : axis;
    if (index < 0 || index > most)
        return rangeError("axis " + std::to_string(axis) + " does not exist in an input of " + std::to_string(rank) + " dimensions");
    return static_cast<size_t>(index);
}

Result<size_t> axisOf(const Layer& layer, const char* name, int64_t fallback, size_t rank, bool end)
{
    return normalizedAxis(layer.attributes.integer(name, fallback), rank, end);
}

Result<std::vector<int64_t>> integersOf(const Layer& layer, const char* name, std::vector<int64_t> fallback, size_t count, int64_t least,
                                        int64_t most)
{
    std::vector<int64_t> values = layer.attributes.integers(name, std::move(fallback));
    if (values.size() != count)
        return rangeError(std::string(name) + " should have " + std::to_string(count) + " numbers, it has " + std::to_string(values.size()));
    for (const int64_t value : values)
        if (value < least || value > most)
            return rangeError(std::string(name) + " is " + std::to_string(value) + ", allowed is " + std::to_string(least) + " to " +
                              std::to_string(most));
    return values;
}

std::optional<int64_t> productOf(const Shape& shape, size_t begin, size_t end)
{
    int64_t product = 1;
    for (size_t i = begin; i < end; ++i) {
        if (shape[i] < 0 || (shape[i] > 0 && product > (int64_t{1} << 40) / shape[i]))
            return std::nullopt;
        product *= shape[i];
    }
    return product;
}

Result<int64_t> checkedProduct(std::initializer_list<int64_t> factors)
{
    const Shape shape(factors);
    const auto product = productOf(shape, 0, shape.size());
    return product ? Result<int64_t>(*product) : shapeError("a dimension of its output would be " + shapeText(shape));
}

int64_t cappedProduct(std::initializer_list<int64_t> factors)
{
    constexpr int64_t most = int64_t{1} << 50;
    int64_t product = 1;
    for (const int64_t factor : factors)
        product = factor <= 0 ? 0 : product > most / factor ? most : product * factor;
    return product;
}

int64_t tapsOf(const std::vector<int64_t>& kernel)
{
    int64_t taps = 1;
    for (const int64_t side : kernel)
        taps = cappedProduct({taps, side});
    return taps;
}

Shapes broadcastShapes(const Shape& a, const Shape& b)
{
    Shape shape(std::max(a.size(), b.size()), 1);
    for (size_t i = 0; i < shape.size(); ++i) {
        const int64_t left = i < a.size() ? a[a.size() - 1 - i] : 1;
        const int64_t right = i < b.size() ? b[b.size() - 1 - i] : 1;
        if (left != right && left != 1 && right != 1)
            return shapeError("shapes " + shapeText(a) + " and " + shapeText(b) + " do not broadcast");
        shape[shape.size() - 1 - i] = left == 1 ? right : left;
    }
    return std::vector<Shape>{shape};
}

}  // namespace qs::ops
