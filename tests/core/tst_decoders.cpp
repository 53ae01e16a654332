// Boxes of raw heads, each against numbers that were put in or a computation of this file's own.
#include "core/jobs/compare.h"
#include "core/jobs/samples.h"
#include "tests/support/networks.h"
#include "tests/support/shared_models.h"

#include <algorithm>

namespace qs {

namespace {

Result<std::vector<DetectedBox>> decode(const std::string& text, const std::vector<std::pair<std::string, Buffer>>& outputs, const Shape& input)
{
    QS_TRY(const DecoderSetting setting, decoderFromText(text));
    std::vector<HeadShape> shapes;
    std::vector<Buffer> values;
    for (const auto& [name, buffer] : outputs) {
        shapes.push_back({name, buffer.shape()});
        values.push_back(buffer);
    }
    QS_TRY(const BoxDecoder decoder, BoxDecoder::make(setting, shapes, input));
    return decoder.boxes(values);
}

Buffer filled(const Shape& shape, float value)
{
    Buffer buffer(DType::F32, shape);
    std::fill(buffer.floats().begin(), buffer.floats().end(), value);
    return buffer;
}

void expectBox(const DetectedBox& box, int label, double score, double x1, double y1, double x2, double y2)
{
    EXPECT_EQ(box.label, label);
    EXPECT_NEAR(box.score, score, 1e-5);
    EXPECT_NEAR(box.x1, x1, 1e-5);
    EXPECT_NEAR(box.y1, y1, 1e-5);
    EXPECT_NEAR(box.x2, x2, 1e-5);
    EXPECT_NEAR(box.y2, y2, 1e-5);
}

double inverseSigmoid(double value)
{
    return -std::log(1 / value - 1);
}

}  // namespace

TEST(Decoders, TextReadsAndWritesTheSame)
{
    for (const DecoderInfo& info : decoderTable()) {
        const auto setting = decoderFromText(info.name);
        QS_ASSERT_OK(setting);
        EXPECT_EQ(decoderText(*setting), info.name);
    }
    const std::string text = "ssd sizes=10,16x24/32 steps=8,16 variances=0.2,0.1 clip=0 score=0.3 most=9 boxes=loc scores=conf";
    const auto setting = decoderFromText(text);
    QS_ASSERT_OK(setting);
    EXPECT_EQ(decoderText(*setting), text);
    EXPECT_TRUE(setting->background);
    const std::pair<const char*, ErrorCode> wrong[] = {
        {"", ErrorCode::MissingValue},           {"ssdd", ErrorCode::UnknownKey},         {"ssd size=1", ErrorCode::UnknownKey},
        {"ssd sizes=a", ErrorCode::OutOfRange},  {"ssd steps=-1", ErrorCode::OutOfRange}, {"ssd variances=1", ErrorCode::OutOfRange},
        {"yolo score=2", ErrorCode::OutOfRange}, {"yolo most=0", ErrorCode::OutOfRange},  {"yolo activation=relu", ErrorCode::OutOfRange}};
    for (const auto& [bad, code] : wrong) {
        const auto read = decoderFromText(bad);
        ASSERT_FALSE(read.ok()) << bad;
        EXPECT_EQ(read.error().code, code) << bad;
    }
}

TEST(Decoders, SsdMovesAndScalesItsPriors)
{
    // One map of 2 x 2 cells of 16 pixels, two sizes a cell: 8 priors of an input of 32 x 32.
    Buffer boxes(DType::F32, {1, 8, 4});
    Buffer scores = filled({1, 8, 2}, 0);
    Buffer marks(DType::F32, {1, 8, 2});
    const size_t prior = 5;  // row 1, column 0, the second size: centre (8, 24), 12 x 6 pixels
    scores.floats()[prior * 2 + 1] = 0.9F;
    const float offsets[] = {1, -2, 0.5F, 1};
    std::copy_n(offsets, 4, boxes.floats().begin() + prior * 4);
    marks.floats()[prior * 2] = 2;
    const auto found = decode("ssd sizes=8,12x6 steps=16 landmarks=marks", {{"boxes", boxes}, {"scores", scores}, {"marks", marks}}, {1, 3, 32, 32});
    QS_ASSERT_OK(found);
    ASSERT_EQ(found->size(), 1U);
    const double x = 8 + 1 * 0.1 * 12, y = 24 - 2 * 0.1 * 6, w = 12 * std::exp(0.5 * 0.2), h = 6 * std::exp(0.2);
    expectBox(found->front(), 1, 0.9, (x - w / 2) / 32, (y - h / 2) / 32, (x + w / 2) / 32, (y + h / 2) / 32);
    ASSERT_EQ(found->front().landmarks.size(), 2U);
    EXPECT_NEAR(found->front().landmarks[0], (8 + 2 * 0.1 * 12) / 32, 1e-6);
    EXPECT_NEAR(found->front().landmarks[1], 24.0 / 32, 1e-6);
    const auto other = decode("ssd sizes=8 steps=16", {{"boxes", boxes}, {"scores", scores}}, {1, 3, 32, 32});
    ASSERT_FALSE(other.ok());
    EXPECT_EQ(other.error().code, ErrorCode::ShapeMismatch);
    EXPECT_NE(other.error().detail.find("4 priors"), std::string::npos) << other.error().detail;
}

TEST(Decoders, YoloReadsCellsAndAnchors)
{
    // Two anchors and two classes on 3 x 4 cells of 8 pixels.
    Buffer map = filled({1, 14, 3, 4}, -20);
    const auto put = [&](int64_t channel, int64_t y, int64_t x, double value) {
        map.floats()[static_cast<size_t>((channel * 3 + y) * 4 + x)] = static_cast<float>(value);
    };
    const int64_t first = 7;  // of the second anchor
    put(first, 2, 1, inverseSigmoid(0.25));
    put(first + 1, 2, 1, inverseSigmoid(0.5));
    put(first + 2, 2, 1, std::log(2));
    put(first + 3, 2, 1, 0);
    put(first + 4, 2, 1, inverseSigmoid(0.8));
    put(first + 6, 2, 1, inverseSigmoid(0.5));
    const auto found = decode("yolo sizes=4,6x10", {{"out", map}}, {1, 3, 24, 32});
    QS_ASSERT_OK(found);
    ASSERT_EQ(found->size(), 1U);
    expectBox(found->front(), 1, 0.4, (10.0 - 6) / 32, (20.0 - 5) / 24, (10.0 + 6) / 32, (20.0 + 5) / 24);
    const auto softmax = decode("yolo sizes=4,6x10 activation=softmax", {{"out", map}}, {1, 3, 24, 32});
    QS_ASSERT_OK(softmax);
    ASSERT_EQ(softmax->size(), 1U);
    EXPECT_NEAR(softmax->front().score, 0.8, 1e-5);
    EXPECT_FALSE(decode("yolo sizes=4", {{"out", filled({1, 5, 3, 4}, 0)}}, {1, 3, 24, 32}).ok()) << "no class";
}

TEST(Decoders, AnchorFreeHeadsReadTheirCells)
{
    const Shape input{1, 3, 32, 32};
    // points: 4 x 4 cells of 8 pixels, rows; cell (x 2, y 1).
    Buffer boxes(DType::F32, {1, 16, 4});
    Buffer scores(DType::F32, {1, 16, 1});
    Buffer sure(DType::F32, {1, 16, 1});
    Buffer marks(DType::F32, {1, 16, 2});
    const size_t cell = 6;
    const double numbers[] = {0.5, 0.25, std::log(2), std::log(3)};
    for (size_t i = 0; i < 4; ++i)
        boxes.floats()[cell * 4 + i] = static_cast<float>(numbers[i]);
    scores.floats()[cell] = 0.9F;
    sure.floats()[cell] = 0.4F;
    marks.floats()[cell * 2 + 1] = 1;
    const auto points = decode("points", {{"cls", scores}, {"obj", sure}, {"bbox", boxes}, {"kps", marks}}, input);
    QS_ASSERT_OK(points);
    ASSERT_EQ(points->size(), 1U);
    const double x = 2.5 * 8, y = 1.25 * 8;
    expectBox(points->front(), 0, 0.6, (x - 8) / 32, (y - 12) / 32, (x + 8) / 32, (y + 12) / 32);
    EXPECT_EQ(points->front().landmarks, (std::vector<float>{0.5F, 0.5F}));
    // distances: the same cell, as a map.
    Buffer sides(DType::F32, {1, 4, 4, 4});
    Buffer classes = filled({1, 3, 4, 4}, -20);
    for (size_t i = 0; i < 4; ++i)
        sides.floats()[i * 16 + cell] = static_cast<float>(i + 1) / 2;
    classes.floats()[2 * 16 + cell] = static_cast<float>(inverseSigmoid(0.7));
    const auto distances = decode("distances", {{"cls", classes}, {"bbox", sides}}, input);
    QS_ASSERT_OK(distances);
    ASSERT_EQ(distances->size(), 1U);
    expectBox(distances->front(), 2, 0.7, (20.0 - 4) / 32, (12.0 - 8) / 32, (20.0 + 12) / 32, (12.0 + 16) / 32);
    // centres: a peak and its slope.
    Buffer heat(DType::F32, {1, 2, 4, 4});
    heat.floats()[16 + cell] = 0.8F;
    heat.floats()[16 + cell + 1] = 0.7F;
    Buffer sizes = filled({1, 2, 4, 4}, 2);
    Buffer offsets = filled({1, 2, 4, 4}, 0.5F);
    const auto centres = decode("centres", {{"hm", heat}, {"wh", sizes}, {"offset", offsets}}, input);
    QS_ASSERT_OK(centres);
    ASSERT_EQ(centres->size(), 1U) << "a slope is no peak";
    expectBox(centres->front(), 1, 0.8, 1.5 / 4, 0.5 / 4, 3.5 / 4, 2.5 / 4);
}

TEST(Decoders, DecodedRowsAreTaken)
{
    const float corners[] = {0.1F, 0.2F, 0.3F, 0.4F, 0.1F, 0.2F, 0.3F, 0.41F};
    const float scores[] = {0.1F, 0.9F, 0.2F, 0.8F};
    const std::vector<std::pair<std::string, Buffer>> outputs{{"scores", Buffer::fromFloats({1, 2, 2}, scores)},
                                                              {"boxes", Buffer::fromFloats({1, 2, 4}, corners)}};
    const auto kept = decode("corners", outputs, {1, 3, 32, 32});
    QS_ASSERT_OK(kept);
    ASSERT_EQ(kept->size(), 1U) << "the second overlaps the first";
    expectBox(kept->front(), 1, 0.9, 0.1, 0.2, 0.3, 0.4);
    const auto both = decode("corners overlap=1", outputs, {1, 3, 32, 32});
    QS_ASSERT_OK(both);
    EXPECT_EQ(both->size(), 2U);
    const auto one = decode("corners overlap=1 most=1", outputs, {1, 3, 32, 32});
    QS_ASSERT_OK(one);
    EXPECT_EQ(one->size(), 1U);
    // Rows of pixels with an objectness; the same lying, without.
    const float row[] = {16, 8, 8, 4, 0.5F, 0.2F, 0.9F};
    const auto standing = decode("rows", {{"output", Buffer::fromFloats({1, 1, 7}, row)}}, {1, 3, 32, 32});
    EXPECT_FALSE(standing.ok()) << "more values than rows: it lies";
    std::vector<float> many;
    for (int i = 0; i < 8; ++i)
        many.insert(many.end(), std::begin(row), std::end(row));
    const auto upright = decode("rows", {{"output", Buffer::fromFloats({1, 8, 7}, many)}}, {1, 3, 32, 32});
    QS_ASSERT_OK(upright);
    ASSERT_EQ(upright->size(), 2U) << "one a class";
    expectBox(upright->front(), 1, 0.45, 12.0 / 32, 6.0 / 32, 20.0 / 32, 10.0 / 32);
    std::vector<float> lying(6 * 8, 0);
    const float column[] = {16, 8, 8, 4, 0.2F, 0.9F};
    for (size_t i = 0; i < 6; ++i)
        lying[i * 8 + 3] = column[i];
    const auto flat = decode("rows", {{"output", Buffer::fromFloats({1, 6, 8}, lying)}}, {1, 3, 32, 32});
    QS_ASSERT_OK(flat);
    ASSERT_EQ(flat->size(), 2U);
    expectBox(flat->front(), 1, 0.9, 12.0 / 32, 6.0 / 32, 20.0 / 32, 10.0 / 32);
}

TEST(Decoders, ProposalsFollowNamesAndShapes)
{
    const auto proposal = [](const std::vector<HeadShape>& outputs, const Shape& input) {
        const auto setting = proposedDecoder(outputs, input);
        return setting ? decoderText(*setting) : std::string();
    };
    const Shape picture{1, 3, 240, 320};
    EXPECT_EQ(proposal({{"boxes", {1, 4420, 4}}, {"scores", {1, 4420, 2}}}, picture), "ssd sizes=10,16,24/32,48/64,96/128,192,256 steps=8,16,32,64");
    EXPECT_EQ(proposal({{"scores", {1, 4420, 2}}, {"boxes", {1, 4420, 4}, true}}, picture), "corners");
    EXPECT_EQ(proposal({{"conv", {1, 18, 7, 7}}}, {1, 3, 56, 56}), "yolo sizes=9x14,12x17,22x21");
    EXPECT_EQ(proposal({{"cls_8", {1, 1600, 1}}, {"obj_8", {1, 1600, 1}}, {"bbox_8", {1, 1600, 4}}}, {1, 3, 320, 320}), "points");
    EXPECT_EQ(proposal({{"hm", {1, 80, 128, 128}}, {"wh", {1, 2, 128, 128}}, {"reg", {1, 2, 128, 128}}}, {1, 3, 512, 512}), "");
    EXPECT_EQ(proposal({{"hm", {1, 80, 128, 128}}, {"wh", {1, 2, 128, 128}}, {"offset", {1, 2, 128, 128}}}, {1, 3, 512, 512}), "centres");
    EXPECT_EQ(proposal({{"prob", {1, 1000}}}, picture), "");
    EXPECT_EQ(proposal({{"map", {1, 21, 240, 320}}}, picture), "");
    EXPECT_EQ(proposal({{"conv4-2", {1, 4, 1, 1}}, {"prob1", {1, 2, 1, 1}}}, {1, 3, 12, 12}), "");
}

// --- Real networks: all written again, in double, from what their papers and programs say -------------------------------------------------------

namespace {

struct Found {
    double score, x1, y1, x2, y2;
};

double areaOf(const Found& box)
{
    return std::max(0.0, box.x2 - box.x1) * std::max(0.0, box.y2 - box.y1);
}

double overlapOf(const Found& a, const Found& b)
{
    const Found both{0, std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2)};
    return areaOf(both) / (areaOf(a) + areaOf(b) - areaOf(both));
}

std::vector<Found> withoutDoubles(std::vector<Found> all)
{
    std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.score > b.score; });
    std::vector<Found> kept;
    for (const Found& box : all)
        if (std::all_of(kept.begin(), kept.end(), [&](const Found& other) { return overlapOf(box, other) <= 0.4; }))
            kept.push_back(box);
    kept.resize(std::min<size_t>(kept.size(), 200));
    return kept;
}

