// The menus and the toolbar of the main window: every command with its key.
#include "app/commands/configuration_command.h"
#include "app/dialogs/help_dialogs.h"
#include "app/dialogs/manual_window.h"
#include "app/session/diagnoser.h"
#include "app/session/live.h"
#include "app/views/graph_panel.h"
#include "app/views/views.h"
#include "app/window/first_steps.h"
#include "app/window/main_window.h"
#include "app/window/view_groups.h"
#include "core/targets/forms.h"
#include "widgets/common/check_text.h"
#include "widgets/common/icons.h"
#include "widgets/graph/graph_view.h"

#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QActionGroup>
#include <QApplication>
#include <QComboBox>
#include <QDockWidget>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QSettings>
#include <QStyle>
#include <QTextEdit>
#include <QToolBar>
#include <QToolButton>

#include <algorithm>
#include <utility>

namespace qs {

namespace {

const char* const firstStepsClosedKey = "firstSteps/closed";

/// The widget, where it is one that text is typed into.
QWidget* textField(QWidget* widget)
{
    const bool typed = qobject_cast<QLineEdit*>(widget) || qobject_cast<QAbstractSpinBox*>(widget) || qobject_cast<QTextEdit*>(widget) ||
                       qobject_cast<QPlainTextEdit*>(widget);
    const auto* box = qobject_cast<QComboBox*>(widget);
    return typed || (box && box->isEditable()) ? widget : nullptr;
}

}  // namespace

QAction* MainWindow::add(QMenu* menu, const char* id, const QString& text, const char* icon, const QKeySequence& keys, const QString& tip,
                         std::function<void()> run)
{
    auto* entry = new QAction(text, this);
    if (icon)
        entry->setIcon(lineIcon(QLatin1String(icon)));
    entry->setShortcut(keys);
    QString plain = text;
    plain.remove(QLatin1Char('&'));
    plain = plain.section(QLatin1Char('\t'), 0, 0);
    QString full = tip.isEmpty() ? plain : tip;
    if (!keys.isEmpty())
        full += QStringLiteral(" (%1)").arg(keys.toString(QKeySequence::NativeText));
    entry->setToolTip(full);
    connect(entry, &QAction::triggered, this, [run = std::move(run)] { run(); });
    menu->addAction(entry);
    m_actions.emplace(QLatin1String(id), entry);
    return entry;
}

void MainWindow::makeFileMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&File"));
    add(menu, "open", tr("&Open…"), "open", QKeySequence::Open, tr("Open a network or a project"), [this] { openFile(); });
    add(menu, "demo", tr("Open the &demo"), "demo", QKeySequence(Qt::CTRL | Qt::Key_D), {}, [this] { openDemo(); });
    add(menu, "customProto", tr("Custom &proto…"), nullptr, {}, tr("The custom.proto that describes layers of your own"), [this] {
        chooseCustomProto();
    })->setCheckable(true);
    m_recentMenu = menu->addMenu(tr("&Recent"));
    m_recentMenu->setEnabled(false);
    menu->addSeparator();
    add(menu, "save", tr("&Save project"), "save", QKeySequence::Save, {}, [this] { saveProject(); });
    add(menu, "saveAs", tr("Save project &as…"), nullptr, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), {}, [this] { saveProjectAs(); });
    menu->addSeparator();
    add(menu, "export", tr("&Export…"), "export", QKeySequence(Qt::CTRL | Qt::Key_E), tr("Write the files of the target"), [this] { exportFiles(); });
    add(menu, "report", tr("&Report…"), "report", QKeySequence(Qt::CTRL | Qt::Key_P),
        tr("One HTML or PDF file of this branch: setting, data, the error of every layer with plots, definitions"), [this] { chooseReport(); });
    add(menu, "convert", tr("&Convert with your own factors…"), nullptr, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E),
        tr("convert_model: the files of %1 from a scale/offset record that you have made").arg(QLatin1String(standardForms().tool)), [this] {
            if (const QString path = QFileDialog::getOpenFileName(this, tr("Open a scale/offset record"), {}, QStringLiteral("(*.txt)"));
                !path.isEmpty())
                convertFiles(path.toStdString());
        });
    add(menu, "uninplace", tr("Write without &in-place layers…"), nullptr, {},
        tr("uninplace_model: the prototxt with a top of its own for every layer"), [this] {
            const std::filesystem::path& model = m_bench.session.modelPath();
            const QString suggestion = QString::fromStdString((model.parent_path() / model.stem()).string()) + QStringLiteral("_uninplace.prototxt");
            if (const QString path =
                    QFileDialog::getSaveFileName(this, tr("Write without in-place layers"), suggestion, QStringLiteral("(*.prototxt)"));
                !path.isEmpty())
                m_bench.workflow.writeUninplaced(path.toStdString());
        });
    menu->addSeparator();
    add(menu, "quit", tr("&Quit"), nullptr, QKeySequence(Qt::CTRL | Qt::Key_Q), {}, [this] { close(); });
}

