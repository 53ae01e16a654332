#include "widgets/editors/network_editor.h"

#include "core/targets/forms.h"
#include "widgets/common/theme.h"
#include "widgets/editors/form.h"

#include <QGroupBox>
#include <QLabel>

namespace qs {

namespace {

/// What the undo list calls it: the last part of its name in the standard files.
QString nameOf(const FieldInfo& field)
{
    return QString::fromStdString(standardForms().words(field.field->name)).section(QLatin1Char('.'), -1);
}

/// bn_update stands there as soon as it is asked for.
void completeUpdate(Configuration& configuration)
{
    if (configuration.updateBn.value_or(false) && !configuration.bnUpdate)
        configuration.bnUpdate = BnUpdateSetting{};
}

}  // namespace

NetworkEditor::NetworkEditor(QWidget* parent) : QWidget(parent)
{
    m_notes = new QLabel;
    m_notes->setObjectName(QStringLiteral("notes"));
    m_notes->setWordWrap(true);
    m_notes->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_network = makeFieldEditors<Configuration>([this](const auto& row, const FieldValue& value) {
        edit(row, [&](Configuration& c) {
            row.set(c, value);
            completeUpdate(c);
        });
    });
    m_update = makeFieldEditors<BnUpdateSetting>([this](const auto& row, const FieldValue& value) {
        // The defaults are shown where the key is absent: looking at them must not write it.
        BnUpdateSetting setting = m_state.configuration.bnUpdate.value_or(BnUpdateSetting{});
        if (row.get(setting) == value)
            return;
        row.set(setting, value);
        edit(row, [&](Configuration& c) { c.bnUpdate = setting; });
    });
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(6);
    column->addWidget(m_notes);
    // A group is a box, in the order of the table.
    QFormLayout* form = nullptr;
    const char* last = "";
    for (const FieldEditor& editor : m_network) {
        if (editor.field->group == std::string_view(last))
            continue;
        last = editor.field->group;
        auto* box = new QGroupBox(fieldText(last));
        column->addWidget(box);
        form = makeForm(box);
        addFieldRows(form, m_network, last);
        if (findEditor(m_network, field::batchNum)->field->group == last) {
            m_pictures = new QLabel;
            m_pictures->setForegroundRole(QPalette::PlaceholderText);
            form->insertRow(1, QString(), m_pictures);
        }
    }
    addFieldRows(form, m_update, "");  // behind update_bn, the last
    column->addStretch(1);
    show();
}

void NetworkEditor::edit(const FieldInfo& field, const std::function<void(Configuration&)>& change)
{
    Configuration configuration = m_state.configuration;
    change(configuration);
    if (!(configuration == m_state.configuration))
        Q_EMIT configurationEdited(nameOf(field), configuration);
    else
        show();
}

void NetworkEditor::setState(const NetworkState& state)
{
    m_state = state;
    show();
}

void NetworkEditor::show()
{
    const Configuration& c = m_state.configuration;
    m_notes->setVisible(!m_state.notes.isEmpty());
    m_notes->setText(m_state.notes.join(QLatin1Char('\n')));
    QPalette warning;
    warning.setColor(QPalette::WindowText, theme().warning);
    m_notes->setPalette(warning);
    for (const FieldEditor& editor : m_network)
        editor.show(editor.row<Configuration>().held(c));
    m_pictures->setText(tr("× %1 a batch = %2 samples").arg(m_state.batch).arg(c.batchNum * m_state.batch));
    findEditor(m_network, field::skipFusionLayers)->widget->setEnabled(c.doFusion);
    const bool update = c.updateBn.value_or(false);
    // A network without BatchNorm can only be rid of it.
    findEditor(m_network, field::updateBn)->widget->setEnabled(m_state.hasBatchNorm || update);
    for (const FieldEditor& editor : m_update) {
        editor.show(editor.row<BnUpdateSetting>().held(c.bnUpdate.value_or(BnUpdateSetting{})));
        editor.widget->setEnabled(update);
    }
}

}  // namespace qs
