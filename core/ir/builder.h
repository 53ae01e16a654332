// The only editor of models. Importers and passes add layers in any order; build() sorts, infers shapes, checks and freezes.
#pragma once

#include "core/ir/model.h"

#include <map>

namespace qs {

class ModelBuilder {
public:
    ModelBuilder(std::string name, std::string format);
    /// Starts from an existing model (a pass that changes little). Value and layer ids are kept until build().
    explicit ModelBuilder(const Model& model);

    /// A value with a unique name: `name` itself, or name + "_2", "_3"... when it is taken. `blob` defaults to `name`.
    ValueId addValue(std::string name, std::string blob = {});
    ValueId addConstant(std::string name, std::shared_ptr<const Buffer> data);
    /// Makes the layer's name unique in the same way and sets the producer of its outputs.
    LayerId addLayer(Layer layer);
    void removeLayer(LayerId id);
    /// The declared shape of a value that an Input layer produces.
    void setInputShape(ValueId id, Shape shape);
    void setOutputs(std::vector<ValueId> outputs);
    void addNote(std::string note);
    void setSource(std::shared_ptr<const SourceDocument> source);

    Layer& layer(LayerId id) { return m_model.m_layers[id]; }
    const Value& value(ValueId id) const { return m_model.value(id); }
    const Model& draft() const { return m_model; }

    /// Sorts topologically (stable: file order where the graph allows), drops unused values, infers shapes through the op table,
    /// marks layers that cannot run (unknown op, no kernel, missing weights, a shape rule that fails, or behind such a layer), collects inputs and
    /// outputs. Ids are renumbered. Errors: ModelInvalid (a cycle, two producers of a value, a value without a producer), WeightsMismatch; and all of
    /// the shape rules' for layers that ran in the model it started from: there a pass is wrong, not the file.
    Result<std::shared_ptr<const Model>> build() &&;

private:
    Model m_model;
    ById<LayerId, bool> m_removed;
    std::map<ValueId, Shape> m_inputShapes;
    std::map<std::string, int> m_valueNames;
    std::map<std::string, int> m_layerNames;
    bool m_outputsSet = false;
    bool m_changes = false;  ///< it started from a model
};

/// Shapes of all values for other input shapes (another batch size, another picture size); empty shape + false where unknown.
/// `inputs` has one shape per model.inputs(). Errors: ShapeMismatch naming the layer.
struct InferredShape {
    Shape shape;
    bool known = false;
};
Result<ById<ValueId, InferredShape>> inferShapes(const Model& model, const std::vector<Shape>& inputs);

}  // namespace qs
