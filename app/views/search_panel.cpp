#include "app/session/searcher.h"
#include "app/views/view.h"
#include "app/views/views.h"
#include "widgets/common/assignment_text.h"
#include "widgets/common/format.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"
#include "widgets/plots/front_plot.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

namespace qs {

namespace {

class SearchPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::SearchPanel)

public:
    SearchPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;
    void refreshSelection() override {}

private:
    QWidget* makeForm();
    SearchGoal goal() const;
    void showTarget();
    void fillResult();
    void select(int point);

    QComboBox* m_target;
    QDoubleSpinBox* m_value;
    QDoubleSpinBox* m_budget;
    QComboBox* m_measure;
    QCheckBox* m_bits12;
    QCheckBox* m_bits16;
    QCheckBox* m_snq;
    QSpinBox* m_samples;
    QPushButton* m_start;
    QPushButton* m_forget;
    QLabel* m_note;
    FrontPlot* m_plot;
    QTableWidget* m_table;
    QPushButton* m_apply;
    std::shared_ptr<const SearchResult> m_shown;
    std::vector<int> m_rows;  ///< points of the table's rows
    int m_selected = -1;
};

SearchPanel::SearchPanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    m_plot = new FrontPlot;
    m_plot->setEmptyText(tr("Give a target and start: every setting that is tried appears here."));
    m_table = new QTableWidget(0, 5);
    m_table->setObjectName(QStringLiteral("searchTable"));
    m_table->setHorizontalHeaderLabels({tr("in 8 bits"), tr("weights, KiB"), cosineSymbol(), tr("agreement"), tr("settings")});
    m_table->horizontalHeaderItem(3)->setToolTip(
        tr("With float: samples of the same class, mAP of boxes, pixels of the same class, or samples with the same neighbour"));
    m_table->horizontalHeader()->setStretchLastSection(true);
    styleTable(m_table);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_apply = new QPushButton(tr("Apply"));
    m_apply->setToolTip(tr("The settings of the selected point, as one step that can be undone"));
    m_note = new QLabel;
    m_note->setWordWrap(true);
    auto* bottom = new QHBoxLayout;
    bottom->setContentsMargins(6, 2, 6, 4);
    bottom->addWidget(m_note, 1);
    bottom->addWidget(m_apply);
    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_table, 1);
    column->addLayout(bottom);
    auto* splitter = new QSplitter;
    splitter->addWidget(makeForm());
    splitter->addWidget(m_plot);
    splitter->addWidget(right);
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    splitter->setStretchFactor(2, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
    connect(&bench.searcher, &Searcher::changed, this, &SearchPanel::refreshWhenSeen);
    connect(m_plot, &FrontPlot::pointClicked, this, &SearchPanel::select);
    connect(m_table, &QTableWidget::itemSelectionChanged, this, [this] {
        const auto rows = m_table->selectionModel()->selectedRows();
        const int point = rows.isEmpty() ? m_selected : m_rows[static_cast<size_t>(rows.front().row())];
        if (point != m_selected)
            select(point);
    });
    connect(m_apply, &QPushButton::clicked, this, [this] {
        if (m_selected >= 0)
            m_bench.searcher.apply(static_cast<size_t>(m_selected));
    });
}

