#include "app/views/graph_panel.h"

#include "app/commands/configuration_command.h"
#include "app/session/branches.h"
#include "app/session/network_memory.h"
#include "app/session/shared_rows.h"
#include "app/views/views.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"
#include "widgets/graph/graph_view.h"
#include "widgets/models/layer_pattern.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSettings>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace qs {

namespace {

const char* const overlayKey = "graph/overlay";
/// Of one network.
const char* const zoomKey = "graph/zoom";
const char* const centreKey = "graph/centre";
const char* const openKey = "graph/open";
/// After the last move of the view.
constexpr int keepAfterMs = 400;

}  // namespace

GraphPanel::GraphPanel(Workbench& bench, QWidget* parent) : View(bench, parent), m_keeping(new QTimer(this))
{
    setObjectName(QStringLiteral("graphPanel"));
    m_graph = new GraphView;
    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Find a layer"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(200);
    m_search->setToolTip(LayerPattern::help());
    m_search->addAction(lineIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_found = new QLabel;
    m_overlay = new QComboBox;
    for (const Overlay overlay :
         {Overlay::CumulativeCosine, Overlay::LocalCosine, Overlay::Sqnr, Overlay::OneQuantized, Overlay::OneFloat, Overlay::Bits, Overlay::Type}) {
        m_overlay->addItem(overlayLabel(overlay), static_cast<int>(overlay));
        m_overlay->setItemData(m_overlay->count() - 1, overlayDefinition(overlay), Qt::ToolTipRole);
    }
    m_overlay->setCurrentIndex(std::max(0, m_overlay->findData(QSettings().value(QLatin1String(overlayKey), 0).toInt())));
    m_overlay->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_overlay->setToolTip(tr("What the coloured edge of the cards shows"));
    m_legend = new OverlayLegend;

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 4);
    bar->setSpacing(6);
    bar->addWidget(m_search);
    bar->addWidget(m_found);
    const auto button = [&](const char* icon, const QString& tip, auto slot) {
        auto* tool = new QToolButton;
        tool->setIcon(lineIcon(QLatin1String(icon)));
        tool->setAutoRaise(true);
        tool->setToolTip(tip);
        connect(tool, &QToolButton::clicked, m_graph, slot);
        bar->addWidget(tool);
    };
    button("zoom-out", tr("Smaller (−)"), [this] { m_graph->zoomTo(m_graph->zoom() / 1.25); });
    button("zoom-in", tr("Larger (+)"), [this] { m_graph->zoomTo(m_graph->zoom() * 1.25); });
    button("zoom-100", tr("Full size (1)"), [this] { m_graph->zoomTo(1); });
    button("fit", tr("Fit the window (0)"), [this] { m_graph->zoomFit(); });
    bar->addStretch(1);
    bar->addWidget(m_overlay);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    auto* legend = new QHBoxLayout;
    legend->setContentsMargins(8, 0, 8, 3);
    legend->addWidget(m_legend);
    layout->addLayout(legend);
    layout->addWidget(m_graph, 1);

    connect(m_overlay, &QComboBox::activated, this, [this] {
        QSettings().setValue(QLatin1String(overlayKey), m_overlay->currentData().toInt());
        refreshWhenSeen();
    });
    connect(&bench.live, &Live::changed, this, [this] {
        const auto overlay = static_cast<Overlay>(m_overlay->currentData().toInt());
        if (overlay == Overlay::OneQuantized || overlay == Overlay::OneFloat)
            refreshWhenSeen();
    });
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_graph->setSearch(text);
        m_found->setText(text.isEmpty() ? QString() : tr("%1 found").arg(m_graph->searchCount()));
    });
    connect(&bench.workflow, &Workflow::modelOpened, m_search, &QLineEdit::clear);
    connect(m_search, &QLineEdit::returnPressed, this, [this] { m_graph->searchNext(); });
    connect(m_graph, &GraphView::selectionEdited, this, [this](const QStringList& names) {
        // What is clicked is seen already.
        m_ownSelection = true;
        m_bench.session.setSelection(names);
        m_ownSelection = false;
    });
    m_keeping->setSingleShot(true);
    m_keeping->setInterval(keepAfterMs);
    connect(m_keeping, &QTimer::timeout, this, &GraphPanel::keepPlace);
    connect(m_graph, &GraphView::viewChanged, m_keeping, qOverload<>(&QTimer::start));
    connect(m_graph, &GraphView::openBlocksEdited, m_keeping, qOverload<>(&QTimer::start));
    connect(m_graph, &GraphView::menuRequested, this, &GraphPanel::openMenu);
    connect(m_graph, &GraphView::toggleRequested, this, [this](const QStringList& names) { toggleQuantized(m_bench.session, names); });
}

