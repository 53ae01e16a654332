#include "core/targets/amct/parameters.h"

#include <utility>

namespace qs {

namespace {

// Tables 21 and 26 leave out snq_quantize and d2sampling, which their own text and the table of the .cfg have: both are allowed.
constexpr Parameter table[] = {
    {.table = 1,
     .key = "version",
     .field = &field::version,
     .type = "int",
     .meaning = "Version of the configuration file. There is only version 1.",
     .range = field::version.range,
     .standard = "1",
     .recommended = "1"},
    {.table = 2,
     .key = "batch_num",
     .field = &field::batchNum,
     .type = "int",
     .meaning =
         "How many batches of data the calibration uses; batch_num times the batch size is the number of pictures. The manual advises 16 or 32 "
         "pictures, and not more than 50.",
     .range = field::batchNum.range,
     .standard = "1",
     .recommended = "1"},
    {.table = 3,
     .key = "activation_offset",
     .field = &field::activationOffset,
     .type = "bool",
     .meaning = "Whether data are quantized asymmetrically (true, with an offset) or symmetrically (false).",
     .range = "{true, false}",
     .standard = "true",
     .recommended = "true"},
    {.table = 4,
     .key = "do_fusion",
     .field = &field::doFusion,
     .type = "bool",
     .meaning = "Whether BatchNorm, Scale and Bias are folded into the layer before them.",
     .range = "{true, false}",
     .standard = "true",
     .recommended = "true"},
    {.table = 5,
     .key = "skip_fusion_layers",
     .field = &field::skipFusionLayers,
     .type = "list",
     .meaning = "Names of layers that are not fused.",
     .range = "names of layers that can be fused",
     .standard = "[]",
     .recommended = ""},
    {.table = 6,
     .key = "update_bn",
     .field = &field::updateBn,
     .type = "bool",
     .meaning = "Whether the mean and variance of BatchNorm layers are taken anew after the weights have been quantized.",
     .range = "{true, false}",
     .standard = "false",
     .recommended = "false for uniform, true for non-uniform quantization"},
    {.table = 7,
     .key = "bn_update_config",
     .field = &field::bnUpdate,
     .type = "object",
     .meaning = "How BatchNorm layers are updated; it has an effect only when update_bn is true.",
     .range = "",
     .standard = "",
     .recommended = ""},
    {.table = 8,
     .key = "bn_update_config.bn_moving_average_fraction",
     .field = &field::bnFraction,
     .type = "float",
     .meaning = "How much of the old statistics stays in each iteration, for BatchNorm layers that have no moving_average_fraction of their own. The "
                "smaller it is, the fewer iterations are needed.",
     .range = field::bnFraction.range,
     .standard = "0.5",
     .recommended = "0.5"},
    {.table = 9,
     .key = "bn_update_config.bn_update_iterations",
     .field = &field::bnIterations,
     .type = "int",
     .meaning = "After how many forward passes the updated statistics are saved.",
     .range = field::bnIterations.range,
     .standard = "30",
     .recommended = "30"},
    {.table = 10,
     .key = "bn_update_config.bn_dump_dir",
     .field = &field::bnDumpDir,
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
     .field = &field::enabled,
     .type = "bool",
     .meaning = "Whether this layer is quantized.",
     .range = "{true, false}",
     .standard = "true",
     .recommended = "true"},
    {.table = 13,
     .key = "activation_quant_params",
     .field = &field::activation,
     .type = "object",
     .meaning = "How the layer's input data are quantized: one object for all inputs, or a list with one for each.",
     .range = "",
     .standard = "",
     .recommended = ""},
    {.table = 14,
     .key = "weight_quant_params",
     .field = &field::weight,
     .type = "object",
     .meaning = "How the layer's weights are quantized.",
     .range = "",
     .standard = "",
     .recommended = ""},
    {.table = 15,
     .key = "activation_quant_params.max_percentile",
     .field = &field::maxPercentile,
     .type = "float",
     .meaning = "Which of the values, sorted from large to small, is the first upper limit: 1 takes the largest. The larger it is, the closer the "
                "upper limit is to the maximum.",
     .range = field::maxPercentile.range,
     .standard = "0.999999",
     .recommended = "0.999999"},
    {.table = 16,
     .key = "activation_quant_params.min_percentile",
     .field = &field::minPercentile,
     .type = "float",
     .meaning = "Which of the values, sorted from small to large, is the lower limit: 1 takes the smallest. The larger it is, the closer the lower "
                "limit is to the minimum.",
     .range = field::minPercentile.range,
     .standard = "0.999999",
     .recommended = "0.999999"},
    {.table = 17,
     .key = "activation_quant_params.search_range",
     .field = &field::searchRange,
     .type = "list",
     .meaning = "From which to which multiple of the first upper limit the best upper limit is searched.",
     .range = field::searchRange.range,
     .standard = "[0.7, 1.3]",
     .recommended = "[0.7, 1.3]"},
    {.table = 18,
     .key = "activation_quant_params.search_step",
     .field = &field::searchStep,
     .type = "float",
     .meaning = "Step of that search. The smaller it is, the finer and the slower: (end - start) / step limits are tried.",
     .range = field::searchStep.range,
     .standard = "0.01",
     .recommended = "0.01"},
    {.table = 19,
     .key = "activation_quant_params.num_bits",
     .field = &field::activationBits,
     .type = "int",
     .meaning = "Bit width of the quantized data. Above 8 the factors are computed for that width and the data are stored in 16 bits; 16 itself "
                "easily overflows on the chip.",
     .range = "[8, 16]",
     .standard = "8",
     .recommended = "8 or 12"},
    {.table = 20,
     .key = "activation_quant_params.with_offset",
     .field = &field::withOffset,
     .type = "bool",
     .meaning = "Whether this layer's data are quantized with an offset. Left out, the whole network's activation_offset holds.",
     .range = "{true, false}",
     .standard = "activation_offset",
     .recommended = "left out"},
    {.table = 21,
     .key = "weight_quant_params.wts_algo",
     .field = &field::weightAlgorithm,
     .type = "string",
     .meaning = "The weight quantization algorithm: arq_quantize is uniform, snq_quantize is non-uniform.",
     .range = "{arq_quantize, snq_quantize}",
     .standard = "\"arq_quantize\"",
     .recommended = ""},
    {.table = 22,
     .key = "weight_quant_params.channel_wise",
     .field = &field::channelWise,
     .type = "bool",
     .meaning = "Whether each output channel has a quantization factor of its own. InnerProduct has no channels: only false is allowed.",
     .range = "{true, false}",
     .standard = "true",
     .recommended = "true"},
    {.table = 23,
     .key = "weight_quant_params.num_bits",
     .field = &field::weightBits,
     .type = "int",
     .meaning = "Bit width of the weights: 8 for uniform, 4 for non-uniform quantization.",
     .range = "{8} for arq_quantize, {4} for snq_quantize",
     .standard = "8",
     .recommended = "8"},
    {.table = 24,
     .key = "weight_quant_params.max_iteration",
     .field = &field::maxIteration,
     .type = "int",
     .meaning = "How many iterations non-uniform quantization makes at most. More may be more accurate and take longer.",
     .range = field::maxIteration.range,
     .standard = "1000",
     .recommended = "1000"},
    {.table = 25,
     .key = "weight_quant_params.min_distance",
     .field = &field::minDistance,
     .type = "float",
     .meaning = "Non-uniform quantization ends when its centres move less than this. The smaller it is, the more iterations are made.",
     .range = field::minDistance.range,
     .standard = "1e-10",
     .recommended = "1e-10"},
    {.table = 26,
     .key = "weight_quant_params.init_algo",
     .field = &field::initAlgorithm,
     .type = "string",
     .meaning =
         "How the first cluster centres of non-uniform quantization are chosen: evenly (uniform), after a normal distribution (gaussian), or as "
         "k-means++ does (d2sampling).",
     .range = "{uniform, gaussian, d2sampling}",
     .standard = "\"uniform\"",
     .recommended = "uniform"},
};

constexpr std::pair<const char*, const char*> algorithms[] = {{"arq", "arq_quantize"}, {"snq", "snq_quantize"}};

}  // namespace

std::span<const Parameter> parameters()
{
    return table;
}

const Parameter* findParameter(std::string_view name)
{
    for (const Parameter& known : table)
        if (name == known.key || (known.field && name == known.field->name))
            return &known;
    return nullptr;
}

std::string amctWords(std::string_view word)
{
    for (const auto& [own, amctName] : algorithms)
        if (word == own)
            return amctName;
    const Parameter* known = findParameter(word);
    return known ? known->key : std::string(word);
}

std::optional<std::string> ownAlgorithm(std::string_view amctName)
{
    for (const auto& [own, name] : algorithms)
        if (amctName == name)
            return own;
    return std::nullopt;
}

}  // namespace qs
