#include "widgets/editors/network_editor.h"

#include "core/quant/fields.h"
#include "widgets/common/theme.h"
#include "widgets/editors/form.h"
#include "widgets/editors/number_field.h"

#include <QCheckBox>
#include <QGroupBox>
#include <QLabel>
#include <QLineEdit>

namespace qs {

NetworkEditor::NetworkEditor(QWidget* parent) : QWidget(parent)
{
    m_notes = new QLabel;
    m_notes->setObjectName(QStringLiteral("notes"));
    m_notes->setWordWrap(true);
    m_notes->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* calibration = new QGroupBox(tr("Calibration"));
    QFormLayout* form = makeForm(calibration);
    m_batchNum = new NumberField({1, 1e6, false, false, 1, true});
    m_batchNum->setDescription(tr("batch_num: the first so many batches calibrate"));
    addHelped(form, tr("Batches"), m_batchNum, field::batchNum.name);
    m_pictures = new QLabel;
    m_pictures->setForegroundRole(QPalette::PlaceholderText);
    form->addRow(QString(), m_pictures);
    m_offset = new QCheckBox(tr("with offset (asymmetric)"));
    addHelped(form, tr("Data"), m_offset, field::activationOffset.name);
    m_jointQuant = new QCheckBox(tr("joint_quant"));
    m_jointQuant->setToolTip(tr("joint_quant: stands once in the manual, without a word of what it does. Kept in config.json, without effect"));
    form->addRow(tr("Joint"), m_jointQuant);

    auto* fusion = new QGroupBox(tr("Fusion"));
    form = makeForm(fusion);
    m_fusion = new QCheckBox(tr("BatchNorm, Scale, Bias"));
    addHelped(form, tr("Fuse"), m_fusion, field::doFusion.name);
    m_skipFusion = new QLineEdit;
    m_skipFusion->setPlaceholderText(tr("names, separated by commas"));
    addHelped(form, tr("Except"), m_skipFusion, field::skipFusionLayers.name);

    m_update = new QGroupBox(tr("BatchNorm update"));
    form = makeForm(m_update);
    m_updateBn = new QCheckBox(tr("after weight quantization"));
    addHelped(form, tr("Update"), m_updateBn, field::updateBn.name);
    m_fraction = new NumberField({0, 1, true, true, 0.05, false});
    m_fraction->setDescription(tr("bn_moving_average_fraction: how much of the old statistics stays"));
    addHelped(form, tr("Old share"), m_fraction, field::bnFraction.name);
    m_iterations = new NumberField({0, 1000, true, true, 1, true});
    m_iterations->setDescription(tr("bn_update_iterations: forward passes, a batch each"));
    addHelped(form, tr("Iterations"), m_iterations, field::bnIterations.name);
    m_dumpDir = new QLineEdit;
    addHelped(form, tr("Folder"), m_dumpDir, field::bnDumpDir.name);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(6);
    for (QWidget* widget :
         {static_cast<QWidget*>(m_notes), static_cast<QWidget*>(calibration), static_cast<QWidget*>(fusion), static_cast<QWidget*>(m_update)})
        column->addWidget(widget);
    column->addStretch(1);

    connect(m_batchNum, &NumberField::valueEdited, this,
            [this](double value) { edit("batch_num", [value](Configuration& c) { c.batchNum = static_cast<int>(value); }); });
    connect(m_offset, &QCheckBox::clicked, this, [this](bool on) { edit("activation_offset", [on](Configuration& c) { c.activationOffset = on; }); });
    connect(m_fusion, &QCheckBox::clicked, this, [this](bool on) { edit("do_fusion", [on](Configuration& c) { c.doFusion = on; }); });
    // Off leaves the key out, as create_quant_config does.
    connect(m_jointQuant, &QCheckBox::clicked, this,
            [this](bool on) { edit("joint_quant", [on](Configuration& c) { c.jointQuant = on ? std::optional(true) : std::nullopt; }); });
    connect(m_updateBn, &QCheckBox::clicked, this, [this](bool on) {
        edit("update_bn", [on](Configuration& c) {
            c.updateBn = on ? std::optional(true) : std::nullopt;
            if (on && !c.bnUpdate)
                c.bnUpdate = BnUpdateSetting{};
        });
    });
    connect(m_skipFusion, &QLineEdit::editingFinished, this, [this] {
        edit("skip_fusion_layers", [this](Configuration& c) {
            c.skipFusionLayers.clear();
            for (const QString& name : m_skipFusion->text().split(QLatin1Char(','), Qt::SkipEmptyParts))
                if (!name.trimmed().isEmpty())
                    c.skipFusionLayers.push_back(name.trimmed().toStdString());
        });
    });
    connect(m_fraction, &NumberField::valueEdited, this,
            [this](double v) { editUpdate("bn_moving_average_fraction", [v](BnUpdateSetting& u) { u.movingAverageFraction = v; }); });
    connect(m_iterations, &NumberField::valueEdited, this,
            [this](double v) { editUpdate("bn_update_iterations", [v](BnUpdateSetting& u) { u.iterations = static_cast<int>(v); }); });
    connect(m_dumpDir, &QLineEdit::editingFinished, this,
            [this] { editUpdate("bn_dump_dir", [this](BnUpdateSetting& u) { u.dumpDir = m_dumpDir->text().toStdString(); }); });
    show();
}

void NetworkEditor::edit(const char* name, const std::function<void(Configuration&)>& change)
{
    Configuration configuration = m_state.configuration;
    change(configuration);
    if (!(configuration == m_state.configuration))
        Q_EMIT configurationEdited(QLatin1String(name), configuration);
    else
        show();
}

void NetworkEditor::editUpdate(const char* name, const std::function<void(BnUpdateSetting&)>& change)
{
    // The defaults are shown where the key is absent: looking at them must not write it.
    BnUpdateSetting setting = m_state.configuration.bnUpdate.value_or(BnUpdateSetting{});
    change(setting);
    if (setting == m_state.configuration.bnUpdate.value_or(BnUpdateSetting{}))
        return;
    edit(name, [&](Configuration& c) { c.bnUpdate = setting; });
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
    m_batchNum->setValue(c.batchNum);
    m_pictures->setText(tr("× %1 a batch = %2 samples").arg(m_state.batch).arg(c.batchNum * m_state.batch));
    m_offset->setChecked(c.activationOffset);
    m_fusion->setChecked(c.doFusion);
    QStringList skipped;
    for (const std::string& name : c.skipFusionLayers)
        skipped << QString::fromStdString(name);
    m_skipFusion->setText(skipped.join(QStringLiteral(", ")));
    m_skipFusion->setEnabled(c.doFusion);
    m_jointQuant->setChecked(c.jointQuant.value_or(false));
    const bool update = c.updateBn.value_or(false);
    m_updateBn->setChecked(update);
    // A network without BatchNorm can only be rid of it.
    m_updateBn->setEnabled(m_state.hasBatchNorm || update);
    const BnUpdateSetting bn = c.bnUpdate.value_or(BnUpdateSetting{});
    m_fraction->setValue(bn.movingAverageFraction);
    m_iterations->setValue(bn.iterations);
    m_dumpDir->setText(QString::fromStdString(bn.dumpDir));
    for (QWidget* field : {static_cast<QWidget*>(m_fraction), static_cast<QWidget*>(m_iterations), static_cast<QWidget*>(m_dumpDir)})
        field->setEnabled(update);
}

}  // namespace qs
