// CIFAR-10 binary files and MNIST idx files: raw pixels of fixed size.
#include "core/base/file.h"
#include "core/data/sources.h"

#include <algorithm>

namespace qs::data {

namespace {

class RawSet : public DataSet {
public:
    /// `pictures` are 8-bit HWC (one or three channels, RGB) one after the other.
    RawSet(DataSpec spec, Pipeline pipeline, std::string pixels, Shape shape, std::vector<int> labels)
        : m_spec(std::move(spec)),
          m_pipeline(std::move(pipeline)),
          m_pixels(std::move(pixels)),
          m_shape(std::move(shape)),
          m_labels(std::move(labels))
    {
        m_count = limited(m_spec, m_pixels.size() / static_cast<size_t>(elementCount(m_shape)));
    }
    int size() const override { return m_count; }
    std::string sampleName(int index) const override { return "#" + std::to_string(index); }
    Result<Buffer> picture(int index) const override
    {
        Buffer pixels(DType::U8, m_shape);
        const size_t begin = static_cast<size_t>(index) * pixels.sizeBytes();
        std::copy_n(m_pixels.begin() + static_cast<std::ptrdiff_t>(begin), pixels.sizeBytes(), pixels.as<char>().begin());
        return m_pipeline.picture(pixels);
    }
    Result<Buffer> sample(int index) const override
    {
        QS_TRY(const Buffer pixels, picture(index));
        return m_pipeline.sample(pixels);
    }
    int label(int index) const override { return m_labels.empty() ? -1 : m_labels[static_cast<size_t>(index)]; }
    const std::vector<std::string>& skipped() const override { return m_skipped; }
    const DataSpec& spec() const override { return m_spec; }

private:
    DataSpec m_spec;
    Pipeline m_pipeline;
    std::string m_pixels;
    Shape m_shape;
    std::vector<int> m_labels;
    int m_count = 0;
    std::vector<std::string> m_skipped;
};

std::vector<std::string> numbered(size_t count)
{
    std::vector<std::string> names;
    for (size_t i = 0; i < count; ++i)
        names.push_back("#" + std::to_string(i));
    return names;
}

uint32_t bigEndian(std::string_view bytes, size_t at)
{
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

/// The labels file beside idx images: "train-images-idx3-ubyte" -> "train-labels-idx1-ubyte".
std::filesystem::path idxLabels(const std::filesystem::path& images)
{
    std::string name = images.filename().string();
    const size_t what = name.find("images");
    if (what == std::string::npos)
        return {};
    name.replace(what, 6, "labels");
    if (const size_t rank = name.find("idx3"); rank != std::string::npos)
        name[rank + 3] = '1';
    std::error_code failure;
    const std::filesystem::path path = images.parent_path() / name;
    return std::filesystem::is_regular_file(path, failure) ? path : std::filesystem::path();
}

Result<std::vector<int>> readIdxLabels(const std::filesystem::path& path, size_t count)
{
    QS_TRY(const std::string bytes, readFile(path));
    if (bytes.size() < 8 || bigEndian(bytes, 0) != 0x801)
        return readLabels(path, numbered(count));
    if (bytes.size() < 8 + count || bigEndian(bytes, 4) < count)
        return Error{ErrorCode::FileTruncated, "it has fewer labels than there are pictures (" + std::to_string(count) + ")", path.string()};
    std::vector<int> labels;
    for (size_t i = 0; i < count; ++i)
        labels.push_back(static_cast<unsigned char>(bytes[8 + i]));
    return labels;
}

}  // namespace

// Records of a label byte and 3 planes (red, green, blue) of 32x32.
Result<std::shared_ptr<DataSet>> openCifar10(const DataSpec& spec, const Shape& inputShape)
{
    constexpr size_t plane = 32 * 32;
    constexpr size_t record = 1 + 3 * plane;
    QS_TRY(const std::string bytes, readFile(spec.path, largestArray));
    if (bytes.empty())
        return Error{ErrorCode::NoData, "it is empty", spec.path.string()};
    if (bytes.size() % record != 0)
        return Error{ErrorCode::FileTruncated, std::to_string(bytes.size()) + " bytes are not whole records of " + std::to_string(record),
                     spec.path.string()};
    std::vector<int> labels;
    std::string pixels;
    pixels.reserve(bytes.size());
    for (size_t begin = 0; begin < bytes.size(); begin += record) {
        labels.push_back(static_cast<unsigned char>(bytes[begin]));
        if (labels.back() > 9)
            return Error{ErrorCode::DataUnreadable,
                         "record " + std::to_string(begin / record) + " has the label " + std::to_string(labels.back()) + "; it is not CIFAR-10",
                         spec.path.string()};
        for (size_t i = 0; i < plane; ++i)
            for (size_t c = 0; c < 3; ++c)
                pixels += bytes[begin + 1 + c * plane + i];
    }
    if (!spec.labels.empty()) {
        QS_TRY(labels, readLabels(spec.labels, numbered(labels.size())));
    }
    QS_TRY(Pipeline pipeline, Pipeline::make(spec.preprocess, inputShape));
    return std::shared_ptr<DataSet>(std::make_shared<RawSet>(spec, std::move(pipeline), std::move(pixels), Shape{32, 32, 3}, std::move(labels)));
}

Result<std::shared_ptr<DataSet>> openMnist(const DataSpec& spec, const Shape& inputShape)
{
    QS_TRY(std::string bytes, readFile(spec.path, largestArray));
    if (bytes.size() < 16 || bigEndian(bytes, 0) != 0x803)
        return Error{bytes.size() < 16 ? ErrorCode::FileTruncated : ErrorCode::DataUnreadable, "it is not an idx file of pictures",
                     spec.path.string()};
    const uint64_t count = bigEndian(bytes, 4);
    const uint64_t height = bigEndian(bytes, 8);
    const uint64_t width = bigEndian(bytes, 12);
    if (count == 0)
        return Error{ErrorCode::NoData, "it has no pictures", spec.path.string()};
    if (height < 1 || width < 1 || height > 65536 || width > 65536)
        return Error{ErrorCode::DataUnreadable, "its pictures are declared as " + std::to_string(width) + "x" + std::to_string(height),
                     spec.path.string()};
    // Not multiplied: the three together have up to 64 bits.
    if ((bytes.size() - 16) / (height * width) < count)
        return Error{ErrorCode::FileTruncated, "it should hold " + std::to_string(count) + " pictures", spec.path.string()};
    std::vector<int> labels;
    const std::filesystem::path beside = spec.labels.empty() ? idxLabels(spec.path) : spec.labels;
    if (!beside.empty()) {
        QS_TRY(labels, readIdxLabels(beside, count));
    }
    QS_TRY(Pipeline pipeline, Pipeline::make(spec.preprocess, inputShape));
    bytes.erase(0, 16);
    bytes.resize(count * height * width);
    const Shape shape{static_cast<int64_t>(height), static_cast<int64_t>(width), 1};
    return std::shared_ptr<DataSet>(std::make_shared<RawSet>(spec, std::move(pipeline), std::move(bytes), shape, std::move(labels)));
}

}  // namespace qs::data
