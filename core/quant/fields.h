// The fields of a setting: what the program calls them, what they may hold, and the checks. A target's files and manual have words of their own.
#pragma once

#include "core/quant/configuration.h"

#include <limits>
#include <string_view>

namespace qs {

struct Field {
    const char* name;        ///< "activation.bits"
    const char* range = "";  ///< as an interval or in words; "" where anything is allowed, or where there are choices
    double low = 0;          ///< numbers: the interval's ends; both 0: not a number, or depends on others
    double high = 0;
    bool lowOpen = false;
    bool highOpen = false;
    const char* choices = "";  ///< strings: the allowed values between '|'

    /// Whether the interval holds this number (true where there is none; never for NaN).
    bool holds(double value) const;
    bool holds(const std::string& value) const;
};

namespace field {

inline constexpr Field version{"version", "{1}", 1, 1};
inline constexpr Field batchNum{"batch_num", "[1, 2147483647]", 1, std::numeric_limits<int>::max()};
inline constexpr Field notCalibrated{"not_calibrated"};
inline constexpr Field activationOffset{"activation_offset"};
inline constexpr Field jointQuant{"joint_quant"};
inline constexpr Field doFusion{"do_fusion"};
inline constexpr Field skipFusionLayers{"skip_fusion_layers"};
inline constexpr Field updateBn{"update_bn"};
inline constexpr Field bnUpdate{"bn_update"};
inline constexpr Field bnFraction{"bn_update.moving_average_fraction", "(0, 1)", 0, 1, true, true};
inline constexpr Field bnIterations{"bn_update.iterations", "(0, 1000)", 0, 1000, true, true};
inline constexpr Field bnDumpDir{"bn_update.dump_dir"};
inline constexpr Field target{"target"};
inline constexpr Field joinScales{"join_scales"};
inline constexpr Field enabled{"enabled"};
inline constexpr Field asList{"as_list"};
inline constexpr Field activation{"activation"};
inline constexpr Field maxPercentile{"activation.max_percentile", "(0.5, 1]", 0.5, 1, true};
inline constexpr Field minPercentile{"activation.min_percentile", "(0.5, 1]", 0.5, 1, true};
inline constexpr Field searchRange{"activation.search_range", "0 < search_range_start < search_range_end"};
inline constexpr Field searchStep{"activation.search_step", "(0, search_range_end - search_range_start]"};
inline constexpr Field activationBits{"activation.bits"};  // the scheme says which
inline constexpr Field withOffset{"activation.with_offset"};
inline constexpr Field clip{"clip", "min <= 0 <= max, min < max"};
inline constexpr Field calibrator{"activation.calibrator"};  // calib/calibrators.h says which
inline constexpr Field weight{"weight"};
inline constexpr Field weightAlgorithm{.name = "weight.algorithm", .choices = "arq|snq"};
inline constexpr Field channelWise{"weight.channel_wise"};
inline constexpr Field weightBits{"weight.bits"};
inline constexpr Field maxIteration{"weight.max_iteration", "[500, 2000]", 500, 2000};
inline constexpr Field minDistance{"weight.min_distance", "[1e-10, 1e-3]", 1e-10, 1e-3};
inline constexpr Field initAlgorithm{.name = "weight.init_algorithm", .choices = "uniform|gaussian|d2sampling"};
inline constexpr Field equalize{"weight.equalize"};
inline constexpr Field adaRound{"weight.ada_round"};
inline constexpr Field biasCorrection{"weight.bias_correction"};

}  // namespace field

/// A value outside its range, before anybody knows file, line or layer.
struct Violation {
    std::string key;    ///< the field, in the words that were asked for; so are the others
    std::string value;  ///< as text
    std::string range;  ///< what is allowed
};
std::optional<Violation> findViolation(const ActivationSetting& setting, const QuantScheme& scheme, Wording words = ownWords);
/// More than 100,000 search iterations: allowed, but they take long (seed 003, table 18).
bool searchIsLong(const ActivationSetting& setting);
/// `op` decides whether channel_wise may be true.
std::optional<Violation> findViolation(const WeightSetting& setting, const std::string& op, const QuantScheme& scheme, Wording words = ownWords);
/// Of the fields that belong to no layer.
std::optional<Violation> findViolation(const Configuration& configuration, Wording words = ownWords);

}  // namespace qs
