#include "core/stats/decoders.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace qs {

namespace {

// --- Outputs as rows ----------------------------------------------------------------------------------------------------------------------------

/// One output as rows of columns: (1, rows, columns), or a feature map (1, columns, height, width) with a row a cell.
struct Grid {
    int64_t rows = 0, columns = 0;
    int64_t height = 0, width = 0;  ///< of a feature map
    bool map = false;
    std::span<const float> values = {};  ///< empty where only the shape is known

    double at(int64_t row, int64_t column) const
    {
        return static_cast<double>(values[static_cast<size_t>(map ? column * rows + row : row * columns + column)]);
    }
};

/// No rows: the shape has another form.
Grid gridOf(const Shape& shape)
{
    if (shape.size() == 4 && shape[0] == 1)
        return {shape[2] * shape[3], shape[1], shape[2], shape[3], true};
    if ((shape.size() == 3 && shape[0] == 1) || shape.size() == 2)
        return {shape[shape.size() - 2], shape.back()};
    return {};
}

/// The outputs of one feature map (or of all, where the network has joined them), by role; those that there are not have no rows.
struct Level {
    std::array<Grid, headRoles> roles;
    size_t index = 0;

    const Grid& operator[](HeadRole role) const { return roles[static_cast<size_t>(role)]; }
};

struct Size {
    double width = 0, height = 0;  ///< of the network's input
};

/// Boxes before suppression.
class Candidates {
public:
    explicit Candidates(const DecoderSetting& setting) : m_setting(setting) {}

