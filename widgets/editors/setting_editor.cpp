#include "widgets/editors/setting_editor.h"

#include "core/base/text.h"
#include "core/quant/fields.h"
#include "widgets/common/icons.h"
#include "widgets/common/parameter_help.h"
#include "widgets/common/theme.h"
#include "widgets/editors/form.h"
#include "widgets/editors/number_field.h"
#include "widgets/editors/refinements.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

NumberField* addNumber(QFormLayout* form, const QString& label, const NumberRange& range, const QString& description, const char* key)
{
    auto* field = new NumberField(range);
    field->setDescription(description);
    addHelped(form, label, field, key);
    return field;
}

QWidget* rowOf(std::initializer_list<QWidget*> widgets)
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    for (QWidget* widget : widgets)
        layout->addWidget(widget);
    return row;
}

constexpr double largestFloat = 3.4e38;
/// Of a search: a finer step is refused.
constexpr double mostSteps = 99'999;

/// Another range keeps a step that it has room for.
void fitStep(ActivationSetting& setting)
{
    const double width = setting.searchEnd - setting.searchStart;
    setting.searchStep = std::clamp(setting.searchStep, width / mostSteps, width);
}

}  // namespace

SettingEditor::SettingEditor(QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    m_enable = new QCheckBox(tr("Quantize this layer"));
    m_enable->setToolTip(tr("quant_enable: off keeps the layer in float"));
    m_reset = new QPushButton(lineIcon(QStringLiteral("reset")), tr("Default"));
    m_reset->setToolTip(tr("Back to the default setting of this layer"));
    auto* head = new QHBoxLayout;
    head->addWidget(withParameterHelp(m_enable, field::enabled.name), 1);
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
    // (The fields shrink before the panel is cut off.)
    for (QComboBox* box : {m_portChoice, m_bits, m_offset, m_calibrator, m_algorithm, m_weightBits, m_initAlgorithm}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(6);
    }
    connect(m_enable, &QCheckBox::clicked, this, [this](bool on) { edit([on](LayerSetting& s) { s.quantEnable = on; }); });
    connect(m_reset, &QPushButton::clicked, this, [this] { edit([this](LayerSetting& s) { s = m_state.defaults; }); });
    setState({});
}

