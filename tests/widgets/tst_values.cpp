// Pictures of values: the pixel under the mouse, the grid's order, and what is saved of them.
#include "core/data/npy.h"
#include "widgets/common/theme.h"
#include "widgets/values/channel_grid.h"
#include "widgets/values/class_map_view.h"
#include "widgets/values/detection_view.h"
#include "widgets/values/value_box.h"

#include <gtest/gtest.h>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

using namespace qs;

namespace {

/// Channel c has the values c * 100 + 10 * row + column.
Buffer numbered(int channels, int rows, int columns)
{
    Buffer tensor(DType::F32, {1, channels, rows, columns});
    size_t i = 0;
    for (int c = 0; c < channels; ++c)
        for (int y = 0; y < rows; ++y)
            for (int x = 0; x < columns; ++x)
                tensor.floats()[i++] = static_cast<float>(c * 100 + y * 10 + x);
    return tensor;
}

}  // namespace

TEST(ValueBox, FindsThePixelUnderTheMouse)
{
    ValueBox box(QStringLiteral("float"), QStringLiteral("float"));
    box.resize(240, 200);
    box.setValues({.tensor = numbered(3, 4, 8), .channel = 1, .low = 100, .high = 137});
    box.show();
    QSignalSpy hovered(&box, &ValueBox::hovered);
    const QRect place = box.place();
    ASSERT_FALSE(place.isEmpty());
    EXPECT_EQ(box.image().size(), QSize(8, 4));
    EXPECT_EQ(box.pixelAt(place.topLeft()), QPoint(0, 0));
    EXPECT_EQ(box.pixelAt(place.bottomRight()), QPoint(7, 3));
    EXPECT_EQ(box.pixelAt(QPointF(place.center())), QPoint(3, 1));
    EXPECT_EQ(box.pixelAt(QPointF(place.left() - 5, place.top())), std::nullopt);
    QTest::mouseMove(&box, place.bottomRight());
    ASSERT_FALSE(hovered.isEmpty());
    EXPECT_EQ(hovered.back().front().toPoint(), QPoint(7, 3));
    // Beside the picture, and in one without values, there is none.
    QTest::mouseMove(&box, QPoint(1, 1));
    EXPECT_EQ(hovered.back().front().toPoint(), QPoint(-1, -1));
    box.grab();
    box.clear();
    EXPECT_EQ(box.pixelAt(QPointF(100, 100)), std::nullopt);
    box.grab();
}

TEST(ValueBox, SavesThePictureAndAllValues)
{
    ValueBox box(QStringLiteral("float"), QStringLiteral("float"));
    const Buffer tensor = numbered(3, 4, 8);
    box.setValues({.tensor = tensor, .channel = 2, .low = 0, .high = 300});
    const QTemporaryDir folder;
    const QString picture = folder.filePath(QStringLiteral("c.png"));
    ASSERT_TRUE(box.save(picture));
    EXPECT_EQ(QImage(picture).size(), QSize(8, 4));
    ASSERT_TRUE(box.save(folder.filePath(QStringLiteral("c.npy"))));
    const auto read = readNpy(folder.filePath(QStringLiteral("c.npy")).toStdString());
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->shape(), tensor.shape());
    EXPECT_EQ(read->floats().back(), tensor.floats().back());
    EXPECT_FALSE(box.save(folder.filePath(QStringLiteral("no/such/folder.png"))));
}

TEST(ChannelGrid, ShowsTheWorstFirstAndIsWalked)
{
    ChannelGrid grid;
    grid.resize(220, 160);
    grid.show();
    grid.setChannels(numbered(6, 4, 4), {0.1, 0.4, 0.05, 0.3, 0, 0.15}, 0, 600, false);
    EXPECT_EQ(grid.order(), (std::vector<int>{1, 3, 5, 0, 2, 4}));
    grid.setSorted(false);
    EXPECT_EQ(grid.order().front(), 0);
    grid.setSorted(true);
    QSignalSpy chosen(&grid, &ChannelGrid::chosen);
    QTest::mouseClick(grid.viewport(), Qt::LeftButton, {}, QPoint(20, 20));
    ASSERT_EQ(chosen.size(), 1);
    EXPECT_EQ(chosen.back().front().toInt(), 1);
    QTest::keyClick(&grid, Qt::Key_Right);
    EXPECT_EQ(chosen.back().front().toInt(), 3);
    QTest::keyClick(&grid, Qt::Key_End);
    EXPECT_EQ(grid.current(), 4);
    QTest::keyClick(&grid, Qt::Key_Right);
    EXPECT_EQ(grid.current(), 4) << "there is no further one";
    // A setter is no intent.
    chosen.clear();
    grid.setCurrent(2);
    EXPECT_TRUE(chosen.isEmpty());
    const int small = grid.cellSize();
    grid.setCellSize(1000);
    EXPECT_GT(grid.cellSize(), small);
    grid.grab();
    grid.clear();
    EXPECT_EQ(grid.channelAt(QPoint(20, 20)), -1);
    grid.grab();
}

