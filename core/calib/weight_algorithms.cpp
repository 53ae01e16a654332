#include "core/calib/weight_algorithm.h"

#include "core/calib/arq.h"
#include "core/calib/snq.h"
#include "core/quant/fake_quant.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace qs {

namespace {

constexpr std::array algorithms{
    WeightAlgorithm{"arq", &arqGrid},
    WeightAlgorithm{"snq", &snqGrid},
};

/// Of 16 ascending levels the one nearest to `value`; of two the lower.
int8_t nearestLevel(std::span<const int8_t> levels, float value)
{
    const auto above = std::lower_bound(levels.begin(), levels.end(), value, [](int8_t level, float v) { return static_cast<float>(level) < v; });
    if (above == levels.begin())
        return levels.front();
    const int8_t below = *(above - 1);
    return above == levels.end() || value - static_cast<float>(below) <= static_cast<float>(*above) - value ? below : *above;
}

void roundBy(std::span<const float> values, std::span<const uint8_t> up, std::span<int32_t> codes, const QuantParams& params)
{
    for (size_t i = 0; i < values.size(); ++i)
        codes[i] = std::clamp(static_cast<int32_t>(std::floor(values[i] / params.scale)) + up[i], params.qmin(), params.qmax());
}

}  // namespace

const WeightAlgorithm* findWeightAlgorithm(std::string_view name)
{
    for (const WeightAlgorithm& algorithm : algorithms)
        if (algorithm.name == name)
            return &algorithm;
    return nullptr;
}

std::vector<int8_t> weightCodes(const WeightInput& weight, const WeightGrid& grid, int bits)
{
    const WeightChannels& channels = weight.channels;
    std::vector<int32_t> codes(static_cast<size_t>(channels.inner()));
    std::vector<int8_t> all;
    all.reserve(weight.values.size());
    for (int64_t run = 0; run < channels.runs(); ++run) {
        const auto index = grid.scales.size() == 1 ? size_t{0} : static_cast<size_t>(channels.of(run));
        const auto values = weight.values.subspan(static_cast<size_t>(run * channels.inner()), codes.size());
        if (!grid.codebook.empty()) {
            const auto levels = std::span(grid.codebook).subspan(index * codebookLevels, codebookLevels);
            for (const float value : values)
                all.push_back(nearestLevel(levels, value / grid.scales[index]));
            continue;
        }
        const QuantParams params{.scale = grid.scales[index], .offset = 0, .bits = bits, .form = weight.form};
        if (grid.roundUp.empty())
            quantize(values, codes, params);
        else
            roundBy(values, std::span(grid.roundUp).subspan(static_cast<size_t>(run * channels.inner()), codes.size()), codes, params);
        for (const int32_t code : codes)
            all.push_back(static_cast<int8_t>(code));
    }
    return all;
}

}  // namespace qs
