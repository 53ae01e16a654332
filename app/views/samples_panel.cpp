#include "app/commands/configuration_command.h"
#include "app/views/view.h"
#include "app/views/views.h"
#include "core/data/selection.h"
#include "widgets/common/buffer_image.h"
#include "widgets/common/empty_page.h"
#include "widgets/common/icons.h"
#include "widgets/common/tables.h"
#include "widgets/models/sample_table_model.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace qs {

namespace {

const char* const thumbnailsKey = "samples/thumbnails";

/// Every sample with what the network makes of it, as rows or as thumbnails.
class SamplesPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::SamplesPanel)

public:
    SamplesPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;
    void refreshSelection() override {}  // samples know of no layer

private:
    void makeTable();
    void makeThumbnails();
    QLayout* makeBar();
    std::vector<SampleRow> rows() const;
    void showCurrent();
    void showNote();
    void loadThumbnails();
    void openMenu(const QPoint& at);
    std::vector<int> selected() const;
    /// What an edit of one sample applies to: all selected ones if it is one of them.
    std::vector<int> targets(int sample) const;
    void leaveOutOfCalibration(const std::vector<int>& samples, bool out);
    void leaveOutOfComparison(const std::vector<int>& samples, bool out);
    /// `keys` with or without those of these samples.
    std::vector<std::string> changed(const std::vector<std::string>& keys, const std::vector<int>& samples, bool in) const;
    QAbstractItemView* view() const { return m_asThumbnails->isChecked() ? static_cast<QAbstractItemView*>(m_thumbnails) : m_table; }

    SampleTableModel* m_model;
    SampleFilterModel* m_filter;
    QTableView* m_table;
    QListView* m_thumbnails;
    QStackedWidget* m_pages;
    EmptyPage* m_empty;
    QComboBox* m_which;
    QLineEdit* m_find;
    QToolButton* m_asThumbnails;
    QLabel* m_note;
    std::shared_ptr<const DataSet> m_keysOf;
    std::vector<std::string> m_keys;  ///< of m_keysOf
    /// Of which data the thumbnails are: all of the specification but what is left out.
    std::optional<DataSpec> m_pictured;
    std::vector<int> m_wanted;  ///< thumbnails, the newest last
    bool m_loading = false;
};

SamplesPanel::SamplesPanel(Workbench& bench, QWidget* parent)
    : View(bench, parent), m_model(new SampleTableModel(this)), m_filter(new SampleFilterModel(*m_model, this))
{
    makeTable();
    makeThumbnails();
    m_empty = new EmptyPage;
    m_empty->button()->hide();
    m_pages = new QStackedWidget;
    for (QWidget* page : {static_cast<QWidget*>(m_empty), static_cast<QWidget*>(m_table), static_cast<QWidget*>(m_thumbnails)})
        m_pages->addWidget(page);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(makeBar());
    layout->addWidget(m_pages, 1);
    connect(m_model, &SampleTableModel::calibratesEdited, this, [this](int sample, bool on) { leaveOutOfCalibration(targets(sample), !on); });
    connect(m_model, &SampleTableModel::comparedEdited, this, [this](int sample, bool on) { leaveOutOfComparison(targets(sample), !on); });
    connect(m_model, &SampleTableModel::thumbnailWanted, this, [this](int sample) {
        if (m_wanted.empty() || m_wanted.back() != sample)
            m_wanted.push_back(sample);
        // Asked while it paints.
        QTimer::singleShot(0, this, &SamplesPanel::loadThumbnails);
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
        if (current.isValid())
            m_bench.probe.setSample(current.data(SampleTableModel::SampleRole).toInt());
    });
    connect(&bench.probe, &SampleProbe::changed, this, &SamplesPanel::showCurrent);
}

