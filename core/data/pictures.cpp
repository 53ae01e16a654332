// Folders of pictures and list files.
#include "core/base/byte_order_mark.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/data/box_labels.h"
#include "core/data/picture_header.h"
#include "core/data/sources.h"

#include <algorithm>

namespace qs::data {

namespace fs = std::filesystem;

namespace {

constexpr size_t decodedAtOpening = 2000;  ///< more files than this are only looked at

class PictureSet : public DataSet {
public:
    PictureSet(DataSpec spec, Pipeline pipeline) : m_spec(std::move(spec)), m_pipeline(std::move(pipeline)) {}

    int size() const override { return static_cast<int>(m_files.size()); }
    std::string sampleName(int index) const override { return m_files[at(index)].filename().string(); }
    Result<Buffer> picture(int index) const override { return m_pipeline.picture(m_files[at(index)]); }
    Result<Buffer> sample(int index) const override
    {
        QS_TRY(const Buffer pixels, picture(index));
        auto values = m_pipeline.sample(pixels);
        if (values)
            return values;
        Error error = values.error();
        error.where = m_files[at(index)].string();
        return error;
    }
    Result<std::string> encoded(int index) const override { return readFile(m_files[at(index)], uint64_t{1} << 30); }
    int label(int index) const override { return m_labels.empty() ? -1 : m_labels[at(index)]; }
    const std::vector<DetectedBox>* boxes(int index) const override
    {
        return m_boxes.empty() || !m_boxes[at(index)].labelled ? nullptr : &m_boxes[at(index)].boxes;
    }
    const std::vector<std::string>& skipped() const override { return m_skipped; }
    const DataSpec& spec() const override { return m_spec; }
    std::vector<fs::path> files() const override { return m_files; }

    /// Keeps what is readable, up to the limit.
    void fill(const std::vector<fs::path>& files, const std::vector<int>& labels)
    {
        const bool decode = files.size() <= decodedAtOpening;
        const auto most = static_cast<size_t>(limited(m_spec, files.size()));
        for (size_t i = 0; i < files.size() && m_files.size() < most; ++i) {
            const std::string problem = pictureProblem(files[i], decode);
            if (!problem.empty()) {
                m_skipped.push_back(files[i].filename().string() + ": " + problem);
                continue;
            }
            m_files.push_back(files[i]);
            if (!labels.empty())
                m_labels.push_back(labels[i]);
        }
    }

    /// Those of the pictures that are left, placed where the network sees them; what it does not see is left out.
    Result<void> labelBoxes(const fs::path& labels)
    {
        std::vector<std::string> names;
        for (const fs::path& file : m_files)
            names.push_back(file.filename().string());
        QS_TRY(m_boxes, readBoxLabels(labels, names));
        for (size_t i = 0; i < m_files.size(); ++i) {
            if (m_boxes[i].boxes.empty())
                continue;
            constexpr size_t headBytes = 1 << 20;  // an EXIF thumbnail may stand before the size
            QS_TRY(const PictureHeader header, pictureHeader(readHead(m_files[i], headBytes)));
            std::vector<DetectedBox> seen;
            for (const DetectedBox& box : m_boxes[i].boxes)
                if (const DetectedBox placed = m_pipeline.placed(box, header.width, header.height); placed.x2 > placed.x1 && placed.y2 > placed.y1)
                    seen.push_back(placed);
            m_boxes[i].boxes = std::move(seen);
        }
        return {};
    }

private:
    static size_t at(int index) { return static_cast<size_t>(index); }
    DataSpec m_spec;
    Pipeline m_pipeline;
    std::vector<fs::path> m_files;
    std::vector<int> m_labels;
    std::vector<PictureBoxes> m_boxes;
    std::vector<std::string> m_skipped;
};

bool pictureSuffix(const fs::path& path)
{
    std::string suffix = path.extension().string();
    std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                   [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c); });
    return suffix == ".jpg" || suffix == ".jpeg" || suffix == ".png" || suffix == ".bmp";
}

Result<std::vector<fs::path>> folderFiles(const fs::path& folder)
{
    std::error_code failure;
    fs::directory_iterator entries(folder, failure);
    if (failure)
        return Error{failure == std::errc::no_such_file_or_directory ? ErrorCode::FileNotFound : ErrorCode::FileUnreadable, failure.message(),
                     folder.string()};
    std::vector<fs::path> files;
    for (const auto& entry : entries)
        if (entry.is_regular_file(failure) && pictureSuffix(entry.path()))
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    if (files.empty())
        return Error{ErrorCode::NoData, "the folder has no .jpg, .png or .bmp file", folder.string()};
    return files;
}

struct List {
    std::vector<fs::path> files;
    std::vector<int> labels;  ///< empty unless every line has one
};

/// Lines "file" or "file class"; names may contain blanks, paths are relative to the list.
Result<List> listFiles(const fs::path& path)
{
    QS_TRY(std::string text, readFile(path, uint64_t{1} << 30));
    text = withoutByteOrderMark(std::move(text));
    List list;
    bool all = true;
    for (const std::string& line : splitText(text, '\n')) {
        if (line.empty() || line.starts_with('#'))
            continue;
        const size_t blank = line.find_last_of(" \t");
        const auto number = parseInteger(blank == std::string::npos ? std::string_view() : std::string_view(line).substr(blank + 1));
        const bool labelled = number.has_value() && *number >= INT32_MIN && *number <= INT32_MAX;
        all = all && labelled;
        list.files.push_back(path.parent_path() / (labelled ? std::string(trimmed(std::string_view(line).substr(0, blank))) : line));
        list.labels.push_back(labelled ? static_cast<int>(*number) : -1);
    }
    if (list.files.empty())
        return Error{ErrorCode::NoData, "the list names no file", path.string()};
    if (!all)
        list.labels.clear();
    return list;
}

}  // namespace

Result<std::shared_ptr<DataSet>> openPictures(const DataSpec& spec, const Shape& inputShape)
{
    List list;
    if (spec.kind == DataKind::List) {
        QS_TRY(list, listFiles(spec.path));
    } else {
        QS_TRY(list.files, folderFiles(spec.path));
    }
    const bool boxes = areBoxLabels(spec.labels);
    if (!spec.labels.empty() && !boxes) {
        std::vector<std::string> names;
        for (const fs::path& file : list.files)
            names.push_back(file.filename().string());
        QS_TRY(list.labels, readLabels(spec.labels, names));
    }
    QS_TRY(Pipeline pipeline, Pipeline::make(spec.preprocess, inputShape));
    auto set = std::make_shared<PictureSet>(spec, std::move(pipeline));
    set->fill(list.files, boxes ? std::vector<int>() : list.labels);
    if (set->size() == 0)
        return Error{ErrorCode::NoData, "none of " + std::to_string(set->skipped().size()) + " files can be read; " + set->skipped().front(),
                     spec.path.string()};
    if (boxes)
        QS_CHECK(set->labelBoxes(spec.labels));
    return std::shared_ptr<DataSet>(std::move(set));
}

}  // namespace qs::data
