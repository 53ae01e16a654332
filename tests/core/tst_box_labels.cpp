// Labels of boxes in three forms, and mAP against them beside a computation of this file's own.
#include "core/data/box_labels.h"

#include "core/jobs/compare.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

using data::readBoxLabels;

void expectPlace(const DetectedBox& box, int label, double x1, double y1, double x2, double y2)
{
    EXPECT_EQ(box.label, label);
    EXPECT_NEAR(box.x1, x1, 1e-6);
    EXPECT_NEAR(box.y1, y1, 1e-6);
    EXPECT_NEAR(box.x2, x2, 1e-6);
    EXPECT_NEAR(box.y2, y2, 1e-6);
}

const char* const coco =
    R"({"images": [{"id": 5, "file_name": "sub/a.jpg", "width": 200, "height": 100}, {"id": 6, "file_name": "b.jpg", "width": 10, "height": 10}],
 "categories": [{"id": 18, "name": "dog"}, {"id": 3, "name": "car"}],
 "annotations": [{"image_id": 5, "category_id": 18, "bbox": [20, 10, 40, 50], "iscrowd": 0},
                 {"image_id": 5, "category_id": 3, "bbox": [0, 0, 200, 100], "iscrowd": 1}]})";

const char* const voc = R"(<?xml version="1.0"?>
<!-- by hand -->
<annotation>
  <filename>a.jpg</filename>
  <size><width>200</width><height>100</height><depth>3</depth></size>
  <object><name>dog</name><difficult>0</difficult><bndbox><xmin>21</xmin><ymin>11</ymin><xmax>60</xmax><ymax>60</ymax></bndbox></object>
  <object><name>car</name><difficult>1</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>
  <object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>200</xmax><ymax>100</ymax></bndbox></object>
</annotation>
)";

}  // namespace

TEST(BoxLabels, Coco)
{
    const test::TemporaryFolder folder;
    const auto file = folder.write("labels.json", coco);
    EXPECT_TRUE(data::areBoxLabels(file));
    const auto boxes = readBoxLabels(file, {"b.jpg", "a.jpg", "c.jpg"});
    QS_ASSERT_OK(boxes);
    EXPECT_TRUE((*boxes)[0].labelled);
    EXPECT_TRUE((*boxes)[0].boxes.empty());
    ASSERT_EQ((*boxes)[1].boxes.size(), 1U) << "a crowd is none";
    expectPlace((*boxes)[1].boxes.front(), 1, 0.1, 0.1, 0.3, 0.6);
    EXPECT_FALSE((*boxes)[2].labelled);
}

TEST(BoxLabels, Voc)
{
    const test::TemporaryFolder folder;
    folder.write("a.xml", voc);
    EXPECT_TRUE(data::areBoxLabels(folder.path()));
    const auto boxes = readBoxLabels(folder.path(), {"a.jpg"});
    QS_ASSERT_OK(boxes);
    ASSERT_EQ(boxes->front().boxes.size(), 2U);
    expectPlace(boxes->front().boxes[0], 1, 0.1, 0.1, 0.3, 0.6);  // cat, dog: a difficult car gives no class
    expectPlace(boxes->front().boxes[1], 0, 0, 0, 1, 1);
    folder.write("classes.txt", "dog\ncar\ncat\n");
    const auto listed = readBoxLabels(folder.path(), {"a.png"});
    QS_ASSERT_OK(listed);
    EXPECT_EQ(listed->front().boxes[0].label, 0);
    EXPECT_EQ(listed->front().boxes[1].label, 2);
}

TEST(BoxLabels, Yolo)
{
    const test::TemporaryFolder folder;
    folder.write("a.txt", "1 0.2 0.35 0.2 0.5\r\n\n0 0.5 0.5 1 1\n");
    folder.write("b.txt", "");
    folder.write("classes.txt", "no boxes here\n");
    const auto boxes = readBoxLabels(folder.path(), {"a.jpg", "b.jpg", "c.jpg"});
    QS_ASSERT_OK(boxes);
    ASSERT_EQ((*boxes)[0].boxes.size(), 2U);
    expectPlace((*boxes)[0].boxes[0], 1, 0.1, 0.1, 0.3, 0.6);
    EXPECT_TRUE((*boxes)[1].labelled);
    EXPECT_FALSE((*boxes)[2].labelled);
}

