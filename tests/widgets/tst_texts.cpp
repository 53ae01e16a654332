// What core says in English must be known to the translation; and the translation must be whole.
#include "core/jobs/sensitivity.h"
#include "core/quant/setting_fields.h"
#include "core/targets/amct/parameters.h"
#include "core/targets/target.h"
#include "widgets/common/assignment_text.h"
#include "widgets/common/cause_text.h"
#include "widgets/common/check_text.h"
#include "widgets/common/error_text.h"
#include "widgets/common/format.h"
#include "widgets/common/parameter_help.h"
#include "widgets/editors/field_editor.h"
#include "widgets/editors/refinements.h"

#include <gtest/gtest.h>
#include <QCoreApplication>
#include <QDirIterator>
#include <QFile>
#include <QTranslator>
#include <QXmlStreamReader>

using namespace qs;

TEST(Translation, HasNoUnfinishedEntry)
{
    QFile file(QStringLiteral(QS_SOURCE_DIR "/translations/quantscope_zh_CN.ts"));
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    QXmlStreamReader xml(&file);
    int messages = 0;
    QString source;
    while (!xml.atEnd()) {
        xml.readNext();
        if (!xml.isStartElement())
            continue;
        if (xml.name() == QLatin1String("source"))
            source = xml.readElementText();
        else if (xml.name() == QLatin1String("translation")) {
            ++messages;
            const QString type = xml.attributes().value(QLatin1String("type")).toString();
            EXPECT_TRUE(type.isEmpty()) << type.toStdString() << ": " << source.toStdString();
            const QString text = xml.readElementText();
            EXPECT_FALSE(text.isEmpty()) << source.toStdString();
            for (const char* place : {"%1", "%2", "%3"})
                EXPECT_EQ(source.contains(QLatin1String(place)), text.contains(QLatin1String(place))) << source.toStdString();
        }
    }
    EXPECT_FALSE(xml.hasError());
    EXPECT_GT(messages, 200);
}

TEST(Translation, KnowsEveryErrorAndDefinition)
{
    QTranslator translator;
    ASSERT_TRUE(translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
    for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code)
        for (const char* text : {errorSummary(static_cast<ErrorCode>(code)), errorRemedy(static_cast<ErrorCode>(code))})
            if (*text) {
                EXPECT_FALSE(translator.translate("Error", text).isEmpty()) << text;
            }
    for (const auto& [name, text] : metricDefinitions())
        EXPECT_FALSE(translator.translate("MetricDefinition", text.c_str()).isEmpty()) << text;
    for (const auto& [name, text] : scopeDefinitions()) {
        EXPECT_FALSE(translator.translate("Scopes", text.c_str()).isEmpty()) << text;
        EXPECT_FALSE(translator.translate("Scopes", scopeLabel(QString::fromStdString(name)).toLatin1().constData()).isEmpty()) << name;
        EXPECT_EQ(scopeDefinition(QString::fromStdString(name)).toStdString(), text);
    }
    // An abbreviation stays as it is.
    for (int move = 0; move < static_cast<int>(SearchMove::Snq); ++move)
        EXPECT_FALSE(translator.translate("SearchMove", searchMoveName(static_cast<SearchMove>(move))).isEmpty()) << move;
}

TEST(Text, MovesOfASearch)
{
    EXPECT_EQ(assignmentText({{"a", SearchMove::Wider16}, {"b", SearchMove::Snq}}), QStringLiteral("a: 16 bits; b: SNQ"));
    EXPECT_EQ(assignmentText({}), QStringLiteral("as they were"));
}

