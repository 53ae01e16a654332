// Remedies for one layer, each tried: what it does to the layer, to the network's output, and what it costs.
#pragma once

#include "core/base/text.h"
#include "core/engine/incremental.h"
#include "core/jobs/causes.h"
#include "core/jobs/compare.h"
#include "core/jobs/cost.h"

namespace qs {

/// "no-clipping", "percentile", "calibrator"...: the command line's words.
const char* remedyName(Remedy remedy);
/// English, with %1, %2 for RemedyChange::arguments: "%1 bits", "equalize %1 with %2".
const char* remedyText(Remedy remedy);

/// A change of one layer's setting.
struct RemedyChange {
    Remedy remedy = Remedy::Float;
    std::vector<std::string> arguments;  ///< of its text
    std::string layer;                   ///< whose setting it is: the layer itself, but for equalization the one before
    LayerSetting setting;                ///< with the change entered
    bool calibrates = false;             ///< asks for the data again: seconds instead of milliseconds

    std::string name() const { return withArguments(remedyText(remedy), arguments); }
};

/// What the remedies of these causes (of all, where there are none) are for this layer: only what its setting, its type and the target allow, and
/// what is not so already. Those that need no data come first. Errors: UnknownLayer.
Result<std::vector<RemedyChange>> remediesFor(const PreparedNetwork& prepared, const std::string& layer, std::span<const Cause> causes);

/// The configuration with it.
Configuration withRemedy(Configuration configuration, const RemedyChange& change);

struct RemedyResult {
    RemedyChange change;
    Metrics local;                    ///< of the layer's output 0
    Metrics output;                   ///< of all the network's outputs, taken as one vector; the whole configuration
    std::optional<double> agreement;  ///< OutputFigures::agreement()
    QuantizationCost cost;
    std::string failed;  ///< why it could not be tried, English; the figures then mean nothing
    double seconds = 0;
};

/// Best first: what wins most of the output's cosine for the share of 8 bits that it costs; what could not be tried comes last.
void sortRemedies(std::vector<RemedyResult>& remedies, const RemedyResult& before);

struct RemedyOptions {
    int samples = 8;                    ///< spread evenly over the data
    bool calibrating = true;            ///< also those that ask for the data again
    std::shared_ptr<ValueCache> cache;  ///< null: one of 1 GiB
    uint64_t dataSerial = 0;            ///< for a cache that holds values of several data sets
};

/// A configuration whose changes are measured on the same samples: what has not changed is not computed again.
class RemedyTrial {
public:
    /// `calibration` must outlive it, as `data` must. `quantized`: of `prepared`.
    RemedyTrial(std::shared_ptr<Engine> engine, std::shared_ptr<const PreparedNetwork> prepared, std::shared_ptr<const QuantizedNetwork> quantized,
                const Calibration& calibration, const DataSet& data, RemedyOptions options);

    /// The layer and the output as they are.
    Result<RemedyResult> before(const std::string& layer, const JobContext& job);
    /// Where it cannot be tried (no legal scale, say), RemedyResult::failed says why. Errors: Cancelled, NoData, NotRunnable where no output runs,
    /// and the engine's.
    Result<RemedyResult> measure(const RemedyChange& change, const std::string& layer, const JobContext& job);

private:
    struct Tried {
        std::shared_ptr<const PreparedNetwork> prepared;
        std::shared_ptr<const QuantizedNetwork> quantized;
    };
    Result<Tried> tried(const RemedyChange& change, const JobContext& job) const;
    Result<void> measureFloat(const JobContext& job);
    Result<void> enterFigures(const Tried& tried, const std::string& layer, RemedyResult& result, const JobContext& job);

    std::shared_ptr<Engine> m_engine;
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::shared_ptr<const QuantizedNetwork> m_quantized;
    const Calibration& m_calibration;
    const DataSet& m_data;  ///< that are calibrated on
    std::shared_ptr<const DataSet> m_evaluated;
    RemedyOptions m_options;
    IncrementalEvaluator m_evaluator;
    Variant m_floating;
    std::vector<int> m_samples;
    std::vector<std::vector<Tensor>> m_expected;  ///< float outputs by sample
};

/// What was tried for one layer.
struct LayerRemedies {
    RemedyResult before;                ///< the settings as they are
    std::vector<RemedyResult> results;  ///< best first
    int wanted = 0;                     ///< more than there are while they are being tried

    /// `before` where nothing is better.
    const RemedyResult& best() const
    {
        return results.empty() || !results.front().failed.empty() || results.front().output.cosine <= before.output.cosine ? before : results.front();
    }
};

/// All remedies that the causes suggest, one after the other; `publish`, where it is not empty, is called after each. Errors: those of remediesFor()
/// and of RemedyTrial.
Result<LayerRemedies> tryRemedies(RemedyTrial& trial, const PreparedNetwork& prepared, const LayerDiagnosis& layer,
                                  const std::function<void(const LayerRemedies&)>& publish, const JobContext& job);

}  // namespace qs
