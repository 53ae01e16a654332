#include "widgets/values/class_map_view.h"

#include "core/stats/class_map.h"
#include "widgets/common/format.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"
#include "widgets/values/value_box.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

namespace qs {

namespace {

/// There are more classes than categories: each round of them is a shade darker.
QColor classColor(int label)
{
    constexpr int hues = 8;
    return categoryColor(label).darker(100 + 25 * (label / hues % 4));
}

/// `color(i)` of every pixel over the picture, half of each; alone where there is no picture.
template <class Color>
QImage painted(const QImage& under, int width, size_t pixels, const Color& color)
{
    const int height = width > 0 ? static_cast<int>(pixels) / width : 0;
    if (height == 0)
        return {};
    const QImage below = under.isNull() ? QImage() : under.convertToFormat(QImage::Format_RGB32).scaled(width, height);
    QImage image(width, height, QImage::Format_RGB32);
    constexpr double share = 0.55;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const QColor above = color(static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x));
            image.setPixelColor(x, y, below.isNull() ? above : mixed(below.pixelColor(x, y), above, share));
        }
    return image;
}

}  // namespace

ClassMapView::ClassMapView(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("classMaps"));
    m_floatMap = new ValueBox(tr("float"), QStringLiteral("float_classes"));
    m_quantizedMap = new ValueBox(tr("quantized"), QStringLiteral("quantized_classes"));
    m_difference = new ValueBox(tr("other class"), QStringLiteral("other_classes"));
    m_summary = new QLabel;
    m_summary->setObjectName(QStringLiteral("classMapSummary"));
    m_table = new QTableWidget(0, 4);
    m_table->setObjectName(QStringLiteral("classTable"));
    m_table->setHorizontalHeaderLabels({tr("class"), tr("float, %"), tr("quantized, %"), tr("IoU")});
    m_table->horizontalHeaderItem(1)->setToolTip(tr("Share of the pixels that have the class"));
    m_table->horizontalHeaderItem(3)->setToolTip(tr("Pixels that have the class in both, of those that have it in one of the two"));
    styleTable(m_table);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    auto* right = new QVBoxLayout;
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    right->addWidget(m_summary);
    right->addWidget(m_table, 1);
    m_summary->setMargin(4);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    for (ValueBox* box : {m_floatMap, m_quantizedMap, m_difference})
        layout->addWidget(box, 1);
    layout->addLayout(right, 1);
}

void ClassMapView::setPicture(const QImage& picture)
{
    m_under = picture;
    refill();
}

void ClassMapView::setScores(const Buffer& floating, const Buffer& quantized, std::vector<std::string> classNames)
{
    const bool maps = !floating.empty() && floating.shape() == quantized.shape() && isClassMap(floating.shape());
    m_floating = maps ? classMap(floating) : std::vector<int>();
    m_quantized = maps ? classMap(quantized) : std::vector<int>();
    m_width = maps ? static_cast<int>(floating.shape()[3]) : 0;
    m_classes = maps ? static_cast<int>(floating.shape()[1]) : 0;
    m_classNames = std::move(classNames);
    refill();
}

void ClassMapView::refill()
{
    const auto map = [this](const std::vector<int>& classes) {
        return painted(m_under, m_width, classes.size(), [&](size_t i) { return classColor(classes[i]); });
    };
    m_floatMap->setPicture(map(m_floating));
    m_quantizedMap->setPicture(map(m_quantized));
    const QColor other = theme().warning;
    m_difference->setPicture(
        painted(m_under, m_width, m_floating.size(), [&](size_t i) { return m_floating[i] != m_quantized[i] ? other : QColor(Qt::black); }));
    const std::vector<ClassPixels> counts = countPixels(m_floating, m_quantized, m_classes);
    m_table->setRowCount(0);
    const auto pixels = static_cast<double>(m_floating.size());
    for (size_t label = 0; label < counts.size(); ++label) {
        const ClassPixels& one = counts[label];
        if (one.first + one.second == 0)
            continue;
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        auto* name =
            new QTableWidgetItem(label < m_classNames.size() ? QStringLiteral("%1  %2").arg(label).arg(QString::fromStdString(m_classNames[label]))
                                                             : QString::number(label));
        QPixmap patch(12, 12);
        patch.fill(classColor(static_cast<int>(label)));
        name->setIcon(QIcon(patch));
        m_table->setItem(row, 0, name);
        const auto number = [&](int column, double value, const QString& text) { m_table->setItem(row, column, new NumberItem(value, text)); };
        number(1, static_cast<double>(one.first), percentText(static_cast<double>(one.first) / pixels));
        number(2, static_cast<double>(one.second), percentText(static_cast<double>(one.second) / pixels));
        const double shared = static_cast<double>(one.both) / static_cast<double>(one.first + one.second - one.both);
        number(3, shared, significantText(shared, 3));
    }
    m_summary->setText(m_floating.empty() ? QString()
                                          : tr("%1 % of the pixels have the float class, mean IoU %2")
                                                .arg(percentText(pixelAgreement(counts), 2), significantText(meanIntersectionOverUnion(counts), 3)));
}

}  // namespace qs
