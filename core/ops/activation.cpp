#include "core/ops/shape_rules.h"

namespace qs::ops {

// One input, one output of the same shape, no weights:
//   ReLU       slope (0): x for x > 0, slope * x otherwise
//   ReLU6      threshold (6), slope (0): min(x for x > 0, slope * x otherwise; threshold)
//   RReLU      lower (1/8), upper (1/3): x for x > 0, (lower + upper) / 2 * x otherwise (the test phase; training draws the slope)
//   Sigmoid    none;  TanH none;  AbsVal none;  BNLL none: log(1 + exp(x)), without overflow
//   ELU        alpha (1): x for x > 0, alpha * (exp(x) - 1) otherwise
//   Swish      beta (1): x * sigmoid(beta * x)
//   Hswish     none: x * min(max(x + 3, 0), 6) / 6
//   Exp        base (-1 = e), scale (1), shift (0): base ^ (scale * x + shift)
//   Log        base (-1 = e), scale (1), shift (0): log_base(scale * x + shift)
//   Power      power (1), scale (1), shift (0): (shift + scale * x) ^ power
//   Threshold  threshold (0): 1 for x > threshold, 0 otherwise
//   HardSigmoid  alpha (0.2), beta (0.5): min(max(alpha * x + beta, 0), 1)
//   Gelu       approximate "none" | "tanh": x / 2 * (1 + erf(x / sqrt(2))), or erf by its approximation with tanh (Hendrycks 2016)
//   Mish       none: x * tanh(log(1 + exp(x)));  Softsign none: x / (1 + |x|)
//   Selu       alpha (1.6733), gamma (1.0507): gamma * (x for x > 0, alpha * (exp(x) - 1) otherwise)
//   Celu       alpha (1): x for x > 0, alpha * (exp(x / alpha) - 1) otherwise
//   ThresholdedRelu  alpha (1): x for x > alpha, 0 otherwise
//   Shrink     lambda (0.5), bias (0): x + bias for x < -lambda, x - bias for x > lambda, 0 between
//   Tan, Asin, Acos, Atan, Sinh, Cosh, Asinh, Acosh, Atanh none;  IsNaN none: 1 or 0;  IsInf negative (1), positive (1): which of them count
//   Floor none;  Round none: halves to the even side;  Not none: 1 for 0, 0 for all else
//   Cast       to (a name of element_type.h): what that type makes of the value (castReal), kept as a float: whole numbers are exact up to 2^24
//   Sqrt, Sin, Cos, Erf, Ceil none;  Sign none: -1, 0 or 1
//   Quant      scale, offset, bits: clip(round(x / scale) + offset), the integers of quantized data
//   AntiQuant  scale, offset, bits: (q - offset) * scale
//   DeQuant    weights: 0 = scale_w * scale_d (one, or C for dimension `axis`, 1): accumulator * scale
Shapes unaryShapes(const Layer&, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    return std::vector<Shape>{inputs[0]};
}

// CReLU (Shang 2016)
//   attributes: axis (1), slope (0): ReLU(x) and ReLU(-x), joined along the axis, which is twice as long after it
Shapes creluShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_TRY(const size_t axis, axisOf(layer, "axis", 1, inputs[0].size()));
    Shape shape = inputs[0];
    shape[axis] *= 2;
    return std::vector<Shape>{shape};
}

// PReLU
//   weights: 0 = slope (C), or (1) when shared by all channels. Channels are dimension 1. x for x > 0, slope * x otherwise.
Shapes preluShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    if (inputs[0].size() < 2)
        return shapeError("it needs an input with channels, it gets " + shapeText(inputs[0]));
    const bool shared = !layer.weights.empty() && layer.weights[0] && layer.weights[0]->count() == 1;
    QS_CHECK(checkWeight(layer, 0, {shared ? 1 : inputs[0][1]}, "slope"));
    return std::vector<Shape>{inputs[0]};
}

// Clip
//   attributes: min, max (reals, both always written; +-3.4028234663852886e38 stands for "none")
Shapes clipShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    if (layer.attributes.real("min", 0) > layer.attributes.real("max", 6))
        return rangeError("min is above max");
    return std::vector<Shape>{inputs[0]};
}

// Softmax, LogSoftmax (its logarithm), Hardmax (1 for the first of the largest, 0 for the others)
//   attributes: axis (1); flatten (0): normalize over all dimensions from `axis` on together (ONNX before opset 13)
Shapes softmaxShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 1, 1));
    QS_CHECK(axisOf(layer, "axis", 1, inputs[0].size(), layer.attributes.flag("flatten", false)));
    return std::vector<Shape>{inputs[0]};
}

}  // namespace qs::ops
