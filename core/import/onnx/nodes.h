// One ONNX node, translated to an op.
//
// Nothing of a node is passed over: an attribute or an input that its translator did not read, and that the table of nodes.cpp does not name as
// harmless, marks the layer "not run".
#pragma once

#include "core/data/npy.h"
#include "core/ir/model.h"
#include "core/ops/evaluate.h"

#include <onnx/onnx_pb.h>

#include <functional>
#include <map>
#include <optional>
#include <set>

namespace qs::onnxio {

/// A node with what is known about its inputs. It remembers what was read of it.
struct Node {
    const onnx::NodeProto& proto;
    int64_t opset;
    std::function<const TypedConstant*(const std::string&)> constantOf;  ///< null when the value is not constant
    std::function<std::optional<Shape>(const std::string&)> shapeOf;
    std::function<std::optional<ElementType>(const std::string&)> typeOf;
    mutable std::set<std::string> attributesRead{};
    mutable std::set<int> inputsRead{};

    bool has(int input) const { return input < proto.input_size() && !proto.input(input).empty(); }
    const TypedConstant* constant(int input) const;
    std::optional<Shape> shape(int input) const { return has(input) ? shapeOf(proto.input(input)) : std::nullopt; }
    std::optional<ElementType> type(int input) const { return has(input) ? typeOf(proto.input(input)) : std::nullopt; }
    const onnx::AttributeProto* attribute(const char* name) const;
    int64_t integer(const char* name, int64_t fallback) const;
    double real(const char* name, double fallback) const;
    std::string text(const char* name, const char* fallback) const;
    std::vector<int64_t> integers(const char* name, std::vector<int64_t> fallback = {}) const;
    /// The integers of a constant input; nullopt when it is not there or not constant.
    std::optional<std::vector<int64_t>> integersAt(int input) const;
    /// An attribute that later opsets made an input.
    std::optional<std::vector<int64_t>> integersEither(const char* name, int input) const;
};

struct Translation {
    std::string op;  ///< empty: not known, or `reason` says why not
    std::string reason;
    Attributes attributes;
    std::vector<int> inputs{0};               ///< the node's inputs that are the layer's
    std::map<int, TypedConstant> replaced{};  ///< constants that stand in for such an input
    std::vector<std::shared_ptr<const Buffer>> weights;
    std::optional<ElementType> type{};  ///< of the output, where the node's parameters say it
};
/// Errors: WeightsMismatch, OutOfRange; details only.
Result<Translation> translateNode(const Node& node);

/// Of output `index`, from the node's rule; nullopt where unknown.
std::optional<ElementType> outputType(const Node& node, const Translation& translation, int index);

constexpr int64_t oldestOpset = 6;
constexpr int64_t newestOpset = 22;

}  // namespace qs::onnxio
