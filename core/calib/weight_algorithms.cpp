#include "core/calib/weight_algorithm.h"

#include "core/calib/arq.h"
#include "core/quant/fake_quant.h"

#include <array>

namespace qs {

namespace {

constexpr std::array algorithms{
    WeightAlgorithm{"arq_quantize", &arqScales},
};

}  // namespace

const WeightAlgorithm* findWeightAlgorithm(std::string_view name)
{
    for (const WeightAlgorithm& algorithm : algorithms)
        if (algorithm.name == name)
            return &algorithm;
    return nullptr;
}

std::vector<int8_t> weightCodes(const WeightInput& weight, std::span<const float> scales, int bits)
{
    const WeightChannels& channels = weight.channels;
    std::vector<int32_t> codes(static_cast<size_t>(channels.inner()));
    std::vector<int8_t> all;
    all.reserve(weight.values.size());
    for (int64_t run = 0; run < channels.runs(); ++run) {
        const auto scale = scales[scales.size() == 1 ? 0 : static_cast<size_t>(channels.of(run))];
        quantize(weight.values.subspan(static_cast<size_t>(run * channels.inner()), codes.size()), codes,
                 {.scale = scale, .offset = 0, .bits = bits});
        for (const int32_t code : codes)
            all.push_back(static_cast<int8_t>(code));
    }
    return all;
}

}  // namespace qs
