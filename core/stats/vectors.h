// Vectors that stand for samples (embeddings): how far two lie apart, and who is whose neighbour.
#pragma once

#include <span>
#include <vector>

namespace qs {

/// 1 when both are zero, 0 when one is.
double vectorCosine(std::span<const float> a, std::span<const float> b);
double vectorDistance(std::span<const float> a, std::span<const float> b);

/// For each vector the index of the other one with the largest cosine, the first among equals; -1 where there is no other.
std::vector<int> nearestNeighbours(std::span<const std::vector<float>* const> vectors);

}  // namespace qs