void SamplesPanel::makeTable()
{
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("samples"));
    m_table->setModel(m_filter);
    styleTable(m_table);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(SampleTableModel::Name, Qt::AscendingOrder);
    m_table->setWordWrap(false);
    m_table->setIconSize({20, 20});
    m_table->verticalHeader()->setDefaultSectionSize(std::max(24, m_table->verticalHeader()->defaultSectionSize()));
    const QFontMetrics metrics = m_table->fontMetrics();
    const std::pair<SampleTableModel::Column, const char*> widths[] = {{SampleTableModel::Name, "a-picture-000001.jpeg"},
                                                                       {SampleTableModel::Cosine, "1−9.9e-05"},
                                                                       {SampleTableModel::Sqnr, "99.99"},
                                                                       {SampleTableModel::MaxError, "0.00123"},
                                                                       {SampleTableModel::FloatClass, "999  retriever"},
                                                                       {SampleTableModel::QuantizedClass, "999  retriever"},
                                                                       {SampleTableModel::Label, "999  retriever"},
                                                                       {SampleTableModel::Calibrates, "xxxxxxxx"},
                                                                       {SampleTableModel::Compared, ""}};
    for (const auto& [column, widest] : widths)
        m_table->setColumnWidth(column,
                                std::max(metrics.horizontalAdvance(QString::fromUtf8(widest)) + (column == SampleTableModel::Name ? 44 : 20),
                                         metrics.horizontalAdvance(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString()) + 24));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QWidget::customContextMenuRequested, this, &SamplesPanel::openMenu);
    connect(m_table, &QAbstractItemView::activated, this, [this] { m_bench.probe.look(); });
}

void SamplesPanel::makeThumbnails()
{
    m_thumbnails = new QListView;
    m_thumbnails->setObjectName(QStringLiteral("thumbnails"));
    m_thumbnails->setModel(m_filter);
    m_thumbnails->setSelectionModel(m_table->selectionModel());
    m_thumbnails->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_thumbnails->setViewMode(QListView::IconMode);
    m_thumbnails->setResizeMode(QListView::Adjust);
    m_thumbnails->setMovement(QListView::Static);
    m_thumbnails->setTextElideMode(Qt::ElideMiddle);
    constexpr int edge = 8;
    const int side = SampleTableModel::thumbnailSize + edge;
    m_thumbnails->setIconSize({side, side});
    m_thumbnails->setGridSize({side + 24, side + m_thumbnails->fontMetrics().height() + 14});
    m_thumbnails->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_thumbnails, &QWidget::customContextMenuRequested, this, &SamplesPanel::openMenu);
    connect(m_thumbnails, &QAbstractItemView::activated, this, [this] { m_bench.probe.look(); });
}

QLayout* SamplesPanel::makeBar()
{
    m_which = new QComboBox;
    m_which->setObjectName(QStringLiteral("samplesShown"));
    m_which->addItems({tr("all samples"), tr("class changed"), tr("wrong in int8 only"), tr("worst ten"), tr("left out")});
    m_which->setItemData(2, tr("The float network's first class is the label, the quantized one's is not"), Qt::ToolTipRole);
    m_find = new QLineEdit;
    m_find->setPlaceholderText(tr("Filter by name"));
    m_find->setClearButtonEnabled(true);
    m_find->addAction(lineIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_asThumbnails = new QToolButton;
    m_asThumbnails->setObjectName(QStringLiteral("asThumbnails"));
    m_asThumbnails->setText(tr("Thumbnails"));
    m_asThumbnails->setToolTip(tr("Pictures instead of rows; the edge's colour says how wrong the output is"));
    m_asThumbnails->setCheckable(true);
    m_asThumbnails->setChecked(QSettings().value(QLatin1String(thumbnailsKey), false).toBool());
    m_note = new QLabel;
    m_note->setObjectName(QStringLiteral("samplesNote"));
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 2);
    bar->setSpacing(6);
    bar->addWidget(m_which);
    bar->addWidget(m_find);
    bar->addWidget(m_asThumbnails);
    bar->addStretch(1);
    bar->addWidget(m_note);
    connect(m_which, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_filter->setFilter(static_cast<SampleFilter>(index));
        // What is worst is looked at first.
        m_table->sortByColumn(static_cast<SampleFilter>(index) == SampleFilter::WorstTen ? SampleTableModel::Cosine : SampleTableModel::Name,
                              Qt::AscendingOrder);
        m_table->scrollToTop();
        m_thumbnails->scrollToTop();
        showNote();
    });
    connect(m_find, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter->setText(text);
        showNote();
    });
    connect(m_asThumbnails, &QToolButton::toggled, this, [this](bool on) {
        QSettings().setValue(QLatin1String(thumbnailsKey), on);
        refresh();
    });
    return bar;
}

