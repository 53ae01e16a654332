#include "core/ops/shape_rules.h"

namespace qs::ops {

// InnerProduct (fully connected)
//   attributes: outputs = Cout; axis (1): dimensions from here on are flattened to Cin
//   weights:    0 = weight (Cout, Cin), always in this order (importers transpose); 1 = bias (Cout), optional
//   input:      (d0 ... d(axis-1), rest) -> (d0 ... d(axis-1), Cout)
Shapes innerProductShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t axis, axisOf(layer, "axis", 1, inputs[0].size()));
    const int64_t outputs = layer.attributes.integer("outputs", 0);
    if (outputs < 1)
        return rangeError("it has " + std::to_string(outputs) + " outputs");
    const auto features = productOf(inputs[0], axis, inputs[0].size());
    if (!features)
        return shapeError("the input " + shapeText(inputs[0]) + " is too large");
    QS_CHECK(checkWeight(layer, 0, {outputs, *features}, "weight"));
    QS_CHECK(checkWeight(layer, 1, {outputs}, "bias"));
    Shape shape(inputs[0].begin(), inputs[0].begin() + static_cast<std::ptrdiff_t>(axis));
    shape.push_back(outputs);
    return std::vector<Shape>{shape};
}

int64_t innerProductMacs(const Layer& layer, Inputs inputs, Inputs)
{
    return elementCount(inputs[0]) * layer.attributes.integer("outputs", 0);
}

// MatMul
//   attributes: none. Inputs: A (..., M, K) and B (..., K, N), either may be constant; leading dimensions broadcast; vectors as NumPy's matmul.
Shapes matMulShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    Shape a = inputs[0];
    Shape b = inputs[1];
    if (a.empty() || b.empty())
        return shapeError("it cannot multiply a scalar");
    const bool rowVector = a.size() == 1;
    const bool columnVector = b.size() == 1;
    if (rowVector)
        a.insert(a.begin(), 1);
    if (columnVector)
        b.push_back(1);
    if (a.back() != b[b.size() - 2])
        return shapeError("it cannot multiply " + shapeText(inputs[0]) + " by " + shapeText(inputs[1]));
    QS_TRY(const std::vector<Shape> leading, broadcastShapes(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)));
    Shape shape = leading[0];
    if (!rowVector)
        shape.push_back(a[a.size() - 2]);
    if (!columnVector)
        shape.push_back(b.back());
    return std::vector<Shape>{shape};
}

int64_t matMulMacs(const Layer&, Inputs inputs, Inputs outputs)
{
    return elementCount(outputs[0]) * inputs[0].back();
}

// Gemm: alpha * A' * B' + beta * C
//   attributes: transA, transB (0); alpha, beta (1). Inputs: A (2-D), B (2-D), optional C that broadcasts to (M, N); any may be constant.
//   (With a constant B importers make an InnerProduct instead.)
Shapes gemmShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 3));
    QS_CHECK(checkRank(inputs[0], 2));
    QS_CHECK(checkRank(inputs[1], 2));
    const bool transA = layer.attributes.flag("transA", false);
    const bool transB = layer.attributes.flag("transB", false);
    if (inputs[0][transA ? 0 : 1] != inputs[1][transB ? 1 : 0])
        return shapeError("it cannot multiply " + shapeText(inputs[0]) + " by " + shapeText(inputs[1]));
    const Shape shape{inputs[0][transA ? 1 : 0], inputs[1][transB ? 0 : 1]};
    if (inputs.size() == 3) {
        QS_TRY(const std::vector<Shape> sum, broadcastShapes(shape, inputs[2]));
        if (sum[0] != shape)
            return shapeError("its third input " + shapeText(inputs[2]) + " does not fit " + shapeText(shape));
    }
    return std::vector<Shape>{shape};
}

int64_t gemmMacs(const Layer& layer, Inputs inputs, Inputs outputs)
{
    return elementCount(outputs[0]) * inputs[0][layer.attributes.flag("transA", false) ? 0 : 1];
}

// Embed (no kernel)
//   attributes: outputs; weights: 0 = (vocabulary, outputs), 1 = bias (outputs), optional; (...) -> (..., outputs)
Shapes embedShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    Shape shape = inputs[0];
    shape.push_back(layer.attributes.integer("outputs", 0));
    return std::vector<Shape>{shape};
}

// LSTM, RNN, GRU (Caffe's; no kernel)
//   attributes: outputs; exposeHidden (0). Inputs: x (T, N, ...), cont (T, N), and with exposeHidden the first hidden states.
//   outputs:    (T, N, outputs), and with exposeHidden the last states (1, N, outputs)
Shapes recurrentShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, SIZE_MAX));
    if (inputs[0].size() < 2)
        return shapeError("it needs an input of time and batch, it gets " + shapeText(inputs[0]));
    const int64_t outputs = layer.attributes.integer("outputs", 0);
    std::vector<Shape> shapes{{inputs[0][0], inputs[0][1], outputs}};
    while (shapes.size() < layer.outputs.size())
        shapes.push_back({1, inputs[0][1], outputs});
    return shapes;
}

}  // namespace qs::ops