void SettingEditor::buildActivation()
{
    QFormLayout* form = makeForm(m_activationBox);
    m_portChoice = new QComboBox;
    m_portChoice->setToolTip(tr("The input that the values below belong to"));
    m_perInput = new QCheckBox(tr("each its own"));
    m_perInput->setToolTip(tr("Settings for each input of its own (a list in config.json)"));
    m_portRow = rowOf({m_portChoice, m_perInput});
    form->addRow(tr("Input"), m_portRow);
    m_bits = new QComboBox;
    for (int bits = 8; bits <= 16; ++bits)
        m_bits->addItem(QString::number(bits), bits);
    m_bits->setToolTip(tr("num_bits: bit width of the quantized input\nRange: %1").arg(QStringLiteral("[8, 16]")));
    addHelped(form, tr("Bit width"), m_bits, field::activationBits.name);
    m_offset = new QComboBox;
    m_offset->addItems({tr("as the network"), tr("with offset"), tr("without offset")});
    m_offset->setToolTip(tr("with_offset: asymmetric (zero point) or symmetric; by default as activation_offset of the whole configuration"));
    addHelped(form, tr("Offset"), m_offset, field::withOffset.name);
    m_calibrator = new QComboBox;
    for (const Calibrator& calibrator : calibrators()) {
        m_calibrator->addItem(calibratorLabel(calibrator), QString::fromLatin1(calibrator.name));
        m_calibrator->setItemData(m_calibrator->count() - 1, calibratorHelp(calibrator), Qt::ToolTipRole);
    }
    m_calibrator->setObjectName(QStringLiteral("calibrator"));
    form->addRow(tr("Limits by"), m_calibrator);
    const NumberRange percentile{0.5, 1, true, false, 0.0001, false};
    m_maxPercentile = addNumber(form, tr("Max percentile"), percentile, tr("max_percentile: share of values below the first upper limit"),
                                field::maxPercentile.name);
    m_minPercentile = addNumber(form, tr("Min percentile"), percentile, tr("min_percentile: share of values above the first lower limit"),
                                field::minPercentile.name);
    m_searchStart = new NumberField({0, 1000, true, false, 0.01, false});
    m_searchStart->setDescription(tr("search_range: from this factor of the first limits; above 0 and below the end"));
    m_searchEnd = new NumberField({0, 1000, true, false, 0.01, false});
    m_searchEnd->setDescription(tr("search_range: to this factor; above the start"));
    addHelped(form, tr("Search range"), rowOf({m_searchStart, new QLabel(QStringLiteral("–")), m_searchEnd}), field::searchRange.name);
    m_searchStep =
        addNumber(form, tr("Search step"), {0, 1, true, false, 0.001, false}, tr("search_step: at most end minus start"), field::searchStep.name);
    m_clip = new QCheckBox(tr("Limits by hand"));
    m_clip->setToolTip(
        tr("Clip limits instead of the calibrated ones; also set by dragging in the distribution. Not part of config.json, but of the record"));
    m_clipMin = new NumberField({-largestFloat, 0, false, false, 0.01, false});
    m_clipMax = new NumberField({0, largestFloat, false, false, 0.01, false});
    m_clipMin->setDescription(tr("Lower clip limit, at most 0"));
    m_clipMax->setDescription(tr("Upper clip limit, at least 0"));
    form->addRow(m_clip, rowOf({m_clipMin, new QLabel(QStringLiteral("–")), m_clipMax}));

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
    connect(m_bits, &QComboBox::activated, this,
            [this] { editActivation([this](ActivationSetting& a) { a.bits = m_bits->currentData().toInt(); }); });
    connect(m_offset, &QComboBox::activated, this, [this](int index) {
        editActivation([index](ActivationSetting& a) { a.withOffset = index == 0 ? std::nullopt : std::optional(index == 1); });
    });
    connect(m_calibrator, &QComboBox::activated, this, [this] {
        const std::string name = m_calibrator->currentData().toString().toStdString();
        editActivation([&](ActivationSetting& a) { a.algorithm = name; });
    });
    const auto bind = [this](NumberField* field, double ActivationSetting::*member) {
        connect(field, &NumberField::valueEdited, this,
                [this, member](double value) { editActivation([=](ActivationSetting& a) { a.*member = value; }); });
    };
    bind(m_maxPercentile, &ActivationSetting::maxPercentile);
    bind(m_minPercentile, &ActivationSetting::minPercentile);
    const auto bindRange = [this](NumberField* field, double ActivationSetting::*member) {
        connect(field, &NumberField::valueEdited, this, [this, member](double value) {
            editActivation([=](ActivationSetting& a) {
                a.*member = value;
                fitStep(a);
            });
        });
    };
    bindRange(m_searchStart, &ActivationSetting::searchStart);
    bindRange(m_searchEnd, &ActivationSetting::searchEnd);
    bind(m_searchStep, &ActivationSetting::searchStep);
    const auto setClip = [this] {
        editActivation([this](ActivationSetting& a) {
            a.clip = std::pair{static_cast<float>(m_clipMin->value()), static_cast<float>(m_clipMax->value())};
        });
    };
    connect(m_clipMin, &NumberField::valueEdited, this, setClip);
    connect(m_clipMax, &NumberField::valueEdited, this, setClip);
    connect(m_clip, &QCheckBox::clicked, this, [this](bool on) {
        editActivation([on](ActivationSetting& a) { a.clip = on ? std::optional(std::pair{-1.0F, 1.0F}) : std::nullopt; });
    });
}

