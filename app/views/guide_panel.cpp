#include "app/views/guide_panel.h"

#include "app/commands/configuration_command.h"
#include "app/views/views.h"
#include "core/quant/fields.h"
#include "core/targets/forms.h"
#include "widgets/common/format.h"
#include "widgets/common/parameter_help.h"
#include "widgets/common/theme.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace qs {

namespace {

constexpr int fewestPictures = 16;  // of the manual's "16 or 32"
const char* const goalKey = "tuning/goal";

QString named(const QStringList& layers)
{
    return layers.size() == 1 ? layers.front() : GuidePanel::tr("%1 layers").arg(layers.size());
}

QString goalText(double goal)
{
    return QString::number(goal, 'g', 6);
}

}  // namespace

GuidePanel::GuidePanel(Workbench& bench, QWidget* parent) : View(bench, parent)
{
    m_empty = new EmptyPage(tr("Calibrate and compare"));
    m_goal = new QDoubleSpinBox;
    m_goal->setLocale(QLocale::c());
    m_goal->setDecimals(4);
    m_goal->setRange(0.5, 1);
    m_goal->setSingleStep(0.001);
    m_goal->setValue(QSettings().value(QLatin1String(goalKey), manualCosine).toDouble());
    m_goal->setKeyboardTracking(false);
    m_goal->setToolTip(tr("Cosine similarity that the output and every quantized layer on its own shall reach; the manual asks for 0.99"));
    m_now = new QLabel;
    m_now->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_verdict = new QLabel;
    m_again = new QPushButton(tr("Compare again"));
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 2);
    bar->setSpacing(6);
    bar->addWidget(new QLabel(tr("Goal: cosine at least")));
    bar->addWidget(m_goal);
    bar->addSpacing(12);
    bar->addWidget(m_now);
    bar->addStretch(1);
    bar->addWidget(m_verdict);
    bar->addWidget(m_again);

    m_cards = {new GuideStepCard(1, tr("More calibration data (batch_num)"), "batch_num", {QString()}),
               new GuideStepCard(2, tr("Sensitive layers in float (quant_enable)"), field::enabled.name,
                                 {tr("layer"), tr("%1 local").arg(cosineSymbol()), tr("cumulative"), tr("remark")}),
               new GuideStepCard(3, tr("Parameters of sensitive layers"), field::activation.name,
                                 {tr("layer"), tr("parameter"), tr("change"), tr("input error")})};
    auto* cards = new QWidget;
    auto* row = new QHBoxLayout(cards);
    row->setContentsMargins(6, 2, 6, 6);
    row->setSpacing(8);
    for (size_t i = 0; i < steps; ++i) {
        row->addWidget(m_cards[i], i == 0 ? 2 : 3);
        const auto step = static_cast<GuideStep>(i);
        connect(m_cards[i], &GuideStepCard::applied, this, [this, step] { apply(step); });
        connect(m_cards[i], &GuideStepCard::tickedChanged, this, &GuidePanel::showButtons);
        connect(m_cards[i], &GuideStepCard::layerClicked, this, [this](const QString& layer) { m_bench.session.setSelection({layer}); });
    }
    auto* scroll = new QScrollArea;
    scroll->setWidget(cards);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(scroll, 1);

    m_pages = new QStackedWidget;
    m_pages->addWidget(m_empty);
    m_pages->addWidget(page);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);
    connect(m_empty->button(), &QPushButton::clicked, this, [this] { m_bench.workflow.analyse(); });
    connect(m_again, &QPushButton::clicked, this, [this] { m_bench.workflow.analyse(); });
    // A cancelled run changes nothing in the session, but the button may be pressed again.
    connect(&bench.jobs, &JobRunner::finished, this, [this](const JobInfo& job) {
        if (job.tag == QLatin1String("compare") || job.tag == QLatin1String("calibrate"))
            refreshWhenSeen();
    });
    connect(m_goal, &QDoubleSpinBox::valueChanged, this, [this](double goal) {
        QSettings().setValue(QLatin1String(goalKey), goal);
        refreshWhenSeen();
    });
}

