#include "app/session/session.h"

#include "app/session/branches.h"

#include <QTime>

#include <algorithm>
#include <utility>

namespace qs {

namespace {

/// What calibration depends on of a layer: clips by hand replace its results afterwards, and a layer that is switched off keeps its factors.
bool sameCalibration(const LayerSetting& a, const LayerSetting& b)
{
    if (a == b)
        return true;
    const auto part = [](LayerSetting setting) {
        setting.quantEnable = true;
        for (ActivationSetting& activation : setting.activations)
            activation.clip.reset();
        return setting;
    };
    return part(a) == part(b);
}

/// Not the target, joint_quant (which has no effect) and joined scales (entered where clips are); update_bn's only where it is on.
bool sameCalibration(const Configuration& a, const Configuration& b)
{
    const bool updates = a.updateBn.value_or(false);
    return a.version == b.version && a.batchNum == b.batchNum && a.activationOffset == b.activationOffset && a.doFusion == b.doFusion &&
           a.skipFusionLayers == b.skipFusionLayers && updates == b.updateBn.value_or(false) && (!updates || a.bnUpdate == b.bnUpdate) &&
           std::equal(a.layers.begin(), a.layers.end(), b.layers.begin(), b.layers.end(),
                      [](const auto& x, const auto& y) { return x.first == y.first && sameCalibration(x.second, y.second); });
}

/// Found now, or before.
template <class T, class Find>
const T& once(std::optional<T>& known, const Find& find)
{
    if (!known)
        known = find();
    return *known;
}

}  // namespace

Session::Session(QObject* parent) : QObject(parent), m_branches(std::make_unique<Branches>(*this))
{
    connect(&m_undo, &QUndoStack::cleanChanged, this, [this] { touch(); });
}

Session::~Session()
{
    // The stack's destructor says "clean" once more, when nobody who listened to us may be left.
    m_undo.disconnect(this);
}

void Session::touch()
{
    m_implied = {};
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
    std::swap(m_configuration, other.configuration);
    std::swap(m_prepared, other.prepared);
    std::swap(m_record, other.record);
    std::swap(m_recordSerial, other.recordSerial);
    std::swap(m_recordIsCalibrated, other.recordIsCalibrated);
    std::swap(m_recordConfiguration, other.recordConfiguration);
    std::swap(m_calibration, other.calibration);
    std::swap(m_calibrationConfiguration, other.calibrationConfiguration);
    std::swap(m_solvedFor, other.solvedFor);
    std::swap(m_result, other.result);
    std::swap(m_histograms, other.histograms);
    touch();
}

void Session::noteChange()
{
    m_documentChanged = true;
    touch();
}

void Session::forgetResults()
{
    m_record.reset();
    m_calibration.reset();
    m_result = {};
    m_histograms = {};
    m_recordSerial = ++m_lastSerial;
}

void Session::setModel(std::shared_ptr<const Model> model, std::filesystem::path path, std::filesystem::path weights, Configuration configuration)
{
    m_model = std::move(model);
    m_modelPath = std::move(path);
    m_weightsPath = std::move(weights);
    m_configuration = std::move(configuration);
    m_prepared.reset();
    m_dataSpec.reset();
    m_data.reset();
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
    m_data = std::move(data);
    ++m_dataSerial;
    m_documentChanged = m_documentChanged || edited;
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
    m_configuration = std::move(configuration);
    touch();
}

void Session::setPrepared(std::shared_ptr<const PreparedNetwork> prepared)
{
    m_prepared = std::move(prepared);
    touch();
}

void Session::setCalibration(std::shared_ptr<const Calibration> calibration, Configuration configuration)
{
    m_calibration = std::move(calibration);
    m_calibrationConfiguration = configuration;
    m_solvedFor.reset();
    m_recordIsCalibrated = true;
    putRecord(m_calibration->record, std::move(configuration));
}

void Session::setRecord(QuantRecord record, Configuration configuration)
{
    m_recordIsCalibrated = false;
    putRecord(std::move(record), std::move(configuration));
}

void Session::setSolved(QuantRecord record, Configuration configuration)
{
    m_solvedFor = configuration;
    // A layer that was off during the calibration stays one that asks for another.
    for (auto& [name, setting] : configuration.layers) {
        const auto seen = m_calibrationConfiguration.layers.find(name);
        setting.quantEnable = seen != m_calibrationConfiguration.layers.end() && seen->second.quantEnable;
    }
    putRecord(std::move(record), std::move(configuration));
}

std::optional<LayerFactors> Session::factors(LayerId layer) const
{
    if (!m_record || layer == noId)
        return std::nullopt;
    const auto find = [&](const QuantRecord& record) {
        const auto found = record.layers.find(m_model->layer(layer).name);
        return found == record.layers.end() ? std::nullopt : std::optional(found->second);
    };
    return preparedIsFresh() ? find(effectiveRecord(*m_prepared, *m_record, layer)) : find(*m_record);
}

void Session::putRecord(QuantRecord record, Configuration configuration)
{
    m_record = std::move(record);
    m_recordConfiguration = std::move(configuration);
    m_recordSerial = ++m_lastSerial;
    m_documentChanged = true;
    touch();
}

bool Session::preparedIsFresh() const
{
    return once(m_implied.preparedIsFresh,
                [this] { return m_prepared && m_prepared->original == m_model && m_prepared->configuration == m_configuration; });
}

bool Session::calibrationStale() const
{
    return once(m_implied.calibrationStale, [this] {
        if (!m_record)
            return false;
        for (const auto& [name, setting] : m_configuration.layers) {
            if (!setting.quantEnable || m_record->layers.contains(name))
                continue;
            // Switched on after the calibration: it has no factors yet.
            const auto before = m_recordConfiguration.layers.find(name);
            if (before == m_recordConfiguration.layers.end() || !before->second.quantEnable)
                return true;
        }
        return !sameCalibration(m_configuration, m_recordConfiguration);
    });
}

bool Session::lacksObserved() const
{
    // Solved while the layer was off: its factors were left out then.
    return std::any_of(m_calibration->record.layers.begin(), m_calibration->record.layers.end(), [&](const auto& entry) {
        const auto now = m_configuration.layers.find(entry.first);
        return now != m_configuration.layers.end() && now->second.quantEnable && !m_record->layers.contains(entry.first);
    });
}

bool Session::solvable() const
{
    return once(m_implied.solvable, [this] {
        // What solving cannot find, it cannot find a second time.
        if (!m_record || !m_recordIsCalibrated || !m_calibration || m_solvedFor == m_configuration)
            return false;
        return (lacksObserved() || !sameCalibration(m_configuration, m_recordConfiguration)) &&
               !needsOtherData(m_configuration, m_calibrationConfiguration);
    });
}

void Session::setResult(ComparisonResult result)
{
    m_result = std::move(result);
    if (m_result.comparison && !m_result.comparison->histograms.empty())
        m_histograms = m_result;
    touch();
}

std::span<const CheckResult> Session::checks() const
{
    const auto& of = m_checked.prepared;
    return of && of->original == m_model && of->configuration.target == m_configuration.target ? m_checked.results : std::span<const CheckResult>();
}

void Session::setChecked(Checked checked)
{
    m_checked = std::move(checked);
    touch();
}

bool Session::comparisonStale() const
{
    return once(m_implied.comparisonStale, [this] { return m_result.staleFor(m_recordSerial, m_dataSerial, m_configuration); });
}

bool Session::histogramsStale() const
{
    return once(m_implied.histogramsStale, [this] { return m_histograms.staleFor(m_recordSerial, m_dataSerial, m_configuration); });
}

const std::vector<Effective>& Session::effective() const
{
    return once(m_implied.effective, [this] { return findEffective(); });
}

std::vector<Effective> Session::findEffective() const
{
    // What the comparison really ran knows most (illegal scales, missing factors), as long as it is of these settings.
    if (m_result.comparison && !comparisonStale() && m_result.quantized)
        return m_result.quantized->effective;
    if (!m_prepared || m_prepared->original != m_model)
        return {};
    std::vector<Effective> effective = m_prepared->effective;
    if (m_calibration && m_calibration->effective.size() == effective.size() && !calibrationStale())
        for (size_t i = 0; i < effective.size(); ++i)
            if (effective[i].quantized && m_calibration->effective[i].reason == Reason::IllegalScale &&
                !m_record->layers.contains(m_model->layers()[i].name))
                effective[i] = m_calibration->effective[i];
    return effective;
}

NextStep Session::nextStep() const
{
    if (!m_model)
        return NextStep::Open;
    if (!m_data)
        return NextStep::Data;
    if (!m_record || (calibrationStale() && !solvable()))
        return NextStep::Calibrate;
    return !m_result.comparison || comparisonStale() ? NextStep::Compare : NextStep::Export;
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
    project.configuration = m_configuration;
    project.record = m_record;
    if (m_record)
        project.recordConfiguration = m_recordConfiguration;
    m_branches->save(project);
    return project;
}

QString Session::worstLayer() const
{
    if (!m_result.comparison)
        return {};
    const LayerComparison* worst = nullptr;
    for (const LayerComparison& layer : m_result.comparison->layers) {
        const LayerId id = m_model->findLayer(layer.layer);
        // Local error is the layer's own doing; cumulative error it may have inherited.
        const bool quantized = id != noId && m_result.quantized && m_result.quantized->effective[static_cast<size_t>(id)].quantized;
        if (layer.run && quantized && (!worst || layer.local.cosine < worst->local.cosine))
            worst = &layer;
    }
    return worst ? QString::fromStdString(worst->layer) : QString();
}

}  // namespace qs
