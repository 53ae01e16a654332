#include "widgets/editors/number_field.h"
#include "widgets/editors/setting_editor.h"

#include <gtest/gtest.h>
#include <QCheckBox>
#include <QComboBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace qs;

namespace {

void type(QWidget& widget, const QString& text)
{
    for (const QChar c : text)
        QTest::keyClick(&widget, c.toLatin1());
}

SettingState state()
{
    SettingState s;
    s.shown = true;
    s.layer = QStringLiteral("conv1");
    s.setting.weights = WeightSetting{};
    s.defaults = s.setting;
    s.ports = QStringList{QStringLiteral("data")};
    return s;
}

QComboBox* algorithmBox(const SettingEditor& editor)
{
    for (QComboBox* box : editor.findChildren<QComboBox*>())
        if (box->findData(QStringLiteral("snq")) != -1)
            return box;
    return nullptr;
}

}  // namespace

TEST(NumberRange, KnowsOpenEnds)
{
    const NumberRange range{0.5, 1, true, false, 0.01, false};
    EXPECT_FALSE(range.contains(0.5));
    EXPECT_TRUE(range.contains(1));
    EXPECT_EQ(range.text(), QStringLiteral("(0.5, 1]"));
    EXPECT_FALSE((NumberRange{500, 2000, false, false, 1, true}).contains(500.5));
}

TEST(NumberField, ChecksAsTypedAndRevertsNonsense)
{
    NumberField field({0.5, 1, true, false, 0.01, false});
    field.setValue(0.9);
    QSignalSpy edited(&field, &NumberField::valueEdited);
    field.selectAll();
    type(field, QStringLiteral("1.5"));
    EXPECT_FALSE(field.acceptable());
    QTest::keyClick(&field, Qt::Key_Return);
    EXPECT_EQ(edited.size(), 0);
    EXPECT_EQ(field.text(), QStringLiteral("0.9"));
    field.selectAll();
    type(field, QStringLiteral("0.75"));
    EXPECT_TRUE(field.acceptable());
    QTest::keyClick(&field, Qt::Key_Return);
    ASSERT_EQ(edited.size(), 1);
    EXPECT_EQ(edited.front().front().toDouble(), 0.75);
    EXPECT_TRUE(field.toolTip().contains(QStringLiteral("(0.5, 1]")));
    // The open end is not in it.
    field.selectAll();
    type(field, QStringLiteral("0.5"));
    EXPECT_FALSE(field.acceptable());
}

TEST(NumberField, StepsWithTheArrows)
{
    NumberField field({0, 1, true, false, 0.01, false});
    field.setValue(0.7);
    QSignalSpy edited(&field, &NumberField::valueEdited);
    QTest::keyClick(&field, Qt::Key_Up);
    ASSERT_EQ(edited.size(), 1);
    EXPECT_EQ(edited.front().front().toDouble(), 0.71);
    field.setValue(1);
    QTest::keyClick(&field, Qt::Key_Up);
    EXPECT_EQ(edited.size(), 1);
}

TEST(SettingEditor, ShowingEmitsNothing)
{
    SettingEditor editor;
    QSignalSpy edited(&editor, &SettingEditor::settingEdited);
    editor.setState(state());
    SettingState other = state();
    other.setting.quantEnable = false;
    other.setting.activations.front().bits = 16;
    editor.setState(other);
    EXPECT_EQ(edited.size(), 0);
}

