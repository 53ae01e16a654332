// What was computed for a project, in a file beside it (NAME.qsproj.results), so that one that is opened again shows it at once: figures, histograms,
// what the calibration saw. The project does without it: a file that is missing, torn or of something else is as if there were none.
#pragma once

#include "core/jobs/freshness.h"

namespace qs {

/// Of one branch; null where there is none.
struct BranchResults {
    std::string name;
    std::string fits;                                ///< resultsKey() of the settings and factors that it is of
    std::shared_ptr<const Calibration> calibration;  ///< `effective` has the layers alone that calibration found illegal; see restoredContent()
    Configuration calibrationConfiguration;
    std::optional<Configuration> solvedFor;
    std::shared_ptr<const Comparison> comparison;  ///< of the settings and factors
    std::shared_ptr<const Comparison> histograms;  ///< histograms alone, where the comparison has none
    bool histogramsFresh = false;
    std::shared_ptr<const Diagnosis> diagnosis;  ///< of the settings and factors; without params and causes, which restoredContent() enters
};

struct ProjectResults {
    std::string program;  ///< that computed them: another one's are stale
    std::string network;  ///< networkKey(): of another network nothing holds
    std::string data;     ///< dataKey(): of other data they are stale
    std::vector<BranchResults> branches;
};

std::filesystem::path resultsPath(const std::filesystem::path& project);

/// Structure, attributes and weights.
std::string networkKey(const Model& model);
/// Samples, labels, preprocessing, what is left out; the files by size and time, not by content.
std::string dataKey(const DataSet& data);
std::string resultsKey(const Configuration& configuration, const std::optional<QuantRecord>& record);

/// What of a branch's content is worth keeping: what holds for its settings. `dataSerial`: of the data that are open.
BranchResults resultsOf(const std::string& name, const BranchContent& content, int dataSerial);

std::string resultsToBytes(const ProjectResults& results);
/// Errors: ParseFailed, for what is no such file, or not whole; NotSupported for a later format.
Result<ProjectResults> resultsFromBytes(const std::string& bytes, const std::string& fileName);

/// The content that a branch had: networks made again from its settings and factors, which `content` has. The data's serials are left to the caller.
/// Errors: of the settings, or where the results are not of this network.
Result<BranchContent> restoredContent(const std::shared_ptr<const Model>& model, const BranchResults& results, BranchContent content);

}  // namespace qs
