#include "app/commands/configuration_command.h"
#include "app/views/view.h"
#include "app/views/views.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"
#include "core/targets/forms.h"
#include "widgets/common/cause_text.h"
#include "widgets/common/error_text.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/section.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"
#include "widgets/editors/network_editor.h"
#include "widgets/editors/refinements.h"
#include "widgets/editors/setting_editor.h"

#include <QCoreApplication>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QTabBar>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace qs {

namespace {

class InspectorPanel : public View {
    Q_DECLARE_TR_FUNCTIONS(qs::InspectorPanel)

public:
    InspectorPanel(Workbench& bench, QWidget* parent);

protected:
    void refresh() override;

private:
    void showPage();
    void showNetwork();
    void editNetwork(const QString& name, const Configuration& configuration);
    void showSetting(LayerId id);
    /// A link to the sample whose output of this layer is most wrong; empty where none is.
    QString worstText(LayerId id) const;
    void showEffective(LayerId id);
    void showAttributes(LayerId id);
    void showFactors(LayerId id);
    /// Whether it is open is remembered.
    Section* makeSection(const char* key, const QString& title, QWidget* content);

    QTabBar* m_tabs;
    std::optional<QString> m_followed;
    QScrollArea* m_layerPage;
    QScrollArea* m_networkPage;
    NetworkEditor* m_network;
    QLabel* m_empty;
    QWidget* m_content;
    QLabel* m_title;
    QLabel* m_subtitle;
    QLabel* m_why;
    QLabel* m_note;
    SettingEditor* m_editor;
    QTableWidget* m_effective;
    QTableWidget* m_attributes;
    QTableWidget* m_factors;
    Section* m_settingSection;
    Section* m_effectiveSection;
    Section* m_attributesSection;
    Section* m_factorsSection;
};

/// Scrolls up and down only, and is never narrower than what it shows.
class FittingScroll final : public QScrollArea {
public:
    QSize minimumSizeHint() const override
    {
        const QSize usual = QScrollArea::minimumSizeHint();
        const int content = widget() ? widget()->minimumSizeHint().width() : 0;
        return {std::max(usual.width(), content + verticalScrollBar()->sizeHint().width()), usual.height()};
    }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            updateGeometry();
        return QScrollArea::eventFilter(watched, event);
    }
};

QTableWidget* makeTable(const QStringList& headers)
{
    auto* table = new QTableWidget(0, static_cast<int>(headers.size()));
    table->setHorizontalHeaderLabels(headers);
    styleTable(table);
    // Numbers whole, whatever else is cut.
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setSectionResizeMode(headers.size() > 2 ? static_cast<int>(headers.size()) - 1 : 1, QHeaderView::Stretch);
    table->horizontalHeader()->setMinimumSectionSize(table->fontMetrics().averageCharWidth() * 4);
    table->setSelectionMode(QAbstractItemView::ContiguousSelection);
    table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return table;
}

/// As high as its rows, and wide enough for its numbers: the first column's names and the last column's ranges may be cut.
void fitHeight(QTableWidget* table)
{
    int width = 2;
    for (int column = 0; column < table->columnCount(); ++column) {
        int wanted = table->horizontalHeader()->isHidden() ? 0 : table->horizontalHeader()->sectionSizeHint(column);
        for (int row = 0; row < table->rowCount(); ++row)
            wanted = std::max(wanted, table->fontMetrics().horizontalAdvance(table->item(row, column)->text()) + 12);
        width += column == 0 || column + 1 == table->columnCount() ? std::min(wanted, table->fontMetrics().averageCharWidth() * 14) : wanted;
    }
    // It only grows: a digit less is no reason to lay the whole window out again.
    table->setMinimumWidth(std::max(table->minimumWidth(), width));
    int height = table->horizontalHeader()->isHidden() ? 2 : table->horizontalHeader()->sizeHint().height() + 2;
    constexpr int mostRows = 14;
    const bool scrolls = table->verticalScrollBarPolicy() != Qt::ScrollBarAlwaysOff;
    for (int row = 0; row < (scrolls ? std::min(table->rowCount(), mostRows) : table->rowCount()); ++row)
        height += table->rowHeight(row);
    table->setFixedHeight(height);
}

