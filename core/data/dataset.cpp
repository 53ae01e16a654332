#include "core/data/dataset.h"

#include "core/base/byte_order_mark.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/data/sources.h"
#include "core/import/caffe/mean_image.h"

#include <algorithm>
#include <map>

namespace qs {

namespace data {

int limited(const DataSpec& spec, size_t count)
{
    const size_t most = spec.limit && *spec.limit > 0 ? std::min(count, static_cast<size_t>(*spec.limit)) : count;
    return static_cast<int>(std::min<size_t>(most, INT32_MAX));
}

Result<std::vector<int>> readLabels(const std::filesystem::path& file, const std::vector<std::string>& names)
{
    QS_TRY(std::string text, readFile(file, uint64_t{1} << 30));
    text = withoutByteOrderMark(std::move(text));
    std::map<std::string, int> byName;
    std::vector<int> inOrder;
    int number = 0;
    for (const std::string& line : splitText(text, '\n')) {
        ++number;
        if (line.empty() || line.starts_with('#'))
            continue;
        const size_t blank = line.find_last_of(" \t,");
        const auto label = parseInteger(blank == std::string::npos ? std::string_view(line) : std::string_view(line).substr(blank + 1));
        if (!label || *label < 0 || *label > INT32_MAX)
            return Error{ErrorCode::ParseFailed, "'" + line + "' is neither \"file class\" nor a class",
                         file.string() + ":" + std::to_string(number)};
        if (blank == std::string::npos)
            inOrder.push_back(static_cast<int>(*label));
        else
            byName[std::filesystem::path(trimmed(std::string_view(line).substr(0, blank))).filename().string()] = static_cast<int>(*label);
    }
    if (!inOrder.empty() && !byName.empty())
        return Error{ErrorCode::ParseFailed, "it mixes \"file class\" lines and lines with a class only", file.string()};
    if (byName.empty() && inOrder.size() < names.size())
        return Error{ErrorCode::LabelsMismatch,
                     "it has " + std::to_string(inOrder.size()) + " classes for " + std::to_string(names.size()) + " samples", file.string()};
    std::vector<int> labels;
    for (size_t i = 0; i < names.size(); ++i) {
        const auto found = byName.find(names[i]);
        labels.push_back(byName.empty() ? inOrder[i] : found == byName.end() ? -1 : found->second);
    }
    if (std::all_of(labels.begin(), labels.end(), [](int label) { return label < 0; }))
        return Error{ErrorCode::LabelsMismatch, "it names none of the samples", file.string()};
    return labels;
}

}  // namespace data

Result<std::string> DataSet::encoded(int index) const
{
    return Error{ErrorCode::NotSupported, "the source keeps no picture files", spec().path.string() + ", " + sampleName(index)};
}

Result<void> DataSet::readFurtherInputs()
{
    for (const auto& [name, path] : spec().inputs) {
        QS_TRY(m_furtherInputs[name], data::readFiniteNpy(path));
    }
    return {};
}

namespace {

Result<std::shared_ptr<DataSet>> openSource(const DataSpec& spec, const Shape& inputShape)
{
    switch (spec.kind) {
        case DataKind::Pictures:
        case DataKind::List:
            return data::openPictures(spec, inputShape);
        case DataKind::Npy:
            return data::openNpy(spec, inputShape);
        case DataKind::Cifar10:
            return data::openCifar10(spec, inputShape);
        case DataKind::Mnist:
            return data::openMnist(spec, inputShape);
        case DataKind::Lmdb:
            return data::openLmdb(spec, inputShape);
        case DataKind::Points:
            return data::openPoints(spec, inputShape);
    }
    return Error{ErrorCode::Internal, "unknown kind of data", spec.path.string()};
}

}  // namespace

Result<std::shared_ptr<const DataSet>> openDataSet(const DataSpec& spec, const Shape& inputShape)
{
    std::error_code failure;
    if (!std::filesystem::exists(spec.path, failure))
        return Error{ErrorCode::FileNotFound, "there is no such file or folder", spec.path.string()};
    QS_TRY(const auto data, openSource(spec, inputShape));
    QS_CHECK(data->readFurtherInputs());
    return std::shared_ptr<const DataSet>(data);
}

Result<Shape> inputShapeFrom(const DataSpec& spec)
{
    QS_TRY(const auto data, openDataSet(spec, {}));
    if (data->size() == 0)
        return Error{ErrorCode::NoData, "it has no sample", spec.path.string()};
    QS_TRY(const Buffer sample, data->sample(0));
    Shape shape = sample.shape();
    shape.insert(shape.begin(), 1);
    return shape;
}

DataSpec guessDataSpec(const std::filesystem::path& path, const Shape& inputShape)
{
    DataSpec spec;
    spec.path = path;
    const Shape sample = data::sampleShape(inputShape);
    if (sample.size() == 3 && sample[0] == 1)
        spec.preprocess.color = ColorOrder::Gray;
    std::error_code failure;
    // Rows of features: a sparse network.
    if (inputShape.size() == 2 && (path.extension() == ".bin" || std::filesystem::is_directory(path, failure))) {
        spec.kind = DataKind::Points;
        return spec;
    }
    if (std::filesystem::is_directory(path, failure)) {
        spec.kind = std::filesystem::is_regular_file(path / "data.mdb", failure) ? DataKind::Lmdb : DataKind::Pictures;
        const std::filesystem::path labels = path / "labels.txt";
        if (std::filesystem::is_regular_file(labels, failure))
            spec.labels = labels;
        // The usual way of classifiers of this size.
        if (sample.size() == 3 && sample[1] == sample[2] && sample[1] >= 200 && sample[1] <= 256)
            spec.preprocess.resizeShort = 256;
        return spec;
    }
    if (readHead(path, 4) == std::string_view("\0\0\10\3", 4)) {
        spec.kind = DataKind::Mnist;
        spec.preprocess.color = ColorOrder::Gray;
    } else if (path.filename() == "data.mdb") {
        spec = guessDataSpec(path.parent_path(), inputShape);
    } else if (path.extension() == ".npy") {
        spec.kind = DataKind::Npy;
    } else if (path.extension() == ".bin") {
        spec.kind = DataKind::Cifar10;
        spec.preprocess.color = ColorOrder::Rgb;
    } else {
        spec.kind = DataKind::List;
    }
    return spec;
}

std::optional<Preprocess> preprocessFromModel(const Model& model)
{
    return caffe::preprocessOf(model);
}

std::vector<std::string> readClassNames(const std::filesystem::path& path)
{
    std::vector<std::string> names;
    const auto text = readFile(path, uint64_t{64} << 20);
    if (!text)
        return names;
    for (const std::string& line : splitText(*text, '\n')) {
        if (line.empty())
            continue;
        // "n01440764 tench": what follows a WordNet id.
        const bool id = line.size() > 10 && line[0] == 'n' && line[9] == ' ' &&
                        std::all_of(line.begin() + 1, line.begin() + 9, [](char c) { return c >= '0' && c <= '9'; });
        names.push_back(id ? line.substr(10) : line);
    }
    return names;
}

}  // namespace qs