TEST(DetectionView, PairsFloatAndQuantizedFromTheThresholdOn)
{
    QSettings().clear();
    DetectionView view;
    view.resize(600, 240);
    view.show();
    QImage picture(64, 48, QImage::Format_RGB32);
    picture.fill(Qt::gray);
    view.setPicture(picture);
    const DetectedBox cat{1, 0.9F, 0.1F, 0.1F, 0.5F, 0.5F};
    const DetectedBox dog{2, 0.8F, 0.5F, 0.5F, 0.9F, 0.9F};
    const DetectedBox shifted{1, 0.7F, 0.12F, 0.1F, 0.5F, 0.5F};
    const DetectedBox weak{2, 0.3F, 0.5F, 0.5F, 0.9F, 0.9F};
    view.setBoxes({cat, dog}, {shifted, weak}, {"background", "cat"});
    auto* table = view.findChild<QTableWidget*>(QStringLiteral("boxTable"));
    ASSERT_EQ(table->rowCount(), 2);
    EXPECT_EQ(table->item(0, 0)->text(), QStringLiteral("1  cat"));
    EXPECT_NEAR(table->item(0, 3)->data(Qt::UserRole).toDouble(), boxOverlap(cat, shifted), 1e-9);
    EXPECT_EQ(table->item(1, 2)->text(), QStringLiteral("none"));
    EXPECT_EQ(view.matches().missed.size(), 1U);
    // Both stand on the picture, in two colours.
    const QImage drawn = view.grab().toImage();
    int floats = 0;
    int quantizeds = 0;
    for (int y = 0; y < drawn.height(); ++y)
        for (int x = 0; x < drawn.width(); ++x) {
            floats += drawn.pixelColor(x, y) == theme().accent;
            quantizeds += drawn.pixelColor(x, y) == categoryColor(1);
        }
    EXPECT_GT(floats, 100);
    EXPECT_GT(quantizeds, 50);
    // Further down the quantized network does find it.
    view.findChild<QDoubleSpinBox*>()->setValue(0.2);
    EXPECT_TRUE(view.matches().missed.empty());
    EXPECT_EQ(view.matches().matched.size(), 2U);
    view.grab();
    view.setBoxes({}, {}, {});
    EXPECT_EQ(table->rowCount(), 0);
    view.grab();
}

TEST(ClassMapView, ShowsBothMapsAndWhereTheyDiffer)
{
    // Two classes on 2 x 4 pixels: the quantized map has one pixel of class 1 more.
    const float floating[] = {1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1};
    const float quantized[] = {1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1};
    ClassMapView view;
    view.resize(1000, 300);
    view.setScores(Buffer::fromFloats({1, 2, 2, 4}, floating), Buffer::fromFloats({1, 2, 2, 4}, quantized), {"road", "sky"});
    const auto* table = view.findChild<QTableWidget*>(QStringLiteral("classTable"));
    ASSERT_EQ(table->rowCount(), 2);
    EXPECT_EQ(table->item(1, 0)->text(), QStringLiteral("1  sky"));
    EXPECT_EQ(table->item(1, 1)->data(Qt::UserRole).toInt(), 4);
    EXPECT_EQ(table->item(1, 2)->data(Qt::UserRole).toInt(), 5);
    EXPECT_NEAR(table->item(1, 3)->data(Qt::UserRole).toDouble(), 4.0 / 5, 1e-9);
    EXPECT_TRUE(view.findChild<QLabel*>(QStringLiteral("classMapSummary"))->text().startsWith(QStringLiteral("87.5")));
    const QImage drawn = view.grab().toImage();
    int first = 0, second = 0, other = 0;
    for (int y = 0; y < drawn.height(); ++y)
        for (int x = 0; x < drawn.width(); ++x) {
            first += drawn.pixelColor(x, y) == categoryColor(0);
            second += drawn.pixelColor(x, y) == categoryColor(1);
            other += drawn.pixelColor(x, y) == theme().warning;
        }
    EXPECT_GT(first, 1000);
    EXPECT_GT(second, 1000);
    EXPECT_GT(other, 200);
    // Nothing is shown of what is no map.
    view.setScores({}, {}, {});
    EXPECT_EQ(table->rowCount(), 0);
}
