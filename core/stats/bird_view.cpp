#include "core/stats/bird_view.h"

#include <algorithm>
#include <array>

namespace qs {

namespace {

constexpr size_t dimensions = 3;
constexpr int64_t mostPixels = 512;  ///< along a side

/// The two sides that are seen from above, in their order.
std::array<size_t, 2> seenSides(const int64_t* sides)
{
    const auto height = static_cast<size_t>(std::min_element(sides, sides + dimensions) - sides);
    return {height == 0 ? size_t{1} : size_t{0}, height == 2 ? size_t{1} : size_t{2}};
}

}  // namespace

Buffer birdView(const Buffer& features, const Buffer& sites, const std::vector<int64_t>& sides)
{
    const bool fits = features.shape().size() == 2 && sides.size() == dimensions &&
                      sites.shape() == Shape{features.shape().front(), static_cast<int64_t>(1 + dimensions)};
    if (!fits)
        return {};
    const auto [first, second] = seenSides(sides.data());
    const int64_t channels = features.shape()[1];
    const int64_t places = (std::max(sides[first], sides[second]) + mostPixels - 1) / mostPixels;
    if (channels < 1 || places < 1)
        return {};
    const int64_t height = (sides[first] + places - 1) / places;
    const int64_t width = (sides[second] + places - 1) / places;
    const int64_t plane = height * width;
    Buffer map(DType::F32, {1, channels, height, width});
    std::vector<bool> there(static_cast<size_t>(plane));
    const auto from = features.floats();
    const auto to = map.floats();
    for (int64_t row = 0; row < features.shape().front(); ++row) {
        const float* site = sites.floats().data() + row * static_cast<int64_t>(1 + dimensions);
        const auto y = static_cast<int64_t>(site[1 + first]);
        const auto x = static_cast<int64_t>(site[1 + second]);
        if (site[0] != 0 || y < 0 || x < 0 || y >= sides[first] || x >= sides[second])
            continue;
        const auto pixel = static_cast<size_t>(y / places * width + x / places);
        for (int64_t c = 0; c < channels; ++c) {
            float& value = to[static_cast<size_t>(c * plane) + pixel];
            const float other = from[static_cast<size_t>(row * channels + c)];
            value = there[pixel] ? std::max(value, other) : other;
        }
        there[pixel] = true;
    }
    return map;
}

Buffer birdView(const Buffer& dense)
{
    const Shape& shape = dense.shape();
    if (shape.size() != 2 + dimensions || dense.count() == 0)
        return {};
    const auto [first, second] = seenSides(shape.data() + 2);
    Buffer map(DType::F32, {shape[0], shape[1], shape[2 + first], shape[2 + second]});
    const int64_t plane = shape[2 + first] * shape[2 + second];
    const int64_t volume = shape[2] * shape[3] * shape[4];
    std::vector<bool> there(static_cast<size_t>(map.count()));
    for (int64_t i = 0; i < dense.count(); ++i) {
        const std::array<int64_t, dimensions> place{i / (shape[3] * shape[4]) % shape[2], i / shape[4] % shape[3], i % shape[4]};
        const auto at = static_cast<size_t>(i / volume * plane + place[first] * shape[2 + second] + place[second]);
        const float value = dense.floats()[static_cast<size_t>(i)];
        map.floats()[at] = there[at] ? std::max(map.floats()[at], value) : value;
        there[at] = true;
    }
    return map;
}

}  // namespace qs
