#include "widgets/models/layer_rows.h"

#include "core/prepare/refinements.h"
#include "widgets/common/check_text.h"
#include "widgets/common/error_text.h"
#include "widgets/common/format.h"

#include <QCoreApplication>

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

std::vector<LayerFacts> factsOf(const Model& model, const QuantScheme& scheme)
{
    std::vector<LayerFacts> facts;
    int64_t batch = 1;
    if (!model.inputs().empty() && model.value(model.inputs().front()).shape.size() > 1)
        batch = model.value(model.inputs().front()).shape.front();
    for (LayerId id = 0; id < static_cast<LayerId>(model.layers().size()); ++id) {
        const Layer& layer = model.layer(id);
        const OpInfo* op = findOp(layer.op);
        facts.push_back({.id = id,
                         .name = QString::fromStdString(layer.name),
                         .type = QString::fromStdString(layer.type),
                         .shape = shapesOf(model, layer, batch),
                         .family = op ? op->family : OpFamily::Other,
                         .quantizable = layerQuantizable(model, id, scheme),
                         .notRun = QString::fromStdString(layer.notRunnable),
                         .parameters = model.parameterCount(id),
                         .macs = layerMacs(model, id)});
    }
    return facts;
}

/// A row with its request, figures and checks gets the rest; `before` where that says all of it already: to compare costs less than to copy, and most
/// rows stay.
std::shared_ptr<const LayerRow> completed(LayerRow row, const LayerFacts& facts, const Effective* effective,
                                          const std::shared_ptr<const LayerRow>& before)
{
    if (before && static_cast<const LayerFigures&>(*before) == row && static_cast<const LayerRequest&>(*before) == row &&
        before->checks == row.checks && before->effectiveKnown == (effective != nullptr) && (!effective || before->effective == *effective) &&
        static_cast<const LayerFacts&>(*before) == facts)
        return before;
    static_cast<LayerFacts&>(row) = facts;
    if (effective) {
        row.effectiveKnown = true;
        row.effective = *effective;
        if (effective->reason == Reason::FusedInto)
            row.host = QString::fromStdString(effective->reasonLayer);
    }
    return std::make_shared<const LayerRow>(std::move(row));
}

}  // namespace

std::span<const LayerFacts> KnownFacts::of(const std::shared_ptr<const Model>& model, const QuantScheme& scheme)
{
    if (model != m_model || &scheme != m_scheme) {
        m_model = model;
        m_scheme = &scheme;
        m_facts = model ? factsOf(*model, scheme) : std::vector<LayerFacts>();
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
    const std::vector<LayerFacts> gathered =
        sources.facts.empty() ? factsOf(model, sources.configuration ? *sources.configuration->scheme : standardScheme()) : std::vector<LayerFacts>();
    const std::span<const LayerFacts> facts = sources.facts.empty() ? gathered : sources.facts;
    rows.reserve(model.layers().size());
    for (size_t i = 0; i < model.layers().size(); ++i) {
        const Layer& layer = model.layers()[i];
        LayerRow row;
        if (sources.configuration && facts[i].quantizable != Quantizable::No) {
            const auto found = sources.configuration->layers.find(layer.name);
            if (found != sources.configuration->layers.end()) {
                row.enabled = found->second.quantEnable;
                row.activationBits = found->second.activation(0).bits;
                if (const std::string& calibrator = found->second.activation(0).algorithm; calibrator != ActivationSetting{}.algorithm)
                    row.calibrator = QString::fromStdString(calibrator);
                if (found->second.weights) {
                    row.weightBits = found->second.weights->bits;
                    row.algorithm = QString::fromStdString(found->second.weights->algorithm);
                    row.refinements = refinementsOf(*found->second.weights);
                }
            }
        }
        if (const LayerComparison* found = compared.find(layer.name); found && found->run) {
            row.local = found->local;
            row.cumulative = found->cumulative;
            row.stale = found->freshness == Freshness::Stale;
        }
        if (const LayerComparison* other = referred.find(layer.name); other && other->run)
            row.reference = other->cumulative;
        if (const LayerSensitivity* found = measured.find(layer.name)) {
            row.oneQuantized = found->oneQuantized;
            row.oneFloat = found->oneFloat;
            row.wholeError = 1 - sources.sensitivity->output.cosine;
            row.sensitivityStale = sources.sensitivityStale;
        }
        if (const auto found = checked.find(layer.name); found != checked.end())
            row.checks = std::move(found->second);
        rows.push_back(completed(std::move(row), facts[i], i < sources.effective.size() ? &sources.effective[i] : nullptr,
                                 i < before.size() ? before[i] : nullptr));
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