    /// Centre and size in shares of the picture.
    void add(int label, double score, double x, double y, double width, double height, const std::vector<double>& landmarks = {})
    {
        addCorners(label, score, x - width / 2, y - height / 2, x + width / 2, y + height / 2, landmarks);
    }
    void addCorners(int label, double score, double x1, double y1, double x2, double y2, const std::vector<double>& landmarks = {})
    {
        const double numbers[] = {score, x1, y1, x2, y2};
        if (!std::all_of(std::begin(numbers), std::end(numbers), [](double number) { return std::fabs(number) < 1e6; }))
            return;
        m_boxes.push_back({label,
                           static_cast<float>(score),
                           static_cast<float>(x1),
                           static_cast<float>(y1),
                           static_cast<float>(x2),
                           static_cast<float>(y2),
                           {landmarks.begin(), landmarks.end()}});
    }
    std::vector<DetectedBox> suppressed() { return qs::suppressed(std::move(m_boxes), m_setting.overlap, m_setting.most); }

private:
    const DecoderSetting& m_setting;
    std::vector<DetectedBox> m_boxes;
};

double sigmoid(double value)
{
    return 1 / (1 + std::exp(-value));
}

/// Of `count` columns of a row from `first` on, after the activation.
std::vector<double> activated(const Grid& grid, int64_t row, int64_t first, int64_t count, Activation activation)
{
    std::vector<double> values;
    for (int64_t column = first; column < first + count; ++column)
        values.push_back(grid.at(row, column));
    if (activation == Activation::Sigmoid)
        std::transform(values.begin(), values.end(), values.begin(), sigmoid);
    if (activation == Activation::Softmax && !values.empty()) {
        const double largest = *std::max_element(values.begin(), values.end());
        double sum = 0;
        for (double& value : values)
            sum += value = std::exp(value - largest);
        for (double& value : values)
            value /= sum;
    }
    return values;
}

/// Uses `with(label, score)` for each class that is one and sure enough.
template <class With>
void eachClass(const DecoderSetting& setting, const std::vector<double>& scores, const With& with)
{
    for (size_t label = setting.background ? 1 : 0; label < scores.size(); ++label)
        if (scores[label] >= setting.score)
            with(static_cast<int>(label), scores[label]);
}

/// A joined head's cells: as many as a map of this step has.
std::pair<int64_t, int64_t> cells(const Size& input, double step)
{
    return {static_cast<int64_t>(std::ceil(input.height / step)), static_cast<int64_t>(std::ceil(input.width / step))};
}

/// Height and width of a level's feature map: its own, or what its step (the setting's, else the one that fits its rows) says.
struct Cells {
    int64_t height = 0, width = 0;
    double step = 0;
};
Cells cellsOf(const DecoderSetting& setting, const Grid& grid, size_t level, const Size& input)
{
    if (grid.map)
        return {grid.height, grid.width, level < setting.steps.size() ? setting.steps[level] : input.width / static_cast<double>(grid.width)};
    const double step =
        level < setting.steps.size() ? setting.steps[level] : std::round(std::sqrt(input.width * input.height / static_cast<double>(grid.rows)));
    const auto [height, width] = step > 0 ? cells(input, step) : std::pair<int64_t, int64_t>{0, 0};
    return {height, width, step};
}

std::optional<std::string> rowsOfCells(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input)
{
    for (const Level& level : levels) {
        const Grid& grid = level[HeadRole::Boxes];
        const Cells found = cellsOf(setting, grid, level.index, input);
        if (found.height * found.width != grid.rows)
            return "it has " + std::to_string(grid.rows) + " rows, cells of " + numberText(found.step) + " pixels are " +
                   std::to_string(found.height * found.width) + " (steps=...)";
    }
    return std::nullopt;
}

// --- The decoders -------------------------------------------------------------------------------------------------------------------------------
// Each has a function that says why levels do not fit it, and one that adds the boxes of all levels.

using Fits = std::function<std::optional<std::string>(const DecoderSetting&, const std::vector<Level>&, const Size&)>;
using Decode = std::function<void(const DecoderSetting&, const std::vector<Level>&, const Size&, Candidates&)>;

// ssd: regression of priors, centre by variance 0, logarithm of the size by variance 1.

/// Centre and size in shares of the picture, in the order in which SSD heads are joined: map, row, column, size.
std::vector<std::array<double, 4>> priors(const DecoderSetting& setting, const Size& input)
{
    std::vector<std::array<double, 4>> all;
    for (size_t map = 0; map < setting.steps.size(); ++map) {
        const double step = setting.steps[map];
        const auto [height, width] = cells(input, step);
        for (int64_t row = 0; row < height; ++row)
            for (int64_t column = 0; column < width; ++column)
                for (const BoxSize& size : setting.sizes[map]) {
                    std::array<double, 4> prior{(static_cast<double>(column) + setting.centre) * step / input.width,
                                                (static_cast<double>(row) + setting.centre) * step / input.height, size.width / input.width,
                                                size.height / input.height};
                    if (setting.clip)
                        for (double& number : prior)
                            number = std::clamp(number, 0.0, 1.0);
                    all.push_back(prior);
                }
    }
    return all;
}

int64_t priorCount(const DecoderSetting& setting, const Size& input)
{
    int64_t count = 0;
    for (size_t map = 0; map < std::min(setting.steps.size(), setting.sizes.size()); ++map) {
        const auto [height, width] = cells(input, setting.steps[map]);
        count += height * width * static_cast<int64_t>(setting.sizes[map].size());
    }
    return count;
}

std::optional<std::string> fourColumns(const std::vector<Level>& levels)
{
    for (const Level& level : levels)
        if (level[HeadRole::Boxes].columns != 4)
            return "boxes have 4 values, it has " + std::to_string(level[HeadRole::Boxes].columns);
    return std::nullopt;
}

std::optional<std::string> fitsSsd(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input)
{
    if (setting.sizes.empty() || setting.sizes.size() != setting.steps.size())
        return "it takes sizes= and steps=, as many of one as of the other";
    int64_t rows = 0;
    for (const Level& level : levels)
        rows += level[HeadRole::Boxes].rows;
    if (priorCount(setting, input) != rows)
        return "sizes= and steps= are " + std::to_string(priorCount(setting, input)) + " priors, it has " + std::to_string(rows) + " rows";
    return fourColumns(levels);
}

void decodeSsd(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input, Candidates& candidates)
{
    const auto all = priors(setting, input);
    const double centre = setting.variances[0];
    const double size = setting.variances[1];
    size_t at = 0;
    for (const Level& level : levels)
        for (int64_t row = 0; row < level[HeadRole::Boxes].rows; ++row) {
            const auto& [x, y, width, height] = all[at++];
            const Grid& boxes = level[HeadRole::Boxes];
            const Grid& marks = level[HeadRole::Landmarks];
            const std::vector<double> scores = activated(level[HeadRole::Scores], row, 0, level[HeadRole::Scores].columns, setting.activation);
            eachClass(setting, scores, [&, px = x, py = y, pw = width, ph = height](int label, double score) {
                std::vector<double> landmarks;
                for (int64_t i = 0; i + 1 < marks.columns; i += 2) {
                    landmarks.push_back(px + marks.at(row, i) * centre * pw);
                    landmarks.push_back(py + marks.at(row, i + 1) * centre * ph);
                }
                candidates.add(label, score, px + boxes.at(row, 0) * centre * pw, py + boxes.at(row, 1) * centre * ph,
                               pw * std::exp(boxes.at(row, 2) * size), ph * std::exp(boxes.at(row, 3) * size), landmarks);
            });
        }
}

// corners: the network has decoded them.

std::optional<std::string> fitsCorners(const DecoderSetting& /*setting*/, const std::vector<Level>& levels, const Size& /*input*/)
{
    return fourColumns(levels);
}

void decodeCorners(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input, Candidates& candidates)
{
    const double width = setting.pixels ? input.width : 1;
    const double height = setting.pixels ? input.height : 1;
    for (const Level& level : levels)
        for (int64_t row = 0; row < level[HeadRole::Boxes].rows; ++row) {
            const Grid& boxes = level[HeadRole::Boxes];
            const Grid& marks = level[HeadRole::Landmarks];
            const std::vector<double> scores = activated(level[HeadRole::Scores], row, 0, level[HeadRole::Scores].columns, setting.activation);
            eachClass(setting, scores, [&](int label, double score) {
                std::vector<double> landmarks;
                for (int64_t i = 0; i < marks.columns; ++i)
                    landmarks.push_back(marks.at(row, i) / (i % 2 ? height : width));
                candidates.addCorners(label, score, boxes.at(row, 0) / width, boxes.at(row, 1) / height, boxes.at(row, 2) / width,
                                      boxes.at(row, 3) / height, landmarks);
            });
        }
}

// rows: centre, size, (objectness,) classes in one output, decoded by the network: rows x (5 + classes), or (4 + classes) x rows.

/// Whether the columns lie along the first axis: there are far more boxes than numbers of one.
bool lying(const Grid& grid)
{
    return !grid.map && grid.columns > grid.rows;
}

std::optional<std::string> fitsRows(const DecoderSetting& /*setting*/, const std::vector<Level>& levels, const Size& /*input*/)
{
    for (const Level& level : levels) {
        const Grid& grid = level[HeadRole::Boxes];
        if (grid.map || std::min(grid.rows, grid.columns) < 5)
            return "rows of a box have 5 values or more";
    }
    return std::nullopt;
}

void decodeRows(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input, Candidates& candidates)
{
    const double width = setting.pixels ? input.width : 1;
    const double height = setting.pixels ? input.height : 1;
    for (const Level& level : levels) {
        Grid grid = level[HeadRole::Boxes];
        const bool objectness = !lying(grid);
        if (!objectness) {
            // Read as a map: a row a cell.
            std::swap(grid.rows, grid.columns);
            grid.map = true;
        }
        const int64_t first = objectness ? 5 : 4;
        for (int64_t row = 0; row < grid.rows; ++row) {
            std::vector<double> scores = activated(grid, row, first, grid.columns - first, setting.activation);
            if (objectness) {
                const double sure =
                    activated(grid, row, 4, 1, setting.activation == Activation::None ? Activation::None : Activation::Sigmoid).front();
                if (scores.empty())
                    scores.push_back(1);
                for (double& score : scores)
                    score *= sure;
            }
            eachClass(setting, scores, [&](int label, double score) {
                candidates.add(label, score, grid.at(row, 0) / width, grid.at(row, 1) / height, grid.at(row, 2) / width, grid.at(row, 3) / height);
            });
        }
    }
}

// yolo: maps of anchors x (4 + objectness + classes), darknet's v2 and v3.

std::optional<std::string> fitsYolo(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& /*input*/)
{
    if (setting.sizes.size() != levels.size())
        return "it takes the anchors of " + std::to_string(levels.size()) + " maps (sizes=...), " + std::to_string(setting.sizes.size()) +
               " are given; the finest comes first";
    for (const Level& level : levels) {
        const Grid& grid = level[HeadRole::Boxes];
        const auto anchors = static_cast<int64_t>(setting.sizes[level.index].size());
        if (!grid.map || anchors == 0 || grid.columns % anchors != 0 || grid.columns / anchors < 6)
            return "a map of " + std::to_string(anchors) + " anchors has that many times 5 channels and one a class, it has " +
                   std::to_string(grid.columns);
    }
    return std::nullopt;
}

void decodeYolo(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input, Candidates& candidates)
{
    for (const Level& level : levels) {
        const Grid& grid = level[HeadRole::Boxes];
        const auto& anchors = setting.sizes[level.index];
        const int64_t each = grid.columns / static_cast<int64_t>(anchors.size());
        for (int64_t row = 0; row < grid.rows; ++row)
            for (size_t anchor = 0; anchor < anchors.size(); ++anchor) {
                const int64_t first = static_cast<int64_t>(anchor) * each;
                const double sure = sigmoid(grid.at(row, first + 4));
                std::vector<double> scores = activated(grid, row, first + 5, each - 5, setting.activation);
                for (double& score : scores)
                    score *= sure;
                eachClass(setting, scores, [&](int label, double score) {
                    candidates.add(label, score,
                                   (static_cast<double>(row % grid.width) + sigmoid(grid.at(row, first))) / static_cast<double>(grid.width),
                                   (static_cast<double>(row / grid.width) + sigmoid(grid.at(row, first + 1))) / static_cast<double>(grid.height),
                                   anchors[anchor].width * std::exp(grid.at(row, first + 2)) / input.width,
                                   anchors[anchor].height * std::exp(grid.at(row, first + 3)) / input.height);
                });
            }
    }
}

// Anchor-free heads: a point a cell.

std::optional<std::string> fitsPoints(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input)
{
    if (const auto wrong = fourColumns(levels))
        return wrong;
    return rowsOfCells(setting, levels, input);
}

/// Scores of a point: with an objectness (or centerness) the root of both's product.
std::vector<double> pointScores(const DecoderSetting& setting, const Level& level, int64_t row)
{
    std::vector<double> scores = activated(level[HeadRole::Scores], row, 0, level[HeadRole::Scores].columns, setting.activation);
    if (const Grid& sure = level[HeadRole::Objectness]; sure.rows > 0) {
        const Activation activation = setting.activation == Activation::None ? Activation::None : Activation::Sigmoid;
        const double factor = activated(sure, row, 0, 1, activation).front();
        for (double& score : scores)
            score = std::sqrt(std::clamp(score, 0.0, 1.0) * std::clamp(factor, 0.0, 1.0));
    }
    return scores;
}

/// Uses with(row, x, y, step) for every cell of every level: its point in pixels.
template <class With>
void eachPoint(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input, double centre, const With& with)
{
    for (const Level& level : levels) {
        const Cells found = cellsOf(setting, level[HeadRole::Boxes], level.index, input);
        for (int64_t row = 0; row < level[HeadRole::Boxes].rows; ++row)
            with(level, row, (static_cast<double>(row % found.width) + centre) * found.step,
                 (static_cast<double>(row / found.width) + centre) * found.step, found.step);
    }
}

/// From a point (x, y), in pixels, by steps.
std::vector<double> pointLandmarks(const Level& level, int64_t row, double x, double y, double step, const Size& input)
{
    std::vector<double> landmarks;
    const Grid& marks = level[HeadRole::Landmarks];
    for (int64_t i = 0; i + 1 < marks.columns; i += 2) {
        landmarks.push_back((x + marks.at(row, i) * step) / input.width);
        landmarks.push_back((y + marks.at(row, i + 1) * step) / input.height);
    }
    return landmarks;
}

// points: offset of the centre from the cell's corner and logarithm of the size, in steps (YuNet, YOLOX).
void decodePoints(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input, Candidates& candidates)
{
    eachPoint(setting, levels, input, setting.centre, [&](const Level& level, int64_t row, double x, double y, double step) {
        const Grid& boxes = level[HeadRole::Boxes];
        eachClass(setting, pointScores(setting, level, row), [&](int label, double score) {
            candidates.add(label, score, (x + boxes.at(row, 0) * step) / input.width, (y + boxes.at(row, 1) * step) / input.height,
                           std::exp(boxes.at(row, 2)) * step / input.width, std::exp(boxes.at(row, 3)) * step / input.height,
                           pointLandmarks(level, row, x, y, step, input));
        });
    });
}

// distances: from the cell's point to the four sides, in steps or in pixels (FCOS, SCRFD).
void decodeDistances(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& input, Candidates& candidates)
{
    eachPoint(setting, levels, input, setting.centre, [&](const Level& level, int64_t row, double x, double y, double step) {
        const Grid& boxes = level[HeadRole::Boxes];
        const double unit = setting.pixels ? 1 : step;
        eachClass(setting, pointScores(setting, level, row), [&](int label, double score) {
            candidates.addCorners(label, score, (x - boxes.at(row, 0) * unit) / input.width, (y - boxes.at(row, 1) * unit) / input.height,
                                  (x + boxes.at(row, 2) * unit) / input.width, (y + boxes.at(row, 3) * unit) / input.height,
                                  pointLandmarks(level, row, x, y, step, input));
        });
    });
}

// centres: a peak of a class's heat map is an object's centre; its size and its offset in the cell beside it, in cells (CenterNet).

std::optional<std::string> fitsCentres(const DecoderSetting& /*setting*/, const std::vector<Level>& levels, const Size& /*input*/)
{
    for (const Level& level : levels) {
        if (!level[HeadRole::Scores].map)
            return "a heat map has height and width";
        if (level[HeadRole::Boxes].columns != 2)
            return "sizes have 2 values, it has " + std::to_string(level[HeadRole::Boxes].columns);
    }
    return std::nullopt;
}

bool isPeak(const Grid& heat, int64_t row, int64_t label)
{
    const int64_t x = row % heat.width;
    const int64_t y = row / heat.width;
    for (int64_t v = std::max<int64_t>(y - 1, 0); v <= std::min(y + 1, heat.height - 1); ++v)
        for (int64_t u = std::max<int64_t>(x - 1, 0); u <= std::min(x + 1, heat.width - 1); ++u)
            if (heat.at(v * heat.width + u, label) > heat.at(row, label))
                return false;
    return true;
}

void decodeCentres(const DecoderSetting& setting, const std::vector<Level>& levels, const Size& /*input*/, Candidates& candidates)
{
    for (const Level& level : levels) {
        const Grid& heat = level[HeadRole::Scores];
        const Grid& sizes = level[HeadRole::Boxes];
        const Grid& offsets = level[HeadRole::Offsets];
        const Grid& marks = level[HeadRole::Landmarks];
        const auto width = static_cast<double>(heat.width);
        const auto height = static_cast<double>(heat.height);
        for (int64_t row = 0; row < heat.rows; ++row)
            eachClass(setting, activated(heat, row, 0, heat.columns, setting.activation), [&](int label, double score) {
                if (!isPeak(heat, row, label))
                    return;
                const bool offset = offsets.columns == 2;
                const double x = static_cast<double>(row % heat.width) + (offset ? offsets.at(row, 0) : setting.centre);
                const double y = static_cast<double>(row / heat.width) + (offset ? offsets.at(row, 1) : setting.centre);
                std::vector<double> landmarks;
                for (int64_t i = 0; i + 1 < marks.columns; i += 2) {
                    landmarks.push_back((x + marks.at(row, i)) / width);
                    landmarks.push_back((y + marks.at(row, i + 1)) / height);
                }
                candidates.add(label, score, x / width, y / height, sizes.at(row, 0) / width, sizes.at(row, 1) / height, landmarks);
            });
    }
}

// --- The table ----------------------------------------------------------------------------------------------------------------------------------

struct DecoderRow {
    DecoderInfo info;
    std::vector<HeadRole> needs;
    std::vector<HeadRole> takes;  ///< where there are such outputs
    Fits fits;
    Decode decode;
};

const std::vector<DecoderRow>& rows()
{
    using enum HeadRole;
    static const std::vector<DecoderRow> all{
        {{"ssd", "priors of given sizes and steps (SSD, ultraface, RetinaFace)", "background=1"}, {Boxes, Scores}, {Landmarks}, fitsSsd, decodeSsd},
        {{"corners", "corners that the network has decoded, beside the classes' scores", "background=1"},
         {Boxes, Scores},
         {Landmarks},
         fitsCorners,
         decodeCorners},
        {{"rows", "rows of centre, size, objectness and classes that the network has decoded (YOLOv5, YOLOv8)", "pixels=1 overlap=0.45"},
         {Boxes},
         {},
         fitsRows,
         decodeRows},
        {{"yolo", "feature maps of anchors of given sizes (YOLO v2, v3)", "activation=sigmoid overlap=0.45"}, {Boxes}, {}, fitsYolo, decodeYolo},
        {{"points", "one box a cell: offset of its centre, logarithm of its size (YuNet, YOLOX)", "centre=0"},
         {Boxes, Scores},
         {Objectness, Landmarks},
         fitsPoints,
         decodePoints},
        {{"distances", "one box a cell: distances to its sides (FCOS, SCRFD)", "activation=sigmoid"},
         {Boxes, Scores},
         {Objectness, Landmarks},
         fitsPoints,
         decodeDistances},
        {{"centres", "peaks of a heat map, with sizes and offsets (CenterNet)", "centre=0"},
         {Boxes, Scores},
         {Offsets, Landmarks},
         fitsCentres,
         decodeCentres},
    };
    return all;
}

const DecoderRow* rowOf(const std::string& name)
{
    const auto found = std::find_if(rows().begin(), rows().end(), [&](const DecoderRow& row) { return row.info.name == name; });
    return found == rows().end() ? nullptr : &*found;
}

// --- Options as text ----------------------------------------------------------------------------------------------------------------------------

constexpr const char* activationNames[] = {"none", "sigmoid", "softmax"};
constexpr const char* roleNames[headRoles] = {"boxes", "scores", "objectness", "landmarks", "offsets"};

Error wrong(ErrorCode code, const std::string& word, const std::string& what)
{
    return {code, "'" + word + "': " + what, "decoder"};
}

std::optional<BoxSize> sizeFrom(const std::string& text)
{
    const size_t cross = text.find('x');
    const auto width = parseDouble(std::string_view(text).substr(0, cross));
    const auto height = cross == std::string::npos ? width : parseDouble(std::string_view(text).substr(cross + 1));
    if (!width || !height || !(*width > 0 && *width < 1e6 && *height > 0 && *height < 1e6))
        return std::nullopt;
    return BoxSize{*width, *height};
}

struct Option {
    const char* name;
    const char* form;                                        ///< what it takes
    bool (*read)(const std::string& text, DecoderSetting&);  ///< false: it is not of that form
    std::string (*write)(const DecoderSetting&);
};

template <double DecoderSetting::*member>
bool readShare(const std::string& text, DecoderSetting& setting)
{
    const auto number = parseDouble(text);
    if (!number || !(*number >= 0 && *number <= 1))
        return false;
    setting.*member = *number;
    return true;
}

template <bool DecoderSetting::*member>
bool readBit(const std::string& text, DecoderSetting& setting)
{
    setting.*member = text == "1";
    return text == "0" || text == "1";
}

bool readNumbers(const std::string& text, std::vector<double>& into, double least)
{
    into.clear();
    for (const std::string& part : splitText(text, ',')) {
        const auto number = parseDouble(part);
        if (!number || !(*number >= least && *number < 1e6))
            return false;
        into.push_back(*number);
    }
    return !into.empty();
}

std::string writeNumbers(const std::vector<double>& numbers)
{
    std::string text;
    for (const double number : numbers)
        text += (text.empty() ? "" : ",") + numberText(number);
    return text;
}

bool readSizes(const std::string& text, DecoderSetting& setting)
{
    setting.sizes.clear();
    for (const std::string& map : splitText(text, '/')) {
        setting.sizes.emplace_back();
        for (const std::string& part : splitText(map, ',')) {
            const auto size = sizeFrom(part);
            if (!size)
                return false;
            setting.sizes.back().push_back(*size);
        }
    }
    return !setting.sizes.empty();
}

std::string writeSizes(const DecoderSetting& setting)
{
    std::string text;
    for (const auto& map : setting.sizes) {
        std::string list;
        for (const BoxSize& size : map)
            list += (list.empty() ? "" : ",") + numberText(size.width) + (size.width == size.height ? "" : "x" + numberText(size.height));
        text += (text.empty() ? "" : "/") + list;
    }
    return text;
}

constexpr Option options[] = {
    {"sizes", "sizes in pixels, W or WxH, with commas, a slash between feature maps", readSizes, writeSizes},
    {"steps", "pixels from cell to cell, one number a feature map, with commas",
     [](const std::string& text, DecoderSetting& setting) { return readNumbers(text, setting.steps, 1); },
     [](const DecoderSetting& setting) { return writeNumbers(setting.steps); }},
    {"variances", "two numbers, of centre and size",
     [](const std::string& text, DecoderSetting& setting) { return readNumbers(text, setting.variances, 1e-6) && setting.variances.size() == 2; },
     [](const DecoderSetting& setting) { return writeNumbers(setting.variances); }},
    {"activation", "none, sigmoid or softmax",
     [](const std::string& text, DecoderSetting& setting) {
         const auto found = std::find(std::begin(activationNames), std::end(activationNames), text);
         setting.activation = static_cast<Activation>((found - std::begin(activationNames)) % 3);
         return found != std::end(activationNames);
     },
     [](const DecoderSetting& setting) { return std::string(activationNames[static_cast<size_t>(setting.activation)]); }},
    {"background", "0 or 1", readBit<&DecoderSetting::background>,
     [](const DecoderSetting& setting) { return std::string(setting.background ? "1" : "0"); }},
    {"clip", "0 or 1", readBit<&DecoderSetting::clip>, [](const DecoderSetting& setting) { return std::string(setting.clip ? "1" : "0"); }},
    {"pixels", "0 or 1", readBit<&DecoderSetting::pixels>, [](const DecoderSetting& setting) { return std::string(setting.pixels ? "1" : "0"); }},
    {"centre", "0 to 1", readShare<&DecoderSetting::centre>, [](const DecoderSetting& setting) { return numberText(setting.centre); }},
    {"score", "0 to 1", readShare<&DecoderSetting::score>, [](const DecoderSetting& setting) { return numberText(setting.score); }},
    {"overlap", "0 to 1", readShare<&DecoderSetting::overlap>, [](const DecoderSetting& setting) { return numberText(setting.overlap); }},
    {"most", "1 to 10000",
     [](const std::string& text, DecoderSetting& setting) {
         const auto number = parseInteger(text);
         setting.most = number && *number >= 1 && *number <= 10000 ? static_cast<int>(*number) : 0;
         return setting.most > 0;
     },
     [](const DecoderSetting& setting) { return std::to_string(setting.most); }},
};

Result<void> readOption(const std::string& word, DecoderSetting& setting)
{
    const size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    for (const Option& option : options)
        if (key == option.name)
            return option.read(value, setting) ? Result<void>() : wrong(ErrorCode::OutOfRange, word, "it takes " + std::string(option.form));
    for (size_t role = 0; role < headRoles; ++role)
        if (key == roleNames[role]) {
            setting.outputs[role] = splitText(value, ',');
            return {};
        }
    std::string known;
    for (const Option& option : options)
        known += std::string(option.name) + ", ";
    for (size_t role = 0; role < headRoles; ++role)
        known += std::string(roleNames[role]) + (role + 1 < headRoles ? ", " : "");
    return wrong(ErrorCode::UnknownKey, word, "the options are " + known);
}

// --- Which output is what -----------------------------------------------------------------------------------------------------------------------

/// Parts of names that outputs of a role have.
constexpr std::array<std::array<const char*, 6>, headRoles> nameParts{{{"box", "loc", "reg", "wh", "dist", "size"},
                                                                       {"score", "cls", "conf", "prob", "heat", "hm"},
                                                                       {"obj", "centerness", "ctr", "centreness", "iou", "quality"},
                                                                       {"kps", "landm", "lmk", "point", "ldm", "kpt"},
                                                                       {"off", "off", "off", "off", "off", "off"}}};

bool namedAs(const std::string& name, HeadRole role)
{
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto& parts = nameParts[static_cast<size_t>(role)];
    return std::any_of(parts.begin(), parts.end(), [&](const char* part) { return lower.find(part) != std::string::npos; });
}

using Roles = std::array<std::vector<size_t>, headRoles>;

/// Every output belongs to the role that it is named after, the rarer words first; what has no such name to boxes where it has four columns, to
/// scores else.
Roles rolesByName(std::span<const HeadShape> outputs, const DecoderRow& row)
{
    using enum HeadRole;
    Roles roles;
    const auto wanted = [&](HeadRole role) {
        return std::find(row.needs.begin(), row.needs.end(), role) != row.needs.end() ||
               std::find(row.takes.begin(), row.takes.end(), role) != row.takes.end();
    };
    for (size_t i = 0; i < outputs.size(); ++i) {
        const Grid grid = gridOf(outputs[i].shape);
        if (grid.rows == 0)
            continue;
        HeadRole role = row.needs.size() == 1 ? Boxes : grid.columns == 4 ? Boxes : Scores;
        for (const HeadRole named : {Landmarks, Objectness, Offsets, Boxes, Scores})
            if (row.needs.size() > 1 && namedAs(outputs[i].name, named)) {
                role = named;
                break;
            }
        if (wanted(role))
            roles[static_cast<size_t>(role)].push_back(i);
    }
    return roles;
}

Size sizeOf(const Shape& input)
{
    return input.size() == 4 ? Size{static_cast<double>(input[3]), static_cast<double>(input[2])} : Size{};
}

/// By falling count of rows; the levels of all roles lie beside each other.
std::vector<Level> levelsOf(const Roles& roles, std::span<const Shape> shapes, std::span<const Buffer> values)
{
    std::vector<Level> levels(roles[static_cast<size_t>(HeadRole::Boxes)].size());
    for (size_t i = 0; i < levels.size(); ++i) {
        levels[i].index = i;
        for (size_t role = 0; role < headRoles; ++role)
            if (i < roles[role].size()) {
                levels[i].roles[role] = gridOf(shapes[roles[role][i]]);
                if (!values.empty())
                    levels[i].roles[role].values = values[roles[role][i]].floats();
            }
    }
    return levels;
}

// --- Proposals ----------------------------------------------------------------------------------------------------------------------------------

/// Priors and anchors that published networks have, in the order in which they are tried.
constexpr const char* knownSettings[] = {
    "ssd sizes=10,16,24/32,48/64,96/128,192,256 steps=8,16,32,64",             // ultraface, libface before YuNet
    "ssd sizes=16,32/64,128/256,512 steps=8,16,32 clip=0",                     // RetinaFace
    "yolo sizes=10x13,16x30,33x23/30x61,62x45,59x119/116x90,156x198,373x326",  // YOLO v3 on COCO
    "yolo sizes=10x14,23x27,37x58/81x82,135x169,344x319",                      // its tiny form
    "yolo sizes=9x14,12x17,22x21",                                             // yoloface-50k
};

bool anyDecoded(std::span<const HeadShape> outputs)
{
    return std::any_of(outputs.begin(), outputs.end(), [](const HeadShape& output) { return output.exponential; });
}

/// Detectors' maps are an eighth of the picture or less.
bool coarse(std::span<const HeadShape> outputs, const Shape& input)
{
    return std::all_of(outputs.begin(), outputs.end(),
                       [&](const HeadShape& output) { return output.shape.size() == 4 && output.shape[2] * 8 <= input[2] && output.shape[2] > 1; });
}

/// Pairs of boxes and scores with as many rows each.
bool pairsOfRows(std::span<const HeadShape> outputs)
{
    size_t boxes = 0;
    for (const HeadShape& output : outputs) {
        const Grid grid = gridOf(output.shape);
        if (output.shape.size() != 3 || grid.rows < 8)
            return false;
        boxes += grid.columns == 4;
    }
    return boxes > 0;
}

}  // namespace

