#include "widgets/common/buffer_image.h"
#include "widgets/plots/channel_plot.h"
#include "widgets/plots/distribution_plot.h"
#include "widgets/plots/error_profile_plot.h"
#include "widgets/plots/front_plot.h"
#include "widgets/plots/qcp.h"
#include "widgets/plots/scatter_plot.h"
#include "widgets/plots/scope_plot.h"

#include <gtest/gtest.h>
#include <QFileInfo>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>

using namespace qs;

namespace {

Histogram ramp()
{
    Histogram h;
    h.lower = -1;
    h.width = 3.0 / 2048;
    h.counts.assign(2048, 10);
    h.total = 20480;
    h.minimum = -1;
    h.maximum = 2;
    return h;
}

void send(QWidget* widget, QEvent::Type type, const QPointF& at, Qt::MouseButton button, Qt::MouseButtons buttons)
{
    QMouseEvent event(type, at, widget->mapToGlobal(at), button, buttons, Qt::NoModifier);
    QCoreApplication::sendEvent(widget, &event);
}

}  // namespace

TEST(ErrorProfilePlot, NamesTheWorstAndClicks)
{
    ErrorProfilePlot plot;
    plot.resize(700, 260);
    plot.show();
    std::vector<ProfilePoint> points;
    for (int i = 0; i < 300; ++i)
        points.push_back({QStringLiteral("layer%1").arg(i), 0.9999, i == 150 ? 0.8 : 0.999, true});
    plot.setPoints(points, ProfileMetric::Cosine, 0.99, false);
    QCoreApplication::processEvents();
    ASSERT_FALSE(plot.namedWorst().isEmpty());
    EXPECT_EQ(plot.namedWorst().front(), QStringLiteral("layer150"));
    // Three hundred labels would be a smear.
    EXPECT_LT(plot.plot()->xAxis->tickVector().size(), 40);
    QSignalSpy clicked(&plot, &ErrorProfilePlot::layerClicked);
    const QPointF at(plot.plot()->xAxis->coordToPixel(150), plot.plot()->axisRect()->center().y());
    send(plot.plot(), QEvent::MouseButtonPress, at, Qt::LeftButton, Qt::LeftButton);
    send(plot.plot(), QEvent::MouseButtonRelease, at, Qt::LeftButton, Qt::NoButton);
    ASSERT_EQ(clicked.size(), 1);
    EXPECT_EQ(clicked.front().front().toString(), QStringLiteral("layer150"));
}

TEST(ErrorProfilePlot, TakesInfiniteDecibels)
{
    ErrorProfilePlot plot;
    plot.resize(500, 200);
    plot.show();
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    plot.setPoints({{QStringLiteral("a"), std::numeric_limits<double>::infinity(), 30, true}, {QStringLiteral("b"), none, 20, true}},
                   ProfileMetric::Sqnr, none, true);
    const auto* drawn = plot.findChild<QCustomPlot*>();
    ASSERT_NE(drawn, nullptr);
    // The infinite one above the other, inside the picture; what is no number is a gap.
    int infinite = 0;
    int gaps = 0;
    for (int i = 0; i < drawn->graphCount(); ++i)
        for (const QCPGraphData& point : *drawn->graph(i)->data()) {
            gaps += point.key == 1 && std::isnan(point.value) ? 1 : 0;
            infinite += point.key == 0 && point.value > 30 && std::isfinite(point.value) ? 1 : 0;
        }
    EXPECT_EQ(infinite, 1);
    // Its local error, and the other branch's that there is not.
    EXPECT_EQ(gaps, 2);
    EXPECT_GT(drawn->yAxis->range().upper, 30);
    plot.setPoints({}, ProfileMetric::Sqnr, none, false);
    for (int i = 0; i < drawn->graphCount(); ++i)
        EXPECT_TRUE(drawn->graph(i)->data()->isEmpty());
}

