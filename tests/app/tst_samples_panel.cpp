// The Samples view in the real window: every picture of the demo with its figures, filters, what is left out, and the ways to it.
#include "app/window/main_window.h"
#include "core/data/selection.h"
#include "core/project/project.h"
#include "tests/support/bench.h"
#include "tests/support/temporary_folder.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"
#include "widgets/models/sample_table_model.h"

#include <gtest/gtest.h>
#include <QAction>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QListView>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <QToolButton>

#include <set>

using namespace qs;

namespace {

struct Samples : testing::Test {
    TestBench bench;
    MainWindow window{bench.parts};
    QDockWidget* dock = nullptr;
    QTableView* table = nullptr;

    void SetUp() override
    {
        window.resize(1280, 720);
        window.show();
        bench.openDemo();
        window.showView(QStringLiteral("samples"));
        bench.settle();
        dock = window.dock(QStringLiteral("samples"));
        table = dock->findChild<QTableView*>(QStringLiteral("samples"));
        ASSERT_TRUE(table);
    }
    void TearDown() override { window.closeQuietly(); }
    void analyse()
    {
        bench.workflow.analyse();
        bench.settle();
    }
    QModelIndex cell(int row, int column) const { return table->model()->index(row, column); }
    QString text(int row, int column) const { return cell(row, column).data().toString(); }
    void show(SampleFilter filter) { dock->findChild<QComboBox*>(QStringLiteral("samplesShown"))->setCurrentIndex(static_cast<int>(filter)); }
    int count() const { return table->model()->rowCount(); }
    QString note() const { return dock->findChild<QLabel*>(QStringLiteral("samplesNote"))->text(); }
};

}  // namespace

TEST_F(Samples, EveryPictureStandsThereWithItsFigures)
{
    ASSERT_EQ(count(), bench.session.data()->size());
    EXPECT_EQ(text(0, SampleTableModel::Name).toStdString(), bench.session.data()->sampleName(0));
    EXPECT_TRUE(text(0, SampleTableModel::Cosine).isEmpty());
    EXPECT_TRUE(note().contains(QStringLiteral("F6")));
    analyse();
    EXPECT_FALSE(text(0, SampleTableModel::Cosine).isEmpty());
    const auto& comparison = *bench.session.result().comparison;
    ASSERT_EQ(comparison.bySample.size(), static_cast<size_t>(count()));
    // The filter shows those that the agreement counts as changed.
    const int changed = static_cast<int>(std::lround((1 - comparison.classification.agreement) * count()));
    ASSERT_GT(changed, 0);
    show(SampleFilter::ClassChanged);
    EXPECT_EQ(count(), changed);
    for (int i = 0; i < count(); ++i)
        EXPECT_NE(text(i, SampleTableModel::FloatClass), text(i, SampleTableModel::QuantizedClass));
    show(SampleFilter::WorstTen);
    ASSERT_EQ(count(), 10);
    EXPECT_EQ(cell(0, 0).data(SampleTableModel::SampleRole).toInt(), comparison.outputs.front().cumulative.worstSample) << "worst first";
    show(SampleFilter::WrongInInt8Only);
    EXPECT_EQ(count() == 0, !comparison.classification.labelled);
}

