#include "core/import/onnx/expand.h"
#include "core/ops/einsum.h"
#include "core/ops/shape_rules.h"

#include <algorithm>

namespace qs::onnxio {

using Ints = std::vector<int64_t>;

Result<void> depthToSpace(Steps& steps)
{
    const int64_t block = steps.node.integer("blocksize", 0);
    const std::string mode = steps.node.text("mode", "DCR");
    QS_TRY(const Shape x, steps.shape(0));
    constexpr int64_t largest = 1 << 12;
    if (x.size() != 4 || block < 1 || block > largest || x[1] % (block * block) != 0 || (mode != "DCR" && mode != "CRD"))
        return notBuilt("its blocks of " + std::to_string(block) + ", " + mode + ", do not fit " + shapeText(x));
    const int64_t channels = x[1] / (block * block);
    const bool depthFirst = mode == "DCR";
    const Ints apart = depthFirst ? Ints{0, block, block, channels, x[2], x[3]} : Ints{0, channels, block, block, x[2], x[3]};
    const Ints order = depthFirst ? Ints{0, 3, 4, 1, 5, 2} : Ints{0, 1, 4, 2, 5, 3};
    const std::string blocks = steps.step("Reshape", {steps.in(0)}, {{"shape", apart}});
    const std::string beside = steps.step("Transpose", {blocks}, {{"perm", order}});
    steps.last("Reshape", {beside}, {{"shape", Ints{0, channels, x[2] * block, x[3] * block}}});
    return {};
}

/// As a mask of the last two dimensions.
Result<void> trilu(Steps& steps)
{
    QS_TRY(const Shape x, steps.shape(0));
    const auto given = steps.node.integersAt(1);
    if (x.size() < 2 || (steps.node.has(1) && (!given || given->size() != 1)))
        return notBuilt("it is of " + shapeText(x) + ", or its diagonal is computed by the network");
    const int64_t rows = x[x.size() - 2];
    const int64_t columns = x.back();
    const int64_t diagonal = std::clamp<int64_t>(given ? given->front() : 0, -rows, columns);
    const bool upper = steps.node.integer("upper", 1) != 0;
    const auto count = ops::productOf({rows, columns}, 0, 2);
    QS_CHECK(steps.take(count ? *count : INT64_MAX / 8));
    std::vector<float> mask;
    for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < columns; ++column)
            mask.push_back((upper ? column >= row + diagonal : column <= row + diagonal) ? 1.0F : 0.0F);
    QS_TRY(const std::string marks, steps.constant({rows, columns}, mask));
    steps.last("Where", {marks, steps.in(0), steps.number(0)});
    return {};
}

Result<void> einsum(Steps& steps)
{
    const std::string equation = steps.node.text("equation", "");
    if (steps.node.proto.input_size() != 2)
        return notBuilt("einsum '" + equation + "' is not built: products of two operands are");
    QS_TRY(const Shape left, steps.shape(0));
    QS_TRY(const Shape right, steps.shape(1));
    QS_TRY(const EinsumPlan plan, planEinsum(equation, left, right));
    const auto matrices = [&](int input, const EinsumPlan::Operand& operand) {
        const std::string ordered = steps.step("Transpose", {steps.in(input)}, {{"perm", operand.order}});
        return steps.step("Reshape", {ordered}, {{"shape", operand.matrices}});
    };
    const std::string first = matrices(0, plan.left);
    const std::string product = steps.step("MatMul", {first, matrices(1, plan.right)});
    const std::string apart = steps.step("Reshape", {product}, {{"shape", plan.apart}});
    steps.last("Transpose", {apart}, {{"perm", plan.order}});
    return {};
}

/// What is taken away first, then what is added.
Result<void> croppingPad(Steps& steps)
{
    const auto pads = steps.node.integersEither("pads", 1);
    QS_TRY(const Shape x, steps.shape(0));
    const size_t rank = x.size();
    if (steps.node.has(3) || !pads || pads->size() != 2 * rank)
        return notBuilt("a Pad that crops along chosen axes is not built");
    const auto within = [](int64_t side) { return side > -ops::largestExtent && side < ops::largestExtent; };
    if (!std::all_of(pads->begin(), pads->end(), within))
        return notBuilt("its padding is not valid");
    Ints starts, ends, added;
    for (size_t d = 0; d < rank; ++d) {
        starts.push_back(std::max<int64_t>(0, -(*pads)[d]));
        ends.push_back(x[d] + std::min<int64_t>(0, (*pads)[d + rank]));
    }
    std::transform(pads->begin(), pads->end(), std::back_inserter(added), [](int64_t side) { return std::max<int64_t>(0, side); });
    const std::string kept = steps.step("Slice", {steps.in(0)}, {{"starts", starts}, {"ends", ends}});
    const TypedConstant* value = steps.node.constant(2);
    if (steps.node.has(2) && (!value || value->data.count() != 1))
        return notBuilt("its padding is computed by the network");
    const float filler = value ? toFloat(value->data).floats()[0] : static_cast<float>(steps.node.real("value", 0));
    steps.last("Pad", {kept}, {{"pads", added}, {"mode", steps.node.text("mode", "constant")}, {"value", static_cast<double>(filler)}});
    return {};
}

}  // namespace qs::onnxio
