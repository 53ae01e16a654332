// Inside the decoders (decoders.h): outputs as rows, boxes before suppression, and the table of decoders.
#pragma once

#include "core/stats/decoders.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace qs::decoders {

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

/// No rows: the shape has another form.
Grid gridOf(const Shape& shape);

/// Says why levels do not fit a decoder; nothing where they do.
using Fits = std::function<std::optional<std::string>(const DecoderSetting&, const std::vector<Level>&, const Size&)>;
/// Adds the boxes of all levels.
using Decode = std::function<void(const DecoderSetting&, const std::vector<Level>&, const Size&, Candidates&)>;

struct DecoderRow {
    DecoderInfo info;
    std::vector<HeadRole> needs;
    std::vector<HeadRole> takes;  ///< where there are such outputs
    Fits fits;
    Decode decode;
};

const std::vector<DecoderRow>& rows();
/// Null for a name that there is not.
const DecoderRow* rowOf(const std::string& name);

constexpr const char* roleNames[headRoles] = {"boxes", "scores", "objectness", "landmarks", "offsets"};
Error wrong(ErrorCode code, const std::string& word, const std::string& what);

}  // namespace qs::decoders