TEST(SettingEditor, EditsCalibratorAndRefinements)
{
    SettingEditor editor;
    SettingState now = state();
    editor.setState(now);
    QObject::connect(&editor, &SettingEditor::settingEdited, &editor, [&](const LayerSetting& setting, const std::function<void(LayerSetting&)>&) {
        now.setting = setting;
        editor.setState(now);
    });
    auto* calibrator = editor.findChild<QComboBox*>(QStringLiteral("calibrator"));
    ASSERT_NE(calibrator, nullptr);
    EXPECT_EQ(calibrator->currentData().toString(), QStringLiteral("ifmr"));
    calibrator->setCurrentIndex(calibrator->findData(QStringLiteral("mse")));
    Q_EMIT calibrator->activated(calibrator->currentIndex());
    EXPECT_EQ(now.setting.activations.front().algorithm, "mse");
    EXPECT_TRUE(calibrator->toolTip().contains(QStringLiteral("Sung")));
    // mse reads neither percentiles nor the search range.
    for (const NumberField* field : editor.findChildren<NumberField*>())
        if (field->toolTip().contains(QStringLiteral("percentile")) || field->toolTip().contains(QStringLiteral("search_")))
            EXPECT_FALSE(field->isEnabled()) << field->toolTip().toStdString();
    for (const auto& [name, flag] : {std::pair{"equalize", &WeightSetting::equalize},
                                     {"adaRound", &WeightSetting::adaRound},
                                     {"biasCorrection", &WeightSetting::biasCorrection}}) {
        auto* box = editor.findChild<QCheckBox*>(QLatin1String(name));
        ASSERT_NE(box, nullptr) << name;
        EXPECT_TRUE(box->toolTip().contains(QStringLiteral("Nagel"))) << name;
        box->click();
        EXPECT_TRUE((*now.setting.weights).*flag) << name;
        EXPECT_TRUE(box->isChecked()) << name;
    }
}

TEST(SettingEditor, EditsOneFieldAndResets)
{
    SettingEditor editor;
    editor.setState(state());
    LayerSetting last;
    int count = 0;
    QObject::connect(&editor, &SettingEditor::settingEdited, &editor, [&](const LayerSetting& setting, const std::function<void(LayerSetting&)>&) {
        last = setting;
        ++count;
    });
    editor.findChild<QCheckBox*>()->click();
    EXPECT_EQ(count, 1);
    EXPECT_FALSE(last.quantEnable);
    SettingState changed = state();
    changed.setting.activations.front().maxPercentile = 0.9;
    editor.setState(changed);
    editor.findChild<QPushButton*>()->click();
    EXPECT_EQ(count, 2);
    EXPECT_EQ(last, changed.defaults);
}

TEST(SettingEditor, WhatItSaysIsInRange)
{
    SettingEditor editor;
    SettingState shown = state();
    shown.setting.activations.assign(1, ActivationSetting{});
    shown.setting.activations[0].searchStep = 0.5;
    shown.setting.activations[0].clip = std::pair{0.0F, 1.0F};
    editor.setState(shown);
    QSignalSpy edited(&editor, &SettingEditor::settingEdited);
    // The fields by what they show.
    const auto enter = [&](const char* now, const char* text) {
        for (auto* field : editor.findChildren<NumberField*>())
            if (field->text() == QLatin1String(now)) {
                field->selectAll();
                type(*field, QLatin1String(text));
                QTest::keyClick(field, Qt::Key_Return);
                return;
            }
        ADD_FAILURE() << "no field shows " << now;
    };
    // A step of 0.5 has no room between 1.2 and 1.3.
    enter("0.7", "1.2");
    ASSERT_EQ(edited.size(), 1);
    const ActivationSetting narrow = edited.front().front().value<LayerSetting>().activations.front();
    EXPECT_EQ(narrow.searchStart, 1.2);
    EXPECT_LE(narrow.searchStep, narrow.searchEnd - narrow.searchStart);
    // Limits of 0 and 0 are none.
    edited.clear();
    enter("1", "0");
    EXPECT_EQ(edited.size(), 0);
    enter("1", "3");
    ASSERT_EQ(edited.size(), 1);
    EXPECT_EQ(edited.front().front().value<LayerSetting>().activations.front().clip, std::pair(0.0F, 3.0F));
}

