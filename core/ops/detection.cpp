#include "core/ops/shape_rules.h"

#include <algorithm>

namespace qs::ops {

// PriorBox (SSD)
//   attributes: minSizes, maxSizes (reals; none, or as many as minSizes; pixels); aspectRatios (reals, complete: 1 first, then each ratio of
//               the source that is new, followed by its inverse with flip); clip (0); variance (1 or 4 reals);
//               imageSize = [h, w] (0, 0 = the second input's); step = [h, w] reals (0 = image / layer); offset (0.5)
//   inputs:     the feature map and the picture, of which only the shapes count
//   output:     (1, 2, H * W * priors * 4): boxes (xmin, ymin, xmax, ymax) relative to the picture, then their variances.
//               priors = minSizes * ratios + maxSizes. Per pixel and min size: the square of min size, the square of sqrt(min * max), then the
//               other ratios. The SSD fork truncates a fractional min_size or max_size to an integer; so does this program.
Shapes priorBoxShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkRank(inputs[0], 4));
    QS_CHECK(checkRank(inputs[1], 4));
    const auto minimums = static_cast<int64_t>(layer.attributes.reals("minSizes").size());
    const auto maximums = static_cast<int64_t>(layer.attributes.reals("maxSizes").size());
    const auto ratios = static_cast<int64_t>(layer.attributes.reals("aspectRatios", {1}).size());
    if (minimums < 1 || (maximums != 0 && maximums != minimums))
        return rangeError("it has " + std::to_string(minimums) + " min_size and " + std::to_string(maximums) + " max_size");
    const size_t variances = layer.attributes.reals("variance", {0.1}).size();
    if (variances != 1 && variances != 4)
        return rangeError("it has " + std::to_string(variances) + " variances, allowed are 1 and 4");
    QS_TRY(const int64_t boxes, checkedProduct({minimums, ratios}));
    QS_TRY(const int64_t values, checkedProduct({inputs[0][2], inputs[0][3], boxes + maximums, 4}));
    return std::vector<Shape>{{1, 2, values}};
}

// DetectionOutput (SSD)
//   attributes: classes; shareLocation (1; 0 is not run); backgroundLabel (0; -1 = none); nmsThreshold (0.3); nmsTopK (-1 = all); eta (1);
//               codeType "corner" | "center_size" | "corner_size"; varianceInTarget (0); keepTopK (-1 = all); confidenceThreshold (0)
//   inputs:     locations (N, priors * 4), confidences (N, priors * classes), prior boxes (1, 2, priors * 4); a trailing 1x1 is allowed
//   output:     (1, 1, N * limit, 7): picture, label, confidence, xmin, ymin, xmax, ymax; limit = keepTopK, or priors * classes without it.
//               Caffe returns as many rows as it found; here the rest is zero rows, so that shapes do not depend on data. Where nothing is found, a
//               row for each picture says so: its number, then -1.
Shapes detectionOutputShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 3, 3));
    if (inputs[0].empty() || inputs[1].empty())
        return shapeError("it needs locations and confidences");
    QS_CHECK(checkRank(inputs[2], 3));
    const int64_t classes = layer.attributes.integer("classes", 0);
    if (classes < 1 || classes > largestExtent)
        return rangeError("num_classes is " + std::to_string(classes));
    const int64_t priors = inputs[2][2] / 4;
    QS_TRY(const int64_t scores, checkedProduct({priors, classes}));
    const auto locations = productOf(inputs[0], 1, inputs[0].size());
    const auto confidences = productOf(inputs[1], 1, inputs[1].size());
    const int64_t locationClasses = layer.attributes.flag("shareLocation", true) ? 1 : classes;
    QS_TRY(const int64_t coordinates, checkedProduct({priors, 4, locationClasses}));
    if (!locations || *locations != coordinates)
        return shapeError("locations " + shapeText(inputs[0]) + " do not belong to " + std::to_string(priors) + " prior boxes");
    if (!confidences || *confidences != scores)
        return shapeError("confidences " + shapeText(inputs[1]) + " do not belong to " + std::to_string(priors) + " prior boxes of " +
                          std::to_string(classes) + " classes");
    const int64_t keep = layer.attributes.integer("keepTopK", -1);
    if (keep > largestExtent)
        return rangeError("keep_top_k is " + std::to_string(keep));
    QS_TRY(const int64_t rows, checkedProduct({inputs[0][0], keep > 0 ? keep : scores}));
    return std::vector<Shape>{{1, 1, rows, 7}};
}

