#include "core/prepare/quantized_weights.h"

#include "core/base/text.h"
#include "core/calib/weight_algorithm.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"

#include <cmath>

namespace qs {

namespace {

/// The input that the n-th matrix of a recurrent layer meets; nullopt: the state.
std::optional<size_t> portOf(const Layer& layer, size_t matrix)
{
    // In the order of the inputs, between which stand the marks.
    const size_t port = 2 * matrix;
    return matrix < 2 && readsCodes(layer, port) ? std::optional(port) : std::nullopt;
}

/// One weight as a layer of its own, for its channels: a matrix of a recurrent layer is a whole with one scale.
Layer alone(const Layer& layer, size_t index)
{
    Layer single;
    single.op = isRecurrent(layer.op) ? "InnerProduct" : layer.op;
    single.attributes = layer.attributes;
    single.weights = {layer.weights[index]};
    return single;
}

/// The part of the layer's grid that belongs to the n-th quantized weight.
WeightGrid gridOf(const Layer& layer, const LayerFactors& factors, size_t n)
{
    if (!isRecurrent(layer.op))
        return {factors.weightScales, factors.codebook, factors.roundUp};
    WeightGrid grid{{factors.weightScales[n]}, {}};
    if (!factors.codebook.empty())
        grid.codebook.assign(factors.codebook.begin() + static_cast<std::ptrdiff_t>(n * codebookLevels),
                             factors.codebook.begin() + static_cast<std::ptrdiff_t>((n + 1) * codebookLevels));
    return grid;
}

std::shared_ptr<const Buffer> floatsOf(const Layer& single, const Buffer& codes, const WeightGrid& grid)
{
    const WeightChannels channels(single);
    auto weight = std::make_shared<Buffer>(DType::F32, codes.shape());
    const auto values = weight->floats();
    const auto integers = codes.as<int8_t>();
    for (int64_t run = 0; run < channels.runs(); ++run) {
        const float scale = grid.scales[grid.scales.size() == 1 ? 0 : static_cast<size_t>(channels.of(run))];
        for (auto i = static_cast<size_t>(run * channels.inner()); i < static_cast<size_t>((run + 1) * channels.inner()); ++i)
            values[i] = static_cast<float>(integers[i]) * scale;
    }
    return weight;
}

/// Where the input has a scale, too, that its accumulators are on.
bool biasIsQuantized(const Layer& layer, const LayerFactors& factors)
{
    return factors.input(0) && !factors.floatBias && !isRecurrent(layer.op) && layer.weights.size() > 1 && layer.weights[1] &&
           layer.weights[1]->dtype() == DType::F32;
}

float biasStep(const LayerFactors& factors, size_t channel)
{
    return factors.weightScales[factors.weightScales.size() == 1 ? 0 : channel] * factors.input(0)->params.scale;
}

constexpr double mostBias = 2147483647.0;

Result<std::shared_ptr<const Buffer>> biasCodes(const Layer& layer, const LayerFactors& factors)
{
    auto codes = std::make_shared<Buffer>(DType::I32, layer.weights[1]->shape());
    const auto from = layer.weights[1]->floats();
    for (size_t c = 0; c < from.size(); ++c) {
        const double code = std::nearbyint(static_cast<double>(from[c]) / static_cast<double>(biasStep(factors, c)));
        if (!(std::fabs(code) <= mostBias))
            return Error{ErrorCode::OutOfRange, "bias of channel " + std::to_string(c) + " does not fit into int32 at scale_w * scale_d",
                         "layer '" + layer.name + "'"};
        codes->as<int32_t>()[c] = static_cast<int32_t>(code);
    }
    return std::shared_ptr<const Buffer>(std::move(codes));
}

std::shared_ptr<const Buffer> weightCodesOf(const Layer& single, const LayerFactors& factors, const WeightGrid& grid)
{
    const WeightChannels channels(single);
    const auto codes = weightCodes({single.weights.front()->floats(), channels, factors.weightForm}, grid, factors.weightBits);
    auto buffer = std::make_shared<Buffer>(DType::I8, single.weights.front()->shape());
    std::copy(codes.begin(), codes.end(), buffer->as<int8_t>().begin());
    return buffer;
}

}  // namespace

std::vector<size_t> quantizedWeights(const Layer& layer)
{
    if (!isRecurrent(layer.op))
        return {0};
    std::vector<size_t> matrices;
    for (size_t i = 0; i < layer.weights.size(); ++i)
        if (layer.weights[i] && layer.weights[i]->shape().size() == 2)
            matrices.push_back(i);
    return matrices;
}

size_t weightScaleCount(const Layer& layer, bool channelWise)
{
    if (isRecurrent(layer.op))
        return quantizedWeights(layer).size();
    return channelWise ? static_cast<size_t>(WeightChannels(layer).channels()) : 1;
}

Result<void> checkWeightScaleCount(const Layer& layer, size_t count, bool channelWise, const std::string& where)
{
    const size_t one = weightScaleCount(layer, false);
    const size_t each = channelWise ? weightScaleCount(layer, true) : one;
    if (count == one || count == each)
        return {};
    const std::string kind = isRecurrent(layer.op) ? " (one for each matrix)" : one == each ? " (" + layer.op + " has no channels)" : "";
    return Error{
        ErrorCode::ShapeMismatch,
        std::to_string(count) + " scale_w; the layer needs " + std::to_string(one) + (one == each ? "" : " or " + std::to_string(each)) + kind,
        where};
}

Result<void> solveWeights(const Layer& layer, const WeightSetting& setting, const GridForm& form, LayerFactors& factors)
{
    const WeightAlgorithm* algorithm = findWeightAlgorithm(setting.algorithm);
    factors.weightScales.clear();
    factors.codebook.clear();
    factors.roundUp.clear();
    factors.weightBits = setting.bits;
    factors.weightForm = form;
    for (const size_t index : quantizedWeights(layer)) {
        const Layer single = alone(layer, index);
        const WeightChannels channels(single);
        auto grid = algorithm->solve({single.weights.front()->floats(), channels, factors.weightForm}, setting);
        if (!grid)
            return Error{grid.error().code, grid.error().detail, "layer '" + layer.name + "'"};
        factors.weightScales.insert(factors.weightScales.end(), grid->scales.begin(), grid->scales.end());
        factors.codebook.insert(factors.codebook.end(), grid->codebook.begin(), grid->codebook.end());
    }
    return {};
}

bool deployedInIntegers(const Layer& layer, const LayerFactors& factors)
{
    // Of a SparseConvolution no integer kernel is built: it stays in floats, on the same grids.
    const bool built = multipliesByWeights(layer.op) && layer.op != "SparseConvolution";
    return (built || isRecurrent(layer.op)) && !factors.weightScales.empty() && factors.input(0);
}

std::vector<float> productScales(const Layer& layer, const LayerFactors& factors)
{
    std::vector<float> scales = factors.weightScales;
    for (size_t n = 0; n < scales.size(); ++n)
        if (const auto port = portOf(layer, n))
            if (const InputFactors* input = factors.input(static_cast<int>(*port)))
                scales[n] *= input->params.scale;
    return scales;
}

Result<std::vector<size_t>> fitBiases(const Layer& layer, WideBias rule, LayerFactors& factors)
{
    std::vector<size_t> raised;
    if (!biasIsQuantized(layer, factors) || factors.weightScales.empty())
        return raised;
    const auto bias = layer.weights[1]->floats();
    for (size_t c = 0; c < bias.size(); ++c) {
        float& scale = factors.weightScales[factors.weightScales.size() == 1 ? 0 : c];
        const double least = std::fabs(static_cast<double>(bias[c])) / mostBias / static_cast<double>(factors.input(0)->params.scale);
        if (std::fabs(static_cast<double>(bias[c]) / static_cast<double>(biasStep(factors, c))) <= mostBias)
            continue;
        if (rule == WideBias::StaysFloat)
            return Error{ErrorCode::IllegalScale,
                         "the bias of channel " + std::to_string(c) + " is " + numberText(bias[c]) + ": it does not fit into int32",
                         {}};
        // Twice what is needed: the product of the two scales is rounded to float, and rounding must not lead out again.
        scale = static_cast<float>(2 * least);
        if (const auto legal = checkParams({.scale = scale, .offset = 0, .bits = 8}); !legal.ok())
            return Error{
                ErrorCode::IllegalScale, "the bias of channel " + std::to_string(c) + " is " + numberText(bias[c]) + ": " + legal.error().detail, {}};
        raised.push_back(c);
    }
    return raised;
}

Result<std::vector<std::shared_ptr<const Buffer>>> integerWeights(const Layer& layer, const LayerFactors& factors)
{
    std::vector<std::shared_ptr<const Buffer>> weights = layer.weights;
    const std::vector<size_t> indices = quantizedWeights(layer);
    for (size_t n = 0; n < indices.size(); ++n)
        weights[indices[n]] = weightCodesOf(alone(layer, indices[n]), factors, gridOf(layer, factors, n));
    if (biasIsQuantized(layer, factors)) {
        QS_TRY(weights[1], biasCodes(layer, factors));
    }
    return weights;
}

std::vector<std::shared_ptr<const Buffer>> fakeQuantizedWeightsOnly(const Layer& layer, const LayerFactors& factors)
{
    std::vector<std::shared_ptr<const Buffer>> weights = layer.weights;
    const std::vector<size_t> indices = quantizedWeights(layer);
    for (size_t n = 0; n < indices.size(); ++n) {
        const Layer single = alone(layer, indices[n]);
        const WeightGrid grid = gridOf(layer, factors, n);
        weights[indices[n]] = floatsOf(single, *weightCodesOf(single, factors, grid), grid);
    }
    return weights;
}

Result<std::vector<std::shared_ptr<const Buffer>>> fakeQuantizedWeights(const Layer& layer, const LayerFactors& factors)
{
    std::vector<std::shared_ptr<const Buffer>> weights = fakeQuantizedWeightsOnly(layer, factors);
    if (!biasIsQuantized(layer, factors))
        return weights;
    QS_TRY(const auto codes, biasCodes(layer, factors));
    auto bias = std::make_shared<Buffer>(DType::F32, codes->shape());
    const auto integers = codes->as<int32_t>();
    for (size_t c = 0; c < integers.size(); ++c)
        bias->floats()[c] = static_cast<float>(static_cast<double>(integers[c]) * static_cast<double>(biasStep(factors, c)));
    weights[1] = std::move(bias);
    return weights;
}

}  // namespace qs
