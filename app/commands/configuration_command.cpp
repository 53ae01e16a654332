#include "app/commands/configuration_command.h"

#include "app/session/branches.h"
#include "core/ops/op.h"
#include "core/targets/forms.h"
#include "widgets/common/error_text.h"

#include <QCoreApplication>

#include <algorithm>

namespace qs {

namespace {

QString named(const QStringList& layers)
{
    return layers.size() == 1 ? layers.front() : QCoreApplication::translate("Commands", "%1 layers").arg(layers.size());
}

/// One change goes to layers of several types: a layer that does not take it keeps what it had, and the log says why.
void changeWithinRange(Session& session, const QString& layer, LayerSetting& setting, const std::function<void(LayerSetting&)>& change)
{
    const LayerSetting before = setting;
    change(setting);
    const LayerId id = session.model() ? session.model()->findLayer(layer.toStdString()) : noId;
    const QuantScheme& scheme = *session.configuration().scheme;
    if (id == noId || !checkLayerSetting(*session.model(), id, before, scheme))
        return;
    if (const auto checked = checkLayerSetting(*session.model(), id, setting, scheme, standardForms().words); !checked) {
        setting = before;
        session.log(QCoreApplication::translate("Commands", "%1 is unchanged: %2").arg(layer, errorMessage(checked.error())));
    }
}

}  // namespace

ConfigurationCommand::ConfigurationCommand(Session& session, const QString& text, Configuration after, QString merge)
    : QUndoCommand(text), m_session(session), m_before(session.configuration()), m_after(std::move(after)), m_merge(std::move(merge))
{
}

void ConfigurationCommand::undo()
{
    m_session.setConfiguration(m_before);
}

void ConfigurationCommand::redo()
{
    m_session.setConfiguration(m_after);
}

bool ConfigurationCommand::mergeWith(const QUndoCommand* other)
{
    const auto* next = static_cast<const ConfigurationCommand*>(other);
    if (next->m_merge != m_merge)
        return false;
    m_after = next->m_after;
    return true;
}

History undoHistory(Session& session)
{
    QUndoStack& stack = session.undoStack();
    History history;
    for (int i = 0; i < stack.count(); ++i) {
        const auto* command = dynamic_cast<const ConfigurationCommand*>(stack.command(i));
        if (!command) {
            // Not a change of settings: what is before it cannot be reached.
            history = {};
            continue;
        }
        if (history.steps.empty())
            history.start = command->before();
        history.steps.push_back({command->text().toStdString(), command->after()});
        if (i < stack.index())
            ++history.index;
    }
    return boundedHistory(std::move(history));
}

void setUndoHistory(Session& session, const History& history)
{
    session.asOne([&] {
        QUndoStack& stack = session.undoStack();
        stack.clear();
        if (history.steps.empty())
            return;
        session.setConfiguration(history.start);
        for (const HistoryStep& step : history.steps)
            stack.push(new ConfigurationCommand(session, QString::fromStdString(step.text), step.configuration));
        stack.setIndex(history.index);
    });
}

void editConfiguration(Session& session, const QString& text, const std::function<void(Configuration&)>& change, const QString& merge)
{
    Configuration configuration = session.configuration();
    change(configuration);
    if (!(configuration == session.configuration()))
        session.undoStack().push(new ConfigurationCommand(session, text, std::move(configuration), merge));
}

void editLayers(Session& session, const QStringList& layers, const QString& text, const std::function<void(LayerSetting&)>& change,
                const QString& merge)
{
    editConfiguration(
        session, text,
        [&](Configuration& configuration) {
            for (const QString& layer : layers) {
                auto found = configuration.layers.find(layer.toStdString());
                if (found == configuration.layers.end()) {
                    // Not listed by the file that was read: an edit lists it.
                    const LayerId id = session.model()->findLayer(layer.toStdString());
                    const auto setting = id == noId ? std::nullopt : defaultSetting(*session.model(), id, *configuration.scheme);
                    if (!setting)
                        continue;
                    found = configuration.layers.emplace(layer.toStdString(), *setting).first;
                    found->second.quantEnable = false;
                }
                changeWithinRange(session, layer, found->second, change);
            }
        },
        merge);
}

void setTarget(Session& session, const Target& target)
{
    Adapted adapted = adaptedTo(target, *session.model(), session.configuration());
    const QString label = QString::fromUtf8(target.label);
    for (const Adapted::Width& width : adapted.changed)
        session.log(QCoreApplication::translate("Commands", "%1: %2 has no %3 bits for an input, it gets %4")
                        .arg(QString::fromStdString(width.layer), label)
                        .arg(width.before)
                        .arg(width.after));
    for (const std::string& layer : adapted.dropped)
        session.log(QCoreApplication::translate("Commands", "%1: %2 does not quantize this layer").arg(QString::fromStdString(layer), label));
    if (adapted.configuration.joinScales != session.configuration().joinScales)
        session.log(adapted.configuration.joinScales
                        ? QCoreApplication::translate("Commands", "%1: the inputs of a Concat or Eltwise share one scale").arg(label)
                        : QCoreApplication::translate("Commands", "%1: each input of a Concat or Eltwise has a scale of its own").arg(label));
    session.log(adapted.changed.empty() ? QCoreApplication::translate("Commands", "Target %1: all settings are kept").arg(label)
                                        : QCoreApplication::translate("Commands", "Target %1: all other settings are kept").arg(label));
    editConfiguration(session, QCoreApplication::translate("Commands", "Target %1").arg(label),
                      [&adapted](Configuration& configuration) { configuration = std::move(adapted.configuration); });
}

void setQuantized(Session& session, const QStringList& layers, bool on)
{
    const QString text = on ? QCoreApplication::translate("Commands", "Quantize %1") : QCoreApplication::translate("Commands", "Keep %1 in float");
    editLayers(session, layers, text.arg(named(layers)), [on](LayerSetting& s) { s.quantEnable = on; });
}

void toggleQuantized(Session& session, const QStringList& layers)
{
    const auto& settings = session.configuration().layers;
    const bool anyOn = std::any_of(layers.begin(), layers.end(), [&](const QString& layer) {
        const auto found = settings.find(layer.toStdString());
        return found != settings.end() && found->second.quantEnable;
    });
    setQuantized(session, layers, !anyOn);
}

void setActivationBits(Session& session, const QStringList& layers, int bits)
{
    editLayers(session, layers, QCoreApplication::translate("Commands", "Activation bits of %1").arg(named(layers)), [bits](LayerSetting& s) {
        for (ActivationSetting& activation : s.activations)
            activation.bits = bits;
    });
}

void setWeightBits(Session& session, const QStringList& layers, int bits)
{
    editLayers(session, layers, QCoreApplication::translate("Commands", "Weight bits of %1").arg(named(layers)), [bits](LayerSetting& s) {
        if (!s.weights)
            return;
        s.weights->bits = bits;
        s.weights->algorithm = bits == 4 ? "snq" : "arq";
    });
}

void setWeightAlgorithm(Session& session, const QStringList& layers, const QString& algorithm)
{
    editLayers(session, layers, QCoreApplication::translate("Commands", "Weight algorithm of %1").arg(named(layers)), [&](LayerSetting& s) {
        if (!s.weights)
            return;
        s.weights->algorithm = algorithm.toStdString();
        s.weights->bits = algorithm == QLatin1String("snq") ? 4 : 8;
    });
}

void mergeFromBranch(Session& session, const QString& branch, const QStringList& layers)
{
    std::vector<std::string> names;
    for (const QString& layer : layers)
        names.push_back(layer.toStdString());
    const Configuration& from = session.branches().configuration(branch);
    editConfiguration(session, QCoreApplication::translate("Commands", "Take %1 from %2").arg(named(layers), branch),
                      [&](Configuration& configuration) { configuration = mergeLayers(std::move(configuration), from, names); });
}

void setCalibrator(Session& session, const QStringList& layers, const QString& calibrator)
{
    editLayers(session, layers, QCoreApplication::translate("Commands", "Calibrator of %1").arg(named(layers)), [&](LayerSetting& s) {
        for (ActivationSetting& activation : s.activations)
            activation.algorithm = calibrator.toStdString();
    });
}

void setRefinement(Session& session, const QStringList& layers, bool WeightSetting::*flag, const QString& what, bool on)
{
    editLayers(session, layers, QCoreApplication::translate("Commands", "%1 of %2").arg(what, named(layers)), [=](LayerSetting& s) {
        if (s.weights)
            (*s.weights).*flag = on;
    });
}

void setLayerSetting(Session& session, const QString& layer, const LayerSetting& setting)
{
    editLayers(session, {layer}, QCoreApplication::translate("Commands", "Setting of %1").arg(layer), [&](LayerSetting& s) { s = setting; });
}

void setLayerSettings(Session& session, const std::map<QString, LayerSetting>& settings)
{
    QStringList layers;
    for (const auto& [layer, setting] : settings)
        layers << layer;
    editConfiguration(session, QCoreApplication::translate("Commands", "Setting of %1").arg(named(layers)), [&](Configuration& configuration) {
        for (const auto& [layer, setting] : settings)
            configuration.layers.insert_or_assign(layer.toStdString(), setting);
    });
}

void setClip(Session& session, const QString& layer, int port, std::optional<std::pair<float, float>> clip)
{
    const LayerId id = session.model()->findLayer(layer.toStdString());
    const size_t ports = id == noId ? 1 : quantizableSites(*session.model(), id, *session.configuration().scheme).size();
    editLayers(session, {layer}, QCoreApplication::translate("Commands", "Clip limits of %1").arg(layer), [&](LayerSetting& s) {
        // Limits belong to one input: several inputs need a list.
        if (ports > 1 && s.activations.size() < ports) {
            s.activations.resize(ports, s.activations.back());
            s.activationsAsList = true;
        }
        s.activations[std::min(static_cast<size_t>(port), s.activations.size() - 1)].clip = clip;
    });
}

}  // namespace qs