using Cells = std::vector<QStringList>;  ///< by row

bool shows(const QTableWidget* table, const Cells& rows)
{
    if (table->rowCount() != static_cast<int>(rows.size()))
        return false;
    for (int row = 0; row < table->rowCount(); ++row)
        for (int column = 0; column < table->columnCount(); ++column)
            if (table->item(row, column)->text() != rows[static_cast<size_t>(row)][column])
                return false;
    return true;
}

/// Most changes are not of this layer: making items and measuring them takes longer than to see that.
void fill(QTableWidget* table, const Cells& rows)
{
    if (shows(table, rows))
        return;
    table->setRowCount(static_cast<int>(rows.size()));
    for (int row = 0; row < table->rowCount(); ++row)
        for (int column = 0; column < table->columnCount(); ++column) {
            QTableWidgetItem* item = table->item(row, column);
            if (!item) {
                item = new QTableWidgetItem;
                if (column > 0)
                    item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
                table->setItem(row, column, item);
            }
            const QString& cell = rows[static_cast<size_t>(row)][column];
            // A cell that is set is painted again, whatever it said.
            if (item->text() == cell)
                continue;
            item->setText(cell);
            item->setToolTip(cell);
        }
    fitHeight(table);
}

InspectorPanel::InspectorPanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    m_empty = new QLabel(tr("Select a layer to see and change its setting."));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_title = new QLabel;
    QFont bold = font();
    bold.setBold(true);
    bold.setPointSizeF(bold.pointSizeF() + 1);
    m_title->setFont(bold);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_title->setWordWrap(true);
    m_subtitle = new QLabel;
    m_subtitle->setWordWrap(true);
    m_why = new QLabel;
    m_why->setObjectName(QStringLiteral("why"));
    m_why->setWordWrap(true);
    m_why->setTextFormat(Qt::RichText);
    m_why->setTextInteractionFlags(Qt::TextBrowserInteraction);
    // Its line stays: the form below would be laid out and painted again whenever a layer is switched off.
    QSizePolicy kept = m_why->sizePolicy();
    kept.setRetainSizeWhenHidden(true);
    m_why->setSizePolicy(kept);
    m_note = new QLabel;
    m_note->setWordWrap(true);
    m_note->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_editor = new SettingEditor;
    m_settingSection = makeSection("setting", tr("Setting"), m_editor);
    m_effective = makeTable({QString(), tr("requested"), tr("effective")});
    m_effective->setObjectName(QStringLiteral("effective"));
    m_effectiveSection = makeSection("effective", tr("Requested and effective"), m_effective);
    m_attributes = makeTable({QString(), QString()});
    m_attributes->horizontalHeader()->hide();
    m_attributes->setObjectName(QStringLiteral("attributes"));
    m_attributesSection = makeSection("attributes", tr("Attributes"), m_attributes);
    m_factors = makeTable({QString(), tr("scale"), tr("offset"), tr("range")});
    // A row for every channel: these scroll on their own.
    m_factors->setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    m_factors->setObjectName(QStringLiteral("factors"));
    m_factorsSection = makeSection("factors", tr("Quantization factors"), m_factors);

    m_content = new QWidget;
    m_content->setAttribute(Qt::WA_StaticContents);  // a page that grows below is not painted again above
    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(8, 8, 8, 8);
    for (QWidget* widget : {static_cast<QWidget*>(m_title), static_cast<QWidget*>(m_subtitle), static_cast<QWidget*>(m_why),
                            static_cast<QWidget*>(m_note), static_cast<QWidget*>(m_settingSection), static_cast<QWidget*>(m_effectiveSection),
                            static_cast<QWidget*>(m_attributesSection), static_cast<QWidget*>(m_factorsSection)})
        column->addWidget(widget);
    column->addStretch(1);
    connect(m_why, &QLabel::linkActivated, this, [this](const QString& sample) { m_bench.probe.look(sample.toInt()); });
    const auto scrolling = [](QWidget* page) {
        auto* scroll = new FittingScroll;
        scroll->setWidget(page);
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        // One that comes and goes with a line of text lays all of the page out again, in another width.
        scroll->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
        return scroll;
    };
    m_layerPage = scrolling(m_content);
    m_network = new NetworkEditor;
    m_networkPage = scrolling(m_network);
    m_tabs = new QTabBar;
    m_tabs->setObjectName(QStringLiteral("inspectorTabs"));
    m_tabs->setExpanding(false);
    m_tabs->setDrawBase(false);
    m_tabs->addTab(tr("Layer"));
    m_tabs->addTab(tr("Network"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_tabs);
    layout->addWidget(m_empty, 1);
    layout->addWidget(m_layerPage, 1);
    layout->addWidget(m_networkPage, 1);
    connect(m_tabs, &QTabBar::currentChanged, this, &InspectorPanel::showPage);
    connect(m_network, &NetworkEditor::configurationEdited, this, &InspectorPanel::editNetwork);
    connect(m_editor, &SettingEditor::settingEdited, this, [this](const LayerSetting&, const std::function<void(LayerSetting&)>& change) {
        const QStringList& layers = m_bench.session.selection();
        const QString what = layers.size() > 1 ? tr("Change %1 layers").arg(layers.size()) : tr("Change %1").arg(layers.value(0));
        editLayers(m_bench.session, layers, what, change);
    });
}

