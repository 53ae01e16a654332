// One operator of torch, translated to layers: a row an operator, by family (convolution.cpp, activation.cpp, arithmetic.cpp, layout.cpp).
//
// What a row does not read of its arguments must be harmless: rows refuse what they do not build, and the layer is drawn and not run.
#pragma once

#include "core/import/torchscript/reader/recorder.h"

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <span>

namespace qs::torchscript {

using Ints = std::vector<int64_t>;
using Weights = std::vector<std::shared_ptr<const Buffer>>;

/// Of a layer, as a list of names and values.
Attributes attributes(std::initializer_list<std::pair<const char*, Attribute>> list);

/// What is called, with what torch says of the results.
class Call {
public:
    Call(Recorder& recorder, const c10::FunctionSchema& schema, const std::vector<c10::IValue>& arguments, std::vector<at::Tensor> results,
         std::string kind, std::string name);

    /// By the schema's name. A missing one is none.
    const c10::IValue& argument(const char* name) const;
    bool isNone(const char* name) const { return argument(name).isNone(); }
    int64_t integer(const char* name) const { return argument(name).toInt(); }
    bool flag(const char* name) const { return !isNone(name) && argument(name).toBool(); }
    /// Of a number of any kind; refused where it is computed by the network.
    double real(const char* name) const;
    double real(const char* name, double ifNone) const { return isNone(name) ? ifNone : real(name); }
    Ints integers(const char* name) const;
    /// One for all spatial dimensions or one for each.
    Ints sides(const char* name, size_t count) const;
    Ints pair(const char* name) const { return sides(name, 2); }
    at::Tensor tensor(const char* name) const;
    std::vector<at::Tensor> tensors(const char* name) const;
    bool isData(const char* name) const;
    /// A parameter; refused where it is computed by the network. Null for none.
    std::shared_ptr<const Buffer> weight(const char* name) const;

    ValueId value(const char* name) const { return m_recorder.valueOf(tensor(name)); }
    ValueId valueOf(const at::Tensor& tensor) const { return m_recorder.valueOf(tensor); }
    Shape shape(const char* name) const { return shapeOf(tensor(name)); }
    size_t rank(const char* name) const { return shape(name).size(); }
    /// Counted from the front.
    int64_t axis(const char* name, const char* of) const;
    const std::vector<at::Tensor>& results() const { return m_results; }
    /// The row's.
    const std::string& kind() const { return m_kind; }
    std::string text(const char* name) const { return argument(name).toStringRef(); }

    ValueId constant(float number) const;
    ValueId constant(Buffer values) const;
    ValueId layer(const char* op, std::vector<ValueId> inputs, Attributes attributes = {}, Weights weights = {}) const;
    std::vector<ValueId> layers(const char* op, std::vector<ValueId> inputs, Attributes attributes, size_t outputs, Weights weights = {}) const;
    Shape shapeAt(ValueId value) const { return m_recorder.shape(value); }

private:
    Recorder& m_recorder;
    const c10::FunctionSchema& m_schema;
    const std::vector<c10::IValue>& m_arguments;
    std::vector<at::Tensor> m_results;
    std::string m_kind;
    std::string m_name;  ///< of the layers
};

/// A variant that is not built: thrown by rows before they have added anything.
struct NotBuilt {
    std::string why;
};

using Translator = std::vector<ValueId> (*)(const Call& call);
struct Row {
    const char* kind;  ///< without "aten::", and without the underscore of the form in place
    Translator translate;
};
std::span<const Row> convolutionRows();
std::span<const Row> activationRows();
std::span<const Row> arithmeticRows();
std::span<const Row> layoutRows();
/// Null for an operator that is not known.
const Row* findRow(std::string_view kind);

}  // namespace qs::torchscript
