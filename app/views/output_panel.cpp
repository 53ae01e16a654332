#include "app/views/view.h"
#include "app/views/views.h"
#include "core/jobs/compare.h"
#include "core/stats/vectors.h"
#include "widgets/common/buffer_image.h"
#include "widgets/common/error_text.h"
#include "widgets/common/format.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"
#include "widgets/values/class_map_view.h"
#include "widgets/values/detection_view.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qs {

namespace {

constexpr int topCount = 5;

QTableWidget* makeTable(const QStringList& headers)
{
    auto* table = new QTableWidget(0, static_cast<int>(headers.size()));
    table->setHorizontalHeaderLabels(headers);
    styleTable(table);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    return table;
}

class OutputPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::OutputPanel)

public:
    OutputPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;

private:
    void showState();
    void showTop();
    void showBoxes(const Reading& reading);
    void showMap(const Reading& reading);
    void showVectors(const Reading& reading);
    void showSet();

    QSpinBox* m_sample;
    QLabel* m_sampleName;
    QLabel* m_note;
    QStackedWidget* m_pages;  ///< one for each way to read outputs
    QTableWidget* m_top;
    DetectionView* m_boxes;
    ClassMapView* m_map;
    QTableWidget* m_vectors;
    QTableWidget* m_set;
};

OutputPanel::OutputPanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    m_sample = new QSpinBox;
    m_sampleName = new QLabel;
    m_note = new QLabel;
    m_top = makeTable({QString(), tr("float"), tr("value"), tr("quantized"), tr("value")});
    m_top->setObjectName(QStringLiteral("topClasses"));
    m_top->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
    m_top->horizontalHeader()->setSectionResizeMode(3, QHeaderView::Stretch);
    m_set = makeTable({tr("whole set"), tr("float"), tr("quantized")});
    m_set->setObjectName(QStringLiteral("wholeSet"));
    m_set->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 2);
    bar->setSpacing(6);
    bar->addWidget(new QLabel(tr("Sample")));
    bar->addWidget(m_sample);
    bar->addWidget(m_sampleName);
    bar->addStretch(1);
    bar->addWidget(m_note);
    auto* tables = new QHBoxLayout;
    tables->setContentsMargins(0, 0, 0, 0);
    tables->setSpacing(1);
    m_boxes = new DetectionView;
    m_map = new ClassMapView;
    m_vectors = makeTable({tr("vector of this sample"), tr("float"), tr("quantized")});
    m_vectors->setObjectName(QStringLiteral("vectorTable"));
    m_vectors->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_pages = new QStackedWidget;
    for (QWidget* page : std::initializer_list<QWidget*>{m_top, m_boxes, m_map, m_vectors})
        m_pages->addWidget(page);
    tables->addWidget(m_pages, 3);
    tables->addWidget(m_set, 2);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addLayout(tables, 1);
    connect(m_sample, &QSpinBox::valueChanged, this, [this](int sample) { m_bench.probe.setSample(sample); });
    connect(&bench.probe, &SampleProbe::changed, this, &OutputPanel::refreshWhenSeen);
}

void OutputPanel::refresh()
{
    const auto& set = m_bench.session.data();
    const bool ready = set && set->size() > 0;
    m_sample->setEnabled(ready);
    if (ready) {
        m_sample->setRange(0, set->size() - 1);
        if (m_sample->value() != m_bench.probe.sample())
            m_sample->setValue(m_bench.probe.sample());
        QString name = QString::fromStdString(set->sampleName(m_bench.probe.sample()));
        if (const int label = set->label(m_bench.probe.sample()); label >= 0) {
            const auto& names = m_bench.session.classNames();
            name += tr(" · labelled %1")
                        .arg(static_cast<size_t>(label) < names.size() ? QString::fromStdString(names[static_cast<size_t>(label)])
                                                                       : QString::number(label));
        }
        m_sampleName->setText(name);
    }
    m_bench.probe.want();
    const auto& prepared = m_bench.session.prepared();
    const auto reading = prepared && set ? readingOf(*prepared->network, *set) : Reading{};
    showState();
    switch (reading ? reading->kind : OutputKind::Plain) {
        case OutputKind::Boxes:
            showBoxes(*reading);
            break;
        case OutputKind::ClassMap:
            showMap(*reading);
            break;
        case OutputKind::Vector:
            showVectors(*reading);
            break;
        default:
            showTop();
    }
    if (!reading)
        m_note->setText(errorMessage(reading.error()));
    showSet();
}

void OutputPanel::showState()
{
    const auto& result = m_bench.probe.result();
    m_note->setText(!result                 ? m_bench.probe.error().isEmpty() ? tr("Calibrate to compare the outputs.") : m_bench.probe.error()
                                    : m_bench.probe.stale() ? tr("computing…")
                                            : QString());
}

