// What a detector finds in float and quantized: both on the picture, paired, and as rows.
#pragma once

#include "core/stats/detection.h"

#include <QImage>
#include <QWidget>

class QDoubleSpinBox;
class QLabel;
class QTableWidget;

namespace qs {

class ValueBox;

class DetectionView : public QWidget {
    Q_OBJECT

public:
    explicit DetectionView(QWidget* parent = nullptr);
    void setPicture(const QImage& picture);
    /// All boxes of one picture; those below the threshold are not shown. `classNames` by label.
    void setBoxes(std::vector<DetectedBox> floating, std::vector<DetectedBox> quantized, std::vector<std::string> classNames);
    const BoxMatches& matches() const { return m_matches; }

private:
    void refill();

    std::vector<DetectedBox> m_floating;
    std::vector<DetectedBox> m_quantized;
    std::vector<std::string> m_classNames;
    BoxMatches m_matches;  ///< of those that are shown
    ValueBox* m_picture;
    QTableWidget* m_table;
    QDoubleSpinBox* m_threshold;
    QLabel* m_summary;
};

}  // namespace qs
