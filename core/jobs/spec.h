// What a job is about, as one value, and the way from it to a quantized network. The command line, a target's own functions and the window's jobs all
// go it here. It holds nothing of a session: it may run on another thread, or in another process, while the settings go on.
#pragma once

#include "core/jobs/calibrate.h"

namespace qs {

struct Spec {
    std::shared_ptr<const Model> model = nullptr;
    Configuration configuration = {};
    std::shared_ptr<const DataSet> data = nullptr;              ///< null where nothing is run
    std::optional<QuantRecord> given = std::nullopt;            ///< factors that are there; without them they are calibrated
    CalibrateOptions options = {};                              ///< of that calibration
    std::shared_ptr<const PreparedNetwork> prepared = nullptr;  ///< of this model and configuration, where it has been made already
};

struct Solved {
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const Calibration> calibration;  ///< null with factors that were given
    QuantRecord record;                              ///< what was given, or calibrated
    std::shared_ptr<const QuantizedNetwork> quantized;
};

/// Errors: prepareNetwork's.
Result<std::shared_ptr<const PreparedNetwork>> prepare(const Spec& spec);
/// With the factors that are given, none where there are none. Errors: also quantizeNetwork's.
Result<Solved> quantize(const Spec& spec);
/// The same; calibrates where no factors are given. Errors: also calibrate's.
Result<Solved> solve(const Spec& spec, const std::shared_ptr<Engine>& engine, const JobContext& job);

}  // namespace qs
