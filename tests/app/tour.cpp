// tour MODEL [-w WEIGHTS] DATA -o DIR [--lang zh_CN] [--dark] [--size W H] [--similarity 0|1|2]: drives the real window through the whole way and
// grabs a picture of every step and dock, to be looked at. --walk: only the README's pictures.
#include "app/commands/configuration_command.h"
#include "app/common/data_options.h"
#include "app/dialogs/data_dialog.h"
#include "app/dialogs/export_dialog.h"
#include "app/dialogs/manual_window.h"
#include "app/session/branches.h"
#include "app/session/report_file.h"
#include "app/views/distribution_panel.h"
#include "app/views/graph_panel.h"
#include "app/views/guide_panel.h"
#include "app/window/locator.h"
#include "app/window/shell.h"
#include "app/window/status_strip.h"
#include "tests/support/own_folders.h"
#include "widgets/graph/graph_view.h"
#include "widgets/models/layer_table_model.h"
#include "widgets/models/sample_table_model.h"
#include "widgets/plots/distribution_plot.h"
#include "widgets/plots/qcp.h"
#include "widgets/values/value_box.h"

#include <CLI/CLI.hpp>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDeadlineTimer>
#include <QDir>
#include <QDockWidget>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QMenu>
#include <QMenuBar>
#include <QMouseEvent>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QToolButton>
#include <QTreeWidget>

#include <algorithm>
#include <cstdio>
#include <map>

namespace qs {

namespace {

/// On a palette of its most frequent colours, no two of them nearly the same: a third of the bytes.
QImage smaller(const QImage& image)
{
    std::map<QRgb, int> counts;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            ++counts[image.pixel(x, y) | 0xff000000U];
    std::vector<std::pair<int, QRgb>> order;
    for (const auto& [color, count] : counts)
        order.emplace_back(-count, color);
    std::sort(order.begin(), order.end());
    QList<QRgb> palette;
    constexpr int most = 128;
    constexpr int near = 14;
    for (const auto& [count, color] : order)
        if (palette.size() < most && std::none_of(palette.begin(), palette.end(), [c = color](QRgb known) {
                return std::abs(qRed(c) - qRed(known)) + std::abs(qGreen(c) - qGreen(known)) + std::abs(qBlue(c) - qBlue(known)) < near;
            }))
            palette << color;
    return image.convertToFormat(QImage::Format_RGB32).convertToFormat(QImage::Format_Indexed8, palette, Qt::ThresholdDither);
}

class Tour {
public:
    Tour(Shell& shell, QString folder, QSize size) : m_shell(shell), m_folder(std::move(folder)), m_size(size) {}

    bool run(const std::filesystem::path& model, const std::filesystem::path& weights, const DataOptions& options,
             const std::filesystem::path& classNames)
    {
        MainWindow& window = *m_shell.window();
        window.resize(m_size);
        m_shell.start();
        settle();
        grab(window, "empty");
        m_shell.workflow().openModel(model, weights);
        if (!check(m_shell.session().model() != nullptr, "open"))
            return false;
        grab(window, "opened");
        window.graphPanel()->graph()->zoomFit();
        grab(window, "opened-fit");
        window.graphPanel()->graph()->showStart();
        if (!classNames.empty())
            m_shell.workflow().loadClassNames(classNames);
        const Result<DataSpec> data = spec(options);
        if (!data)
            return false;
        dataStep(window, *data);
        if (!check(m_shell.session().data() != nullptr, "data"))
            return false;
        window.action(QStringLiteral("calibrate"))->trigger();
        grabRunning(window, "calibrating");
        if (!check(m_shell.session().record().has_value(), "calibrate"))
            return false;
        grab(window, "calibrated");
        window.action(QStringLiteral("compare"))->trigger();
        grabRunning(window, "comparing");
        if (!check(m_shell.session().result().comparison != nullptr, "compare"))
            return false;
        window.action(QStringLiteral("worst"))->trigger();
        settle();
        grab(window, "compared-worst");
        docks(window);
        thumbnails(window);
        integers(window);
        network(window);
        tuning(window);
        diagnosis(window);
        sensitivity(window);
        search(window);
        overlays(window);
        editStep(window);
        branches(window);
        exportStep(window);
        report();
        locatorStep(window);
        std::printf("%d pictures in %s\n", m_count, qPrintable(m_folder));
        return true;
    }