namespace {

/// Checks the regions of the three ROI poolings and gives their number: (R, 5), or (R, 5, 1, 1).
Result<int64_t> regionCount(Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkRank(inputs[0], 4));
    const Shape& rois = inputs[1];
    if (rois.size() < 2 || rois[1] != 5 || productOf(rois, 2, rois.size()) != int64_t{1})
        return shapeError("its regions are " + shapeText(rois) + ", they should have 5 numbers each");
    return rois[0];
}

}  // namespace

// ROIPooling (Fast R-CNN), ROIAlign (Detectron, CANN)
//   attributes: pooled = [h, w]; scale = [h, w] reals (1, 1): from the regions' coordinates to the input's;
//               ROIAlign: samplingRatio (-1 = as many samples a bin and side as it has pixels, rounded up), endMode (0; 1: corners are
//               inclusive, one pixel is added)
//   inputs:     x (N, C, H, W); regions (R, 5): picture, x1, y1, x2, y2. A picture outside the batch is an error of the run.
//   output:     (R, C, h, w). ROIPooling: corners rounded, at least one pixel, the maximum of each bin, 0 of an empty one. ROIAlign: the mean of
//               bilinear samples at the middles of a bin's parts; a sample more than one pixel outside the picture counts as 0.
Shapes roiPoolingShapes(const Layer& layer, Inputs inputs)
{
    QS_TRY(const int64_t regions, regionCount(inputs));
    QS_TRY(const std::vector<int64_t> pooled, integersOf(layer, "pooled", {}, 2, 1, largestExtent));
    const std::vector<double> scale = layer.attributes.reals("scale", {1, 1});
    if (scale.size() != 2 || !(scale[0] > 0) || !(scale[1] > 0))
        return rangeError("spatial_scale must be positive");
    if (layer.attributes.integer("samplingRatio", -1) > 1024)
        return rangeError("sampling_ratio is too large");
    return std::vector<Shape>{{regions, inputs[0][1], pooled[0], pooled[1]}};
}

// ROIAlign besides, as ONNX has it
//   attributes: halfPixel (0; 1: coordinates are moved half a pixel, and regions may be smaller than a pixel)
//   inputs:     x; regions (R, 4): x1, y1, x2, y2; pictures (R)
Shapes roiAlignShapes(const Layer& layer, Inputs inputs)
{
    if (inputs.size() != 3)
        return roiPoolingShapes(layer, inputs);
    const Shape& rois = inputs[1];
    if (rois.size() != 2 || rois[1] != 4 || inputs[2] != Shape{rois[0]})
        return shapeError("its regions are " + shapeText(rois) + ", their pictures " + shapeText(inputs[2]));
    const std::vector<Shape> joined{inputs[0], {rois[0], 5}};
    return roiPoolingShapes(layer, joined);
}

// PSROIPooling (R-FCN)
//   attributes: outputs; group = bins a side; scale (real)
//   inputs:     x (N, outputs * group^2, H, W); regions (R, 5) as ROIPooling
//   output:     (R, outputs, group, group): bin (y, x) of channel c is the mean of its part of input channel (c * group + y) * group + x; corners
//               are rounded before the scale, the far ones after one is added; a region is at least 0.1 pixels wide; an empty bin is 0
Shapes psroiPoolingShapes(const Layer& layer, Inputs inputs)
{
    QS_TRY(const int64_t regions, regionCount(inputs));
    const int64_t outputs = layer.attributes.integer("outputs", 0);
    const int64_t group = layer.attributes.integer("group", 0);
    if (outputs < 1 || outputs > largestExtent || group < 1 || group > 4096 || inputs[0][1] != outputs * group * group)
        return shapeError(std::to_string(inputs[0][1]) + " channels are not " + std::to_string(outputs) + " outputs of " + std::to_string(group) +
                          " x " + std::to_string(group) + " bins");
    if (!(layer.attributes.real("scale", 1) > 0))
        return rangeError("spatial_scale must be positive");
    return std::vector<Shape>{{regions, outputs, group, group}};
}

