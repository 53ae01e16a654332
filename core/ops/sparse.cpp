// Sparse values (seed 004: the network over voxels of a point cloud): features (rows, channels) of the sites that are not empty, beside the sites
// themselves, (rows, 1 + dimensions): the picture of the batch, then a place along each side of a grid. How many sites there are depends on the data:
// shapes here say how many there may be. A convolution reads rules, which say for every site that comes out, and every place of the kernel, the row
// that it reads there, or -1.
#include "core/ops/shape_rules.h"

#include <algorithm>

namespace qs::ops {

namespace {

constexpr size_t mostDimensions = 3;
constexpr int64_t mostRows = int64_t{1} << 24;  ///< rows are written as floats

Result<size_t> dimensionsOf(const Layer& layer)
{
    const size_t dimensions = layer.attributes.integers("spatialShape").size();
    if (dimensions < 1 || dimensions > mostDimensions)
        return rangeError("its grid has " + std::to_string(dimensions) + " dimensions; 1 to " + std::to_string(mostDimensions) + " are built");
    return dimensions;
}

Result<void> checkSites(const Shape& sites, size_t dimensions)
{
    if (sites.size() != 2 || sites[1] != static_cast<int64_t>(dimensions) + 1)
        return shapeError("its sites should be rows of " + std::to_string(dimensions + 1) + " numbers, they are " + shapeText(sites));
    if (sites[0] > mostRows)
        return shapeError("there are " + std::to_string(sites[0]) + " sites; " + std::to_string(mostRows) + " are built");
    return {};
}

}  // namespace

// SparseRules (own definition)
//   attributes: spatialShape = sides of the grid; kernel, stride (1), pad (0, both ends alike), dilation (1): as many numbers; subm (0): the sites
//   that
//               come out are those that go in, and the kernel, whose sides are odd, stands in its middle (submanifold convolution, Graham 2018);
//               rows: how many sites came out when the file was made (0: not known, as many as there may be)
//   input:      sites (N, 1 + D)
//   outputs:    sites (M, 1 + D), in the order of the grid (of subm: as they are); rules (M, taps), the last side's taps side by side
Shapes sparseRulesShapes(const Layer& layer, Inputs inputs)
{
    constexpr int64_t largestKernel = 15;
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t dimensions, dimensionsOf(layer));
    QS_CHECK(checkSites(inputs[0], dimensions));
    QS_TRY(const auto sides, integersOf(layer, "spatialShape", {}, dimensions, 1, largestExtent));
    QS_TRY(const auto kernel, integersOf(layer, "kernel", {}, dimensions, 1, largestKernel));
    const std::vector<int64_t> ones(dimensions, 1);
    QS_TRY(const auto stride, integersOf(layer, "stride", ones, dimensions, 1, largestExtent));
    QS_TRY(const auto dilation, integersOf(layer, "dilation", ones, dimensions, 1, largestExtent));
    QS_CHECK(integersOf(layer, "pad", std::vector<int64_t>(dimensions, 0), dimensions, 0, largestKernel));
    // Places of a grid are numbered: also of the one that comes out, which padding may make a little larger.
    Shape padded(sides);
    for (int64_t& side : padded)
        side += 2 * largestKernel;
    if (!productOf(padded, 0, padded.size()))
        return rangeError("its grid " + shapeText(sides) + " is too large");
    int64_t rows = inputs[0][0];
    if (layer.attributes.flag("subm", false)) {
        if (std::any_of(kernel.begin(), kernel.end(), [](int64_t side) { return side % 2 == 0; }) || stride != ones)
            return rangeError("a submanifold convolution needs a kernel of odd sides and a stride of 1");
    } else if (const int64_t traced = layer.attributes.integer("rows", 0); traced > 0) {
        rows = traced;
    } else {
        // A site reaches no more places than there are taps a step apart.
        for (size_t side = 0; side < dimensions; ++side)
            rows *= dilation[side] == 1 ? (kernel[side] + stride[side] - 1) / stride[side] : kernel[side];
    }
    rows = std::min(rows, mostRows);
    return std::vector<Shape>{{rows, static_cast<int64_t>(dimensions) + 1}, {rows, tapsOf(kernel)}};
}

// SparseInverseRules (own definition)
//   inputs:  rules (M, taps) of a layer before, and the sites (N, 1 + D) that it read
//   output:  rules (N, taps): every pair the other way around, under the same place of the kernel
Shapes sparseInverseRulesShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkRank(inputs[0], 2));
    QS_CHECK(checkRank(inputs[1], 2));
    return std::vector<Shape>{{inputs[1][0], inputs[0][1]}};
}

// SparseConvolution
//   attributes: outputs = Cout; kernel = as the rules'
//   weights:    0 = weight (Cout, Cin, kernel...); 1 = bias (Cout), optional
//   inputs:     features (N, Cin), rules (M, taps) -> (M, Cout): bias + the sum over taps with a row of weight[tap] . features[row]
Shapes sparseConvolutionShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkRank(inputs[0], 2));
    QS_CHECK(checkRank(inputs[1], 2));
    const std::vector<int64_t> kernel = layer.attributes.integers("kernel");
    const int64_t outputs = layer.attributes.integer("outputs", 0);
    if (outputs < 1)
        return rangeError("it has " + std::to_string(outputs) + " output channels");
    if (inputs[1][1] != tapsOf(kernel))
        return shapeError("its rules are of " + std::to_string(inputs[1][1]) + " places, its kernel has " + std::to_string(tapsOf(kernel)));
    Shape weight{outputs, inputs[0][1]};
    weight.insert(weight.end(), kernel.begin(), kernel.end());
    QS_CHECK(checkWeight(layer, 0, weight, "weight"));
    QS_CHECK(checkWeight(layer, 1, {outputs}, "bias"));
    return std::vector<Shape>{{inputs[1][0], outputs}};
}

/// Where every place of the kernel reads a site: fewer are, by how many the data say.
int64_t sparseConvolutionMacs(const Layer& layer, Inputs inputs, Inputs outputs)
{
    return cappedProduct({elementCount(outputs[0]), inputs[0][1], tapsOf(layer.attributes.integers("kernel"))});
}

// ScatterDense
//   attributes: spatialShape = sides of the grid; batch (1)
//   inputs:     features (N, C), sites (N, 1 + D) -> (batch, C, sides...), zero where there is no site
Shapes scatterDenseShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkRank(inputs[0], 2));
    QS_TRY(const size_t dimensions, dimensionsOf(layer));
    QS_CHECK(checkSites(inputs[1], dimensions));
    QS_TRY(const auto sides, integersOf(layer, "spatialShape", {}, dimensions, 1, largestExtent));
    const int64_t batch = layer.attributes.integer("batch", 1);
    if (batch < 1 || batch > largestExtent)
        return rangeError("its batch is " + std::to_string(batch));
    Shape shape{batch, inputs[0][1]};
    shape.insert(shape.end(), sides.begin(), sides.end());
    if (!productOf(shape, 0, shape.size()))
        return shapeError("its output " + shapeText(shape) + " is too large");
    return std::vector<Shape>{shape};
}

}  // namespace qs::ops
