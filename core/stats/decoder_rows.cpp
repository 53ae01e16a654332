#include "core/stats/decoder_rows.h"

#include "core/base/text.h"

namespace qs::decoders {

Grid gridOf(const Shape& shape)
{
    if (shape.size() == 4 && shape[0] == 1)
        return {shape[2] * shape[3], shape[1], shape[2], shape[3], true};
    if ((shape.size() == 3 && shape[0] == 1) || shape.size() == 2)
        return {shape[shape.size() - 2], shape.back()};
    return {};
}

namespace {

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

}  // namespace

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

}  // namespace qs::decoders