void SettingEditor::buildWeights()
{
    QFormLayout* form = makeForm(m_weightBox);
    m_algorithm = new QComboBox;
    m_algorithm->addItem(tr("ARQ (uniform)"), QStringLiteral("arq"));
    m_algorithm->addItem(tr("SNQ (non-uniform)"), QStringLiteral("snq"));
    addHelped(form, tr("Algorithm"), m_algorithm, field::weightAlgorithm.name);
    m_weightBits = new QComboBox;
    m_weightBits->addItem(QStringLiteral("8"), 8);
    m_weightBits->addItem(QStringLiteral("4"), 4);
    addHelped(form, tr("Bit width"), m_weightBits, field::weightBits.name);
    m_channelWise = new QCheckBox(tr("per channel"));
    addHelped(form, tr("Scales"), m_channelWise, field::channelWise.name);
    m_snqRows = new QWidget;
    auto* snq = makeForm(m_snqRows);
    snq->setContentsMargins(0, 0, 0, 0);
    m_maxIteration =
        addNumber(snq, tr("Iterations"), {500, 2000, false, false, 100, true}, tr("max_iteration of the clustering"), field::maxIteration.name);
    m_minDistance = addNumber(snq, tr("Min distance"), {1e-10, 1e-3, false, false, 1e-5, false}, tr("min_distance: the clustering ends below it"),
                              field::minDistance.name);
    m_initAlgorithm = new QComboBox;
    m_initAlgorithm->addItems({QStringLiteral("uniform"), QStringLiteral("gaussian"), QStringLiteral("d2sampling")});
    m_initAlgorithm->setToolTip(tr("init_algo: the first cluster centres"));
    addHelped(snq, tr("First centres"), m_initAlgorithm, field::initAlgorithm.name);
    form->addRow(m_snqRows);
    for (const Refinement& refinement : refinements()) {
        auto* box = new QCheckBox(refinementLabel(refinement));
        box->setObjectName(QLatin1String(refinement.name));
        box->setToolTip(refinementHelp(refinement));
        form->addRow(box);
        m_refinements.emplace_back(refinement.flag, box);
    }

    const auto editWeights = [this](const std::function<void(WeightSetting&)>& change) {
        edit([&](LayerSetting& s) {
            if (s.weights)
                change(*s.weights);
        });
    };
    connect(m_algorithm, &QComboBox::activated, this, [this, editWeights] {
        const QString algorithm = m_algorithm->currentData().toString();
        editWeights([&](WeightSetting& w) {
            w.algorithm = algorithm.toStdString();
            // The bit widths of the two do not meet: choosing one chooses the other.
            w.bits = algorithm == QLatin1String("snq") ? 4 : 8;
        });
    });
    connect(m_weightBits, &QComboBox::activated, this, [this, editWeights] {
        const int bits = m_weightBits->currentData().toInt();
        editWeights([bits](WeightSetting& w) {
            w.bits = bits;
            w.algorithm = bits == 4 ? "snq" : "arq";
        });
    });
    connect(m_channelWise, &QCheckBox::clicked, this, [editWeights](bool on) { editWeights([on](WeightSetting& w) { w.channelWise = on; }); });
    for (const auto& [flag, box] : m_refinements)
        connect(box, &QCheckBox::clicked, this, [editWeights, flag = flag](bool on) { editWeights([=](WeightSetting& w) { w.*flag = on; }); });
    connect(m_maxIteration, &NumberField::valueEdited, this,
            [editWeights](double v) { editWeights([v](WeightSetting& w) { w.maxIteration = static_cast<int>(v); }); });
    connect(m_minDistance, &NumberField::valueEdited, this, [editWeights](double v) { editWeights([v](WeightSetting& w) { w.minDistance = v; }); });
    connect(m_initAlgorithm, &QComboBox::activated, this,
            [this, editWeights] { editWeights([this](WeightSetting& w) { w.initAlgorithm = m_initAlgorithm->currentText().toStdString(); }); });
}