QWidget* SearchPanel::makeForm()
{
    const QSettings settings;
    const auto number = [](double low, double high, double value, int decimals, double step) {
        auto* box = new QDoubleSpinBox;
        box->setLocale(QLocale::c());
        box->setDecimals(decimals);
        box->setRange(low, high);
        box->setSingleStep(step);
        box->setValue(value);
        return box;
    };
    m_target = new QComboBox;
    for (const SearchMeasure& measure : searchMeasures())
        m_target->addItem(QCoreApplication::translate("SearchMeasure", measure.sentence), static_cast<int>(measure.target));
    m_value = number(0, 1, 0.99, 4, 0.001);
    m_value->setObjectName(QStringLiteral("searchTarget"));
    m_budget = number(0, 100, settings.value(QStringLiteral("search/budget"), 90).toDouble(), 1, 5);
    m_budget->setSuffix(QStringLiteral(" %"));
    m_budget->setToolTip(tr("What must stay quantized to 8 bits; 12 and 16 bits count 8/bits, float nothing"));
    m_measure = new QComboBox;
    m_measure->addItems({tr("of the operations"), tr("of the weights")});
    m_bits12 = new QCheckBox(tr("12 bits"));
    m_bits16 = new QCheckBox(tr("16 bits"));
    m_bits12->setChecked(true);
    m_bits16->setChecked(true);
    m_snq = new QCheckBox(tr("SNQ weights"));
    m_snq->setToolTip(tr("4-bit codebooks where the target allows, least sensitive layers first"));
    m_samples = new QSpinBox;
    m_samples->setRange(1, 100000);
    m_samples->setValue(32);
    m_samples->setToolTip(tr("Settings are judged by so many samples, spread evenly over the data"));
    m_start = new QPushButton;
    m_start->setObjectName(QStringLiteral("searchStart"));
    m_forget = new QPushButton(tr("Start over"));
    m_forget->setToolTip(tr("Forget what this search has found"));
    auto* form = new QFormLayout;
    form->setContentsMargins(8, 6, 8, 6);
    form->setVerticalSpacing(4);
    // Few rows: a low dock has room for the buttons, too.
    const auto beside = [](std::initializer_list<QWidget*> widgets) {
        auto* row = new QHBoxLayout;
        for (QWidget* widget : widgets)
            row->addWidget(widget);
        return row;
    };
    form->addRow(beside({m_target, m_value}));
    form->addRow(tr("keep in 8 bits"), beside({m_budget, m_measure}));
    form->addRow(tr("allow"), beside({m_bits12, m_bits16, m_snq}));
    form->addRow(tr("samples"), m_samples);
    form->addRow(beside({m_start, m_forget}));
    auto* page = new QWidget;
    page->setLayout(form);
    auto* scroll = new QScrollArea;
    scroll->setWidget(page);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setMinimumWidth(page->sizeHint().width() + 20);
    connect(m_target, &QComboBox::currentIndexChanged, this, &SearchPanel::showTarget);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (m_bench.searcher.running()) {
            m_bench.searcher.pause();
            return;
        }
        QSettings().setValue(QStringLiteral("search/budget"), m_budget->value());
        m_bench.searcher.start(goal(), m_samples->value());
    });
    connect(m_forget, &QPushButton::clicked, this, [this] { m_bench.searcher.forget(goal(), m_samples->value()); });
    return scroll;
}

void SearchPanel::showTarget()
{
    const SearchMeasure& measure = measureOf(static_cast<SearchTarget>(m_target->currentData().toInt()));
    m_value->setDecimals(measure.percent ? 1 : 4);
    m_value->setRange(0, measure.percent ? 100 : 1);
    m_value->setSingleStep(measure.percent ? 0.5 : 0.001);
    m_value->setValue(measure.percent ? measure.preset * 100 : measure.preset);
}

SearchGoal SearchPanel::goal() const
{
    SearchGoal goal;
    goal.target = static_cast<SearchTarget>(m_target->currentData().toInt());
    goal.value = measureOf(goal.target).percent ? m_value->value() / 100 : m_value->value();
    goal.budget = m_budget->value() / 100;
    goal.byWeights = m_measure->currentIndex() == 1;
    goal.bits.clear();
    if (m_bits12->isChecked())
        goal.bits.push_back(12);
    if (m_bits16->isChecked())
        goal.bits.push_back(16);
    goal.snq = m_snq->isChecked();
    return goal;
}

void SearchPanel::select(int point)
{
    m_selected = point;
    m_plot->setSelected(point);
    m_apply->setEnabled(point >= 0 && !m_bench.searcher.stale());
    const auto row = std::find(m_rows.begin(), m_rows.end(), point);
    if (row == m_rows.end())
        m_table->clearSelection();
    else
        m_table->selectRow(static_cast<int>(row - m_rows.begin()));
}