TEST(BoxLabels, ErrorsNameFileAndLine)
{
    const struct {
        const char* name;
        std::string text;
        ErrorCode code;
        const char* where;
    } wrong[] = {
        {"a.txt", "0 0.5 0.5 1 1\n0 0.5 x 1 1\n", ErrorCode::ParseFailed, "a.txt:2"},
        {"a.txt", "0 0.5 0.5\n", ErrorCode::ParseFailed, "a.txt:1"},
        {"a.txt", "0.5 0.5 0.5 1 1\n", ErrorCode::ParseFailed, "a.txt:1"},
        {"a.txt", "0 50 50 10 10\n", ErrorCode::ParseFailed, "a.txt:1"},
        {"b.txt", "0 0.5 0.5 1 1\n", ErrorCode::LabelsMismatch, ""},
        {"a.xml", "<annotation>\n<size><width>4</width>\n</annotation>", ErrorCode::ParseFailed, "a.xml:3"},
        {"a.xml", "<annotation>\n\n<object/>", ErrorCode::ParseFailed, "a.xml:1"},
        {"a.xml", "<annotation>\n<size><width>4</width><height>x</height></size></annotation>", ErrorCode::ParseFailed, "a.xml:2"},
        {"a.xml", "", ErrorCode::ParseFailed, "a.xml:1"},
        {"a.xml", "<annotation><!-- ", ErrorCode::ParseFailed, "a.xml:1"},
        {"l.json", "{\n\"images\": [}", ErrorCode::ParseFailed, "l.json:2"},
        {"l.json", "{\"images\": []}", ErrorCode::ParseFailed, "l.json"},
    };
    for (const auto& [name, text, code, where] : wrong) {
        const test::TemporaryFolder folder;
        const auto file = folder.write(name, text);
        const auto boxes = readBoxLabels(file.extension() == ".json" ? file : folder.path(), {"a.jpg"});
        ASSERT_FALSE(boxes.ok()) << text;
        EXPECT_EQ(boxes.error().code, code) << text;
        EXPECT_NE(boxes.error().where.find(where), std::string::npos) << boxes.error().where << ": " << text;
        EXPECT_EQ(errorText(boxes.error()).find("There is no data"), std::string::npos);
    }
}

TEST(BoxLabels, StandWhereTheNetworkSeesThem)
{
    const test::TemporaryFolder folder;
    // 40 x 20, white.
    std::string bmp("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x28\0\0\0\x14\0\0\0\1\0\x18\0", 30);
    bmp.resize(54);
    bmp.resize(54 + 40 * 3 * 20, '\xff');
    folder.write("pictures/a.bmp", bmp);
    folder.write("labels/a.txt", "3 0.5 0.5 0.1 0.5\n3 0.05 0.5 0.1 0.5\n");
    DataSpec spec;
    spec.path = folder.path() / "pictures";
    spec.labels = folder.path() / "labels";
    const auto squeezed = openDataSet(spec, {1, 3, 10, 10});
    QS_ASSERT_OK(squeezed);
    ASSERT_TRUE((*squeezed)->boxes(0));
    ASSERT_EQ((*squeezed)->boxes(0)->size(), 2U);
    expectPlace((*squeezed)->boxes(0)->front(), 3, 0.45, 0.25, 0.55, 0.75);
    // Of 20 x 10 the centre of 10 x 10 is seen.
    spec.preprocess.resizeShort = 10;
    const auto cut = openDataSet(spec, {1, 3, 10, 10});
    QS_ASSERT_OK(cut);
    ASSERT_EQ((*cut)->boxes(0)->size(), 1U) << "the other lies outside";
    expectPlace((*cut)->boxes(0)->front(), 3, 0.4, 0.25, 0.6, 0.75);
}