void OutputPanel::showBoxes(const Reading& reading)
{
    m_pages->setCurrentWidget(m_boxes);
    m_bench.probe.wantPicture();
    m_boxes->setPicture(pictureImage(m_bench.probe.picture()));
    const auto& result = m_bench.probe.result();
    if (!result) {
        m_boxes->setBoxes({}, {}, {});
        return;
    }
    const auto floating = boxesIn(reading, result->floatOutputs);
    const auto quantized = boxesIn(reading, result->quantizedOutputs);
    if (!floating || !quantized)
        m_note->setText(errorMessage(floating ? quantized.error() : floating.error()));
    m_boxes->setBoxes(floating ? *floating : std::vector<DetectedBox>(), quantized ? *quantized : std::vector<DetectedBox>(),
                      m_bench.session.classNames());
}

void OutputPanel::showMap(const Reading& reading)
{
    m_pages->setCurrentWidget(m_map);
    m_bench.probe.wantPicture();
    m_map->setPicture(pictureImage(m_bench.probe.picture()));
    const auto& result = m_bench.probe.result();
    if (!result || reading.output >= result->floatOutputs.size())
        m_map->setScores({}, {}, {});
    else
        m_map->setScores(result->floatOutputs[reading.output], result->quantizedOutputs[reading.output], m_bench.session.classNames());
}

void OutputPanel::showVectors(const Reading& reading)
{
    m_pages->setCurrentWidget(m_vectors);
    m_vectors->setRowCount(0);
    const auto& comparison = m_bench.session.result().comparison;
    const auto& result = m_bench.probe.result();
    const auto add = [this](const QString& what, const QString& floating, const QString& quantized) {
        const int row = m_vectors->rowCount();
        m_vectors->insertRow(row);
        const QString cells[] = {what, floating, quantized};
        for (int c = 0; c < 3; ++c) {
            auto* item = new QTableWidgetItem(cells[c]);
            if (c > 0)
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_vectors->setItem(row, c, item);
        }
    };
    if (!result || reading.output >= result->floatOutputs.size() || result->floatOutputs[reading.output].empty())
        return;
    const auto x = result->floatOutputs[reading.output].floats();
    const auto y = result->quantizedOutputs[reading.output].floats();
    const auto length = [](std::span<const float> vector) {
        const std::vector<float> origin(vector.size(), 0);
        return significantText(vectorDistance(vector, origin));
    };
    add(tr("length"), length(x), length(y));
    add(tr("cosine to the float vector"), {}, cosineText(vectorCosine(x, y)));
    add(tr("distance to the float vector"), {}, significantText(vectorDistance(x, y)));
    if (!comparison)
        return;
    const auto nearest = [&](std::vector<float> SampleVectors::*which) {
        std::vector<const std::vector<float>*> vectors;
        std::vector<int> samples;
        int here = -1;
        for (const SampleFigures& figures : comparison->bySample) {
            if (!figures.vote.vectors || vectors.size() == mostRanked)
                continue;
            if (figures.sample == m_bench.probe.sample())
                here = static_cast<int>(vectors.size());
            vectors.push_back(&((*figures.vote.vectors).*which));
            samples.push_back(figures.sample);
        }
        const int found = here < 0 ? -1 : nearestNeighbours(vectors)[static_cast<size_t>(here)];
        return found < 0 ? QString() : QString::fromStdString(m_bench.session.data()->sampleName(samples[static_cast<size_t>(found)]));
    };
    add(tr("nearest sample"), nearest(&SampleVectors::floating), nearest(&SampleVectors::quantized));
}

void OutputPanel::showTop()
{
    m_pages->setCurrentWidget(m_top);
    const auto& result = m_bench.probe.result();
    m_top->setRowCount(0);
    if (!result || result->floatOutputs.empty() || result->floatOutputs.front().empty() || result->quantizedOutputs.empty())
        return;
    if (const Shape& shape = result->floatOutputs.front().shape(); !isClassVector(shape)) {
        if (m_note->text().isEmpty())
            m_note->setText(tr("the output %1 is not a vector of classes").arg(shapeLabel(shape)));
        return;
    }
    const auto best = [](std::span<const float> values) {
        std::vector<int> order(values.size());
        std::iota(order.begin(), order.end(), 0);
        const auto count = std::min<std::ptrdiff_t>(topCount, static_cast<std::ptrdiff_t>(order.size()));
        std::partial_sort(order.begin(), order.begin() + count, order.end(),
                          [&](int a, int b) { return values[static_cast<size_t>(a)] > values[static_cast<size_t>(b)]; });
        order.resize(static_cast<size_t>(count));
        return order;
    };
    const auto x = result->floatOutputs.front().floats();
    const auto y = result->quantizedOutputs.front().floats();
    const std::vector<int> bestX = best(x);
    const std::vector<int> bestY = best(y);
    const auto label = [this](int c) {
        const auto& names = m_bench.session.classNames();
        return static_cast<size_t>(c) < names.size() ? QStringLiteral("%1  %2").arg(c).arg(QString::fromStdString(names[static_cast<size_t>(c)]))
                                                     : tr("class %1").arg(c);
    };
    for (size_t i = 0; i < std::min(bestX.size(), bestY.size()); ++i) {
        const int row = m_top->rowCount();
        m_top->insertRow(row);
        const QString cells[] = {QString::number(i + 1), label(bestX[i]), significantText(static_cast<double>(x[static_cast<size_t>(bestX[i])])),
                                 label(bestY[i]), significantText(static_cast<double>(y[static_cast<size_t>(bestY[i])]))};
        for (int c = 0; c < 5; ++c) {
            auto* item = new QTableWidgetItem(cells[c]);
            item->setToolTip(cells[c]);
            if (c == 2 || c == 4)
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            // A place that changed hands is what one looks for.
            if (c >= 3 && bestX[i] != bestY[i])
                item->setForeground(theme().warning);
            m_top->setItem(row, c, item);
        }
    }
}