    /// The README's row of pictures.
    bool walk(const std::filesystem::path& model, const std::filesystem::path& weights, const DataOptions& options,
              const std::filesystem::path& classNames)
    {
        m_small = true;
        MainWindow& window = *m_shell.window();
        window.resize(1440, 860);
        m_shell.start();
        m_shell.workflow().openModel(model, weights);
        if (!check(m_shell.session().model() != nullptr, "open"))
            return false;
        m_shell.workflow().loadClassNames(classNames);
        const Result<DataSpec> data = spec(options);
        if (!data)
            return false;
        m_shell.workflow().openData(*data);
        if (!check(m_shell.session().data() != nullptr, "data"))
            return false;
        m_shell.workflow().analyse();
        if (!check(m_shell.session().result().comparison != nullptr, "compare"))
            return false;
        window.findChild<QTableView*>(QStringLiteral("layerTable"))->sortByColumn(LayerTableModel::LocalCosine, Qt::AscendingOrder);
        window.action(QStringLiteral("worst"))->trigger();
        settle();
        grab(window, "compare");
        window.action(QStringLiteral("diagnose"))->trigger();
        settle();
        m_shell.diagnoser().tryRemedies(m_shell.session().selection().value(0));
        settle();
        grab(window, "diagnose");
        window.showView(QStringLiteral("distribution"));
        settle();
        const QPointF to = dragLimit(window, 0.12);
        grab(window, "drag");
        release(window, to);
        settle();
        window.action(QStringLiteral("undo"))->trigger();
        settle();
        findSettings(window);
        grab(window, "search");
        const SearchResult& found = *m_shell.searcher().result();
        m_shell.session().branches().create(QStringLiteral("found"));
        m_shell.searcher().apply(found.best);
        settle();
        m_shell.workflow().analyse();
        settle();
        window.showView(QStringLiteral("branches"));
        window.graphPanel()->setOverlay(Overlay::BranchDifference);
        settle();
        grab(window, "branches");
        // The first page's outputs and plot, in the window's proportions.
        for (const QImage& page : reportPages(reportInput(m_shell.session()), 1))
            smaller(page.copy(0, page.height() * 13 / 25, page.width(), page.width() * window.height() / window.width()))
                .save(QStringLiteral("%1/%2-report.png").arg(m_folder).arg(++m_count, 2, 10, QLatin1Char('0')));
        return true;
    }

private:
    void settle()
    {
        m_shell.jobs().waitUntilIdle(600000);
        for (int i = 0; i < 8; ++i) {
            QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
            m_shell.jobs().waitUntilIdle(60000);
        }
    }

    /// As the command line has it: what its flags leave open says the network.
    Result<DataSpec> spec(const DataOptions& options)
    {
        Result<DataSpec> data = dataSpecFor(*m_shell.session().model(), options);
        if (!data)
            std::fprintf(stderr, "tour: %s\n", errorText(data.error()).c_str());
        return data;
    }

    bool check(bool good, const char* step)
    {
        settle();
        // The condition was taken before waiting for jobs whose result it is: ask again.
        if (good || recheck(step))
            return true;
        std::fprintf(stderr, "tour: %s failed: %s\n", step, qPrintable(m_shell.window()->messages()->text()));
        grab(*m_shell.window(), QStringLiteral("failed-%1").arg(QLatin1String(step)).toLatin1().constData());
        return false;
    }

    bool recheck(const std::string& step) const
    {
        const Session& session = m_shell.session();
        return step == "open"        ? session.model() != nullptr
               : step == "data"      ? session.data() != nullptr
               : step == "calibrate" ? session.record().has_value()
                                     : session.result().comparison != nullptr;
    }

    void grab(QWidget& widget, const char* name)
    {
        const QString file = QStringLiteral("%1/%2-%3.png").arg(m_folder).arg(++m_count, 2, 10, QLatin1Char('0')).arg(QLatin1String(name));
        const QImage image = widget.grab().toImage();
        (m_small ? smaller(image) : image).save(file, "PNG", m_small ? 0 : -1);
    }

