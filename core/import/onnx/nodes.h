// One ONNX node, translated to an op; and the arithmetic on shapes that exporters of frameworks leave in the graph, folded.
#pragma once

#include "core/ir/model.h"

#include <onnx/onnx_pb.h>

#include <functional>
#include <optional>

namespace qs::onnxio {

/// A tensor as F32 (floating types) or I64 (integers and booleans). Errors: NotSupported, FileTruncated; details only.
Result<Buffer> tensorBuffer(const onnx::TensorProto& tensor);

/// A node with what is known about its inputs.
struct Node {
    const onnx::NodeProto& proto;
    int64_t opset;
    std::function<const Buffer*(const std::string&)> constantOf;  ///< null when the value is not constant
    std::function<std::optional<Shape>(const std::string&)> shapeOf;

    bool has(int input) const { return input < proto.input_size() && !proto.input(input).empty(); }
    const Buffer* constant(int input) const { return has(input) ? constantOf(proto.input(input)) : nullptr; }
    std::optional<Shape> shape(int input) const { return has(input) ? shapeOf(proto.input(input)) : std::nullopt; }
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
    std::vector<int> inputs{0};  ///< the node's inputs that are the layer's
    std::vector<std::shared_ptr<const Buffer>> weights;
};
/// Errors: WeightsMismatch, OutOfRange; details only.
Result<Translation> translateNode(const Node& node);

/// The node's only output where it follows from constants and static shapes; nullopt where not.
std::optional<Buffer> foldNode(const Node& node);

}  // namespace qs::onnxio
