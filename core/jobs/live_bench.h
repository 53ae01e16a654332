// A comparison that follows the settings: what an edit changes is computed again, layer by layer downstream, first on a few samples, then on all.
#pragma once

#include "core/engine/incremental.h"
#include "core/jobs/compare.h"

namespace qs {

struct LiveOptions {
    int subset = 8;  ///< interactive samples, spread evenly over the data
    int most = 0;    ///< go on up to so many samples; 0: all
    /// Called now and then with what is known, but for the last, which is returned: figures that are not yet of these settings are Freshness::Stale
    /// and those of the call before.
    std::function<void(std::shared_ptr<const Comparison>)> publish;
};

/// Lives on the compute thread and keeps between calls what was computed: values in a cache, error sums of every value and sample. The figures are
/// those of compare() on the same samples, bit for bit, whatever is cached.
class LiveBench {
public:
    LiveBench(std::shared_ptr<Engine> engine, std::shared_ptr<ValueCache> cache);

    /// What the figures are to be of. `dataSerial` tells data sets apart, here and in a cache that is shared. Cheap.
    void setState(std::shared_ptr<const PreparedNetwork> prepared, std::shared_ptr<const QuantizedNetwork> quantized,
                  std::shared_ptr<const DataSet> data, uint64_t dataSerial);
    /// Exact local error of one layer of prepared.network over `samples` samples, spread evenly. Errors: UnknownLayer, and the engine's.
    Result<Metrics> localError(const std::string& layer, int samples, const JobContext& job);
    /// After an edit first the network's outputs over the subset; then layer by layer over the subset (or, where its values have no room in the
    /// cache, sample by sample), then sample by sample over the rest. The last comparison, with all figures of these settings. Cancelled between
    /// layers: what was computed is kept.
    Result<std::shared_ptr<const Comparison>> refresh(const LiveOptions& options, const JobContext& job);

    IncrementalEvaluator& evaluator() { return *m_evaluator; }
    const std::shared_ptr<const PreparedNetwork>& prepared() const { return m_prepared; }
    const std::shared_ptr<const QuantizedNetwork>& quantized() const { return m_quantized; }
    /// One sample of the state's data, under a key of its own.
    Sample sample(int index);

private:
    struct Watched {
        LayerId layer = noId;  ///< noId: an output of the network that is no layer's first output
        ValueId value = noId;
        ValueKey pair;       ///< of the float and the quantized value, without the sample
        ValueKey localPair;  ///< the same of the local value; of a quantized layer
        bool quantized = false;
        std::vector<ErrorSums> cumulative, local;  ///< of the first samples of m_order

        int samples() const { return static_cast<int>(cumulative.size()); }
    };

    struct Output {
        ValueId value = noId;
        ValueKey pair;
        std::vector<ErrorSums> sums;  ///< of the first samples of m_order, as many as m_votes
    };

    void watch();
    /// Of a pair of values of one sample.
    ValueKey pairKey(const ValueKey& pair, int index) const;
    Result<Values> values(const Variant& variant, const std::vector<ValueId>& wanted, int index, const JobContext& job);
    /// Enters sums of one sample for these watched values: cumulative and local.
    Result<void> know(const std::vector<const Watched*>& watched, int index, const JobContext& job);
    /// The same for all watched values in bounded memory: nothing is cached.
    Result<void> knowSideBySide(int index, const JobContext& job);
    bool known(const Watched& watched, int index) const;
    /// Adds what is known of sample `index`, the next of m_order, to the figures.
    void take(Watched& watched, int index);
    /// Over the samples known so far; over all of them in the data's own order, as compare() adds.
    Metrics metricsOf(const std::vector<ErrorSums>& sums) const;
    ValueKey voteKey(int index) const;
    /// Enters sums of one sample for the network's outputs, and its vote.
    Result<void> knowOutputs(int index, const JobContext& job);
    /// Takes sample `done` of m_order into the figures of the outputs, if it is the next.
    Result<void> advanceOutputs(int done, const JobContext& job);
    /// Of the first `samples` samples of m_order, those that need nothing to be run.
    void takeKnown(Watched& watched, int samples);
    /// Takes the first `samples` samples of m_order into a value's figures.
    Result<void> advance(Watched& watched, int samples, const JobContext& job);
    /// Takes sample `done` of m_order into the figures of all values that know those before it.
    Result<void> advanceAll(int done, const JobContext& job);
    /// Float and quantized values of one sample.
    size_t sampleBytes() const;
    std::shared_ptr<Comparison> comparison(int subset) const;
    /// A layer of the last comparison, which stands at `index` of the network now.
    const LayerComparison* publishedBefore(size_t index, const std::string& layer) const;
    Result<ErrorSums> localSums(const Watched& watched, const Values& floating);
    void forgetOld();

    std::shared_ptr<Engine> m_engine;
    std::shared_ptr<ValueCache> m_cache;
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::shared_ptr<const QuantizedNetwork> m_quantized;
    std::shared_ptr<const DataSet> m_whole;
    std::shared_ptr<const DataSet> m_data;  ///< what is compared of it
    uint64_t m_dataSerial = 0;
    std::unique_ptr<IncrementalEvaluator> m_evaluator;
    Result<Reading> m_reading{Reading()};
    Variant m_floating;
    Variant m_variant;
    std::vector<Watched> m_watched;  ///< in execution order
    std::vector<Output> m_outputs;
    std::vector<ClassVote> m_votes;  ///< of the first samples of m_order
    std::vector<int> m_order;        ///< indices of samples: the subset first
    std::unordered_map<ValueKey, ErrorSums, ValueKeyHash> m_sums;
    std::unordered_map<ValueKey, ClassVote, ValueKeyHash> m_knownVotes;
    std::shared_ptr<const Comparison> m_published;
};

}  // namespace qs