QString GuidePanel::verdict() const
{
    return m_verdict->text();
}

void GuidePanel::refresh()
{
    const Session& session = m_bench.session;
    if (session.model() != m_model) {
        // Another network: its own history.
        m_model = session.model();
        m_applied = {};
        m_plan.reset();
        m_planOf.reset();
    }
    if (!session.result().comparison) {
        m_plan.reset();
        m_planOf.reset();
        showEmpty();
        return;
    }
    m_pages->setCurrentIndex(1);
    settleApplied();
    wantPlan();
    showPlan();
}

void GuidePanel::showEmpty()
{
    m_pages->setCurrentIndex(0);
    const Session& session = m_bench.session;
    m_empty->button()->setVisible(session.data() != nullptr);
    m_empty->setText(!session.model()  ? tr("Open a network (Ctrl+O) to tune its quantization.")
                     : !session.data() ? tr("Choose the data (F4): calibration and comparison need them.")
                                       : tr("The guide starts from a comparison: calibrate (F5) and compare (F6)."));
}

void GuidePanel::settleApplied()
{
    const Session& session = m_bench.session;
    if (session.comparisonStale())
        return;
    const ComparisonResult& result = session.result();
    for (auto& applied : m_applied)
        if (applied && !applied->after && result.prepared->configuration == applied->to)
            applied->after = guideFigures(*result.prepared, *result.quantized, *result.comparison);
}

void GuidePanel::wantPlan()
{
    const Session& session = m_bench.session;
    if (session.comparisonStale() || (session.result().comparison == m_planOf && m_goal->value() == m_planGoal))
        return;
    m_planOf = session.result().comparison;
    m_planGoal = m_goal->value();
    const ComparisonResult result = session.result();
    const DataSet& set = *session.data();
    GuideInput input{.prepared = result.prepared.get(),
                     .quantized = result.quantized.get(),
                     .comparison = result.comparison.get(),
                     .calibration = nullptr,
                     .samples = session.calibratable()->size(),
                     .batch = std::max(1, set.spec().preprocess.batch),
                     .goal = m_planGoal};
    const auto calibration = session.recordIsCalibrated() ? session.calibration() : nullptr;
    input.calibration = calibration.get();
    // Hundreds of limits are tried for each layer: not here.
    m_bench.jobs.run<GuidePlan>(
        {QStringLiteral("tuning"), tr("Guide"), Lane::Light, true, true, this},
        [input, result, calibration](const JobContext& job, const std::shared_ptr<Engine>&) -> Result<GuidePlan> { return planGuide(input, job); },
        [this, of = m_planOf](Result<GuidePlan> plan) {
            if (!plan) {
                m_planOf.reset();  // cancelled: asked again when something changes
                return;
            }
            if (of != m_bench.session.result().comparison)
                return;
            m_plan = std::move(*plan);
            showSensitive();
            showParameters();
            refreshWhenSeen();
        });
}

void GuidePanel::showPlan()
{
    const Session& session = m_bench.session;
    const bool stale = session.comparisonStale();
    m_again->setVisible(stale);
    m_again->setEnabled(!m_bench.jobs.running(QStringLiteral("compare")) && !m_bench.jobs.running(QStringLiteral("calibrate")));
    if (!m_plan) {
        m_now->clear();
        m_verdict->clear();
        return;
    }
    const GuideFigures& now = m_plan->figures;
    QStringList parts{tr("output %1").arg(cosinePhrase(now.outputCosine))};
    if (now.agreement)
        parts << tr("agreement %1 %").arg(percentText(*now.agreement));
    if (!now.worstLayer.empty())
        parts << tr("worst layer %1 %2").arg(QString::fromStdString(now.worstLayer), cosineText(now.worstCosine));
    m_now->setText(parts.join(QStringLiteral(" · ")));
    QPalette colors;
    const bool good = m_plan->met && !stale;
    colors.setColor(QPalette::WindowText, stale ? theme().secondary : good ? theme().accent : theme().warning);
    m_verdict->setPalette(colors);
    m_verdict->setText(stale         ? tr("the settings have changed")
                       : m_plan->met ? tr("goal met: the guide ends here")
                       : m_plan->next != GuideStep::None
                           ? tr("goal not met")
                           : tr("goal not met and nothing left to change: do not quantize this network, or train it quantization-aware"));
    showBatches();
    for (size_t i = 0; i < steps; ++i) {
        m_cards[i]->setCurrent(!stale && static_cast<size_t>(m_plan->next) == i);
        showFigures(static_cast<GuideStep>(i));
    }
    showButtons();
}

