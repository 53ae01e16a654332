#include "app/window/first_steps.h"

#include "app/session/diagnoser.h"
#include "app/session/turns.h"
#include "widgets/common/cause_text.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>
#include <array>
#include <utility>

namespace qs {

namespace {

/// The manual's goal for a layer on its own.
constexpr double good = 0.99;

QString sentences(QStringList all)
{
    all.removeAll(QString());
    return all.join(QLatin1Char(' '));
}

}  // namespace

FirstSteps::FirstSteps(Workbench& bench, QWidget* parent)
    : QWidget(parent), m_bench(bench), m_step(new QLabel), m_text(new QLabel), m_next(new QPushButton), m_leaveOut(new QToolButton)
{
    setObjectName(QStringLiteral("firstStepsLine"));
    QFont bold = m_step->font();
    bold.setBold(true);
    m_step->setFont(bold);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_leaveOut->setObjectName(QStringLiteral("leaveOut"));
    m_leaveOut->setText(tr("Leave out"));
    m_leaveOut->setToolTip(tr("Go on to the next step without this one"));
    m_leaveOut->setAutoRaise(true);
    auto* close = new QToolButton;
    close->setObjectName(QStringLiteral("closeSteps"));
    close->setIcon(lineIcon(QStringLiteral("cancel")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Close; Help > First steps goes on here"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 1, 4, 1);
    row->addWidget(m_step);
    row->addWidget(m_text, 1);
    row->addWidget(m_next);
    row->addWidget(m_leaveOut);
    row->addWidget(close);
    for (QWidget* button : {static_cast<QWidget*>(m_leaveOut), static_cast<QWidget*>(close)})
        button->setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    // A toolbar does not ask how high a text is at its width: two lines.
    setFixedHeight(std::max(2 * m_text->fontMetrics().lineSpacing(), m_next->sizeHint().height()) + 4);
    connect(m_next, &QPushButton::clicked, this, [this] {
        if (m_run)
            m_run();
    });
    connect(m_leaveOut, &QToolButton::clicked, this, [this] {
        m_leftOut.insert(step());
        refresh();
    });
    connect(close, &QToolButton::clicked, this, &FirstSteps::closeRequested);
    // An edit can do without the line for a moment.
    const auto soon = [this] { m_bench.turns.ask(this, [this] { refresh(); }); };
    connect(&bench.session, &Session::changed, this, soon);
    connect(&bench.diagnoser, &Diagnoser::changed, this, soon);
    connect(&bench.jobs, &JobRunner::changed, this, soon);
    connect(&bench.workflow, &Workflow::modelOpened, this, [this] {
        m_leftOut.clear();
        m_exported.clear();
        refresh();
    });
    connect(&bench.workflow, &Workflow::exported, this, [this](const QString& folder) {
        m_exported = folder;
        refresh();
    });
    refresh();
}

QString FirstSteps::text() const
{
    return m_text->text();
}

bool FirstSteps::repaired() const
{
    if (m_bench.diagnoser.result().diagnosis && m_bench.diagnoser.stale())
        return true;  // something was changed since
    const LayerComparison* worst = m_bench.session.result().comparison->layer(m_bench.session.worstLayer().toStdString());
    return !worst || worst->local.cosine >= good;
}

FirstSteps::Step FirstSteps::step() const
{
    const Session& session = m_bench.session;
    const auto open = [this](Step step, bool done) { return !done && !m_leftOut.contains(step); };
    if (!session.model())
        return Step::Open;
    if (open(Step::Data, session.data() != nullptr))
        return Step::Data;
    if (open(Step::Calibrate, session.record() && !session.calibrationStale()))
        return Step::Calibrate;
    const bool compared = session.result().comparison && !session.comparisonStale();
    if (open(Step::Compare, compared))
        return Step::Compare;
    if (open(Step::Repair, !compared || repaired()))
        return Step::Repair;
    return open(Step::Export, !m_exported.isEmpty()) ? Step::Export : Step::Done;
}

QString FirstSteps::figures() const
{
    const auto& comparison = m_bench.session.result().comparison;
    if (!comparison || comparison->outputs.empty())
        return {};
    const QString output = similarityPhrase(comparison->outputs.front().cumulative);
    return comparison->classification.valid ? tr("Output %1, agreement %2 %.").arg(output, percentText(comparison->classification.agreement))
                                            : tr("Output %1.").arg(output);
}

FirstSteps::Advice FirstSteps::repair()
{
    const Session& session = m_bench.session;
    Diagnoser& diagnoser = m_bench.diagnoser;
    const auto& found = diagnoser.result();
    const auto show = [this] { Q_EMIT viewRequested(QStringLiteral("diagnosis")); };
    if (!found.diagnosis || found.diagnosis->layers.empty()) {
        const LayerComparison* worst = session.result().comparison->layer(session.worstLayer().toStdString());
        const QString layer =
            worst ? tr("The worst layer on its own is %1 (%2).").arg(session.worstLayer(), similarityPhrase(worst->local)) : QString();
        return {sentences({figures(), layer, tr("A diagnosis says why it breaks.")}), tr("Diagnose"),
                [this] { Q_EMIT actionRequested(QStringLiteral("diagnose")); }, diagnoser.running()};
    }
    const LayerDiagnosis& worst = *found.diagnosis->worst(1).front();
    const QString layer = QString::fromStdString(worst.layer);
    const auto tried = found.remedies.find(worst.layer);
    if (tried == found.remedies.end() || tried->second.remedies.results.empty()) {
        const QString why = worst.causes.empty() ? tr("no cause that is known") : causeMessage(worst.causes.front());
        return {tr("%1: %2. What helps is tried on some samples.").arg(layer, why), tr("Try remedies"),
                [&diagnoser, layer, show] {
                    show();
                    diagnoser.tryRemedies(layer);
                },
                diagnoser.trying()};
    }
    const LayerRemedies& remedies = tried->second.remedies;
    const RemedyResult& best = remedies.best();
    if (&best == &remedies.before)
        return {tr("None of the remedies that were tried for %1 helps. More bits or a search may; leave this step out to go on.").arg(layer),
                tr("Search"), [this] { Q_EMIT actionRequested(QStringLiteral("search")); }, diagnoser.trying()};
    return {tr("Best for %1: %2. The output goes from %3 to %4. Take it: one step that can be undone.")
                .arg(layer, remedyMessage(best.change), cosinePhrase(remedies.before.output.cosine), cosineText(best.output.cosine)),
            tr("Apply"),
            [&diagnoser, layer, show] {
                show();
                diagnoser.apply(layer, 0);
            },
            diagnoser.trying()};
}

FirstSteps::Advice FirstSteps::advice(Step step)
{
    const Session& session = m_bench.session;
    const auto ask = [this](const char* id) { return [this, id] { Q_EMIT actionRequested(QLatin1String(id)); }; };
    switch (step) {
        case Step::Open:
            return {tr("Open a network, or the demo: a small classifier with one layer that breaks on purpose."), tr("Open the demo"), ask("demo")};
        case Step::Data:
            return {tr("The network has %1 layers. Choose pictures: some to calibrate on, all to compare on.").arg(session.model()->layers().size()),
                    tr("Data…"), ask("data")};
        case Step::Calibrate: {
            const QString before =
                session.record() ? tr("The settings have changed.") : tr("%1 samples are open.").arg(session.data() ? session.data()->size() : 0);
            return {sentences({before, tr("Calibration runs some of them through the float network and finds scale and offset of every layer.")}),
                    tr("Calibrate"), ask("calibrate"), m_bench.jobs.running(QStringLiteral("calibrate"))};
        }
        case Step::Compare: {
            const QString before = session.comparisonStale()
                                       ? tr("The settings have changed.")
                                       : tr("%1 layers have factors now.").arg(session.record() ? session.record()->layers.size() : 0);
            return {sentences({before, tr("Comparing runs float and quantized side by side and shows where they part.")}), tr("Compare"),
                    ask("compare"), m_bench.jobs.running(QStringLiteral("compare"))};
        }
        case Step::Repair:
            return repair();
        case Step::Export:
            return {sentences({figures(), tr("Export writes the files for %1.").arg(QString::fromUtf8(session.target().label))}), tr("Export…"),
                    ask("export")};
        case Step::Done:
            return {sentences({m_exported.isEmpty() ? tr("These were the steps.") : tr("The files are in %1.").arg(m_exported),
                               tr("The report (Ctrl+P) says all of it to others.")}),
                    {},
                    {}};
    }
    return {};
}

void FirstSteps::refresh()
{
    static constexpr std::array names{QT_TR_NOOP("Open"),    QT_TR_NOOP("Data"),   QT_TR_NOOP("Calibrate"),
                                      QT_TR_NOOP("Compare"), QT_TR_NOOP("Repair"), QT_TR_NOOP("Export")};
    const Step now = step();
    const auto number = static_cast<size_t>(now);
    m_step->setText(now == Step::Done ? tr("All six steps") : tr("Step %1 of 6: %2").arg(number + 1).arg(tr(names[number])));
    QStringList all;
    for (size_t i = 0; i < names.size(); ++i)
        all << QStringLiteral("%1 %2").arg(i < number ? QStringLiteral("✓") : QString::number(i + 1) + QLatin1Char('.'), tr(names[i]));
    m_step->setToolTip(all.join(QLatin1Char('\n')));
    Advice what = advice(now);
    m_text->setText(what.showed);
    m_text->setToolTip(what.showed);
    m_next->setVisible(!what.button.isEmpty());
    m_next->setText(what.button);
    m_next->setEnabled(!what.running);
    m_leaveOut->setVisible(now != Step::Done && now != Step::Open);
    m_run = std::move(what.run);
}

}  // namespace qs
