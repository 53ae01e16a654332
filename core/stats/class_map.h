// Maps of classes: what a segmentation says of every pixel, and how far two agree.
#pragma once

#include "core/base/buffer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace qs {

/// Whether one sample's output of this shape, (1, C, H, W), has the scores of more than one class for more than one pixel.
bool isClassMap(const Shape& shape);

/// The class of the largest score of each pixel, rows first; the first among equals. `scores` is an isClassMap() of floats.
std::vector<int> classMap(const Buffer& scores);

/// Of one class in two maps.
struct ClassPixels {
    int64_t both = 0;  ///< pixels that have it in both
    int64_t first = 0, second = 0;
    bool operator==(const ClassPixels&) const = default;
};

/// By class. The maps are of one size.
std::vector<ClassPixels> countPixels(std::span<const int> first, std::span<const int> second, int classes);

/// Share of the pixels that have one class in both; 1 without any.
double pixelAgreement(std::span<const ClassPixels> classes);
/// Mean intersection over union of the classes that one of the two maps has; 1 without any.
double meanIntersectionOverUnion(std::span<const ClassPixels> classes);

}  // namespace qs
