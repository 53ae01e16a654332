#include "app/views/view.h"
#include "app/views/views.h"
#include "widgets/common/check_text.h"
#include "widgets/common/theme.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDockWidget>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace qs {

namespace {

/// What the target's rules say: a line a result, its source and remedy below it.
class ChecksPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::ChecksPanel)

public:
    ChecksPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;
    void refreshSelection() override;

private:
    void filter();
    void say();
    QTreeWidgetItem* itemOf(const CheckResult& result) const;

    QLineEdit* m_find;
    QComboBox* m_severity;
    QLabel* m_count;
    QTreeWidget* m_tree;
    /// What the tree was made of.
    std::vector<CheckResult> m_shown;
};

bool same(std::span<const CheckResult> a, std::span<const CheckResult> b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const CheckResult& x, const CheckResult& y) {
        return x.rule == y.rule && x.layer == y.layer && x.arguments == y.arguments;
    });
}

ChecksPanel::ChecksPanel(Workbench& bench, QWidget* parent)
    : View(bench, parent), m_find(new QLineEdit), m_severity(new QComboBox), m_count(new QLabel), m_tree(new QTreeWidget)
{
    m_find->setPlaceholderText(tr("Find in the checks"));
    m_find->setClearButtonEnabled(true);
    m_find->setMaximumWidth(220);
    m_find->setMinimumWidth(180);
    m_severity->addItem(tr("all"), -1);
    for (const Severity severity : {Severity::Error, Severity::Slow, Severity::Accuracy, Severity::Advice})
        m_severity->addItem(severityIcon(severity), severityLabel(severity), static_cast<int>(severity));
    m_severity->setToolTip(tr("Show only checks of one severity"));
    m_tree->setObjectName(QStringLiteral("checks"));
    m_tree->setHeaderLabels({tr("Severity"), tr("Layer"), tr("What")});
    m_tree->setUniformRowHeights(true);
    m_tree->setAlternatingRowColors(true);
    m_tree->header()->resizeSection(0, 170);
    m_tree->header()->resizeSection(1, 190);
    m_tree->header()->setStretchLastSection(true);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 4);
    bar->addWidget(m_find);
    bar->addWidget(m_severity);
    bar->addWidget(m_count, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_tree);
    connect(m_find, &QLineEdit::textChanged, this, &ChecksPanel::filter);
    connect(m_severity, &QComboBox::currentIndexChanged, this, &ChecksPanel::filter);
    connect(m_tree, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        if (!item)
            return;
        const QString layer = (item->parent() ? item->parent() : item)->text(1);
        if (!layer.isEmpty())
            m_bench.session.setSelection({layer});
    });
    // The tab says how many there are, also while nobody looks.
    connect(&bench.session, &Session::changed, this, &ChecksPanel::say);
    say();
}

void ChecksPanel::say()
{
    const auto checks = m_bench.session.checks();
    for (QWidget* up = parentWidget(); up; up = up->parentWidget())
        if (auto* dock = qobject_cast<QDockWidget*>(up))
            dock->setWindowTitle(checks.empty() ? tr("Checks") : tr("Checks (%1)").arg(checks.size()));
}

QTreeWidgetItem* ChecksPanel::itemOf(const CheckResult& result) const
{
    const Severity severity = result.rule->severity;
    auto* item = new QTreeWidgetItem({severityLabel(severity), QString::fromStdString(result.layer), checkMessage(result)});
    item->setIcon(0, severityIcon(severity));
    item->setData(0, Qt::UserRole, static_cast<int>(severity));
    item->setToolTip(2, checkMessage(result));
    const std::pair<QString, QString> details[] = {
        {tr("What to do"), ruleRemedy(*result.rule)}, {tr("Source"), ruleSource(*result.rule)}, {tr("Rule"), QString::fromUtf8(result.rule->id)}};
    for (const auto& [name, text] : details) {
        auto* detail = new QTreeWidgetItem(item, {QString(), name, text});
        detail->setForeground(1, theme().secondary);
        detail->setToolTip(2, text);
    }
    return item;
}

void ChecksPanel::refresh()
{
    const auto checks = m_bench.session.checks();
    if (!same(checks, m_shown) || (checks.empty() && m_tree->topLevelItemCount() > 0)) {
        m_tree->clear();
        m_shown.assign(checks.begin(), checks.end());
        QList<QTreeWidgetItem*> items;
        for (const CheckResult& result : m_shown)
            items << itemOf(result);
        m_tree->addTopLevelItems(items);
    }
    filter();
    refreshSelection();
}

void ChecksPanel::filter()
{
    const QString wanted = m_find->text();
    const int severity = m_severity->currentData().toInt();
    int shown = 0;
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
        QTreeWidgetItem* item = m_tree->topLevelItem(i);
        const bool fits =
            (severity < 0 || item->data(0, Qt::UserRole).toInt() == severity) &&
            (wanted.isEmpty() || item->text(1).contains(wanted, Qt::CaseInsensitive) || item->text(2).contains(wanted, Qt::CaseInsensitive));
        item->setHidden(!fits);
        shown += fits ? 1 : 0;
    }
    const Session& session = m_bench.session;
    const QString label = QString::fromUtf8(session.target().label);
    if (!session.model())
        m_count->setText({});
    else if (!session.checksAreFresh())
        m_count->setText(tr("checking for %1…").arg(label));
    else if (m_shown.empty())
        m_count->setText(tr("%1 takes this network as it is").arg(label));
    else
        m_count->setText(session.record() ? tr("%1 of %2, for %3").arg(shown).arg(m_shown.size()).arg(label)
                                          : tr("%1 of %2, for %3; more after the calibration").arg(shown).arg(m_shown.size()).arg(label));
}

void ChecksPanel::refreshSelection()
{
    // Of several layers none is current: to make one so would be to select it alone.
    const QStringList& selection = m_bench.session.selection();
    const QString layer = selection.size() == 1 ? selection.front() : QString();
    const QTreeWidgetItem* now = m_tree->currentItem();
    if (now && (now->parent() ? now->parent() : now)->text(1) == layer)
        return;
    m_tree->setCurrentItem(nullptr);
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i)
        if (QTreeWidgetItem* item = m_tree->topLevelItem(i); item->text(1) == layer && !item->isHidden()) {
            m_tree->setCurrentItem(item);
            return;
        }
}

}  // namespace

QWidget* makeChecksPanel(Workbench& bench, QWidget* parent)
{
    return new ChecksPanel(bench, parent);
}

}  // namespace qs
