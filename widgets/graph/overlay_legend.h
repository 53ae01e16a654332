// Swatches and words of the graph's overlay, in one row.
#pragma once

#include <QColor>
#include <QString>
#include <QWidget>

#include <utility>
#include <vector>

namespace qs {

class OverlayLegend : public QWidget {
    Q_OBJECT

public:
    /// A text of an invalid colour stands without a swatch.
    using Entries = std::vector<std::pair<QColor, QString>>;
    explicit OverlayLegend(QWidget* parent = nullptr);
    void setEntries(Entries entries);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Entries m_entries;
};

}  // namespace qs
