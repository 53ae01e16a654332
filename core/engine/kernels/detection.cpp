// SSD's layers, as public Caffe's SSD fork computes them.
#include "core/engine/kernels/kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace qs::kernels {

KernelResult priorBox(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const std::vector<double> minimums = attributes.reals("minSizes");
    const std::vector<double> maximums = attributes.reals("maxSizes");
    const std::vector<double> ratios = attributes.reals("aspectRatios", {1});
    const std::vector<double> variance = attributes.reals("variance", {0.1});
    const std::vector<int64_t> imageSize = attributes.integers("imageSize", {0, 0});
    const std::vector<double> step = attributes.reals("step", {0, 0});
    const bool clip = attributes.flag("clip", false);
    const auto offset = static_cast<float>(attributes.real("offset", 0.5));
    const int64_t layerHeight = work.input(0)[2];
    const int64_t layerWidth = work.input(0)[3];
    const auto imageHeight = static_cast<float>(imageSize[0] != 0 ? imageSize[0] : work.input(1)[2]);
    const auto imageWidth = static_cast<float>(imageSize[1] != 0 ? imageSize[1] : work.input(1)[3]);
    const float stepHeight = step[0] != 0 ? static_cast<float>(step[0]) : imageHeight / static_cast<float>(layerHeight);
    const float stepWidth = step[1] != 0 ? static_cast<float>(step[1]) : imageWidth / static_cast<float>(layerWidth);

    std::vector<float> boxes;
    for (int64_t y = 0; y < layerHeight; ++y)
        for (int64_t x = 0; x < layerWidth; ++x) {
            const float centreX = (static_cast<float>(x) + offset) * stepWidth;
            const float centreY = (static_cast<float>(y) + offset) * stepHeight;
            const auto add = [&](float width, float height) {
                boxes.push_back((centreX - width / 2) / imageWidth);
                boxes.push_back((centreY - height / 2) / imageHeight);
                boxes.push_back((centreX + width / 2) / imageWidth);
                boxes.push_back((centreY + height / 2) / imageHeight);
            };
            for (size_t s = 0; s < minimums.size(); ++s) {
                // The fork's sizes are integers: a fraction is cut off.
                const auto minimum = static_cast<float>(std::trunc(minimums[s]));
                add(minimum, minimum);
                if (!maximums.empty()) {
                    const float side = std::sqrt(minimum * static_cast<float>(std::trunc(maximums[s])));
                    add(side, side);
                }
                for (const double ratio : ratios)
                    if (std::fabs(ratio - 1) >= 1e-6) {
                        const auto root = static_cast<float>(std::sqrt(ratio));
                        add(minimum * root, minimum / root);
                    }
            }
        }
    if (clip)
        for (float& value : boxes)
            value = std::clamp(value, 0.0F, 1.0F);
    const size_t count = boxes.size();
    for (size_t i = 0; i < count; ++i)
        boxes.push_back(static_cast<float>(variance[variance.size() == 1 ? 0 : i % 4]));
    return plainKernel(work, [boxes = std::move(boxes)](Inputs, Outputs outputs) -> Result<void> {
        std::memcpy(outputs[0].data(), boxes.data(), boxes.size() * sizeof(float));
        return {};
    });
}

namespace {

struct Box {
    float left = 0, top = 0, right = 0, bottom = 0;
    float area() const { return right < left || bottom < top ? 0 : (right - left) * (bottom - top); }
};

float overlap(const Box& a, const Box& b)
{
    const Box both{std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right), std::min(a.bottom, b.bottom)};
    if (both.right < both.left || both.bottom < both.top)
        return 0;
    const float shared = both.area();
    return shared / (a.area() + b.area() - shared);
}

struct Options {
    int64_t classes, background, topK, keepTopK;
    float nmsThreshold, confidenceThreshold, eta;
    bool varianceInTarget;
    std::string code;
};

