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
    return cappedProduct({elementCount(inputs[0]), layer.attributes.integer("outputs", 0)});
}

// MatMul
//   attributes: transA, transB (0): the last two dimensions of an operand are exchanged first (not of a vector).
//   inputs: A (..., M, K) and B (..., K, N), either may be constant; leading dimensions broadcast; vectors as NumPy's matmul.
Shapes matMulShapes(const Layer& layer, Inputs inputs)
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
    if (layer.attributes.flag("transA", false) && !rowVector)
        std::swap(a[a.size() - 1], a[a.size() - 2]);
    if (layer.attributes.flag("transB", false) && !columnVector)
        std::swap(b[b.size() - 1], b[b.size() - 2]);
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

int64_t matMulMacs(const Layer& layer, Inputs inputs, Inputs outputs)
{
    const Shape& a = inputs[0];
    return cappedProduct({elementCount(outputs[0]), layer.attributes.flag("transA", false) && a.size() > 1 ? a[a.size() - 2] : a.back()});
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
    return cappedProduct({elementCount(outputs[0]), inputs[0][layer.attributes.flag("transA", false) ? 0 : 1]});
}

// Embed
//   attributes: outputs
//   weights:    0 = (vocabulary, outputs), 1 = bias (outputs), optional
//   input:      (...) -> (..., outputs): each value is the number of a row of weight 0. A number outside the vocabulary is an error of the run.
Shapes embedShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    const int64_t outputs = layer.attributes.integer("outputs", 0);
    if (outputs < 1 || outputs > largestExtent)
        return rangeError("it has " + std::to_string(outputs) + " outputs");
    if (!layer.weights.empty() && layer.weights[0])
        QS_CHECK(checkWeight(layer, 0, {layer.weights[0]->shape().empty() ? 0 : layer.weights[0]->shape()[0], outputs}, "weight"));
    QS_CHECK(checkWeight(layer, 1, {outputs}, "bias"));
    Shape shape = inputs[0];
    shape.push_back(outputs);
    return std::vector<Shape>{shape};
}

// LSTM, RNN (BVLC Caffe), GRU (own definition in their style)
//   attributes: outputs = H; exposeHidden (0): the first hidden states are inputs, the last ones outputs; staticInput (0): the third input is one
//               value a sequence that every step sees; linearBeforeReset (0, GRU)
//   inputs:     x (T, N, ...), which is flattened to D features; cont (T, N): 0 where a sequence begins, 1 where it goes on; with staticInput
//               one of (N, ...), flattened to S features; with exposeHidden h0 (1, N, H), and for LSTM c0 (1, N, H) after it
//   outputs:    h (T, N, H), and with exposeHidden the last h (1, N, H), and for LSTM the last c (1, N, H). RNN: o, then the last h.
//   weights:    in Caffe's order and with its gates, G = 4 (LSTM: i, f, o, g), 3 (GRU: z, r, n), 1 (RNN):
//               input (G * H, D); bias (G * H); static (G * H, S) with staticInput; hidden (G * H, H); RNN: output (H, H) and its bias (H)
//   A step, with h and c of the step before, and s the rows of hidden * (cont * h) + input * x + bias [+ static * s0]:
//     LSTM  c = cont * sigmoid(s.f) * c + sigmoid(s.i) * tanh(s.g), h = sigmoid(s.o) * tanh(c)
//     RNN   h = tanh(s), o = tanh(output * h + its bias)
//     GRU   z = sigmoid(s.z), r = sigmoid(s.r), h = z * cont * h + (1 - z) * n, n = tanh(input * x + bias + hidden.n * (r * cont * h)), or with
//           linearBeforeReset tanh(input * x + bias + r * (hidden.n * (cont * h)))
//   Without exposeHidden every run starts from zero states. (Caffe keeps them from one run to the next; with cont = 0 in front that is the same.)
Shapes recurrentShapes(const Layer& layer, Inputs inputs)
{
    const bool exposed = layer.attributes.flag("exposeHidden", false);
    const bool fixed = layer.attributes.flag("staticInput", false);
    const size_t states = !exposed ? 0 : layer.op == "LSTM" ? 2 : 1;
    const size_t count = 2 + (fixed ? 1 : 0) + states;
    QS_CHECK(checkInputCount(inputs, count, count));
    if (inputs[0].size() < 3)
        return shapeError("it needs an input of time, batch and features, it gets " + shapeText(inputs[0]));
    const int64_t steps = inputs[0][0];
    const int64_t batch = inputs[0][1];
    if (inputs[1] != Shape{steps, batch})
        return shapeError("its second input, the marks of sequences that go on, is " + shapeText(inputs[1]) + ", it should be " +
                          shapeText({steps, batch}));
    const int64_t outputs = layer.attributes.integer("outputs", 0);
    if (outputs < 1 || outputs > largestExtent)
        return rangeError("it has " + std::to_string(outputs) + " outputs");
    const auto features = productOf(inputs[0], 2, inputs[0].size());
    if (!features)
        return shapeError("the input " + shapeText(inputs[0]) + " is too large");
    const int64_t rows = outputs * (layer.op == "LSTM" ? 4 : layer.op == "GRU" ? 3 : 1);
    size_t weight = 0;
    QS_CHECK(checkWeight(layer, weight++, {rows, *features}, "input weight"));
    QS_CHECK(checkWeight(layer, weight++, {rows}, "bias"));
    if (fixed) {
        const auto constant = inputs[2].size() < 2 || inputs[2][0] != batch ? std::nullopt : productOf(inputs[2], 1, inputs[2].size());
        if (!constant)
            return shapeError("its static input is " + shapeText(inputs[2]) + " for a batch of " + std::to_string(batch));
        QS_CHECK(checkWeight(layer, weight++, {rows, *constant}, "static weight"));
    }
    QS_CHECK(checkWeight(layer, weight++, {rows, outputs}, "hidden weight"));
    if (layer.op == "RNN") {
        QS_CHECK(checkWeight(layer, weight++, {outputs, outputs}, "output weight"));
        QS_CHECK(checkWeight(layer, weight++, {outputs}, "output bias"));
    }
    const Shape state{1, batch, outputs};
    for (size_t i = 0; i < states; ++i)
        if (inputs[count - states + i] != state)
            return shapeError("a first state is " + shapeText(inputs[count - states + i]) + ", it should be " + shapeText(state));
    std::vector<Shape> shapes{{steps, batch, outputs}};
    shapes.resize(1 + states, state);
    return shapes;
}

int64_t recurrentMacs(const Layer& layer, Inputs inputs, Inputs)
{
    int64_t weights = 0;
    for (const auto& weight : layer.weights)
        if (weight && weight->shape().size() == 2)
            weights += weight->count();
    return cappedProduct({weights, inputs[0][0], inputs[0][1]});
}

}  // namespace qs::ops
