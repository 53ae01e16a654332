#include "widgets/models/layer_rows.h"

#include "core/prepare/refinements.h"
#include "widgets/common/check_text.h"
#include "widgets/common/error_text.h"
#include "widgets/common/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <unordered_map>

namespace qs {

namespace {

QString shapesOf(const Model& model, const Layer& layer, int64_t batch)
{
    const auto first = [&](const std::vector<ValueId>& ids) {
        if (ids.empty() || !model.value(ids.front()).shaped)
            return QString();
        Shape shape = model.value(ids.front()).shape;
        // The batch axis says nothing here.
        if (shape.size() > 1 && shape.front() == batch)
            shape.erase(shape.begin());
        QString text = shapeLabel(shape);
        if (ids.size() > 1)
            text += QStringLiteral(" +%1").arg(ids.size() - 1);
        return text;
    };
    const QString in = first(layer.inputs);
    const QString out = first(layer.outputs);
    if (in.isEmpty() || in == out)
        return out.isEmpty() ? in : out;
    return out.isEmpty() ? in : in + QStringLiteral(" → ") + out;
}

QString refinementsOf(const WeightSetting& weights)
{
    return QString::fromStdString(refinementNames([&](const Refinement& refinement) { return weights.*refinement.flag; })).trimmed();
}

/// Finds by the layer's name in a list that mostly has the order in which it is asked: the next one is tried first.
template <class T>
class ByLayer {
public:
    explicit ByLayer(std::span<const T> list) : m_list(list) {}
    const T* find(std::string_view name)
    {
        if (m_next < m_list.size() && m_list[m_next].layer == name)
            return &m_list[m_next++];
        if (m_known.empty())
            for (size_t i = 0; i < m_list.size(); ++i)
                m_known.emplace(m_list[i].layer, i);
        const auto found = m_known.find(name);
        if (found == m_known.end())
            return nullptr;
        m_next = found->second + 1;
        return &m_list[found->second];
    }

private:
    std::span<const T> m_list;
    size_t m_next = 0;
    std::unordered_map<std::string_view, size_t> m_known;
};

NetworkFacts factsOf(const Model& model, const QuantScheme& scheme)
{
    NetworkFacts facts;
    int64_t batch = 1;
    if (!model.inputs().empty() && model.value(model.inputs().front()).shape.size() > 1)
        batch = model.value(model.inputs().front()).shape.front();
    for (const LayerId id : model.layerIds()) {
        const Layer& layer = model.layer(id);
        const OpInfo* op = findOp(layer.op);
        facts.layers.push_back({.id = id,
                                .name = QString::fromStdString(layer.name),
                                .type = QString::fromStdString(layer.type),
                                .shape = shapesOf(model, layer, batch),
                                .family = op ? op->family : OpFamily::Other,
                                .quantizable = layerQuantizable(model, id, scheme),
                                .notRun = QString::fromStdString(layer.notRunnable),
                                .parameters = model.parameterCount(id),
                                .macs = layerMacs(model, id)});
        facts.byName.push_back(id);
    }
    std::sort(facts.byName.begin(), facts.byName.end(), [&](LayerId a, LayerId b) { return model.layer(a).name < model.layer(b).name; });
    return facts;
}

/// By layer: settings and layers are walked side by side in the order of their names.
std::vector<const LayerSetting*> settingsOf(const Model& model, const NetworkFacts& facts, const Configuration* configuration)
{
    std::vector<const LayerSetting*> settings(facts.layers.size(), nullptr);
    if (!configuration)
        return settings;
    auto next = configuration->layers.begin();
    for (const LayerId id : facts.byName) {
        int order = -1;
        while (next != configuration->layers.end() && (order = next->first.compare(model.layer(id).name)) < 0)
            ++next;
        if (order == 0 && facts.layers[static_cast<size_t>(id)].quantizable != Quantizable::No)
            settings[static_cast<size_t>(id)] = &next->second;
    }
    return settings;
}

LayerRequest requestOf(const LayerSetting& setting)
{
    LayerRequest request;
    request.enabled = setting.quantEnable;
    request.activationBits = setting.activation(0).bits;
    if (const std::string& calibrator = setting.activation(0).algorithm; calibrator != ActivationSetting{}.algorithm)
        request.calibrator = QString::fromStdString(calibrator);
    if (setting.weights) {
        request.weightBits = setting.weights->bits;
        request.algorithm = QString::fromStdString(setting.weights->algorithm);
        request.refinements = refinementsOf(*setting.weights);
    }
    return request;
}

/// `before` where that says all of it already: to compare costs less than to make a row, and most rows stay.
std::shared_ptr<const LayerRow> rowOf(const LayerFacts& facts, LayerRequest request, const LayerFigures& figures, const Effective* effective,
                                      std::span<const CheckResult> checks, const std::shared_ptr<const LayerRow>& before)
{
    if (before && static_cast<const LayerFigures&>(*before) == figures && static_cast<const LayerRequest&>(*before) == request &&
        std::equal(checks.begin(), checks.end(), before->checks.begin(), before->checks.end()) && before->effectiveKnown == (effective != nullptr) &&
        (!effective || before->effective == *effective) && static_cast<const LayerFacts&>(*before) == facts)
        return before;
    auto row = std::make_shared<LayerRow>();
    static_cast<LayerFacts&>(*row) = facts;
    static_cast<LayerRequest&>(*row) = std::move(request);
    static_cast<LayerFigures&>(*row) = figures;
    row->checks.assign(checks.begin(), checks.end());
    if (effective) {
        row->effectiveKnown = true;
        row->effective = *effective;
        if (effective->reason == Reason::FusedInto)
            row->host = QString::fromStdString(effective->reasonLayer);
    }
    return row;
}

}  // namespace

const NetworkFacts& KnownFacts::of(const std::shared_ptr<const Model>& model, const QuantScheme& scheme)
{
    if (model != m_model || &scheme != m_scheme) {
        m_model = model;
        m_scheme = &scheme;
        m_facts = model ? factsOf(*model, scheme) : NetworkFacts();
    }
    return m_facts;
}

QString stateText(const LayerRow& row)
{
    const auto say = [](const char* text) { return QCoreApplication::translate("LayerState", text); };
    if (!row.notRun.isEmpty())
        return say(QT_TRANSLATE_NOOP("LayerState", "not run"));
    if (!row.host.isEmpty())
        return say(QT_TRANSLATE_NOOP("LayerState", "fused"));
    if (row.quantizable == Quantizable::No)
        return say(QT_TRANSLATE_NOOP("LayerState", "float"));
    if (!row.enabled)
        return say(QT_TRANSLATE_NOOP("LayerState", "off"));
    if (!row.effectiveKnown)
        return say(QT_TRANSLATE_NOOP("LayerState", "requested"));
    return row.effective.quantized ? say(QT_TRANSLATE_NOOP("LayerState", "quantized")) : say(QT_TRANSLATE_NOOP("LayerState", "float"));
}

QString whyText(const LayerRow& row)
{
    const QString reason = row.effectiveKnown ? reasonMessage(row.effective) : QString();
    return reason.isEmpty() ? row.notRun : reason;
}

QStringList checkTexts(const LayerRow& row)
{
    QStringList texts;
    for (const CheckResult& result : row.checks)
        texts << severityLabel(result.rule->severity) + QStringLiteral(": ") + checkMessage(result);
    return texts;
}

LayerRows layerRows(const LayerSources& sources, const LayerRows& before)
{
    LayerRows rows;
    if (!sources.model)
        return rows;
    const Model& model = *sources.model;
    ByLayer compared(sources.comparison ? std::span(sources.comparison->layers) : std::span<const LayerComparison>());
    ByLayer referred(sources.reference ? std::span(sources.reference->layers) : std::span<const LayerComparison>());
    ByLayer measured(sources.sensitivity ? std::span(sources.sensitivity->layers) : std::span<const LayerSensitivity>());
    std::unordered_map<std::string_view, std::vector<CheckResult>> checked;
    for (const CheckResult& result : sources.checks)
        checked[result.layer].push_back(result);
    const NetworkFacts gathered =
        sources.facts ? NetworkFacts() : factsOf(model, sources.configuration ? *sources.configuration->scheme : standardScheme());
    const NetworkFacts& facts = sources.facts ? *sources.facts : gathered;
    const std::vector<const LayerSetting*> settings = settingsOf(model, facts, sources.configuration);
    rows.reserve(model.layers().size());
    for (size_t i = 0; i < model.layers().size(); ++i) {
        const std::string& name = model.layers()[i].name;
        LayerFigures row;
        if (const LayerComparison* found = compared.find(name); found && found->run) {
            row.local = found->local;
            row.cumulative = found->cumulative;
            row.stale = found->freshness == Freshness::Stale;
        }
        if (const LayerComparison* other = referred.find(name); other && other->run)
            row.reference = other->cumulative;
        if (const LayerSensitivity* found = measured.find(name)) {
            row.oneQuantized = found->oneQuantized;
            row.oneFloat = found->oneFloat;
            row.wholeError = 1 - sources.sensitivity->output.cosine;
            row.sensitivityStale = sources.sensitivityStale;
        }
        const auto checks = checked.empty() ? checked.end() : checked.find(name);
        rows.push_back(rowOf(facts.layers[i], settings[i] ? requestOf(*settings[i]) : LayerRequest{}, row,
                             i < sources.effective.size() ? &sources.effective[i] : nullptr,
                             checks == checked.end() ? std::span<const CheckResult>() : checks->second, i < before.size() ? before[i] : nullptr));
    }
    return rows;
}

QString familyLabel(OpFamily family)
{
    const auto say = [](const char* text) { return QCoreApplication::translate("OpFamily", text); };
    switch (family) {
        case OpFamily::Input:
            return say(QT_TRANSLATE_NOOP("OpFamily", "input"));
        case OpFamily::Convolution:
            return say(QT_TRANSLATE_NOOP("OpFamily", "convolution"));
        case OpFamily::Dense:
            return say(QT_TRANSLATE_NOOP("OpFamily", "dense"));
        case OpFamily::Pooling:
            return say(QT_TRANSLATE_NOOP("OpFamily", "pooling"));
        case OpFamily::Activation:
            return say(QT_TRANSLATE_NOOP("OpFamily", "activation"));
        case OpFamily::Normalization:
            return say(QT_TRANSLATE_NOOP("OpFamily", "normalization"));
        case OpFamily::Elementwise:
            return say(QT_TRANSLATE_NOOP("OpFamily", "elementwise"));
        case OpFamily::Layout:
            return say(QT_TRANSLATE_NOOP("OpFamily", "layout"));
        case OpFamily::Detection:
            return say(QT_TRANSLATE_NOOP("OpFamily", "detection"));
        case OpFamily::Quantization:
            return say(QT_TRANSLATE_NOOP("OpFamily", "quantization"));
        case OpFamily::Other:
            break;
    }
    return say(QT_TRANSLATE_NOOP("OpFamily", "other"));
}

}  // namespace qs