void SettingEditor::edit(const std::function<void(LayerSetting&)>& change)
{
    const auto isChanged = [&change](const LayerSetting& before) {
        LayerSetting after = before;
        change(after);
        return !(after == before);
    };
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
    const auto ofActivation = [&](auto member) {
        return differs([&](const LayerSetting& other) { return other.activation(port).*member == activation().*member; });
    };
    const auto ofWeights = [&](auto member) {
        return differs([&](const LayerSetting& other) {
            return !m_state.setting.weights || !other.weights || (*other.weights).*member == (*m_state.setting.weights).*member;
        });
    };
    const auto showBox = [](QComboBox* box, bool mixed) {
        box->setPlaceholderText(tr("mixed"));
        if (mixed)
            box->setCurrentIndex(-1);
    };
    const auto showCheck = [](QCheckBox* box, bool mixed) {
        box->setTristate(mixed);
        if (mixed)
            box->setCheckState(Qt::PartiallyChecked);
    };
    const auto showNumber = [](NumberField* field, bool mixed) {
        field->setPlaceholderText(mixed ? tr("mixed") : QString());
        if (mixed)
            field->setBlank();
    };
    showCheck(m_enable, differs([this](const LayerSetting& other) { return other.quantEnable == m_state.setting.quantEnable; }));
    showBox(m_bits, ofActivation(&ActivationSetting::bits));
    showBox(m_offset, ofActivation(&ActivationSetting::withOffset));
    showBox(m_calibrator, ofActivation(&ActivationSetting::algorithm));
    showNumber(m_maxPercentile, ofActivation(&ActivationSetting::maxPercentile));
    showNumber(m_minPercentile, ofActivation(&ActivationSetting::minPercentile));
    showNumber(m_searchStart, ofActivation(&ActivationSetting::searchStart));
    showNumber(m_searchEnd, ofActivation(&ActivationSetting::searchEnd));
    showNumber(m_searchStep, ofActivation(&ActivationSetting::searchStep));
    const bool clips = ofActivation(&ActivationSetting::clip);
    showCheck(m_clip, clips);
    showNumber(m_clipMin, clips);
    showNumber(m_clipMax, clips);
    showBox(m_algorithm, ofWeights(&WeightSetting::algorithm));
    showBox(m_weightBits, ofWeights(&WeightSetting::bits));
    showCheck(m_channelWise, ofWeights(&WeightSetting::channelWise));
    for (const auto& [flag, box] : m_refinements)
        showCheck(box, ofWeights(flag));
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
    if (state.layer != m_state.layer)
        m_port = 0;
    m_state = state;
    if (m_state.setting.activations.empty())
        m_state.setting.activations.emplace_back();
    show();
}