BatchFinding GuidePanel::batches() const
{
    const Session& session = m_bench.session;
    const auto& left = session.calibratable();
    return findBatches(session.configuration().batchNum, left ? std::max(1, left->spec().preprocess.batch) : 1, left ? left->size() : 0);
}

void GuidePanel::showBatches()
{
    const BatchFinding b = batches();
    QString text =
        tr("Calibrated on %1 samples: batch_num %2 × batch %3. The manual advises 16 or 32.").arg(b.batchNum * b.batch).arg(b.batchNum).arg(b.batch);
    if (b.available < fewestPictures)
        text += QLatin1Char(' ') + tr("The data set has only %1: give more.").arg(b.available);
    else if (b.proposed == b.batchNum)
        text += QLatin1Char(' ') + tr("Nothing to change here.");
    card(GuideStep::Batches)->setFound(text);
}

void GuidePanel::showSensitive()
{
    GuideStepCard* step = card(GuideStep::SwitchOff);
    const QString goal = goalText(m_planGoal);
    std::vector<GuideStepCard::Row> rows;
    for (const SensitiveLayer& layer : m_plan->sensitive) {
        QStringList remarks;
        if (layer.first)
            remarks << tr("first layer");
        if (layer.last)
            remarks << tr("last layer");
        if (layer.small)
            remarks << tr("few parameters");
        rows.push_back({QString::fromStdString(layer.layer),
                        {cosineText(layer.local), cosineText(layer.cumulative), remarks.join(QStringLiteral(", "))},
                        tr("%1 parameters").arg(countText(layer.parameters))});
    }
    step->setRows(rows);
    const bool anyBelow = !m_plan->sensitive.empty() && m_plan->sensitive.front().local < m_planGoal;
    step->setFound(m_plan->met    ? tr("The goal is met: no layer needs to be switched off.")
                   : anyBelow     ? tr("Below %1 when they alone are quantized, the worst first:").arg(goal)
                   : rows.empty() ? tr("No quantized layer is below %1.").arg(goal)
                                  : tr("No layer is below %1 on its own, but the output is: the errors add up. These add most:").arg(goal));
}

void GuidePanel::showParameters()
{
    GuideStepCard* step = card(GuideStep::Parameters);
    std::vector<GuideStepCard::Row> rows;
    for (const ParameterProposal& proposal : m_plan->parameters)
        for (size_t i = 0; i < proposal.changes.size(); ++i) {
            const ParameterChange& change = proposal.changes[i];
            const QString key = QString::fromStdString(standardForms().words(change.field));
            QString shortKey = key.section(QLatin1Char('.'), -1);
            if (change.field == field::weightBits.name)
                shortKey += tr(" (weights)");
            else if (change.field == field::activationBits.name)
                shortKey += tr(" (data)");
            if (change.input >= 0)
                shortKey += tr(", input %1").arg(change.input);
            const bool first = i == 0;
            rows.push_back({first ? QString::fromStdString(proposal.layer) : QString(),
                            {shortKey,
                             QStringLiteral("%1 → %2").arg(QString::fromStdString(standardForms().words(change.before)),
                                                           QString::fromStdString(standardForms().words(change.after))),
                             first && proposal.inputLoss ? QStringLiteral("× %1").arg(significantText(*proposal.inputLoss, 2)) : QString()},
                            parameterHelp(change.field.c_str())});
        }
    step->setRows(rows);
    step->setFound(m_plan->met    ? tr("The goal is met: no parameter needs to be changed.")
                   : rows.empty() ? tr("No sensitive layer has a parameter left to change.")
                                  : tr("For the layers that stay quantized:"),
                   tr("Input error: squared error of the quantized input, by what calibration saw."));
}