void MainWindow::makeEditMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&Edit"));
    QUndoStack& stack = m_bench.session.undoStack();
    // Undo and redo name what they undo.
    QAction* undo = stack.createUndoAction(this, tr("Undo"));
    QAction* redo = stack.createRedoAction(this, tr("Redo"));
    undo->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Z));
    redo->setShortcuts({QKeySequence(Qt::CTRL | Qt::Key_Y), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z)});
    undo->setIcon(lineIcon(QStringLiteral("undo")));
    redo->setIcon(lineIcon(QStringLiteral("redo")));
    menu->addActions({undo, redo});
    m_actions.emplace(QStringLiteral("undo"), undo);
    m_actions.emplace(QStringLiteral("redo"), redo);
    menu->addSeparator();
    add(menu, "toggle", tr("&Quantize the selection on/off") + QLatin1Char('\t') + tr("Space"), nullptr, {}, {},
        [this] { toggleQuantized(m_bench.session, m_bench.session.selection()); });
    menu->addSeparator();
    add(menu, "goToLayer", tr("&Go to layer…"), "search", QKeySequence(Qt::CTRL | Qt::Key_K), {}, [this] { goToLayer(); });
    add(menu, "find", tr("&Find in the graph"), nullptr, QKeySequence(Qt::CTRL | Qt::Key_F), {}, [this] { m_graph->focusSearch(); });
}

void MainWindow::makeViewMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&View"));
    GraphView* graph = m_graph->graph();
    // The plain keys work while the graph has the focus; elsewhere they are for typing.
    add(menu, "zoomFit", tr("&Fit the window") + QStringLiteral("\t0"), "fit", {}, {}, [graph] { graph->zoomFit(); });
    add(menu, "zoomFull", tr("Full &size") + QStringLiteral("\t1"), "zoom-100", {}, {}, [graph] { graph->zoomTo(1); });
    add(menu, "zoomSelection", tr("Zoom to the s&election") + QStringLiteral("\t2"), nullptr, {}, {}, [graph] { graph->zoomSelection(); });
    add(menu, "zoomIn", tr("&Larger") + QStringLiteral("\t+"), "zoom-in", {}, {}, [graph] { graph->zoomTo(graph->zoom() * 1.25); });
    add(menu, "zoomOut", tr("S&maller") + QStringLiteral("\t-"), "zoom-out", {}, {}, [graph] { graph->zoomTo(graph->zoom() / 1.25); });
    menu->addSeparator();
    auto* choices = new QActionGroup(this);
    for (const GroupEntry& entry : viewGroups()) {
        const auto digit = static_cast<Qt::Key>(Qt::Key_0 + static_cast<int>(entry.group));
        QAction* choice = add(menu, entry.id, groupTitle(entry), nullptr, QKeySequence(Qt::CTRL | digit), groupQuestion(entry),
                              [this, group = entry.group] { m_groups->choose(group); });
        choice->setCheckable(true);
        choices->addAction(choice);
        m_groups->addChoice(entry.group, choice);
    }
    add(menu, "nextView", tr("&Next view"), nullptr, QKeySequence(Qt::CTRL | Qt::Key_F6), tr("Take the keyboard to the next view"),
        [this] { focusNextView(1); });
    add(menu, "previousView", tr("&Previous view"), nullptr, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F6),
        tr("Take the keyboard to the view before"), [this] { focusNextView(-1); });
    menu->addSeparator();
    QMenu* docks = menu->addMenu(tr("&Docks"));
    int number = 1;
    auto last = ViewGroup::None;
    for (const ViewEntry& view : views()) {
        QDockWidget* shown = dock(QLatin1String(view.id));
        // The view in the centre has none.
        if (!shown)
            continue;
        if (std::exchange(last, view.group) != view.group)
            docks->addSeparator();
        QAction* toggle = shown->toggleViewAction();
        docks->addAction(toggle);
        connect(toggle, &QAction::triggered, shown, [this, shown](bool on) {
            if (on)
                showView(shown->objectName());
        });
        auto* raise = new QAction(tr("Go to %1").arg(shown->windowTitle()), this);
        if (number < 10)
            raise->setShortcut(QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_0 + number++)));
        connect(raise, &QAction::triggered, shown, [this, shown] { focusView(shown->objectName()); });
        docks->addAction(raise);
    }
    docks->addSeparator();
    docks->addAction(tr("Restore the layout"), this, &MainWindow::resetLayout);
    QMenu* similarities = menu->addMenu(tr("Similarit&y as"));
    auto* forms = new QActionGroup(this);
    for (const SimilarityForm form : {SimilarityForm::Cosine, SimilarityForm::OneMinusCosine, SimilarityForm::Sqnr}) {
        QAction* entry = similarities->addAction(similarityLabel(form));
        entry->setCheckable(true);
        entry->setChecked(form == similarityForm());
        forms->addAction(entry);
        connect(entry, &QAction::triggered, this, [this, form] { Q_EMIT similarityChosen(form); });
    }
    QMenu* themes = menu->addMenu(tr("&Theme"));
    m_themes = new QActionGroup(this);
    for (const auto& [mode, text] :
         {std::pair{ThemeMode::System, tr("System")}, std::pair{ThemeMode::Light, tr("Light")}, std::pair{ThemeMode::Dark, tr("Dark")}}) {
        QAction* entry = themes->addAction(text);
        entry->setCheckable(true);
        entry->setData(static_cast<int>(mode));
        m_themes->addAction(entry);
        connect(entry, &QAction::triggered, this, [this, chosen = mode] { Q_EMIT themeChosen(chosen); });
    }
    QMenu* languages = menu->addMenu(tr("&Language"));
    m_languages = new QActionGroup(this);
    for (const auto& [language, text] : {std::pair{Language::System, tr("System")}, std::pair{Language::English, QStringLiteral("English")},
                                         std::pair{Language::Chinese, QStringLiteral("中文")}}) {
        QAction* entry = languages->addAction(text);
        entry->setCheckable(true);
        entry->setData(static_cast<int>(language));
        m_languages->addAction(entry);
        connect(entry, &QAction::triggered, this, [this, chosen = language] { Q_EMIT languageChosen(chosen); });
    }
}

