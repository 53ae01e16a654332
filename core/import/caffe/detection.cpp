// Boxes: priors, proposals, what is kept of them.
#include "core/import/caffe/families.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>

namespace qs::caffe {

namespace {

Result<void> nms(const Context& c)
{
    const NmsParameter& p = c.layer.nms_param();
    c.number("nmsThreshold", p.nms_threshold());
    c.number("scoreThreshold", p.score_threshold());
    c.integer("keepTopK", p.keep_top_k());
    return {};
}

Result<void> proposal(const Context& c)
{
    const ProposalParameter& p = c.layer.proposal_param();
    c.number("featStride", p.feat_stride());
    c.number("baseSize", p.base_size());
    c.number("minSize", p.min_size());
    c.integer("preTopK", p.pre_nms_topn());
    c.integer("keepTopK", p.post_nms_topn());
    c.number("nmsThreshold", p.has_nms_thresh() ? p.nms_thresh() : p.iou_threshold());
    if (p.ratio_size() > 0)
        c.set("ratios", reals(p.ratio()));
    if (p.scale_size() > 0)
        c.set("scales", reals(p.scale()));
    if (p.output_actual_rois_num())
        c.out.notRunnable = "output_actual_rois_num has no public definition";
    return {};
}

/// A number, or a list of them, behind a key of a Python layer's param_str (YAML: "'feat_stride': 16" or "{feat_stride: 16, scales: [8, 16]}").
Reals yamlNumbers(const std::string& text, const std::string& key)
{
    const size_t found = text.find(key);
    const size_t colon = found == std::string::npos ? found : text.find_first_not_of("'\" ", found + key.size());
    if (colon == std::string::npos || text[colon] != ':')
        return {};
    const size_t begin = text.find_first_not_of(" \n", colon + 1);
    if (begin == std::string::npos)
        return {};
    const bool list = text[begin] == '[' || text[begin] == '(';
    const size_t end = std::min(text.size(), text.find_first_of(list ? "])" : ",}\n ", begin));
    Reals numbers;
    constexpr const char* digits = "0123456789.+-eE";
    for (size_t at = text.find_first_of(digits, begin); at < end;) {
        const size_t behind = std::min(end, text.find_first_not_of(digits, at));
        if (const auto value = parseDouble(text.substr(at, behind - at)))
            numbers.push_back(*value);
        at = text.find_first_of(digits, behind);
    }
    return numbers;
}

/// rpn.proposal_layer: what param_str does not say is a constant of the code's own test configuration (RPN_PRE_NMS_TOP_N and its like).
Result<void> pythonProposal(const Context& c)
{
    const std::string& text = c.layer.python_param().param_str();
    const Reals stride = yamlNumbers(text, "feat_stride");
    if (stride.size() == 1)
        c.set("featStride", stride.front());
    else
        c.out.notRunnable = "its param_str names no feat_stride";
    if (const Reals scales = yamlNumbers(text, "scales"); !scales.empty())
        c.set("scales", scales);
    return {};
}

// Faster R-CNN's proposals are a Python layer; what other ones do only their user's code says.
Result<void> python(const Context& c)
{
    if (c.layer.python_param().layer() == "ProposalLayer") {
        c.out.op = "Proposal";
        return pythonProposal(c);
    }
    c.out.notRunnable = "it is user code in Python (" + c.layer.python_param().module() + "." + c.layer.python_param().layer() + ")";
    return c.takeAll();
}

Result<void> priorBox(const Context& c)
{
    const PriorBoxParameter& p = c.layer.prior_box_param();
    Reals ratios{1};
    for (const double ratio : reals(p.aspect_ratio())) {
        if (!(ratio > 0))
            return Error{ErrorCode::OutOfRange, "aspect_ratio is " + numberText(ratio), {}};
        if (std::any_of(ratios.begin(), ratios.end(), [ratio](double known) { return std::fabs(ratio - known) < 1e-6; }))
            continue;
        ratios.push_back(ratio);
        if (p.flip())
            ratios.push_back(1 / ratio);
    }
    c.set("minSizes", reals(p.min_size()));
    c.set("maxSizes", reals(p.max_size()));
    c.set("aspectRatios", ratios);
    c.integer("clip", p.clip());
    c.set("variance", p.variance_size() > 0 ? reals(p.variance()) : Reals{0.1});
    c.set("imageSize", p.has_img_size() ? Ints{p.img_size(), p.img_size()} : Ints{p.img_h(), p.img_w()});
    c.set("step", p.has_step() ? Reals{real(p.step()), real(p.step())} : Reals{real(p.step_h()), real(p.step_w())});
    c.number("offset", p.offset());
    return {};
}

Result<void> detectionOutput(const Context& c)
{
    const DetectionOutputParameter& p = c.layer.detection_output_param();
    c.integer("classes", p.num_classes());
    c.integer("shareLocation", p.share_location());
    c.integer("backgroundLabel", p.background_label_id());
    c.number("nmsThreshold", p.nms_param().nms_threshold());
    c.integer("nmsTopK", p.nms_param().has_top_k() ? p.nms_param().top_k() : -1);
    c.number("eta", p.nms_param().eta());
    c.set("codeType", std::string(p.code_type() == PriorBoxParameter::CORNER        ? "corner"
                                  : p.code_type() == PriorBoxParameter::CENTER_SIZE ? "center_size"
                                                                                    : "corner_size"));
    c.integer("varianceInTarget", p.variance_encoded_in_target());
    c.integer("keepTopK", p.keep_top_k());
    c.number("confidenceThreshold", p.confidence_threshold());
    if (!p.share_location())
        c.out.notRunnable = "DetectionOutput without share_location is not built";
    return {};
}

constexpr LayerRow rows[] = {
    {"PriorBox", "PriorBox", priorBox},
    {"DetectionOutput", "DetectionOutput", detectionOutput},
    {"Nms", "Nms", nms},
    {"Proposal", "Proposal", proposal},
    {"Python", "", python},
};

}  // namespace

std::span<const LayerRow> detectionLayers()
{
    return rows;
}

}  // namespace qs::caffe
