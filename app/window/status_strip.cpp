#include "app/window/status_strip.h"

#include "app/session/live.h"
#include "widgets/common/error_text.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>

namespace qs {

StatusStrip::StatusStrip(Workbench& bench, QWidget* parent) : QWidget(parent), m_bench(bench)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 1, 6, 1);
    row->setSpacing(16);
    for (QLabel** label : {&m_model, &m_data, &m_agreement, &m_freshness, &m_cache}) {
        *label = new QLabel;
        row->addWidget(*label);
    }
    row->addStretch(1);
    m_job = new QLabel;
    m_progress = new QProgressBar;
    m_progress->setFixedSize(160, 12);
    m_progress->setTextVisible(false);
    m_progress->setRange(0, 1000);
    m_left = new QLabel;
    m_cancel = new QToolButton;
    m_cancel->setIcon(lineIcon(QStringLiteral("cancel")));
    m_cancel->setAutoRaise(true);
    m_cancel->setToolTip(tr("Cancel (Esc)"));
    for (QWidget* widget :
         {static_cast<QWidget*>(m_job), static_cast<QWidget*>(m_progress), static_cast<QWidget*>(m_left), static_cast<QWidget*>(m_cancel)})
        row->addWidget(widget);
    connect(m_cancel, &QToolButton::clicked, &bench.jobs, &JobRunner::cancelAll);
    connect(&bench.session, &Session::changed, this, &StatusStrip::showSession);
    connect(&bench.live, &Live::changed, this, &StatusStrip::showSession);
    connect(&bench.jobs, &JobRunner::changed, this, &StatusStrip::showJobs);
    showSession();
    showJobs();
}

void StatusStrip::showSession()
{
    const Session& session = m_bench.session;
    m_model->setText(session.model()
                         ? QString::fromStdString(session.model()->name().empty() ? session.modelPath().filename().string() : session.model()->name())
                         : tr("no network"));
    m_model->setToolTip(QString::fromStdString(session.modelPath().string()));
    if (session.data()) {
        const int available = session.calibratable()->size();
        const int calibrated = std::min(available, session.configuration().batchNum * std::max(1, session.dataSpec()->preprocess.batch));
        m_data->setText(tr("calibrate %1 of %2 samples").arg(calibrated).arg(session.data()->size()));
        m_data->setToolTip(QString::fromStdString(session.dataSpec()->path.string()));
    } else
        m_data->setText(session.model() ? tr("no data") : QString());
    const auto& comparison = session.result().comparison;
    const auto agreement = comparison ? comparison->agreement() : std::nullopt;
    m_agreement->setText(agreement ? tr("agreement %1 %").arg(percentText(*agreement)) : QString());
    m_agreement->setToolTip(comparison && comparison->classification.valid
                                ? tr("Share of samples whose quantized first class is the float one")
                                : tr("Of quantized with float: mAP of boxes, pixels of the same class, or samples with the same neighbour"));
    // Figures of factors that another calibration would change are no better than those of other settings.
    const bool outdated = session.calibrationStale() && !session.solvable();
    const bool stale = comparison && (session.comparisonStale() || outdated || comparison->freshness == Freshness::Stale);
    const int all = session.data() ? session.data()->size() : 0;
    m_freshness->setText(!comparison                                  ? QString()
                         : outdated                                   ? tr("stale: calibrate again (F5)")
                         : session.comparisonStale()                  ? tr("stale: run again (F6)")
                         : stale                                      ? tr("stale: being computed")
                         : comparison->freshness == Freshness::Subset ? tr("subset: %1 of %2 samples").arg(comparison->samples).arg(all)
                         : comparison->samples < all                  ? tr("%1 of %2 samples").arg(comparison->samples).arg(all)
                                                                      : tr("full set"));
    m_freshness->setToolTip(
        tr("What the figures rest on: settings that have changed since (stale), some samples (subset), or all samples (full set)"));
    const auto gibibytes = [](size_t bytes) { return QString::number(static_cast<double>(bytes) / (1 << 30), 'f', 1); };
    m_cache->setText(m_bench.live.cacheBytes() == 0
                         ? QString()
                         : tr("cache %1 of %2 GiB").arg(gibibytes(m_bench.live.cacheBytes()), gibibytes(m_bench.live.cacheBudget())));
    m_cache->setToolTip(tr("Values of the network that are kept, so that an edit computes only what it changes (Analyse > Memory for values)"));
    QPalette colors;
    if (stale)
        colors.setColor(QPalette::WindowText, theme().warning);
    m_freshness->setPalette(colors);
    for (QLabel* label : {m_model, m_data, m_agreement, m_freshness, m_cache})
        label->setVisible(!label->text().isEmpty());
}