    void grabRunning(QWidget& window, const char* name)
    {
        // A moment into the job, for the progress in the status bar.
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < 1200 && m_shell.jobs().busy())
            QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        if (m_shell.jobs().busy())
            grab(window, name);
        settle();
    }

    void dataStep(MainWindow& window, const DataSpec& data)
    {
        m_shell.workflow().openData(data, false);
        settle();
        window.chooseData();
        auto* dialog = window.findChild<DataDialog*>();
        QElapsedTimer timer;
        timer.start();
        settle();
        while (timer.elapsed() < 600)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        settle();
        grab(*dialog, "data-dialog");
        dialog->accept();
        settle();
        grab(window, "data");
    }

    void docks(MainWindow& window)
    {
        for (const char* id : {"error-profile", "distribution", "compare", "samples", "output", "tuning", "branches", "jobs", "log"}) {
            window.showView(QLatin1String(id));
            settle();
            grab(window, id);
        }
        for (const char* id :
             {"layers", "inspector", "error-profile", "distribution", "compare", "samples", "output", "tuning", "branches", "jobs", "log"}) {
            QDockWidget* dock = window.dock(QLatin1String(id));
            window.showView(QLatin1String(id));
            settle();
            grab(*dock, (std::string("dock-") + id).c_str());
        }
    }

    /// What the other target says of the branch; its target stays as it was.
    void checks(MainWindow& window)
    {
        Session& session = m_shell.session();
        setTarget(session, targets().back());
        QDockWidget* dock = window.dock(QStringLiteral("checks"));
        window.showView(QStringLiteral("checks"));
        const QDeadlineTimer deadline(10000);
        do {
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
            settle();
        } while (!session.checksAreFresh() && !deadline.hasExpired());
        if (auto* tree = dock->findChild<QTreeWidget*>(QStringLiteral("checks")); tree && tree->topLevelItemCount() > 0) {
            tree->topLevelItem(0)->setExpanded(true);
            tree->setCurrentItem(tree->topLevelItem(0));
        }
        settle();
        grab(window, "checks");
        grab(*dock, "dock-checks");
        session.undoStack().undo();
        settle();
        window.action(QStringLiteral("manual"))->trigger();
        settle();
        if (auto* manual = window.findChild<ManualWindow*>()) {
            manual->showPage(QStringLiteral("calibrating"));
            settle();
            grab(*manual, "manual");
            manual->close();
        }
    }

    /// As pictures: the samples, the worst of them, the channels of one.
    void thumbnails(MainWindow& window)
    {
        QDockWidget* samples = window.dock(QStringLiteral("samples"));
        window.showView(QStringLiteral("samples"));
        auto* asThumbnails = samples->findChild<QToolButton*>(QStringLiteral("asThumbnails"));
        asThumbnails->setChecked(true);
        settle();
        grab(window, "samples-thumbnails");
        grab(*samples, "dock-samples-thumbnails");
        asThumbnails->setChecked(false);
        samples->findChild<QComboBox*>(QStringLiteral("samplesShown"))->setCurrentIndex(static_cast<int>(SampleFilter::WorstTen));
        settle();
        grab(*samples, "dock-samples-worst");
        samples->findChild<QComboBox*>(QStringLiteral("samplesShown"))->setCurrentIndex(0);
        QDockWidget* compare = window.dock(QStringLiteral("compare"));
        window.showView(QStringLiteral("compare"));
        auto* asGrid = compare->findChild<QToolButton*>(QStringLiteral("asGrid"));
        asGrid->setChecked(true);
        settle();
        for (auto* box : compare->findChildren<ValueBox*>())
            if (box->isVisible() && !box->image().isNull())
                Q_EMIT box->hovered(QPoint(box->image().width() / 2, box->image().height() / 2));
        grab(window, "compare-channels");
        grab(*compare, "dock-compare-channels");
        compare->findChild<QComboBox*>(QStringLiteral("compared"))->setCurrentIndex(1);
        settle();
        grab(*compare, "dock-compare-weights");
        compare->findChild<QComboBox*>(QStringLiteral("compared"))->setCurrentIndex(0);
        settle();
        asGrid->setChecked(false);
    }

