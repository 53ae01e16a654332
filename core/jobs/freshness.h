// What is known of one set of settings (a branch), and what of it still holds when settings, factors or data have changed. Values and pure functions:
// whoever keeps a document asks here what an edit asks for.
#pragma once

#include "core/jobs/remedies.h"

namespace qs {

/// A comparison with what it was computed from: compared by value to know whether it still holds.
struct ComparisonResult {
    std::shared_ptr<const Comparison> comparison;
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;
    int recordSerial = 0;
    int dataSerial = 0;

    bool staleFor(int record, int data, const Configuration& configuration) const;
};

/// What was tried for a layer, under these settings.
struct TriedRemedies {
    LayerRemedies remedies;
    Configuration configuration;
};

/// A diagnosis with what it was computed from, and what was tried since.
struct DiagnosisResult {
    std::shared_ptr<const Diagnosis> diagnosis;
    Configuration configuration;
    int recordSerial = 0;
    int dataSerial = 0;
    std::map<std::string, TriedRemedies> remedies = {};  ///< by layer

    bool staleFor(int record, int data, const Configuration& settings) const;
};

/// What belongs to one branch: its settings, its factors and what was computed with them.
struct BranchContent {
    Configuration configuration;
    std::shared_ptr<const PreparedNetwork> prepared;
    std::optional<QuantRecord> record;
    int recordSerial = 0;             ///< never given twice: factors of two branches are two
    bool recordIsCalibrated = false;  ///< record comes from calibration, not from a file
    Configuration recordConfiguration;
    std::shared_ptr<const Calibration> calibration;
    Configuration calibrationConfiguration;
    std::optional<Configuration> solvedFor;  ///< the settings that record was last solved for from the calibration
    ComparisonResult result;
    ComparisonResult histograms;  ///< the last result whose comparison has histograms: a live one has none
    DiagnosisResult diagnosis;
};

enum class NextStep : uint8_t { Open, Data, Calibrate, Compare, Export };

/// What a branch's findings rest on beside its settings.
struct Ground {
    std::shared_ptr<const Model> model;  ///< null: no network is open
    bool hasData = false;
    int dataSerial = 0;
};

struct BranchFreshness {
    bool prepared = false;          ///< the prepared network is of these settings
    bool calibrationStale = false;  ///< a setting that calibration depends on has changed since the factors were found
    /// The factors are not of these settings, and what the last calibration saw answers for them (solveAgain): not after a change of fusion or
    /// batch_num, and not with update_bn, whose statistics need the data.
    bool solvable = false;
    bool comparisonStale = false;
    bool histogramsStale = false;
    NextStep next = NextStep::Open;
};
/// Compares settings by value: microseconds for a few layers, half a millisecond for a thousand. Ask once an edit.
BranchFreshness freshness(const Ground& ground, const BranchContent& branch);
/// The same, where only the branch's result and histograms are others than when `known` was found: nothing that compares settings for the rest.
BranchFreshness freshnessOfResults(BranchFreshness known, const Ground& ground, const BranchContent& branch);

/// The newest knowledge about what happens to each layer of the model; empty: none yet.
std::shared_ptr<const ById<LayerId, Effective>> newestEffective(const Model* model, const BranchContent& branch, const BranchFreshness& now);

/// Factors solved again are of the settings, but for layers that were off during the calibration: those stay what asks for another.
Configuration solvedConfiguration(Configuration configuration, const Configuration& calibrated);

}  // namespace qs
