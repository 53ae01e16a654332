// The pictures of the built-in demo: ten glyphs drawn from own vector outlines, distorted and noisy.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace qs::demo {

constexpr int pictureSide = 32;
constexpr int pictureSize = pictureSide * pictureSide;

std::span<const char* const> classNames();
/// Gray, row by row.
std::vector<uint8_t> drawGlyph(int glyph, std::mt19937_64& random);

}  // namespace qs::demo
