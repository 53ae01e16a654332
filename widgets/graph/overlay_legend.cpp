#include "widgets/graph/overlay_legend.h"

#include "widgets/common/theme.h"

#include <QPainter>

namespace qs {

namespace {

constexpr int swatch = 11;
constexpr int gap = 5;
constexpr int spacing = 12;

int swatchWidth(const QColor& color)
{
    return color.isValid() ? swatch + gap : 0;
}

}  // namespace

OverlayLegend::OverlayLegend(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void OverlayLegend::setEntries(Entries entries)
{
    if (entries == m_entries)
        return;
    m_entries = std::move(entries);
    updateGeometry();
    update();
}

QSize OverlayLegend::sizeHint() const
{
    int width = 0;
    for (const auto& [color, text] : m_entries)
        width += swatchWidth(color) + fontMetrics().horizontalAdvance(text) + spacing;
    return {width, fontMetrics().height() + 4};
}

QSize OverlayLegend::minimumSizeHint() const
{
    return {0, sizeHint().height()};
}

void OverlayLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    int x = std::max(0, width() - sizeHint().width() + spacing);
    for (const auto& [color, text] : m_entries) {
        const int textWidth = fontMetrics().horizontalAdvance(text);
        // An entry that does not fit whole is left out: half a word helps nobody.
        const int before = swatchWidth(color);
        if (x + before + textWidth > width() + 1)
            break;
        if (before > 0)
            painter.fillRect(x, (height() - swatch) / 2, swatch, swatch, color);
        painter.setPen(theme().secondary);
        painter.drawText(QRect(x + before, 0, textWidth + 2, height()), Qt::AlignVCenter, text);
        x += before + textWidth + spacing;
    }
}

}  // namespace qs
