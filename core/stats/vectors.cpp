#include "core/stats/vectors.h"

#include <cmath>

namespace qs {

namespace {

double dot(std::span<const float> a, std::span<const float> b)
{
    double sum = 0;
    for (size_t i = 0; i < a.size() && i < b.size(); ++i)
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

}  // namespace

double vectorCosine(std::span<const float> a, std::span<const float> b)
{
    const double lengths = std::sqrt(dot(a, a)) * std::sqrt(dot(b, b));
    if (lengths > 0)
        return dot(a, b) / lengths;
    return dot(a, a) == dot(b, b) ? 1 : 0;
}

double vectorDistance(std::span<const float> a, std::span<const float> b)
{
    double sum = 0;
    for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
        const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        sum += difference * difference;
    }
    return std::sqrt(sum);
}

std::vector<int> nearestNeighbours(std::span<const std::vector<float>* const> vectors)
{
    // Of one length each vector is compared by one product.
    std::vector<std::vector<float>> units;
    for (const std::vector<float>* vector : vectors) {
        const double length = std::sqrt(dot(*vector, *vector));
        units.push_back(*vector);
        for (float& value : units.back())
            value = length > 0 ? static_cast<float>(static_cast<double>(value) / length) : 0;
    }
    std::vector<int> nearest(units.size(), -1);
    std::vector<double> best(units.size(), -2);
    for (size_t i = 0; i < units.size(); ++i)
        for (size_t j = i + 1; j < units.size(); ++j) {
            const double cosine = dot(units[i], units[j]);
            if (cosine > best[i]) {
                best[i] = cosine;
                nearest[i] = static_cast<int>(j);
            }
            if (cosine > best[j]) {
                best[j] = cosine;
                nearest[j] = static_cast<int>(i);
            }
        }
    return nearest;
}

}  // namespace qs
