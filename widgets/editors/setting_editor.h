// One layer's requested setting: every parameter of config.json, range-checked as typed.
#pragma once

#include "core/prepare/prepared.h"
#include "core/quant/configuration.h"
#include "widgets/editors/field_editor.h"

#include <QStringList>
#include <QWidget>

#include <functional>
#include <utility>
#include <vector>

class QCheckBox;
class QComboBox;
class QGroupBox;
class QLabel;
class QPushButton;

namespace qs {

struct SettingState {
    bool shown = false;  ///< false: the layer has no setting
    QString layer;
    LayerSetting setting;
    std::vector<LayerSetting> others;  ///< of the other layers that are edited with this one
    LayerSetting defaults;
    QStringList ports;             ///< names of the quantizable inputs
    bool activationOffset = true;  ///< the global default of with_offset
    bool channelWiseAllowed = true;
    bool nonUniformAllowed = true;                  ///< not for LSTM, RNN, GRU
    const QuantScheme* scheme = &standardScheme();  ///< the target's, whose widths are offered
    QString reason;                                 ///< why the effective setting differs
    bool follows = false;                           ///< it is fused into another layer, whose setting counts: nothing to edit here
    bool operator==(const SettingState&) const = default;
};

using SettingChange = std::function<void(LayerSetting&)>;

class SettingEditor : public QWidget {
    Q_OBJECT

public:
    explicit SettingEditor(QWidget* parent = nullptr);
    void setState(const SettingState& state);

protected:
    void changeEvent(QEvent* event) override;

Q_SIGNALS:
    /// `setting`: of the layer shown; `change`: what was edited, for all layers that are edited.
    void settingEdited(const qs::LayerSetting& setting, const qs::SettingChange& change);

private:
    void buildActivation();
    void buildWeights();
    void show();
    void showActivation(const ActivationSetting& a);
    void showWeights(const WeightSetting& w);
    void edit(const std::function<void(LayerSetting&)>& change);
    void editActivation(const std::function<void(ActivationSetting&)>& change);
    void editWeights(const std::function<void(WeightSetting&)>& change);
    const ActivationSetting& activation() const;
    bool perInput() const;
    /// Whether another layer that is edited has another value.
    bool differs(const std::function<bool(const LayerSetting&)>& same) const;
    void showMixed();

    SettingState m_state;
    bool m_shows = false;  ///< the fields show it: nobody has edited them since
    int m_port = 0;
    std::vector<FieldEditor> m_layer;
    std::vector<FieldEditor> m_activation;
    std::vector<FieldEditor> m_weights;
    std::vector<std::pair<bool WeightSetting::*, QCheckBox*>> m_refinements;
    QPushButton* m_reset;
    QLabel* m_reason;
    QGroupBox* m_activationBox;
    QGroupBox* m_weightBox;
    QWidget* m_portRow;
    QComboBox* m_portChoice;
    QCheckBox* m_perInput;
    QWidget* m_codebookRows;
};

}  // namespace qs