void SettingEditor::show()
{
    setVisible(m_state.shown);
    if (!m_state.shown)
        return;
    const LayerSetting& s = m_state.setting;
    m_enable->setChecked(s.quantEnable);
    m_reset->setEnabled(!(s == m_state.defaults) || !m_state.others.empty());
    m_reason->setVisible(!m_state.reason.isEmpty());
    m_reason->setText(m_state.follows ? tr("It follows the layer that it is %1.").arg(m_state.reason)
                                      : tr("Not as requested: %1").arg(m_state.reason));
    for (QWidget* part : {static_cast<QWidget*>(m_enable), static_cast<QWidget*>(m_activationBox), static_cast<QWidget*>(m_weightBox)})
        part->setEnabled(!m_state.follows);
    QPalette warning;
    warning.setColor(QPalette::WindowText, theme().warning);
    m_reason->setPalette(warning);

    const ActivationSetting& a = activation();
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
    m_bits->setCurrentIndex(m_bits->findData(a.bits));
    m_offset->setItemText(0, m_state.activationOffset ? tr("as the network (with)") : tr("as the network (without)"));
    m_offset->setCurrentIndex(!a.withOffset ? 0 : *a.withOffset ? 1 : 2);
    const Calibrator* calibrator = findCalibrator(a.algorithm);
    m_calibrator->setCurrentIndex(m_calibrator->findData(QString::fromStdString(a.algorithm)));
    m_calibrator->setToolTip(calibrator ? calibratorHelp(*calibrator) : QString());
    for (NumberField* field : {m_maxPercentile, m_minPercentile})
        field->setEnabled(!calibrator || calibrator->percentiles);
    for (NumberField* field : {m_searchStart, m_searchEnd, m_searchStep})
        field->setEnabled(!calibrator || calibrator->searchRange);
    m_maxPercentile->setValue(a.maxPercentile);
    m_minPercentile->setValue(a.minPercentile);
    m_searchStart->setRange({0, a.searchEnd, true, true, 0.01, false});
    m_searchStart->setValue(a.searchStart);
    m_searchEnd->setRange({a.searchStart, 1000, true, false, 0.01, false});
    m_searchEnd->setValue(a.searchEnd);
    // Without the digits that a difference of two doubles has.
    const double width = std::round((a.searchEnd - a.searchStart) * 1e9) / 1e9;
    m_searchStep->setRange({width / mostSteps, width, false, false, 0.001, false});
    m_searchStep->setValue(a.searchStep);
    m_clip->setChecked(a.clip.has_value());
    m_clipMin->setEnabled(a.clip.has_value());
    m_clipMax->setEnabled(a.clip.has_value());
    if (a.clip) {
        // Zero for both would leave no range.
        m_clipMin->setRange({-largestFloat, 0, false, a.clip->second <= 0, 0.01, false});
        m_clipMax->setRange({0, largestFloat, a.clip->first >= 0, false, 0.01, false});
        // As a float reads: the double behind it has digits that nobody set.
        m_clipMin->setValue(parseDouble(numberText(a.clip->first)).value_or(0));
        m_clipMax->setValue(parseDouble(numberText(a.clip->second)).value_or(0));
    } else
        for (NumberField* field : {m_clipMin, m_clipMax})
            field->setBlank();

    m_weightBox->setVisible(s.weights.has_value());
    if (!s.weights)
        return showMixed();
    const WeightSetting& w = *s.weights;
    const bool snq = w.algorithm == "snq";
    m_algorithm->setCurrentIndex(m_algorithm->findData(QString::fromStdString(w.algorithm)));
    m_weightBits->setCurrentIndex(m_weightBits->findData(w.bits));
    m_channelWise->setChecked(w.channelWise);
    m_channelWise->setEnabled(m_state.channelWiseAllowed);
    m_channelWise->setToolTip(m_state.channelWiseAllowed ? tr("channel_wise: one scale for each output channel")
                                                         : tr("The weights of this type of layer have one scale for all of them"));
    for (QComboBox* box : {m_algorithm, m_weightBits})
        box->setEnabled(m_state.nonUniformAllowed);
    const QString onlyUniform = tr("LSTM, RNN and GRU are quantized by ARQ with 8 bits, nothing else");
    m_algorithm->setToolTip(m_state.nonUniformAllowed ? tr("wts_algo: how weights are quantized") : onlyUniform);
    m_weightBits->setToolTip(m_state.nonUniformAllowed ? tr("num_bits: 8 for ARQ, 4 for SNQ") : onlyUniform);
    m_snqRows->setVisible(snq);
    for (const auto& [flag, box] : m_refinements)
        box->setChecked(w.*flag);
    m_maxIteration->setValue(w.maxIteration.value_or(1000));
    m_minDistance->setValue(w.minDistance.value_or(1e-10));
    m_initAlgorithm->setCurrentText(QString::fromStdString(w.initAlgorithm.value_or("uniform")));
    showMixed();
}

}  // namespace qs