void MainWindow::makeWorkMenus()
{
    Workflow& workflow = m_bench.workflow;
    QMenu* dataMenu = menuBar()->addMenu(tr("&Data"));
    add(dataMenu, "data", tr("&Data…"), "data", QKeySequence(Qt::Key_F4), tr("Choose the pictures and how they become the network's input"),
        [this] { chooseData(); });
    add(dataMenu, "classNames", tr("Class &names…"), nullptr, QKeySequence(Qt::SHIFT | Qt::Key_F4), {}, [this, &workflow] {
        if (const QString path = QFileDialog::getOpenFileName(this, tr("Class names, one a line")); !path.isEmpty())
            workflow.loadClassNames(path.toStdString());
    });

    QMenu* quantize = menuBar()->addMenu(tr("&Quantize"));
    add(quantize, "calibrate", tr("&Calibrate"), "calibrate", QKeySequence(Qt::Key_F5), tr("Find the quantization factors on the calibration set"),
        [&workflow] { workflow.calibrate(); });
    quantize->addSeparator();
    QAction* offset =
        add(quantize, "offset", tr("Activations with &offset"), nullptr, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
            tr("activation_offset: asymmetric activations"), [this] {
                editConfiguration(m_bench.session, tr("Activations with offset"), [](Configuration& c) { c.activationOffset = !c.activationOffset; });
            });
    QAction* fusion = add(quantize, "fusion", tr("&Fuse BatchNorm and Scale"), nullptr, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F),
                          tr("do_fusion: fold them into the layer before"), [this] {
                              editConfiguration(m_bench.session, tr("Fuse BatchNorm and Scale"), [](Configuration& c) { c.doFusion = !c.doFusion; });
                          });
    offset->setCheckable(true);
    fusion->setCheckable(true);
    add(quantize, "defaults", tr("All settings to their &defaults"), "reset", QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R), {}, [this] {
        editConfiguration(m_bench.session, tr("All settings to their defaults"), [this](Configuration& c) {
            const int batches = c.batchNum;
            const Target& target = targetOf(c);
            c = createQuantConfig(*m_bench.session.model(), batches, true, target.scheme());
            setTarget(c, target);
        });
    });
    quantize->addSeparator();
    add(quantize, "loadConfiguration", tr("Open c&onfig.json…"), nullptr, QKeySequence(Qt::CTRL | Qt::Key_J), {}, [this, &workflow] {
        if (const QString path = QFileDialog::getOpenFileName(this, tr("Open config.json"), {}, QStringLiteral("config.json, .cfg (*.json *.cfg)"));
            !path.isEmpty())
            workflow.loadConfiguration(path.toStdString());
    });
    add(quantize, "saveConfiguration", tr("Save con&fig.json…"), nullptr, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_J), {}, [this, &workflow] {
        if (const QString path =
                QFileDialog::getSaveFileName(this, tr("Save config.json"), QStringLiteral("config.json"), QStringLiteral("JSON (*.json)"));
            !path.isEmpty())
            workflow.saveConfiguration(path.toStdString());
    });
    add(quantize, "loadRecord", tr("Open a scale/offset &record…"), nullptr, QKeySequence(Qt::CTRL | Qt::Key_R), {}, [this, &workflow] {
        if (const QString path = QFileDialog::getOpenFileName(this, tr("Open a scale/offset record"), {}, QStringLiteral("(*.txt)")); !path.isEmpty())
            workflow.loadRecord(path.toStdString());
    });

    QMenu* analyse = menuBar()->addMenu(tr("&Analyse"));
    add(analyse, "compare", tr("&Compare"), "compare", QKeySequence(Qt::Key_F6), tr("Float against quantized, layer by layer, on all samples"),
        [&workflow] { workflow.compare(); });
    add(analyse, "worst", tr("Go to the &worst layer"), nullptr, QKeySequence(Qt::Key_F7), {}, [this] { selectWorst(); });
    add(analyse, "diagnose", tr("&Diagnose"), "diagnose", QKeySequence(Qt::SHIFT | Qt::Key_F7),
        tr("Why layers break, in which channel, and what helps"), [this] {
            focusView(QStringLiteral("diagnosis"));
            m_bench.diagnoser.run();
        });
    analyse->addSeparator();
    add(analyse, "sensitivity", tr("&Sensitivity"), "sensitivity", QKeySequence(Qt::Key_F8),
        tr("What each layer's quantization costs at the network's output"), [this] {
            showView(QStringLiteral("sensitivity"));
            m_bench.live.runSensitivity();
        });
    add(analyse, "search", tr("Search se&ttings…"), "tune", QKeySequence(Qt::Key_F9), tr("Find settings that reach a target"),
        [this] { showView(QStringLiteral("search")); });
    analyse->addSeparator();
    QAction* follow = add(analyse, "live", tr("&Follow the settings"), nullptr, QKeySequence(Qt::CTRL | Qt::Key_L),
                          tr("After each edit the comparison is brought up to date in the background"),
                          [this] { m_bench.live.setEnabled(!m_bench.live.enabled()); });
    follow->setCheckable(true);
    add(analyse, "cache", tr("&Memory for values…"), nullptr, {}, tr("How much memory the values of the network may take"),
        [this] { chooseCache(); });
    add(analyse, "threads", tr("&Threads…"), nullptr, {}, tr("How many processors the engine may use"), [this] { chooseThreads(); });
    analyse->addSeparator();
    add(analyse, "cancel", tr("C&ancel"), "cancel", QKeySequence(Qt::Key_Escape), tr("Cancel what runs"), [this] {
        // In a field it leaves the field.
        if (QWidget* field = textField(QApplication::focusWidget()))
            field->clearFocus();
        else
            m_bench.jobs.cancelAll();
    });
}