    void integers(MainWindow& window)
    {
        QDockWidget* dock = window.dock(QStringLiteral("compare"));
        window.showView(QStringLiteral("compare"));
        auto* toggle = dock->findChild<QCheckBox*>(QStringLiteral("inIntegers"));
        toggle->setChecked(true);
        settle();
        grab(*dock, "dock-compare-integers");
        toggle->setChecked(false);
    }

    void network(MainWindow& window)
    {
        const QStringList selection = m_shell.session().selection();
        editConfiguration(m_shell.session(), QStringLiteral("tour"), [](Configuration& c) {
            c.jointQuant = true;
            for (auto& [name, setting] : c.layers)
                if (setting.weights) {
                    setting.weights->algorithm = "snq";
                    setting.weights->bits = 4;
                }
        });
        m_shell.session().setSelection({});
        settle();
        grab(*window.dock(QStringLiteral("inspector")), "dock-inspector-network");
        window.action(QStringLiteral("undo"))->trigger();
        m_shell.session().setSelection(selection);
        settle();
    }

    void tuning(MainWindow& window)
    {
        QDockWidget* dock = window.dock(QStringLiteral("tuning"));
        window.showView(QStringLiteral("tuning"));
        settle();
        auto* panel = dock->findChild<GuidePanel*>();
        if (m_shell.session().comparisonStale()) {
            m_shell.workflow().analyse();
            settle();
        }
        grab(window, "tuning");
        for (const auto step : {GuideStep::Parameters, GuideStep::SwitchOff}) {
            if (!panel->card(step)->applyButton()->isEnabled() || panel->card(step)->applyButton()->isHidden())
                continue;
            panel->card(step)->applyButton()->click();
            settle();
            grab(*dock, "dock-tuning-applied");
        }
        while (m_shell.session().undoStack().canUndo() && m_shell.session().undoStack().index() > 1)
            window.action(QStringLiteral("undo"))->trigger();
        settle();
        m_shell.workflow().analyse();
        settle();
    }

    /// Causes, channels, and what was tried for the worst layer.
    void diagnosis(MainWindow& window)
    {
        QDockWidget* dock = window.dock(QStringLiteral("diagnosis"));
        window.showView(QStringLiteral("diagnosis"));
        settle();
        grab(*dock, "dock-diagnosis-before");
        window.action(QStringLiteral("diagnose"))->trigger();
        settle();
        m_shell.diagnoser().tryRemedies(m_shell.session().selection().value(0));
        settle();
        grab(window, "diagnosis");
        grab(*dock, "dock-diagnosis");
        for (auto* button : dock->findChildren<QToolButton*>())
            if (button->isCheckable())
                button->click();
        grab(*dock, "dock-diagnosis-numbers");
    }

    /// The four scopes, and a search with its front.
    void sensitivity(MainWindow& window)
    {
        QDockWidget* dock = window.dock(QStringLiteral("sensitivity"));
        window.showView(QStringLiteral("sensitivity"));
        settle();
        grab(*dock, "dock-sensitivity-before");
        window.graphPanel()->setOverlay(Overlay::OneQuantized);
        settle();
        grab(*window.graphPanel(), "graph-one-quantized-before");
        window.graphPanel()->setOverlay(Overlay::CumulativeCosine);
        window.action(QStringLiteral("sensitivity"))->trigger();
        grabRunning(window, "sensitivity-running");
        grab(window, "sensitivity");
        grab(*dock, "dock-sensitivity");
    }

    void search(MainWindow& window)
    {
        window.action(QStringLiteral("search"))->trigger();
        settle();
        QDockWidget* dock = window.dock(QStringLiteral("search"));
        grab(*dock, "dock-search-before");
        findSettings(window);
        grab(window, "search");
        grab(*dock, "dock-search");
    }

    /// For a target that the present settings miss.
    void findSettings(MainWindow& window)
    {
        window.action(QStringLiteral("search"))->trigger();
        const double cosine = m_shell.session().result().comparison->outputs.front().cumulative.cosine;
        window.findChild<QDoubleSpinBox*>(QStringLiteral("searchTarget"))->setValue(std::max(0.99, (1 + cosine) / 2));
        window.findChild<QPushButton*>(QStringLiteral("searchStart"))->click();
        settle();
    }