std::vector<DecoderInfo> decoderTable()
{
    std::vector<DecoderInfo> table;
    for (const DecoderRow& row : rows())
        table.push_back(row.info);
    return table;
}

Result<DecoderSetting> decoderFromText(const std::string& text)
{
    DecoderSetting setting;
    bool first = true;
    for (const std::string& word : splitText(text, ' ')) {
        if (word.empty())
            continue;
        if (!std::exchange(first, false)) {
            QS_CHECK(readOption(word, setting));
            continue;
        }
        setting.name = word;
        const DecoderRow* row = rowOf(word);
        if (!row) {
            std::string known;
            for (const DecoderInfo& info : decoderTable())
                known += (known.empty() ? "" : ", ") + std::string(info.name);
            return wrong(ErrorCode::UnknownKey, word, "the decoders are " + known);
        }
        for (const std::string& option : splitText(row->info.defaults, ' '))
            QS_CHECK(readOption(option, setting));
    }
    if (setting.name.empty())
        return Error{ErrorCode::MissingValue, "it has no name", "decoder"};
    return setting;
}

std::string decoderText(const DecoderSetting& setting)
{
    std::string text = setting.name;
    const auto defaults = decoderFromText(setting.name);
    if (!defaults)
        return text;
    for (const Option& option : options)
        if (option.write(setting) != option.write(*defaults))
            text += " " + std::string(option.name) + "=" + option.write(setting);
    for (size_t role = 0; role < headRoles; ++role) {
        std::string names;
        for (const std::string& name : setting.outputs[role])
            names += (names.empty() ? "" : ",") + name;
        if (!names.empty())
            text += " " + std::string(roleNames[role]) + "=" + names;
    }
    return text;
}

