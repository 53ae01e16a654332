#include "core/stats/detection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qs {

Result<std::vector<DetectedBox>> detectedBoxes(const Buffer& rows)
{
    if (rows.dtype() != DType::F32 || rows.shape().empty() || rows.shape().back() != 7)
        return Error{ErrorCode::ShapeMismatch, "rows of 7 values are expected (image, label, score, corners); it is " + shapeText(rows.shape()), {}};
    std::vector<DetectedBox> boxes;
    const auto values = rows.floats();
    for (size_t at = 0; at + 7 <= values.size(); at += 7) {
        const auto row = values.subspan(at, 7);
        if (!std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); }))
            return Error{ErrorCode::InvalidNumber, "row " + std::to_string(at / 7) + " of the boxes", {}};
        if (row[0] < 0 || row[1] < 0 || row[2] <= 0)
            continue;
        boxes.push_back({static_cast<int>(std::min(row[1], 1e6F)), row[2], row[3], row[4], row[5], row[6]});
    }
    return boxes;
}

std::vector<DetectedBox> suppressed(std::vector<DetectedBox> boxes, double overlap, int most)
{
    std::stable_sort(boxes.begin(), boxes.end(), [](const DetectedBox& a, const DetectedBox& b) { return a.score > b.score; });
    std::vector<DetectedBox> kept;
    for (DetectedBox& box : boxes) {
        if (kept.size() >= static_cast<size_t>(most))
            break;
        if (std::none_of(kept.begin(), kept.end(),
                         [&](const DetectedBox& other) { return other.label == box.label && boxOverlap(other, box) > overlap; }))
            kept.push_back(std::move(box));
    }
    return kept;
}

std::vector<DetectedBox> boxesAbove(std::span<const DetectedBox> boxes, double score)
{
    std::vector<DetectedBox> kept;
    std::copy_if(boxes.begin(), boxes.end(), std::back_inserter(kept),
                 [score](const DetectedBox& box) { return static_cast<double>(box.score) >= score; });
    return kept;
}

double boxOverlap(const DetectedBox& a, const DetectedBox& b)
{
    const auto area = [](double width, double height) { return width > 0 && height > 0 ? width * height : 0.0; };
    const auto areaOf = [&](const DetectedBox& box) { return area(static_cast<double>(box.x2) - box.x1, static_cast<double>(box.y2) - box.y1); };
    const double shared =
        area(static_cast<double>(std::min(a.x2, b.x2)) - std::max(a.x1, b.x1), static_cast<double>(std::min(a.y2, b.y2)) - std::max(a.y1, b.y1));
    const double both = areaOf(a) + areaOf(b) - shared;
    return both > 0 ? shared / both : 0;
}

BoxMatches matchBoxes(std::span<const DetectedBox> reference, std::span<const DetectedBox> found, double overlap)
{
    BoxMatches matches;
    std::vector<size_t> order(found.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return found[a].score > found[b].score; });
    std::vector<char> taken(reference.size());
    for (const size_t i : order) {
        size_t best = reference.size();
        double most = overlap;
        for (size_t j = 0; j < reference.size(); ++j) {
            if (taken[j] || reference[j].label != found[i].label)
                continue;
            const double shared = boxOverlap(reference[j], found[i]);
            if (shared > most || (shared == most && best == reference.size())) {
                most = shared;
                best = j;
            }
        }
        if (best == reference.size()) {
            matches.extra.push_back(i);
            continue;
        }
        taken[best] = 1;
        matches.matched.emplace_back(best, i);
    }
    for (size_t j = 0; j < reference.size(); ++j)
        if (!taken[j])
            matches.missed.push_back(j);
    return matches;
}

void DetectionScore::add(std::span<const DetectedBox> reference, std::span<const DetectedBox> found)
{
    const BoxMatches matches = matchBoxes(reference, found, m_overlap);
    for (const DetectedBox& box : reference)
        ++m_labels[box.label].references;
    for (const auto& [ignored, i] : matches.matched)
        m_labels[found[i].label].found.emplace_back(found[i].score, true);
    for (const size_t i : matches.extra)
        m_labels[found[i].label].found.emplace_back(found[i].score, false);
}

double DetectionScore::averagePrecision(int label) const
{
    const auto entry = m_labels.find(label);
    if (entry == m_labels.end() || entry->second.references == 0)
        return 0;
    auto found = entry->second.found;
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<double> precisions;  // at each true one
    int right = 0;
    for (size_t i = 0; i < found.size(); ++i)
        if (found[i].second)
            precisions.push_back(static_cast<double>(++right) / static_cast<double>(i + 1));
    // Precision at a recall is the best of all that follow; each true one moves recall by the same step.
    double sum = 0;
    double best = 0;
    for (size_t i = precisions.size(); i-- > 0;) {
        best = std::max(best, precisions[i]);
        sum += best;
    }
    return sum / entry->second.references;
}

double DetectionScore::meanAveragePrecision() const
{
    double sum = 0;
    int labels = 0;
    for (const auto& [label, entry] : m_labels)
        if (entry.references > 0) {
            sum += averagePrecision(label);
            ++labels;
        }
    if (labels == 0)
        return m_labels.empty() ? 1 : 0;
    return sum / labels;
}

}  // namespace qs