Box decode(const float* location, const float* prior, const float* variance, const Options& options)
{
    const auto scaled = [&](int i) { return options.varianceInTarget ? location[i] : variance[i] * location[i]; };
    const float width = prior[2] - prior[0];
    const float height = prior[3] - prior[1];
    if (options.code == "center_size") {
        const float centreX = scaled(0) * width + (prior[0] + prior[2]) / 2;
        const float centreY = scaled(1) * height + (prior[1] + prior[3]) / 2;
        const float boxWidth = std::exp(scaled(2)) * width;
        const float boxHeight = std::exp(scaled(3)) * height;
        return {centreX - boxWidth / 2, centreY - boxHeight / 2, centreX + boxWidth / 2, centreY + boxHeight / 2};
    }
    const bool sized = options.code == "corner_size";
    const float w = sized ? width : 1;
    const float h = sized ? height : 1;
    return {prior[0] + scaled(0) * w, prior[1] + scaled(1) * h, prior[2] + scaled(2) * w, prior[3] + scaled(3) * h};
}

struct Detection {
    float confidence = 0;
    int64_t label = 0;
    int64_t prior = 0;
};

/// Greedy suppression of one class's boxes, best first.
std::vector<Detection> suppress(std::vector<Detection> candidates, const std::vector<Box>& boxes, const Options& options)
{
    std::stable_sort(candidates.begin(), candidates.end(), [](const Detection& a, const Detection& b) { return a.confidence > b.confidence; });
    if (options.topK >= 0 && static_cast<int64_t>(candidates.size()) > options.topK)
        candidates.resize(static_cast<size_t>(options.topK));
    std::vector<Detection> kept;
    float threshold = options.nmsThreshold;
    for (const Detection& candidate : candidates) {
        const Box& box = boxes[static_cast<size_t>(candidate.prior)];
        const bool keep = std::all_of(kept.begin(), kept.end(),
                                      [&](const Detection& other) { return overlap(box, boxes[static_cast<size_t>(other.prior)]) <= threshold; });
        if (!keep)
            continue;
        kept.push_back(candidate);
        if (options.eta < 1 && threshold > 0.5F)
            threshold *= options.eta;
    }
    return kept;
}

}  // namespace

KernelResult detectionOutput(const Work& work)
{
    const Attributes& attributes = work.attributes();
    if (!attributes.flag("shareLocation", true))
        return Error{ErrorCode::NotSupported, "share_location: false", {}};
    const Options options{.classes = attributes.integer("classes", 0),
                          .background = attributes.integer("backgroundLabel", 0),
                          .topK = attributes.integer("nmsTopK", -1),
                          .keepTopK = attributes.integer("keepTopK", -1),
                          .nmsThreshold = static_cast<float>(attributes.real("nmsThreshold", 0.3)),
                          .confidenceThreshold = static_cast<float>(attributes.real("confidenceThreshold", 0)),
                          .eta = static_cast<float>(attributes.real("eta", 1)),
                          .varianceInTarget = attributes.flag("varianceInTarget", false),
                          .code = attributes.text("codeType", "corner")};
    const int64_t priors = work.input(2)[2] / 4;
    const int64_t pictures = work.input(0)[0];
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        std::fill_n(outputs[0].data(), outputs[0].count(), 0.0F);
        float* row = outputs[0].data();
        for (int64_t picture = 0; picture < pictures; ++picture) {
            std::vector<Box> boxes;
            for (int64_t prior = 0; prior < priors; ++prior)
                boxes.push_back(decode(inputs[0].data() + (picture * priors + prior) * 4, inputs[2].data() + prior * 4,
                                       inputs[2].data() + (priors + prior) * 4, options));
            const float* confidences = inputs[1].data() + picture * priors * options.classes;
            std::vector<Detection> kept;
            for (int64_t label = 0; label < options.classes; ++label) {
                if (label == options.background)
                    continue;
                std::vector<Detection> candidates;
                for (int64_t prior = 0; prior < priors; ++prior)
                    if (const float confidence = confidences[prior * options.classes + label]; confidence > options.confidenceThreshold)
                        candidates.push_back({confidence, label, prior});
                for (const Detection& detection : suppress(std::move(candidates), boxes, options))
                    kept.push_back(detection);
            }
            if (options.keepTopK >= 0 && static_cast<int64_t>(kept.size()) > options.keepTopK) {
                std::stable_sort(kept.begin(), kept.end(), [](const Detection& a, const Detection& b) { return a.confidence > b.confidence; });
                kept.resize(static_cast<size_t>(options.keepTopK));
                std::stable_sort(kept.begin(), kept.end(), [](const Detection& a, const Detection& b) { return a.label < b.label; });
            }
            for (const Detection& detection : kept) {
                const Box& box = boxes[static_cast<size_t>(detection.prior)];
                const float values[7] = {
                    static_cast<float>(picture), static_cast<float>(detection.label), detection.confidence, box.left, box.top, box.right, box.bottom};
                row = std::copy(std::begin(values), std::end(values), row);
            }
        }
        // Nothing found: Caffe's SSD gives a row for each picture, of the picture's number and -1.
        if (row == outputs[0].data())
            for (int64_t picture = 0; picture < std::min(pictures, outputs[0].count() / 7); ++picture) {
                *row = static_cast<float>(picture);
                std::fill_n(row + 1, 6, -1.0F);
                row += 7;
            }
        return {};
    });
}