void StatusStrip::showJobs()
{
    const auto job = m_bench.jobs.current();
    for (QWidget* widget :
         {static_cast<QWidget*>(m_job), static_cast<QWidget*>(m_progress), static_cast<QWidget*>(m_left), static_cast<QWidget*>(m_cancel)})
        widget->setVisible(job.has_value());
    if (!job)
        return;
    m_job->setText(job->cancelling ? tr("cancelling…") : job->progress ? progressPhrase(*job->progress) : job->title);
    m_progress->setValue(qRound(job->fraction() * 1000));
    m_left->setText(QStringLiteral("%1 %  %2")
                        .arg(qRound(job->fraction() * 100))
                        .arg(job->secondsLeft >= 0 ? tr("%1 left").arg(durationText(job->secondsLeft)) : QString()));
    m_cancel->setEnabled(!job->cancelling);
}

MessageBar::MessageBar(QWidget* parent) : QWidget(parent), m_icon(new QLabel), m_text(new QLabel), m_buttons(new QWidget)
{
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setDone(false);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(10, 5, 6, 5);
    row->addWidget(m_icon);
    row->addWidget(m_text, 1);
    row->addWidget(m_buttons);
    auto* buttons = new QHBoxLayout(m_buttons);
    buttons->setContentsMargins(0, 0, 0, 0);
    hide();
}

void MessageBar::clearButtons()
{
    while (QLayoutItem* item = m_buttons->layout()->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
}

void MessageBar::setDone(bool done)
{
    m_done = done;
    m_icon->setPixmap(lineIcon(done ? QStringLiteral("done") : QStringLiteral("warning")).pixmap(16, 16));
    update();
}

void MessageBar::showDone(const QString& text)
{
    showText(text);
    setDone(true);
}

void MessageBar::showText(const QString& text)
{
    setDone(false);
    clearButtons();
    m_text->setText(text);
    addClose();
    setVisible(!text.isEmpty());
}

void MessageBar::offer(const QString& text, const QString& remedy, std::function<void()> chosen)
{
    setDone(false);
    clearButtons();
    m_text->setText(text);
    auto* button = new QPushButton(remedy);
    connect(button, &QPushButton::clicked, this, [this, chosen = std::move(chosen)] {
        // What is chosen may say something of its own.
        hide();
        chosen();
    });
    m_buttons->layout()->addWidget(button);
    addClose();
    show();
}

void MessageBar::addClose()
{
    auto* close = new QToolButton;
    close->setIcon(lineIcon(QStringLiteral("cancel")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Close"));
    connect(close, &QToolButton::clicked, this, &QWidget::hide);
    m_buttons->layout()->addWidget(close);
}

void MessageBar::ask(const QString& text, const QString& yes, const QString& no, std::function<void(bool)> answer)
{
    setDone(false);
    clearButtons();
    m_text->setText(text);
    for (const bool value : {true, false}) {
        auto* button = new QPushButton(value ? yes : no);
        connect(button, &QPushButton::clicked, this, [this, answer, value] {
            hide();
            answer(value);
        });
        m_buttons->layout()->addWidget(button);
    }
    show();
}

QString MessageBar::text() const
{
    return m_text->text();
}

void MessageBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), mixed(theme().panel, m_done ? theme().accent : theme().warning, 0.16));
    painter.setPen(theme().line);
    painter.drawLine(rect().bottomLeft(), rect().bottomRight());
}

}  // namespace qs