Section* InspectorPanel::makeSection(const char* key, const QString& title, QWidget* content)
{
    const QString setting = QStringLiteral("inspector/%1").arg(QLatin1String(key));
    auto* section = new Section(title, content);
    section->setObjectName(setting);
    section->setOpen(QSettings().value(setting, true).toBool());
    connect(section, &Section::openEdited, this, [setting](bool open) { QSettings().setValue(setting, open); });
    return section;
}

void InspectorPanel::refresh()
{
    const Session& session = m_bench.session;
    if (m_followed != session.selectedLayer()) {
        // A new selection asks for its layer, none for the whole; the user may turn the page.
        m_followed = session.selectedLayer();
        const int page = session.selectedId() == noId ? 1 : 0;
        if (page != m_tabs->currentIndex()) {
            m_tabs->setCurrentIndex(page);  // which shows it
            return;
        }
    }
    showPage();
}

void InspectorPanel::showPage()
{
    const Session& session = m_bench.session;
    const LayerId id = session.selectedId();
    const bool network = m_tabs->currentIndex() == 1;
    m_empty->setVisible(!network && id == noId);
    m_layerPage->setVisible(!network && id != noId);
    m_networkPage->setVisible(network);
    if (!session.model())
        return;
    const bool remarks = session.prepared() && session.prepared()->original == session.model() && !session.prepared()->notes.empty();
    // Setting one lays the tabs out again.
    if (remarks == m_tabs->tabIcon(1).isNull())
        m_tabs->setTabIcon(1, remarks ? lineIcon(QStringLiteral("warning"), theme().warning) : QIcon());
    if (network)
        showNetwork();
    if (network || id == noId)
        return;
    const Model& model = *session.model();
    const Layer& layer = model.layer(id);
    const qsizetype selected = session.selection().size();
    m_title->setText(QString::fromStdString(layer.name) + (selected > 1 ? QStringLiteral("  (+%1)").arg(selected - 1) : QString()));
    QStringList facts{QString::fromStdString(layer.type)};
    for (const ValueId value : layer.outputs)
        if (model.value(value).shaped)
            facts << shapeLabel(model.value(value).shape);
    if (const int64_t parameters = model.parameterCount(id); parameters > 0)
        facts << tr("%1 parameters").arg(countText(parameters));
    if (const int64_t macs = layerMacs(model, id); macs > 0)
        facts << tr("%1 MACs").arg(countText(macs));
    m_subtitle->setText(facts.join(QStringLiteral(" · ")));
    showSetting(id);
    showEffective(id);
    showAttributes(id);
    showFactors(id);
}

void InspectorPanel::showNetwork()
{
    const Session& session = m_bench.session;
    NetworkState state;
    state.configuration = session.configuration();
    if (session.dataSpec())
        state.batch = std::max(1, session.dataSpec()->preprocess.batch);
    const auto& layers = session.model()->layers();
    state.hasBatchNorm = std::any_of(layers.begin(), layers.end(), [](const Layer& layer) { return layer.op == "BatchNorm"; });
    if (session.preparedIsFresh())
        for (const Note& note : session.prepared()->notes)
            state.notes << noteMessage(note);
    m_network->setState(state);
}