TEST_F(Samples, TheChosenOneIsLookedAtInCompare)
{
    analyse();
    table->selectionModel()->setCurrentIndex(cell(7, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    EXPECT_EQ(bench.parts.probe.sample(), 7);
    table->setFocus();
    QTest::keyClick(table, Qt::Key_Return);
    bench.settle();
    EXPECT_TRUE(window.dock(QStringLiteral("compare"))->isVisible());
    EXPECT_EQ(window.dock(QStringLiteral("compare"))->findChild<QSpinBox*>()->value(), 7);
    // And the other way round.
    bench.parts.probe.setSample(9);
    window.showView(QStringLiteral("samples"));
    bench.settle();
    EXPECT_EQ(table->currentIndex().data(SampleTableModel::SampleRole).toInt(), 9);
}

TEST_F(Samples, AWorstSampleThatIsNotThereAnyMoreIsNone)
{
    analyse();
    bench.session.setSelection({QStringLiteral("dw4")});
    // Figures of 32 pictures stay while two are open.
    DataSpec spec = *bench.session.dataSpec();
    spec.limit = 2;
    bench.workflow.openData(spec, false);
    bench.settle();
    bench.parts.probe.look(31);
    bench.settle();
    EXPECT_EQ(bench.parts.probe.sample(), 1);
    EXPECT_TRUE(window.dock(QStringLiteral("compare"))->isVisible());
}

TEST_F(Samples, WhatIsLeftOutOfTheCalibrationIsAStepThatCanBeUndone)
{
    analyse();
    const std::string first = bench.session.data()->sampleName(0);
    EXPECT_EQ(text(0, SampleTableModel::Calibrates), QStringLiteral("used"));
    ASSERT_TRUE(table->model()->setData(cell(0, SampleTableModel::Calibrates), Qt::Unchecked, Qt::CheckStateRole));
    bench.settle();
    EXPECT_EQ(bench.session.configuration().notCalibrated, std::vector<std::string>{first});
    EXPECT_TRUE(text(0, SampleTableModel::Calibrates).isEmpty());
    EXPECT_TRUE(bench.session.calibrationStale());
    EXPECT_EQ(bench.session.nextStep(), NextStep::Calibrate);
    bench.session.undoStack().undo();
    bench.settle();
    EXPECT_TRUE(bench.session.configuration().notCalibrated.empty());
    EXPECT_FALSE(bench.session.calibrationStale());
}

TEST_F(Samples, WhatIsLeftOutOfTheComparisonIsKeptWithTheProject)
{
    analyse();
    const int all = bench.session.result().comparison->samples;
    // Of several that are selected, one edit is all of theirs.
    table->selectionModel()->select(QItemSelection(cell(2, 0), cell(4, SampleTableModel::ColumnCount - 1)), QItemSelectionModel::ClearAndSelect);
    ASSERT_TRUE(table->model()->setData(cell(3, SampleTableModel::Compared), Qt::Unchecked, Qt::CheckStateRole));
    bench.settle();
    EXPECT_EQ(bench.session.dataSpec()->notEvaluated.size(), 3U);
    EXPECT_TRUE(bench.session.modified());
    EXPECT_FALSE(bench.session.calibrationStale());
    analyse();
    EXPECT_EQ(bench.session.result().comparison->samples, all - 3);
    EXPECT_TRUE(text(3, SampleTableModel::Cosine).isEmpty());
    show(SampleFilter::LeftOut);
    EXPECT_EQ(count(), 3);

    const test::TemporaryFolder folder;
    ASSERT_TRUE(bench.workflow.saveProjectAs(folder.path() / "left.qsproj"));
    bench.workflow.openProject(folder.path() / "left.qsproj");
    bench.settle();
    EXPECT_EQ(bench.session.dataSpec()->notEvaluated.size(), 3U);
    EXPECT_EQ(evaluated(bench.session.data())->size(), all - 3);
}

TEST_F(Samples, ThumbnailsComeInTheBackground)
{
    analyse();
    auto* thumbnails = dock->findChild<QListView*>(QStringLiteral("thumbnails"));
    dock->findChild<QToolButton*>(QStringLiteral("asThumbnails"))->click();
    EXPECT_TRUE(thumbnails->isVisible());
    bench.settle();
    // The edge has the colour of the error, and the picture stands within it. (The first one is selected, and tinted.)
    const QImage shown = thumbnails->viewport()->grab().toImage();
    const QRect place = thumbnails->visualRect(cell(1, 0));
    const QColor edge = wrongColor(cosineStep(cosineOf(bench.session.result().comparison->bySample[1].sums)));
    int edges = 0;
    std::set<QRgb> colours;
    for (int y = place.top(); y < place.bottom(); ++y)
        for (int x = place.left(); x < place.right(); ++x) {
            edges += shown.pixelColor(x, y) == edge;
            colours.insert(shown.pixel(x, y));
        }
    EXPECT_GT(edges, 100);
    EXPECT_GT(colours.size(), 20U);
    dock->findChild<QToolButton*>(QStringLiteral("asThumbnails"))->click();
}

TEST_F(Samples, TheTableIsCopiedWithRawNumbers)
{
    analyse();
    const QStringList lines = tableText(*table, QLatin1Char(','), false).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    ASSERT_EQ(lines.size(), count() + 1);
    EXPECT_TRUE(lines.front().startsWith(QStringLiteral("Sample,cosine")));
    bool number = false;
    const double cosine = lines[1].split(QLatin1Char(','))[1].toDouble(&number);
    EXPECT_TRUE(number) << lines[1].toStdString();
    EXPECT_NEAR(cosine, cosineOf(bench.session.result().comparison->bySample.front().sums), 1e-8);
    EXPECT_TRUE(lines[1].endsWith(QStringLiteral("used,1")));
}

TEST_F(Samples, TheWorstSampleOfALayerIsALink)
{
    analyse();
    bench.session.setSelection({QStringLiteral("dw4")});
    bench.settle();
    auto* worst = window.findChild<QLabel*>(QStringLiteral("why"));
    ASSERT_TRUE(worst->isVisible());
    const int sample = bench.session.result().comparison->layer("dw4")->cumulative.worstSample;
    EXPECT_TRUE(worst->text().contains(QString::fromStdString(bench.session.data()->sampleName(sample))));
    Q_EMIT worst->linkActivated(QString::number(sample));
    EXPECT_EQ(bench.parts.probe.sample(), sample);
    EXPECT_TRUE(window.dock(QStringLiteral("compare"))->isVisible());
    // Which pictures set its limits is said with its distribution.
    window.showView(QStringLiteral("distribution"));
    bench.settle();
    auto* furthest = window.findChild<QLabel*>(QStringLiteral("furthestSamples"));
    ASSERT_TRUE(furthest->isVisible());
    const PortObservation* observed = nullptr;
    for (const PortObservation& one : bench.session.calibration()->observations)
        if (one.layer == "dw4")
            observed = &one;
    ASSERT_TRUE(observed);
    EXPECT_TRUE(furthest->text().contains(QString::fromStdString(observed->highest.front().name)));
}
