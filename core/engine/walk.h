// One walk over a network, for full and for incremental evaluation: what is wanted is followed backwards up to values that are known, then the
// layers between are run in execution order, and nothing is held longer than somebody needs it.
#pragma once

#include "core/engine/evaluator.h"

#include <set>

namespace qs {

/// What a walk asks of whoever starts it.
class WalkHost {
public:
    virtual ~WalkHost() = default;
    /// A value that is known already; empty: it is computed.
    virtual Tensor find(ValueId) { return {}; }
    /// One tensor per model.inputs(); called once, where an input is needed.
    virtual Result<std::vector<Tensor>> load() = 0;
    /// An input that was loaded: no layers; or an output of the last of these layers, which were run as one. For who does not keep, it may be a part
    /// of a larger tensor's channels.
    virtual void computed(ValueId, const Tensor&, std::span<const LayerId> /*layers*/) {}
    /// Values are of use to it that nobody asked for: layers are not run in bands, which would skip them.
    virtual bool keeps() const { return false; }
    /// A wanted value, in execution order. An error ends the walk.
    virtual Result<void> show(ValueId, const Tensor&) = 0;
};

/// Kept between walks for the sake of its tables: a walk costs what it touches, not what the network has.
class Walk {
public:
    explicit Walk(LayerRunner& runner);

    /// `quantization`: by layer; null: all float. Layers that are not runnable are left out, with everything behind them. Cancelled between layers.
    Result<void> run(const ById<LayerId, LayerQuantization>* quantization, std::span<const ValueId> wanted, WalkHost& host, const JobContext& job);

private:
    /// What a walk knows of one value.
    struct State {
        Tensor tensor;                                          ///< held while something needs it
        std::vector<std::pair<QuantParams, Tensor>> quantized;  ///< shared between the layers that read it with the same factors
        int readers = 0;                                        ///< runs that are still to come
        bool seen = false;
        bool wanted = false;
    };
    /// The output of a Concat of channels, into which layers before it have written.
    struct Joined {
        Tensor whole;
        std::set<ValueId> written;
    };
    State& at(ValueId id) { return m_values[id]; }
    const LayerQuantization* quantization(LayerId id) const { return m_quantization ? &(*m_quantization)[id] : nullptr; }
    std::optional<QuantParams> factors(LayerId id, size_t port) const;

    void need(ValueId value);
    Result<void> load();
    Result<void> show(ValueId id);
    Result<void> runLayer(LayerId id);
    LayerId activationBehind(LayerId id) const;
    bool quantizesOutputs(LayerId id) const;
    Result<bool> runInBands(LayerId id, std::span<const Tensor> inputs);
    Result<void> runAlone(LayerId id, std::span<const Tensor> inputs);
    Result<void> join(LayerId id, std::span<const Tensor> inputs);
    Tensor partOfJoin(ValueId id, int64_t batch);
    void finish(std::span<const LayerId> layers, std::span<const Tensor> outputs);
    LayerId onlyReader(ValueId id) const;
    std::vector<BandLayer> bandsFrom(LayerId first, std::span<const Tensor> inputs) const;
    bool allReadWith(ValueId id, const QuantParams& params) const;
    Tensor input(ValueId id, const std::optional<QuantParams>& params);
    void release(ValueId id);
    void forget();

    LayerRunner& m_runner;
    const Model& m_model;
    const ById<LayerId, LayerQuantization>* m_quantization = nullptr;
    WalkHost* m_host = nullptr;
    bool m_loads = false;
    ById<ValueId, State> m_values;
    ById<LayerId, char> m_pending;   // it is still to be run
    std::vector<ValueId> m_touched;  // values whose state is not the initial one
    std::map<LayerId, Joined> m_joined;
    std::vector<LayerId> m_layers;  // to run, and producers of what is wanted
};

}  // namespace qs
