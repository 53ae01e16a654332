// What config.json says of the network as a whole, range-checked as typed, and what the program has to say about it.
#pragma once

#include "core/quant/configuration.h"

#include <QStringList>
#include <QWidget>

#include <functional>

class QCheckBox;
class QGroupBox;
class QLabel;
class QLineEdit;

namespace qs {

class NumberField;

struct NetworkState {
    Configuration configuration;  ///< its layers are not looked at
    int batch = 1;                ///< samples a batch
    bool hasBatchNorm = false;
    QStringList notes;  ///< translated
};

class NetworkEditor : public QWidget {
    Q_OBJECT

public:
    explicit NetworkEditor(QWidget* parent = nullptr);
    void setState(const NetworkState& state);

Q_SIGNALS:
    /// `name`: the key that was changed, for the undo list.
    void configurationEdited(const QString& name, const qs::Configuration& configuration);

private:
    void edit(const char* name, const std::function<void(Configuration&)>& change);
    void editUpdate(const char* name, const std::function<void(BnUpdateSetting&)>& change);
    void show();

    NetworkState m_state;
    QLabel* m_notes;
    NumberField* m_batchNum;
    QLabel* m_pictures;
    QCheckBox* m_offset;
    QCheckBox* m_fusion;
    QLineEdit* m_skipFusion;
    QCheckBox* m_jointQuant;
    QCheckBox* m_updateBn;
    QGroupBox* m_update;
    NumberField* m_fraction;
    NumberField* m_iterations;
    QLineEdit* m_dumpDir;
};

}  // namespace qs