GraphPanel::~GraphPanel()
{
    keepPlace();
}

void GraphPanel::setOverlay(Overlay overlay)
{
    m_overlay->setCurrentIndex(m_overlay->findData(static_cast<int>(overlay)));
    refreshWhenSeen();
}

void GraphPanel::focusSearch()
{
    m_search->setFocus();
    m_search->selectAll();
}

void GraphPanel::offerBranch(bool offer)
{
    // Gone with the branch beside this one.
    const int at = m_overlay->findData(static_cast<int>(Overlay::BranchDifference));
    if (offer && at < 0)
        m_overlay->addItem(overlayLabel(Overlay::BranchDifference), static_cast<int>(Overlay::BranchDifference));
    else if (!offer && at >= 0)
        m_overlay->removeItem(at);
    if (m_overlay->currentIndex() < 0)
        m_overlay->setCurrentIndex(0);
}

void GraphPanel::refresh()
{
    const Session& session = m_bench.session;
    if (!session.model()) {
        keepPlace();
        m_shown = {};
        m_place.reset();
        m_graph->setScene({});
        m_legend->hide();
        return;
    }
    offerBranch(session.branches().referenceComparison() != nullptr);
    const auto overlay = static_cast<Overlay>(m_overlay->currentData().toInt());
    show({session.model(), m_bench.rows.blocks(), m_bench.rows.now(), overlay, theme().dark});
    m_graph->setStale(session.comparisonStale() && ofComparison(overlay));
    m_legend->setEntries(overlayLegend(overlay, m_shown.rows));
    m_legend->setToolTip(overlayDefinition(overlay));
    m_legend->setVisible(m_legend->sizeHint().width() > 0);
    refreshSelection();
}

void GraphPanel::show(Shown shown)
{
    const bool other = shown.model != m_shown.model;
    const bool alike = !other && shown.overlay == m_shown.overlay && shown.dark == m_shown.dark;
    auto nodes = alike ? differingNodes(m_shown.rows, shown.rows, shown.overlay) : std::nullopt;
    if (other) {
        keepPlace();
        m_place = memoryOf(m_bench.session);
        m_graph->setScene({});
        m_graph->setOpenBlocks(recalled(*m_place, QLatin1String(openKey)).isValid()
                                   ? std::optional(recalled(*m_place, QLatin1String(openKey)).toStringList())
                                   : std::nullopt);
    }
    if (!nodes || !m_graph->setNodes(std::move(*nodes)))
        m_graph->setScene(graphScene(*shown.model, shown.rows, shown.overlay, shown.blocks.get()));
    m_shown = std::move(shown);
    if (other)
        restorePlace();
}

void GraphPanel::keepPlace()
{
    m_keeping->stop();
    // A project may have been saved under another name meanwhile.
    if (m_place && m_shown.model == m_bench.session.model())
        m_place = memoryOf(m_bench.session);
    if (!m_place || !m_shown.model)
        return;
    if (m_graph->openBlocks())
        remember(*m_place, QLatin1String(openKey), *m_graph->openBlocks());
    if (!m_graph->moved())
        return;
    remember(*m_place, QLatin1String(zoomKey), m_graph->zoom());
    remember(*m_place, QLatin1String(centreKey), m_graph->visibleRect().center());
}

void GraphPanel::restorePlace()
{
    const QVariant zoom = recalled(*m_place, QLatin1String(zoomKey));
    const QVariant centre = recalled(*m_place, QLatin1String(centreKey));
    if (zoom.isValid() && centre.isValid())
        m_graph->showPlace(zoom.toDouble(), centre.toPointF());
}

