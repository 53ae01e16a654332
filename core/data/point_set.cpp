// Sparse samples: point clouds (.bin), made voxels as they are read; or features and sites from arrays (.npy, CUDA-BEVFusion's tensor files).
#include "core/base/file.h"
#include "core/data/npy.h"
#include "core/data/sources.h"
#include "core/data/tensor_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>

namespace qs::data {

namespace {

namespace fs = std::filesystem;

/// One sample's files: a cloud, or two arrays.
struct SparseFiles {
    fs::path features;
    fs::path sites;  ///< empty: `features` is a cloud
};

bool isCloud(const fs::path& file)
{
    return file.extension() == ".bin";
}

Result<Buffer> readArray(const fs::path& file)
{
    return file.extension() == ".npy" ? readNpy(file) : readTensorFile(file);
}

/// Whether an array's values are integers. Errors: those of its head.
Result<bool> holdsIntegers(const fs::path& file)
{
    QS_TRY(const DType type, file.extension() == ".npy" ? npyType(file) : tensorFileType(file));
    return type != DType::F32 && type != DType::F16;
}

Buffer reversedSites(const Buffer& sites)
{
    Buffer reversed = Buffer::fromFloats(sites.shape(), sites.floats());
    const auto columns = static_cast<std::ptrdiff_t>(sites.shape()[1]);
    for (auto row = reversed.floats().begin(); row != reversed.floats().end(); row += columns)
        std::reverse(row + 1, row + columns);
    return reversed;
}

class PointSet final : public DataSet {
public:
    PointSet(DataSpec spec, std::vector<SparseFiles> files) : m_spec(std::move(spec)), m_files(std::move(files))
    {
        m_files.resize(static_cast<size_t>(limited(m_spec, m_files.size())));
    }
    int size() const override { return static_cast<int>(m_files.size()); }
    std::string sampleName(int index) const override { return at(index).features.filename().string(); }
    Result<Buffer> sample(int index) const override
    {
        QS_TRY(const SparseSample read, sparseSample(index));
        return read.features;
    }
    Result<Buffer> sites(int index) const override
    {
        QS_TRY(const SparseSample read, sparseSample(index));
        return m_spec.reverseSites ? reversedSites(read.sites) : read.sites;
    }
    /// From above: where there are sites, brighter the more of them stand over each other.
    Result<Buffer> picture(int index) const override
    {
        QS_TRY(const SparseSample read, sparseSample(index));
        return fromAbove(read.sites);
    }
    int label(int) const override { return -1; }
    const std::vector<std::string>& skipped() const override { return m_skipped; }
    const DataSpec& spec() const override { return m_spec; }
    std::vector<fs::path> files() const override
    {
        std::vector<fs::path> all;
        for (const SparseFiles& files : m_files) {
            all.push_back(files.features);
            if (!files.sites.empty())
                all.push_back(files.sites);
        }
        return all;
    }

private:
    const SparseFiles& at(int index) const { return m_files[static_cast<size_t>(index)]; }

    /// Features, sites and picture of a sample are asked for one after the other: it is read once.
    Result<SparseSample> sparseSample(int index) const
    {
        const std::lock_guard lock(m_mutex);
        if (m_lastIndex != index) {
            QS_TRY(m_last, readSample(at(index)));
            m_lastIndex = index;
        }
        return m_last;
    }

    Result<SparseSample> readSample(const SparseFiles& files) const
    {
        if (files.sites.empty())
            return readCloud(files.features);
        QS_TRY(const Buffer features, readArray(files.features));
        QS_TRY(const Buffer sites, readArray(files.sites));
        SparseSample sample{toFloat(features), toFloat(sites)};
        const Shape& rows = sample.features.shape();
        const Shape& places = sample.sites.shape();
        if (rows.size() != 2 || places.size() != 2 || rows[0] != places[0] || places[1] < 2)
            return Error{ErrorCode::ShapeMismatch,
                         "features " + shapeText(rows) + " and sites " + shapeText(places) + " are not rows of one number of voxels",
                         files.features.string()};
        const auto values = sample.features.floats();
        if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
            return Error{ErrorCode::InvalidNumber, "a feature is not finite", files.features.string()};
        return sample;
    }

