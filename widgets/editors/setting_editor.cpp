#include "widgets/editors/setting_editor.h"

#include "widgets/common/icons.h"
#include "widgets/common/parameter_help.h"
#include "widgets/common/theme.h"
#include "widgets/editors/form.h"
#include "widgets/editors/number_field.h"
#include "widgets/editors/refinements.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

/// Of a search: a finer step is refused.
constexpr double mostSteps = 99'999;

/// Another range keeps a step that it has room for.
void fitTo(const FieldInfo& edited, ActivationSetting& setting)
{
    if (edited.field != &field::searchRange)
        return;
    const double width = setting.searchEnd - setting.searchStart;
    setting.searchStep = std::clamp(setting.searchStep, width / mostSteps, width);
}

/// The bit widths of the two algorithms do not meet: choosing one chooses the other.
void fitTo(const FieldInfo& edited, WeightSetting& setting)
{
    if (edited.field == &field::weightAlgorithm)
        setting.bits = setting.algorithm == "snq" ? 4 : 8;
    else if (edited.field == &field::weightBits)
        setting.algorithm = setting.bits == 4 ? "snq" : "arq";
}

}  // namespace

SettingEditor::SettingEditor(QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    m_layer = makeFieldEditors<LayerSetting>(
        [this](const auto& row, const FieldValue& value) { edit([&row, value](LayerSetting& s) { row.set(s, value); }); });
    m_reset = new QPushButton(lineIcon(QStringLiteral("reset")), tr("Default"));
    m_reset->setToolTip(tr("Back to the default setting of this layer"));
    auto* head = new QHBoxLayout;
    for (const FieldEditor& editor : m_layer)
        head->addWidget(withParameterHelp(editor.widget, editor.field->field->name), 1);
    head->addWidget(m_reset);
    layout->addLayout(head);
    m_reason = new QLabel;
    m_reason->setWordWrap(true);
    layout->addWidget(m_reason);
    m_activationBox = new QGroupBox(tr("Activations"));
    layout->addWidget(m_activationBox);
    m_weightBox = new QGroupBox(tr("Weights"));
    layout->addWidget(m_weightBox);
    buildActivation();
    buildWeights();
    connect(m_reset, &QPushButton::clicked, this, [this] { edit([this](LayerSetting& s) { s = m_state.defaults; }); });
    setState({});
}

void SettingEditor::buildActivation()
{
    QFormLayout* form = makeForm(m_activationBox);
    m_portChoice = new QComboBox;
    m_portChoice->setToolTip(tr("The input that the values below belong to"));
    m_portChoice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_portChoice->setMinimumContentsLength(6);
    m_perInput = new QCheckBox(tr("each its own"));
    m_perInput->setToolTip(tr("Settings for each input of its own (a list in config.json)"));
    m_portRow = new QWidget;
    auto* ports = new QHBoxLayout(m_portRow);
    ports->setContentsMargins(0, 0, 0, 0);
    ports->addWidget(m_portChoice);
    ports->addWidget(m_perInput);
    form->addRow(tr("Input"), m_portRow);
    m_activation = makeFieldEditors<ActivationSetting>([this](const auto& row, const FieldValue& value) {
        editActivation([&row, value](ActivationSetting& a) {
            row.set(a, value);
            fitTo(row, a);
        });
    });
    addFieldRows(form, m_activation, "");
    connect(m_portChoice, &QComboBox::activated, this, [this](int index) {
        m_port = index;
        show();
    });
    connect(m_perInput, &QCheckBox::clicked, this, [this](bool on) {
        edit([this, on](LayerSetting& s) {
            s.activations.resize(on ? static_cast<size_t>(m_state.ports.size()) : 1, s.activations.back());
            s.activationsAsList = on;
        });
    });
}

