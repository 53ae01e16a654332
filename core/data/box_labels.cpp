#include "core/data/box_labels.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <map>
#include <set>

namespace qs::data {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t largestFile = uint64_t{1} << 30;
constexpr int mostClasses = 1'000'000;

Error wrongAt(const fs::path& file, int line, const std::string& what)
{
    return {ErrorCode::ParseFailed, what, file.string() + ":" + std::to_string(line)};
}

DetectedBox boxOf(int label, double x1, double y1, double x2, double y2)
{
    return {label, 1, static_cast<float>(x1), static_cast<float>(y1), static_cast<float>(x2), static_cast<float>(y2)};
}

/// Files of a folder with this suffix, by name; classes.txt and labels.txt are none.
std::vector<fs::path> filesOf(const fs::path& folder, const char* suffix)
{
    std::vector<fs::path> files;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder, failure))
        if (entry.path().extension() == suffix && entry.path().filename() != "classes.txt" && entry.path().filename() != "labels.txt")
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// Which pictures have a name, or a stem.
std::multimap<std::string, size_t> pictureIndices(const std::vector<std::string>& names, bool stems)
{
    std::multimap<std::string, size_t> indices;
    for (size_t i = 0; i < names.size(); ++i)
        indices.emplace(stems ? fs::path(names[i]).stem().string() : names[i], i);
    return indices;
}

// --- COCO ---------------------------------------------------------------------------------------------------------------------------------------

struct CocoPicture {
    std::string name;
    double width = 0, height = 0;
    std::vector<DetectedBox> boxes = {};
};

Result<std::vector<PictureBoxes>> readCoco(const fs::path& file, const std::vector<std::string>& names)
{
    QS_TRY(const std::string text, readFile(file, largestFile));
    QS_TRY(const Json json, parseJson(text, file.string()));
    std::string place = "the whole";
    std::map<int, CocoPicture> pictures;
    try {
        std::map<int, int> classes;
        place = "'categories'";
        for (const Json& category : json.at("categories"))
            classes.emplace(jsonInteger(category.at("id")), 0);
        int next = 0;
        for (auto& [id, number] : classes)
            number = next++;
        size_t at = 0;
        for (const Json& picture : json.at("images")) {
            place = "images[" + std::to_string(at++) + "]";
            const double width = picture.at("width").get<double>();
            const double height = picture.at("height").get<double>();
            if (!(width > 0 && height > 0))
                return Error{ErrorCode::OutOfRange, place + " is " + numberText(width) + "x" + numberText(height), file.string()};
            pictures[jsonInteger(picture.at("id"))] = {fs::path(picture.at("file_name").get<std::string>()).filename().string(), width, height};
        }
        at = 0;
        for (const Json& annotation : json.at("annotations")) {
            place = "annotations[" + std::to_string(at++) + "]";
            if (annotation.value("iscrowd", 0) != 0)
                continue;
            const auto picture = pictures.find(jsonInteger(annotation.at("image_id")));
            const auto label = classes.find(jsonInteger(annotation.at("category_id")));
            if (picture == pictures.end() || label == classes.end())
                return Error{ErrorCode::OutOfRange, place + (label == classes.end() ? ": no such category" : ": no such image"), file.string()};
            const auto box = annotation.at("bbox").get<std::vector<double>>();
            if (box.size() != 4)
                return Error{ErrorCode::OutOfRange, place + ": a bbox is x, y, width, height", file.string()};
            const auto& [name, width, height, ignored] = picture->second;
            picture->second.boxes.push_back(
                boxOf(label->second, box[0] / width, box[1] / height, (box[0] + box[2]) / width, (box[1] + box[3]) / height));
        }
    } catch (const nlohmann::json::exception& error) {
        return Error{ErrorCode::ParseFailed, place + ": " + error.what(), file.string()};
    }
    std::vector<PictureBoxes> result(names.size());
    const auto indices = pictureIndices(names, false);
    for (const auto& [id, picture] : pictures) {
        const auto [begin, end] = indices.equal_range(picture.name);
        for (auto found = begin; found != end; ++found)
            result[found->second] = {true, picture.boxes};
    }
    return result;
}

// --- VOC ----------------------------------------------------------------------------------------------------------------------------------------

struct Element {
    std::string name;
    std::string text;
    int line = 0;
    std::vector<Element> children = {};

    const Element* child(std::string_view wanted) const
    {
        const auto found = std::find_if(children.begin(), children.end(), [&](const Element& element) { return element.name == wanted; });
        return found == children.end() ? nullptr : &*found;
    }
};

/// As much of XML as VOC's files have: elements and text; attributes, comments and declarations are passed over.
class XmlReader {
public:
    XmlReader(std::string_view text, const fs::path& file) : m_text(text), m_file(file) {}

    Result<Element> document()
    {
        QS_CHECK(passOver());
        if (m_at >= m_text.size())
            return wrong("it has no element");
        return element(0);
    }

private:
    Error wrong(const std::string& what) const { return wrongAt(m_file, m_line, what); }

