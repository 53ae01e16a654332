// Shapes, places and parts of values.
#include "core/import/torchscript/reader/translate.h"

#include <algorithm>
#include <numeric>

namespace qs::torchscript {

namespace {

/// What is a value of another shape is that value in the model, too, where the shape is the same.
std::vector<ValueId> unchanged(const Call& call)
{
    return {call.value("self")};
}
std::vector<ValueId> dropout(const Call& call)
{
    if (call.flag("train") && call.real("p") != 0)
        throw NotBuilt{"it drops values, as in training"};
    return {call.value(call.isNone("self") ? "input" : "self")};
}

ValueId reshaped(const Call& call, ValueId value, const Shape& shape)
{
    if (call.shapeAt(value) == shape)
        return value;
    return call.layer("Reshape", {value}, attributes({{"dims", shape}}));
}

/// view, reshape, flatten, unflatten, squeeze, unsqueeze...: torch knows the shape that it comes to.
std::vector<ValueId> reshape(const Call& call)
{
    return {reshaped(call, call.value("self"), shapeOf(call.results().front()))};
}

std::vector<ValueId> flatten(const Call& call)
{
    const auto rank = static_cast<int64_t>(call.rank("self"));
    const int64_t first = call.axis("start_dim", "self");
    const int64_t last = call.axis("end_dim", "self");
    if (rank == 0 || first == last)
        return reshape(call);
    return {call.layer("Flatten", {call.value("self")}, attributes({{"axis", first}, {"endAxis", last}}))};
}

ValueId permuted(const Call& call, ValueId value, const Ints& order)
{
    if (std::is_sorted(order.begin(), order.end()))
        return value;
    return call.layer("Permute", {value}, attributes({{"order", order}}));
}

std::vector<ValueId> permute(const Call& call)
{
    Ints order = call.integers("dims");
    for (int64_t& axis : order)
        axis += axis < 0 ? static_cast<int64_t>(order.size()) : 0;
    return {permuted(call, call.value("self"), order)};
}

std::vector<ValueId> transpose(const Call& call)
{
    Ints order(call.rank("self"));
    std::iota(order.begin(), order.end(), 0);
    std::swap(order.at(static_cast<size_t>(call.axis("dim0", "self"))), order.at(static_cast<size_t>(call.axis("dim1", "self"))));
    return {permuted(call, call.value("self"), order)};
}

std::vector<ValueId> transposeMatrix(const Call& call)
{
    return {call.rank("self") < 2 ? call.value("self") : permuted(call, call.value("self"), {1, 0})};
}

std::vector<ValueId> concatenate(const Call& call)
{
    const std::vector<at::Tensor> tensors = call.tensors("tensors");
    std::vector<ValueId> values;
    int64_t axis = call.integer("dim");
    for (size_t i = 0; i < tensors.size(); ++i) {
        if (i == 0 && axis < 0)
            axis += tensors[i].dim();
        values.push_back(call.valueOf(tensors[i]));
    }
    return {call.layer("Concat", values, attributes({{"axis", axis}}))};
}

std::vector<ValueId> stack(const Call& call)
{
    const std::vector<at::Tensor> tensors = call.tensors("tensors");
    int64_t axis = call.integer("dim");
    std::vector<ValueId> values;
    for (const at::Tensor& tensor : tensors) {
        if (axis < 0)
            axis += tensor.dim() + 1;
        Shape shape = shapeOf(tensor);
        shape.insert(shape.begin() + axis, 1);
        values.push_back(reshaped(call, call.valueOf(tensor), shape));
    }
    return {call.layer("Concat", values, attributes({{"axis", axis}}))};
}

ValueId part(const Call& call, ValueId value, int64_t axis, int64_t start, int64_t end, int64_t step = 1)
{
    if (start == 0 && step == 1 && end >= call.shapeAt(value)[static_cast<size_t>(axis)])
        return value;
    return call.layer("StridedSlice", {value},
                      attributes({{"axes", Ints{axis}}, {"starts", Ints{start}}, {"ends", Ints{end}}, {"steps", Ints{step}}}));
}

/// `place` counted from the front, inside the axis.
int64_t inside(int64_t place, int64_t extent)
{
    return std::clamp<int64_t>(place < 0 ? place + extent : place, 0, extent);
}

std::vector<ValueId> slice(const Call& call)
{
    const int64_t axis = call.axis("dim", "self");
    const int64_t extent = call.shape("self")[static_cast<size_t>(axis)];
    const int64_t start = call.isNone("start") ? 0 : inside(call.integer("start"), extent);
    const int64_t end = call.isNone("end") ? extent : inside(call.integer("end"), extent);
    return {part(call, call.value("self"), axis, start, end, call.integer("step"))};
}

std::vector<ValueId> narrow(const Call& call)
{
    const int64_t axis = call.axis("dim", "self");
    const int64_t start = inside(call.integer("start"), call.shape("self")[static_cast<size_t>(axis)]);
    return {part(call, call.value("self"), axis, start, start + call.integer("length"))};
}

std::vector<ValueId> select(const Call& call)
{
    const int64_t axis = call.axis("dim", "self");
    const Shape shape = call.shape("self");
    const int64_t index = inside(call.integer("index"), shape[static_cast<size_t>(axis)]);
    return {reshaped(call, part(call, call.value("self"), axis, index, index + 1), shapeOf(call.results().front()))};
}

/// chunk, split, unbind: the parts lie one behind the other along the axis.
std::vector<ValueId> split(const Call& call)
{
    const auto axis = static_cast<size_t>(call.axis("dim", "self"));
    const ValueId value = call.value("self");
    const auto& parts = call.results();
    if (parts.size() == 1)
        return {value};
    Ints points;
    int64_t at = 0;
    for (size_t i = 0; i + 1 < parts.size(); ++i)
        points.push_back(at += parts[i].size(static_cast<int64_t>(axis)));
    return call.layers("Slice", {value}, attributes({{"axis", static_cast<int64_t>(axis)}, {"points", points}}), parts.size());
}

std::vector<ValueId> unbind(const Call& call)
{
    const auto& parts = call.results();
    const int64_t axis = call.axis("dim", "self");
    std::vector<ValueId> values;
    for (size_t i = 0; i < parts.size(); ++i) {
        const auto index = static_cast<int64_t>(i);
        values.push_back(reshaped(call, part(call, call.value("self"), axis, index, index + 1), shapeOf(parts[i])));
    }
    return values;
}

std::vector<ValueId> expand(const Call& call)
{
    const Shape shape = shapeOf(call.results().front());
    if (shape == call.shape("self"))
        return {call.value("self")};
    return {call.layer("Expand", {call.value("self")}, attributes({{"dims", shape}}))};
}

std::vector<ValueId> repeat(const Call& call)
{
    const Ints repeats = call.integers("repeats");
    Shape shape = call.shape("self");
    shape.insert(shape.begin(), repeats.size() - shape.size(), 1);
    const ValueId value = reshaped(call, call.value("self"), shape);
    return {call.layer("Tile", {value}, attributes({{"repeats", repeats}}))};
}

std::vector<ValueId> roll(const Call& call)
{
    const Ints shifts = call.integers("shifts");
    const Ints axes = call.integers("dims");
    if (axes.empty())
        throw NotBuilt{"rolling without axes is not built"};
    ValueId value = call.value("self");
    for (size_t i = 0; i < axes.size(); ++i) {
        const int64_t axis = axes[i] < 0 ? axes[i] + static_cast<int64_t>(call.rank("self")) : axes[i];
        const int64_t extent = call.shape("self")[static_cast<size_t>(axis)];
        const int64_t shift = ((shifts[i] % extent) + extent) % extent;
        if (shift == 0)
            continue;
        const ValueId back = part(call, value, axis, extent - shift, extent);
        value = call.layer("Concat", {back, part(call, value, axis, 0, extent - shift)}, attributes({{"axis", axis}}));
    }
    return {value};
}

std::vector<ValueId> flip(const Call& call)
{
    Ints axes = call.integers("dims");
    for (int64_t& axis : axes)
        axis += axis < 0 ? static_cast<int64_t>(call.rank("self")) : 0;
    return {call.layer("Reverse", {call.value("self")}, attributes({{"axes", axes}}))};
}

std::vector<ValueId> pad(const Call& call)
{
    // The last axis first, before and after it.
    const Ints given = call.integers(call.isNone("pad") ? "padding" : "pad");
    const size_t rank = call.rank("self");
    Ints pads(2 * rank);
    for (size_t i = 0; i + 1 < given.size(); i += 2) {
        pads[rank - 1 - i / 2] = given[i];
        pads[2 * rank - 1 - i / 2] = given[i + 1];
    }
    if (std::any_of(pads.begin(), pads.end(), [](int64_t side) { return side < 0; }))
        throw NotBuilt{"padding that takes away is not built"};
    if (std::all_of(pads.begin(), pads.end(), [](int64_t side) { return side == 0; }))
        return {call.value("self")};
    const std::string mode = call.kind().starts_with("reflection")    ? "reflect"
                             : call.kind().starts_with("replication") ? "edge"
                             : call.isNone("mode")                    ? "constant"
                             : call.text("mode") == "replicate"       ? "edge"
                             : call.text("mode") == "circular"        ? "wrap"
                                                                      : call.text("mode");
    return {call.layer("Pad", {call.value("self")}, attributes({{"pads", pads}, {"mode", mode}, {"value", call.real("value", 0)}}))};
}

std::vector<ValueId> resize(const Call& call, const char* mode)
{
    const char* of = call.isNone("self") ? "input" : "self";
    const Shape shape = call.shape(of);
    const Shape out = shapeOf(call.results().front());
    if (shape.size() != 4)
        throw NotBuilt{"resizing of " + shapeText(shape) + " is not built: pictures of four dimensions are"};
    Attributes settings = attributes({{"mode", std::string(mode)}});
    std::vector<double> scale;
    if (!call.isNone("scale_factors"))
        scale = call.argument("scale_factors").toDoubleVector();
    else if (!call.isNone("scales_h") && !call.isNone("scales_w"))
        scale = {call.real("scales_h"), call.real("scales_w")};
    if (scale.size() == 2)
        settings.set("scale", scale);
    else
        settings.set("size", Ints{out[2], out[3]});
    const bool nearest = mode == std::string("nearest");
    settings.set("coordinates", std::string(nearest ? "asymmetric" : call.flag("align_corners") ? "align_corners" : "half_pixel"));
    if (nearest)
        settings.set("rounding", std::string("floor"));
    return {call.layer("Resize", {call.value(of)}, settings)};
}

std::vector<ValueId> resizeNearest(const Call& call)
{
    return resize(call, "nearest");
}
std::vector<ValueId> resizeBilinear(const Call& call)
{
    return resize(call, "linear");
}

std::vector<ValueId> pixelShuffle(const Call& call)
{
    const Shape in = call.shape("self");
    const int64_t r = call.integer("upscale_factor");
    if (in.size() != 4)
        throw NotBuilt{"it is built for pictures of four dimensions"};
    const ValueId split = reshaped(call, call.value("self"), {in[0], in[1] / (r * r), r, r, in[2], in[3]});
    return {reshaped(call, permuted(call, split, {0, 1, 4, 2, 5, 3}), shapeOf(call.results().front()))};
}

std::vector<ValueId> channelShuffle(const Call& call)
{
    return {call.layer("ShuffleChannel", {call.value("self")}, attributes({{"group", call.integer("groups")}}))};
}

/// One constant list of places along one axis.
std::vector<ValueId> index(const Call& call)
{
    const auto places = call.argument("indices").toListRef();
    int64_t axis = -1;
    for (size_t i = 0; i < places.size(); ++i) {
        if (places[i].isNone() || (places[i].isTensor() && !places[i].toTensor().defined()))
            continue;
        if (axis >= 0)
            throw NotBuilt{"places along several axes are not built"};
        axis = static_cast<int64_t>(i);
    }
    const at::Tensor chosen = axis < 0 ? at::Tensor() : places[static_cast<size_t>(axis)].toTensor();
    if (axis < 0 || chosen.scalar_type() == at::kBool || chosen.scalar_type() == at::kByte)
        throw NotBuilt{"choosing by a mask is not built"};
    return {call.layer("Gather", {call.value("self"), call.valueOf(chosen)}, attributes({{"axis", axis}}))};
}

std::vector<ValueId> indexSelect(const Call& call)
{
    return {call.layer("Gather", {call.value("self"), call.value("index")}, attributes({{"axis", call.axis("dim", "self")}}))};
}

std::vector<ValueId> gatherElements(const Call& call)
{
    return {call.layer("GatherElements", {call.value("self"), call.value("index")}, attributes({{"axis", call.axis("dim", "self")}}))};
}

std::vector<ValueId> scatterElements(const Call& call)
{
    if (call.isNone("src") || !call.argument("src").isTensor() || call.shape("src") != call.shape("index"))
        throw NotBuilt{"scattering one number, or a part of the values, is not built"};
    const bool adds = call.kind() == "scatter_add";
    return {call.layer("ScatterElements", {call.value("self"), call.value("index"), call.value("src")},
                       attributes({{"axis", call.axis("dim", "self")}, {"reduction", std::string(adds ? "add" : "none")}}))};
}

/// The values of the last two dimensions on one side of a diagonal.
std::vector<ValueId> triangle(const Call& call, bool upper)
{
    const Shape shape = call.shape("self");
    const int64_t diagonal = call.integer("diagonal");
    const size_t rank = shape.size();
    if (rank < 2)
        throw NotBuilt{"it is no matrix"};
    Buffer mask(DType::F32, {shape[rank - 2], shape[rank - 1]});
    for (int64_t row = 0; row < shape[rank - 2]; ++row)
        for (int64_t column = 0; column < shape[rank - 1]; ++column)
            mask.floats()[static_cast<size_t>(row * shape[rank - 1] + column)] =
                (upper ? column - row >= diagonal : column - row <= diagonal) ? 1.0F : 0.0F;
    return {call.layer("Where", {call.constant(mask), call.value("self"), call.constant(0.0F)})};
}

std::vector<ValueId> lowerTriangle(const Call& call)
{
    return triangle(call, false);
}
std::vector<ValueId> upperTriangle(const Call& call)
{
    return triangle(call, true);
}

std::vector<ValueId> topK(const Call& call)
{
    return call.layers("TopK", {call.value("self")},
                       attributes({{"k", call.integer("k")}, {"axis", call.axis("dim", "self")}, {"largest", int64_t{call.flag("largest")}}}), 2);
}

constexpr Row rows[] = {
    {"contiguous", unchanged},
    {"detach", unchanged},
    {"clone", unchanged},
    {"alias", unchanged},
    {"lift_fresh", unchanged},
    {"dropout", dropout},
    {"feature_dropout", dropout},
    {"view", reshape},
    {"reshape", reshape},
    {"unflatten", reshape},
    {"squeeze", reshape},
    {"unsqueeze", reshape},
    {"view_as", reshape},
    {"flatten", flatten},
    {"permute", permute},
    {"transpose", transpose},
    {"t", transposeMatrix},
    {"numpy_T", transposeMatrix},
    {"cat", concatenate},
    {"concat", concatenate},
    {"stack", stack},
    {"slice", slice},
    {"narrow", narrow},
    {"select", select},
    {"chunk", split},
    {"split", split},
    {"split_with_sizes", split},
    {"unbind", unbind},
    {"expand", expand},
    {"expand_as", expand},
    {"repeat", repeat},
    {"roll", roll},
    {"flip", flip},
    {"pad", pad},
    {"constant_pad_nd", pad},
    {"reflection_pad1d", pad},
    {"reflection_pad2d", pad},
    {"reflection_pad3d", pad},
    {"replication_pad1d", pad},
    {"replication_pad2d", pad},
    {"replication_pad3d", pad},
    {"upsample_nearest2d", resizeNearest},
    {"upsample_bilinear2d", resizeBilinear},
    {"pixel_shuffle", pixelShuffle},
    {"channel_shuffle", channelShuffle},
    {"index", index},
    {"index_select", indexSelect},
    {"gather", gatherElements},
    {"scatter", scatterElements},
    {"scatter_add", scatterElements},
    {"tril", lowerTriangle},
    {"triu", upperTriangle},
    {"topk", topK},
};

}  // namespace

std::span<const Row> layoutRows()
{
    return rows;
}

}  // namespace qs::torchscript
