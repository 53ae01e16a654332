#include "app/window/main_window.h"

#include "app/commands/configuration_command.h"
#include "app/common/shape_text.h"
#include "app/dialogs/data_dialog.h"
#include "app/dialogs/export_dialog.h"
#include "app/session/branches.h"
#include "app/session/diagnoser.h"
#include "app/session/live.h"
#include "app/session/searcher.h"
#include "app/views/graph_panel.h"
#include "app/views/views.h"
#include "app/window/locator.h"
#include "app/window/status_strip.h"
#include "app/window/still_page.h"
#include "app/window/view_groups.h"
#include "app/window/welcome_page.h"
#include "core/import/importer.h"
#include "widgets/common/focus_ring.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDataStream>
#include <QDir>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QIODevice>
#include <QInputDialog>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPointer>
#include <QScreen>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QThread>
#include <QTimer>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <functional>
#include <utility>

namespace qs {

namespace {

constexpr int layoutVersion = 2;

QString importFilter()
{
    QStringList all{QStringLiteral("*.qsproj")};
    QStringList filters;
    for (const Importer& importer : importers()) {
        QStringList patterns;
        for (const char* suffix : importer.suffixes)
            patterns << QLatin1Char('*') + QLatin1String(suffix);
        all << patterns;
        filters << QStringLiteral("%1 (%2)").arg(QLatin1String(importer.description), patterns.join(QLatin1Char(' ')));
    }
    filters.prepend(QCoreApplication::translate("MainWindow", "Networks and projects (%1)").arg(all.join(QLatin1Char(' '))));
    filters << QCoreApplication::translate("MainWindow", "Projects (%1)").arg(QStringLiteral("*.qsproj"))
            << QCoreApplication::translate("MainWindow", "All files (%1)").arg(QStringLiteral("*"));
    return filters.join(QStringLiteral(";;"));
}

/// A dock's page, made when it is first needed: the empty window has none, and should paint at once.
class LatePage final : public StillPage {
public:
    explicit LatePage(std::function<QWidget*(QWidget*)> makePage) : m_make(std::move(makePage)) {}
    void make()
    {
        if (const auto makePage = std::exchange(m_make, nullptr))
            setPage(makePage(this));
    }

protected:
    void showEvent(QShowEvent* event) override
    {
        make();
        StillPage::showEvent(event);
    }

private:
    std::function<QWidget*(QWidget*)> m_make;
};

}  // namespace

MainWindow::MainWindow(Workbench& bench, QWidget* parent) : QMainWindow(parent), m_bench(bench)
{
    setObjectName(QStringLiteral("mainWindow"));
    setAcceptDrops(true);
    setDockOptions(AnimatedDocks | AllowTabbedDocks | AllowNestedDocks);
    m_messages = new MessageBar;
    m_stack = new QStackedWidget;
    m_graph = static_cast<GraphPanel*>(views().front().make(m_bench, nullptr));
    m_stack->addWidget(new QWidget);
    m_stack->addWidget(m_graph);
    auto* centre = new QWidget;
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_messages);
    column->addWidget(m_stack, 1);
    setCentralWidget(centre);
    setRecent({});
    makeDocks();
    makeFileMenu();
    makeEditMenu();
    makeViewMenu();
    makeWorkMenus();
    makeBranchMenu();
    makeHelpMenu();
    makeToolBar();
    makeFirstSteps();
    auto* strip = new StillPage;
    strip->setPage(new StatusStrip(m_bench));
    statusBar()->addWidget(strip, 1);
    statusBar()->setSizeGripEnabled(false);

    connect(&bench.session, &Session::changed, this, &MainWindow::refresh);
    connect(&bench.jobs, &JobRunner::changed, this, &MainWindow::highlightNext);
    connect(&bench.workflow, &Workflow::failed, m_messages, &MessageBar::showText);
    connect(&bench.workflow, &Workflow::modelOpened, this, [this] {
        m_messages->hide();
        sayWhatIsMissing();
        const auto& project = m_bench.session.projectPath();
        Q_EMIT pathOpened(QString::fromStdString((project.empty() ? m_bench.session.modelPath() : project).string()));
    });
    connect(&bench.workflow, &Workflow::lost, this, &MainWindow::offerToLocate);
    connect(&bench.workflow, &Workflow::exported, this, [this](const QString& folder) {
        QSettings().setValue(QStringLiteral("exportFolder"), folder);
        m_messages->showDone(tr("Exported to %1").arg(folder));
    });
    connect(&bench.workflow, &Workflow::sizeAsked, this, &MainWindow::askForSize);
    connect(&bench.workflow, &Workflow::reported, this, [this](const QString& file) { m_messages->showDone(tr("Written %1").arg(file)); });
    connect(&bench.probe, &SampleProbe::looked, this, [this] { showView(QStringLiteral("compare")); });
    connect(&bench.workflow, &Workflow::layoutLoaded, this, &MainWindow::restoreLayout);

