#include "core/stats/class_map.h"

namespace qs {

bool isClassMap(const Shape& shape)
{
    return shape.size() == 4 && shape[0] == 1 && shape[1] > 1 && shape[2] * shape[3] > 1;
}

std::vector<int> classMap(const Buffer& scores)
{
    const auto pixels = static_cast<size_t>(scores.shape()[2] * scores.shape()[3]);
    const auto values = scores.floats();
    std::vector<int> map(pixels, 0);
    std::vector<float> best(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(pixels));
    for (size_t label = 1; label < static_cast<size_t>(scores.shape()[1]); ++label)
        for (size_t i = 0; i < pixels; ++i)
            if (const float value = values[label * pixels + i]; value > best[i]) {
                best[i] = value;
                map[i] = static_cast<int>(label);
            }
    return map;
}

std::vector<ClassPixels> countPixels(std::span<const int> first, std::span<const int> second, int classes)
{
    std::vector<ClassPixels> counts(static_cast<size_t>(classes));
    for (size_t i = 0; i < first.size(); ++i) {
        ++counts[static_cast<size_t>(first[i])].first;
        ++counts[static_cast<size_t>(second[i])].second;
        counts[static_cast<size_t>(first[i])].both += first[i] == second[i];
    }
    return counts;
}

double pixelAgreement(std::span<const ClassPixels> classes)
{
    int64_t same = 0;
    int64_t all = 0;
    for (const ClassPixels& pixels : classes) {
        same += pixels.both;
        all += pixels.first;
    }
    return all > 0 ? static_cast<double>(same) / static_cast<double>(all) : 1;
}

double meanIntersectionOverUnion(std::span<const ClassPixels> classes)
{
    double sum = 0;
    int count = 0;
    for (const ClassPixels& pixels : classes)
        if (const int64_t united = pixels.first + pixels.second - pixels.both; united > 0) {
            sum += static_cast<double>(pixels.both) / static_cast<double>(united);
            ++count;
        }
    return count > 0 ? sum / count : 1;
}

}  // namespace qs
