// Runs networks layer by layer on an Engine: float or fake-quantized, with taps on any value, freeing what nobody needs.
#pragma once

#include "core/base/job.h"
#include "core/engine/bands.h"
#include "core/engine/engine.h"
#include "core/quant/layer_quantization.h"

#include <functional>
#include <map>

namespace qs {

class Walk;

/// Runs single layers of one model, keeping prepared kernels for reuse. No other state: the same arguments give the same bits.
class LayerRunner {
public:
    /// `pool`: runners that work side by side had better share one.
    LayerRunner(std::shared_ptr<Engine> engine, std::shared_ptr<const Model> model, TensorPool pool = {});
    ~LayerRunner();

    const Model& model() const { return *m_model; }
    const std::shared_ptr<const Model>& sharedModel() const { return m_model; }
    Engine& engine() { return *m_engine; }
    const std::shared_ptr<Engine>& sharedEngine() const { return m_engine; }
    TensorPool& pool() { return m_pool; }

    /// Accumulators of this layer that left int32 since the runner was made; 0 for float layers.
    int64_t overflows(LayerId layer) const { return m_overflows[layer]; }

    /// A new tensor in the same layout.
    Tensor fakeQuantized(const Tensor& tensor, const QuantParams& params);
    /// Where a layer may write its output: a part of the channels of a tensor that is made only then.
    using Place = std::function<Tensor()>;
    /// Fake-quantized where the layer's outputs are; in place.
    static void quantizeOutputs(const LayerQuantization& quantization, std::span<Tensor> outputs);
    /// One tensor per output; constant operands need no tensor. `quantization` null: float. `place`: where a kernel that can do so writes the only
    /// output. Errors name the layer.
    Result<std::vector<Tensor>> run(LayerId layer, std::span<const Tensor> inputs, const LayerQuantization* quantization = nullptr,
                                    std::optional<FusedActivation> activation = std::nullopt, const Place& place = {});
    /// The output of the last of several layers in a row, run in bands; the bits are those of the layers run one by one. Empty where they cannot be.
    Result<Tensor> runBands(const std::vector<BandLayer>& layers, const Tensor& input);

private:
    Result<std::vector<Tensor>> runUnguarded(LayerId layer, std::span<const Tensor> inputs, const LayerQuantization* quantization,
                                             const std::optional<FusedActivation>& activation, const Place& place);
    struct Prepared;
    std::shared_ptr<Engine> m_engine;
    std::shared_ptr<const Model> m_model;
    TensorPool m_pool;
    ById<LayerId, std::vector<std::shared_ptr<Prepared>>> m_prepared;
    std::map<ValueId, Tensor> m_constants;
    ById<LayerId, int64_t> m_overflows;
    std::map<LayerId, std::vector<std::unique_ptr<BandChain>>> m_chains;  // by first layer, the newest first
    std::map<std::pair<std::vector<LayerId>, Shape>, bool> m_inBands;     // by layers and input: whether their bits are the same in bands

    Result<Tensor> runOneByOne(std::span<const BandLayer> layers, const Tensor& input);
    Result<std::shared_ptr<Prepared>> prepare(LayerId layer, std::span<const Tensor> inputs, const LayerQuantization* quantization,
                                              std::optional<FusedActivation> activation);
    Result<Tensor> constant(ValueId value);
};

/// Called for each tapped value as soon as it exists; an error ends the run.
using Tap = std::function<Result<void>(ValueId, const Tensor&)>;

struct Forward {
    std::vector<Tensor> inputs;                                      ///< one per model.inputs()
    const ById<LayerId, LayerQuantization>* quantization = nullptr;  ///< null: all float
    ById<ValueId, char> tapped;                                      ///< 1 = call `tap`; empty: none
    Tap tap;
    bool outputs = true;  ///< false: only what the taps need is run
};

/// A whole forward pass. Layers that are not runnable are left out, with everything behind them; so are layers that no tapped value or
/// output needs. A ReLU behind a convolution whose value nobody taps or quantizes is fused into it.
class Evaluator {
public:
    explicit Evaluator(LayerRunner& runner);
    ~Evaluator();
    /// The model's outputs (empty tensors for those that cannot run, or are not asked for). Cancellable between layers.
    Result<std::vector<Tensor>> run(const Forward& forward, const JobContext& job);

private:
    LayerRunner& m_runner;
    std::unique_ptr<Walk> m_walk;
};

}  // namespace qs