// Proposal (py-faster-rcnn's rpn.proposal_layer)
//   attributes: featStride (16), baseSize (16), minSize (16, in the picture's own pixels), ratios (0.5, 1, 2), scales (8, 16, 32), preTopK (6000,
//               0 or less: all), keepTopK (300), nmsThreshold (0.7)
//   inputs:     scores (N, 2 A, H, W), the second half those of objects; box deltas (N, 4 A, H, W); picture information (1 or N, 3 or more): height,
//               width and scale of the picture as the network sees it. A anchors: a ratio's scales, ratio by ratio.
//   outputs:    regions (N * keepTopK, 5): picture, xmin, ymin, xmax, ymax; their scores (N * keepTopK, 1). Fewer rows where fewer are left, one of
//               zeros where none is.
//   Anchors at every place, moved and scaled by the deltas, clipped to the picture; those of at least minSize, the preTopK best; each dropped that
//   overlaps a better one by more than nmsThreshold; the keepTopK best. Sizes count both border pixels (x2 - x1 + 1).
Shapes proposalShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 3, 3));
    QS_CHECK(checkRank(inputs[0], 4));
    QS_CHECK(checkRank(inputs[1], 4));
    const int64_t keep = layer.attributes.integer("keepTopK", 300);
    if (keep < 1 || keep > largestExtent)
        return rangeError("it proposes " + std::to_string(keep) + " regions");
    const std::vector<double> ratios = layer.attributes.reals("ratios", {0.5, 1, 2});
    const std::vector<double> scales = layer.attributes.reals("scales", {8, 16, 32});
    for (const double value : {layer.attributes.real("featStride", 16), layer.attributes.real("baseSize", 16)})
        if (!(value > 0))
            return rangeError("feat_stride and base_size must be positive");
    for (const auto& list : {ratios, scales})
        if (std::any_of(list.begin(), list.end(), [](double value) { return !(value > 0); }))
            return rangeError("ratios and scales must be positive");
    const auto anchors = static_cast<int64_t>(ratios.size() * scales.size());
    const Shape& scores = inputs[0];
    const Shape& deltas = inputs[1];
    if (scores[1] != 2 * anchors || deltas[1] != 4 * anchors || deltas[0] != scores[0] || deltas[2] != scores[2] || deltas[3] != scores[3])
        return shapeError("scores " + shapeText(scores) + " and box deltas " + shapeText(deltas) + " are not those of " + std::to_string(anchors) +
                          " anchors");
    const Shape& information = inputs[2];
    if (information.empty() || (information[0] != 1 && information[0] != scores[0]) || elementCount(information) < 3 * information[0])
        return shapeError("the picture information is " + shapeText(information) + ": height, width and scale are wanted");
    QS_TRY(const int64_t regions, checkedProduct({scores[0], keep}));
    std::vector<Shape> shapes(std::clamp<size_t>(layer.outputs.size(), 1, 2), Shape{regions, 1});
    shapes[0] = {regions, 5};
    return shapes;
}

// Nms (own definition)
//   attributes: nmsThreshold (0.5), scoreThreshold (0), keepTopK (100)
//   inputs:     boxes (N, B, 4): xmin, ymin, xmax, ymax; scores (N, classes, B)
//   output:     (1, 1, N * keepTopK, 7): picture, class, score, box, as DetectionOutput; zero rows, picture -1, where there are fewer.
//   Per picture and class: boxes of a score above scoreThreshold, best first, each dropped that overlaps a better one by more than nmsThreshold
//   (intersection over union); then the keepTopK best of a picture, by score.
Shapes nmsShapes(const Layer& layer, Inputs inputs)
{
    QS_CHECK(checkInputCount(inputs, 2, 2));
    QS_CHECK(checkRank(inputs[0], 3));
    QS_CHECK(checkRank(inputs[1], 3));
    if (inputs[0][2] != 4 || inputs[1][0] != inputs[0][0] || inputs[1][2] != inputs[0][1])
        return shapeError("boxes " + shapeText(inputs[0]) + " and scores " + shapeText(inputs[1]) + " do not fit");
    const int64_t keep = layer.attributes.integer("keepTopK", 100);
    if (keep < 1 || keep > largestExtent)
        return rangeError("keep_top_k is " + std::to_string(keep));
    QS_TRY(const int64_t rows, checkedProduct({inputs[0][0], keep}));
    return std::vector<Shape>{{1, 1, rows, 7}};
}

}  // namespace qs::ops