void MainWindow::makeHelpMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&Help"));
    add(menu, "manual", tr("&Manual"), nullptr, QKeySequence(Qt::Key_F1), tr("The manual's page on the view that has the focus"),
        [this] { showManual(pageOfFocus(), this); });
    add(menu, "firstSteps", tr("&First steps"), nullptr, {}, tr("The line below the toolbar: what the last step showed, and what comes next"),
        [this] {
            QSettings settings;
            settings.setValue(QLatin1String(firstStepsClosedKey), !settings.value(QLatin1String(firstStepsClosedKey)).toBool());
            showFirstSteps();
        })
        ->setCheckable(true);
    add(menu, "definitions", tr("&Definitions"), nullptr, QKeySequence(Qt::CTRL | Qt::Key_F1), {}, [this] { showDefinitions(this); });
    add(menu, "layerTypes", tr("&Layer types"), nullptr, {}, {}, [this] { showLayerTypes(this); });
    add(menu, "parameters", tr("&Parameters"), nullptr, QKeySequence(Qt::SHIFT | Qt::Key_F1), {}, [this] { showParameters(this); });
    add(menu, "keys", tr("&Keys"), nullptr, QKeySequence(Qt::CTRL | Qt::Key_Slash), {}, [this] {
        QString html = QStringLiteral("<table cellspacing=4>");
        for (const auto& [id, entry] : m_actions) {
            const QString text = entry->text().remove(QLatin1Char('&'));
            const QString keys =
                entry->shortcut().isEmpty() ? text.section(QLatin1Char('\t'), 1) : entry->shortcut().toString(QKeySequence::NativeText);
            if (!keys.isEmpty())
                html += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td><b>%2</b></td></tr>")
                            .arg(text.section(QLatin1Char('\t'), 0, 0).toHtmlEscaped(), keys.toHtmlEscaped());
        }
        html += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td><b>← ↑ → ↓</b></td></tr></table>").arg(tr("Walk the graph along its edges"));
        showKeys(html, this);
    });
    add(menu, "about", tr("&About Quantscope"), nullptr, {}, {}, [this] { showAbout(m_bench, this); });
}