void SettingEditor::buildWeights()
{
    QFormLayout* form = makeForm(m_weightBox);
    m_weights = makeFieldEditors<WeightSetting>([this](const auto& row, const FieldValue& value) {
        editWeights([&row, value](WeightSetting& w) {
            row.set(w, value);
            fitTo(row, w);
        });
    });
    addFieldRows(form, m_weights, "");
    m_codebookRows = new QWidget;
    auto* codebook = makeForm(m_codebookRows);
    codebook->setContentsMargins(0, 0, 0, 0);
    addFieldRows(codebook, m_weights, codebookGroup);
    form->addRow(m_codebookRows);
    for (const Refinement& refinement : refinements()) {
        auto* box = new QCheckBox(refinementLabel(refinement));
        box->setObjectName(QLatin1String(refinement.name));
        box->setToolTip(refinementHelp(refinement));
        form->addRow(box);
        m_refinements.emplace_back(refinement.flag, box);
        connect(box, &QCheckBox::clicked, this, [this, flag = refinement.flag](bool on) { editWeights([=](WeightSetting& w) { w.*flag = on; }); });
    }
}

void SettingEditor::edit(const std::function<void(LayerSetting&)>& change)
{
    const auto isChanged = [&change](const LayerSetting& before) {
        LayerSetting after = before;
        change(after);
        return !(after == before);
    };
    m_shows = false;
    LayerSetting setting = m_state.setting;
    change(setting);
    if (isChanged(m_state.setting) || std::any_of(m_state.others.begin(), m_state.others.end(), isChanged))
        Q_EMIT settingEdited(setting, change);
    else
        show();
}

bool SettingEditor::differs(const std::function<bool(const LayerSetting&)>& same) const
{
    return !std::all_of(m_state.others.begin(), m_state.others.end(), same);
}

/// Of several layers: a field in which they differ shows no value, and says so.
void SettingEditor::showMixed()
{
    const auto port = static_cast<size_t>(perInput() ? m_port : 0);
    for (const FieldEditor& editor : m_layer) {
        const auto& row = editor.row<LayerSetting>();
        editor.showMixed(differs([&](const LayerSetting& other) { return row.get(other) == row.get(m_state.setting); }));
    }
    for (const FieldEditor& editor : m_activation) {
        const auto& row = editor.row<ActivationSetting>();
        editor.showMixed(differs([&](const LayerSetting& other) { return row.get(other.activation(port)) == row.get(activation()); }));
    }
    const auto sameWeights = [&](const LayerSetting& other, auto read) {
        return m_state.setting.weights && other.weights && read(*other.weights) == read(*m_state.setting.weights);
    };
    for (const FieldEditor& editor : m_weights)
        editor.showMixed(differs([&](const LayerSetting& other) { return sameWeights(other, editor.row<WeightSetting>().get); }));
    for (const auto& [flag, box] : m_refinements)
        showMixedCheck(box, differs([&, flag = flag](const LayerSetting& other) {
                           return sameWeights(other, [flag](const WeightSetting& weights) { return weights.*flag; });
                       }));
}

void SettingEditor::editActivation(const std::function<void(ActivationSetting&)>& change)
{
    edit([&](LayerSetting& s) {
        if (perInput())
            change(s.activations[std::min(static_cast<size_t>(m_port), s.activations.size() - 1)]);
        else
            for (ActivationSetting& a : s.activations)
                change(a);
    });
}

void SettingEditor::editWeights(const std::function<void(WeightSetting&)>& change)
{
    edit([&](LayerSetting& s) {
        if (s.weights)
            change(*s.weights);
    });
}

bool SettingEditor::perInput() const
{
    return m_state.setting.activationsAsList || m_state.setting.activations.size() > 1;
}

const ActivationSetting& SettingEditor::activation() const
{
    return m_state.setting.activation(static_cast<size_t>(perInput() ? m_port : 0));
}

void SettingEditor::setState(const SettingState& state)
{
    // Most changes are not of this layer: to show it again lays the form out and paints it.
    if (m_shows && state == m_state)
        return;
    if (state.layer != m_state.layer)
        m_port = 0;
    m_state = state;
    if (m_state.setting.activations.empty())
        m_state.setting.activations.emplace_back();
    show();
}

void SettingEditor::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        show();
}

