#include "app/session/session.h"

#include "app/session/branches.h"
#include "core/data/selection.h"

#include <QTime>

#include <algorithm>
#include <utility>

namespace qs {

Session::Session(QObject* parent) : QObject(parent), m_branches(std::make_unique<Branches>(*this))
{
    connect(&m_undo, &QUndoStack::cleanChanged, this, [this] { touch(); });
}

Session::~Session()
{
    // The stack's destructor says "clean" once more, when nobody who listened to us may be left.
    m_undo.disconnect(this);
}

void Session::touch(Implied known)
{
    m_implied = std::move(known);
    if (m_asOne > 0)
        return;
    ++m_revision;
    Q_EMIT changed(m_revision);
}

void Session::asOne(const std::function<void()>& change)
{
    ++m_asOne;
    change();
    --m_asOne;
    touch();
}

void Session::swapContent(BranchContent& other)
{
    std::swap(m_present, other);
    touch();
}

void Session::noteChange()
{
    m_documentChanged = true;
    touch();
}

void Session::forgetResults()
{
    m_present.record.reset();
    m_present.calibration.reset();
    m_present.result = {};
    m_present.histograms = {};
    m_present.diagnosis = {};
    m_present.recordSerial = ++m_lastSerial;
}

void Session::setModel(std::shared_ptr<const Model> model, std::filesystem::path path, std::filesystem::path weights, Configuration configuration)
{
    m_model = std::move(model);
    m_modelPath = std::move(path);
    m_weightsPath = std::move(weights);
    m_present.configuration = std::move(configuration);
    m_present.prepared.reset();
    m_dataSpec.reset();
    m_data.reset();
    m_opened.reset();
    ++m_dataSerial;
    m_classNames.clear();
    m_classNamesPath.clear();
    m_projectPath.clear();
    forgetResults();
    m_selection.clear();
    m_undo.clear();
    m_branches->clear();
    m_documentChanged = false;
    touch();
    Q_EMIT selectionChanged();
}

void Session::setData(DataSpec spec, std::shared_ptr<const DataSet> data, bool edited)
{
    m_dataSpec = std::move(spec);
    m_opened = data;
    m_data = std::move(data);
    ++m_dataSerial;
    m_documentChanged = m_documentChanged || edited;
    touch();
}

const std::shared_ptr<const DataSet>& Session::calibratable() const
{
    const std::vector<std::string>& out = m_present.configuration.notCalibrated;
    if (m_calibratable.of != m_data || m_calibratable.without != out)
        m_calibratable = {m_data, out, without(m_data, out)};
    return m_calibratable.data;
}

void Session::setNotEvaluated(std::vector<std::string> keys)
{
    if (!m_data || keys == m_dataSpec->notEvaluated)
        return;
    m_dataSpec->notEvaluated = keys;
    m_data = withNotEvaluated(m_opened, std::move(keys));
    ++m_dataSerial;
    m_documentChanged = true;
    touch();
}

void Session::setClassNames(std::filesystem::path path, std::vector<std::string> names)
{
    m_classNamesPath = std::move(path);
    m_classNames = std::move(names);
    touch();
}

void Session::setInputShapes(std::map<std::string, Shape> shapes)
{
    m_inputShapes = std::move(shapes);
}

void Session::setCustomProto(std::filesystem::path path)
{
    m_customProto = std::move(path);
    touch();
}

void Session::setProjectPath(std::filesystem::path path)
{
    m_projectPath = std::move(path);
    touch();
}

void Session::markSaved()
{
    m_documentChanged = false;
    m_undo.setClean();
    touch();
}

bool Session::modified() const
{
    return m_model && (m_documentChanged || !m_undo.isClean());
}

void Session::setConfiguration(Configuration configuration)
{
    m_present.configuration = std::move(configuration);
    touch();
}

void Session::setPrepared(std::shared_ptr<const PreparedNetwork> prepared)
{
    m_present.prepared = std::move(prepared);
    touch();
}

void Session::setCalibration(std::shared_ptr<const Calibration> calibration, Configuration configuration)
{
    m_present.calibration = std::move(calibration);
    m_present.calibrationConfiguration = configuration;
    m_present.solvedFor.reset();
    m_present.recordIsCalibrated = true;
    putRecord(m_present.calibration->record, std::move(configuration));
}

void Session::setRecord(QuantRecord record, Configuration configuration)
{
    m_present.recordIsCalibrated = false;
    putRecord(std::move(record), std::move(configuration));
}

void Session::setSolved(QuantRecord record, Configuration configuration)
{
    m_present.solvedFor = configuration;
    putRecord(std::move(record), solvedConfiguration(std::move(configuration), m_present.calibrationConfiguration));
}

std::optional<LayerFactors> Session::factors(LayerId layer) const
{
    if (!m_present.record || layer == noId)
        return std::nullopt;
    const auto find = [&](const QuantRecord& record) {
        const auto found = record.layers.find(m_model->layer(layer).name);
        return found == record.layers.end() ? std::nullopt : std::optional(found->second);
    };
    return preparedIsFresh() ? find(effectiveRecord(*m_present.prepared, *m_present.record, layer)) : find(*m_present.record);
}

void Session::putRecord(QuantRecord record, Configuration configuration)
{
    m_present.record = std::move(record);
    m_present.recordConfiguration = std::move(configuration);
    m_present.recordSerial = ++m_lastSerial;
    m_documentChanged = true;
    touch();
}

const BranchFreshness& Session::now() const
{
    if (!m_implied.freshness)
        m_implied.freshness = freshness(ground(), m_present);
    return *m_implied.freshness;
}

void Session::setResult(ComparisonResult result)
{
    m_present.result = std::move(result);
    if (m_present.result.comparison && !m_present.result.comparison->histograms.empty())
        m_present.histograms = m_present.result;
    Implied known;
    if (m_implied.freshness)
        known.freshness = freshnessOfResults(*m_implied.freshness, ground(), m_present);
    touch(std::move(known));
}

void Session::restore(BranchContent content, bool stale)
{
    for (ComparisonResult* result : {&content.result, &content.histograms})
        result->dataSerial = stale ? -1 : m_dataSerial;
    content.diagnosis.dataSerial = stale ? -1 : m_dataSerial;
    content.prepared = m_present.prepared;
    m_present = std::move(content);
    touch();
}

std::span<const CheckResult> Session::checks() const
{
    const auto& of = m_checked.prepared;
    return of && of->original == m_model && of->configuration.target == m_present.configuration.target ? m_checked.results
                                                                                                       : std::span<const CheckResult>();
}

Spec Session::spec() const
{
    return {m_model, m_present.configuration, m_data, m_present.record, {}, preparedIsFresh() ? m_present.prepared : nullptr};
}

void Session::setChecked(Checked checked)
{
    m_checked = std::move(checked);
    touch(m_implied);
}

const ById<LayerId, Effective>& Session::effective() const
{
    if (!m_implied.effective)
        m_implied.effective = newestEffective(m_model.get(), m_present, now());
    return *m_implied.effective;
}

LayerId Session::selectedId() const
{
    return m_model && !m_selection.isEmpty() ? m_model->findLayer(m_selection.front().toStdString()) : noId;
}

void Session::setSelection(const QStringList& layers)
{
    if (layers == m_selection)
        return;
    m_selection = layers;
    Q_EMIT selectionChanged();
}

void Session::log(const QString& text)
{
    m_log << QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + text;
    Q_EMIT logged(m_log.back());
}

Project Session::toProject() const
{
    Project project;
    project.model = m_modelPath;
    project.weights = m_weightsPath;
    project.customProto = m_customProto;
    project.inputShapes = m_inputShapes;
    project.data = m_dataSpec;
    project.classNames = m_classNamesPath;
    project.configuration = m_present.configuration;
    project.record = m_present.record;
    if (m_present.record)
        project.recordConfiguration = m_present.recordConfiguration;
    m_branches->save(project);
    return project;
}

QString Session::worstLayer() const
{
    if (!m_present.result.comparison)
        return {};
    const LayerComparison* worst = nullptr;
    for (const LayerComparison& layer : m_present.result.comparison->layers) {
        const LayerId id = m_model->findLayer(layer.layer);
        // Local error is the layer's own doing; cumulative error it may have inherited.
        const bool quantized = id != noId && m_present.result.quantized && m_present.result.quantized->effective[id].quantized;
        if (layer.run && quantized && (!worst || layer.local.cosine < worst->local.cosine))
            worst = &layer;
    }
    return worst ? QString::fromStdString(worst->layer) : QString();
}

}  // namespace qs
