#include "core/calib/adaround.h"

#include "core/base/levels.h"
#include "core/base/parallel.h"
#include "core/ops/picture_form.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

namespace qs {

namespace {

constexpr int64_t lanes = 16;
constexpr int64_t tile = 4;

/// In registers: of an array of arrays the compiler keeps the sums in memory, ten times slower.
using Vector = float __attribute__((vector_size(lanes * sizeof(float))));

/// out[r][i] += sum over j of a[j * stepJ + r * stepR] * b[j * stride + i], for `tile` rows r (outStride apart) and `lanes` columns i.
QS_LEVELS(void, multiplyTile,
          (const float* a, int64_t stepJ, int64_t stepR, const float* b, int64_t stride, int64_t count, float* out, int64_t outStride),
          (a, stepJ, stepR, b, stride, count, out, outStride))
{
    static_assert(tile == 4);
    Vector sum0{}, sum1{}, sum2{}, sum3{};
    for (int64_t j = 0; j < count; ++j) {
        Vector column;
        std::memcpy(&column, b + j * stride, sizeof column);
        const float* factors = a + j * stepJ;
        sum0 += factors[0] * column;
        sum1 += factors[stepR] * column;
        sum2 += factors[2 * stepR] * column;
        sum3 += factors[3 * stepR] * column;
    }
    for (const auto& [row, sum] : {std::pair{out, &sum0}, {out + outStride, &sum1}, {out + 2 * outStride, &sum2}, {out + 3 * outStride, &sum3}})
        for (int64_t i = 0; i < lanes; ++i)
            row[i] += (*sum)[i];
}

/// moments += rows^T rows, both triangles; rows: `count` of `stride` floats.
void addMoments(const std::vector<float>& rows, int64_t count, int64_t stride, float* moments)
{
    forChunks(stride, tile, [&](int64_t, int64_t begin, int64_t) {
        for (int64_t i = 0; i < stride; i += lanes)
            multiplyTile(rows.data() + begin, stride, 1, rows.data() + i, stride, count, moments + begin * stride + i, stride);
    });
}

constexpr double zeta = 1.1;
constexpr double gamma = -0.1;

double rectified(double v)
{
    return std::clamp((zeta - gamma) / (1 + std::exp(-v)) + gamma, 0.0, 1.0);
}

/// Up to `tile` channels of one group, which have nothing to do with each other but the moments.
class Rows {
public:
    Rows(const PatchMoments& moments, int64_t group, const AdaRoundOptions& options)
        : m_moments(moments.group(group)), m_size(moments.size()), m_stride(moments.stride()), m_options(options)
    {
        double trace = 0;
        for (int64_t k = 0; k < m_size; ++k)
            trace += static_cast<double>(m_moments[static_cast<size_t>(k * m_stride + k)]);
        m_unit = trace > 0 ? static_cast<double>(m_size) / trace : 0;
        m_errors.resize(static_cast<size_t>(tile * m_stride));
        m_gradients.resize(m_errors.size());
    }

    /// `values`: weight / scale. Returns what is added to their floor.
    std::vector<uint8_t> run(const std::vector<std::vector<float>>& values, const JobContext& job)
    {
        const auto count = static_cast<size_t>(m_size);
        std::vector<std::vector<Weight>> weights;
        for (const auto& row : values) {
            auto& states = weights.emplace_back(count);
            for (size_t k = 0; k < count; ++k) {
                states[k].rest = static_cast<double>(row[k]) - std::floor(static_cast<double>(row[k]));
                const double share = (states[k].rest - gamma) / (zeta - gamma);
                states[k].v = std::log(share / (1 - share));
            }
        }
        for (int iteration = 0; iteration < m_options.iterations && !job.cancelled(); ++iteration)
            step(weights, iteration);
        std::vector<uint8_t> up;
        for (const auto& row : weights)
            for (const Weight& weight : row)
                up.push_back(rectified(weight.v) >= 0.5 ? 1 : 0);
        return up;
    }

private:
    struct Weight {
        double v = 0;
        double rest = 0;  ///< above the floor
        double mean = 0;  ///< Adam's first and second moment
        double square = 0;
    };