std::vector<SampleRow> SamplesPanel::rows() const
{
    const Session& session = m_bench.session;
    const DataSet& set = *session.data();
    const auto out = [](const std::vector<std::string>& keys) { return std::set<std::string>(keys.begin(), keys.end()); };
    const std::set<std::string> notCalibrated = out(session.configuration().notCalibrated);
    const std::set<std::string> notCompared = out(session.dataSpec()->notEvaluated);
    int toCalibrate = session.configuration().batchNum * std::max(1, session.dataSpec()->preprocess.batch);
    std::vector<SampleRow> rows(static_cast<size_t>(set.size()));
    for (int i = 0; i < set.size(); ++i) {
        SampleRow& row = rows[static_cast<size_t>(i)];
        const std::string& key = m_keys[static_cast<size_t>(i)];
        row.sample = i;
        row.name = QString::fromStdString(key);
        row.leftOutOfCalibration = notCalibrated.contains(key);
        row.leftOutOfComparison = notCompared.contains(key);
        row.calibrates = !row.leftOutOfCalibration && toCalibrate-- > 0;
    }
    if (const auto& comparison = session.result().comparison)
        for (const SampleFigures& figures : comparison->bySample)
            if (figures.sample >= 0 && figures.sample < set.size() && !rows[static_cast<size_t>(figures.sample)].leftOutOfComparison)
                rows[static_cast<size_t>(figures.sample)].figures = figures;
    return rows;
}

void SamplesPanel::refresh()
{
    const Session& session = m_bench.session;
    const auto& set = session.data();
    if (!set || set->size() == 0) {
        m_model->setRows({}, {}, false);
        m_empty->setText(tr("Open data to see its samples here, with what the network makes of each."));
        m_pages->setCurrentWidget(m_empty);
        m_note->clear();
        return;
    }
    if (m_keysOf != set) {
        m_keysOf = set;
        m_keys = sampleKeys(*set);
    }
    DataSpec pictured = *session.dataSpec();
    pictured.notEvaluated.clear();
    if (m_pictured != pictured) {
        m_pictured = std::move(pictured);
        m_model->clearThumbnails();
        m_wanted.clear();
    }
    m_model->setRows(rows(), session.classNames(), session.comparisonStale());
    m_pages->setCurrentWidget(view());
    showCurrent();
    showNote();
}

void SamplesPanel::showNote()
{
    const auto& comparison = m_bench.session.result().comparison;
    QStringList parts{tr("%1 of %2 samples").arg(m_filter->rowCount()).arg(m_model->rowCount())};
    if (comparison && comparison->classification.valid) {
        const auto other = std::count_if(comparison->bySample.begin(), comparison->bySample.end(),
                                         [](const SampleFigures& figures) { return figures.vote.valid && !figures.vote.agrees; });
        parts << tr("class changed in %1").arg(other);
    }
    if (static_cast<SampleFilter>(m_which->currentIndex()) == SampleFilter::WrongInInt8Only && comparison && !comparison->classification.labelled)
        parts << tr("the data have no labels");
    if (!comparison)
        parts << tr("compare to see figures (F6)");
    else if (m_bench.session.comparisonStale())
        parts << tr("stale");
    m_note->setText(parts.join(QStringLiteral(", ")));
}

void SamplesPanel::showCurrent()
{
    const int sample = m_bench.probe.sample();
    if (m_table->currentIndex().isValid() && m_table->currentIndex().data(SampleTableModel::SampleRole).toInt() == sample)
        return;
    if (sample >= m_model->rowCount())
        return;
    const QModelIndex index = m_filter->mapFromSource(m_model->index(sample, 0));
    if (!index.isValid())
        return;
    m_table->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    view()->scrollTo(index);
}

