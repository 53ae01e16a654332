// The Branch menu and the toolbar's branch box.
#include "app/commands/configuration_command.h"
#include "app/session/branches.h"
#include "app/window/main_window.h"
#include "app/window/status_strip.h"

#include <QActionGroup>
#include <QComboBox>
#include <QCoreApplication>
#include <QDockWidget>
#include <QInputDialog>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QToolBar>

namespace qs {

namespace {

QString freeName(const Branches& branches)
{
    for (qsizetype i = branches.names().size() + 1;; ++i)
        if (const QString name = QCoreApplication::translate("MainWindow", "branch %1").arg(i); branches.free(name))
            return name;
}

}  // namespace

void MainWindow::makeBranchMenu()
{
    Branches& branches = m_bench.session.branches();
    QMenu* menu = menuBar()->addMenu(tr("&Branch"));
    menu->setToolTipsVisible(true);
    add(menu, "newBranch", tr("&New branch…"), "branch", QKeySequence(Qt::CTRL | Qt::Key_B),
        tr("Names the present settings, with their factors, results and undo history, and goes on there"), [this] { newBranch(); });
    m_switchMenu = menu->addMenu(tr("&Switch to"));
    add(menu, "nextBranch", tr("Ne&xt branch"), nullptr, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_B), {}, [&branches] {
        const QStringList names = branches.names();
        branches.switchTo(names[(names.indexOf(branches.current()) + 1) % names.size()]);
    });
    menu->addSeparator();
    m_besideMenu = menu->addMenu(tr("&Compare with"));
    add(menu, "mergeBranch", tr("&Take the selected layers from the compared branch"), nullptr, QKeySequence(Qt::CTRL | Qt::Key_M),
        tr("The selected layers get the settings that they have in the branch beside this one"),
        [this, &branches] { mergeFromBranch(m_bench.session, branches.reference(), m_bench.session.selection()); });
    menu->addSeparator();
    add(menu, "renameBranch", tr("&Rename…"), nullptr, {}, tr("Another name for the present branch"), [this] { renameBranch(); });
    m_removeMenu = menu->addMenu(tr("&Delete"));
    // Filled when they open: an entry must not go while it is being chosen.
    connect(m_switchMenu, &QMenu::aboutToShow, this, [this, &branches] {
        listBranches(m_switchMenu, true, branches.current(), [&branches](const QString& name) { branches.switchTo(name); });
    });
    connect(m_besideMenu, &QMenu::aboutToShow, this, [this, &branches] {
        listBranches(m_besideMenu, false, branches.reference(), [this, &branches](const QString& name) {
            branches.setReference(name);
            showView(QStringLiteral("branches"));
        });
    });
    connect(m_removeMenu, &QMenu::aboutToShow, this,
            [this] { listBranches(m_removeMenu, false, {}, [this](const QString& name) { removeBranch(name); }); });
    // The selection is not of the document: no refresh comes with it.
    connect(&m_bench.session, &Session::selectionChanged, this, &MainWindow::refreshBranches);
}

void MainWindow::putBranchBox(QToolBar* bar)
{
    m_branchBox = new QComboBox;
    m_branchBox->setObjectName(QStringLiteral("branchBox"));
    m_branchBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_branchBox->setMinimumContentsLength(8);
    m_branchBox->setToolTip(tr("A branch is a set of settings with a name, its factors, results and undo history (Ctrl+B makes another)"));
    bar->addWidget(new QLabel(QStringLiteral(" ") + tr("Branch") + QStringLiteral(" ")));
    bar->addWidget(m_branchBox);
    connect(m_branchBox, &QComboBox::textActivated, this, [this](const QString& name) { m_bench.session.branches().switchTo(name); });
}

void MainWindow::refreshBranches()
{
    Session& session = m_bench.session;
    Branches& branches = session.branches();
    const bool open = session.model() != nullptr;
    const QStringList names = branches.names();
    const bool several = names.size() > 1;
    action(QStringLiteral("newBranch"))->setEnabled(open);
    action(QStringLiteral("renameBranch"))->setEnabled(open);
    action(QStringLiteral("nextBranch"))->setEnabled(several);
    action(QStringLiteral("mergeBranch"))->setEnabled(!branches.reference().isEmpty() && !session.selection().isEmpty());
    m_branchBox->setEnabled(open);
    QStringList shown;
    for (int i = 0; i < m_branchBox->count(); ++i)
        shown << m_branchBox->itemText(i);
    if (shown != names) {
        m_branchBox->clear();
        m_branchBox->addItems(names);
    }
    m_branchBox->setCurrentText(branches.current());
    for (QMenu* menu : {m_switchMenu, m_besideMenu, m_removeMenu})
        menu->setEnabled(several);
}

void MainWindow::listBranches(QMenu* menu, bool withPresent, const QString& checked, const std::function<void(const QString&)>& run)
{
    const Branches& branches = m_bench.session.branches();
    menu->clear();
    for (const QString& name : branches.names()) {
        if (!withPresent && name == branches.current())
            continue;
        QString text = name;
        QAction* entry = menu->addAction(text.replace(QLatin1Char('&'), QLatin1String("&&")), this, [run, name] { run(name); });
        entry->setCheckable(menu != m_removeMenu);
        entry->setChecked(name == checked);
    }
}

void MainWindow::askBranchName(const QString& title, const QString& suggestion, std::function<void(const QString&)> done)
{
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    dialog->setLabelText(tr("Name of the branch"));
    dialog->setTextValue(suggestion);
    connect(dialog, &QInputDialog::textValueSelected, this, [this, suggestion, done = std::move(done)](const QString& text) {
        const QString name = text.trimmed();
        if (m_bench.session.branches().free(name))
            done(name);
        else if (name != suggestion)
            m_messages->showText(name.isEmpty() ? tr("A branch needs a name.") : tr("There is a branch %1 already: choose another name.").arg(name));
    });
    dialog->open();
}

void MainWindow::newBranch()
{
    Branches& branches = m_bench.session.branches();
    askBranchName(tr("New branch"), freeName(branches), [&branches](const QString& name) { branches.create(name); });
}

void MainWindow::renameBranch()
{
    Branches& branches = m_bench.session.branches();
    askBranchName(tr("Rename the branch"), branches.current(),
                  [&branches, from = branches.current()](const QString& name) { branches.rename(from, name); });
}

void MainWindow::removeBranch(const QString& name)
{
    m_bench.session.branches().remove(name);
    m_messages->ask(tr("Branch %1 is deleted.").arg(name), tr("Put it back"), tr("Close"), [this, name](bool back) {
        if (back && m_bench.session.branches().removed() == name)
            m_bench.session.branches().putBack();
    });
}

}  // namespace qs