    void advance(size_t to)
    {
        m_line +=
            static_cast<int>(std::count(m_text.begin() + static_cast<std::ptrdiff_t>(m_at), m_text.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
        m_at = to;
    }

    /// Declarations, comments and blanks.
    Result<void> passOver()
    {
        for (;;) {
            advance(std::min(m_text.find_first_not_of(" \t\r\n\xEF\xBB\xBF", m_at), m_text.size()));
            const std::string_view rest = m_text.substr(m_at);
            const char* const end = rest.starts_with("<!--") ? "-->" : rest.starts_with("<?") ? "?>" : rest.starts_with("<!") ? ">" : nullptr;
            if (!end)
                return {};
            const size_t found = m_text.find(end, m_at);
            if (found == std::string_view::npos)
                return wrong("a comment does not end");
            advance(found + std::string_view(end).size());
        }
    }

    Result<Element> element(int depth)
    {
        constexpr int deepest = 20;
        if (depth > deepest || m_text[m_at] != '<')
            return wrong(depth > deepest ? "elements are nested too deeply" : "an element is expected");
        const size_t close = m_text.find('>', m_at);
        if (close == std::string_view::npos)
            return wrong("a tag does not end");
        const std::string_view tag = m_text.substr(m_at + 1, close - m_at - 1);
        Element result{std::string(tag.substr(0, tag.find_first_of(" \t\r\n/"))), {}, m_line};
        advance(close + 1);
        if (tag.ends_with('/'))
            return result;
        const std::string end = "</" + result.name;
        for (;;) {
            const size_t next = m_text.find('<', m_at);
            if (next == std::string_view::npos)
                return wrongAt(m_file, result.line, "<" + shown(shortened(result.name)) + "> is not closed");
            result.text += trimmed(m_text.substr(m_at, next - m_at));
            advance(next);
            QS_CHECK(passOver());
            if (m_text.substr(m_at).starts_with("</")) {
                const size_t closed = m_text.find('>', m_at);
                if (closed == std::string_view::npos || !m_text.substr(m_at).starts_with(end))
                    return wrong("<" + shown(shortened(result.name)) + "> of line " + std::to_string(result.line) + " is not closed");
                advance(closed + 1);
                return result;
            }
            if (m_at < m_text.size() && m_text[m_at] == '<') {
                QS_TRY(Element child, element(depth + 1));
                result.children.push_back(std::move(child));
            }
        }
    }

    std::string_view m_text;
    const fs::path& m_file;
    size_t m_at = 0;
    int m_line = 1;
};

Result<double> numberIn(const Element& parent, const char* name, const fs::path& file)
{
    const Element* child = parent.child(name);
    if (!child)
        return wrongAt(file, parent.line, "<" + parent.name + "> has no <" + name + ">");
    const auto number = parseDouble(child->text);
    if (!number)
        return wrongAt(file, child->line, "<" + std::string(name) + "> is no number");
    return *number;
}

struct VocObject {
    std::string name;
    DetectedBox box;
};

struct VocPicture {
    fs::path file;
    std::string name;  ///< as the file says; empty: it does not
    std::vector<VocObject> objects;
};

Result<VocPicture> readVocFile(const fs::path& file)
{
    QS_TRY(const std::string text, readFile(file, largestFile));
    QS_TRY(const Element root, XmlReader(text, file).document());
    VocPicture picture{file, {}, {}};
    if (const Element* name = root.child("filename"))
        picture.name = fs::path(name->text).filename().string();
    const Element* size = root.child("size");
    if (!size)
        return wrongAt(file, root.line, "<" + root.name + "> has no <size>");
    QS_TRY(const double width, numberIn(*size, "width", file));
    QS_TRY(const double height, numberIn(*size, "height", file));
    if (!(width > 0 && height > 0))
        return wrongAt(file, size->line, "a picture of " + numberText(width) + "x" + numberText(height));
    for (const Element& object : root.children) {
        const Element* difficult = object.child("difficult");
        if (object.name != "object" || (difficult && difficult->text == "1"))
            continue;
        const Element* name = object.child("name");
        const Element* box = object.child("bndbox");
        if (!name || !box)
            return wrongAt(file, object.line, std::string("<object> has no ") + (name ? "<bndbox>" : "<name>"));
        QS_TRY(const double x1, numberIn(*box, "xmin", file));
        QS_TRY(const double y1, numberIn(*box, "ymin", file));
        QS_TRY(const double x2, numberIn(*box, "xmax", file));
        QS_TRY(const double y2, numberIn(*box, "ymax", file));
        // Pixels from 1 on, both ends within.
        picture.objects.push_back({name->text, boxOf(0, (x1 - 1) / width, (y1 - 1) / height, x2 / width, y2 / height)});
    }
    return picture;
}

/// Names in the order of their numbers.
Result<std::vector<std::string>> vocClasses(const fs::path& folder, const std::vector<VocPicture>& pictures)
{
    std::error_code failure;
    if (const fs::path listed = folder / "classes.txt"; fs::is_regular_file(listed, failure)) {
        QS_TRY(const std::string text, readFile(listed, largestText));
        std::vector<std::string> names;
        for (const std::string& line : splitText(text, '\n'))
            if (!line.empty())
                names.push_back(line);
        return names;
    }
    std::set<std::string> names;
    for (const VocPicture& picture : pictures)
        for (const VocObject& object : picture.objects)
            names.insert(object.name);
    return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<PictureBoxes>> readVoc(const fs::path& folder, const std::vector<fs::path>& files, const std::vector<std::string>& names)
{
    std::vector<VocPicture> pictures;
    for (const fs::path& file : files) {
        QS_TRY(VocPicture picture, readVocFile(file));
        pictures.push_back(std::move(picture));
    }
    QS_TRY(const std::vector<std::string> classes, vocClasses(folder, pictures));
    std::vector<PictureBoxes> result(names.size());
    const auto byName = pictureIndices(names, false);
    const auto byStem = pictureIndices(names, true);
    for (const VocPicture& picture : pictures) {
        std::vector<DetectedBox> boxes;
        for (const VocObject& object : picture.objects) {
            const auto found = std::find(classes.begin(), classes.end(), object.name);
            if (found == classes.end())
                return Error{ErrorCode::OutOfRange, "the class '" + object.name + "' does not stand in classes.txt", picture.file.string()};
            boxes.push_back(object.box);
            boxes.back().label = static_cast<int>(found - classes.begin());
        }
        const bool named = byName.contains(picture.name);
        const auto [begin, end] = named ? byName.equal_range(picture.name) : byStem.equal_range(picture.file.stem().string());
        for (auto index = begin; index != end; ++index)
            result[index->second] = {true, boxes};
    }
    return result;
}

// --- YOLO ---------------------------------------------------------------------------------------------------------------------------------------

Result<std::vector<DetectedBox>> readYoloFile(const fs::path& file)
{
    QS_TRY(const std::string text, readFile(file, largestFile));
    std::vector<DetectedBox> boxes;
    int number = 0;
    for (const std::string& line : splitText(text, '\n')) {
        ++number;
        std::vector<double> values;
        for (const std::string& part : splitText(line, ' ')) {
            if (part.empty())
                continue;
            const auto value = parseDouble(part);
            if (!value)
                return wrongAt(file, number, "'" + shown(shortened(part)) + "' is no number");
            values.push_back(*value);
        }
        if (values.empty())
            continue;
        if (values.size() < 5)
            return wrongAt(file, number, "it is not \"class x y width height\"");
        const bool inside = std::all_of(values.begin() + 1, values.begin() + 5, [](double value) { return value >= -1 && value <= 2; });
        if (!inside || !(values[0] >= 0 && values[0] < mostClasses) || values[0] != static_cast<int>(values[0]))
            return wrongAt(file, number, inside ? "the class is no whole number" : "x, y, width and height are shares of the picture, 0 to 1");
        boxes.push_back(boxOf(static_cast<int>(values[0]), values[1] - values[3] / 2, values[2] - values[4] / 2, values[1] + values[3] / 2,
                              values[2] + values[4] / 2));
    }
    return boxes;
}

Result<std::vector<PictureBoxes>> readYolo(const std::vector<fs::path>& files, const std::vector<std::string>& names)
{
    std::vector<PictureBoxes> result(names.size());
    const auto byStem = pictureIndices(names, true);
    for (const fs::path& file : files) {
        const auto [begin, end] = byStem.equal_range(file.stem().string());
        if (begin == end)
            continue;
        QS_TRY(const std::vector<DetectedBox> boxes, readYoloFile(file));
        for (auto index = begin; index != end; ++index)
            result[index->second] = {true, boxes};
    }
    return result;
}

Result<std::vector<PictureBoxes>> readAny(const fs::path& path, const std::vector<std::string>& names)
{
    std::error_code failure;
    if (!fs::is_directory(path, failure))
        return readCoco(path, names);
    if (const std::vector<fs::path> files = filesOf(path, ".xml"); !files.empty())
        return readVoc(path, files, names);
    return readYolo(filesOf(path, ".txt"), names);
}

}  // namespace

bool areBoxLabels(const fs::path& path)
{
    std::error_code failure;
    return path.extension() == ".json" || fs::is_directory(path, failure);
}

Result<std::vector<PictureBoxes>> readBoxLabels(const fs::path& path, const std::vector<std::string>& names)
{
    QS_TRY(std::vector<PictureBoxes> boxes, readAny(path, names));
    if (std::none_of(boxes.begin(), boxes.end(), [](const PictureBoxes& picture) { return picture.labelled; }))
        return Error{ErrorCode::LabelsMismatch, "they name none of the " + std::to_string(names.size()) + " pictures", path.string()};
    return boxes;
}

}  // namespace qs::data
