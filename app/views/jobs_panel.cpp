#include "app/views/view.h"
#include "app/views/views.h"
#include "widgets/common/error_text.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"

#include <QCoreApplication>
#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableWidget>
#include <QVBoxLayout>

namespace qs {

namespace {

class ProgressDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const QRect lane = option.rect.adjusted(4, 6, -4, -6);
        painter->fillRect(lane, mixed(theme().line, theme().background, 0.4));
        QRect done = lane;
        done.setWidth(qRound(lane.width() * index.data(Qt::UserRole).toDouble()));
        painter->fillRect(done, index.data(Qt::UserRole + 1).toBool() ? theme().accent : theme().secondary);
    }
};

class JobsPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::JobsPanel)

public:
    JobsPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;

private:
    QTableWidget* m_table;
    std::vector<int> m_ids;
};

JobsPanel::JobsPanel(Workbench& bench, QWidget* parent) : View(bench, parent), m_table(new QTableWidget(0, 6))
{
    m_table->setHorizontalHeaderLabels({tr("Job"), tr("State"), tr("Progress"), tr("Time"), tr("Left"), QString()});
    styleTable(m_table);
    m_table->setAlternatingRowColors(false);
    m_table->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
    m_table->setColumnWidth(0, 220);
    m_table->setColumnWidth(2, 180);
    m_table->setColumnWidth(3, 60);
    m_table->setColumnWidth(4, 60);
    m_table->setColumnWidth(5, 30);
    m_table->setItemDelegateForColumn(2, new ProgressDelegate(m_table));
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_table);
    connect(&bench.jobs, &JobRunner::changed, this, &JobsPanel::refreshWhenSeen);
    connect(m_table, &QTableWidget::cellClicked, this, [this](int row, int column) {
        if (column == 5 && row < static_cast<int>(m_ids.size()))
            m_bench.jobs.cancel(m_ids[static_cast<size_t>(row)]);
    });
}

void JobsPanel::refresh()
{
    const std::vector<JobInfo> jobs = m_bench.jobs.jobs();
    m_table->setRowCount(static_cast<int>(jobs.size()));
    m_ids.clear();
    for (size_t i = 0; i < jobs.size(); ++i) {
        const JobInfo& job = jobs[i];
        m_ids.push_back(job.id);
        const bool active = job.state == JobState::Queued || job.state == JobState::Running;
        QString state;
        switch (job.state) {
            case JobState::Queued:
                state = tr("waiting");
                break;
            case JobState::Running:
                state = job.cancelling ? tr("cancelling…") : job.progress ? progressPhrase(*job.progress) : tr("running");
                break;
            case JobState::Done:
                state = tr("done");
                break;
            case JobState::Failed:
                state = tr("failed: %1").arg(job.error);
                break;
            case JobState::Cancelled:
                state = tr("cancelled");
                break;
        }
        const QString cells[] = {
            job.title, state, {}, durationText(job.seconds), active && job.secondsLeft >= 0 ? durationText(job.secondsLeft) : QString(), {}};
        for (int c = 0; c < 6; ++c) {
            QTableWidgetItem* item = m_table->item(static_cast<int>(i), c);
            if (!item) {
                item = new QTableWidgetItem;
                m_table->setItem(static_cast<int>(i), c, item);
            }
            item->setText(cells[c]);
            item->setToolTip(c == 5 && active ? tr("Cancel") : cells[c]);
            if (c == 2) {
                item->setData(Qt::UserRole, job.state == JobState::Done ? 1.0 : job.fraction());
                item->setData(Qt::UserRole + 1, active);
            } else if (c == 3 || c == 4)
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            else if (c == 5)
                item->setIcon(active ? lineIcon(QStringLiteral("cancel")) : QIcon());
            item->setForeground(job.state == JobState::Failed ? theme().warning : active ? theme().text : theme().secondary);
        }
    }
}

}  // namespace

QWidget* makeJobsPanel(Workbench& bench, QWidget* parent)
{
    return new JobsPanel(bench, parent);
}

}  // namespace qs
