#include "core/calib/arq.h"

#include "core/quant/params.h"

#include <algorithm>

namespace qs {

namespace {

struct Bounds {
    float minimum = 0;
    float maximum = 0;
};

}  // namespace

Result<WeightGrid> arqGrid(const WeightInput& weight, const WeightSetting& setting)
{
    const WeightChannels& channels = weight.channels;
    std::vector<Bounds> bounds(setting.channelWise ? static_cast<size_t>(channels.channels()) : 1);
    bool nan = false;
    for (int64_t run = 0; run < channels.runs(); ++run) {
        Bounds& channel = bounds[setting.channelWise ? static_cast<size_t>(channels.of(run)) : 0];
        for (const float value : weight.values.subspan(static_cast<size_t>(run * channels.inner()), static_cast<size_t>(channels.inner()))) {
            channel.minimum = std::min(channel.minimum, value);
            channel.maximum = std::max(channel.maximum, value);
            nan |= value != value;
        }
    }
    if (nan)
        return Error{ErrorCode::InvalidNumber, "the weights contain NaN", {}};
    WeightGrid grid;
    for (const Bounds& channel : bounds) {
        QS_TRY(const QuantParams params, paramsFromRange(channel.minimum, channel.maximum, setting.bits, false, weight.form));
        grid.scales.push_back(params.scale);
    }
    return grid;
}

}  // namespace qs
