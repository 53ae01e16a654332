#include "core/data/voxels.h"

#include "core/base/text.h"

#include <cmath>
#include <unordered_map>
#include <vector>

namespace qs {

namespace {

constexpr size_t axes = 3;

/// The number of the voxel; -1: outside.
int64_t voxelOf(const float* point, const Voxelization& voxels)
{
    int64_t index = 0;
    for (size_t axis = 0; axis < axes; ++axis) {
        const double place = std::floor((static_cast<double>(point[axis]) - voxels.range[axis]) / voxels.size[axis]);
        if (!(place >= 0 && place < static_cast<double>(voxels.side(axis))))
            return -1;
        index = index * voxels.side(axis) + static_cast<int64_t>(place);
    }
    return index;
}

}  // namespace

int64_t Voxelization::side(size_t axis) const
{
    return std::llround((range[axis + axes] - range[axis]) / size[axis]);
}

Result<void> Voxelization::check() const
{
    constexpr double mostSide = 1 << 20;
    for (size_t axis = 0; axis < axes; ++axis) {
        const double sides = (range[axis + axes] - range[axis]) / size[axis];
        if (!(size[axis] > 0) || !(sides >= 0.5) || !(sides < mostSide))
            return Error{ErrorCode::OutOfRange,
                         "a voxel of " + numberText(size[axis]) + " m in a range from " + numberText(range[axis]) + " to " +
                             numberText(range[axis + axes]) + " makes no grid",
                         "voxels"};
    }
    if (features < 3 || features > 64 || mostPoints < 1 || mostVoxels < 1)
        return Error{ErrorCode::OutOfRange, "a point has 3 to 64 numbers, a voxel at least one point, and there is at least one voxel", "voxels"};
    return {};
}

SparseSample voxelized(std::span<const float> points, const Voxelization& voxels)
{
    const auto width = static_cast<size_t>(voxels.features);
    std::unordered_map<int64_t, size_t> rows;
    std::vector<int64_t> indices;
    std::vector<int> counts;
    std::vector<double> sums;
    for (size_t begin = 0; begin + width <= points.size(); begin += width) {
        const float* point = points.data() + begin;
        bool numbers = true;
        for (size_t i = 0; i < width; ++i)
            numbers = numbers && std::isfinite(point[i]);
        const int64_t index = numbers ? voxelOf(point, voxels) : -1;
        if (index < 0)
            continue;
        const auto known = rows.find(index);
        if (known == rows.end() && static_cast<int>(indices.size()) >= voxels.mostVoxels)
            continue;
        const size_t row = known != rows.end() ? known->second : indices.size();
        if (known == rows.end()) {
            rows.emplace(index, row);
            indices.push_back(index);
            counts.push_back(0);
            sums.resize(sums.size() + width);
        }
        if (counts[row] == voxels.mostPoints)
            continue;
        ++counts[row];
        for (size_t i = 0; i < width; ++i)
            sums[row * width + i] += static_cast<double>(point[i]);
    }
    const auto count = static_cast<int64_t>(indices.size());
    SparseSample sample{Buffer(DType::F32, {count, voxels.features}), Buffer(DType::F32, {count, 1 + static_cast<int64_t>(axes)})};
    for (size_t row = 0; row < indices.size(); ++row) {
        for (size_t i = 0; i < width; ++i)
            sample.features.floats()[row * width + i] = static_cast<float>(sums[row * width + i] / counts[row]);
        int64_t rest = indices[row];
        for (size_t axis = axes; axis > 0; --axis) {
            sample.sites.floats()[row * (1 + axes) + axis] = static_cast<float>(rest % voxels.side(axis - 1));
            rest /= voxels.side(axis - 1);
        }
    }
    return sample;
}

}  // namespace qs