TEST(SettingEditor, SeveralLayersShowWhereTheyDifferAndChangeTogether)
{
    SettingEditor editor;
    SettingState shown = state();
    LayerSetting other = shown.setting;
    other.quantEnable = !shown.setting.quantEnable;
    other.activations.front().bits = 12;
    other.activations.front().maxPercentile = 0.9;
    shown.others = {other};
    editor.setState(shown);
    auto* enable = editor.findChild<QCheckBox*>();
    EXPECT_EQ(enable->checkState(), Qt::PartiallyChecked);
    const auto* calibrator = editor.findChild<QComboBox*>(QStringLiteral("calibrator"));
    EXPECT_GE(calibrator->currentIndex(), 0);
    int blank = 0;
    for (const NumberField* field : editor.findChildren<NumberField*>())
        blank += field->placeholderText().isEmpty() ? 0 : 1;
    EXPECT_EQ(blank, 1);
    QObject::connect(&editor, &SettingEditor::settingEdited, &editor,
                     [&](const LayerSetting&, const std::function<void(LayerSetting&)>& change) { change(other); });
    enable->click();
    EXPECT_TRUE(other.quantEnable);
    EXPECT_EQ(other.activations.front().bits, 12);
}

TEST(SettingEditor, AFusedLayerHasNothingToEdit)
{
    SettingEditor editor;
    SettingState shown = state();
    shown.follows = true;
    shown.reason = QStringLiteral("fused into conv1");
    editor.setState(shown);
    EXPECT_FALSE(editor.findChild<QCheckBox*>()->isEnabled());
    for (const NumberField* field : editor.findChildren<NumberField*>())
        EXPECT_FALSE(field->isEnabled());
}

TEST(SettingEditor, TheAlgorithmBringsItsBitWidth)
{
    SettingEditor editor;
    LayerSetting edited;
    QObject::connect(&editor, &SettingEditor::settingEdited, &editor, [&](const LayerSetting& setting, const SettingChange&) { edited = setting; });
    editor.setState(state());
    QComboBox* algorithm = algorithmBox(editor);
    ASSERT_TRUE(algorithm);
    algorithm->setCurrentIndex(algorithm->findData(QStringLiteral("snq")));
    Q_EMIT algorithm->activated(algorithm->currentIndex());
    ASSERT_TRUE(edited.weights);
    EXPECT_EQ(edited.weights->algorithm, "snq");
    EXPECT_EQ(edited.weights->bits, 4);
}

TEST(SettingEditor, WhatCannotBeChosenSaysWhy)
{
    SettingEditor editor;
    SettingState s = state();
    editor.setState(s);
    const QComboBox* algorithm = algorithmBox(editor);
    ASSERT_TRUE(algorithm);
    EXPECT_TRUE(algorithm->isEnabled());
    const QString usual = algorithm->toolTip();
    s.nonUniformAllowed = false;
    editor.setState(s);
    EXPECT_FALSE(algorithm->isEnabled());
    EXPECT_TRUE(algorithm->toolTip().contains(QStringLiteral("LSTM"))) << algorithm->toolTip().toStdString();
    // Another layer: as before.
    editor.setState(state());
    EXPECT_EQ(algorithm->toolTip(), usual);
}

TEST(SettingEditor, OffersTheWidthsOfTheTarget)
{
    static constexpr int activations[] = {4, 8, 16};
    static constexpr int weights[] = {8};
    QuantScheme scheme = standardScheme();
    scheme.activationWidths = activations;
    scheme.weightWidths = weights;
    scheme.codebooks = false;
    SettingEditor editor;
    SettingState shown = state();
    editor.setState(shown);
    ASSERT_TRUE(algorithmBox(editor));
    const auto texts = [&editor] {
        QStringList all;
        for (const QComboBox* box : editor.findChildren<QComboBox*>(QStringLiteral("bits")))
            for (int i = 0; i < box->count(); ++i)
                all << box->itemText(i);
        return all.join(QLatin1Char(' ')).toStdString();
    };
    EXPECT_EQ(texts(), "8 9 10 11 12 13 14 15 16 8 4");
    shown.scheme = &scheme;
    editor.setState(shown);
    EXPECT_EQ(texts(), "4 8 16 8");
    EXPECT_FALSE(algorithmBox(editor)) << "no codebooks";
    // What is shown is still the setting's.
    EXPECT_EQ(editor.findChildren<QComboBox*>(QStringLiteral("bits")).front()->currentText(), QStringLiteral("8"));
}