void SettingEditor::show()
{
    m_shows = true;
    if (!m_state.shown)
        return;
    const LayerSetting& s = m_state.setting;
    for (const FieldEditor& editor : m_layer)
        editor.show(editor.row<LayerSetting>().held(s));
    m_reset->setEnabled(!(s == m_state.defaults) || !m_state.others.empty());
    m_reason->setVisible(!m_state.reason.isEmpty());
    m_reason->setText(m_state.follows ? tr("It follows the layer that it is %1.").arg(m_state.reason)
                                      : tr("Not as requested: %1").arg(m_state.reason));
    for (QWidget* part : {m_layer.front().widget, static_cast<QWidget*>(m_activationBox), static_cast<QWidget*>(m_weightBox)})
        part->setEnabled(!m_state.follows);
    QPalette warning;
    warning.setColor(QPalette::WindowText, theme().warning);
    m_reason->setPalette(warning);
    showActivation(activation());
    m_weightBox->setVisible(s.weights.has_value());
    if (s.weights)
        showWeights(*s.weights);
    showMixed();
}

void SettingEditor::showActivation(const ActivationSetting& a)
{
    auto* form = static_cast<QFormLayout*>(m_activationBox->layout());
    const bool several = m_state.ports.size() > 1;
    form->labelForField(m_portRow)->setVisible(several);
    m_portRow->setVisible(several);
    m_portChoice->clear();
    for (qsizetype i = 0; i < m_state.ports.size(); ++i)
        m_portChoice->addItem(QStringLiteral("%1: %2").arg(i).arg(m_state.ports[i]));
    m_portChoice->setCurrentIndex(m_port);
    m_portChoice->setEnabled(perInput());
    m_perInput->setChecked(perInput());
    auto* offset = static_cast<QComboBox*>(findEditor(m_activation, field::withOffset)->widget);
    offset->setItemText(0, m_state.activationOffset ? tr("as the network (with)") : tr("as the network (without)"));
    const Calibrator* calibrator = findCalibrator(a.algorithm);
    findEditor(m_activation, field::calibrator)->widget->setToolTip(calibrator ? calibratorHelp(*calibrator) : QString());
    // Without the digits that a difference of two doubles has.
    const double width = std::round((a.searchEnd - a.searchStart) * 1e9) / 1e9;
    for (const FieldEditor& editor : m_activation) {
        if (editor.offer)
            editor.offer(*m_state.scheme);
        const Field* field = editor.field->field;
        if (field == &field::maxPercentile || field == &field::minPercentile)
            editor.widget->setEnabled(!calibrator || calibrator->percentiles);
        if (field == &field::searchRange || field == &field::searchStep)
            editor.widget->setEnabled(!calibrator || calibrator->searchRange);
        if (editor.field->element == 0)
            static_cast<NumberField*>(editor.widget)->setRange({0, a.searchEnd, true, true, editor.field->step, false});
        else if (editor.field->element == 1)
            static_cast<NumberField*>(editor.widget)->setRange({a.searchStart, 1000, true, false, editor.field->step, false});
        else if (editor.field->element == 2)
            static_cast<NumberField*>(editor.widget)->setRange({width / mostSteps, width, false, false, editor.field->step, false});
        editor.show(editor.row<ActivationSetting>().held(a));
    }
}

void SettingEditor::showWeights(const WeightSetting& w)
{
    for (const FieldEditor& editor : m_weights) {
        if (editor.offer)
            editor.offer(*m_state.scheme);
        editor.show(editor.row<WeightSetting>().held(w));
    }
    for (const auto& [flag, box] : m_refinements)
        box->setChecked(w.*flag);
    m_codebookRows->setVisible(w.algorithm == "snq");
    const auto allow = [this](const Field& field, bool allowed, const QString& otherwise) {
        const FieldEditor& editor = *findEditor(m_weights, field);
        editor.widget->setEnabled(allowed);
        editor.widget->setToolTip(allowed ? fieldHelp(*editor.field) : otherwise);
    };
    allow(field::channelWise, m_state.channelWiseAllowed, tr("The weights of this type of layer have one scale for all of them"));
    for (const Field* field : {&field::weightAlgorithm, &field::weightBits})
        allow(*field, m_state.nonUniformAllowed, tr("LSTM, RNN and GRU are quantized by ARQ with 8 bits, nothing else"));
}

}  // namespace qs