void InspectorPanel::editNetwork(const QString& name, const Configuration& configuration)
{
    Session& session = m_bench.session;
    if (const Result<void> checked = checkConfiguration(*session.model(), configuration, standardForms().words); !checked) {
        // A name that is no layer's: said, and taken back.
        session.log(errorMessage(checked.error()));
        Q_EMIT m_bench.workflow.failed(errorMessage(checked.error()));
        showNetwork();
        return;
    }
    editConfiguration(session, tr("Change %1").arg(name), [&](Configuration& c) { c = configuration; });
}

void InspectorPanel::showSetting(LayerId id)
{
    const Session& session = m_bench.session;
    const Model& model = *session.model();
    SettingState state;
    const auto defaults = defaultSetting(model, id, *session.configuration().scheme);
    state.shown = defaults.has_value();
    if (defaults) {
        const std::string& name = model.layer(id).name;
        state.layer = QString::fromStdString(name);
        state.defaults = *defaults;
        state.setting = *defaults;
        state.setting.quantEnable = false;
        if (const auto found = session.configuration().layers.find(name); found != session.configuration().layers.end())
            state.setting = found->second;
        for (const int site : quantizableSites(model, id, *session.configuration().scheme))
            state.ports << QString::fromStdString(model.value(valueAt(model.layer(id), site)).name);
        state.activationOffset = session.configuration().activationOffset;
        state.scheme = session.configuration().scheme;
        state.channelWiseAllowed = session.configuration().scheme->channelWise(model.layer(id).op);
        state.nonUniformAllowed = !isRecurrent(model.layer(id).op);
        if (const auto& effective = session.effective(); effective.contains(id)) {
            state.reason = reasonMessage(effective[id]);
            state.follows = effective[id].reason == Reason::FusedInto;
        }
        for (const QString& other : session.selection())
            if (const auto found = session.configuration().layers.find(other.toStdString());
                found != session.configuration().layers.end() && found->first != name)
                state.others.push_back(found->second);
    }
    m_settingSection->setVisible(state.shown);
    m_editor->setState(state);
    // The editor itself says why a setting is not followed; here is said why a layer is off that follows it, or that has no setting.
    QString why;
    if (const auto& effective = session.effective(); effective.contains(id) && (!state.shown || state.reason.isEmpty()))
        why = whyFloatMessage(model, id, effective[id]);
    QString note;
    if (session.preparedIsFresh())
        for (const Note& remark : session.prepared()->notes)
            if (remark.layer == model.layer(id).name)
                note = noteMessage(remark);
    QPalette warning;
    warning.setColor(QPalette::WindowText, theme().warning);
    m_note->setPalette(warning);
    m_note->setVisible(!note.isEmpty());
    m_note->setText(note);
    // Of a layer that is quantized its worst sample stands there: the line is never both.
    why = why.isEmpty() ? worstText(id) : tr("Not quantized: %1").arg(why.toHtmlEscaped());
    m_why->setVisible(!why.isEmpty());
    m_why->setText(why);
}

QString InspectorPanel::worstText(LayerId id) const
{
    const Session& session = m_bench.session;
    const auto& comparison = session.result().comparison;
    const LayerComparison* layer = comparison ? comparison->layer(session.model()->layer(id).name) : nullptr;
    if (!layer || !layer->run || !session.data() || layer->cumulative.worstSample < 0 || layer->cumulative.worstSample >= session.data()->size() ||
        layer->cumulative.cosineWorst >= 1)
        return {};
    const Metrics& metrics = layer->cumulative;
    return tr("Worst sample: %1, %2")
        .arg(QStringLiteral("<a href=\"%1\">%2</a>")
                 .arg(metrics.worstSample)
                 .arg(QString::fromStdString(session.data()->sampleName(metrics.worstSample)).toHtmlEscaped()),
             cosinePhrase(metrics.cosineWorst));
}