void SearchPanel::fillResult()
{
    std::vector<FrontPoint> points;
    m_rows.clear();
    for (size_t i = 0; i < m_shown->points.size(); ++i) {
        const SearchPoint& point = m_shown->points[i];
        const bool front = std::find(m_shown->front.begin(), m_shown->front.end(), i) != m_shown->front.end();
        points.push_back({point.share, point.cosine, front, i == m_shown->best, assignmentText(point.assignment)});
    }
    m_rows.assign(m_shown->front.begin(), m_shown->front.end());
    // The best one may cost no more than another and be chosen for its weights.
    if (std::find(m_rows.begin(), m_rows.end(), static_cast<int>(m_shown->best)) == m_rows.end())
        m_rows.insert(m_rows.begin(), static_cast<int>(m_shown->best));
    const SearchGoal& asked = m_bench.searcher.goal();
    m_plot->setPoints(std::move(points), asked.target == SearchTarget::Cosine ? asked.value : std::numeric_limits<double>::quiet_NaN(), asked.budget);
    // Rows that go would hand the selection to their neighbours.
    m_table->setCurrentIndex({});
    m_table->setRowCount(static_cast<int>(m_rows.size()));
    for (size_t row = 0; row < m_rows.size(); ++row) {
        const SearchPoint& point = m_shown->points[static_cast<size_t>(m_rows[row])];
        const bool best = m_rows[row] == static_cast<int>(m_shown->best);
        const QString texts[] = {
            percentText(point.share) + QStringLiteral(" %"), QString::number(point.weightBytes / 1024, 'f', 0), cosineText(point.cosine),
            point.agreement ? percentText(*point.agreement) + QStringLiteral(" %") : QStringLiteral("–"), assignmentText(point.assignment)};
        for (int column = 0; column < 5; ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            if (column < 4)
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            item->setToolTip(column == 4 ? texts[4] : QString());
            QFont font = m_table->font();
            font.setBold(best);
            item->setFont(font);
            m_table->setItem(static_cast<int>(row), column, item);
        }
    }
    for (int column = 0; column < 4; ++column)
        m_table->resizeColumnToContents(column);
}

void SearchPanel::refresh()
{
    const Session& session = m_bench.session;
    const Searcher& searcher = m_bench.searcher;
    const bool ready = session.data() && session.calibration() && session.preparedIsFresh();
    m_start->setText(searcher.running() ? tr("Pause") : tr("Start"));
    m_start->setToolTip(ready ? tr("A search that was stopped goes on where it was") : tr("Calibrate first"));
    m_start->setEnabled(ready || searcher.running());
    m_forget->setEnabled(!searcher.running() && session.model() && session.dataSpec());
    if (m_shown != searcher.result()) {
        m_shown = searcher.result();
        if (m_shown) {
            fillResult();
        } else {
            m_plot->setPoints({}, 1, 0);
            m_table->setRowCount(0);
            m_rows.clear();
            m_selected = -1;
        }
        select(m_shown && (m_selected < 0 || m_selected >= static_cast<int>(m_shown->points.size()) || !m_shown->finished)
                   ? static_cast<int>(m_shown->best)
                   : m_selected);
    }
    QString note;
    if (!searcher.error().isEmpty()) {
        note = searcher.error();
    } else if (m_shown) {
        note = tr("settings tried: %1, on %2 samples").arg(m_shown->points.size()).arg(m_shown->samples) + QStringLiteral(" · ");
        note += m_shown->met         ? tr("the target is reached")
                : m_shown->finished  ? tr("the target cannot be reached within the budget; the nearest is marked")
                : searcher.running() ? tr("searching…")
                                     : tr("paused");
        if (searcher.stale())
            note += QStringLiteral(" · ") + tr("of another network or other data");
    } else if (!ready) {
        note = tr("Calibrate first");
    }
    m_note->setText(note);
    m_apply->setEnabled(m_selected >= 0 && m_shown && !searcher.stale());
}

}  // namespace

QWidget* makeSearchPanel(Workbench& bench, QWidget* parent)
{
    return new SearchPanel(bench, parent);
}

}  // namespace qs