std::optional<DecoderSetting> proposedDecoder(std::span<const HeadShape> outputs, const Shape& input)
{
    if (outputs.empty() || input.size() != 4)
        return std::nullopt;
    const auto fitting = [&](const std::string& text) -> std::optional<DecoderSetting> {
        const auto setting = decoderFromText(text);
        return setting && BoxDecoder::make(*setting, outputs, input) ? std::optional(*setting) : std::nullopt;
    };
    const bool rows = pairsOfRows(outputs);
    if (rows && outputs.size() == 2 && anyDecoded(outputs))
        return fitting("corners");
    if (rows || coarse(outputs, input))
        for (const char* known : knownSettings)
            if (rows == std::string_view(known).starts_with("ssd"))
                if (const auto setting = fitting(known))
                    return setting;
    const auto named = [&](HeadRole role) {
        return std::any_of(outputs.begin(), outputs.end(), [role](const HeadShape& output) { return namedAs(output.name, role); });
    };
    if (rows && outputs.size() > 2 && named(HeadRole::Objectness))
        return fitting("points");
    if (outputs.size() > 1 && named(HeadRole::Scores) && named(HeadRole::Boxes))
        for (const char* anchorFree : {"centres", "distances"})
            if (const auto setting = fitting(anchorFree))
                return setting;
    return std::nullopt;
}