    void step(std::vector<std::vector<Weight>>& rows, int iteration)
    {
        for (size_t r = 0; r < rows.size(); ++r)
            for (size_t k = 0; k < rows[r].size(); ++k)
                m_errors[r * static_cast<size_t>(m_stride) + k] = static_cast<float>(rectified(rows[r][k].v) - rows[r][k].rest);
        std::fill(m_gradients.begin(), m_gradients.end(), 0.0F);
        for (int64_t i = 0; i < m_stride; i += lanes)
            multiplyTile(m_errors.data(), 1, m_stride, m_moments.data() + i, m_stride, m_size, m_gradients.data() + i, m_stride);
        const double progress = static_cast<double>(iteration) / m_options.iterations;
        const bool regularized = progress >= m_options.warmUp;
        const double annealed = (progress - m_options.warmUp) / (1 - m_options.warmUp);
        const double beta =
            m_options.betaEnd + (m_options.betaStart - m_options.betaEnd) * 0.5 * (1 + std::cos(std::numbers::pi * std::max(0.0, annealed)));
        const double correction1 = 1 - std::pow(0.9, iteration + 1);
        const double correction2 = 1 - std::pow(0.999, iteration + 1);
        for (size_t r = 0; r < rows.size(); ++r)
            for (size_t k = 0; k < rows[r].size(); ++k) {
                Weight& weight = rows[r][k];
                const double sigmoid = 1 / (1 + std::exp(-weight.v));
                const double h = (zeta - gamma) * sigmoid + gamma;
                if (h <= 0 || h >= 1)
                    continue;  // rectified: it has no gradient any more
                double gradient = 2 * m_unit * static_cast<double>(m_gradients[r * static_cast<size_t>(m_stride) + k]);
                if (regularized)
                    gradient -= m_options.regularization * 2 * beta * std::copysign(std::pow(std::fabs(2 * h - 1), beta - 1), 2 * h - 1);
                gradient *= (zeta - gamma) * sigmoid * (1 - sigmoid);
                weight.mean = 0.9 * weight.mean + 0.1 * gradient;
                weight.square = 0.999 * weight.square + 0.001 * gradient * gradient;
                weight.v -= m_options.learningRate * (weight.mean / correction1) / (std::sqrt(weight.square / correction2) + 1e-8);
            }
    }

