#include "core/calib/snq.h"

#include "core/base/parallel.h"
#include "core/calib/arq.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace qs {

namespace {

using Levels = std::array<double, codebookLevels>;

/// Points of one channel in ascending order, with running sums: the cost of any split into segments without looking at the points.
class Points {
public:
    explicit Points(std::vector<float> values) : m_values(std::move(values))
    {
        std::sort(m_values.begin(), m_values.end());
        m_sum.reserve(m_values.size() + 1);
        m_squares.reserve(m_values.size() + 1);
        m_sum.push_back(0);
        m_squares.push_back(0);
        for (const float value : m_values) {
            const auto wide = static_cast<double>(value);
            m_sum.push_back(m_sum.back() + wide);
            m_squares.push_back(m_squares.back() + wide * wide);
        }
    }

    size_t size() const { return m_values.size(); }
    double operator[](size_t i) const { return static_cast<double>(m_values[i]); }
    double first() const { return (*this)[0]; }
    double last() const { return (*this)[size() - 1]; }
    double mean(size_t begin, size_t end) const { return (m_sum[end] - m_sum[begin]) / static_cast<double>(end - begin); }
    double deviation() const
    {
        const double average = mean(0, size());
        return std::sqrt(std::max(0.0, m_squares.back() / static_cast<double>(size()) - average * average));
    }
    /// Sum of squared distances of points [begin, end) to `centre`.
    double cost(size_t begin, size_t end, double centre) const
    {
        const auto count = static_cast<double>(end - begin);
        return (m_squares[end] - m_squares[begin]) - 2 * centre * (m_sum[end] - m_sum[begin]) + count * centre * centre;
    }
    /// The first point that is nearer to `upper` than to `lower`; a point in the middle belongs to `lower`.
    size_t border(double lower, double upper) const
    {
        const double middle = (lower + upper) / 2;
        return static_cast<size_t>(
            std::upper_bound(m_values.begin(), m_values.end(), middle, [](double at, float v) { return at < static_cast<double>(v); }) -
            m_values.begin());
    }

private:
    std::vector<float> m_values;
    std::vector<double> m_sum;
    std::vector<double> m_squares;
};

/// Borders of the segments that the levels (ascending) own: level j has points [at[j], at[j + 1]).
std::array<size_t, codebookLevels + 1> segments(const Points& points, const Levels& levels)
{
    std::array<size_t, codebookLevels + 1> at{};
    for (size_t j = 1; j < codebookLevels; ++j)
        at[j] = std::max(at[j - 1], points.border(levels[j - 1], levels[j]));
    at[codebookLevels] = points.size();
    return at;
}

double loss(const Points& points, const Levels& levels)
{
    const auto at = segments(points, levels);
    double sum = 0;
    for (size_t j = 0; j < codebookLevels; ++j)
        sum += points.cost(at[j], at[j + 1], levels[j]);
    return sum;
}

/// The point with the largest distance to its level.
double farthestPoint(const Points& points, const Levels& levels, const std::array<size_t, codebookLevels + 1>& at)
{
    double point = points.first();
    double distance = -1;
    for (size_t j = 0; j < codebookLevels; ++j)
        for (const size_t i : {at[j], at[j + 1] - 1}) {
            // Inside a segment the distance is largest at one of its ends.
            if (at[j] == at[j + 1] || std::fabs(points[i] - levels[j]) <= distance)
                continue;
            distance = std::fabs(points[i] - levels[j]);
            point = points[i];
        }
    return point;
}

/// Lloyd's algorithm; an empty cluster is put on the farthest point.
Levels kMeans(const Points& points, Levels levels, int maxIteration, double minDistance)
{
    std::sort(levels.begin(), levels.end());
    for (int iteration = 0; iteration < maxIteration; ++iteration) {
        const auto at = segments(points, levels);
        Levels next = levels;
        bool reseeded = false;
        for (size_t j = 0; j < codebookLevels; ++j) {
            if (at[j] != at[j + 1]) {
                next[j] = points.mean(at[j], at[j + 1]);
            } else if (!reseeded) {
                next[j] = farthestPoint(points, levels, at);
                reseeded = true;  // one a round: two would land on the same point
            }
        }
        double shift = 0;
        for (size_t j = 0; j < codebookLevels; ++j)
            shift = std::max(shift, (next[j] - levels[j]) * (next[j] - levels[j]));
        std::sort(next.begin(), next.end());
        levels = next;
        if (shift < minDistance)
            break;
    }
    return levels;
}

/// Levels on the int8 grid: rounded, then each moved by one as long as that lowers the error.
Levels onGrid(const Points& points, Levels levels)
{
    for (double& level : levels)
        level = std::clamp(std::nearbyint(level), -128.0, 127.0);
    double best = loss(points, levels);
    for (bool better = true; better;) {
        better = false;
        for (size_t j = 0; j < codebookLevels; ++j)
            for (const double step : {-1.0, 1.0}) {
                Levels trial = levels;
                trial[j] = std::clamp(trial[j] + step, -128.0, 127.0);
                if (!std::is_sorted(trial.begin(), trial.end()))
                    continue;
                if (const double cost = loss(points, trial); cost < best * (1 - 1e-12)) {
                    best = cost;
                    levels = trial;
                    better = true;
                }
            }
    }
    return levels;
}

Levels evenly(double low, double high)
{
    Levels levels{};
    for (size_t j = 0; j < codebookLevels; ++j)
        levels[j] = low + (high - low) * static_cast<double>(j) / (codebookLevels - 1);
    return levels;
}

/// Quantiles (j + 1/2) / 16 of the normal distribution with the points' mean and deviation.
Levels gaussian(const Points& points)
{
    // Standard normal quantiles at 17/32, 19/32, ... 31/32.
    constexpr std::array<double, codebookLevels / 2> quantiles{0.0784124127331, 0.2372021093289, 0.4022500653217, 0.5791321622556,
                                                               0.7764217611479, 1.0099901692496, 1.3180108973035, 1.8627318674217};
    Levels levels{};
    const double mean = points.mean(0, points.size());
    for (size_t j = 0; j < codebookLevels / 2; ++j) {
        levels[codebookLevels / 2 + j] = mean + points.deviation() * quantiles[j];
        levels[codebookLevels / 2 - 1 - j] = mean - points.deviation() * quantiles[j];
    }
    return levels;
}

/// k-means++: each next centre is a point drawn with the probability of its squared distance to the centres so far. The seed is fixed: the same
/// weights give the same levels.
Levels d2Sampling(const Points& points)
{
    std::mt19937_64 random(20211121);
    std::vector<double> distance(points.size(), INFINITY);
    Levels levels{};
    double chosen = points[random() % points.size()];
    for (size_t j = 0; j < codebookLevels; ++j) {
        levels[j] = chosen;
        double total = 0;
        for (size_t i = 0; i < points.size(); ++i) {
            distance[i] = std::min(distance[i], (points[i] - chosen) * (points[i] - chosen));
            total += distance[i];
        }
        // 53 bits as a fraction: std::uniform_real_distribution may differ between standard libraries.
        double rest = static_cast<double>(random() >> 11) * 0x1p-53 * total;
        for (size_t i = 0; i < points.size() && rest >= 0; ++i) {
            rest -= distance[i];
            if (distance[i] > 0)
                chosen = points[i];
        }
    }
    return levels;
}

std::array<int8_t, codebookLevels> solve(std::vector<float> values, const std::string& init, int maxIteration, double minDistance)
{
    const Points points(std::move(values));
    const Levels first = init == "gaussian" ? gaussian(points) : init == "d2sampling" ? d2Sampling(points) : evenly(points.first(), points.last());
    Levels levels = onGrid(points, kMeans(points, first, maxIteration, minDistance));
    // The 16 uniform levels of 4-bit ARQ, as they are and as a start.
    const double low = -points.first();
    const double high = points.last();
    const Levels uniform = high < low ? evenly(-low, low * 7 / 8) : evenly(-high * 8 / 7, high);
    for (const Levels& other : {onGrid(points, uniform), onGrid(points, kMeans(points, uniform, maxIteration, minDistance))})
        if (loss(points, other) < loss(points, levels))
            levels = other;
    std::array<int8_t, codebookLevels> codes{};
    std::transform(levels.begin(), levels.end(), codes.begin(), [](double level) { return static_cast<int8_t>(level); });
    return codes;
}

}  // namespace

