// What config.json says of the network as a whole, range-checked as typed, and what the program has to say about it.
#pragma once

#include "widgets/editors/field_editor.h"

#include <QStringList>
#include <QWidget>

class QLabel;

namespace qs {

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
    void edit(const FieldInfo& field, const std::function<void(Configuration&)>& change);
    void show();

    NetworkState m_state;
    QLabel* m_notes;
    QLabel* m_pictures;
    std::vector<FieldEditor> m_network;
    std::vector<FieldEditor> m_update;
};

}  // namespace qs