void InspectorPanel::showEffective(LayerId id)
{
    const Session& session = m_bench.session;
    const auto& all = session.effective();
    const auto found = session.configuration().layers.find(session.model()->layer(id).name);
    m_effectiveSection->setVisible(all.contains(id) && found != session.configuration().layers.end());
    if (m_effectiveSection->isHidden())
        return;
    const Effective& effective = all[id];
    const LayerSetting& requested = found->second;
    Cells rows;
    const QString none = QStringLiteral("–");
    rows.push_back({tr("quantized"), requested.quantEnable ? tr("yes") : tr("no"), effective.quantized ? tr("yes") : tr("no")});
    for (size_t i = 0; i < std::max<size_t>(effective.inputs.size(), 1); ++i) {
        const QString label = effective.inputs.size() > 1 ? tr("bits, %1").arg(siteLabel(effective.inputs[i].port)) : tr("activation bits");
        rows.push_back({label, requested.quantEnable ? QString::number(requested.activation(i).bits) : none,
                        i < effective.inputs.size() ? QString::number(effective.inputs[i].bits) : none});
        const auto calibrator = [&](const std::string& name) { return effective.quantized ? QString::fromStdString(name) : none; };
        rows.push_back({effective.inputs.size() > 1 ? tr("limits by, %1").arg(siteLabel(effective.inputs[i].port)) : tr("limits by"),
                        requested.quantEnable ? QString::fromStdString(requested.activation(i).algorithm) : none,
                        i >= effective.inputs.size() ? none
                        : effective.inputs[i].byHand ? tr("hand")
                                                     : calibrator(effective.inputs[i].algorithm)});
    }
    if (requested.weights) {
        rows.push_back({tr("weight bits"), requested.quantEnable ? QString::number(requested.weights->bits) : none,
                        effective.weightBits > 0 ? QString::number(effective.weightBits) : none});
        rows.push_back({tr("per channel"), requested.weights->channelWise ? tr("yes") : tr("no"),
                        effective.weightBits == 0 ? none
                        : effective.channelWise   ? tr("yes")
                                                  : tr("no")});
        for (const Refinement& refinement : refinements()) {
            if (!((*requested.weights).*refinement.flag))
                continue;
            rows.push_back({refinementLabel(refinement), tr("yes"),
                            !refinement.done(effective) ? tr("no")
                            : refinement.learned()      ? tr("yes")
                                                        : tr("with %1").arg(QString::fromStdString(effective.equalizedWith))});
        }
    }
    fill(m_effective, rows);
}

void InspectorPanel::showFactors(LayerId id)
{
    const auto found = m_bench.session.factors(id);
    m_factorsSection->setVisible(found.has_value());
    if (!found)
        return;
    Cells rows;
    for (const InputFactors& input : found->inputs)
        rows.push_back({siteLabel(input.port) + (input.byHand ? tr(" (by hand)") : QString()),
                        significantText(static_cast<double>(input.params.scale), 5), QString::number(input.params.offset),
                        QStringLiteral("%1 … %2").arg(significantText(static_cast<double>(input.params.clipMin()), 3),
                                                      significantText(static_cast<double>(input.params.clipMax()), 3))});
    const auto& scales = found->weightScales;
    for (size_t i = 0; i < scales.size(); ++i) {
        const double reach = static_cast<double>(scales[i]) * ((1 << (found->weightBits - 1)) - 1);
        rows.push_back({scales.size() == 1 ? tr("weights") : tr("channel %1").arg(i), significantText(static_cast<double>(scales[i]), 5),
                        QStringLiteral("0"), QStringLiteral("± %1").arg(significantText(reach, 3))});
    }
    fill(m_factors, rows);
}

void InspectorPanel::showAttributes(LayerId id)
{
    const Layer& layer = m_bench.session.model()->layer(id);
    Cells rows;
    for (const auto& [name, value] : layer.attributes.all())
        rows.push_back({QString::fromStdString(name), QString::fromStdString(attributeText(value))});
    for (size_t i = 0; i < layer.weights.size(); ++i)
        if (layer.weights[i])
            rows.push_back({tr("weights %1").arg(i), shapeLabel(layer.weights[i]->shape())});
    m_attributesSection->setVisible(!rows.empty());
    fill(m_attributes, rows);
}

}  // namespace

QWidget* makeInspectorPanel(Workbench& bench, QWidget* parent)
{
    return new InspectorPanel(bench, parent);
}

}  // namespace qs
