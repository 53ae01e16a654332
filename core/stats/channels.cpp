#include "core/stats/channels.h"

#include "core/base/parallel.h"
#include "core/quant/fake_quant.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>

namespace qs {

namespace {

/// So many values are quantized at once: they stay in the first cache.
constexpr size_t chunk = 4096;

}  // namespace

ChannelFigures& ChannelFigures::operator+=(const ChannelFigures& other)
{
    if (other.count == 0)
        return *this;
    minimum = count > 0 ? std::min(minimum, other.minimum) : other.minimum;
    maximum = count > 0 ? std::max(maximum, other.maximum) : other.maximum;
    count += other.count;
    clipped += other.clipped;
    xx += other.xx;
    nn += other.nn;
    clippedNn += other.clippedNn;
    return *this;
}

ChannelTally::ChannelTally(int64_t channels, const QuantParams& params)
    : m_params(params),
      m_lowest(params.clipMin() - params.scale / 2),
      m_highest(params.clipMax() + params.scale / 2),
      m_figures(static_cast<size_t>(channels)),
      m_usedStep((static_cast<size_t>(params.qmax() - params.qmin() + 1) + 7) / 8),
      m_used(m_figures.size() * m_usedStep),
      m_codes(static_cast<size_t>(params.qmax() - params.qmin() + 1))
{
}

void ChannelTally::addRun(std::span<const float> values, size_t channel, Scratch& scratch)
{
    ChannelFigures figures = m_figures[channel];
    uint8_t* used = m_used.data() + channel * m_usedStep;
    for (size_t begin = 0; begin < values.size(); begin += chunk) {
        const auto part = values.subspan(begin, std::min(chunk, values.size() - begin));
        scratch.codes.resize(part.size());
        quantize(part, scratch.codes, m_params);
        for (size_t i = 0; i < part.size(); ++i) {
            const float value = part[i];
            if (!std::isfinite(value))
                continue;
            const int32_t code = scratch.codes[i];
            const double error = static_cast<double>(static_cast<float>(code - m_params.offset) * m_params.scale) - static_cast<double>(value);
            figures.minimum = figures.count > 0 ? std::min(figures.minimum, value) : value;
            figures.maximum = figures.count > 0 ? std::max(figures.maximum, value) : value;
            ++figures.count;
            figures.xx += static_cast<double>(value) * static_cast<double>(value);
            figures.nn += error * error;
            if (value < m_lowest || value > m_highest) {
                ++figures.clipped;
                figures.clippedNn += error * error;
            }
            const auto level = static_cast<size_t>(code - m_params.qmin());
            used[level / 8] = static_cast<uint8_t>(used[level / 8] | 1U << level % 8);
            ++scratch.counts[level];
        }
    }
    m_figures[channel] = figures;
}

void ChannelTally::add(std::span<const float> values, int64_t inner)
{
    // Of a detector that found nothing there are no values.
    if (inner <= 0 || values.empty())
        return;
    const auto row = static_cast<size_t>(inner);
    const auto channels = static_cast<int64_t>(m_figures.size());
    std::mutex mutex;
    constexpr int64_t together = 8;
    forChunks(channels, together, [&](int64_t, int64_t first, int64_t last) {
        Scratch scratch;
        scratch.counts.resize(m_codes.size());
        for (int64_t channel = first; channel < last; ++channel)
            for (size_t begin = static_cast<size_t>(channel) * row; begin + row <= values.size(); begin += static_cast<size_t>(channels) * row)
                addRun(values.subspan(begin, row), static_cast<size_t>(channel), scratch);
        const std::lock_guard lock(mutex);
        for (size_t level = 0; level < m_codes.size(); ++level)
            m_codes[level] += scratch.counts[level];
    });
}

std::vector<ChannelFigures> ChannelTally::figures() const
{
    std::vector<ChannelFigures> figures = m_figures;
    for (size_t channel = 0; channel < figures.size(); ++channel)
        for (const uint8_t bits : std::span(m_used).subspan(channel * m_usedStep, m_usedStep))
            figures[channel].levels += std::popcount(bits);
    return figures;
}

double medianSize(std::span<const ChannelFigures> channels)
{
    std::vector<float> sizes;
    for (const ChannelFigures& channel : channels)
        if (channel.size() > 0)
            sizes.push_back(channel.size());
    if (sizes.empty())
        return 0;
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    return static_cast<double>(*middle);
}

}  // namespace qs
