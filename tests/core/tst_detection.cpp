// Boxes against values worked out by hand.
#include "core/data/codec.h"
#include "core/stats/detection.h"
#include "tests/support/networks.h"

#include <limits>

namespace qs {

namespace {

DetectedBox box(float x1, float y1, float x2, float y2, float score = 1, int label = 1)
{
    return {label, score, x1, y1, x2, y2};
}

}  // namespace

TEST(Detection, RowsOfDetectionOutput)
{
    const std::vector<float> rows{0, 1, 0.9F, 0.1F, 0.2F, 0.3F, 0.4F, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0};
    const auto boxes = detectedBoxes(Buffer::fromFloats({1, 1, 3, 7}, rows));
    QS_ASSERT_OK(boxes);
    ASSERT_EQ(boxes->size(), 1U);
    EXPECT_EQ(boxes->front(), box(0.1F, 0.2F, 0.3F, 0.4F, 0.9F));
    EXPECT_EQ(detectedBoxes(Buffer::fromFloats({1, 6}, std::vector<float>(6))).error().code, ErrorCode::ShapeMismatch);
    std::vector<float> nan = rows;
    nan[4] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(detectedBoxes(Buffer::fromFloats({3, 7}, nan)).error().code, ErrorCode::InvalidNumber);
}

TEST(Detection, Overlap)
{
    EXPECT_DOUBLE_EQ(boxOverlap(box(0, 0, 2, 2), box(0, 0, 2, 2)), 1);
    EXPECT_DOUBLE_EQ(boxOverlap(box(0, 0, 2, 2), box(1, 1, 3, 3)), 1.0 / 7);
    EXPECT_DOUBLE_EQ(boxOverlap(box(0, 0, 1, 1), box(2, 2, 3, 3)), 0);
    EXPECT_DOUBLE_EQ(boxOverlap(box(1, 1, 1, 1), box(1, 1, 1, 1)), 0);
    EXPECT_DOUBLE_EQ(boxOverlap(box(2, 2, 0, 0), box(0, 0, 2, 2)), 0);
}

TEST(Detection, MatchesByScoreThenOverlap)
{
    const std::vector<DetectedBox> reference{box(0, 0, 10, 10), box(20, 0, 30, 10), box(40, 0, 50, 10, 1, 2)};
    // The better score takes the first box, so the nearer one comes too late; a box of another label matches nothing.
    const std::vector<DetectedBox> found{box(0, 0, 10, 10, 0.5F), box(0, 0, 10, 9, 0.9F), box(20, 0, 30, 10, 0.4F, 2)};
    const BoxMatches matches = matchBoxes(reference, found);
    EXPECT_EQ(matches.matched, (std::vector<std::pair<size_t, size_t>>{{0, 1}}));
    EXPECT_EQ(matches.missed, (std::vector<size_t>{1, 2}));
    EXPECT_EQ(matches.extra, (std::vector<size_t>{0, 2}));
    // Exactly half is enough.
    EXPECT_EQ(matchBoxes(std::vector{box(0, 0, 2, 1)}, std::vector{box(0, 0, 1, 1)}).matched.size(), 1U);
}

TEST(Detection, AveragePrecision)
{
    // Two pictures, three references of label 1. By score: right 0.9, wrong 0.8, right 0.7, wrong 0.6; one is never found.
    // Precisions at the right ones: 1 and 2/3; AP = (1 + 2/3) / 3 = 5/9.
    DetectionScore score;
    score.add(std::vector{box(0, 0, 1, 1), box(2, 0, 3, 1)}, std::vector{box(0, 0, 1, 1, 0.9F), box(5, 5, 6, 6, 0.8F)});
    score.add(std::vector{box(0, 0, 1, 1)}, std::vector{box(0, 0, 1, 1, 0.7F), box(0, 0, 1, 1, 0.6F)});
    EXPECT_NEAR(score.averagePrecision(1), 5.0 / 9, 1e-12);
    EXPECT_NEAR(score.meanAveragePrecision(), 5.0 / 9, 1e-12);
    // Label 2: wrong 0.9, then right 0.8 and 0.7: precisions 1/2 and 2/3, made falling 2/3 and 2/3; AP = 2/3.
    score.add(std::vector{box(0, 0, 1, 1, 1, 2), box(2, 0, 3, 1, 1, 2)},
              std::vector{box(7, 7, 8, 8, 0.9F, 2), box(0, 0, 1, 1, 0.8F, 2), box(2, 0, 3, 1, 0.7F, 2)});
    EXPECT_NEAR(score.averagePrecision(2), 2.0 / 3, 1e-12);
    EXPECT_NEAR(score.meanAveragePrecision(), (5.0 / 9 + 2.0 / 3) / 2, 1e-12);
    EXPECT_EQ(score.averagePrecision(3), 0);
    EXPECT_EQ(DetectionScore().meanAveragePrecision(), 1);
    DetectionScore onlyWrong;
    onlyWrong.add({}, std::vector{box(0, 0, 1, 1)});
    EXPECT_EQ(onlyWrong.meanAveragePrecision(), 0);
}

TEST(Detection, BoxesAreDrawnAndWritten)
{
    const auto codec = pictureCodec();
    QS_ASSERT_OK(codec);
    const Buffer black(DType::U8, {40, 60, 3});
    const std::vector<PictureBox> boxes{{10, 5, 50, 30, {255, 128, 0}, "int8", false}, {-1e9F, -5, 1e9F, 1e9F, {1, 2, 3}, {}, true}};
    const Buffer drawn = (*codec)->drawBoxes(black, std::span(boxes).first(1));
    EXPECT_EQ(black.as<uint8_t>()[3 * (5 * 60 + 30)], 0);  // the picture given is not touched
    EXPECT_EQ(drawn.as<uint8_t>()[3 * (30 * 60 + 30)], 255);
    EXPECT_EQ(drawn.as<uint8_t>()[3 * (30 * 60 + 30) + 1], 128);
    EXPECT_EQ(drawn.as<uint8_t>()[3 * (20 * 60 + 30)], 0);
    const auto png = (*codec)->encodePng((*codec)->drawBoxes(drawn, boxes));
    QS_ASSERT_OK(png);
    const auto again = (*codec)->decode(*png);
    QS_ASSERT_OK(again);
    EXPECT_EQ(again->shape(), black.shape());
}

}  // namespace qs