Result<BoxDecoder> BoxDecoder::make(const DecoderSetting& setting, std::span<const HeadShape> outputs, const Shape& input)
{
    const DecoderRow* row = rowOf(setting.name);
    const Error unfit{ErrorCode::ShapeMismatch, {}, "decoder " + setting.name};
    const auto error = [&](const std::string& what) { return Error{unfit.code, what, unfit.where}; };
    if (!row)
        return wrong(ErrorCode::UnknownKey, setting.name, "there is no such decoder");
    if (input.size() != 4)
        return error("the network's input is no picture");
    BoxDecoder decoder;
    decoder.m_setting = setting;
    decoder.m_input = input;
    for (const HeadShape& output : outputs)
        decoder.m_shapes.push_back(output.shape);
    decoder.m_outputs = rolesByName(outputs, *row);
    for (size_t role = 0; role < headRoles; ++role) {
        if (setting.outputs[role].empty())
            continue;
        decoder.m_outputs[role].clear();
        for (const std::string& name : setting.outputs[role]) {
            const auto found = std::find_if(outputs.begin(), outputs.end(), [&](const HeadShape& output) { return output.name == name; });
            if (found == outputs.end())
                return Error{ErrorCode::UnknownKey, "the network has no output '" + name + "' (" + roleNames[role] + "=)", unfit.where};
            decoder.m_outputs[role].push_back(static_cast<size_t>(found - outputs.begin()));
        }
    }
    // What is named to be one thing is nothing else.
    for (size_t named = 0; named < headRoles; ++named)
        for (size_t role = 0; role < headRoles && !setting.outputs[named].empty(); ++role)
            if (setting.outputs[role].empty())
                std::erase_if(decoder.m_outputs[role], [&](size_t output) {
                    const auto& list = decoder.m_outputs[named];
                    return std::find(list.begin(), list.end(), output) != list.end();
                });
    const auto cellCount = [&](size_t output) { return gridOf(decoder.m_shapes[output]).rows; };
    for (auto& list : decoder.m_outputs)
        std::stable_sort(list.begin(), list.end(), [&](size_t a, size_t b) { return cellCount(a) > cellCount(b); });
    const size_t levels = decoder.outputs(HeadRole::Boxes).size();
    for (const HeadRole role : row->needs)
        if (decoder.outputs(role).empty() || decoder.outputs(role).size() != levels)
            return error("it takes outputs of boxes and as many of scores; " + std::string(roleNames[static_cast<size_t>(role)]) + "= names them");
    for (size_t role = 0; role < headRoles; ++role) {
        // What is missing in one feature map is not there.
        if (decoder.m_outputs[role].size() != levels)
            decoder.m_outputs[role].clear();
        for (size_t i = 0; i < decoder.m_outputs[role].size(); ++i)
            if (const size_t output = decoder.m_outputs[role][i]; cellCount(output) == 0 || cellCount(output) != cellCount(decoder.m_outputs[0][i]))
                return error("output '" + outputs[output].name + "' is " + shapeText(outputs[output].shape) + ", '" +
                             outputs[decoder.m_outputs[0][i]].name + "' is " + shapeText(outputs[decoder.m_outputs[0][i]].shape) +
                             ": they have no common rows");
    }
    if (const auto why = row->fits(setting, levelsOf(decoder.m_outputs, decoder.m_shapes, {}), sizeOf(input)))
        return error("output '" + outputs[decoder.m_outputs[0].front()].name + "': " + *why);
    return decoder;
}

Result<std::vector<DetectedBox>> BoxDecoder::boxes(std::span<const Buffer> outputs) const
{
    for (const auto& list : m_outputs)
        for (const size_t output : list)
            if (output >= outputs.size() || outputs[output].shape() != m_shapes[output] || outputs[output].dtype() != DType::F32)
                return Error{ErrorCode::ShapeMismatch, "an output has another shape than the network says", "decoder " + m_setting.name};
    Candidates candidates(m_setting);
    rowOf(m_setting.name)->decode(m_setting, levelsOf(m_outputs, m_shapes, outputs), sizeOf(m_input), candidates);
    return candidates.suppressed();
}

}  // namespace qs
