#include "core/import/onnx/translate.h"

#include <algorithm>
#include <climits>

namespace qs::onnxio {

Result<void> concat(const Context& c)
{
    c.out.inputs.clear();
    for (int i = 0; i < c.node.proto.input_size(); ++i)
        c.out.inputs.push_back(i);
    c.set("axis", c.node.integer("axis", 1));
    return {};
}

Result<void> reshape(const Context& c)
{
    // "dims": as the SCN format has it.
    auto dims = c.node.integersEither(c.node.attribute("dims") ? "dims" : "shape", 1);
    if (!dims)
        return c.refuse("its shape is computed by the network");
    const bool zeros = std::find(dims->begin(), dims->end(), 0) != dims->end();
    if (c.node.integer("allowzero", 0) != 0 && zeros)
        return c.refuse("a Reshape to nothing is not built");
    // A batch that the file writes out is copied instead: the same here, and right for samples one by one.
    const auto shape = c.node.shape(0);
    if (shape && !shape->empty() && !c.node.constant(0) && dims->size() > 1 && dims->front() == shape->front())
        dims->front() = 0;
    c.set("dims", *dims);
    return {};
}

Result<void> flatten(const Context& c)
{
    c.set("axis", c.node.integer("axis", 1));
    c.set("always2d", int64_t{1});
    return {};
}

Result<void> transpose(const Context& c)
{
    Ints order = c.node.integers(c.node.attribute("dims") ? "dims" : "perm");
    if (order.empty()) {
        const auto shape = c.node.shape(0);
        if (!shape)
            return c.refuse("its rank is not known");
        for (size_t i = shape->size(); i-- > 0;)
            order.push_back(static_cast<int64_t>(i));
    }
    c.set("order", order);
    return {};
}

Result<void> axes(const Context& c)
{
    const auto list = c.node.integersEither("axes", 1);
    if (!list && c.node.has(1))
        return c.refuse("its axes are computed by the network");
    if (list)
        c.set("axes", *list);
    return {};
}

Result<void> tile(const Context& c)
{
    const auto repeats = c.node.integersAt(1);
    const auto repeated = [](int64_t count) { return count != 1; };
    if (!repeats)
        return c.refuse("its repeats are computed by the network");
    if (std::count_if(repeats->begin(), repeats->end(), repeated) > 1) {
        c.set("repeats", *repeats);
        return {};
    }
    const auto axis = std::find_if(repeats->begin(), repeats->end(), repeated);
    c.set("axis", axis == repeats->end() ? int64_t{0} : static_cast<int64_t>(axis - repeats->begin()));
    c.set("tiles", axis == repeats->end() ? int64_t{1} : *axis);
    return {};
}

Result<void> expand(const Context& c)
{
    const auto dims = c.node.integersAt(1);
    if (!dims)
        return c.refuse("its shape is computed by the network");
    c.set("dims", *dims);
    return {};
}

Result<void> gather(const Context& c)
{
    c.out.inputs = {0, 1};
    c.set("axis", c.node.integer("axis", 0));
    return {};
}

Result<void> gatherNd(const Context& c)
{
    c.out.inputs = {0, 1};
    c.set("batchDims", c.node.integer("batch_dims", 0));
    return {};
}

// ScatterElements, its older name Scatter, ScatterND.
Result<void> scatter(const Context& c)
{
    c.out.inputs = {0, 1, 2};
    if (c.type() != "ScatterND")
        c.set("axis", c.node.integer("axis", 0));
    c.set("reduction", c.node.text("reduction", "none"));
    return {};
}

Result<void> oneHot(const Context& c)
{
    const TypedConstant* depth = c.node.constant(1);
    const TypedConstant* values = c.node.constant(2);
    if (!depth || depth->data.count() != 1 || !values || values->data.count() != 2)
        return c.refuse("its depth or its values are computed by the network");
    const Reals both = realsOf(values->data);
    c.set("depth", static_cast<int64_t>(realsOf(depth->data).front()));
    c.set("axis", c.node.integer("axis", -1));
    c.set("off", both[0]);
    c.set("on", both[1]);
    return {};
}

Result<void> spaceToDepth(const Context& c)
{
    const int64_t block = c.node.integer("blocksize", 0);
    c.set("block", Ints{block, block});
    return {};
}

Result<void> slice(const Context& c)
{
    const auto starts = c.node.integersEither("starts", 1);
    const auto ends = c.node.integersEither("ends", 2);
    auto which = c.node.integersEither("axes", 3);
    auto steps = c.node.integersAt(4);
    if (!starts || !ends || (c.node.has(3) && !which) || (c.node.has(4) && !steps))
        return c.refuse("its limits are computed by the network");
    if (!which) {
        which.emplace();
        for (size_t i = 0; i < starts->size(); ++i)
            which->push_back(static_cast<int64_t>(i));
    }
    if (!steps)
        steps.emplace(starts->size(), 1);
    c.set("starts", *starts);
    c.set("ends", *ends);
    c.set("axes", *which);
    c.set("steps", *steps);
    return {};
}

namespace {

/// Where to cut an axis into `count` parts of which the last may be smaller (opset 18).
std::optional<Ints> evenPoints(const Context& c, int64_t axis, int64_t count)
{
    const auto shape = c.node.shape(0);
    const int64_t at = shape && axis < 0 ? axis + static_cast<int64_t>(shape->size()) : axis;
    if (!shape || at < 0 || at >= static_cast<int64_t>(shape->size()) || count < 1)
        return std::nullopt;
    const int64_t part = ((*shape)[static_cast<size_t>(at)] + count - 1) / count;
    Ints points;
    for (int64_t i = 1; i < std::min<int64_t>(count, c.node.proto.output_size()); ++i)
        points.push_back(i * part);
    return points;
}

}  // namespace

Result<void> split(const Context& c)
{
    const auto sizes = c.node.integersEither("split", 1);
    if (!sizes && c.node.has(1))
        return c.refuse("its parts are computed by the network");
    const int64_t axis = c.node.integer("axis", 0);
    c.set("axis", axis);
    const int64_t parts = c.node.integer("num_outputs", c.node.proto.output_size());
    if (parts != c.node.proto.output_size())
        return c.refuse("it has " + std::to_string(c.node.proto.output_size()) + " outputs, num_outputs says " + std::to_string(parts));
    Ints points;
    if (sizes) {
        int64_t at = 0;
        for (size_t i = 0; i + 1 < sizes->size(); ++i) {
            if ((*sizes)[i] < 0 || (*sizes)[i] > INT_MAX)
                return Error{ErrorCode::OutOfRange, "a part has the size " + std::to_string((*sizes)[i]), {}};
            points.push_back(at += (*sizes)[i]);
        }
    } else if (c.node.attribute("num_outputs")) {
        points = evenPoints(c, axis, parts).value_or(Ints{});
    }
    if (!points.empty())
        c.set("points", points);
    return {};
}

Result<void> pad(const Context& c)
{
    auto pads = c.node.integersEither("pads", 1);
    const TypedConstant* value = c.node.constant(2);
    const auto axes = c.node.integersAt(3);
    if (!pads || (c.node.has(2) && !value) || (c.node.has(3) && !axes))
        return c.refuse("its padding is computed by the network");
    if (axes) {
        const auto shape = c.node.shape(0);
        const auto rank = static_cast<int64_t>(shape ? shape->size() : 0);
        Ints all(static_cast<size_t>(2 * rank), 0);
        for (size_t i = 0; i < axes->size(); ++i) {
            const int64_t axis = (*axes)[i] < 0 ? (*axes)[i] + rank : (*axes)[i];
            if (axis < 0 || axis >= rank || pads->size() != 2 * axes->size())
                return c.refuse("its axes do not fit its input");
            all[static_cast<size_t>(axis)] = (*pads)[i];
            all[static_cast<size_t>(axis + rank)] = (*pads)[i + axes->size()];
        }
        pads = all;
    }
    if (std::any_of(pads->begin(), pads->end(), [](int64_t amount) { return amount < 0; }))
        return c.refuse("a Pad that crops is not built");
    const std::string mode = c.node.text("mode", "constant");
    if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap")
        return c.refuse("a Pad of mode " + mode + " is not built");
    c.set("pads", *pads);
    c.set("mode", mode);
    c.set("value", value && value->data.count() == 1 ? asReal(floatsOf(*value).floats()[0]) : c.node.real("value", 0));
    return {};
}

namespace {

/// [h, w] of a list with an entry for each of four dimensions, or for the last two where `axes` names them. The first two must leave batch and
/// channels alone: be `batch` and `channels`.
template <class T>
std::optional<std::vector<T>> lastTwo(const Context& c, const std::vector<T>& all, T batch, T channels)
{
    const Ints axes = c.node.integers("axes");
    if (axes == Ints{2, 3} || axes == Ints{-2, -1})
        return all.size() == 2 ? std::optional(all) : std::nullopt;
    if (!axes.empty() || all.size() != 4 || all[0] != batch || all[1] != channels)
        return std::nullopt;
    return std::vector<T>{all[2], all[3]};
}

}  // namespace

Result<void> resize(const Context& c)
{
    const bool upsample = c.type() == "Upsample";
    const bool modern = !upsample && c.node.opset >= 11;
    const std::string mode = c.node.text("mode", "nearest");
    c.set("mode", mode);
    c.set("coordinates", modern ? c.node.text("coordinate_transformation_mode", "half_pixel") : std::string("asymmetric"));
    c.set("rounding", modern ? c.node.text("nearest_mode", "round_prefer_floor") : std::string("floor"));
    const std::string coordinates = c.out.attributes.text("coordinates", "");
    static constexpr std::string_view built[] = {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"};
    if ((mode != "nearest" && mode != "linear") || std::find(std::begin(built), std::end(built), coordinates) == std::end(built))
        return c.refuse("a Resize of mode " + mode + ", " + coordinates + " is not built");
    c.node.constant(1);  // the region of tf_crop_and_resize
    const auto shape = c.node.shape(0);
    const std::string kept = "it changes batch or channels, or the picture has not four dimensions";
    const TypedConstant* scales = c.node.constant(modern ? 2 : 1);
    const auto sizes = modern ? c.node.integersAt(3) : std::nullopt;
    Reals factors = scales ? realsOf(scales->data) : Reals{};
    if (const auto* attribute = c.node.attribute("scales"))
        for (const float factor : attribute->floats())
            factors.push_back(asReal(factor));
    if (!factors.empty()) {
        const auto scale = lastTwo(c, factors, 1.0, 1.0);
        if (!scale)
            return c.refuse(kept);
        c.set("scale", *scale);
        return {};
    }
    if (!sizes)
        return c.refuse("its size is computed by the network");
    const bool known = shape && shape->size() == 4;
    const auto size = known ? lastTwo(c, *sizes, (*shape)[0], (*shape)[1]) : std::nullopt;
    if (!size)
        return c.refuse(kept);
    c.set("size", *size);
    return {};
}

}  // namespace qs::onnxio