    connect(qApp, &QApplication::focusChanged, this, [this, ring = QPointer<FocusRing>()](QWidget*, QWidget* now) mutable {
        delete ring;
        ring = now && (now->window() == this || isAncestorOf(now->window())) ? FocusRing::around(now) : nullptr;
    });

    // Inside the screen, frame and all.
    const QSize room = QGuiApplication::primaryScreen() ? QGuiApplication::primaryScreen()->availableSize() - QSize(20, 50) : QSize(1440, 900);
    resize(QSize(1440, 900).boundedTo(room));
    m_defaultState = saveLayout();
    const QSettings settings;
    if (settings.contains(QStringLiteral("window/geometry")))
        restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    if (settings.contains(QStringLiteral("window/state")))
        restoreLayout(settings.value(QStringLiteral("window/state")).toByteArray());
    refresh();
}

MainWindow::~MainWindow() = default;

void MainWindow::makeDocks()
{
    setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    m_groups = new ViewGroups(this);
    addDockWidget(Qt::BottomDockWidgetArea, m_groups);
    QDockWidget* firstBottom = nullptr;
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    for (const ViewEntry& entry : views()) {
        if (entry.place == Place::Centre)
            continue;
        auto* dock = new QDockWidget(viewTitle(entry), this);
        dock->setObjectName(QLatin1String(entry.id));
        dock->setWidget(new LatePage([this, &entry](QWidget* parent) { return entry.make(m_bench, parent); }));
        const Qt::DockWidgetArea area = entry.place == Place::Left    ? Qt::LeftDockWidgetArea
                                        : entry.place == Place::Right ? Qt::RightDockWidgetArea
                                                                      : Qt::BottomDockWidgetArea;
        addDockWidget(area, dock);
        if (entry.place == Place::Bottom) {
            if (firstBottom)
                tabifyDockWidget(firstBottom, dock);
            else
                splitDockWidget(m_groups, firstBottom = dock, Qt::Horizontal);
            m_groups->add(entry.group, dock);
        }
        m_docks.emplace(dock->objectName(), dock);
    }
    m_groups->choose(ViewGroup::Find);
    resizeDocks({firstBottom}, {270}, Qt::Vertical);
}

QAction* MainWindow::action(const QString& id) const
{
    const auto found = m_actions.find(id);
    return found == m_actions.end() ? nullptr : found->second;
}

QDockWidget* MainWindow::dock(const QString& id) const
{
    const auto found = m_docks.find(id);
    return found == m_docks.end() ? nullptr : found->second;
}

void MainWindow::showView(const QString& id)
{
    m_groups->bring(m_docks.at(id));
}

QByteArray MainWindow::saveLayout() const
{
    QByteArray layout;
    QDataStream stream(&layout, QIODevice::WriteOnly);
    stream << saveState(layoutVersion) << m_groups->saveGroups();
    return layout;
}

bool MainWindow::restoreLayout(const QByteArray& layout)
{
    QByteArray state;
    QByteArray groups;
    QDataStream stream(layout);
    stream >> state >> groups;
    const bool restored = restoreState(state, layoutVersion);
    if (restored)
        m_groups->restoreGroups(groups);
    return restored;
}

void MainWindow::setRecent(const QStringList& recent)
{
    m_recent = recent;
    auto* page = new WelcomePage(recent);
    connect(page, &WelcomePage::openRequested, this, &MainWindow::openFile);
    connect(page, &WelcomePage::demoRequested, this, &MainWindow::openDemo);
    connect(page, &WelcomePage::recentRequested, this, [this](const QString& path) { openPath(path.toStdString()); });
    QWidget* old = m_stack->widget(0);
    const bool current = m_stack->currentIndex() == 0;
    m_stack->insertWidget(0, page);
    m_stack->removeWidget(old);
    old->deleteLater();
    if (current)
        m_stack->setCurrentIndex(0);
    if (!m_recentMenu)
        return;
    m_recentMenu->clear();
    for (const QString& path : recent)
        m_recentMenu->addAction(path, this, [this, path] { openPath(path.toStdString()); });
    m_recentMenu->setEnabled(!recent.isEmpty());
}

void MainWindow::setChecked(Language language, ThemeMode theme)
{
    for (QAction* entry : m_languages->actions())
        entry->setChecked(entry->data().toInt() == static_cast<int>(language));
    for (QAction* entry : m_themes->actions())
        entry->setChecked(entry->data().toInt() == static_cast<int>(theme));
}

