// Boxes of a detector: read from DetectionOutput's rows, matched, and scored as PASCAL VOC does.
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#include <map>
#include <span>
#include <utility>
#include <vector>

namespace qs {

struct DetectedBox {
    int label = 0;
    float score = 0;
    float x1 = 0, y1 = 0, x2 = 0, y2 = 0;  ///< shares of the picture's width and height
    std::vector<float> landmarks = {};     ///< x, y, x, y... in the same shares; of decoders that have them
    bool operator==(const DetectedBox&) const = default;
};

/// Rows of (image, label, score, x1, y1, x2, y2), as the SSD fork of Caffe writes them (public SSD, DetectionOutput): F32 of shape ...xNx7. The row
/// of -1 that stands for "nothing found" and rows of zeros that pad are left out. Errors: ShapeMismatch, InvalidNumber (NaN in a row).
Result<std::vector<DetectedBox>> detectedBoxes(const Buffer& rows);

/// Those of this score or more.
std::vector<DetectedBox> boxesAbove(std::span<const DetectedBox> boxes, double score);

/// Suppression: in order of falling score those that overlap no kept box of their label by more than `overlap`, `most` at most.
std::vector<DetectedBox> suppressed(std::vector<DetectedBox> boxes, double overlap, int most);

/// Intersection over union, 0 for boxes without area.
double boxOverlap(const DetectedBox& a, const DetectedBox& b);

/// Indices of `found` and the `reference` box each is paired with. In order of falling score each takes the free reference box of its label that it
/// overlaps most, if that is at least `overlap`; the rest stays alone.
struct BoxMatches {
    std::vector<std::pair<size_t, size_t>> matched;  ///< reference, found
    std::vector<size_t> missed;                      ///< of the reference
    std::vector<size_t> extra;                       ///< of those found
};
BoxMatches matchBoxes(std::span<const DetectedBox> reference, std::span<const DetectedBox> found, double overlap = 0.5);

/// Mean average precision over many pictures.
class DetectionScore {
public:
    explicit DetectionScore(double overlap = 0.5) : m_overlap(overlap) {}
    /// One picture.
    void add(std::span<const DetectedBox> reference, std::span<const DetectedBox> found);
    /// Area under the precision-recall curve with precision made falling (VOC 2010 and later: every point counts). 0 when nothing of the label is
    /// in the reference.
    double averagePrecision(int label) const;
    /// Mean over the labels of the reference; 1 when neither side has a box, 0 when only the reference has none.
    double meanAveragePrecision() const;

private:
    struct Label {
        int references = 0;
        std::vector<std::pair<float, bool>> found;  ///< score, whether it matched
    };
    double m_overlap;
    std::map<int, Label> m_labels;
};

}  // namespace qs
