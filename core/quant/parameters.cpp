#include "core/quant/parameters.h"

#include "core/base/text.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"

#include <algorithm>
#include <limits>

namespace qs {

namespace {

constexpr double most = std::numeric_limits<int>::max();

// Tables 21 and 26 leave out snq_quantize and d2sampling, which their own text and the table of the .cfg have: both are allowed.
constexpr Parameter table[] = {
    {.table = 1,
     .key = "version",
     .type = "int",
     .meaning = "Version of the configuration file. There is only version 1.",
     .range = "{1}",
     .standard = "1",
     .recommended = "1",
     .low = 1,
     .high = 1},
    {.table = 2,
     .key = "batch_num",
     .type = "int",
     .meaning =
         "How many batches of data the calibration uses; batch_num times the batch size is the number of pictures. The manual advises 16 or 32 "
         "pictures, and not more than 50.",
     .range = "[1, 2147483647]",
     .standard = "1",
     .recommended = "1",
     .low = 1,
     .high = most},
    {.table = 3,
     .key = "activation_offset",
     .type = "bool",
     .meaning = "Whether data are quantized asymmetrically (true, with an offset) or symmetrically (false).",
     .range = "{true, false}",
     .standard = "true",
     .recommended = "true"},
    {.table = 4,
     .key = "do_fusion",
     .type = "bool",
     .meaning = "Whether BatchNorm, Scale and Bias are folded into the layer before them.",
     .range = "{true, false}",
     .standard = "true",
     .recommended = "true"},
    {.table = 5,
     .key = "skip_fusion_layers",
     .type = "list",
     .meaning = "Names of layers that are not fused.",
     .range = "names of layers that can be fused",
     .standard = "[]",
     .recommended = ""},
    {.table = 6,
     .key = "update_bn",
     .type = "bool",
     .meaning = "Whether the mean and variance of BatchNorm layers are taken anew after the weights have been quantized.",
     .range = "{true, false}",
     .standard = "false",
     .recommended = "false for uniform, true for non-uniform quantization"},
    {.table = 7,
     .key = "bn_update_config",
     .type = "object",
     .meaning = "How BatchNorm layers are updated; it has an effect only when update_bn is true.",
     .range = "",
     .standard = "",
     .recommended = ""},
    {.table = 8,
     .key = "bn_update_config.bn_moving_average_fraction",
     .type = "float",
     .meaning = "How much of the old statistics stays in each iteration, for BatchNorm layers that have no moving_average_fraction of their own. The "
                "smaller it is, the fewer iterations are needed.",
     .range = "(0, 1)",
     .standard = "0.5",
     .recommended = "0.5",
     .low = 0,
     .high = 1,
     .lowOpen = true,
     .highOpen = true},
    {.table = 9,
     .key = "bn_update_config.bn_update_iterations",
     .type = "int",
     .meaning = "After how many forward passes the updated statistics are saved.",
     .range = "(0, 1000)",
     .standard = "30",
     .recommended = "30",
     .low = 0,
     .high = 1000,
     .lowOpen = true,
     .highOpen = true},
    {.table = 10,
     .key = "bn_update_config.bn_dump_dir",
     .type = "string",
     .meaning = "Folder into which the updated statistics are written before they go back into the weights.",
     .range = "",
     .standard = "\"tmp/bn_data\"",
     .recommended = "tmp/bn_data"},
    {.table = 11,
     .key = "layer_config",
     .type = "object",
     .meaning = "The setting of one layer, under the layer's name. A layer that is not listed is not quantized.",
     .range = "",
     .standard = "",
     .recommended = ""},
    {.table = 12,
     .key = "quant_enable",
     .type = "bool",
     .meaning = "Whether this layer is quantized.",
     .range = "{true, false}",
     .standard = "true",
     .recommended = "true"},
    {.table = 13,
     .key = "activation_quant_params",
     .type = "object",
     .meaning = "How the layer's input data are quantized: one object for all inputs, or a list with one for each.",
     .range = "",
     .standard = "",
     .recommended = ""},
    {.table = 14,
     .key = "weight_quant_params",
     .type = "object",
     .meaning = "How the layer's weights are quantized.",
     .range = "",
     .standard = "",
     .recommended = ""},
    {.table = 15,
     .key = "activation_quant_params.max_percentile",
     .type = "float",
     .meaning = "Which of the values, sorted from large to small, is the first upper limit: 1 takes the largest. The larger it is, the closer the "
                "upper limit is to the maximum.",
     .range = "(0.5, 1]",
     .standard = "0.999999",
     .recommended = "0.999999",
     .low = 0.5,
     .high = 1,
     .lowOpen = true},
    {.table = 16,
     .key = "activation_quant_params.min_percentile",
     .type = "float",
     .meaning = "Which of the values, sorted from small to large, is the lower limit: 1 takes the smallest. The larger it is, the closer the lower "
                "limit is to the minimum.",
     .range = "(0.5, 1]",
     .standard = "0.999999",
     .recommended = "0.999999",
     .low = 0.5,
     .high = 1,
     .lowOpen = true},
    {.table = 17,
     .key = "activation_quant_params.search_range",
     .type = "list",
     .meaning = "From which to which multiple of the first upper limit the best upper limit is searched.",
     .range = "0 < search_range_start < search_range_end",
     .standard = "[0.7, 1.3]",
     .recommended = "[0.7, 1.3]"},
    {.table = 18,
     .key = "activation_quant_params.search_step",
     .type = "float",
     .meaning = "Step of that search. The smaller it is, the finer and the slower: (end - start) / step limits are tried.",
     .range = "(0, search_range_end - search_range_start]",
     .standard = "0.01",
     .recommended = "0.01"},
    {.table = 19,
     .key = "activation_quant_params.num_bits",
     .type = "int",
     .meaning = "Bit width of the quantized data. Above 8 the factors are computed for that width and the data are stored in 16 bits; 16 itself "
                "easily overflows on the chip.",
     .range = "[8, 16]",
     .standard = "8",
     .recommended = "8 or 12",
     .low = 8,
     .high = 16},
    {.table = 20,
     .key = "activation_quant_params.with_offset",
     .type = "bool",
     .meaning = "Whether this layer's data are quantized with an offset. Left out, the whole network's activation_offset holds.",
     .range = "{true, false}",
     .standard = "activation_offset",
     .recommended = "left out"},
    {.table = 21,
     .key = "weight_quant_params.wts_algo",
     .type = "string",
     .meaning = "The weight quantization algorithm: arq_quantize is uniform, snq_quantize is non-uniform.",
     .range = "{arq_quantize, snq_quantize}",
     .standard = "\"arq_quantize\"",
     .recommended = "",
     .choices = "arq_quantize|snq_quantize"},
    {.table = 22,
     .key = "weight_quant_params.channel_wise",
     .type = "bool",
     .meaning = "Whether each output channel has a quantization factor of its own. InnerProduct has no channels: only false is allowed.",
     .range = "{true, false}",
     .standard = "true",
     .recommended = "true"},
    {.table = 23,
     .key = "weight_quant_params.num_bits",
     .type = "int",
     .meaning = "Bit width of the weights: 8 for uniform, 4 for non-uniform quantization.",
     .range = "{8} for arq_quantize, {4} for snq_quantize",
     .standard = "8",
     .recommended = "8"},
    {.table = 24,
     .key = "weight_quant_params.max_iteration",
     .type = "int",
     .meaning = "How many iterations non-uniform quantization makes at most. More may be more accurate and take longer.",
     .range = "[500, 2000]",
     .standard = "1000",
     .recommended = "1000",
     .low = 500,
     .high = 2000},
    {.table = 25,
     .key = "weight_quant_params.min_distance",
     .type = "float",
     .meaning = "Non-uniform quantization ends when its centres move less than this. The smaller it is, the more iterations are made.",
     .range = "[1e-10, 1e-3]",
     .standard = "1e-10",
     .recommended = "1e-10",
     .low = 1e-10,
     .high = 1e-3},
    {.table = 26,
     .key = "weight_quant_params.init_algo",
     .type = "string",
     .meaning =
         "How the first cluster centres of non-uniform quantization are chosen: evenly (uniform), after a normal distribution (gaussian), or as "
         "k-means++ does (d2sampling).",
     .range = "{uniform, gaussian, d2sampling}",
     .standard = "\"uniform\"",
     .recommended = "uniform",
     .choices = "uniform|gaussian|d2sampling"},
};

const Parameter& parameter(const char* key)
{
    return *findParameter(key);
}

std::optional<Violation> checkNumber(const char* key, double value)
{
    const Parameter& known = parameter(key);
    if (known.holds(value))
        return std::nullopt;
    return Violation{key, numberText(value), known.range};
}

std::optional<Violation> checkChoice(const char* key, const std::string& value)
{
    const Parameter& known = parameter(key);
    if (known.holds(value))
        return std::nullopt;
    return Violation{key, "'" + value + "'", known.range};
}

}  // namespace

bool Parameter::holds(double value) const
{
    if (low == 0 && high == 0)
        return true;
    return (lowOpen ? value > low : value >= low) && (highOpen ? value < high : value <= high);
}

bool Parameter::holds(const std::string& value) const
{
    const std::vector<std::string> allowed = splitText(choices, '|');
    return allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

std::span<const Parameter> parameters()
{
    return table;
}

const Parameter* findParameter(std::string_view key)
{
    for (const Parameter& known : table)
        if (key == known.key)
            return &known;
    return nullptr;
}

std::optional<Violation> findViolation(const ActivationSetting& setting, const QuantScheme& scheme)
{
    if (setting.bits < scheme.activationWidths.front() || setting.bits > scheme.activationWidths.back())
        return Violation{"activation_quant_params.num_bits", std::to_string(setting.bits), widthsText(scheme.activationWidths)};
    if (auto found = checkNumber("activation_quant_params.max_percentile", setting.maxPercentile))
        return found;
    if (auto found = checkNumber("activation_quant_params.min_percentile", setting.minPercentile))
        return found;
    constexpr const char* range = "activation_quant_params.search_range";
    // The manual has no upper end; beyond a million the search would only find overflow.
    if (!(setting.searchStart > 0 && setting.searchStart < setting.searchEnd && setting.searchEnd <= 1e6))
        return Violation{range, "[" + numberText(setting.searchStart) + ", " + numberText(setting.searchEnd) + "]", parameter(range).range};
    constexpr const char* step = "activation_quant_params.search_step";
    const double width = setting.searchEnd - setting.searchStart;
    // The step may equal the range; decimal fractions do not subtract exactly.
    if (!(setting.searchStep > 0 && setting.searchStep <= width * (1 + 1e-9)))
        return Violation{step, numberText(setting.searchStep), "(0, " + numberText(width) + "]"};
    // The manual warns of very many steps, which look like a hang (searchIsLong); beyond this they would be one.
    constexpr double mostCandidates = 1e6;
    if (width / setting.searchStep > mostCandidates)
        return Violation{step, numberText(setting.searchStep), "at most 1000000 search iterations"};
    return std::nullopt;
}

bool searchIsLong(const ActivationSetting& setting)
{
    return (setting.searchEnd - setting.searchStart) / setting.searchStep > 1e5;
}

std::optional<Violation> findViolation(const WeightSetting& setting, const std::string& op, const QuantScheme& scheme)
{
    if (auto found = checkChoice("weight_quant_params.wts_algo", setting.algorithm))
        return found;
    const bool uniform = setting.algorithm == "arq_quantize";
    if (!uniform && isRecurrent(op))
        return Violation{"weight_quant_params.wts_algo", setting.algorithm, "{arq_quantize}: the weights of " + op + " are quantized uniformly only"};
    if (uniform ? setting.bits < scheme.weightWidths.front() || setting.bits > scheme.weightWidths.back() : setting.bits != 4)
        return Violation{"weight_quant_params.num_bits", std::to_string(setting.bits),
                         uniform ? widthsText(scheme.weightWidths) + " for arq_quantize" : "{4} for snq_quantize"};
    if (setting.channelWise && !scheme.channelWise(op))
        return Violation{"weight_quant_params.channel_wise", "true", "{false}: " + op + " has no channels"};
    if (setting.maxIteration)
        if (auto found = checkNumber("weight_quant_params.max_iteration", *setting.maxIteration))
            return found;
    if (setting.minDistance)
        if (auto found = checkNumber("weight_quant_params.min_distance", *setting.minDistance))
            return found;
    if (setting.initAlgorithm)
        return checkChoice("weight_quant_params.init_algo", *setting.initAlgorithm);
    return std::nullopt;
}

std::optional<Violation> findViolation(const Configuration& configuration)
{
    if (auto found = checkNumber("version", configuration.version))
        return found;
    if (auto found = checkNumber("batch_num", configuration.batchNum))
        return found;
    if (!configuration.bnUpdate)
        return std::nullopt;
    if (auto found = checkNumber("bn_update_config.bn_moving_average_fraction", configuration.bnUpdate->movingAverageFraction))
        return found;
    return checkNumber("bn_update_config.bn_update_iterations", configuration.bnUpdate->iterations);
}

}  // namespace qs
