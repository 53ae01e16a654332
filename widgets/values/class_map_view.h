// What a segmentation says of every pixel in float and quantized: both maps over the picture, where they differ, and the classes as rows.
#pragma once

#include "core/base/buffer.h"

#include <QImage>
#include <QWidget>

#include <string>
#include <vector>

class QLabel;
class QTableWidget;

namespace qs {

class ValueBox;

class ClassMapView : public QWidget {
    Q_OBJECT

public:
    explicit ClassMapView(QWidget* parent = nullptr);
    /// Under the maps; null: none.
    void setPicture(const QImage& picture);
    /// Scores of the classes of one picture (isClassMap); empty ones show nothing. `classNames` by class.
    void setScores(const Buffer& floating, const Buffer& quantized, std::vector<std::string> classNames);

private:
    void refill();

    QImage m_under;
    std::vector<int> m_floating, m_quantized;
    int m_width = 0, m_classes = 0;
    std::vector<std::string> m_classNames;
    ValueBox* m_floatMap;
    ValueBox* m_quantizedMap;
    ValueBox* m_difference;
    QLabel* m_summary;
    QTableWidget* m_table;
};

}  // namespace qs
