// Every edit of a setting: the configuration as a whole is swapped, so that no command can forget a field.
#pragma once

#include "app/session/session.h"

#include <QUndoCommand>

#include <functional>
#include <map>

namespace qs {

class ConfigurationCommand : public QUndoCommand {
public:
    /// Commands of the same `merge` key (not empty) that follow each other become one.
    ConfigurationCommand(Session& session, const QString& text, Configuration after, QString merge = {});
    void undo() override;
    void redo() override;
    int id() const override { return m_merge.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override;
    const Configuration& before() const { return m_before; }
    const Configuration& after() const { return m_after; }

private:
    Session& m_session;
    Configuration m_before;
    Configuration m_after;
    QString m_merge;
};

/// The undo stack as values, the newest historyLimit steps; and back again: the session then has the configuration that `history` stands at.
History undoHistory(Session& session);
void setUndoHistory(Session& session, const History& history);

// The edits that views ask for. Nothing is pushed when nothing changes.
void editConfiguration(Session& session, const QString& text, const std::function<void(Configuration&)>& change, const QString& merge = {});
void editLayers(Session& session, const QStringList& layers, const QString& text, const std::function<void(LayerSetting&)>& change,
                const QString& merge = {});
/// What the settings are made for; the log says which of them the target cannot take as they are.
void setTarget(Session& session, const Target& target);
void setQuantized(Session& session, const QStringList& layers, bool on);
/// Switches all off if any is on.
void toggleQuantized(Session& session, const QStringList& layers);
void setActivationBits(Session& session, const QStringList& layers, int bits);
void setWeightBits(Session& session, const QStringList& layers, int bits);
void setWeightAlgorithm(Session& session, const QStringList& layers, const QString& algorithm);
/// These layers' settings as another branch has them.
void mergeFromBranch(Session& session, const QString& branch, const QStringList& layers);
/// Of all inputs; `calibrator`: a name of core's table.
void setCalibrator(Session& session, const QStringList& layers, const QString& calibrator);
/// Equalization, AdaRound or bias correction of the layers with weights; `what` names it for the undo list.
void setRefinement(Session& session, const QStringList& layers, bool WeightSetting::*flag, const QString& what, bool on);
void setLayerSetting(Session& session, const QString& layer, const LayerSetting& setting);
/// Several layers in one command.
void setLayerSettings(Session& session, const std::map<QString, LayerSetting>& settings);
/// `port`: index among the layer's quantizable inputs; nullopt removes the limits.
void setClip(Session& session, const QString& layer, int port, std::optional<std::pair<float, float>> clip);

}  // namespace qs