    std::span<const float> m_moments;
    int64_t m_size;
    int64_t m_stride;
    AdaRoundOptions m_options;
    double m_unit = 0;  ///< makes the moments' mean diagonal 1
    std::vector<float> m_errors;
    std::vector<float> m_gradients;
};

/// d^T M d.
double errorOf(std::span<const double> difference, std::span<const float> moments, int64_t stride)
{
    double sum = 0;
    for (size_t i = 0; i < difference.size(); ++i) {
        double row = 0;
        for (size_t j = 0; j < difference.size(); ++j)
            row += static_cast<double>(moments[i * static_cast<size_t>(stride) + j]) * difference[j];
        sum += row * difference[i];
    }
    return sum;
}

/// Squared output error of each channel, over all patches.
std::vector<double> channelErrors(const WeightInput& weight, const WeightGrid& grid, std::span<const int8_t> codes, const PatchMoments& moments)
{
    const WeightChannels& channels = weight.channels;
    const auto inner = static_cast<size_t>(channels.inner());
    std::vector<double> errors(static_cast<size_t>(channels.channels()));
    forChunks(channels.channels(), 1, [&](int64_t channel, int64_t, int64_t) {
        const auto c = static_cast<size_t>(channel);
        const double scale = static_cast<double>(grid.scales[grid.scales.size() == 1 ? 0 : c]);
        std::vector<double> difference(inner);
        for (size_t k = 0; k < inner; ++k)
            difference[k] = codes[c * inner + k] * scale - static_cast<double>(weight.values[c * inner + k]);
        errors[c] = errorOf(difference, moments.group(channel / (channels.channels() / moments.groups())), moments.stride());
    });
    return errors;
}

/// Channels for which nearest rounding is better get it back.
void keepTheBetter(const WeightInput& weight, WeightGrid& grid, int bits, const PatchMoments& moments)
{
    WeightGrid nearest = grid;
    nearest.roundUp.clear();
    const std::vector<int8_t> nearestCodes = weightCodes(weight, nearest, bits);
    const std::vector<double> before = channelErrors(weight, grid, nearestCodes, moments);
    const std::vector<double> after = channelErrors(weight, grid, weightCodes(weight, grid, bits), moments);
    const auto inner = static_cast<size_t>(weight.channels.inner());
    for (size_t c = 0; c < after.size(); ++c) {
        if (after[c] <= before[c])
            continue;
        const float scale = grid.scales[grid.scales.size() == 1 ? 0 : c];
        for (size_t i = c * inner; i < (c + 1) * inner; ++i)
            grid.roundUp[i] = static_cast<float>(nearestCodes[i]) > std::floor(weight.values[i] / scale) ? 1 : 0;
    }
}

}  // namespace

bool canAdaRound(const Layer& layer)
{
    const bool known = layer.op == "Convolution" || layer.op == "DepthwiseConv" || layer.op == "InnerProduct";
    constexpr size_t picture = 4;
    return known && !layer.weights.empty() && layer.weights[0] && layer.weights[0]->shape().size() <= picture &&
           WeightChannels(layer).inner() <= mostMoments;
}

PatchMoments::PatchMoments(const Layer& layer, const Shape& input, int64_t patches)
    : m_size(WeightChannels(layer).inner()), m_stride((m_size + lanes - 1) / lanes * lanes), m_wanted(patches), m_window(layer.op != "InnerProduct")
{
    if (m_window) {
        const Attributes attributes = pictureAttributes(layer.attributes);
        const Shape picture = pictureShape(input);
        m_kernel = attributes.integers("kernel", {1, 1});
        m_strides = attributes.integers("stride", {1, 1});
        m_pad = attributes.integers("pad", {0, 0, 0, 0});
        m_dilation = attributes.integers("dilation", {1, 1});
        m_groups = attributes.integer("group", 1);
        m_channels = picture[1];
        m_height = picture[2];
        m_width = picture[3];
        const auto extent = [&](size_t side, int64_t size) {
            return (size + m_pad[side] + m_pad[side + 2] - m_dilation[side] * (m_kernel[side] - 1) - 1) / m_strides[side] + 1;
        };
        m_outputWidth = extent(1, m_width);
        m_pixels = extent(0, m_height) * m_outputWidth;
    } else {
        m_pixels = elementCount(input) / std::max<int64_t>(1, input.empty() ? 1 : input[0]) / m_size;
    }
    m_moments.resize(static_cast<size_t>(m_groups * m_stride * m_stride));
}

std::span<const float> PatchMoments::group(int64_t group) const
{
    return std::span(m_moments).subspan(static_cast<size_t>(group * m_stride * m_stride), static_cast<size_t>(m_stride * m_stride));
}

void PatchMoments::copyPatch(std::span<const float> sample, int64_t group, int64_t pixel, float* row) const
{
    if (!m_window) {
        std::copy_n(sample.begin() + pixel * m_size, m_size, row);
        return;
    }
    const int64_t top = pixel / m_outputWidth * m_strides[0] - m_pad[0];
    const int64_t left = pixel % m_outputWidth * m_strides[1] - m_pad[1];
    const int64_t perGroup = m_channels / m_groups;
    for (int64_t c = group * perGroup; c < (group + 1) * perGroup; ++c)
        for (int64_t y = 0; y < m_kernel[0]; ++y)
            for (int64_t x = 0; x < m_kernel[1]; ++x) {
                const int64_t v = top + y * m_dilation[0];
                const int64_t h = left + x * m_dilation[1];
                const bool inside = v >= 0 && v < m_height && h >= 0 && h < m_width;
                *row++ = inside ? sample[static_cast<size_t>((c * m_height + v) * m_width + h)] : 0;
            }
}

void PatchMoments::add(std::span<const float> sample)
{
    const int64_t count = std::min(m_wanted, m_pixels);
    // Another phase in each sample, so that a small number of patches sees all of the picture in turn.
    const double phase = std::fmod(static_cast<double>(m_samples) * (std::numbers::phi - 1), 1.0);
    m_rows.assign(static_cast<size_t>(count * m_stride), 0);
    for (int64_t group = 0; group < m_groups; ++group) {
        for (int64_t i = 0; i < count; ++i) {
            const auto pixel =
                count == m_pixels
                    ? i
                    : static_cast<int64_t>((static_cast<double>(i) + phase) * static_cast<double>(m_pixels) / static_cast<double>(count));
            copyPatch(sample, group, std::min(pixel, m_pixels - 1), m_rows.data() + i * m_stride);
        }
        addMoments(m_rows, count, m_stride, m_moments.data() + group * m_stride * m_stride);
    }
    m_patches += count;
    ++m_samples;
}

Result<std::vector<uint8_t>> adaRound(const WeightInput& weight, const WeightGrid& grid, int bits, const PatchMoments& moments, const JobContext& job,
                                      const AdaRoundOptions& options)
{
    const WeightChannels& channels = weight.channels;
    const auto inner = static_cast<size_t>(channels.inner());
    const int64_t perGroup = channels.channels() / moments.groups();
    const int64_t tiles = (perGroup + tile - 1) / tile;
    WeightGrid rounded = grid;
    rounded.roundUp.resize(weight.values.size());
    forChunks(moments.groups() * tiles, 1, [&](int64_t piece, int64_t, int64_t) {
        const int64_t group = piece / tiles;
        const int64_t first = group * perGroup + piece % tiles * tile;
        const int64_t last = std::min(first + tile, (group + 1) * perGroup);
        std::vector<std::vector<float>> values;
        for (auto c = static_cast<size_t>(first); c < static_cast<size_t>(last); ++c) {
            auto& row = values.emplace_back(inner);
            for (size_t k = 0; k < inner; ++k)
                row[k] = weight.values[c * inner + k] / grid.scales[grid.scales.size() == 1 ? 0 : c];
        }
        const std::vector<uint8_t> up = Rows(moments, group, options).run(values, job);
        std::copy(up.begin(), up.end(), rounded.roundUp.begin() + first * channels.inner());
    });
    if (job.cancelled())
        return cancelledError();
    keepTheBetter(weight, rounded, bits, moments);
    return rounded.roundUp;
}

double reconstructionLoss(const WeightInput& weight, const WeightGrid& grid, std::span<const int8_t> codes, const PatchMoments& moments)
{
    double sum = 0;
    for (const double error : channelErrors(weight, grid, codes, moments))
        sum += error;
    return sum / static_cast<double>(weight.channels.channels()) / static_cast<double>(std::max<int64_t>(1, moments.patches()));
}

}  // namespace qs