/// Ultraface's heads for 320 x 240: offsets of priors, or corners.
std::vector<Found> ultraface(std::span<const float> boxes, std::span<const float> scores, bool decoded)
{
    std::vector<Found> all;
    size_t at = 0;
    const std::vector<std::vector<double>> sizes{{10, 16, 24}, {32, 48}, {64, 96}, {128, 192, 256}};
    for (size_t map = 0; map < 4; ++map) {
        const double step = 8 << map;
        for (int y = 0; y < static_cast<int>(std::ceil(240 / step)); ++y)
            for (int x = 0; x < static_cast<int>(std::ceil(320 / step)); ++x)
                for (const double size : sizes[map]) {
                    const float* b = boxes.data() + 4 * at;
                    const double score = static_cast<double>(scores[2 * at + 1]);
                    ++at;
                    if (score < 0.05)
                        continue;
                    if (decoded) {
                        all.push_back({score, b[0], b[1], b[2], b[3]});
                        continue;
                    }
                    const double cx = std::min((x + 0.5) * step / 320, 1.0), cy = std::min((y + 0.5) * step / 240, 1.0);
                    const double w = std::min(size / 320, 1.0), h = std::min(size / 240, 1.0);
                    const double mx = cx + 0.1 * static_cast<double>(b[0]) * w, my = cy + 0.1 * static_cast<double>(b[1]) * h;
                    const double bw = w * std::exp(0.2 * static_cast<double>(b[2])), bh = h * std::exp(0.2 * static_cast<double>(b[3]));
                    all.push_back({score, mx - bw / 2, my - bh / 2, mx + bw / 2, my + bh / 2});
                }
    }
    EXPECT_EQ(at * 4, boxes.size());
    return withoutDoubles(std::move(all));
}

