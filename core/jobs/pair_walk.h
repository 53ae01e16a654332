// A float and a quantized network walked side by side: memory is that of the widest cut, whatever is compared.
#pragma once

#include "core/base/job.h"
#include "core/engine/evaluator.h"

namespace qs {

/// Float and quantized values of one sample, layer by layer. Where nothing upstream is quantized, both are the same tensor.
class PairWalk {
public:
    struct Pair {
        Tensor floating;
        Tensor quantized;
    };
    struct LayerValues {
        std::vector<Pair> inputs;  ///< quantized: after fake quantization
        std::vector<Pair> outputs;
        std::vector<Tensor> local;  ///< outputs with only this layer quantized; empty: not asked for, or equal to the quantized ones
        bool localIsCumulative = false;
    };
    using Visit = std::function<Result<void>(LayerId, const LayerValues&)>;
    using Which = std::function<bool(LayerId)>;

    /// `layers`: by layer of the runner's model, must outlive the walk. `local`: for which quantized layers that scope is run, too; null: none.
    PairWalk(LayerRunner& runner, const ById<LayerId, LayerQuantization>& layers, Which local = nullptr)
        : m_runner(runner), m_model(runner.model()), m_layers(layers), m_local(std::move(local))
    {
    }

    /// Visits every layer that runs, in execution order. Outputs of the network. Errors: the layers', the visitor's, Cancelled between layers.
    Result<std::vector<Pair>> run(const std::vector<Tensor>& inputs, const Visit& visit, const JobContext& job);

private:
    Result<LayerValues> runLayer(LayerId id);

    LayerRunner& m_runner;
    const Model& m_model;
    const ById<LayerId, LayerQuantization>& m_layers;
    Which m_local;
    ById<ValueId, Pair> m_values;
};

}  // namespace qs