const ViewEntry* MainWindow::viewOfFocus() const
{
    for (const QWidget* widget = QApplication::focusWidget(); widget; widget = widget->parentWidget())
        for (const ViewEntry& entry : views())
            if (widget == dock(QLatin1String(entry.id)) || (entry.place == Place::Centre && widget == m_graph))
                return &entry;
    return nullptr;
}

QString MainWindow::pageOfFocus() const
{
    const ViewEntry* view = viewOfFocus();
    return view ? QLatin1String(view->page) : QStringLiteral("index");
}

void MainWindow::focusView(const QString& id)
{
    QDockWidget* view = dock(id);
    if (!view) {
        m_graph->graph()->setFocus(Qt::ShortcutFocusReason);
        return;
    }
    showView(id);
    const auto parts = view->widget()->findChildren<QWidget*>();
    const auto taking = [](const QWidget* part) {
        return (part->focusPolicy() & Qt::TabFocus) && part->isEnabled() && !part->visibleRegion().isEmpty();
    };
    // What is to be read rather than the buttons above it.
    auto first =
        std::find_if(parts.begin(), parts.end(), [&](const QWidget* part) { return qobject_cast<const QAbstractItemView*>(part) && taking(part); });
    if (first == parts.end())
        first = std::find_if(parts.begin(), parts.end(), taking);
    // A view that has nothing to show yet takes it itself.
    (first == parts.end() ? view->widget() : *first)->setFocus(Qt::ShortcutFocusReason);
}

void MainWindow::focusNextView(int step)
{
    std::vector<const ViewEntry*> there;
    for (const ViewEntry& entry : views())
        if (const QDockWidget* view = dock(QLatin1String(entry.id)); !view || !view->isHidden())
            there.push_back(&entry);
    const int count = static_cast<int>(there.size());
    const auto now = std::find(there.begin(), there.end(), viewOfFocus());
    const int at = now == there.end() ? (step > 0 ? -1 : 0) : static_cast<int>(now - there.begin());
    focusView(QLatin1String(there[static_cast<size_t>((at + step + count) % count)]->id));
}

