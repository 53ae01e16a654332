// Point clouds as voxels (seed 004: Voxelization of BEVFusion).
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#include <array>
#include <span>

namespace qs {

/// Metres along x, y, z.
struct Voxelization {
    std::array<double, 3> size{0.075, 0.075, 0.2};
    std::array<double, 6> range{-54, -54, -5, 54, 54, 3};  ///< least x, y, z, then the largest, which are outside
    int features = 5;                                      ///< numbers of a point: x, y, z, intensity, time
    int mostPoints = 10;                                   ///< of a voxel; what comes later is left
    int mostVoxels = 160000;                               ///< what would be a further one is left
    bool operator==(const Voxelization&) const = default;

    /// Voxels along a side.
    int64_t side(size_t axis) const;
    /// Errors: OutOfRange with what is wrong.
    Result<void> check() const;
};

/// Features (N, C) of the sites (N, 1 + D) that are not empty: first the picture of the batch, then a place along each side.
struct SparseSample {
    Buffer features;
    Buffer sites;
};

/// Voxels in the order of their first points; the features are the means of the points' (BEVFusion's reduction); sites are (0, x, y, z). `points`:
/// rows of `features` numbers. Points that are no numbers are left.
SparseSample voxelized(std::span<const float> points, const Voxelization& voxels);

}  // namespace qs