namespace {

double overlap(const float* a, const float* b)
{
    const auto area = [](const float* box) {
        return std::max(0.0, static_cast<double>(box[2]) - static_cast<double>(box[0])) *
               std::max(0.0, static_cast<double>(box[3]) - static_cast<double>(box[1]));
    };
    const float shared[] = {std::max(a[0], b[0]), std::max(a[1], b[1]), std::min(a[2], b[2]), std::min(a[3], b[3])};
    const double both = area(shared);
    return both <= 0 ? 0 : both / (area(a) + area(b) - both);
}

}  // namespace

KernelResult nms(const Work& work)
{
    const double threshold = work.attributes().real("nmsThreshold", 0.5);
    const auto least = static_cast<float>(work.attributes().real("scoreThreshold", 0));
    const int64_t keep = work.attributes().integer("keepTopK", 100);
    const int64_t count = work.input(0)[1];
    const int64_t classes = work.input(1)[1];
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        struct Found {
            float score;
            int64_t label, box;
        };
        for (int64_t n = 0; n < inputs[0].shape()[0]; ++n) {
            const float* boxes = inputs[0].data() + n * count * 4;
            std::vector<Found> all;
            for (int64_t c = 0; c < classes; ++c) {
                const float* scores = inputs[1].data() + (n * classes + c) * count;
                std::vector<int64_t> order;
                for (int64_t i = 0; i < count; ++i)
                    if (scores[i] > least)
                        order.push_back(i);
                std::stable_sort(order.begin(), order.end(), [scores](int64_t a, int64_t b) { return scores[a] > scores[b]; });
                std::vector<int64_t> kept;
                for (const int64_t i : order)
                    if (std::none_of(kept.begin(), kept.end(), [&](int64_t k) { return overlap(boxes + i * 4, boxes + k * 4) > threshold; }))
                        kept.push_back(i);
                for (const int64_t i : kept)
                    all.push_back({scores[i], c, i});
            }
            std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.score > b.score; });
            float* out = outputs[0].data() + n * keep * 7;
            std::fill(out, out + keep * 7, 0.0F);
            for (int64_t i = 0; i < keep; ++i, out += 7) {
                out[0] = -1;
                if (i >= static_cast<int64_t>(all.size()))
                    continue;
                const Found& found = all[static_cast<size_t>(i)];
                out[0] = static_cast<float>(n);
                out[1] = static_cast<float>(found.label);
                out[2] = found.score;
                std::copy_n(boxes + found.box * 4, 4, out + 3);
            }
        }
        return {};
    });
}

namespace {

struct Region {
    float left, top, right, bottom, score;

    float width() const { return right - left + 1; }
    float height() const { return bottom - top + 1; }
};

/// Of one place, around (0, 0): ratio by ratio, each with all scales (generate_anchors.py, which rounds halves to even).
std::vector<Region> anchorsOf(double base, const std::vector<double>& ratios, const std::vector<double>& scales)
{
    std::vector<Region> anchors;
    const double centre = (base - 1) / 2;
    for (const double ratio : ratios) {
        const double width = std::nearbyint(std::sqrt(base * base / ratio));
        const double height = std::nearbyint(width * ratio);
        for (const double scale : scales) {
            const double x = (width * scale - 1) / 2;
            const double y = (height * scale - 1) / 2;
            anchors.push_back(
                {static_cast<float>(centre - x), static_cast<float>(centre - y), static_cast<float>(centre + x), static_cast<float>(centre + y), 0});
        }
    }
    return anchors;
}

/// `delta`: shift of the centre in sizes of the anchor, logarithm of the size's factor.
Region moved(const Region& anchor, const float (&delta)[4], float score)
{
    const float x = anchor.left + 0.5F * anchor.width() + delta[0] * anchor.width();
    const float y = anchor.top + 0.5F * anchor.height() + delta[1] * anchor.height();
    const float width = std::exp(delta[2]) * anchor.width();
    const float height = std::exp(delta[3]) * anchor.height();
    return {x - 0.5F * width, y - 0.5F * height, x + 0.5F * width, y + 0.5F * height, score};
}

bool overlapMore(const Region& a, const Region& b, float threshold)
{
    const float width = std::max(0.0F, std::min(a.right, b.right) - std::max(a.left, b.left) + 1);
    const float height = std::max(0.0F, std::min(a.bottom, b.bottom) - std::max(a.top, b.top) + 1);
    const float both = width * height;
    return both / (a.width() * a.height() + b.width() * b.height() - both) > threshold;
}

}  // namespace