void GraphPanel::openMenu(const QPoint& global)
{
    const QStringList names = m_graph->selectedNames();
    const QString current = m_graph->current();
    const auto select = [this](const QStringList& chosen) { m_bench.session.setSelection(chosen); };
    QMenu menu(this);
    menu.setObjectName(QStringLiteral("graphMenu"));
    // One is gone to, of several one is chosen.
    const auto offer = [&](const QString& one, const QString& several, const QStringList& layers) {
        if (layers.size() > 1) {
            QMenu* choice = menu.addMenu(several);
            for (const QString& layer : layers)
                choice->addAction(layer, this, [this, layer] { m_graph->goTo(layer); });
        } else
            menu.addAction(one, this, [this, layers] { m_graph->goTo(layers.front()); })->setEnabled(!layers.isEmpty());
    };
    offer(tr("Go to the producer"), tr("Go to a producer"), m_graph->producers(current));
    offer(tr("Go to the consumer"), tr("Go to a consumer"), m_graph->consumers(current));
    addBlockActions(menu);
    menu.addSeparator();
    menu.addAction(tr("Quantize on/off") + QLatin1Char('\t') + tr("Space"), this, [this, names] { toggleQuantized(m_bench.session, names); })
        ->setEnabled(!names.isEmpty());
    menu.addSeparator();
    const LayerId id = current.isEmpty() || !m_graph->blockToOpen().isEmpty() ? noId : m_bench.session.model()->findLayer(current.toStdString());
    const QString type = id == noId ? QString() : QString::fromStdString(m_bench.session.model()->layer(id).type);
    menu.addAction(type.isEmpty() ? tr("Select all of this type") : tr("Select all %1").arg(type), this,
                   [this, select, type] { select(m_graph->ofType(type)); })
        ->setEnabled(!type.isEmpty());
    QAction* between = menu.addAction(tr("Select from here to there"), this, [this, select, names] { select(m_graph->between(names)); });
    between->setToolTip(tr("All layers on the ways between those that are selected (Ctrl+click selects a second one)"));
    between->setEnabled(names.size() > 1);
    menu.setToolTipsVisible(true);
    menu.addAction(tr("Copy the name") + QStringLiteral("\tCtrl+C"), this,
                   [names] { QApplication::clipboard()->setText(names.join(QLatin1Char('\n'))); })
        ->setEnabled(!names.isEmpty());
    menu.addSeparator();
    menu.addAction(tr("Save the graph as PNG…"), this, [this] { save(QStringLiteral(".png"), tr("PNG picture (*.png)")); });
    menu.addAction(tr("Save the graph as SVG…"), this, [this] { save(QStringLiteral(".svg"), tr("SVG picture (*.svg)")); });
    menu.exec(global);
}

void GraphPanel::addBlockActions(QMenu& menu)
{
    if (m_graph->scene().blocks.empty())
        return;
    const QString open = m_graph->blockToOpen();
    const QString close = m_graph->blockToClose();
    const QString level = open.isEmpty() ? close : open;
    menu.addSeparator();
    menu.addAction(tr("Open") + QLatin1Char('\t') + tr("Enter"), this, [this, open] { m_graph->openBlock(open); })->setEnabled(!open.isEmpty());
    menu.addAction(close.isEmpty() ? tr("Close") : tr("Close %1").arg(close) + QLatin1Char('\t') + tr("Backspace"), this,
                   [this, close] { m_graph->closeBlock(close); })
        ->setEnabled(!close.isEmpty());
    menu.addAction(tr("Open all"), this, [this] { m_graph->openAll(); });
    menu.addAction(tr("Close all to this level"), this, [this, level] { m_graph->closeLevel(level); })->setEnabled(!level.isEmpty());
}

void GraphPanel::save(const QString& suffix, const QString& filter)
{
    const std::filesystem::path& model = m_bench.session.modelPath();
    QString path = QFileDialog::getSaveFileName(this, {}, QString::fromStdString(model.stem().string()) + suffix, filter);
    if (path.isEmpty())
        return;
    if (!path.endsWith(suffix))
        path += suffix;
    if (!m_graph->save(path))
        Q_EMIT m_bench.workflow.failed(tr("Cannot write %1").arg(path));
}

void GraphPanel::refreshSelection()
{
    const QStringList& names = m_bench.session.selection();
    // What is selected elsewhere is shown; what is closed again afterwards stays closed.
    if (!m_ownSelection && !names.isEmpty() && names != m_shownSelection)
        m_graph->reveal(names.front());
    m_shownSelection = names;
    m_graph->setSelectedNames(names);
    if (!names.isEmpty() && !m_ownSelection)
        m_graph->ensureVisible(names.front());
}

QWidget* makeGraphPanel(Workbench& bench, QWidget* parent)
{
    return new GraphPanel(bench, parent);
}

}  // namespace qs