TEST(ScopePlot, RingsTheSelectedAndClicks)
{
    ScopePlot plot;
    plot.resize(700, 260);
    plot.show();
    // Named before there are values: the ring comes with them.
    plot.setSelectedNames({QStringLiteral("b"), QStringLiteral("elsewhere")});
    plot.setSeries(QStringLiteral("error"), {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")},
                   {{QStringLiteral("one"), {1e-3, 2e-3, 0}}, {QStringLiteral("two"), {1e-2, 1e-2, 1e-2}}}, false);
    QCoreApplication::processEvents();
    const QCPGraph* rings = plot.plot()->graph(0);
    ASSERT_EQ(rings->dataCount(), 1);
    EXPECT_EQ(rings->data()->at(0)->key, 1);
    EXPECT_EQ(rings->data()->at(0)->value, 2e-3);
    EXPECT_EQ(plot.plot()->xAxis->range().lower, -0.5);
    EXPECT_EQ(plot.plot()->xAxis->range().upper, 2.5);
    QSignalSpy clicked(&plot, &ScopePlot::layerClicked);
    const QPointF at(plot.plot()->xAxis->coordToPixel(2), plot.plot()->axisRect()->center().y());
    send(plot.plot(), QEvent::MouseButtonPress, at, Qt::LeftButton, Qt::LeftButton);
    send(plot.plot(), QEvent::MouseButtonRelease, at, Qt::LeftButton, Qt::NoButton);
    ASSERT_EQ(clicked.size(), 1);
    EXPECT_EQ(clicked.front().front().toString(), QStringLiteral("c"));
}

TEST(DistributionPlot, DraggingALimitEmitsOneEdit)
{
    DistributionPlot plot;
    plot.resize(700, 260);
    plot.show();
    DistributionData data;
    data.xLabel = QStringLiteral("x");
    data.floatValues = ramp();
    data.quantizedValues = ramp();
    data.clip = {-1.0, 2.0};
    data.clipEditable = true;
    plot.setData(data);
    QCoreApplication::processEvents();
    QSignalSpy dragged(&plot, &DistributionPlot::clipDragged);
    QSignalSpy edited(&plot, &DistributionPlot::clipEdited);
    const QPointF from(plot.limitPixel(1), 100);
    send(plot.plot(), QEvent::MouseButtonPress, from, Qt::LeftButton, Qt::LeftButton);
    send(plot.plot(), QEvent::MouseMove, from - QPointF(50, 0), Qt::NoButton, Qt::LeftButton);
    send(plot.plot(), QEvent::MouseMove, from - QPointF(100, 0), Qt::NoButton, Qt::LeftButton);
    EXPECT_EQ(edited.size(), 0);
    EXPECT_EQ(dragged.size(), 2);
    send(plot.plot(), QEvent::MouseButtonRelease, from - QPointF(100, 0), Qt::LeftButton, Qt::NoButton);
    ASSERT_EQ(edited.size(), 1);
    EXPECT_LT(edited.front().at(1).toDouble(), 2.0);
    EXPECT_EQ(edited.front().at(0).toDouble(), -1.0);
    EXPECT_GT(plot.outsideShare(), 0.02);
}

/// The limits after the upper one is dragged to the left edge of a plot of ramp().
std::pair<double, double> limitsAfterDraggingTheUpper(std::pair<double, double> clip)
{
    DistributionPlot plot;
    plot.resize(700, 260);
    plot.show();
    DistributionData data;
    data.floatValues = ramp();
    data.clip = clip;
    data.clipEditable = true;
    plot.setData(data);
    QCoreApplication::processEvents();
    const QPointF from(plot.limitPixel(1), 100);
    send(plot.plot(), QEvent::MouseButtonPress, from, Qt::LeftButton, Qt::LeftButton);
    send(plot.plot(), QEvent::MouseMove, QPointF(2, 100), Qt::NoButton, Qt::LeftButton);
    send(plot.plot(), QEvent::MouseButtonRelease, QPointF(2, 100), Qt::LeftButton, Qt::NoButton);
    return plot.limits();
}

TEST(DistributionPlot, LimitsAlwaysHoldZero)
{
    EXPECT_EQ(limitsAfterDraggingTheUpper({-1.0, 2.0}).second, 0.0);
}

TEST(DistributionPlot, ArrowsMoveTheUpperLimitAndWithShiftTheLower)
{
    DistributionPlot plot;
    DistributionData data;
    data.floatValues = ramp();
    data.clip = {-1.0, 2.0};
    data.clipEditable = true;
    plot.setData(data);
    QTest::keyClick(&plot, Qt::Key_Left);
    EXPECT_EQ(plot.limits().first, -1.0);
    EXPECT_LT(plot.limits().second, 2.0);
    const double upper = plot.limits().second;
    QTest::keyClick(&plot, Qt::Key_Right, Qt::ShiftModifier);
    EXPECT_GT(plot.limits().first, -1.0);
    EXPECT_EQ(plot.limits().second, upper);
    // A lower limit never leaves zero behind.
    data.clip = {-0.001, 2.0};
    plot.setData(data);
    QTest::keyClick(&plot, Qt::Key_Right, Qt::ShiftModifier);
    EXPECT_EQ(plot.limits().first, 0.0);
}

TEST(FrontPlot, DrawsSharesInPercent)
{
    FrontPlot plot;
    plot.setPoints({{.share = 0.5, .cosine = 0.99, .front = true, .best = true, .text = {}},
                    {.share = 0.25, .cosine = 0.9, .front = false, .best = false, .text = {}}},
                   0.95, 0.4);
    const QCustomPlot* drawn = plot.findChild<QCustomPlot*>();
    ASSERT_NE(drawn, nullptr);
    const auto keys = [&](int graph) {
        std::vector<double> list;
        for (const QCPGraphData& point : *drawn->graph(graph)->data())
            list.push_back(point.key);
        return list;
    };
    EXPECT_EQ(keys(0), (std::vector<double>{25, 50}));
    EXPECT_EQ(keys(1), std::vector<double>{50});
    EXPECT_EQ(keys(2), std::vector<double>{50});
}

/// Red, green and blue in a picture of two pixels.
TEST(BufferImage, BlueComesFirstInBgr)
{
    const Buffer sample = Buffer::fromFloats({3, 1, 2}, std::vector<float>{0, 0, 0.5F, 0.5F, 1, 1});
    EXPECT_EQ(tensorImage(sample, false).pixel(0, 0), qRgb(0, 127, 255));
    EXPECT_EQ(tensorImage(sample, true).pixel(0, 0), qRgb(255, 127, 0));
}

TEST(DistributionPlot, LimitsNeverMeet)
{
    const auto [lower, upper] = limitsAfterDraggingTheUpper({0.0, 2.0});
    EXPECT_EQ(lower, 0.0);
    EXPECT_EQ(upper, ramp().width);
}

TEST(Plots, SaveInThreeFormats)
{
    const QTemporaryDir folder;
    DistributionPlot plot;
    plot.resize(400, 200);
    plot.show();
    DistributionData data;
    data.floatValues = ramp();
    plot.setData(data);
    for (const char* suffix : {"png", "svg", "csv"}) {
        const QString path = folder.filePath(QStringLiteral("plot.") + QLatin1String(suffix));
        EXPECT_TRUE(plot.save(path)) << suffix;
        EXPECT_GT(QFileInfo(path).size(), 500) << suffix;
    }
    ScatterPlot scatter;
    const std::vector<float> values{1, 2, 3};
    scatter.setValues(values, values);
    EXPECT_TRUE(scatter.save(folder.filePath(QStringLiteral("scatter.csv"))));
    ChannelPlot channels;
    channels.setSeries({.ranges = {{-1, 1}, {-2, 0.5F}}});
    EXPECT_TRUE(channels.save(folder.filePath(QStringLiteral("channels.csv"))));
    EXPECT_FALSE(scatter.save(QStringLiteral("/nonexistent/x.csv")));
}

TEST(Plots, TwoOfChannelsMoveTogether)
{
    ChannelPlot first;
    ChannelPlot second;
    for (ChannelPlot* plot : {&first, &second})
        plot->setSeries({.ranges = std::vector<ChannelRange>(40, {-1, 1})});
    std::vector<std::pair<double, double>> seen;
    QObject::connect(&first, &ChannelPlot::moved, &second, &ChannelPlot::showChannels);
    QObject::connect(&second, &ChannelPlot::moved, &first, &ChannelPlot::showChannels);
    QObject::connect(&second, &ChannelPlot::moved, [&](double from, double to) { seen.emplace_back(from, to); });
    first.showChannels(3.5, 9.5);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen.front(), std::make_pair(3.5, 9.5));
    second.showChannels(3.5, 9.5);
    EXPECT_EQ(seen.size(), 1U) << "nothing moves that is there already";
}