    void overlays(MainWindow& window)
    {
        GraphView* graph = window.graphPanel()->graph();
        graph->zoomFit();
        settle();
        grab(*window.graphPanel(), "graph-fit");
        for (const auto& [overlay, name] :
             {std::pair{Overlay::Sqnr, "graph-sqnr"}, std::pair{Overlay::OneQuantized, "graph-one-quantized"},
              std::pair{Overlay::OneFloat, "graph-one-float"}, std::pair{Overlay::Bits, "graph-bits"}, std::pair{Overlay::Type, "graph-type"}}) {
            window.graphPanel()->setOverlay(overlay);
            graph->zoomTo(0.62);
            graph->zoomSelection();
            settle();
            grab(*window.graphPanel(), name);
        }
        window.graphPanel()->setOverlay(Overlay::CumulativeCosine);
        graph->zoomTo(0.9);
    }

    static void send(MainWindow& window, QEvent::Type type, const QPointF& at, Qt::MouseButton button, Qt::MouseButtons buttons)
    {
        QCustomPlot* plot = window.findChild<DistributionPanel*>()->plot()->plot();
        QMouseEvent event(type, at, plot->mapToGlobal(at), button, buttons, Qt::NoModifier);
        QCoreApplication::sendEvent(plot, &event);
    }

    /// The upper limit is taken and moved inwards by a share of the plot, and held there.
    static QPointF dragLimit(MainWindow& window, double share)
    {
        const DistributionPlot* plot = window.findChild<DistributionPanel*>()->plot();
        const QPointF from(plot->limitPixel(1), plot->plot()->axisRect()->center().y());
        const QPointF to(from.x() - plot->width() * share, from.y());
        send(window, QEvent::MouseButtonPress, from, Qt::LeftButton, Qt::LeftButton);
        send(window, QEvent::MouseMove, (from + to) / 2, Qt::NoButton, Qt::LeftButton);
        send(window, QEvent::MouseMove, to, Qt::NoButton, Qt::LeftButton);
        return to;
    }

    static void release(MainWindow& window, const QPointF& at) { send(window, QEvent::MouseButtonRelease, at, Qt::LeftButton, Qt::NoButton); }

    void editStep(MainWindow& window)
    {
        window.showView(QStringLiteral("distribution"));
        settle();
        const QPointF to = dragLimit(window, 0.12);
        grab(window, "clip-dragging");
        release(window, to);
        settle();
        grab(window, "clip-dragged-stale");
        window.action(QStringLiteral("undo"))->trigger();
        settle();
        const QString worst = m_shell.session().selectedLayer();
        setQuantized(m_shell.session(), {worst}, false);
        settle();
        grab(window, "layer-off-stale");
        window.graphPanel()->setOverlay(Overlay::OneFloat);
        settle();
        grab(*window.graphPanel(), "graph-one-float-stale");
        window.graphPanel()->setOverlay(Overlay::CumulativeCosine);
        window.action(QStringLiteral("compare"))->trigger();
        settle();
        window.showView(QStringLiteral("error-profile"));
        settle();
        grab(window, "compared-again");
    }

    void branches(MainWindow& window)
    {
        Session& session = m_shell.session();
        setQuantized(session, {session.selectedLayer()}, true);
        setActivationBits(session, {session.selectedLayer()}, 8);
        m_shell.workflow().analyse();
        settle();
        session.branches().create(QStringLiteral("16 bit"));
        setActivationBits(session, {session.selectedLayer()}, 16);
        settle();
        window.showView(QStringLiteral("branches"));
        settle();
        grab(window, "branch-to-compare");
        m_shell.workflow().analyse();
        settle();
        window.graphPanel()->setOverlay(Overlay::BranchDifference);
        settle();
        grab(window, "branches-compared");
        grab(*window.dock(QStringLiteral("branches")), "dock-branches-compared");
        checks(window);
        window.showView(QStringLiteral("error-profile"));
        settle();
        grab(window, "branches-profile");
        if (QMenu* menu = branchMenu(window)) {
            menu->popup(window.mapToGlobal(QPoint(300, 20)));
            settle();
            grab(*menu, "branch-menu");
            menu->close();
        }
        window.graphPanel()->setOverlay(Overlay::CumulativeCosine);
        session.branches().switchTo(session.branches().names().front());
        settle();
    }

