// What the interpreter finds becomes a Model: which tensors are the network's values, and one layer after the other.
#pragma once

#include "core/ir/builder.h"

#include <ATen/core/Tensor.h>

#include <set>
#include <unordered_map>

namespace qs::torchscript {

/// Ends the reading where it is: what was read until then stays.
struct Stop {
    std::string why;
};
/// The file as a whole cannot be read.
struct Refused {
    Error error;
};

Shape shapeOf(const at::Tensor& tensor);
/// A constant as floats, in C order.
std::shared_ptr<const Buffer> bufferOf(const at::Tensor& tensor);

/// Tensors that depend on the network's input live on torch's meta device: they have a shape and no values. Everything else is a constant.
class Recorder {
public:
    explicit Recorder(std::string name) : m_builder(std::move(name), "torchscript") {}

    static bool isData(const at::Tensor& tensor) { return tensor.defined() && tensor.is_meta(); }
    /// Of data, or a constant that becomes one of the model.
    ValueId valueOf(const at::Tensor& tensor);
    const Shape& shape(ValueId value) const { return m_shapes.at(value); }
    /// From now on the tensor is this value.
    void bind(const at::Tensor& tensor, ValueId value);
    /// `tensor` was written into: what else shares its memory has not the value any more that the model knows.
    void wrote(const at::Tensor& tensor);

    ValueId addInput(const std::string& name, const std::optional<Shape>& shape);
    /// Its outputs, with the shapes that the op's rule gives. A rule that fails marks the layer; its outputs have `expected` then.
    std::vector<ValueId> addLayer(Layer layer, size_t outputs, const std::vector<Shape>& expected);
    /// Where torch says another shape: whatever the rule thinks, the layer is not what torch computes.
    void checkShape(ValueId value, const at::Tensor& tensor);
    /// "layer not run" for the layer that produces the value.
    void mark(ValueId value, const std::string& reason);

    void note(const std::string& text) { m_builder.addNote(text); }
    Result<std::shared_ptr<const Model>> build(std::vector<ValueId> outputs);
    /// Values that nobody reads, for a network that was not read to its end.
    std::vector<ValueId> unread() const;

private:
    ModelBuilder m_builder;
    std::unordered_map<const c10::TensorImpl*, ValueId> m_values;
    std::set<const c10::TensorImpl*> m_stale;
    std::vector<at::Tensor> m_kept;  ///< so that no address is given twice
    std::map<ValueId, Shape> m_shapes;
    std::map<ValueId, LayerId> m_producers;
    std::set<ValueId> m_read;
};

}  // namespace qs::torchscript