void MainWindow::refresh()
{
    const Session& session = m_bench.session;
    const bool open = session.model() != nullptr;
    m_stack->setCurrentIndex(open ? 1 : 0);
    // The empty window says three things to do, and nothing else.
    if (!open) {
        for (const auto& [id, dock] : m_docks)
            dock->hide();
        m_groups->hide();
    } else if (!m_shown) {
        m_shown = true;
        for (const auto& [id, dock] : m_docks)
            static_cast<LatePage*>(dock->widget())->make();
        const QSettings settings;
        const QByteArray state = settings.value(QStringLiteral("window/state")).toByteArray();
        if (state.isEmpty() || !restoreLayout(state))
            restoreFirstLayout();
    }
    const QString name = session.projectPath().empty() ? QString::fromStdString(session.modelPath().filename().string())
                                                       : QString::fromStdString(session.projectPath().filename().string());
    setWindowTitle(open ? QStringLiteral("%1[*] – Quantscope").arg(name) : QStringLiteral("Quantscope"));
    setWindowModified(session.modified());
    for (const char* id : {"save",       "saveAs",        "convert", "data",    "classNames", "loadConfiguration", "saveConfiguration",
                           "loadRecord", "goToLayer",     "find",    "offset",  "fusion",     "defaults",          "zoomFit",
                           "zoomFull",   "zoomSelection", "zoomIn",  "zoomOut", "toggle",     "nextView",          "previousView"})
        action(QLatin1String(id))->setEnabled(open);
    for (const GroupEntry& group : viewGroups())
        action(QLatin1String(group.id))->setEnabled(open);
    action(QStringLiteral("calibrate"))->setEnabled(open && session.data());
    action(QStringLiteral("compare"))->setEnabled(open && session.data() && session.record());
    action(QStringLiteral("export"))->setEnabled(open && session.record());
    action(QStringLiteral("uninplace"))->setEnabled(open && session.model()->format() == "caffe");
    action(QStringLiteral("report"))->setEnabled(session.branches().resultHolds(session.branches().current()));
    action(QStringLiteral("worst"))->setEnabled(session.result().comparison != nullptr);
    action(QStringLiteral("diagnose"))->setEnabled(open && session.data() && session.record());
    action(QStringLiteral("sensitivity"))->setEnabled(open && session.data() && session.record());
    action(QStringLiteral("search"))->setEnabled(open);
    action(QStringLiteral("live"))->setChecked(m_bench.live.enabled());
    action(QStringLiteral("customProto"))->setChecked(!session.customProto().empty());
    action(QStringLiteral("offset"))->setChecked(session.configuration().activationOffset);
    action(QStringLiteral("fusion"))->setChecked(session.configuration().doFusion);
    refreshBranches();
    showFirstSteps();
    highlightNext();
}

void MainWindow::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    refresh();
}

void MainWindow::openPath(const std::filesystem::path& path)
{
    if (!m_bench.workflow.opensNetwork(path) || mayLeave())
        m_bench.workflow.openAny(path);
}