TEST(Translation, KnowsEveryParameter)
{
    QTranslator translator;
    ASSERT_TRUE(translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
    for (const Parameter& parameter : parameters()) {
        EXPECT_FALSE(translator.translate("Parameter", parameter.meaning).isEmpty()) << parameter.meaning;
        // Words, not intervals, numbers and identifiers.
        for (const QString& text : {QString::fromLatin1(parameter.range), QString::fromLatin1(parameter.recommended)})
            if (text.contains(QLatin1String(" for ")) || text.contains(QLatin1String(" of ")) || text.contains(QLatin1String(" or ")) ||
                text.contains(QLatin1String("left"))) {
                EXPECT_FALSE(translator.translate("Parameter", text.toLatin1().constData()).isEmpty()) << text.toStdString();
            }
    }
}

TEST(Translation, KnowsEveryCalibratorAndRefinement)
{
    QTranslator translator;
    ASSERT_TRUE(translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
    for (const Calibrator& calibrator : calibrators()) {
        EXPECT_FALSE(translator.translate("Parameter", calibrator.meaning).isEmpty()) << calibrator.meaning;
        if (calibratorLabel(calibrator) != QLatin1String("IFMR"))
            EXPECT_FALSE(translator.translate("Refinement", calibratorLabel(calibrator).toLatin1().constData()).isEmpty()) << calibrator.name;
    }
    for (const Refinement& refinement : refinements())
        for (const char* text : {refinement.label, refinement.help})
            EXPECT_FALSE(translator.translate("Refinement", text).isEmpty()) << text;
}

TEST(Translation, KnowsEveryCauseAndRemedy)
{
    QTranslator translator;
    ASSERT_TRUE(translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
    for (const CauseRule& rule : causeRules())
        for (const char* text : {rule.text, rule.definition, rule.label})
            EXPECT_FALSE(translator.translate("Causes", text).isEmpty()) << rule.id << ": " << text;
    for (int remedy = 0; remedy <= static_cast<int>(Remedy::Float); ++remedy)
        EXPECT_FALSE(translator.translate("Causes", remedyText(static_cast<Remedy>(remedy))).isEmpty()) << remedy;
    const Cause cause{.rule = &causeRules().front(), .place = ChannelPlace::Input, .index = 1, .arguments = {"3", "72", "1", "80", "6", "8"}};
    EXPECT_TRUE(causeMessage(cause).startsWith(QStringLiteral("input 1: channel 3 is 72 times")));
    EXPECT_EQ(remedyMessage({.remedy = Remedy::Equalize, .arguments = {"a", "b"}, .layer = {}, .setting = {}}), QStringLiteral("equalize a with b"));
}

template <class Setting>
void expectFieldsKnown(const QTranslator& translator)
{
    for (const FieldInfo& field : fieldsOf<Setting>())
        for (const char* text : {field.label, field.caption, field.help, field.inForm() ? field.group : ""})
            if (*text && text != std::string_view(codebookGroup))
                EXPECT_FALSE(translator.translate("Settings", text).isEmpty()) << text;
}

TEST(Translation, KnowsEverySetting)
{
    QTranslator translator;
    ASSERT_TRUE(translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
    expectFieldsKnown<ActivationSetting>(translator);
    expectFieldsKnown<WeightSetting>(translator);
    expectFieldsKnown<LayerSetting>(translator);
    expectFieldsKnown<BnUpdateSetting>(translator);
    expectFieldsKnown<Configuration>(translator);
}

TEST(Translation, KnowsEveryRule)
{
    QTranslator translator;
    ASSERT_TRUE(translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
    for (const Target& target : targets())
        for (const Rule& rule : target.rules())
            for (const char* text : {rule.text, rule.source, rule.remedy})
                EXPECT_FALSE(translator.translate("Checks", text).isEmpty()) << rule.id << ": " << text;
    for (const Severity severity : {Severity::Error, Severity::Slow, Severity::Accuracy, Severity::Advice})
        EXPECT_FALSE(translator.translate("Checks", severityLabel(severity).toLatin1().constData()).isEmpty());
}

namespace {

/// The Chinese of the window while it lives.
struct Chinese {
    Chinese()
    {
        EXPECT_TRUE(translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")));
        QCoreApplication::installTranslator(&translator);
    }
    ~Chinese() { QCoreApplication::removeTranslator(&translator); }
    QTranslator translator;
};

QString manual(const char* language)
{
    QString text;
    QDirIterator files(QStringLiteral(QS_SOURCE_DIR "/resources/manual/") + QLatin1String(language), {QStringLiteral("*.md")});
    while (files.hasNext()) {
        QFile file(files.next());
        EXPECT_TRUE(file.open(QIODevice::ReadOnly));
        text += QString::fromUtf8(file.readAll());
    }
    return text;
}

template <class Setting>
void expectFieldsIn(const QString& manual)
{
    for (const FieldInfo& info : fieldsOf<Setting>()) {
        if (!info.inForm())
            continue;
        const QString name = QString::fromStdString(standardForms().words(info.field->name)).section(QLatin1Char('.'), -1);
        const QString shown = fieldText(*info.label ? info.label : info.caption);
        EXPECT_TRUE(manual.contains(QLatin1Char('`') + name + QLatin1Char('`')) || manual.contains(shown)) << shown.toStdString();
    }
}

void expectSettingsIn(const QString& manual)
{
    expectFieldsIn<ActivationSetting>(manual);
    expectFieldsIn<WeightSetting>(manual);
    expectFieldsIn<LayerSetting>(manual);
    expectFieldsIn<BnUpdateSetting>(manual);
    expectFieldsIn<Configuration>(manual);
    for (const Refinement& refinement : refinements())
        for (const QString& text : {refinementLabel(refinement), QString::fromLatin1(refinement.option)})
            EXPECT_TRUE(manual.contains(text, Qt::CaseInsensitive)) << text.toStdString();
}

}  // namespace

TEST(ManualText, NamesEverySetting)
{
    expectSettingsIn(manual("en"));
    const Chinese chinese;
    expectSettingsIn(manual("zh_CN"));
}

TEST(ParameterHelp, HasMeaningRangeDefaultAndRecommendation)
{
    const QString help = parameterHelp("activation_quant_params.num_bits");
    for (const char* words : {"num_bits", "Bit width", "[8, 16]", "Default: 8", "8 or 12"})
        EXPECT_TRUE(help.contains(QLatin1String(words))) << help.toStdString();
    EXPECT_TRUE(parameterHelp("nothing").isEmpty());
}

TEST(Format, SimilarityIsWrittenInTheFormThatIsChosen)
{
    Metrics metrics;
    metrics.cosine = 0.98765;
    metrics.sqnrDb = 16.054;
    const auto texts = [&](SimilarityForm form) {
        setSimilarityForm(form);
        const QStringList all{similarityText(metrics), cosineText(0.99999), cosineText(1),  similarityPhrase(metrics),
                              cosinePhrase(0.5),       similaritySymbol(),  cosineSymbol(), similarityLabel()};
        setSimilarityForm(SimilarityForm::Cosine);
        return all.join(QLatin1Char('|'));
    };
    EXPECT_EQ(texts(SimilarityForm::Cosine), QStringLiteral("0.987650|0.999990|1.000000|cos 0.987650|cos 0.500000|cos|cos|cosine"));
    EXPECT_EQ(texts(SimilarityForm::OneMinusCosine),
              QStringLiteral("1.23e-02|1.00e-05|0.00e+00|1−cos 1.23e-02|1−cos 5.00e-01|1−cos|1−cos|1 − cosine"));
    // Where only a cosine is known there are no decibels.
    EXPECT_EQ(texts(SimilarityForm::Sqnr), QStringLiteral("16.05|1.00e-05|0.00e+00|SQNR 16.05 dB|1−cos 5.00e-01|SQNR|1−cos|SQNR (dB)"));
    metrics.sqnrDb = std::numeric_limits<double>::infinity();
    metrics.cosine = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(texts(SimilarityForm::Sqnr).section(QLatin1Char('|'), 0, 0), QStringLiteral("∞"));
    EXPECT_EQ(texts(SimilarityForm::Cosine).section(QLatin1Char('|'), 0, 0), QStringLiteral("NaN"));
}

TEST(Format, Numbers)
{
    EXPECT_EQ(countText(1235000), QStringLiteral("1.24 M"));
    EXPECT_EQ(countText(9999), QStringLiteral("9999"));
    EXPECT_EQ(countText(12345), QStringLiteral("12.3 k"));
    EXPECT_EQ(countText(123456), QStringLiteral("123 k"));
    EXPECT_EQ(countText(12345678), QStringLiteral("12.3 M"));
    EXPECT_EQ(durationText(12.4), QStringLiteral("0:12"));
    EXPECT_EQ(durationText(3599.6), QStringLiteral("1:00:00"));
    EXPECT_EQ(durationText(7384), QStringLiteral("2:03:04"));
    EXPECT_EQ(durationText(3723), QStringLiteral("1:02:03"));
}

TEST(ErrorText, IsChineseInTheChineseWindow)
{
    const Chinese chinese;
    const QString text = errorMessage({ErrorCode::FileNotFound, "x.prototxt", "open"});
    EXPECT_EQ(text, QStringLiteral("open: %1: x.prototxt. %2")
                        .arg(chinese.translator.translate("Error", errorSummary(ErrorCode::FileNotFound)),
                             chinese.translator.translate("Error", errorRemedy(ErrorCode::FileNotFound))));
    EXPECT_FALSE(text.contains(QLatin1String(errorRemedy(ErrorCode::FileNotFound))));
}

TEST(ErrorText, ProgressKeepsTheOrderOfItsNumbers)
{
    const Progress comparing{0.1, Phase::Comparing, {"3", "17"}};
    EXPECT_EQ(progressPhrase(comparing), QStringLiteral("comparing 3 of 17"));
    EXPECT_EQ(progressPhrase({0.1, Phase::Searching, {"12", "0.9934"}}), QStringLiteral("12 settings tried, best cosine 0.9934"));
    const Chinese chinese;
    QString expected = chinese.translator.translate("Progress", "comparing %1 of %2");
    expected.replace(QLatin1String("%1"), QLatin1String("3")).replace(QLatin1String("%2"), QLatin1String("17"));
    EXPECT_EQ(progressPhrase(comparing), expected);
}

TEST(ErrorText, EveryCodeIsKnownInBothLanguages)
{
    const Chinese chinese;
    for (size_t i = 0; i < phaseCount; ++i) {
        const auto phase = static_cast<Phase>(i);
        ASSERT_STRNE(phaseText(phase), "") << i;
        // A sample's name is nobody's language.
        if (phase != Phase::Sample)
            EXPECT_FALSE(chinese.translator.translate("Progress", phaseText(phase)).isEmpty()) << phaseText(phase);
    }
    for (size_t i = 0; i < noteCount; ++i) {
        const char* sentence = noteSentence(static_cast<NoteCode>(i));
        ASSERT_STRNE(sentence, "") << i;
        EXPECT_FALSE(chinese.translator.translate("Note", sentence).isEmpty()) << sentence;
    }
}

TEST(ErrorText, SaysWhereWhatAndRemedy)
{
    const QString text = errorMessage({ErrorCode::FileNotFound, "x.prototxt", "open"});
    EXPECT_TRUE(text.startsWith(QStringLiteral("open: ")));
    EXPECT_TRUE(text.contains(QStringLiteral("x.prototxt")));
    EXPECT_TRUE(text.endsWith(QStringLiteral("Check the path.")));
}