/// One class: found boxes of all pictures by score, each a hit where it is the first on the reference box that it overlaps most.
double averagePrecision(const std::vector<std::vector<Found>>& reference, const std::vector<std::vector<Found>>& found)
{
    size_t wanted = 0;
    std::vector<std::pair<double, bool>> ranked;
    for (size_t picture = 0; picture < found.size(); ++picture) {
        wanted += reference[picture].size();
        std::vector<char> taken(reference[picture].size());
        for (const Found& box : found[picture]) {
            double most = 0.5;
            int best = -1;
            for (size_t i = 0; i < taken.size(); ++i)
                if (const double shared = overlapOf(box, reference[picture][i]); !taken[i] && shared >= most) {
                    most = shared;
                    best = static_cast<int>(i);
                }
            ranked.emplace_back(box.score, best >= 0);
            if (best >= 0)
                taken[static_cast<size_t>(best)] = 1;
        }
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    double sum = 0;
    for (size_t i = 0; i < ranked.size(); ++i) {
        if (!ranked[i].second)
            continue;
        // The best precision at this recall or more.
        double best = 0;
        size_t hits = static_cast<size_t>(
            std::count_if(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(i), [](const auto& r) { return r.second; }));
        for (size_t j = i; j < ranked.size(); ++j) {
            hits += ranked[j].second;
            best = std::max(best, static_cast<double>(hits) / static_cast<double>(j + 1));
        }
        sum += best / static_cast<double>(wanted);
    }
    return sum;
}

}  // namespace