bool MainWindow::mayLeave()
{
    if (m_quiet || !m_bench.session.modified())
        return true;
    const auto answer = QMessageBox::question(this, QStringLiteral("Quantscope"), tr("Save the changes to the project?"),
                                              QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
    return answer == QMessageBox::Discard || (answer == QMessageBox::Save && saveProject());
}

void MainWindow::offerToLocate(const QString& text, const std::filesystem::path& file, const Located& found)
{
    m_messages->offer(text, tr("Locate…"), [this, file, found] {
        // What has no suffix was a folder of pictures.
        const bool folder = file.extension().empty();
        const QString name = QString::fromStdString(file.filename().string());
        const QString chosen = folder ? QFileDialog::getExistingDirectory(this, tr("Where is %1?").arg(name))
                                      : QFileDialog::getOpenFileName(this, tr("Where is %1?").arg(name));
        if (!chosen.isEmpty())
            found(chosen.toStdString());
    });
}

void MainWindow::sayWhatIsMissing()
{
    const auto& model = m_bench.session.model();
    if (!model || !lacksWeights(*model))
        return;
    m_messages->offer(
        tr("This network has no weights: none or several files beside it may be meant. Layers with weights are not run."), tr("Choose…"), [this] {
            const Session& session = m_bench.session;
            const QString chosen =
                QFileDialog::getOpenFileName(this, tr("Weights of %1").arg(QString::fromStdString(session.modelPath().filename().string())),
                                             QString::fromStdString(session.modelPath().parent_path().string()), QStringLiteral("(*.caffemodel)"));
            if (!chosen.isEmpty())
                m_bench.workflow.openModel(session.modelPath(), chosen.toStdString());
        });
}

std::filesystem::path MainWindow::folderForFiles() const
{
    const QString home = QDir::homePath();
    const QString last = QSettings().value(QStringLiteral("exportFolder"), home).toString();
    return (QDir(last).exists() ? last : home).toStdString();
}

void MainWindow::openFile()
{
    const QString path = QFileDialog::getOpenFileName(this, tr("Open a network"), {}, importFilter());
    if (!path.isEmpty())
        openPath(path.toStdString());
}

void MainWindow::chooseCustomProto()
{
    Session& session = m_bench.session;
    const std::filesystem::path before = session.customProto();
    std::filesystem::path chosen;
    if (before.empty())
        chosen = QFileDialog::getOpenFileName(this, tr("Open a custom.proto"), {}, QStringLiteral("(*.proto)")).toStdString();
    session.setCustomProto(chosen);
    QSettings().setValue(QStringLiteral("customProto"), QString::fromStdString(chosen.string()));
    if (chosen != before && session.model() && session.model()->format() == "caffe")
        m_bench.workflow.openModel(session.modelPath(), session.weightsPath());
    action(QStringLiteral("customProto"))->setChecked(!session.customProto().empty());
}

void MainWindow::askForSize(const QString& input)
{
    bool ok = false;
    const QString text = QInputDialog::getText(this, tr("Size of an input"),
                                               tr("The network leaves the size of its input %1 open. Batch, channels, height, width:").arg(input),
                                               QLineEdit::Normal, QStringLiteral("1x3x224x224"), &ok);
    if (!ok)
        return;
    const Session& session = m_bench.session;
    // Beside those that were asked for before.
    std::map<std::string, Shape> shapes = session.inputShapes();
    if (const auto shape = shapeFromText(text.toStdString())) {
        shapes[input.toStdString()] = *shape;
        m_bench.workflow.openModel(session.modelPath(), session.weightsPath(), shapes);
    } else
        m_messages->showText(tr("%1 is not a shape such as 1x3x224x224").arg(text));
}

void MainWindow::chooseCache()
{
    Live& live = m_bench.live;
    bool ok = false;
    const int mebibytes = QInputDialog::getInt(this, tr("Memory for values"), tr("MiB that the values of the network may take:"),
                                               static_cast<int>(live.cacheBudget() >> 20), 16, 1 << 20, 256, &ok);
    if (ok)
        live.setCacheBudget(static_cast<size_t>(mebibytes) << 20);
}

void MainWindow::chooseThreads()
{
    bool ok = false;
    const int threads =
        QInputDialog::getInt(this, tr("Threads"), tr("Processors that the engine may use (this machine has %1):").arg(QThread::idealThreadCount()),
                             m_bench.jobs.threads(), 1, std::max(1, QThread::idealThreadCount()), 1, &ok);
    if (ok)
        m_bench.jobs.setThreads(threads);
}

void MainWindow::openDemo()
{
    const std::filesystem::path folder = Workflow::demoFolder();
    if (folder.empty()) {
        m_messages->showText(tr("The demo is not installed. It belongs in share/quantscope/demo beside the program."));
        return;
    }
    if (mayLeave())
        m_bench.workflow.openProject(folder / "demo.qsproj", Workflow::ProjectFile::Template);
}

void MainWindow::chooseData(const std::filesystem::path& given)
{
    const Session& session = m_bench.session;
    if (!session.model())
        return;
    DataSpec spec;
    // A folder that is dropped and one that is chosen here are prepared alike.
    if (session.dataSpec())
        spec = *session.dataSpec();
    else if (const auto preprocess = preprocessFromModel(*session.model()))
        spec.preprocess = *preprocess;
    else if (!given.empty())
        spec = guessDataSpec(given, m_bench.workflow.inputShape());
    if (!given.empty() && given != spec.path) {
        const DataSpec guessed = guessDataSpec(given, m_bench.workflow.inputShape());
        spec.path = given;
        spec.kind = guessed.kind;
        spec.labels = guessed.labels;
    }
    auto* dialog = new DataDialog(m_bench, spec, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        const int batches = dialog->batches();
        // A number that the user has chosen is an edit; the untouched default is left to the workflow.
        const bool chosen = batches != m_bench.session.configuration().batchNum;
        if (chosen)
            editConfiguration(m_bench.session, tr("Calibrate on %1 batches").arg(batches), [batches](Configuration& c) { c.batchNum = batches; });
        m_bench.workflow.openData(dialog->spec(), !chosen);
    });
    dialog->open();
}

