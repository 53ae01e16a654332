#include "core/targets/documentation.h"

#include "core/ops/op.h"
#include "core/targets/forms.h"

#include <algorithm>
#include <iterator>

namespace qs {

namespace {

constexpr const char* bvlc = "BVLC Caffe";
constexpr const char* ssd = "SSD fork";
constexpr const char* cann = "CANN extended operators";
constexpr const char* own = "own definition";
constexpr const char* tool = nullptr;  ///< the standard target's
constexpr const char* onnx = "ONNX";
constexpr const char* scn = "spconv; CUDA-BEVFusion's SCN format";
constexpr const char* window = "num_output; bias_term = true; kernel_size; stride; pad; dilation; group = 1";

constexpr TypeDocument table[] = {
    {"Input", "Values that are fed from outside", "input_param", "shape", bvlc},

    {"Convolution", "2-D convolution", "convolution_param", window, bvlc},
    {"DepthwiseConv", "Convolution with one filter a channel", "convolution_param", window, "MobileNet forks"},
    {"Deconvolution", "Transposed 2-D convolution", "convolution_param", window, bvlc},
    {"Im2col", "What each position of a convolution's kernel sees, as channels", "convolution_param", "kernel_size; stride; pad; dilation", bvlc},

    {"SparseConvolution", "Convolution over the sites of a grid that are not empty; inputs features and rules", "", "", scn},
    {"SparseRules", "Which sites come out of a sparse convolution, and what each of them reads", "", "", scn},
    {"SparseInverseRules", "The rules of a layer before the other way around", "", "", scn},
    {"ScatterDense", "Features at the places of their sites, 0 elsewhere; inputs features and sites", "", "", scn},

    {"InnerProduct", "Fully connected: x W' + b", "inner_product_param", "num_output; bias_term = true; axis = 1; transpose = false", bvlc},
    {"MatMul", "Matrix product of two inputs, leading dimensions broadcast", "matmul_param", "transpose_a = false; transpose_b = false", own},
    {"Gemm", "alpha A B + beta C of two or three inputs", "gemm_param", "alpha = 1; beta = 1; transpose_a = false; transpose_b = false", own},
    {"Embed", "Row of a table for each number", "embed_param", "num_output; input_dim; bias_term = true", bvlc},
    {"LSTM", "Long short-term memory over time; inputs x, cont, static input, h0, c0", "recurrent_param", "num_output = 0; expose_hidden = false",
     bvlc},
    {"RNN", "Recurrent layer with tanh; inputs x, cont, static input, h0", "recurrent_param", "num_output = 0; expose_hidden = false", bvlc},
    {"GRU", "Gated recurrent unit; inputs as RNN, blobs as LSTM with gates z, r, n (recurrent_param is read, too)", "gru_param",
     "num_output = 0; expose_hidden = false; linear_before_reset = false", own},

    {"Pooling", "Largest or mean value of a window", "pooling_param",
     "pool = MAX; kernel_size; stride = 1; pad = 0; global_pooling = false; round_mode = CEIL", bvlc},
    {"SPP", "Spatial pyramid pooling, flattened", "spp_param", "pyramid_height; pool = MAX", bvlc},
    {"ROIPooling", "Largest values of the bins of regions", "roi_pooling_param",
     "pooled_h; pooled_w; spatial_scale = 1; spatial_scale_h; spatial_scale_w", "Fast R-CNN; CANN extended operators"},
    {"PSROIPooling", "Means of the bins of regions, each bin from channels of its own", "psroi_pooling_param",
     "spatial_scale; output_dim; group_size", "R-FCN"},
    {"ROIAlign", "Means of bilinear samples in the bins of regions", "roi_align_param",
     "pooled_h = 0; pooled_w = 0; spatial_scale = 1; sampling_ratio = -1; roi_end_mode = 0", "Detectron; CANN extended operators"},
    {"MaxUnpool", "Puts values back where a pooling's places in the whole tensor say; inputs value and places", "", "", onnx},
    {"GridSample", "Values at places of the picture that a second input says", "", "", onnx},
    {"Unpooling", "Puts values back where a pooling's mask says; inputs value and mask", "unpooling_param",
     "unpool = MAX; kernel_size; stride = 1; pad = 0", "DeconvNet fork"},

    {"ReLU", "x above 0, negative_slope x below", "relu_param", "negative_slope = 0", bvlc},
    {"PReLU", "x above 0, a trained slope times x below", "prelu_param", "channel_shared = false", bvlc},
    {"ReLU6", "ReLU limited to 6", "relu6_param", "threshold = 6; negative_slope = 0", "MobileNet forks"},
    {"RReLU", "Test phase of the randomized ReLU: slope (lower + upper) / 2", "rrelu_param", "lower = 0.125; upper = 0.33333334", own},
    {"CReLU", "ReLU of x and of -x, joined", "crelu_param", "negative_slope = 0; concat_axis = 1", own},
    {"Clip", "Limited to min and max", "clip_param", "min; max", bvlc},
    {"Sigmoid", "1 / (1 + exp(-x))", "", "", bvlc},
    {"TanH", "Hyperbolic tangent", "", "", bvlc},
    {"ELU", "x above 0, alpha (exp(x) - 1) below", "elu_param", "alpha = 1", bvlc},
    {"Swish", "x sigmoid(beta x)", "swish_param", "beta = 1", bvlc},
    {"Hswish", "x min(max(x + 3, 0), 6) / 6", "", "", "MobileNetV3"},
    {"Gelu", "x / 2 (1 + erf(x / sqrt(2))), or by tanh", "", "", onnx},
    {"Mish", "x tanh(log(1 + exp(x)))", "", "", onnx},
    {"Selu", "gamma x above 0, gamma alpha (exp(x) - 1) below", "", "", onnx},
    {"Celu", "x above 0, alpha (exp(x / alpha) - 1) below", "", "", onnx},
    {"ThresholdedRelu", "x above alpha, 0 below", "", "", onnx},
    {"Softsign", "x / (1 + |x|)", "", "", onnx},
    {"Shrink", "0 between -lambda and lambda, nearer to it by bias outside", "", "", onnx},
    {"LogSoftmax", "Logarithm of Softmax", "", "", onnx},
    {"Hardmax", "1 for the first of the largest along an axis, 0 for the others", "", "", onnx},
    {"Tan", "Tangent", "", "", onnx},
    {"Asin", "Inverse sine", "", "", onnx},
    {"Acos", "Inverse cosine", "", "", onnx},
    {"Atan", "Inverse tangent", "", "", onnx},
    {"Sinh", "Hyperbolic sine", "", "", onnx},
    {"Cosh", "Hyperbolic cosine", "", "", onnx},
    {"Asinh", "Inverse hyperbolic sine", "", "", onnx},
    {"Acosh", "Inverse hyperbolic cosine", "", "", onnx},
    {"Atanh", "Inverse hyperbolic tangent", "", "", onnx},
    {"IsNaN", "1 where a value is no number, 0 elsewhere", "", "", onnx},
    {"IsInf", "1 where a value is infinite, 0 elsewhere", "", "", onnx},
    {"ReduceL1", "Sum of magnitudes over axes; none: all", "", "", onnx},
    {"ReduceL2", "Root of the sum of squares over axes; none: all", "", "", onnx},
    {"ReduceSumSquare", "Sum of squares over axes; none: all", "", "", onnx},
    {"ReduceLogSum", "Logarithm of the sum over axes; none: all", "", "", onnx},
    {"ReduceLogSumExp", "Logarithm of the sum of exponentials over axes; none: all", "", "", onnx},
    {"CumSum", "Running sums along an axis", "", "", onnx},
    {"HardSigmoid", "min(max(alpha x + beta, 0), 1)", "", "", onnx},
    {"BNLL", "log(1 + exp(x))", "", "", bvlc},
    {"Threshold", "1 above the threshold, 0 elsewhere", "threshold_param", "threshold = 0", bvlc},
    {"Softmax", "exp(x) / sum of exp along an axis", "softmax_param", "axis = 1", bvlc},

    {"LRN", "Local response normalization", "lrn_param", "local_size = 5; alpha = 1; beta = 0.75; norm_region = ACROSS_CHANNELS; k = 1", bvlc},
    {"BatchNorm", "(x - mean) / sqrt(variance + eps) with stored statistics", "batch_norm_param", "use_global_stats; eps = 1e-05", bvlc},
    {"Scale", "x times a trained factor, or a second input, plus a shift", "scale_param", "axis = 1; num_axes = 1; bias_term = false", bvlc},
    {"Bias", "x plus a trained shift, or a second input", "bias_param", "axis = 1; num_axes = 1", bvlc},
    {"Normalize", "x / its length, times a trained factor", "norm_param", "across_spatial = true; channel_shared = true; eps = 1e-10", ssd},
    {"MVN", "(x - mean) / deviation of each channel", "mvn_param", "normalize_variance = true; across_channels = false; eps = 1e-09", bvlc},
    {"Mvm", nullptr, "mvn_param", "normalize_variance = true; across_channels = false; eps = 1e-09", own},
    {"GroupNorm", "Normalization of groups of channels", "group_norm_param", "num_groups = 32; eps = 1e-05; affine = true", own},
    {"LayerNormalization", "Normalization of the last dimensions", "layer_norm_param", "axis = -1; eps = 1e-05; affine = true", own},

    {"Eltwise", "Sum, product or maximum of inputs of one shape", "eltwise_param", "operation = SUM; coeff", bvlc},
    {"Axpy", "a x + y; a is one factor a channel", "", "", "SENet"},
    {"Add", "a + b, broadcast", "", "", onnx},
    {"Sub", "a - b, broadcast", "", "", onnx},
    {"Mul", "a b, broadcast", "", "", onnx},
    {"Div", "a / b, broadcast", "", "", onnx},
    {"Pow", "a to the power of b, broadcast", "", "", onnx},
    {"Mod", "Rest of a / b, broadcast", "", "", onnx},
    {"Min", "Smallest of the inputs, broadcast", "", "", onnx},
    {"Max", "Largest of the inputs, broadcast", "", "", onnx},
    {"And", "1 where neither input is 0, broadcast", "", "", onnx},
    {"Or", "1 where an input is not 0, broadcast", "", "", onnx},
    {"Xor", "1 where one of two inputs is 0, broadcast", "", "", onnx},
    {"Not", "1 where the input is 0", "", "", onnx},
    {"Where", "The second input where the first is not 0, the third elsewhere, broadcast", "", "", onnx},
    {"Less", "1 where the first input is smaller, 0 elsewhere, broadcast", "", "", onnx},
    {"LessOrEqual", "1 where the first input is not larger, 0 elsewhere, broadcast", "", "", onnx},
    {"GreaterOrEqual", "1 where the first input is not smaller, 0 elsewhere, broadcast", "", "", onnx},
    {"Equal", "1 where two inputs are equal, 0 elsewhere, broadcast", "", "", "ONNX's meaning; own definition"},
    {"Greater", "1 where the first input is larger, 0 elsewhere, broadcast", "", "", "ONNX's meaning; own definition"},
    {"Power", "(shift + scale x) ^ power", "power_param", "power = 1; scale = 1; shift = 0", bvlc},
    {"Exp", "base ^ (shift + scale x); base -1 is e", "exp_param", "base = -1; scale = 1; shift = 0", bvlc},
    {"Log", "Logarithm of shift + scale x; base -1 is e", "log_param", "base = -1; scale = 1; shift = 0", bvlc},
    {"AbsVal", "|x|", "", "", bvlc},
    {"Sqrt", "Square root", "", "", "ONNX's meaning; own definition"},
    {"Sign", "-1, 0 or 1", "", "", "ONNX's meaning; own definition"},
    {"Sin", "Sine", "", "", "ONNX's meaning; own definition"},
    {"Cos", "Cosine", "", "", "ONNX's meaning; own definition"},
    {"Erf", "Error function", "", "", "ONNX's meaning; own definition"},
    {"Cast", "What another element type makes of the values", "", "", onnx},
    {"Floor", "Rounded down", "", "", onnx},
    {"Round", "Rounded to the nearest, halves to the even side", "", "", onnx},
    {"Ceil", "Rounded up", "", "", "ONNX's meaning; own definition"},
    {"ReduceMean", "Mean over axes; none: all", "reduce_param", "axes; keep_dims = true", own},
    {"ReduceSum", "Sum over axes; none: all", "reduce_param", "axes; keep_dims = true", own},
    {"ReduceProd", "Product over axes; none: all", "reduce_param", "axes; keep_dims = true", own},
    {"ReduceMax", "Maximum over axes; none: all", "reduce_param", "axes; keep_dims = true", own},
    {"ReduceMin", "Minimum over axes; none: all", "reduce_param", "axes; keep_dims = true", own},
    {"Reduction", "Sum, absolute sum, sum of squares or mean of all from an axis on", "reduction_param", "operation = SUM; axis = 0; coeff = 1",
     bvlc},
    {"ArgMax", "Places of the largest values", "argmax_param", "out_max_val = false; top_k = 1; axis", bvlc},
    {"ArgMin", "Places of the smallest values", "argmin_param", "out_min_val = false; top_k = 1; axis", own},
    {"TopK", "The k largest values, and their places in a second top", "topk_param", "k = 1; axis = -1; largest = true", own},
    {"Sort", "Values in order, and their places in a second top", "sort_param", "axis = -1; descending = true", own},

    {"GatherElements", "Of each index the value at a place along an axis; inputs x and places", "", "", onnx},
    {"GatherND", "What rows of places name; inputs x and places", "", "", onnx},
    {"ScatterElements", "Values written where GatherElements reads; inputs x, places, updates", "", "", onnx},
    {"ScatterND", "Values written where GatherND reads; inputs x, places, updates", "", "", onnx},
    {"OneHot", "A row for each place with one value marked", "", "", onnx},
    {"Gather", "Parts along an axis picked by the numbers of a second input", "", "", onnx},

    {"Concat", "Inputs joined along an axis", "concat_param", "axis = 1", bvlc},
    {"Slice", "Input cut along an axis", "slice_param", "axis = 1; slice_point", bvlc},
    {"StridedSlice", "Part of the input in steps", "", "", onnx},
    {"Expand", "Input repeated to a larger shape", "", "", onnx},
    {"Split", "Copies of the input", "", "", bvlc},
    {"Flatten", "Dimensions joined to one", "flatten_param", "axis = 1; end_axis = -1", bvlc},
    {"Reshape", "The same values in another shape", "reshape_param", "shape; axis = 0; num_axes = -1", bvlc},
    {"Squeeze", "Dimensions of extent 1 dropped", "", "", onnx},
    {"Unsqueeze", "Dimensions of extent 1 added", "", "", onnx},
    {"Permute", "Dimensions in another order", "permute_param", "order", ssd},
    {"Crop", "Part of the input, as large as a second input", "crop_param", "axis = 2; offset", bvlc},
    {"Dropout", "Copy (it acts in training only)", "dropout_param", "dropout_ratio = 0.5", bvlc},
    {"Identity", "Copy", "", "", onnx},
    {"Pad", "Values added around", "pad_param", "pads; mode = CONSTANT; value = 0", own},
    {"Upsample", "Pixels repeated; with a mask as second input SegNet's unpooling", "upsample_param",
     "scale = 2; scale_h; scale_w; pad_out_h = false; pad_out_w = false; upsample_h; upsample_w; stride; stride_h; stride_w",
     "SegNet fork; CANN extended operators (stride zooms, scale multiplies)"},
    {"Resize", "Picture in another size, nearest or linear", "", "", onnx},
    {"Interp", "Picture in another size, bilinear, corners aligned", "interp_param",
     "height = 0; width = 0; zoom_factor = 1; shrink_factor = 1; pad_beg = 0; pad_end = 0", "DeepLab fork"},
    {"PassThrough", "Blocks of pixels become channels", "pass_through_param", "num_output; block_height = 2; block_width = 2",
     "HiSilicon's names; CANN's reorg_param is read, too"},
    {"Reorg", "YOLOv2's exchange of pixels and channels, as Darknet computes it", "reorg_param", "stride = 2; reverse = false",
     "YOLOv2; CANN extended operators"},
    {"ShuffleChannel", "Channels of groups interleaved", "shuffle_channel_param", "group = 1", "ShuffleNet; CANN extended operators"},
    {"Reverse", "Order turned round along axes; none: the first", "reverse_param", "axis", cann},
    {"Tile", "Input repeated along an axis", "tile_param", "axis = 1; tiles", bvlc},
    {"BatchReindex", "Samples picked by number; the second input has the numbers", "", "", bvlc},
    {"Filter", "Samples that the last input selects; how many depends on data", "", "", bvlc},
    {"Parameter", "A trained blob as a value", "parameter_param", "shape", bvlc},

    {"PriorBox", "Default boxes of SSD", "prior_box_param",
     "min_size; max_size; aspect_ratio; flip = true; clip = false; variance; img_size; img_h; img_w; step; step_h; step_w; offset = 0.5", ssd},
    {"DetectionOutput", "Decoded boxes of SSD after suppression", "detection_output_param",
     "num_classes; share_location = true; background_label_id = 0; nms_param; code_type = CORNER; variance_encoded_in_target = false; "
     "keep_top_k = -1; confidence_threshold",
     ssd},
    {"Proposal", "Region proposals", "proposal_param",
     "feat_stride = 16; base_size = 16; min_size = 16; ratio; scale; pre_nms_topn = 3000; post_nms_topn = 304; iou_threshold = 0.7",
     "Faster R-CNN (its Python layer, of whose param_str feat_stride and scales are read); CANN extended operators"},
    {"Nms", "Non-maximum suppression; inputs boxes and scores", "nms_param", "nms_threshold = 0.5; score_threshold = 0; keep_top_k = 100", own},

    {"Quantizer", "Copy, whose input may be quantized: a quantizer of a file that no layer takes for its input", "", "", own},
    {"Quant", "Values as integers", "quant_param", "scale; offset; with_offset; num_bits_d", tool},
    {"AntiQuant", "Integers as values again", "quant_param", "scale; offset; with_offset; num_bits_d", tool},
    {"DeQuant", "int32 sums as values again (deploy model)", "", "", tool},

    {"Python", "User code", "python_param", "module; layer; param_str", bvlc},
    {"Data", "Pictures of a database", "data_param", "source; batch_size; backend = LEVELDB", bvlc},
    {"ImageData", "Pictures of a list of files", "image_data_param", "source; batch_size = 1; new_height = 0; new_width = 0; is_color = true", bvlc},
    {"MemoryData", "Values from memory", "memory_data_param", "batch_size; channels; height; width", bvlc},
    {"HDF5Data", "Values of HDF5 files", "hdf5_data_param", "source; batch_size", bvlc},
    {"DummyData", "Made-up values", "dummy_data_param", "shape; num; channels; height; width", bvlc},
    {"WindowData", "Windows of pictures", "window_data_param", "source; batch_size; crop_size = 0", bvlc},
    {"AnnotatedData", "Pictures with boxes", "data_param", "source; batch_size; backend = LEVELDB", ssd},
    {"Silence", "Takes values so that nobody prints them", "", "", bvlc},
    {"Accuracy", "Share of right classes", "accuracy_param", "top_k = 1; axis = 1; ignore_label", bvlc},
    {"SoftmaxWithLoss", "Loss, as every type whose name ends in Loss", "loss_param", "ignore_label; normalization = VALID", bvlc},
    {"HDF5Output", "Writes values", "hdf5_output_param", "file_name", bvlc},
};

}  // namespace

std::span<const TypeDocument> typeDocuments()
{
    // The one without a meaning.
    static const std::string named = std::string("Taken as MVN: ") + standardForms().tool + "'s table names it, nothing public defines it";
    static const std::vector<TypeDocument> documents = [] {
        std::vector<TypeDocument> all(std::begin(table), std::end(table));
        for (TypeDocument& document : all) {
            if (document.source == tool)
                document.source = standardForms().tool;
            if (document.meaning == nullptr)
                document.meaning = named.c_str();
        }
        return all;
    }();
    return documents;
}

const TypeDocument* findTypeDocument(std::string_view type)
{
    const auto documents = typeDocuments();
    const auto found = std::find_if(documents.begin(), documents.end(), [type](const TypeDocument& document) { return type == document.type; });
    return found == documents.end() ? nullptr : &*found;
}

std::vector<ParameterDocument> parametersOf(const TypeDocument& document)
{
    std::vector<ParameterDocument> parameters;
    std::string_view rest = document.parameters;
    while (!rest.empty()) {
        const size_t end = rest.find("; ");
        const std::string_view one = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
        const size_t equals = one.find(" = ");
        parameters.push_back({std::string(one.substr(0, equals)), equals == std::string_view::npos ? "" : std::string(one.substr(equals + 3))});
    }
    return parameters;
}

std::string stateText(const TypeDocument& document)
{
    const std::string_view type = document.type;
    if (const OpInfo* op = findOp(type))
        return op->runnable ? "runs" : "drawn, not run";
    if (type == "Python")
        return "drawn, not run";
    return type.ends_with("Data") || type == "Data" ? "becomes an input" : "left out";
}

}  // namespace qs
