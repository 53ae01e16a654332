// The real window in a random hand, with the demo in it: edits, drags, undos, jobs and their cancels, branches, targets, views, themes. It must
// neither crash nor warn nor grow without bound, and in the end every figure that it shows must be that of a full computation by core.
// QUANTSCOPE_SOAK_SEED and QUANTSCOPE_SOAK_EDITS choose another walk; QUANTSCOPE_SOAK_LOG=1 names each step before it is taken.
#include "app/session/branches.h"
#include "app/views/distribution_panel.h"
#include "app/views/graph_panel.h"
#include "app/window/shell.h"
#include "app/window/status_strip.h"
#include "core/data/selection.h"
#include "widgets/common/format.h"
#include "widgets/editors/number_field.h"
#include "widgets/graph/graph_view.h"
#include "widgets/models/layer_table_model.h"
#include "widgets/models/sample_table_model.h"
#include "widgets/plots/distribution_plot.h"
#include "widgets/plots/error_profile_plot.h"
#include "widgets/plots/qcp.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDockWidget>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QFile>
#include <QInputDialog>
#include <QPushButton>
#include <QSettings>
#include <QTabBar>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

#include <malloc.h>
#include <unistd.h>
#include <fstream>
#include <numeric>
#include <random>

namespace qs {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

constexpr int pictures = 24;  // more than the live bench's subset
constexpr int batches = 4;    // of one picture
constexpr size_t budgetMebibytes = 16;
/// What the second half of a walk may add to the program: its undo commands (two configurations each, some ten KiB), log lines and job history
/// are kept on purpose, and the heap has holes. Values are not among it: the cache was full long before. Eight walks took 44 less to 38 more.
constexpr double growthMebibytes = 80;

int fromEnvironment(const char* name, int otherwise)
{
    bool ok = false;
    const int value = qEnvironmentVariableIntValue(name, &ok);
    return ok ? value : otherwise;
}

double residentMebibytes()
{
    ::malloc_trim(0);
    std::ifstream file("/proc/self/statm");
    long size = 0, resident = 0;
    file >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// What core alone says of the session's settings and calibration.
struct Exact {
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;
    std::shared_ptr<const Comparison> comparison;
    std::shared_ptr<const SampleComparison> sample;
};

struct SoakTest : testing::Test {
    // An application's name of its own: its settings and backups are not those of tests that run beside it.
    const QString nameBefore = QApplication::applicationName();
    QTemporaryDir folder;
    std::unique_ptr<Shell> shell;
    std::mt19937 random;
    std::vector<std::string> jobErrors;
    bool wasStale = false;  ///< the factors, at some time since nothing ran
    int names = 0;

    void SetUp() override
    {
        QApplication::setApplicationName(QStringLiteral("quantscope-soak"));
        QSettings settings;
        settings.clear();
        settings.setValue(QStringLiteral("language"), static_cast<int>(Language::English));
        settings.setValue(QStringLiteral("theme"), static_cast<int>(ThemeMode::Light));
        settings.setValue(QStringLiteral("cacheMiB"), static_cast<qulonglong>(budgetMebibytes));
        QFile::remove(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/autosave.qsproj"));
        QApplication::setQuitOnLastWindowClosed(false);
        shell = std::make_unique<Shell>(*qApp);
        QObject::connect(&shell->jobs(), &JobRunner::finished, [this](const JobInfo& job) {
            // What runs with the factors fails while they do not fit the settings, and says so: the user is told to calibrate.
            const bool told = wasStale && !job.tag.startsWith(QLatin1String("prepare")) && !job.tag.startsWith(QLatin1String("solve")) &&
                              !job.tag.startsWith(QLatin1String("calibrate"));
            // More batches can be asked for than samples are left to calibrate on: that is said, too.
            const bool tooMany = job.tag.startsWith(QLatin1String("calibrate")) && session().calibratable() &&
                                 session().configuration().batchNum > session().calibratable()->size();
            if (job.state == JobState::Failed && !told && !tooMany)
                jobErrors.push_back((job.title + QStringLiteral(": ") + job.error).toStdString());
        });
        QObject::connect(&session(), &Session::changed, [this] { wasStale = wasStale || session().calibrationStale(); });
        shell->start();
        shell->workflow().openProject(Workflow::demoFolder() / "demo.qsproj");
        settle();
        DataSpec spec = *session().dataSpec();
        spec.limit = pictures;
        spec.preprocess.batch = 1;
        shell->workflow().openData(spec, false);
        settle();
        Configuration configuration = session().configuration();
        configuration.batchNum = batches;
        session().setConfiguration(configuration);
        // Not the demo's own file: steps may save.
        ASSERT_TRUE(shell->workflow().saveProjectAs(folder.filePath(QStringLiteral("soak.qsproj")).toStdString()));
        settle();
        trigger("calibrate");
        settle();
        trigger("compare");
        settle();
        ASSERT_TRUE(session().result().comparison);
        ASSERT_TRUE(shell->live().enabled());
    }

    void TearDown() override
    {
        if (shell) {
            shell->window()->closeQuietly();
            shell.reset();
        }
        applyTheme(*qApp, ThemeMode::Light);
        QApplication::setApplicationName(nameBefore);
        QApplication::setQuitOnLastWindowClosed(true);
    }

    Session& session() const { return shell->session(); }
    MainWindow& window() const { return *shell->window(); }
    QTableView* table() const { return window().findChild<QTableView*>(QStringLiteral("layerTable")); }
    QDockWidget* dock(const char* id) const { return window().dock(QLatin1String(id)); }

    int pick(int count) { return count < 2 ? 0 : static_cast<int>(random() % static_cast<unsigned>(count)); }
    bool chance(int percent) { return pick(100) < percent; }
    template <class T>
    T oneOf(const std::vector<T>& list)
    {
        return list[static_cast<size_t>(pick(static_cast<int>(list.size())))];
    }

    void trigger(const char* action) const
    {
        if (QAction* entry = window().action(QLatin1String(action)); entry->isEnabled())
            entry->trigger();
    }
    void settle()
    {
        for (int i = 0; i < 5; ++i) {
            QCoreApplication::processEvents();
            ASSERT_TRUE(shell->jobs().waitUntilIdle(sanitized ? 600000 : 60000));
        }
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        wasStale = session().calibrationStale();
    }
    static void passTime(int milliseconds)
    {
        QElapsedTimer timer;
        timer.start();
        do
            QCoreApplication::processEvents(QEventLoop::AllEvents, milliseconds);
        while (timer.elapsed() < milliseconds);
    }
    void raise(const char* id) const
    {
        window().showView(QLatin1String(id));
        QCoreApplication::processEvents();
    }
    /// What a user could touch there now.
    template <class T>
    std::vector<T*> touchable(QWidget* parent) const
    {
        std::vector<T*> list;
        for (T* widget : parent->findChildren<T*>())
            if (widget->isVisible() && widget->isEnabled())
                list.push_back(widget);
        return list;
    }

    // The steps.
    void toggleCell();
    void editCell();
    void openCellEditor();
    void select();
    void arrangeTable();
    void inspect();
    void drag();
    void nudgeLimits();
    void undoSome();
    void redoSome();
    void startJob();
    void cancelJob() { trigger("cancel"); }
    void makeBranch();
    void switchBranch();
    void switchTarget();
    void compareBranches();
    void toggleFollow() { trigger("live"); }
    void look();
    void changeNetwork();
    void probe();
    void samples();
    void reopen();
    void guided();
    void search();
    void diagnose();
    void appearance();
    void dialogs();
    void save() { window().saveProject(); }

    // What is shown.
    void bringUpToDate();
    Exact exact();
    void expectTable(const Exact& exact) const;
    void expectProfile(const Exact& exact) const;
    void expectOutput(const Exact& exact);
    void expectRest(const Exact& exact) const;
    void expectFresh();
    void walk(int seed, int edits);
};

void SoakTest::toggleCell()
{
    QAbstractItemModel* rows = table()->model();
    if (chance(20)) {
        QTest::keyClick(table(), Qt::Key_Space);
        return;
    }
    if (rows->rowCount() == 0)
        return;
    const QModelIndex cell = rows->index(pick(rows->rowCount()), LayerTableModel::Enabled);
    if (cell.flags() & Qt::ItemIsUserCheckable)
        rows->setData(cell, cell.data(Qt::CheckStateRole).toInt() == Qt::Checked ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
}

void SoakTest::editCell()
{
    QAbstractItemModel* rows = table()->model();
    if (rows->rowCount() == 0)
        return;
    const QModelIndex cell =
        rows->index(pick(rows->rowCount()), oneOf<int>({LayerTableModel::ActivationBits, LayerTableModel::WeightBits, LayerTableModel::Algorithm}));
    const QStringList choices = cell.data(LayerTableModel::ChoicesRole).toStringList();
    if ((cell.flags() & Qt::ItemIsEditable) && !choices.isEmpty())
        rows->setData(cell, choices[pick(static_cast<int>(choices.size()))], Qt::EditRole);
}

void SoakTest::openCellEditor()
{
    QAbstractItemModel* rows = table()->model();
    if (rows->rowCount() == 0)
        return;
    const QPersistentModelIndex cell =
        rows->index(pick(rows->rowCount()), oneOf<int>({LayerTableModel::ActivationBits, LayerTableModel::WeightBits}));
    table()->setCurrentIndex(cell);
    // An editor that was open has now been closed: what it set may have moved the row, or taken its bits away. But for this cell's own, and in a
    // table that is not to be seen.
    if (!(cell.flags() & Qt::ItemIsEditable) || table()->isPersistentEditorOpen(cell) || !table()->isVisible())
        return;
    table()->edit(cell);
    passTime(pick(5));
    // Left open, closed or used.
    const auto boxes = touchable<QComboBox>(table()->viewport());
    if (boxes.empty() || chance(30))
        return;
    QComboBox* box = boxes.front();
    if (chance(30)) {
        QTest::keyClick(box, Qt::Key_Escape);
        return;
    }
    box->setCurrentIndex(pick(box->count()));
    Q_EMIT box->activated(box->currentIndex());
}

void SoakTest::select()
{
    QAbstractItemModel* rows = table()->model();
    const int kind = pick(10);
    if (kind == 0 || rows->rowCount() == 0) {
        table()->clearSelection();
    } else if (kind == 1) {
        trigger("worst");
    } else if (kind == 2) {
        auto* plot = dock("error-profile")->findChild<ErrorProfilePlot*>();
        Q_EMIT plot->layerClicked(rows->index(pick(rows->rowCount()), 0).data().toString());
    } else if (kind == 3) {
        table()->selectAll();
    } else {
        table()->selectRow(pick(rows->rowCount()));
        for (int more = pick(8) - 5; more > 0; --more)
            table()->selectionModel()->select(rows->index(pick(rows->rowCount()), 0), QItemSelectionModel::Toggle | QItemSelectionModel::Rows);
    }
}

void SoakTest::arrangeTable()
{
    if (chance(50)) {
        table()->sortByColumn(pick(LayerTableModel::ColumnCount + 1) - 1, chance(50) ? Qt::AscendingOrder : Qt::DescendingOrder);
        return;
    }
    auto* text = dock("layers")->findChild<QLineEdit*>();
    text->setText(text->text().isEmpty() && chance(50) ? oneOf<QString>({QStringLiteral("dw"), QStringLiteral("conv"), QStringLiteral("none")})
                                                       : QString());
    if (chance(30))
        dock("layers")->findChild<QCheckBox*>()->click();
    if (chance(20))
        QTest::keyClick(table(), Qt::Key_C, Qt::ControlModifier);
}

void SoakTest::inspect()
{
    raise("inspector");
    if (session().selection().isEmpty() && chance(80))
        select();
    auto* tabs = dock("inspector")->findChild<QTabBar*>(QStringLiteral("inspectorTabs"));
    // The network's page is looked at; its numbers would ask for more pictures than there are.
    tabs->setCurrentIndex(session().selection().isEmpty() || chance(5) ? 1 : 0);
    QCoreApplication::processEvents();
    if (tabs->currentIndex() == 1)
        return;
    const int kind = pick(10);
    if (kind < 3) {
        if (const auto boxes = touchable<QCheckBox>(dock("inspector")); !boxes.empty())
            oneOf(boxes)->click();
    } else if (kind < 5) {
        if (const auto boxes = touchable<QComboBox>(dock("inspector")); !boxes.empty()) {
            QComboBox* box = oneOf(boxes);
            box->setCurrentIndex(pick(box->count()));
            Q_EMIT box->activated(box->currentIndex());
        }
    } else if (kind == 5) {
        if (const auto buttons = touchable<QPushButton>(dock("inspector")); !buttons.empty())
            oneOf(buttons)->click();
    } else if (const auto fields = touchable<NumberField>(dock("inspector")); !fields.empty()) {
        NumberField* field = oneOf(fields);
        field->setFocus();
        if (chance(50)) {
            for (int steps = 1 + pick(4); steps > 0; --steps)
                QTest::keyClick(field, chance(50) ? Qt::Key_Up : Qt::Key_Down);
        } else {
            field->selectAll();
            QTest::keyClicks(field, oneOf<QString>({QStringLiteral("0.9999"), QStringLiteral("0.5"), QStringLiteral("1"), QStringLiteral("0"),
                                                    QStringLiteral("0.02"), QStringLiteral("2"), QStringLiteral("-1"), QStringLiteral("x"),
                                                    QStringLiteral("1e30"), QStringLiteral("-0.25")}));
            if (chance(80))
                QTest::keyClick(field, chance(80) ? Qt::Key_Return : Qt::Key_Escape);
        }
    }
}

void SoakTest::drag()
{
    raise("distribution");
    if (session().selection().isEmpty())
        select();
    auto* panel = window().findChild<DistributionPanel*>();
    if (chance(30))
        if (const auto ports = touchable<QComboBox>(panel); !ports.empty()) {
            QComboBox* box = oneOf(ports);
            box->setCurrentIndex(pick(box->count()));
            Q_EMIT box->activated(box->currentIndex());
        }
    passTime(pick(4));
    DistributionPlot* plot = panel->plot();
    const double x = plot->limitPixel(pick(2));
    QPointF at(std::isfinite(x) && std::abs(x) < 1e6 ? x : 100, plot->plot()->axisRect()->center().y());
    const auto send = [&](QEvent::Type type, Qt::MouseButton button, Qt::MouseButtons buttons) {
        QMouseEvent event(type, at, plot->plot()->mapToGlobal(at), button, buttons, Qt::NoModifier);
        QCoreApplication::sendEvent(plot->plot(), &event);
    };
    send(QEvent::MouseButtonPress, Qt::LeftButton, Qt::LeftButton);
    for (int moves = 1 + pick(5); moves > 0; --moves) {
        at.rx() += chance(10) ? (chance(50) ? -2000 : 2000) : pick(81) - 40;
        send(QEvent::MouseMove, Qt::NoButton, Qt::LeftButton);
        passTime(pick(3));
        // What keys do while the mouse is held.
        if (chance(3))
            (this->*oneOf<void (SoakTest::*)()>({&SoakTest::undoSome, &SoakTest::switchBranch, &SoakTest::select, &SoakTest::cancelJob}))();
    }
    send(QEvent::MouseButtonRelease, Qt::LeftButton, Qt::NoButton);
}

void SoakTest::nudgeLimits()
{
    raise("distribution");
    auto* plot = window().findChild<DistributionPanel*>()->plot();
    if (!plot->isVisible())
        return;
    if (chance(30)) {
        const auto found = session().configuration().layers.find(session().selectedLayer().toStdString());
        const auto ports = touchable<QComboBox>(window().findChild<DistributionPanel*>());
        if (found != session().configuration().layers.end() && found->second.activation(0).clip && !ports.empty() &&
            ports.front()->currentIndex() == 0)
            Q_EMIT plot->clipReset();
        return;
    }
    for (int steps = 1 + pick(6); steps > 0; --steps)
        QTest::keyClick(plot, chance(50) ? Qt::Key_Left : Qt::Key_Right, chance(50) ? Qt::ShiftModifier : Qt::NoModifier);
}

void SoakTest::undoSome()
{
    for (int steps = 1 + pick(4); steps > 0; --steps)
        trigger("undo");
}

void SoakTest::redoSome()
{
    for (int steps = 1 + pick(4); steps > 0; --steps)
        trigger("redo");
}

void SoakTest::startJob()
{
    trigger(oneOf<const char*>({"calibrate", "compare", "compare", "sensitivity", "sensitivity"}));
    passTime(pick(30));
    if (chance(60))
        trigger("cancel");
}

void SoakTest::makeBranch()
{
    Branches& branches = session().branches();
    if (branches.names().size() >= 4) {
        QStringList others = branches.names();
        others.removeAll(branches.current());
        window().removeBranch(others[pick(static_cast<int>(others.size()))]);
        if (chance(40))
            for (auto* button : window().messages()->findChildren<QPushButton*>().mid(0, 1))
                button->click();
        return;
    }
    window().action(chance(80) ? QStringLiteral("newBranch") : QStringLiteral("renameBranch"))->trigger();
    auto* dialog = window().findChild<QInputDialog*>();
    ASSERT_TRUE(dialog);
    dialog->setTextValue(chance(90) ? QStringLiteral("b%1").arg(++names) : branches.names().front());
    passTime(pick(3));
    if (chance(90))
        dialog->accept();
    else
        dialog->reject();
    delete dialog;
}

void SoakTest::switchBranch()
{
    if (chance(50)) {
        trigger("nextBranch");
        return;
    }
    auto* box = window().findChild<QComboBox*>(QStringLiteral("branchBox"));
    Q_EMIT box->textActivated(box->itemText(pick(box->count())));
}

void SoakTest::switchTarget()
{
    auto* box = window().findChild<QComboBox*>(QStringLiteral("target"));
    box->setCurrentIndex(pick(box->count()));
    Q_EMIT box->activated(box->currentIndex());
}

void SoakTest::compareBranches()
{
    raise("branches");
    const int kind = pick(5);
    if (kind == 0) {
        if (const auto boxes = touchable<QComboBox>(dock("branches")); !boxes.empty()) {
            QComboBox* box = oneOf(boxes);
            box->setCurrentIndex(pick(box->count()));
            Q_EMIT box->textActivated(box->currentText());
        }
    } else if (kind == 1) {
        if (const auto tables = touchable<QTableWidget>(dock("branches")); !tables.empty())
            if (QTableWidget* chosen = oneOf(tables); chosen->rowCount() > 0)
                chosen->selectRow(pick(chosen->rowCount()));
    } else if (kind == 2) {
        trigger("mergeBranch");
    } else if (const auto buttons = touchable<QPushButton>(dock("branches")); !buttons.empty()) {
        oneOf(buttons)->click();
    }
}

void SoakTest::look()
{
    raise(oneOf<const char*>({"layers", "inspector", "error-profile", "distribution", "compare", "output", "sensitivity", "tuning", "search",
                              "branches", "checks", "jobs", "log"}));
    if (chance(30))
        for (auto* box : touchable<QComboBox>(dock("error-profile")))
            box->setCurrentIndex(pick(box->count()));
    if (chance(30))
        for (auto* box : touchable<QComboBox>(window().graphPanel())) {
            box->setCurrentIndex(pick(box->count()));
            Q_EMIT box->activated(box->currentIndex());
        }
    if (chance(30))
        trigger(oneOf<const char*>({"zoomFit", "zoomFull", "zoomSelection", "zoomIn", "zoomOut"}));
    if (chance(10))
        window().resize(1000 + pick(600), 700 + pick(300));
}

void SoakTest::changeNetwork()
{
    trigger(oneOf<const char*>({"offset", "fusion", "defaults", "toggle", "toggle"}));
}

void SoakTest::probe()
{
    const char* view = oneOf<const char*>({"output", "compare", "samples"});
    raise(view);
    QDockWidget* shown = dock(view);
    for (auto* box : touchable<QSpinBox>(shown))
        box->setValue(box->minimum() + pick(std::min(box->maximum() - box->minimum() + 1, 100)));
    if (chance(20))
        if (const auto boxes = touchable<QCheckBox>(shown); !boxes.empty())
            oneOf(boxes)->click();
}

void SoakTest::samples()
{
    raise("samples");
    auto* rows = dock("samples")->findChild<QTableView*>(QStringLiteral("samples"));
    if (rows->model()->rowCount() == 0 || !session().dataSpec())
        return;
    const int row = pick(rows->model()->rowCount());
    rows->selectRow(row);
    // Enough are left to calibrate on, and some to compare.
    const int column = chance(50) ? SampleTableModel::Calibrates : SampleTableModel::Compared;
    const size_t out =
        column == SampleTableModel::Calibrates ? session().configuration().notCalibrated.size() : session().dataSpec()->notEvaluated.size();
    const QModelIndex cell = rows->model()->index(row, column);
    const bool in = cell.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    if (!in || static_cast<int>(out) < pictures - std::max(session().configuration().batchNum, pictures / 2))
        rows->model()->setData(cell, in ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
}

/// What was computed comes back with the project, or is computed again.
void SoakTest::reopen()
{
    if (session().projectPath().empty() || !window().saveProject())
        return;
    settle();
    shell->workflow().openProject(session().projectPath());
    settle();
}

void SoakTest::guided()
{
    raise("tuning");
    passTime(pick(20));
    if (const auto buttons = touchable<QPushButton>(dock("tuning")); !buttons.empty())
        oneOf(buttons)->click();
}

void SoakTest::search()
{
    raise("search");
    if (const auto buttons = touchable<QPushButton>(dock("search")); !buttons.empty())
        oneOf(buttons)->click();
    passTime(pick(60));
    // It is a long one: paused or cancelled, and it may go on later.
    if (shell->searcher().running() && chance(50))
        shell->searcher().pause();
    else
        trigger("cancel");
    if (const auto tables = touchable<QTableWidget>(dock("search")); !tables.empty() && tables.front()->rowCount() > 0)
        tables.front()->selectRow(pick(tables.front()->rowCount()));
}

void SoakTest::diagnose()
{
    if (chance(40))
        trigger("diagnose");
    else
        raise("diagnosis");
    passTime(pick(40));
    QDockWidget* shown = dock("diagnosis");
    for (auto* table : touchable<QTableWidget>(shown))
        if (table->rowCount() > 0 && chance(50))
            table->selectRow(pick(table->rowCount()));
    if (const auto buttons = touchable<QPushButton>(shown); !buttons.empty())
        oneOf(buttons)->click();
    if (chance(30))
        trigger("cancel");
}

void SoakTest::appearance()
{
    if (chance(60))
        Q_EMIT window().themeChosen(chance(50) ? ThemeMode::Dark : ThemeMode::Light);
    else
        Q_EMIT window().languageChosen(chance(50) ? Language::Chinese : Language::English);
    QCoreApplication::processEvents();
    QCoreApplication::processEvents();
}

void SoakTest::dialogs()
{
    trigger(oneOf<const char*>({"data", "export"}));
    passTime(pick(20));
    for (auto* dialog : window().findChildren<QDialog*>()) {
        // The same data again is new data.
        if (dialog->inherits("qs::DataDialog") && chance(50))
            dialog->accept();
        else
            dialog->reject();
    }
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

/// As a user who wants figures: the live bench must bring them by itself wherever the factors allow it.
void SoakTest::bringUpToDate()
{
    trigger("cancel");
    settle();
    if (!shell->live().enabled())
        trigger("live");
    settle();
    if (!session().record() || session().calibrationStale()) {
        ASSERT_FALSE(session().solvable()) << "factors that can be solved were not";
        trigger("calibrate");
        settle();
        ASSERT_TRUE(session().record());
        ASSERT_FALSE(session().calibrationStale());
    }
    if (!session().result().comparison)
        trigger("compare");
    settle();
    ASSERT_TRUE(session().result().comparison);
    ASSERT_FALSE(session().comparisonStale()) << "the live bench has not followed";
    ASSERT_EQ(session().result().comparison->freshness, Freshness::Full) << "the live bench has not followed";
    ASSERT_EQ(session().result().comparison->samples, evaluated(session().data())->size());
}

Exact SoakTest::exact()
{
    Exact found;
    // On the compute thread, but with nothing of what the session has prepared, quantized or cached.
    shell->jobs().run<bool>(
        {QStringLiteral("exact"), QStringLiteral("exact"), Lane::Compute},
        [&, model = session().model(), configuration = session().configuration(), calibration = session().calibration(),
         calibrated = session().recordIsCalibrated(), record = *session().record(), data = session().data(), sample = shell->probe().sample(),
         layer = shell->probe().probedLayer().toStdString()](const JobContext& job, const std::shared_ptr<Engine>& engine) -> Result<bool> {
            QS_TRY(found.prepared, prepareNetwork(model, configuration));
            QS_TRY(found.quantized, quantizeNetwork(*found.prepared, calibrated ? solveAgain(*found.prepared, *calibration) : record));
            QS_TRY(found.comparison, compare(engine, *found.prepared, *found.quantized, *data, {}, job));
            QS_TRY(found.sample, compareSample(engine, *found.prepared, *found.quantized, *data, sample, layer, job));
            return true;
        },
        [](const Result<bool>& done) { EXPECT_TRUE(done) << errorText(done.error()); });
    settle();
    return found;
}

void SoakTest::expectTable(const Exact& exact) const
{
    // The model behind the filter: all rows.
    const auto* filter = static_cast<QSortFilterProxyModel*>(table()->model());
    const auto* rows = static_cast<LayerTableModel*>(filter->sourceModel());
    ASSERT_EQ(rows->rowCount(), static_cast<int>(session().model()->layers().size()));
    for (int row = 0; row < rows->rowCount(); ++row) {
        const std::string name = rows->row(row).name.toStdString();
        const auto cell = [&](int column) { return rows->index(row, column).data().toString().toStdString(); };
        const LayerComparison* layer = exact.comparison->layer(name);
        if (!layer || !layer->run) {
            EXPECT_EQ(cell(LayerTableModel::CumulativeCosine), "") << name;
            continue;
        }
        EXPECT_FALSE(rows->index(row, 0).data(LayerTableModel::StaleRole).toBool()) << name;
        EXPECT_EQ(rows->index(row, LayerTableModel::CumulativeCosine).data(LayerTableModel::SortRole).toDouble(), layer->cumulative.cosine) << name;
        EXPECT_EQ(rows->index(row, LayerTableModel::LocalCosine).data(LayerTableModel::SortRole).toDouble(), layer->local.cosine) << name;
        EXPECT_EQ(cell(LayerTableModel::CumulativeCosine), cosineText(layer->cumulative.cosine).toStdString()) << name;
        EXPECT_EQ(cell(LayerTableModel::LocalCosine), cosineText(layer->local.cosine).toStdString()) << name;
        EXPECT_EQ(cell(LayerTableModel::Sqnr), decibelText(layer->cumulative.sqnrDb).toStdString()) << name;
        EXPECT_EQ(cell(LayerTableModel::Mse), scientificText(layer->cumulative.mse, 2).toStdString()) << name;
        const auto setting = session().configuration().layers.find(name);
        if (setting != session().configuration().layers.end() && rows->row(row).quantizable != Quantizable::No) {
            EXPECT_EQ(cell(LayerTableModel::ActivationBits), std::to_string(setting->second.activation(0).bits)) << name;
            if (setting->second.weights) {
                EXPECT_EQ(cell(LayerTableModel::WeightBits), std::to_string(setting->second.weights->bits)) << name;
            }
        }
        const LayerId id = session().model()->findLayer(name);
        EXPECT_EQ(rows->row(row).effective.quantized, exact.quantized->effective[id].quantized) << name;
    }
}

void SoakTest::expectProfile(const Exact& exact) const
{
    raise("error-profile");
    QCoreApplication::processEvents();
    auto* plot = dock("error-profile")->findChild<ErrorProfilePlot*>();
    for (auto* box : dock("error-profile")->findChildren<QCheckBox*>())
        box->setChecked(false);
    const auto boxes = dock("error-profile")->findChildren<QComboBox*>();
    ASSERT_EQ(boxes.size(), 1);
    for (const int metric : {1, 2, 0}) {
        boxes.front()->setCurrentIndex(metric);
        QCoreApplication::processEvents();
        const QString file = folder.filePath(QStringLiteral("profile.csv"));
        ASSERT_TRUE(plot->save(file));
        QFile text(file);
        ASSERT_TRUE(text.open(QIODevice::ReadOnly));
        QStringList lines = QString::fromUtf8(text.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        ASSERT_GT(lines.size(), 1);
        lines.removeFirst();
        const auto number = [metric](const Metrics& m) {
            return QString::number(metric == 0 ? m.cosine : metric == 1 ? m.sqnrDb : m.relL2, 'g', 9).toStdString();
        };
        qsizetype points = 0;
        for (const LayerComparison& layer : exact.comparison->layers) {
            const LayerId id = session().model()->findLayer(layer.layer);
            if (!layer.run || (id != noId && session().model()->layer(id).inputs.empty()))
                continue;
            ASSERT_LT(points, lines.size());
            const QStringList cells = lines[points++].split(QLatin1Char(','));
            EXPECT_EQ(cells[0].toStdString(), layer.layer);
            EXPECT_EQ(cells[1].toStdString(), number(layer.local)) << layer.layer << ", metric " << metric;
            EXPECT_EQ(cells[2].toStdString(), number(layer.cumulative)) << layer.layer << ", metric " << metric;
        }
        EXPECT_EQ(points, lines.size());
    }
}

void SoakTest::expectOutput(const Exact& exact)
{
    raise("output");
    settle();
    const auto* top = dock("output")->findChild<QTableWidget*>(QStringLiteral("topClasses"));
    const auto* set = dock("output")->findChild<QTableWidget*>(QStringLiteral("wholeSet"));
    ASSERT_TRUE(top && set);
    // The whole set: top-1, top-5, agreement, two rows an output, samples.
    const Classification& c = exact.comparison->classification;
    ASSERT_TRUE(c.valid && c.labelled);
    std::vector<std::pair<QString, QString>> figures{{percentText(c.floatTop1, 2), percentText(c.quantizedTop1, 2)},
                                                     {percentText(c.floatTop5, 2), percentText(c.quantizedTop5, 2)},
                                                     {{}, percentText(c.agreement, 2)}};
    for (const OutputComparison& output : exact.comparison->outputs) {
        figures.emplace_back(QString(), cosineText(output.cumulative.cosine));
        figures.emplace_back(QString(), decibelText(output.cumulative.sqnrDb));
    }
    figures.emplace_back(QString(), QString::number(exact.comparison->samples));
    ASSERT_EQ(set->rowCount(), static_cast<int>(figures.size()));
    for (int row = 0; row < set->rowCount(); ++row) {
        EXPECT_EQ(set->item(row, 1)->text().toStdString(), figures[static_cast<size_t>(row)].first.toStdString()) << "row " << row;
        EXPECT_EQ(set->item(row, 2)->text().toStdString(), figures[static_cast<size_t>(row)].second.toStdString()) << "row " << row;
    }
    // The sample that is shown.
    ASSERT_EQ(top->rowCount(), 5);
    const auto values = [](const Buffer& output) {
        std::vector<float> sorted(output.floats().begin(), output.floats().end());
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        return sorted;
    };
    const auto x = values(exact.sample->floatOutputs.front());
    const auto y = values(exact.sample->quantizedOutputs.front());
    for (int row = 0; row < top->rowCount(); ++row) {
        EXPECT_EQ(top->item(row, 2)->text().toStdString(), significantText(static_cast<double>(x[static_cast<size_t>(row)])).toStdString())
            << "place " << row + 1;
        EXPECT_EQ(top->item(row, 4)->text().toStdString(), significantText(static_cast<double>(y[static_cast<size_t>(row)])).toStdString())
            << "place " << row + 1;
    }
}

void SoakTest::expectRest(const Exact& exact) const
{
    // The session's figures behind all views, unrounded.
    const auto& shown = session().result().comparison;
    ASSERT_EQ(shown->layers.size(), exact.comparison->layers.size());
    for (size_t i = 0; i < shown->layers.size(); ++i) {
        const LayerComparison& a = shown->layers[i];
        const LayerComparison& b = exact.comparison->layers[i];
        EXPECT_EQ(a.run, b.run) << b.layer;
        if (!b.run)
            continue;
        for (const auto& [x, y] : {std::pair(a.local, b.local), std::pair(a.cumulative, b.cumulative)}) {
            EXPECT_EQ(x.cosine, y.cosine) << b.layer;
            EXPECT_EQ(x.cosineWorst, y.cosineWorst) << b.layer;
            EXPECT_EQ(x.worstSample, y.worstSample) << b.layer;
            EXPECT_EQ(x.sqnrDb, y.sqnrDb) << b.layer;
            EXPECT_EQ(x.mse, y.mse) << b.layer;
            EXPECT_EQ(x.maxAbs, y.maxAbs) << b.layer;
            EXPECT_EQ(x.relL2, y.relL2) << b.layer;
        }
    }
    EXPECT_EQ(shown->classification.agreement, exact.comparison->classification.agreement);
    // The graph's cards.
    window().graphPanel()->setOverlay(Overlay::CumulativeCosine);
    QCoreApplication::processEvents();
    for (const GraphNode& node : window().graphPanel()->graph()->scene().nodes)
        if (const LayerComparison* layer = exact.comparison->layer(node.name.toStdString()); layer && layer->run)
            EXPECT_TRUE(node.value.endsWith(cosineText(layer->cumulative.cosine))) << node.name.toStdString() << ": " << node.value.toStdString();
    // The status bar.
    const QString agreement = percentText(exact.comparison->classification.agreement);
    bool said = false;
    for (const auto* label : window().findChild<StatusStrip*>()->findChildren<QLabel*>())
        said = said || label->text().contains(agreement);
    EXPECT_TRUE(said) << agreement.toStdString();
}

void SoakTest::expectFresh()
{
    ASSERT_NO_FATAL_FAILURE(bringUpToDate());
    const Exact found = exact();
    ASSERT_TRUE(found.sample);
    ASSERT_NO_FATAL_FAILURE(expectTable(found));
    ASSERT_NO_FATAL_FAILURE(expectProfile(found));
    ASSERT_NO_FATAL_FAILURE(expectOutput(found));
    ASSERT_NO_FATAL_FAILURE(expectRest(found));
    EXPECT_LE(shell->live().cacheBytes(), shell->live().cacheBudget());
}

void SoakTest::walk(int seed, int edits)
{
    struct Step {
        const char* name;
        int weight;
        void (SoakTest::*take)();
    };
    const Step steps[] = {
        {"toggleCell", 14, &SoakTest::toggleCell},
        {"editCell", 12, &SoakTest::editCell},
        {"openCellEditor", 4, &SoakTest::openCellEditor},
        {"select", 12, &SoakTest::select},
        {"arrangeTable", 3, &SoakTest::arrangeTable},
        {"inspect", 12, &SoakTest::inspect},
        {"drag", 12, &SoakTest::drag},
        {"nudgeLimits", 3, &SoakTest::nudgeLimits},
        {"undo", 12, &SoakTest::undoSome},
        {"redo", 6, &SoakTest::redoSome},
        {"startJob", 5, &SoakTest::startJob},
        {"cancel", 4, &SoakTest::cancelJob},
        {"makeBranch", 3, &SoakTest::makeBranch},
        {"switchBranch", 5, &SoakTest::switchBranch},
        {"switchTarget", 3, &SoakTest::switchTarget},
        {"compareBranches", 4, &SoakTest::compareBranches},
        {"toggleFollow", 2, &SoakTest::toggleFollow},
        {"look", 5, &SoakTest::look},
        {"changeNetwork", 2, &SoakTest::changeNetwork},
        {"probe", 4, &SoakTest::probe},
        {"samples", 4, &SoakTest::samples},
        {"reopen", 1, &SoakTest::reopen},
        {"guided", 1, &SoakTest::guided},
        {"search", 1, &SoakTest::search},
        {"diagnose", 3, &SoakTest::diagnose},
        {"appearance", 1, &SoakTest::appearance},
        {"dialogs", 1, &SoakTest::dialogs},
        {"save", 1, &SoakTest::save},
    };
    const int weights = std::accumulate(std::begin(steps), std::end(steps), 0, [](int sum, const Step& step) { return sum + step.weight; });
    const bool log = fromEnvironment("QUANTSCOPE_SOAK_LOG", 0) != 0;
    double half = 0;
    for (int i = 0; i < edits; ++i) {
        // Every step draws from its own seed: what it picks depends on what is there, which step it is does not.
        std::seed_seq own{seed, i};
        random.seed(own);
        int at = pick(weights);
        const Step* step = steps;
        while (at >= step->weight)
            at -= (step++)->weight;
        const std::string where = "step " + std::to_string(i) + ", " + step->name + " (seed " + std::to_string(seed) + ")";
        if (log)
            std::fprintf(stderr, "%s\n", where.c_str());
        SCOPED_TRACE(where);
        (this->*step->take)();
        passTime(chance(80) ? 0 : pick(25));
        EXPECT_EQ(jobErrors, std::vector<std::string>());
        if (chance(2))
            settle();
        if ((i + 1) % std::max(1, edits / 2) == 0) {
            ASSERT_NO_FATAL_FAILURE(expectFresh());
            if (log)
                std::fprintf(stderr, "%.1f MiB after %d steps\n", residentMebibytes(), i + 1);
        }
        if (i == edits / 2)
            half = residentMebibytes();
        if (HasFailure())
            return;
    }
    // Every branch has figures of its own to be held to.
    for (const QString& name : session().branches().names()) {
        SCOPED_TRACE("branch " + name.toStdString());
        session().branches().switchTo(name);
        ASSERT_NO_FATAL_FAILURE(expectFresh());
    }
    const double grown = residentMebibytes() - half;
    std::printf("%d steps, seed %d: %.1f MiB at half, %+.1f MiB since; cache %zu of %zu MiB\n", edits, seed, half, grown,
                shell->live().cacheBytes() >> 20, shell->live().cacheBudget() >> 20);
    if (!sanitized)
        EXPECT_LT(grown, growthMebibytes);
}

}  // namespace

TEST_F(SoakTest, RandomHand)
{
    walk(fromEnvironment("QUANTSCOPE_SOAK_SEED", 4), fromEnvironment("QUANTSCOPE_SOAK_EDITS", sanitized ? 150 : 500));
}

}  // namespace qs
