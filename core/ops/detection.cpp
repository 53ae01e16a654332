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
    return std::vector<Shape>{{1, 2, inputs[0][2] * inputs[0][3] * (minimums * ratios + maximums) * 4}};
}

// DetectionOutput (SSD)
//   attributes: classes; shareLocation (1; 0 is not run); backgroundLabel (0; -1 = none); nmsThreshold (0.3); nmsTopK (-1 = all); eta (1);
//               codeType "corner" | "center_size" | "corner_size"; varianceInTarget (0); keepTopK (-1 = all); confidenceThreshold (0)
//   inputs:     locations (N, priors * 4), confidences (N, priors * classes), prior boxes (1, 2, priors * 4); a trailing 1x1 is allowed
//   output:     (1, 1, N * limit, 7): picture, label, confidence, xmin, ymin, xmax, ymax; limit = keepTopK, or priors * classes without it.
//               Caffe returns as many rows as it found; here the rest is zero rows, so that shapes do not depend on data.
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
    const auto locations = productOf(inputs[0], 1, inputs[0].size());
    const auto confidences = productOf(inputs[1], 1, inputs[1].size());
    const int64_t locationClasses = layer.attributes.flag("shareLocation", true) ? 1 : classes;
    if (!locations || *locations != priors * 4 * locationClasses)
        return shapeError("locations " + shapeText(inputs[0]) + " do not belong to " + std::to_string(priors) + " prior boxes");
    if (!confidences || *confidences != priors * classes)
        return shapeError("confidences " + shapeText(inputs[1]) + " do not belong to " + std::to_string(priors) + " prior boxes of " +
                          std::to_string(classes) + " classes");
    const int64_t keep = layer.attributes.integer("keepTopK", -1);
    if (keep > largestExtent)
        return rangeError("keep_top_k is " + std::to_string(keep));
    return std::vector<Shape>{{1, 1, inputs[0][0] * (keep > 0 ? keep : priors * classes), 7}};
}

}  // namespace qs::ops
