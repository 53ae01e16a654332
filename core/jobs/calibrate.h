// Calibration: the statistics of BatchNorm (update_bn), weight scales (ARQ, SNQ) and roundings (AdaRound), then one pass over batch_num batches
// observing every quantized input on the network with fake-quantized weights (what stands before a layer is quantized when it runs), then activation
// factors (IFMR or another calibrator), then bias correction.
#pragma once

#include "core/base/job.h"
#include "core/data/dataset.h"
#include "core/engine/evaluator.h"
#include "core/prepare/quantized.h"
#include "core/stats/observation.h"

namespace qs {

struct FurthestSample {
    float value = 0;  ///< its largest or smallest
    int sample = -1;  ///< its index in the data set
    std::string name;
};

/// What was seen at one quantized input during calibration.
struct PortObservation {
    std::string layer;
    int port = 0;
    Histogram histogram;  ///< 2,048 bins, float values
    // The samples that reach furthest, furthest first: they set the limits.
    std::vector<FurthestSample> highest = {};
    std::vector<FurthestSample> lowest = {};
};

struct Calibration {
    QuantRecord record;
    std::vector<PortObservation> observations;
    ById<LayerId, Effective> effective;  ///< of the original model: as prepared, with IllegalScale and NoFactors entered
    /// What was seen, by layer and port, so that other bits, percentiles or clips are answered without another pass (solveAgain).
    std::map<std::pair<std::string, int>, std::shared_ptr<const Observation>> observed;
    int samples = 0;
    double seconds = 0;
    std::vector<Note> notes = {};  ///< what the data did not give as asked
};

struct CalibrateOptions {
    /// Keep every observed value and run IFMR over all of them (semantics 1.2 as it is written) instead of over a histogram: memory grows with the
    /// samples, 4 bytes a value. The default is within 0.1 % of its loss (a test holds it on the open networks).
    bool exact = false;
};

/// Uses the first batch_num x batch samples. Errors: TooFewBatches, NoData, Cancelled, and the engine's. A layer whose range or weights cannot be
/// quantized does not end the job: it stays float with Reason::IllegalScale (IfmrQuantWithOffset scale is illegal).
Result<std::shared_ptr<const Calibration>> calibrate(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared, const DataSet& data,
                                                     const JobContext& job, const CalibrateOptions& options = {});

/// Factors with the configuration that they were solved for: what has not changed since is taken over (SNQ of a large layer takes seconds).
struct KnownFactors {
    const QuantRecord& record;
    const Configuration& configuration;
};

/// Whether a calibration with `calibrated` cannot answer for `now`, whatever solveAgain does: other batches, another fusion, update_bn, other layers
/// equalized, AdaRound or bias correction on a layer for whose weights it did not find them. (A bias correction stays as it was found when other
/// settings change.)
bool needsOtherData(const Configuration& now, const Configuration& calibrated);

/// Factors for a changed configuration from what calibration saw: activation settings are solved again, weights too; layers that were not
/// observed (enabled since) have no factors. Clips are not entered: see effectiveRecord. Milliseconds a layer, more for SNQ. The observations
/// stand for the network as it was calibrated (with its weights quantized then); fusion must be as it was.
QuantRecord solveAgain(const PreparedNetwork& prepared, const Calibration& calibration, const KnownFactors* known = nullptr);

}  // namespace qs