QString MainWindow::defaultPrefix() const
{
    const std::filesystem::path& model = m_bench.session.modelPath();
    return QString::fromStdString((folderForFiles() / model.stem()).string());
}

void MainWindow::exportFiles()
{
    if (!m_bench.session.record())
        return;
    auto* dialog = new ExportDialog(m_bench, defaultPrefix(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::chooseReport()
{
    const Session& session = m_bench.session;
    const std::filesystem::path& model = session.modelPath();
    const QString suggestion = QString::fromStdString((folderForFiles() / model.stem()).string()) + QStringLiteral("_report.html");
    const QString html = QStringLiteral("HTML (*.html)");
    const QString pdf = QStringLiteral("PDF (*.pdf)");
    QString filter = html;
    QString path = QFileDialog::getSaveFileName(this, tr("Write the report"), suggestion, html + QStringLiteral(";;") + pdf, &filter);
    if (path.isEmpty())
        return;
    if (filter == pdf && path.endsWith(QLatin1String(".html")))
        path.chop(5);
    if (QFileInfo(path).suffix().isEmpty())
        path += filter == pdf ? QStringLiteral(".pdf") : QStringLiteral(".html");
    m_bench.workflow.writeReport(path.toStdString(), m_bench.searcher.front(), m_bench.diagnoser.reported());
}

void MainWindow::convertFiles(const std::filesystem::path& record)
{
    if (!m_bench.session.model())
        return;
    auto* dialog = new ExportDialog(m_bench, defaultPrefix(), this, record);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::goToLayer()
{
    const auto& model = m_bench.session.model();
    if (!model)
        return;
    QStringList names;
    QStringList types;
    for (const Layer& layer : model->layers()) {
        names << QString::fromStdString(layer.name);
        types << QString::fromStdString(layer.type);
    }
    auto* locator = new Locator(names, types, this);
    locator->setAttribute(Qt::WA_DeleteOnClose);
    connect(locator, &Locator::chosen, this, [this](const QString& layer) { m_bench.session.setSelection({layer}); });
    locator->move(mapToGlobal(QPoint((width() - locator->width()) / 2, 80)));
    locator->show();
}

void MainWindow::selectWorst()
{
    if (const QString worst = m_bench.session.worstLayer(); !worst.isEmpty())
        m_bench.session.setSelection({worst});
}

bool MainWindow::saveProject()
{
    if (m_bench.session.projectPath().empty())
        return saveProjectAs();
    return m_bench.workflow.saveProjectAs(m_bench.session.projectPath(), saveLayout());
}

bool MainWindow::saveProjectAs()
{
    const std::filesystem::path& model = m_bench.session.modelPath();
    // Beside its network, but not among the program's own files.
    const std::filesystem::path folder = model.parent_path() == Workflow::demoFolder() ? folderForFiles() : model.parent_path();
    QString suggestion = QString::fromStdString((folder / model.stem()).string()) + QStringLiteral(".qsproj");
    QString path = QFileDialog::getSaveFileName(this, tr("Save the project"), suggestion, tr("Projects (%1)").arg(QStringLiteral("*.qsproj")));
    if (path.isEmpty())
        return false;
    if (!path.endsWith(QLatin1String(".qsproj")))
        path += QStringLiteral(".qsproj");
    const bool saved = m_bench.workflow.saveProjectAs(path.toStdString(), saveLayout());
    if (saved)
        Q_EMIT pathOpened(path);
    return saved;
}

void MainWindow::restoreFirstLayout()
{
    restoreLayout(m_defaultState);
    // For the window as it is now.
    resizeDocks({m_docks.at(QStringLiteral("layers")), m_docks.at(QStringLiteral("inspector"))}, {width() * 35 / 100, 330}, Qt::Horizontal);
}

void MainWindow::resetLayout()
{
    restoreFirstLayout();
    if (!m_bench.session.model())
        refresh();
}

void MainWindow::closeQuietly()
{
    m_quiet = true;
    close();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!mayLeave()) {
        event->ignore();
        return;
    }
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    if (m_bench.session.model())
        settings.setValue(QStringLiteral("window/state"), saveLayout());
    if (!m_quiet)
        Q_EMIT aboutToQuit();
    QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    for (const QUrl& url : event->mimeData()->urls()) {
        if (!url.isLocalFile())
            continue;
        const std::filesystem::path path = url.toLocalFile().toStdString();
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored) && m_bench.session.model()) {
            chooseData(path);
        } else
            openPath(path);
        event->acceptProposedAction();
        return;
    }
}

}  // namespace qs
