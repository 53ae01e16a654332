#include "core/jobs/freshness.h"

#include "core/quant/setting_fields.h"

#include <algorithm>

namespace qs {

namespace {

/// What calibration depends on of a layer.
bool sameCalibration(const LayerSetting& a, const LayerSetting& b)
{
    if (a == b)
        return true;
    for (size_t i = 0; i < std::max(a.activations.size(), b.activations.size()); ++i)
        if (!sameFor(Stale::Factors, a.activation(i), b.activation(i)))
            return false;
    return sameFor(Stale::Factors, a, b) && a.weights.has_value() == b.weights.has_value() &&
           (!a.weights || sameFor(Stale::Factors, *a.weights, *b.weights));
}

/// Not the target but for where its quantizers stand (other grids hold the same limits); update_bn's only where it is on.
bool sameCalibration(const Configuration& a, const Configuration& b)
{
    return a.scheme->sites == b.scheme->sites && sameFor(Stale::Factors, a, b) &&
           (!a.updateBn.value_or(false) || sameFor(Stale::Factors, a.bnUpdate.value_or(BnUpdateSetting{}), b.bnUpdate.value_or(BnUpdateSetting{}))) &&
           std::equal(a.layers.begin(), a.layers.end(), b.layers.begin(), b.layers.end(),
                      [](const auto& x, const auto& y) { return x.first == y.first && sameCalibration(x.second, y.second); });
}

/// Whether some layer has a setting that is switched on and no factors, and `then` holds for it.
template <class Then>
bool anyWithoutFactors(const BranchContent& branch, Then then)
{
    // Settings and factors stand in the order of their names: walked side by side, a look-up for each takes five times as long.
    auto factors = branch.record->layers.begin();
    for (const auto& [name, setting] : branch.configuration.layers) {
        while (factors != branch.record->layers.end() && factors->first < name)
            ++factors;
        const bool known = factors != branch.record->layers.end() && factors->first == name;
        if (setting.quantEnable && !known && then(name))
            return true;
    }
    return false;
}

/// Switched on after the calibration: it has no factors yet.
bool lacksFactors(const BranchContent& branch)
{
    return anyWithoutFactors(branch, [&](const std::string& name) {
        const auto before = branch.recordConfiguration.layers.find(name);
        return before == branch.recordConfiguration.layers.end() || !before->second.quantEnable;
    });
}

/// Solved while a layer was off: its factors were left out then.
bool lacksObserved(const BranchContent& branch)
{
    return anyWithoutFactors(branch, [&](const std::string& name) { return branch.calibration->record.layers.contains(name); });
}

/// `same`: the factors are of settings that calibration cannot tell from these.
bool solvable(const BranchContent& branch, bool same)
{
    // What solving cannot find, it cannot find a second time.
    if (!branch.recordIsCalibrated || !branch.calibration || branch.solvedFor == branch.configuration)
        return false;
    return (!same || lacksObserved(branch)) && !needsOtherData(branch.configuration, branch.calibrationConfiguration);
}

NextStep nextStep(const Ground& ground, const BranchContent& branch, const BranchFreshness& now)
{
    if (!ground.model)
        return NextStep::Open;
    if (!ground.hasData)
        return NextStep::Data;
    if (!branch.record || (now.calibrationStale && !now.solvable))
        return NextStep::Calibrate;
    return !branch.result.comparison || now.comparisonStale ? NextStep::Compare : NextStep::Export;
}

}  // namespace

bool ComparisonResult::staleFor(int record, int data, const Configuration& configuration) const
{
    return comparison && (record != recordSerial || data != dataSerial || !sameSettings(prepared->configuration, configuration));
}

bool DiagnosisResult::staleFor(int record, int data, const Configuration& settings) const
{
    return diagnosis && (record != recordSerial || data != dataSerial || !sameSettings(configuration, settings));
}

BranchFreshness freshness(const Ground& ground, const BranchContent& branch)
{
    BranchFreshness now;
    now.prepared = branch.prepared && branch.prepared->original == ground.model && branch.prepared->configuration == branch.configuration;
    if (branch.record) {
        const bool same = sameCalibration(branch.configuration, branch.recordConfiguration);
        now.calibrationStale = !same || lacksFactors(branch);
        now.solvable = solvable(branch, same);
    }
    return freshnessOfResults(now, ground, branch);
}

BranchFreshness freshnessOfResults(BranchFreshness known, const Ground& ground, const BranchContent& branch)
{
    const auto stale = [&](const ComparisonResult& result) {
        // Of the very settings that are prepared: there is nothing to compare by value.
        const bool present = known.prepared && result.prepared == branch.prepared;
        return result.staleFor(branch.recordSerial, ground.dataSerial, present ? branch.prepared->configuration : branch.configuration);
    };
    known.comparisonStale = stale(branch.result);
    known.histogramsStale = stale(branch.histograms);
    known.next = nextStep(ground, branch, known);
    return known;
}

std::shared_ptr<const ById<LayerId, Effective>> newestEffective(const Model* model, const BranchContent& branch, const BranchFreshness& now)
{
    // What the comparison really ran knows most (illegal scales, missing factors), as long as it is of these settings.
    if (branch.result.comparison && !now.comparisonStale && branch.result.quantized)
        return {branch.result.quantized, &branch.result.quantized->effective};
    if (!branch.prepared || branch.prepared->original.get() != model)
        return std::make_shared<const ById<LayerId, Effective>>();
    const ById<LayerId, Effective>& known = branch.prepared->effective;
    std::shared_ptr<ById<LayerId, Effective>> corrected;
    if (branch.calibration && branch.calibration->effective.size() == known.size() && !now.calibrationStale)
        for (const LayerId id : known.ids())
            if (known[id].quantized && branch.calibration->effective[id].reason == Reason::IllegalScale &&
                !branch.record->layers.contains(model->layer(id).name)) {
                if (!corrected)
                    corrected = std::make_shared<ById<LayerId, Effective>>(known);
                (*corrected)[id] = branch.calibration->effective[id];
            }
    if (corrected)
        return corrected;
    return {branch.prepared, &known};
}

Configuration solvedConfiguration(Configuration configuration, const Configuration& calibrated)
{
    for (auto& [name, setting] : configuration.layers) {
        const auto seen = calibrated.layers.find(name);
        setting.quantEnable = seen != calibrated.layers.end() && seen->second.quantEnable;
    }
    return configuration;
}

}  // namespace qs