void GuidePanel::showFigures(GuideStep step)
{
    const auto& applied = m_applied[static_cast<size_t>(step)];
    if (!applied) {
        card(step)->setFigures({}, {});
        return;
    }
    const GuideFigures& before = applied->before;
    const GuideFigures* after = applied->after ? &*applied->after : nullptr;
    const auto worst = [](const GuideFigures& f) {
        return f.worstLayer.empty() ? QStringLiteral("–")
                                    : QStringLiteral("%1 %2").arg(QString::fromStdString(f.worstLayer), cosineText(f.worstCosine));
    };
    std::vector<GuideStepCard::Figure> rows{
        {tr("output %1").arg(cosineSymbol()), cosineText(before.outputCosine), after ? cosineText(after->outputCosine) : QString()}};
    const auto percent = [&rows, after](const QString& name, const std::optional<double>& from, std::optional<double> GuideFigures::*member) {
        if (from)
            rows.push_back({name, percentText(*from) + QStringLiteral(" %"),
                            after && after->*member ? percentText(*(after->*member)) + QStringLiteral(" %") : QString()});
    };
    percent(tr("agreement"), before.agreement, &GuideFigures::agreement);
    percent(tr("top-1"), before.top1, &GuideFigures::top1);
    rows.push_back({tr("worst layer"), worst(before), after ? worst(*after) : QString()});
    const Configuration& now = m_bench.session.configuration();
    card(step)->setFigures(now == applied->from ? tr("undone") : tr("applied"), rows);
}

void GuidePanel::showButtons()
{
    if (!m_plan)
        return;
    const bool ready = !m_bench.session.comparisonStale() && m_bench.session.data();
    const BatchFinding b = batches();
    card(GuideStep::Batches)->setApply(b.proposed == b.batchNum ? QString() : tr("Set batch_num to %1").arg(b.proposed), ready);
    const QStringList off = card(GuideStep::SwitchOff)->ticked();
    card(GuideStep::SwitchOff)->setApply(m_plan->sensitive.empty() ? QString() : tr("Keep %1 in float").arg(named(off)), ready && !off.isEmpty());
    const QStringList changed = card(GuideStep::Parameters)->ticked();
    card(GuideStep::Parameters)->setApply(m_plan->parameters.empty() ? QString() : tr("Change %1").arg(named(changed)), ready && !changed.isEmpty());
}

void GuidePanel::apply(GuideStep step)
{
    Session& session = m_bench.session;
    if (!m_plan || session.comparisonStale())
        return;
    const Configuration from = session.configuration();
    const QStringList layers = card(step)->ticked();
    if (step == GuideStep::Batches) {
        const int wanted = batches().proposed;
        editConfiguration(session, tr("Calibrate on %1 batches").arg(wanted), [wanted](Configuration& c) { c.batchNum = wanted; });
    } else if (step == GuideStep::SwitchOff)
        setQuantized(session, layers, false);
    else {
        std::map<QString, LayerSetting> settings;
        for (const ParameterProposal& proposal : m_plan->parameters)
            if (const QString layer = QString::fromStdString(proposal.layer); layers.contains(layer))
                settings.emplace(layer, proposal.setting);
        setLayerSettings(session, settings);
    }
    if (session.configuration() == from)
        return;
    m_applied[static_cast<size_t>(step)] = Applied{m_plan->figures, std::nullopt, from, session.configuration()};
    m_bench.workflow.analyse();
    refreshWhenSeen();
}

QWidget* makeGuidePanel(Workbench& bench, QWidget* parent)
{
    return new GuidePanel(bench, parent);
}

}  // namespace qs
