// Values by their places: chosen (GatherElements, GatherND, OneHot) and written (ScatterElements, ScatterND). Places come as floats, exact up to
// 2^24; negative ones count from the back.
#include "core/engine/kernels/lists.h"
#include "core/ops/element_type.h"

#include <algorithm>
#include <cstring>

namespace qs::kernels {

namespace {

struct Combine {
    float (*apply)(float before, float update);
};

Result<Combine> combining(const Attributes& attributes)
{
    const std::string reduction = attributes.text("reduction", "none");
    if (reduction == "none")
        return Combine{[](float, float update) { return update; }};
    if (reduction == "add")
        return Combine{[](float before, float update) { return before + update; }};
    if (reduction == "mul")
        return Combine{[](float before, float update) { return before * update; }};
    if (reduction == "max")
        return Combine{[](float before, float update) { return std::max(before, update); }};
    if (reduction == "min")
        return Combine{[](float before, float update) { return std::min(before, update); }};
    return Error{ErrorCode::NotSupported, "its reduction '" + reduction + "' is not built", {}};
}

/// -1: outside.
int64_t placeOf(float value, int64_t extent)
{
    const int64_t place = castToInteger(value, ElementType::Int64);
    const int64_t counted = place < 0 ? place + extent : place;
    return counted < 0 || counted >= extent ? -1 : counted;
}

Error outside(const Shape& shape)
{
    return {ErrorCode::OutOfRange, "one of its places is outside of " + shapeText(shape), {}};
}

/// The elements that single places along `axis` name: in `data`, for every element of `places`; false: one is outside.
template <class Use>
bool forElements(const Shape& data, const Shape& placesShape, size_t axis, const float* places, Use use)
{
    const size_t rank = data.size();
    std::vector<int64_t> steps(rank, 1);
    for (size_t d = rank - 1; d-- > 0;)
        steps[d] = steps[d + 1] * data[d + 1];
    for (int64_t i = 0; i < elementCount(placesShape); ++i) {
        const int64_t place = placeOf(places[i], data[axis]);
        if (place < 0)
            return false;
        int64_t rest = i;
        int64_t at = 0;
        for (size_t d = rank; d-- > 0;) {
            at += (d == axis ? place : rest % placesShape[d]) * steps[d];
            rest /= placesShape[d];
        }
        use(at, i);
    }
    return true;
}

/// Runs of `data` that rows of places name: each row counts as many dimensions, behind `batch` that go along with the places.
struct Rows {
    Rows(const Shape& data, const Shape& places, size_t batch) : shape(data), depth(places.back())
    {
        const auto named = static_cast<std::ptrdiff_t>(batch) + static_cast<std::ptrdiff_t>(depth);
        run = elementCount(Shape(data.begin() + named, data.end()));
        batchSize = elementCount(Shape(data.begin() + static_cast<std::ptrdiff_t>(batch), data.end()));
        count = elementCount(Shape(places.begin(), places.end() - 1));
        perBatch = std::max<int64_t>(1, elementCount(Shape(places.begin() + static_cast<std::ptrdiff_t>(batch), places.end() - 1)));
        first = batch;
    }
    /// Where row `i` names a run; -1: outside.
    int64_t at(const float* places, int64_t i) const
    {
        int64_t offset = 0;
        for (int64_t d = 0; d < depth; ++d) {
            const int64_t extent = shape[first + static_cast<size_t>(d)];
            const int64_t place = placeOf(places[i * depth + d], extent);
            if (place < 0)
                return -1;
            offset = offset * extent + place;
        }
        return i / perBatch * batchSize + offset * run;
    }

    Shape shape;
    int64_t depth, run = 1, batchSize = 1, count = 1, perBatch = 1;
    size_t first = 0;
};

}  // namespace

KernelResult gatherElements(const Work& work)
{
    return plainKernel(work,
                       [axis = axisOf(work.attributes(), 0, work.input().size()), data = work.input(), places = work.input(1)](
                           Inputs inputs, Outputs outputs) -> Result<void> {
                           const float* in = inputs[0].data();
                           float* out = outputs[0].data();
                           const bool inside = forElements(data, places, axis, inputs[1].data(), [=](int64_t at, int64_t i) { out[i] = in[at]; });
                           return inside ? Result<void>() : outside(data);
                       });
}

KernelResult scatterElements(const Work& work)
{
    QS_TRY(const Combine combine, combining(work.attributes()));
    return plainKernel(work,
                       [=, axis = axisOf(work.attributes(), 0, work.input().size()), data = work.input(), places = work.input(1)](
                           Inputs inputs, Outputs outputs) -> Result<void> {
                           const float* updates = inputs[2].data();
                           float* out = outputs[0].data();
                           std::memcpy(out, inputs[0].data(), outputs[0].sizeBytes());
                           const bool inside = forElements(data, places, axis, inputs[1].data(),
                                                           [=](int64_t at, int64_t i) { out[at] = combine.apply(out[at], updates[i]); });
                           return inside ? Result<void>() : outside(data);
                       });
}

KernelResult gatherNd(const Work& work)
{
    const Rows rows(work.input(), work.input(1), static_cast<size_t>(work.attributes().integer("batchDims", 0)));
    return plainKernel(work, [rows](Inputs inputs, Outputs outputs) -> Result<void> {
        for (int64_t i = 0; i < rows.count; ++i) {
            const int64_t at = rows.at(inputs[1].data(), i);
            if (at < 0)
                return outside(rows.shape);
            std::copy_n(inputs[0].data() + at, rows.run, outputs[0].data() + i * rows.run);
        }
        return {};
    });
}

KernelResult scatterNd(const Work& work)
{
    QS_TRY(const Combine combine, combining(work.attributes()));
    const Rows rows(work.input(), work.input(1), 0);
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        float* out = outputs[0].data();
        std::memcpy(out, inputs[0].data(), outputs[0].sizeBytes());
        for (int64_t i = 0; i < rows.count; ++i) {
            const int64_t at = rows.at(inputs[1].data(), i);
            if (at < 0)
                return outside(rows.shape);
            std::transform(out + at, out + at + rows.run, inputs[2].data() + i * rows.run, out + at, combine.apply);
        }
        return {};
    });
}

KernelResult oneHot(const Work& work)
{
    const int64_t depth = work.attributes().integer("depth", 1);
    const auto on = static_cast<float>(work.attributes().real("on", 1));
    const auto off = static_cast<float>(work.attributes().real("off", 0));
    const int64_t inner = Lists(work.output(), axisOf(work.attributes(), -1, work.output().size())).inner;
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        float* out = outputs[0].data();
        std::fill_n(out, outputs[0].count(), off);
        for (int64_t i = 0; i < inputs[0].count(); ++i)
            // A place that does not exist marks none.
            if (const int64_t place = placeOf(inputs[0].data()[i], depth); place >= 0)
                out[(i / inner * depth + place) * inner + i % inner] = on;
        return {};
    });
}

}  // namespace qs::kernels