void MainWindow::makeToolBar()
{
    QToolBar* bar = addToolBar(tr("Toolbar"));
    bar->setObjectName(QStringLiteral("toolbar"));
    bar->setMovable(false);
    bar->setIconSize(QSize(16, 16));
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    const auto separate = [bar] { bar->addSeparator(); };
    const auto put = [&](const char* id, const QString& text) {
        QAction* entry = action(QLatin1String(id));
        entry->setIconText(text);
        bar->addAction(entry);
    };
    put("open", tr("Open"));
    put("data", tr("Data"));
    separate();
    auto* target = new QComboBox;
    target->setObjectName(QStringLiteral("target"));
    for (const Target& known : targets())
        target->addItem(QString::fromUtf8(known.label), QString::fromUtf8(known.name));
    target->setToolTip(tr("The device that is quantized for"));
    connect(target, &QComboBox::activated, this, [this, target] {
        const std::string chosen = target->currentData().toString().toStdString();
        if (const auto found = findTarget(chosen); found && *found != &m_bench.session.target())
            setTarget(m_bench.session, **found);
    });
    // How many things the target's rules have to say; a click shows them.
    auto* count = new QToolButton;
    count->setObjectName(QStringLiteral("checkCount"));
    count->setAutoRaise(true);
    count->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    connect(count, &QToolButton::clicked, this, [this] { showView(QStringLiteral("checks")); });
    connect(&m_bench.session, &Session::changed, target, [this, target, count] {
        target->setCurrentIndex(target->findData(QString::fromUtf8(m_bench.session.target().name)));
        const auto checks = m_bench.session.checks();
        count->setText(QString::number(checks.size()));
        count->setToolTip(checks.empty() ? QString() : tr("%1 checks; the worst: %2").arg(checks.size()).arg(checkMessage(checks.front())));
        count->setIcon(checks.empty() ? QIcon() : severityIcon(checks.front().rule->severity));
        m_checkCount->setVisible(!checks.empty());
    });
    bar->addWidget(new QLabel(QStringLiteral(" ") + tr("Target") + QStringLiteral(" ")));
    bar->addWidget(target);
    m_checkCount = bar->addWidget(count);
    m_checkCount->setVisible(false);
    separate();
    put("calibrate", tr("Calibrate"));
    put("compare", tr("Compare"));
    put("diagnose", tr("Diagnose"));
    put("sensitivity", tr("Sensitivity"));
    put("search", tr("Search"));
    separate();
    for (const char* id : {"undo", "redo"}) {
        bar->addAction(action(QLatin1String(id)));
        static_cast<QToolButton*>(bar->widgetForAction(action(QLatin1String(id))))->setToolButtonStyle(Qt::ToolButtonIconOnly);
    }
    separate();
    putBranchBox(bar);
    separate();
    put("export", tr("Export"));
}

void MainWindow::makeFirstSteps()
{
    addToolBarBreak();
    QToolBar* bar = addToolBar(tr("First steps"));
    bar->setObjectName(QStringLiteral("firstSteps"));
    bar->setMovable(false);
    bar->toggleViewAction()->setVisible(false);
    m_firstSteps = new FirstSteps(m_bench);
    bar->addWidget(m_firstSteps);
    connect(m_firstSteps, &FirstSteps::actionRequested, this, [this](const QString& id) { action(id)->trigger(); });
    connect(m_firstSteps, &FirstSteps::viewRequested, this, &MainWindow::showView);
    connect(m_firstSteps, &FirstSteps::closeRequested, action(QStringLiteral("firstSteps")), &QAction::trigger);
}

void MainWindow::showFirstSteps()
{
    const bool asked = !QSettings().value(QLatin1String(firstStepsClosedKey)).toBool();
    action(QStringLiteral("firstSteps"))->setChecked(asked);
    auto* bar = findChild<QToolBar*>(QStringLiteral("firstSteps"));
    if (const bool shown = asked && m_bench.session.model(); bar->isHidden() == shown)
        bar->setVisible(shown);
}

void MainWindow::highlightNext()
{
    const NextStep next = m_bench.session.nextStep();
    const std::pair<const char*, NextStep> steps[] = {{"open", NextStep::Open},
                                                      {"data", NextStep::Data},
                                                      {"calibrate", NextStep::Calibrate},
                                                      {"compare", NextStep::Compare},
                                                      {"export", NextStep::Export}};
    const auto* bar = findChild<QToolBar*>(QStringLiteral("toolbar"));
    for (const auto& [id, step] : steps) {
        QWidget* button = bar->widgetForAction(action(QLatin1String(id)));
        // Export is offered, never urged.
        const bool asked = step == next && step != NextStep::Export && !m_bench.jobs.running(QLatin1String(id));
        // What comes by itself is not asked for; a button that changes its look lays the window out again, twice an edit.
        const bool highlight = asked && !(step == NextStep::Compare && m_bench.live.follows());
        if (button->property("nextStep").toBool() == highlight)
            continue;
        button->setProperty("nextStep", highlight);
        const QColor onAccent = theme().dark ? QColor(0x10, 0x14, 0x1c) : QColor(Qt::white);
        action(QLatin1String(id))->setIcon(lineIcon(QLatin1String(id), highlight ? onAccent : QColor()));
        button->style()->unpolish(button);
        button->style()->polish(button);
    }
}

}  // namespace qs
