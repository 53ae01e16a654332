// Nodes that are others put together, as ONNX defines many of its own: they are written out before they are translated.
//
// To add one: a function and a row in expand.cpp (or its family's file), its test. What it does not read of the node marks the layer, as in nodes.h.
#pragma once

#include "core/import/onnx/nodes.h"

namespace qs::onnxio {

struct Expansion {
    std::vector<onnx::NodeProto> nodes;              ///< in order; the last ones give the node's outputs
    std::map<std::string, TypedConstant> constants;  ///< that they read
};

/// Nullopt where the node is none of these. Errors: NotSupported with what is not built of it, FileTooLarge (the budget); details only.
Result<std::optional<Expansion>> expandedNode(const Node& node, ConstantBudget& budget);

/// What a row's function writes with.
class Steps {
public:
    Steps(const Node& of, ConstantBudget& budget) : node(of), m_budget(budget) {}

    using Names = std::vector<std::string>;
    using Settings = std::vector<std::pair<const char*, Attribute>>;

    /// The name of an input, or empty.
    std::string in(int input) const { return node.has(input) ? node.proto.input(input) : std::string(); }
    Result<Shape> shape(int input) const;
    /// Those of the lists that the node has, and its auto_pad: of a window, handed on.
    Settings window(std::initializer_list<const char*> lists) const;
    /// A node that gives a new name, which is returned; `last`: one of the node's own outputs.
    std::string step(const char* type, const Names& inputs, const Settings& settings = {});
    void last(const char* type, const Names& inputs, const Settings& settings = {}, int output = 0);
    /// The name of the node's output; one of its own where nobody else wants it.
    std::string output(int i) const;
    /// A constant. Errors: FileTooLarge.
    Result<std::string> constant(const Shape& shape, const std::vector<float>& values);
    std::string number(float value);
    Result<void> take(int64_t count);
    Expansion done() && { return std::move(m_out); }

    const Node& node;

private:
    onnx::NodeProto& add(const char* type, const Names& inputs, const Settings& settings, const std::string& name, const std::string& output);
    std::string name(const char* type);

    ConstantBudget& m_budget;
    Expansion m_out;
};

Error notBuilt(std::string reason);

// expand_layout.cpp
Result<void> depthToSpace(Steps& steps);
Result<void> trilu(Steps& steps);
Result<void> einsum(Steps& steps);
Result<void> croppingPad(Steps& steps);
// expand_runtime.cpp
Result<void> fusedConv(Steps& steps);
Result<void> fusedGemm(Steps& steps);
Result<void> fusedMatMul(Steps& steps);
Result<void> runtimeGelu(Steps& steps);
Result<void> fastGelu(Steps& steps);
Result<void> quickGelu(Steps& steps);
// expand_quantized.cpp
Result<void> quantizedConv(Steps& steps);
Result<void> quantizedMatMul(Steps& steps);
Result<void> quantizedAdd(Steps& steps);
Result<void> quantizedMul(Steps& steps);
Result<void> quantizedSigmoid(Steps& steps);
Result<void> quantizedLeakyRelu(Steps& steps);
Result<void> quantizedAveragePool(Steps& steps);
Result<void> quantizedGlobalAveragePool(Steps& steps);
Result<void> quantizedConcat(Steps& steps);
Result<void> integerMatMul(Steps& steps);
Result<void> integerConv(Steps& steps);
Result<void> dynamicQuantization(Steps& steps);
// expand_pooling.cpp
Result<void> lpPool(Steps& steps);
Result<void> globalLpPool(Steps& steps);
// expand_norms.cpp
Result<void> lpNormalization(Steps& steps);
Result<void> meanVarianceNormalization(Steps& steps);
Result<void> rootMeanSquareNormalization(Steps& steps);
Result<void> skipLayerNormalization(Steps& steps);
Result<void> skipRootMeanSquareNormalization(Steps& steps);

}  // namespace qs::onnxio
