#include "widgets/values/detection_view.h"

#include "widgets/common/format.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"
#include "widgets/values/value_box.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSettings>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace qs {

namespace {

const char* const thresholdKey = "output/boxScore";

QColor floatColor()
{
    return theme().accent;
}

QColor quantizedColor()
{
    return categoryColor(1);
}

}  // namespace

DetectionView::DetectionView(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("detections"));
    m_picture = new ValueBox(tr("float solid, quantized dashed"), QStringLiteral("boxes"));
    m_threshold = new QDoubleSpinBox;
    m_threshold->setLocale(QLocale::c());
    m_threshold->setRange(0, 1);
    m_threshold->setSingleStep(0.05);
    m_threshold->setValue(QSettings().value(QLatin1String(thresholdKey), 0.5).toDouble());
    m_threshold->setToolTip(tr("Boxes from this score on"));
    m_summary = new QLabel;
    m_summary->setObjectName(QStringLiteral("boxSummary"));
    m_table = new QTableWidget(0, 4);
    m_table->setObjectName(QStringLiteral("boxTable"));
    m_table->setHorizontalHeaderLabels({tr("class"), tr("float"), tr("quantized"), tr("IoU")});
    m_table->horizontalHeaderItem(1)->setToolTip(tr("Score in the float network"));
    m_table->horizontalHeaderItem(2)->setToolTip(tr("Score in the quantized network"));
    m_table->horizontalHeaderItem(3)->setToolTip(tr("Intersection over union of the two boxes; they are paired from 0.5 on, of one class"));
    styleTable(m_table);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 2, 6, 2);
    bar->addWidget(new QLabel(tr("score from")));
    bar->addWidget(m_threshold);
    bar->addSpacing(8);
    bar->addWidget(m_summary, 1);
    auto* right = new QVBoxLayout;
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    right->addLayout(bar);
    right->addWidget(m_table, 1);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_picture, 2);
    layout->addLayout(right, 3);
    connect(m_threshold, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        QSettings().setValue(QLatin1String(thresholdKey), value);
        refill();
    });
}

void DetectionView::setPicture(const QImage& picture)
{
    m_picture->setPicture(picture);
    refill();
}

void DetectionView::setBoxes(std::vector<DetectedBox> floating, std::vector<DetectedBox> quantized, std::vector<std::string> classNames)
{
    m_floating = std::move(floating);
    m_quantized = std::move(quantized);
    m_classNames = std::move(classNames);
    refill();
}

void DetectionView::refill()
{
    const std::vector<DetectedBox> floating = boxesAbove(m_floating, m_threshold->value());
    const std::vector<DetectedBox> quantized = boxesAbove(m_quantized, m_threshold->value());
    m_matches = matchBoxes(floating, quantized);
    std::vector<Frame> frames;
    const auto frame = [&](const DetectedBox& box, const QColor& color, bool dashed) {
        frames.push_back({QRectF(QPointF(static_cast<double>(box.x1), static_cast<double>(box.y1)),
                                 QPointF(static_cast<double>(box.x2), static_cast<double>(box.y2))),
                          color, dashed});
        // A landmark is a spot.
        constexpr double edge = 0.006;
        for (size_t i = 0; i + 1 < box.landmarks.size(); i += 2)
            frames.push_back(
                {QRectF(static_cast<double>(box.landmarks[i]) - edge / 2, static_cast<double>(box.landmarks[i + 1]) - edge / 2, edge, edge), color,
                 false});
    };
    for (const DetectedBox& box : floating)
        frame(box, floatColor(), false);
    for (const DetectedBox& box : quantized)
        frame(box, quantizedColor(), true);
    m_picture->setFrames(std::move(frames));

    m_table->setRowCount(0);
    const auto add = [&](int label, const DetectedBox* reference, const DetectedBox* found) {
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        const auto i = static_cast<size_t>(label);
        m_table->setItem(row, 0,
                         new QTableWidgetItem(label >= 0 && i < m_classNames.size()
                                                  ? QStringLiteral("%1  %2").arg(label).arg(QString::fromStdString(m_classNames[i]))
                                                  : QString::number(label)));
        const auto number = [&](int column, double value, const QString& text) { m_table->setItem(row, column, new NumberItem(value, text)); };
        const auto score = [&](int column, const DetectedBox* box) {
            const double value = box ? static_cast<double>(box->score) : 0;
            number(column, value, box ? significantText(value, 3) : tr("none"));
            if (!box)
                m_table->item(row, column)->setForeground(theme().warning);
        };
        score(1, reference);
        score(2, found);
        const double overlap = reference && found ? boxOverlap(*reference, *found) : 0;
        number(3, overlap, reference && found ? significantText(overlap, 3) : QString());
    };
    for (const auto& [reference, found] : m_matches.matched)
        add(floating[reference].label, &floating[reference], &quantized[found]);
    for (const size_t reference : m_matches.missed)
        add(floating[reference].label, &floating[reference], nullptr);
    for (const size_t found : m_matches.extra)
        add(quantized[found].label, nullptr, &quantized[found]);
    m_summary->setText(tr("%1 in both, %2 lost, %3 new").arg(m_matches.matched.size()).arg(m_matches.missed.size()).arg(m_matches.extra.size()));
}

}  // namespace qs
