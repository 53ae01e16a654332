#include "app/session/sample_probe.h"

#include "widgets/common/error_text.h"

#include <algorithm>

namespace qs {

SampleProbe::SampleProbe(Workflow& workflow, QObject* parent) : QObject(parent), m_workflow(workflow)
{
    connect(&workflow.session(), &Session::changed, this, [this] {
        m_sample = existing(m_sample);
        if (!m_workflow.session().record() && m_result) {
            m_result.reset();
            m_askedKey = {};
            m_integers.reset();
            m_integersAsked = {};
        }
        Q_EMIT changed();
    });
    connect(&workflow.session(), &Session::selectionChanged, this, &SampleProbe::changed);
    // One that was cancelled changes nothing in the session, and it may have kept a question waiting.
    connect(&workflow.jobs(), &JobRunner::finished, this, [this](const JobInfo& job) {
        if (job.tag == QLatin1String("calibrate") || job.tag == QLatin1String("compare"))
            Q_EMIT changed();
    });
}

int SampleProbe::existing(int sample) const
{
    const auto& data = m_workflow.session().data();
    return std::clamp(sample, 0, data && data->size() > 0 ? data->size() - 1 : 0);
}

void SampleProbe::setSample(int sample)
{
    sample = existing(sample);
    if (sample == m_sample)
        return;
    m_sample = sample;
    Q_EMIT changed();
}

void SampleProbe::look(int sample)
{
    setSample(sample);
    look();
}

QString SampleProbe::probedLayer() const
{
    const Session& session = m_workflow.session();
    const auto& prepared = session.prepared();
    if (!prepared || prepared->original != session.model())
        return {};
    const LayerId selected = session.selectedId();
    const LayerId layer = selected == noId ? noId : prepared->networkLayer[selected];
    if (layer != noId)
        return QString::fromStdString(prepared->network->layer(layer).name);
    for (auto it = prepared->network->layers().rbegin(); it != prepared->network->layers().rend(); ++it)
        if (it->notRunnable.empty())
            return QString::fromStdString(it->name);
    return {};
}

SampleProbe::Key SampleProbe::key() const
{
    const Session& session = m_workflow.session();
    return {m_sample, probedLayer(), session.configuration(), session.recordSerial(), session.dataSerial()};
}

bool SampleProbe::stale() const
{
    return m_result && !(m_resultKey == key());
}

bool SampleProbe::ready() const
{
    const Session& session = m_workflow.session();
    const JobRunner& jobs = m_workflow.jobs();
    // A running calibration or comparison is not disturbed, factors that are being solved are waited for; their end asks again.
    return session.record() && !session.solvable() && session.data() && session.data()->size() > 0 && !jobs.running(QStringLiteral("calibrate")) &&
           !jobs.running(QStringLiteral("compare"));
}

void SampleProbe::want()
{
    if (!ready())
        return;
    const Key asked = key();
    if (asked.layer.isEmpty() || asked == m_askedKey)
        return;
    m_askedKey = asked;
    m_workflow.compareSample(asked.sample, asked.layer, [this, asked](Result<std::shared_ptr<const SampleComparison>> result) {
        m_error.clear();
        if (result) {
            m_result = std::move(*result);
            m_resultKey = asked;
        } else if (result.error().code != ErrorCode::Cancelled)
            m_error = errorMessage(result.error());
        Q_EMIT changed();
    });
}

void SampleProbe::wantIntegers()
{
    if (!ready())
        return;
    const Key asked = key();
    if (asked.layer.isEmpty() || asked == m_integersAsked)
        return;
    m_integersAsked = asked;
    m_workflow.integerSample(asked.sample, asked.layer, [this, asked](Result<std::shared_ptr<const IntegerSample>> result) {
        m_integersError.clear();
        if (result) {
            m_integers = std::move(*result);
            m_integersKey = asked;
        } else if (result.error().code != ErrorCode::Cancelled)
            m_integersError = errorMessage(result.error());
        Q_EMIT changed();
    });
}

void SampleProbe::wantPicture()
{
    const Session& session = m_workflow.session();
    const auto& set = session.data();
    const std::pair<int, int> wanted = set && m_sample < set->size() ? std::pair(m_sample, session.dataSerial()) : std::pair(-1, -1);
    if (wanted == m_pictureOf)
        return;
    m_pictureOf = wanted;
    // Another network: nothing of the last one's data stays.
    m_picture = {};
    if (wanted.first < 0)
        return;
    m_workflow.jobs().run<Buffer>(
        {QStringLiteral("sample-picture"), tr("Read picture"), Lane::Light, true, true, this},
        [set, sample = m_sample](const JobContext&, const std::shared_ptr<Engine>&) { return set->picture(sample); },
        [this, wanted](const Result<Buffer>& picture) {
            if (wanted != m_pictureOf || !picture)
                return;
            m_picture = *picture;
            Q_EMIT changed();
        });
}

}  // namespace qs