KernelResult proposal(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const auto stride = static_cast<float>(attributes.real("featStride", 16));
    const auto least = static_cast<float>(attributes.real("minSize", 16));
    const auto threshold = static_cast<float>(attributes.real("nmsThreshold", 0.7));
    const int64_t before = attributes.integer("preTopK", 6000);
    const int64_t keep = attributes.integer("keepTopK", 300);
    const std::vector<Region> anchors =
        anchorsOf(attributes.real("baseSize", 16), attributes.reals("ratios", {0.5, 1, 2}), attributes.reals("scales", {8, 16, 32}));
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const Shape& shape = inputs[0].shape();
        const auto count = static_cast<int64_t>(anchors.size());
        const int64_t plane = shape[2] * shape[3];
        int64_t rows = 0;
        for (int64_t n = 0; n < shape[0]; ++n) {
            const int64_t informations = inputs[2].shape()[0];
            const float* information = inputs[2].data() + (informations > 1 ? n : 0) * (inputs[2].count() / informations);
            std::vector<Region> regions;
            for (int64_t place = 0; place < plane; ++place)
                for (int64_t a = 0; a < count; ++a) {
                    Region anchor = anchors[static_cast<size_t>(a)];
                    const float x = static_cast<float>(place % shape[3]) * stride;
                    const float y = static_cast<float>(place / shape[3]) * stride;
                    anchor = {anchor.left + x, anchor.top + y, anchor.right + x, anchor.bottom + y, 0};
                    float delta[4];
                    for (int64_t i = 0; i < 4; ++i)
                        delta[i] = inputs[1].data()[((n * count + a) * 4 + i) * plane + place];
                    Region region = moved(anchor, delta, inputs[0].data()[((n * 2 + 1) * count + a) * plane + place]);
                    region.left = std::clamp(region.left, 0.0F, std::max(0.0F, information[1] - 1));
                    region.right = std::clamp(region.right, 0.0F, std::max(0.0F, information[1] - 1));
                    region.top = std::clamp(region.top, 0.0F, std::max(0.0F, information[0] - 1));
                    region.bottom = std::clamp(region.bottom, 0.0F, std::max(0.0F, information[0] - 1));
                    if (region.width() >= least * information[2] && region.height() >= least * information[2] && !std::isnan(region.score))
                        regions.push_back(region);
                }
            std::stable_sort(regions.begin(), regions.end(), [](const Region& a, const Region& b) { return a.score > b.score; });
            if (before > 0 && static_cast<int64_t>(regions.size()) > before)
                regions.resize(static_cast<size_t>(before));
            std::vector<Region> kept;
            for (const Region& region : regions) {
                if (static_cast<int64_t>(kept.size()) == keep)
                    break;
                if (std::none_of(kept.begin(), kept.end(), [&](const Region& better) { return overlapMore(better, region, threshold); }))
                    kept.push_back(region);
            }
            for (const Region& region : kept) {
                const float values[5] = {static_cast<float>(n), region.left, region.top, region.right, region.bottom};
                std::copy(std::begin(values), std::end(values), outputs[0].data() + rows * 5);
                if (outputs.size() > 1)
                    outputs[1].data()[rows] = region.score;
                ++rows;
            }
        }
        for (Tensor& output : outputs) {
            Shape shorter = output.shape();
            if (rows == 0)
                std::fill_n(output.data(), shorter[1], 0.0F);
            shorter[0] = std::max<int64_t>(rows, 1);
            output = output.head(std::move(shorter));
        }
        return {};
    });
}

}  // namespace qs::kernels