void OutputPanel::showSet()
{
    m_set->setRowCount(0);
    const auto& comparison = m_bench.session.result().comparison;
    if (!comparison)
        return;
    const bool stale = m_bench.session.comparisonStale();
    const auto add = [&](const QString& label, const QString& floatText, const QString& quantizedText, const QString& tip = {}) {
        const int row = m_set->rowCount();
        m_set->insertRow(row);
        const QString cells[] = {label, floatText, quantizedText};
        for (int c = 0; c < 3; ++c) {
            auto* item = new QTableWidgetItem(cells[c]);
            item->setToolTip(tip);
            if (c > 0)
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            if (stale)
                item->setForeground(theme().secondary);
            m_set->setItem(row, c, item);
        }
    };
    const Classification& c = comparison->classification;
    if (c.valid && c.labelled) {
        add(tr("top-1 (%)"), percentText(c.floatTop1, 2), percentText(c.quantizedTop1, 2), tr("Share of samples whose first class is the label"));
        add(tr("top-5 (%)"), percentText(c.floatTop5, 2), percentText(c.quantizedTop5, 2),
            tr("Share of samples whose label is among the first five"));
    }
    if (c.valid)
        add(tr("agreement (%)"), {}, percentText(c.agreement, 2), tr("Share of samples whose quantized first class is the float one"));
    if (const Detection& boxes = comparison->detection; boxes.valid) {
        const QString rule = tr("Boxes from score 0.5 on, of one class, paired from an overlap (IoU) of 0.5 on");
        add(tr("boxes in both, lost, new"), QString::number(boxes.matched + boxes.missed),
            QStringLiteral("%1, %2, %3").arg(boxes.matched).arg(boxes.missed).arg(boxes.extra), rule);
        add(tr("mAP (%)"), {}, std::isnan(boxes.meanAveragePrecision) ? tr("none") : percentText(boxes.meanAveragePrecision, 2),
            tr("Mean average precision of all quantized boxes whatever their score, with the float ones from 0.5 on as the truth (IoU 0.5)"));
    }
    if (const Detection& boxes = comparison->detection; boxes.labelled) {
        const QString tip = tr("Mean average precision against the labels, over all classes, every point of the curve counted");
        add(tr("mAP at IoU 0.5 (%)"), percentText(boxes.floatLabelled.at50, 2), percentText(boxes.quantizedLabelled.at50, 2), tip);
        add(tr("mAP at IoU 0.5 to 0.95 (%)"), percentText(boxes.floatLabelled.mean, 2), percentText(boxes.quantizedLabelled.mean, 2), tip);
    }
    if (const Segmentation& map = comparison->segmentation; map.valid) {
        add(tr("pixels of the float class (%)"), {}, percentText(map.agreement, 2),
            tr("Share of all samples' pixels whose quantized class is the float one"));
        add(tr("mean IoU"), {}, significantText(map.meanIou, 4),
            tr("Intersection over union of each class's pixels in float and quantized, mean over the classes"));
    }
    if (const Embedding& vectors = comparison->embedding; vectors.valid) {
        add(tr("vectors: cosine"), {}, cosineText(vectors.cosine), tr("Of a sample's quantized vector to the float one, mean over the samples"));
        add(tr("vectors: distance"), {}, significantText(vectors.distance), tr("Length of the difference of both vectors, mean over the samples"));
        if (!std::isnan(vectors.rankAgreement))
            add(tr("same neighbour (%)"), {}, percentText(vectors.rankAgreement, 2),
                tr("Share of samples whose nearest neighbour among the samples, by cosine, is the same in float and quantized"));
    }
    for (const OutputComparison& output : comparison->outputs) {
        const QString name = QString::fromStdString(output.name);
        add(QStringLiteral("%1: %2").arg(name, similarityLabel()), {}, similarityText(output.cumulative), metricDefinition(similarityMetric()));
        if (similarityForm() != SimilarityForm::Sqnr)
            add(tr("%1: SQNR (dB)").arg(name), {}, decibelText(output.cumulative.sqnrDb), metricDefinition(QStringLiteral("sqnrDb")));
    }
    add(stale ? tr("samples (stale, run again)") : tr("samples"), {}, QString::number(comparison->samples));
}

}  // namespace

QWidget* makeOutputPanel(Workbench& bench, QWidget* parent)
{
    return new OutputPanel(bench, parent);
}

}  // namespace qs