namespace {

DetectedBox boxAt(int label, float score, float x, float width = 0.2F)
{
    return {label, score, x, 0, x + width, 1};
}

SampleFigures sampleOf(int index, SampleBoxes boxes)
{
    SampleFigures figures{.sample = index, .sums = {}, .vote = {}};
    figures.vote.boxes = std::make_shared<const SampleBoxes>(std::move(boxes));
    return figures;
}

/// COCO's way on one class of one-dimensional boxes: at each threshold every found box, by score, is a hit where it is the first on its best free
/// one.
double meanPrecision(const std::vector<SampleFigures>& samples, std::vector<DetectedBox> SampleBoxes::*which, double& at50)
{
    double mean = 0;
    for (int step = 0; step < 10; ++step) {
        std::vector<std::pair<float, bool>> ranked;
        size_t wanted = 0;
        for (const SampleFigures& sample : samples) {
            const auto& truth = *sample.vote.boxes->truth;
            wanted += truth.size();
            std::vector<char> taken(truth.size());
            std::vector<DetectedBox> found = (*sample.vote.boxes).*which;
            std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
            for (const DetectedBox& box : found) {
                double most = 0.5 + 0.05 * step;
                int best = -1;
                for (size_t i = 0; i < truth.size(); ++i) {
                    const double both = std::max(0.0F, std::min(box.x2, truth[i].x2) - std::max(box.x1, truth[i].x1));
                    const double shared = both / (static_cast<double>(box.x2) - box.x1 + truth[i].x2 - truth[i].x1 - both);
                    if (!taken[i] && shared >= most) {
                        most = shared;
                        best = static_cast<int>(i);
                    }
                }
                if (best >= 0)
                    taken[static_cast<size_t>(best)] = 1;
                ranked.emplace_back(box.score, best >= 0);
            }
        }
        std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        double area = 0;
        for (size_t i = 0; i < ranked.size(); ++i) {
            double best = 0;
            for (size_t j = i; j < ranked.size(); ++j) {
                const auto hits =
                    std::count_if(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(j) + 1, [](const auto& r) { return r.second; });
                best = std::max(best, static_cast<double>(hits) / static_cast<double>(j + 1));
            }
            area += ranked[i].second ? best / static_cast<double>(wanted) : 0;
        }
        if (step == 0)
            at50 = area;
        mean += area / 10;
    }
    return mean;
}

}  // namespace

TEST(BoxLabels, MeanAveragePrecisionEqualsASeparateComputation)
{
    std::mt19937 random(7);
    std::uniform_real_distribution<float> share(0, 1);
    std::vector<SampleFigures> samples;
    for (int i = 0; i < 12; ++i) {
        SampleBoxes boxes;
        boxes.truth.emplace();
        for (int k = 0; k < 3; ++k) {
            const float x = static_cast<float>(k) * 0.3F;
            boxes.truth->push_back(boxAt(1, 1, x));
            boxes.floating.push_back(boxAt(1, share(random), x + share(random) * 0.05F));
            boxes.quantized.push_back(boxAt(1, share(random), x + share(random) * 0.12F));
            if (share(random) < 0.3F)
                boxes.quantized.push_back(boxAt(1, share(random), share(random) * 0.8F));
        }
        samples.push_back(sampleOf(i, std::move(boxes)));
    }
    const OutputFigures figures = figuresOf(samples);
    ASSERT_TRUE(figures.detection.labelled);
    double at50 = 0;
    EXPECT_NEAR(figures.detection.floatLabelled.mean, meanPrecision(samples, &SampleBoxes::floating, at50), 1e-6);
    EXPECT_NEAR(figures.detection.floatLabelled.at50, at50, 1e-6);
    EXPECT_NEAR(figures.detection.quantizedLabelled.mean, meanPrecision(samples, &SampleBoxes::quantized, at50), 1e-6);
    EXPECT_NEAR(figures.detection.quantizedLabelled.at50, at50, 1e-6);
    EXPECT_LT(figures.detection.quantizedLabelled.mean, figures.detection.floatLabelled.mean);
    // Pictures without labels say nothing.
    SampleBoxes unlabelled;
    unlabelled.floating.push_back(boxAt(1, 0.99F, 0));
    samples.push_back(sampleOf(12, unlabelled));
    EXPECT_EQ(figuresOf(samples).detection.floatLabelled, figures.detection.floatLabelled);
}

}  // namespace qs