void SamplesPanel::loadThumbnails()
{
    if (m_loading || m_wanted.empty() || !m_bench.session.data())
        return;
    // The newest first: what was scrolled past can wait.
    constexpr size_t atOnce = 12;
    std::vector<int> samples;
    while (!m_wanted.empty() && samples.size() < atOnce) {
        if (std::find(samples.begin(), samples.end(), m_wanted.back()) == samples.end())
            samples.push_back(m_wanted.back());
        m_wanted.pop_back();
    }
    m_loading = true;
    using Pictures = std::map<int, QImage>;
    m_bench.jobs.run<Pictures>(
        {QStringLiteral("thumbnails"), tr("Read pictures"), Lane::Light, false, true, this},
        [set = m_bench.session.data(), samples](const JobContext& job, const std::shared_ptr<Engine>&) -> Result<Pictures> {
            Pictures pictures;
            for (const int sample : samples) {
                if (job.cancelled())
                    return cancelledError();
                constexpr int side = SampleTableModel::thumbnailSize;
                const Result<Buffer> picture = sample < set->size() ? set->picture(sample) : Buffer();
                const QImage image = picture ? pictureImage(*picture) : QImage();
                // Small ones are enlarged pixel by pixel.
                const bool small = std::max(image.width(), image.height()) < side;
                pictures[sample] =
                    image.isNull() ? image : image.scaled(side, side, Qt::KeepAspectRatio, small ? Qt::FastTransformation : Qt::SmoothTransformation);
            }
            return pictures;
        },
        [this, pictured = m_pictured](const Result<Pictures>& pictures) {
            m_loading = false;
            if (pictures && pictured == m_pictured)
                m_model->setThumbnails(*pictures);
            loadThumbnails();
        });
}

std::vector<int> SamplesPanel::selected() const
{
    std::vector<int> samples;
    for (const QModelIndex& index : m_table->selectionModel()->selectedIndexes()) {
        const int sample = index.data(SampleTableModel::SampleRole).toInt();
        if (std::find(samples.begin(), samples.end(), sample) == samples.end())
            samples.push_back(sample);
    }
    return samples;
}

std::vector<int> SamplesPanel::targets(int sample) const
{
    std::vector<int> samples = selected();
    return std::find(samples.begin(), samples.end(), sample) == samples.end() ? std::vector<int>{sample} : samples;
}

std::vector<std::string> SamplesPanel::changed(const std::vector<std::string>& keys, const std::vector<int>& samples, bool in) const
{
    std::set<std::string> result(keys.begin(), keys.end());
    for (const int sample : samples) {
        const std::string& key = m_keys[static_cast<size_t>(sample)];
        if (in)
            result.insert(key);
        else
            result.erase(key);
    }
    return {result.begin(), result.end()};
}

void SamplesPanel::leaveOutOfCalibration(const std::vector<int>& samples, bool out)
{
    const QString what =
        samples.size() == 1 ? QString::fromStdString(m_keys[static_cast<size_t>(samples.front())]) : tr("%1 samples").arg(samples.size());
    const QString text = (out ? tr("Calibrate without %1") : tr("Calibrate with %1 again")).arg(what);
    editConfiguration(m_bench.session, text, [&](Configuration& c) { c.notCalibrated = changed(c.notCalibrated, samples, out); });
}

void SamplesPanel::leaveOutOfComparison(const std::vector<int>& samples, bool out)
{
    m_bench.session.setNotEvaluated(changed(m_bench.session.dataSpec()->notEvaluated, samples, out));
}

void SamplesPanel::openMenu(const QPoint& at)
{
    const std::vector<int> samples = selected();
    QMenu menu(this);
    menu.addAction(tr("Look at it in Compare"), this, [this] { m_bench.probe.look(); })->setEnabled(samples.size() == 1);
    menu.addSeparator();
    menu.addAction(tr("Calibrate without"), this, [&] { leaveOutOfCalibration(samples, true); })->setEnabled(!samples.empty());
    menu.addAction(tr("Calibrate with"), this, [&] { leaveOutOfCalibration(samples, false); })->setEnabled(!samples.empty());
    menu.addAction(tr("Compare without"), this, [&] { leaveOutOfComparison(samples, true); })->setEnabled(!samples.empty());
    menu.addAction(tr("Compare with"), this, [&] { leaveOutOfComparison(samples, false); })->setEnabled(!samples.empty());
    menu.addSeparator();
    menu.addActions(m_table->actions());
    menu.exec(view()->viewport()->mapToGlobal(at));
}

}  // namespace

QWidget* makeSamplesPanel(Workbench& bench, QWidget* parent)
{
    return new SamplesPanel(bench, parent);
}

}  // namespace qs