Result<WeightGrid> snqGrid(const WeightInput& weight, const WeightSetting& setting)
{
    const std::string init = setting.initAlgorithm.value_or("uniform");
    if (init != "uniform" && init != "gaussian" && init != "d2sampling")
        return Error{ErrorCode::OutOfRange, "init_algo '" + init + "' is not one of uniform, gaussian, d2sampling", {}};
    WeightSetting eightBits = setting;
    eightBits.bits = 8;
    QS_TRY(WeightGrid grid, arqGrid(weight, eightBits));
    const WeightChannels& channels = weight.channels;
    std::vector<std::vector<float>> points(grid.scales.size());
    for (int64_t run = 0; run < channels.runs(); ++run) {
        const auto channel = grid.scales.size() == 1 ? size_t{0} : static_cast<size_t>(channels.of(run));
        for (const float value : weight.values.subspan(static_cast<size_t>(run * channels.inner()), static_cast<size_t>(channels.inner())))
            points[channel].push_back(value / grid.scales[channel]);
    }
    grid.codebook.resize(points.size() * codebookLevels);
    const int maxIteration = setting.maxIteration.value_or(1000);
    const double minDistance = setting.minDistance.value_or(1e-10);
    forChunks(static_cast<int64_t>(points.size()), 8, [&](int64_t, int64_t begin, int64_t end) {
        for (auto channel = static_cast<size_t>(begin); channel < static_cast<size_t>(end); ++channel) {
            if (points[channel].empty())
                continue;
            const auto codes = solve(std::move(points[channel]), init, maxIteration, minDistance);
            std::copy(codes.begin(), codes.end(), grid.codebook.begin() + static_cast<std::ptrdiff_t>(channel * codebookLevels));
        }
    });
    return grid;
}

}  // namespace qs
