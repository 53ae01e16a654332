// Searches the layers' settings for a target: which to give more bits or other limits, which to leave in float, which can do with less.
#pragma once

#include "core/jobs/sensitivity.h"

#include <filesystem>
#include <optional>

namespace qs {

enum class SearchTarget : uint8_t { Cosine, Agreement, Top1Drop, MeanAveragePrecision, PixelAgreement, RankAgreement };

struct SearchGoal {
    SearchTarget target = SearchTarget::Cosine;
    double value = 0.99;            ///< of the target's measure
    double budget = 0;              ///< quantized share that is kept at least, 0..1
    bool byWeights = false;         ///< the share counts parameters instead of operations
    std::vector<int> bits{12, 16};  ///< activation widths beside the configuration's own
    bool snq = false;               ///< SNQ's 4-bit weights where the target allows
    bool operator==(const SearchGoal&) const = default;
};

/// What is asked of one layer; absent from an assignment: as in the base configuration.
enum class SearchMove : uint8_t { Float, Wider12, Wider16, NoClipping, OtherOffset, PerChannel, Snq };
const char* searchMoveName(SearchMove move);  ///< "float", "12 bits", "16 bits", "no clipping", "other offset", "per channel", "snq"
using SearchAssignment = std::map<std::string, SearchMove>;

/// One configuration that was run.
struct SearchPoint {
    SearchAssignment assignment;
    double share = 1;                                ///< of operations (or parameters) in 8 bits; 12 and 16 bits count 8 / bits, float 0
    double weightBytes = 0;                          ///< of the network
    double cosine = 1;                               ///< of all outputs as one vector, mean over the samples
    std::optional<double> agreement = std::nullopt;  ///< OutputFigures::agreement(): what it is of, the outputs' kind says
    double top1Drop = 0;                             ///< float minus quantized, of a labelled classifier
    bool met = false;
};

/// What can be a target. To add one: a row of the table in search.cpp, its Chinese, its test.
struct SearchMeasure {
    SearchTarget target;
    const char* name;      ///< "cosine": the command line's --target-cosine
    const char* sentence;  ///< English, of the window
    const char* help;      ///< of the command line
    OutputKind needs;      ///< how the outputs must be read; Automatic: however
    const char* missing;   ///< what is said where they are not
    double preset;
    bool percent;  ///< shown in hundredths
    bool atMost;   ///< less is better: a drop
    double (*of)(const SearchPoint&);
};
std::span<const SearchMeasure> searchMeasures();
const SearchMeasure& measureOf(SearchTarget target);

struct SearchResult {
    std::vector<SearchPoint> points;  ///< in the order in which they were run; the base configuration first
    std::vector<size_t> front;        ///< points that no other one equals in share and betters at the output, by falling share
    size_t best = 0;                  ///< meets the target with the largest share; nearest to it where none does
    bool met = false;
    bool finished = false;
    int samples = 0;
    double seconds = 0;
};

struct SearchOptions {
    SearchGoal goal;
    int samples = 32;                   ///< spread evenly over the data
    std::shared_ptr<ValueCache> cache;  ///< for values that moves share; null: one of 2 GiB
    uint64_t dataSerial = 0;            ///< for a cache that holds values of several data sets
    /// The journal: written after every run, read first where it exists, so that a search that was stopped (or killed) goes on where it was and
    /// ends as an unbroken one. Empty: none.
    std::filesystem::path journal;
    std::function<void(std::shared_ptr<const SearchResult>)> publish;  ///< after each new point; may be empty
};

/// The base configuration with an assignment applied.
Configuration applyAssignment(const Configuration& base, const SearchAssignment& assignment);

/// A word for what a search's figures depend on: network, data, settings, factors and goal. Two searches share it exactly where one can go on with
/// the other's journal.
std::string searchName(const PreparedNetwork& prepared, const Calibration& calibration, const DataSet& data, const SearchOptions& options);

/// Greedy, from the sensitivities on: as long as the target is not met, the move that wins most error for the share it costs, among the most
/// sensitive layers; then what turns out not to be needed is taken back; then SNQ where allowed, least sensitive layers first. Each run computes
/// only what the move changes. Deterministic. `prepared` is of the base configuration and `calibration` of it, too. Our own method.
/// Errors: NoData, NotRunnable where no output of the network runs, Cancelled (the journal keeps what was found), NotSupported where the target needs
/// classes or labels that there are not, ParseFailed or InvalidNumber for a journal that is damaged or of another search.
Result<std::shared_ptr<const SearchResult>> searchSettings(const std::shared_ptr<Engine>& engine,
                                                           const std::shared_ptr<const PreparedNetwork>& prepared, const Calibration& calibration,
                                                           const DataSet& data, const SearchOptions& options, const JobContext& job);

}  // namespace qs
