// A network as the whole program sees it: immutable once built, neutral to the format it came from.
// Layers stand in execution order. Only ModelBuilder (ir/builder.h) makes one.
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/ir/attributes.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace qs {

using ValueId = int;
using LayerId = int;
constexpr int noId = -1;

struct Value {
    std::string name;  ///< unique in the model
    std::string blob;  ///< the source's name; in-place layers of Caffe give several values the same blob
    Shape shape;       ///< for the declared input shapes; empty with `shaped` false where it could not be inferred
    bool shaped = false;
    LayerId producer = noId;                 ///< noId for constants
    std::vector<LayerId> consumers;          ///< each consuming layer once per port, in execution order
    std::shared_ptr<const Buffer> constant;  ///< set for a constant operand (ONNX initializer that is not a layer's weight)
};

struct Layer {
    std::string name;  ///< original name, unique in the model
    std::string type;  ///< the type as the source writes it ("Convolution", "Conv")
    std::string op;    ///< name in ops/ops.cpp; empty when the program does not know the type
    Attributes attributes;
    std::vector<ValueId> inputs;
    std::vector<ValueId> outputs;
    std::vector<std::shared_ptr<const Buffer>> weights;  ///< by role, F32 (see the op); e.g. Convolution: weight OIHW, then bias if there is one
    int source = -1;                                     ///< index of the layer in the source document; -1 when the program made it
    std::string notRunnable;                             ///< why it cannot run, English; empty when it can. Layers behind it name the first cause.
};

/// What the importer read, kept so that an exporter of the same format changes only what it must. Each format derives its own.
class SourceDocument {
public:
    virtual ~SourceDocument() = default;
    virtual std::string format() const = 0;  ///< "caffe", "onnx"
};

class Model {
public:
    const std::string& name() const { return m_name; }
    /// "caffe" or "onnx".
    const std::string& format() const { return m_format; }
    const ById<LayerId, Layer>& layers() const { return m_layers; }
    const ById<ValueId, Value>& values() const { return m_values; }
    IdRange<LayerId> layerIds() const { return m_layers.ids(); }
    IdRange<ValueId> valueIds() const { return m_values.ids(); }
    const Layer& layer(LayerId id) const { return m_layers[id]; }
    const Value& value(ValueId id) const { return m_values[id]; }
    /// Values that are fed from outside (outputs of Input layers), in order.
    const std::vector<ValueId>& inputs() const { return m_inputs; }
    /// Values that nobody consumes, or that the source declares as outputs.
    const std::vector<ValueId>& outputs() const { return m_outputs; }
    /// What the importer left out or changed, one English sentence each.
    const std::vector<std::string>& notes() const { return m_notes; }
    const std::shared_ptr<const SourceDocument>& source() const { return m_source; }

    /// noId when there is none. Logarithmic: loops over all layers may ask.
    LayerId findLayer(std::string_view name) const;
    ValueId findValue(std::string_view name) const;
    /// Parameters (weights) of one layer, or of all.
    int64_t parameterCount(LayerId id) const;
    int64_t parameterCount() const;

private:
    friend class ModelBuilder;
    /// Sorts the names, once all layers and values are there.
    void index();
    std::string m_name;
    std::string m_format;
    ById<LayerId, Layer> m_layers;
    ById<ValueId, Value> m_values;
    std::vector<LayerId> m_layersByName;  ///< ids, so that a copy keeps its meaning
    std::vector<ValueId> m_valuesByName;
    std::vector<ValueId> m_inputs;
    std::vector<ValueId> m_outputs;
    std::vector<std::string> m_notes;
    std::shared_ptr<const SourceDocument> m_source;
};

/// A stable text of everything that matters, for golden tests: one line a layer with op, attributes, inputs, outputs, shapes, weights.
std::string dumpModel(const Model& model);

}  // namespace qs