TEST(Decoders, UltrafaceEqualsASeparateComputation)
{
    QS_SHARED_MODELS(models);
    const struct {
        const char* model;
        const char* weights;
        bool decoded;
    } networks[] = {{"caffe-ultraface/RFB-320.prototxt", "caffe-ultraface/RFB-320.caffemodel", false},
                    {"onnx-ultraface/version-RFB-320.onnx", "", true}};
    std::vector<size_t> faces;
    for (const auto& network : networks) {
        const auto model = importModel({models / network.model, *network.weights ? models / network.weights : std::filesystem::path()});
        QS_ASSERT_OK(model);
        DataSpec spec;
        spec.path = models / "images-misc";
        spec.preprocess.color = ColorOrder::Rgb;
        spec.preprocess.mean = {127};
        spec.preprocess.scale = {1.0 / 128};
        const auto data = openDataSet(spec, (*model)->value((*model)->inputs().front()).shape);
        QS_ASSERT_OK(data);
        const auto prepared = prepareNetwork(*model, createQuantConfig(**model, (*data)->size()));
        QS_ASSERT_OK(prepared);
        const auto calibration = calibrate(test::engine(), **prepared, **data, {});
        QS_ASSERT_OK(calibration);
        const auto quantized = quantizeNetwork(**prepared, (*calibration)->record);
        QS_ASSERT_OK(quantized);
        const auto evaluation = evaluate(test::engine(), **prepared, **quantized, **data, {});
        QS_ASSERT_OK(evaluation);
        ASSERT_TRUE(evaluation->detection.valid);

        const size_t boxes = network.decoded ? 1 : 0;
        LayerRunner runner(test::engine(), (*prepared)->network);
        Evaluator evaluator(runner);
        std::vector<std::vector<Found>> sure, found;
        const auto reading = readingOf(*(*prepared)->network, {});
        QS_ASSERT_OK(reading);
        for (int i = 0; i < (*data)->size(); ++i) {
            Forward forward;
            auto inputs = inputTensors(*(*prepared)->network, **data, i, runner.pool());
            QS_ASSERT_OK(inputs);
            forward.inputs = *inputs;
            const auto floating = evaluator.run(forward, {});
            QS_ASSERT_OK(floating);
            forward.quantization = &(*quantized)->layers;
            const auto fake = evaluator.run(forward, {});
            QS_ASSERT_OK(fake);
            const auto decodedHere = [&](const std::vector<Tensor>& outputs) {
                const std::vector<Buffer> buffers = buffersFrom(outputs);
                return ultraface(buffers[boxes].floats(), buffers[1 - boxes].floats(), network.decoded);
            };
            const std::vector<Found> all = decodedHere(*floating);
            const auto theirs = boxesIn(*reading, buffersFrom(*floating));
            QS_ASSERT_OK(theirs);
            ASSERT_EQ(theirs->size(), all.size()) << (*data)->sampleName(i);
            for (size_t box = 0; box < all.size(); ++box)
                expectBox((*theirs)[box], 1, all[box].score, all[box].x1, all[box].y1, all[box].x2, all[box].y2);
            sure.emplace_back();
            std::copy_if(all.begin(), all.end(), std::back_inserter(sure.back()), [](const Found& box) { return box.score >= 0.5; });
            found.push_back(decodedHere(*fake));
        }
        faces.push_back(static_cast<size_t>(evaluation->detection.matched + evaluation->detection.missed));
        ASSERT_GT(faces.back(), 0U) << "no face is found at all";
        EXPECT_NEAR(evaluation->detection.meanAveragePrecision, averagePrecision(sure, found), 1e-9);
        RecordProperty(network.model, std::to_string(evaluation->detection.meanAveragePrecision));
    }
    EXPECT_EQ(faces[0], faces[1]) << "the same network twice";
}

}  // namespace qs