    Result<SparseSample> readCloud(const fs::path& file) const
    {
        QS_TRY(const std::string bytes, readFile(file));
        const size_t row = static_cast<size_t>(m_spec.voxels.features) * sizeof(float);
        if (bytes.empty() || bytes.size() % row != 0)
            return Error{ErrorCode::DataUnreadable,
                         std::to_string(bytes.size()) + " bytes are no rows of " + std::to_string(m_spec.voxels.features) + " floats", file.string()};
        std::vector<float> points(bytes.size() / sizeof(float));
        std::memcpy(points.data(), bytes.data(), bytes.size());
        SparseSample sample = voxelized(points, m_spec.voxels);
        if (sample.sites.shape()[0] == 0)
            return Error{ErrorCode::NoData, "no point of it is in the range of the grid", file.string()};
        return sample;
    }

    static Buffer fromAbove(const Buffer& sites)
    {
        constexpr int64_t side = 256;
        Buffer picture(DType::U8, {side, side, 3});
        const int64_t columns = sites.shape()[1];
        const auto values = sites.floats();
        float most = 1;
        for (int64_t i = 0; i < sites.count(); ++i)
            if (i % columns == 1 || i % columns == 2)
                most = std::max(most, values[static_cast<size_t>(i)] + 1);
        for (int64_t row = 0; row < sites.shape()[0] && columns > 2; ++row) {
            const auto place = [&](int64_t column) {
                return std::clamp<int64_t>(static_cast<int64_t>(values[static_cast<size_t>(row * columns + column)] / most * side), 0, side - 1);
            };
            for (size_t color = 0; color < 3; ++color) {
                uint8_t& pixel = picture.as<uint8_t>()[static_cast<size_t>((side - 1 - place(1)) * side + place(2)) * 3 + color];
                pixel = static_cast<uint8_t>(std::min(255, std::max(pixel + 40, 96)));
            }
        }
        return picture;
    }

    DataSpec m_spec;
    std::vector<SparseFiles> m_files;
    std::vector<std::string> m_skipped;
    mutable std::mutex m_mutex;
    mutable int m_lastIndex = -1;
    mutable SparseSample m_last;
};

/// Arrays of floats are features, of integers sites: in the order of their names they belong together.
Result<std::vector<SparseFiles>> listed(const fs::path& folder)
{
    std::vector<fs::path> clouds;
    std::vector<fs::path> features;
    std::vector<fs::path> sites;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
        const fs::path& file = entry.path();
        if (isCloud(file))
            clouds.push_back(file);
        if (file.extension() != ".npy" && file.extension() != ".tensor")
            continue;
        QS_TRY(const bool integers, holdsIntegers(file));
        (integers ? sites : features).push_back(file);
    }
    std::vector<SparseFiles> files;
    for (std::vector<fs::path>* list : {&clouds, &features, &sites})
        std::sort(list->begin(), list->end());
    for (const fs::path& cloud : clouds)
        files.push_back({cloud, {}});
    if (!clouds.empty())
        return files;
    if (features.size() != sites.size())
        return Error{ErrorCode::DataUnreadable,
                     std::to_string(features.size()) + " arrays of features (floats) and " + std::to_string(sites.size()) +
                         " of sites (integers): each sample needs one of both",
                     folder.string()};
    for (size_t i = 0; i < features.size(); ++i)
        files.push_back({features[i], sites[i]});
    return files;
}

}  // namespace

Result<std::shared_ptr<DataSet>> openPoints(const DataSpec& spec, const Shape& inputShape)
{
    QS_CHECK(spec.voxels.check());
    std::vector<SparseFiles> files;
    std::error_code failure;
    if (fs::is_directory(spec.path, failure)) {
        QS_TRY(files, listed(spec.path));
    } else if (isCloud(spec.path)) {
        files.push_back({spec.path, {}});
    } else {
        return Error{ErrorCode::NotSupported, "it is no point cloud (.bin): of arrays, give the folder with features and sites", spec.path.string()};
    }
    if (files.empty())
        return Error{ErrorCode::NoData, "it holds no point clouds (.bin), and no arrays of features and sites (.npy, .tensor)", spec.path.string()};
    auto set = std::make_shared<PointSet>(spec, std::move(files));
    if (inputShape.size() == 2 && set->size() > 0) {
        QS_TRY(const Buffer first, set->sample(0));
        if (first.shape()[1] != inputShape[1])
            return Error{ErrorCode::ShapeMismatch,
                         "a voxel has " + std::to_string(first.shape()[1]) + " features, the network takes " + std::to_string(inputShape[1]),
                         spec.path.string()};
    }
    return std::shared_ptr<DataSet>(std::move(set));
}

}  // namespace qs::data
