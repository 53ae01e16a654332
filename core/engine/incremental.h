// Evaluation that computes only what is not known yet. Every value has a key of what produced it: the layer, its attributes, its effective
// quantization, the contents of its weights, the keys of its inputs, and the sample. Equal keys mean equal bits, so that an edit costs what lies
// behind it, going back costs nothing while the values are cached, and a lost value is computed again.
#pragma once

#include "core/engine/evaluator.h"
#include "core/engine/lanes.h"
#include "core/engine/value_cache.h"
#include "core/engine/walk.h"

namespace qs {

/// A network under one quantization. Two variants of a network share a value's key exactly where they compute the same from the same sample.
struct Variant {
    ById<LayerId, LayerQuantization> layers;
    ById<ValueId, ValueKey> keys;  ///< without the sample
};

/// One sample. `load` is called only where the network's input is really needed, by one lane at a time: data sets are not thread-safe.
struct Sample {
    ValueKey key;
    std::function<Result<std::vector<Tensor>>()> load;  ///< one tensor per model.inputs()
};

using Values = std::map<ValueId, Tensor>;

/// Not thread-safe, but its lanes may run side by side. The same variant and sample give the same bits as Evaluator::run, whatever is cached.
class IncrementalEvaluator {
public:
    IncrementalEvaluator(std::shared_ptr<Engine> engine, std::shared_ptr<const Model> model, std::shared_ptr<ValueCache> cache);

    IncrementalEvaluator(const IncrementalEvaluator&) = delete;
    IncrementalEvaluator& operator=(const IncrementalEvaluator&) = delete;

    const Model& model() const { return m_runner.model(); }
    std::shared_ptr<const Model> sharedModel() const { return m_runner.sharedModel(); }
    LayerRunner& runner() { return m_runner; }
    ValueCache& cache() { return *m_cache; }
    /// This one first, and others that share its cache, each for a thread of its own: as many as passes are worth running side by side.
    /// Kept, with the kernels that they prepare. Only their run() and values() go side by side; keys are made before.
    std::vector<IncrementalEvaluator*> lanes();

    /// All layers in float: as many default-constructed LayerQuantizations as there are layers.
    Variant floating() { return variant(ById<LayerId, LayerQuantization>(model().layers().size())); }
    /// Cheap: hashes what is new (each weight once, as long as it lives).
    Variant variant(ById<LayerId, LayerQuantization> layers);
    /// `base` with another quantization of one layer.
    Variant changed(const Variant& base, LayerId layer, LayerQuantization quantization);
    /// The key that an output of the layer would have in `base` under another quantization of this layer.
    ValueKey changedKey(const Variant& base, LayerId layer, const LayerQuantization& quantization, size_t output = 0);
    /// Key of a value of this sample.
    static ValueKey key(const Variant& variant, ValueId value, const Sample& sample);

    /// Calls `tap` for every wanted value in execution order, as soon as it is known; values that cannot run are left out. `keep`: what is computed
    /// stays in the cache. Errors: those of the layers and of loading, Cancelled (between layers), the tap's own.
    Result<void> run(const Variant& variant, const Sample& sample, std::span<const ValueId> wanted, bool keep, const Tap& tap, const JobContext& job);

    /// The wanted values of such a run, all at once.
    Result<Values> values(const Variant& variant, const Sample& sample, std::span<const ValueId> wanted, bool keep, const JobContext& job);

    /// Layers run since the evaluator was made, in all lanes: what tests and the bench count.
    int64_t layersRun() const;

private:
    ValueKey weightKey(const std::shared_ptr<const Buffer>& buffer);
    /// Of what the layer makes of its inputs, whose keys are known; without the number of the output.
    KeyBuilder layerKey(const ById<ValueId, ValueKey>& keys, LayerId layer, const LayerQuantization& quantization);
    void enterKeys(Variant& variant, LayerId layer);

    LayerRunner m_runner;
    std::shared_ptr<ValueCache> m_cache;
    Walk m_walk;
    ById<LayerId, ValueKey> m_layerKeys;                                                     // what a layer is, without weights
    std::map<const Buffer*, std::pair<std::weak_ptr<const Buffer>, ValueKey>> m_weightKeys;  // of contents
    ById<LayerId, double> m_costs;
    int64_t m_layersRun = 0;
    std::vector<std::unique_ptr<IncrementalEvaluator>> m_others;             // the lanes but this
    std::shared_ptr<std::mutex> m_loading = std::make_shared<std::mutex>();  // of all lanes
};

}  // namespace qs