    static QMenu* branchMenu(MainWindow& window)
    {
        for (QMenu* menu : window.menuBar()->findChildren<QMenu*>())
            if (menu->actions().contains(window.action(QStringLiteral("newBranch"))))
                return menu;
        return nullptr;
    }

    void exportStep(MainWindow& window)
    {
        ExportDialog dialog(m_shell.parts(), m_folder + QStringLiteral("/export/net"), &window);
        dialog.show();
        settle();
        auto* target = dialog.findChild<QComboBox*>(QStringLiteral("target"));
        const auto choose = [this, target, &dialog](int index) {
            target->setCurrentIndex(index);
            // (The dialog plans a little later.)
            while (!dialog.planned())
                settle();
        };
        choose(1);
        grab(dialog, "export-dialog-onnx");
        choose(0);
        grab(dialog, "export-dialog");
        if (dialog.planned())
            dialog.write();
        settle();
        dialog.close();
        grab(window, "exported");
    }

    void report()
    {
        m_shell.workflow().analyse();
        settle();
        for (const char* suffix : {"html", "pdf"}) {
            m_shell.workflow().writeReport((m_folder + QStringLiteral("/report.") + QLatin1String(suffix)).toStdString());
            settle();
        }
        grab(*m_shell.window(), "report-written");
        int page = 0;
        for (const QImage& image : reportPages(reportInput(m_shell.session()), 3))
            image.save(QStringLiteral("%1/report-page%2.png").arg(m_folder).arg(++page));
    }

    void locatorStep(MainWindow& window)
    {
        window.goToLayer();
        settle();
        if (auto* locator = window.findChild<Locator*>()) {
            grab(*locator, "locator");
            locator->close();
        }
    }

    Shell& m_shell;
    QString m_folder;
    QSize m_size;  ///< of the window
    int m_count = 0;
    bool m_small = false;
};

}  // namespace

}  // namespace qs

int main(int argc, char** argv)
{
    CLI::App cli("Drives the window through everything and grabs pictures");
    std::string model;
    std::string weights;
    std::string output;
    std::string language;
    std::string classNames;
    bool dark = false;
    bool walk = false;
    std::pair<int, int> size{1440, 900};
    int similarity = 0;
    qs::DataOptions options;
    cli.add_option("model", model)->required();
    cli.add_option("-w,--weights", weights);
    cli.add_option("-o,--output", output)->required();
    cli.add_option("--lang", language);
    cli.add_option("--class-names", classNames);
    cli.add_flag("--dark", dark);
    cli.add_flag("--walk", walk);
    cli.add_option("--similarity", similarity, "0 cosine, 1 one minus it, 2 SQNR");
    cli.add_option("--size", size, "of the window")->type_name("W H");
    qs::addDataOptions(cli, options);
    CLI11_PARSE(cli, argc, argv);
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const qs::test::OwnFolders folders;
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("quantscope-tour"));
    QApplication::setApplicationName(QStringLiteral("quantscope-tour"));
    QSettings().setValue(QStringLiteral("language"), static_cast<int>(language.starts_with("zh") ? qs::Language::Chinese : qs::Language::English));
    QSettings().setValue(QStringLiteral("theme"), static_cast<int>(dark ? qs::ThemeMode::Dark : qs::ThemeMode::Light));
    QSettings().setValue(QStringLiteral("similarity"), similarity);
    const QString folder = QDir(QString::fromStdString(output)).absolutePath();
    QDir().mkpath(folder);
    qs::Shell shell(app);
    const std::filesystem::path net = std::filesystem::absolute(model);
    const std::filesystem::path parameters = weights.empty() ? std::filesystem::path() : std::filesystem::absolute(weights);
    qs::Tour tour(shell, folder, {size.first, size.second});
    return (walk ? tour.walk(net, parameters, options, classNames) : tour.run(net, parameters, options, classNames)) ? 0 : 1;
}
