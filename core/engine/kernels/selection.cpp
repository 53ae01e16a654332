// Which values are the largest, in which order, and which samples go on.
#include "core/base/parallel.h"
#include "core/engine/kernels/lists.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace qs::kernels {

namespace {

/// Calls write(list, order) with the places of the list's `count` best values, best first. Not-a-numbers come last.
template <class Write>
void rank(const float* in, const Lists& lists, int64_t count, bool largest, bool lastFirst, const Write& write)
{
    forChunks(lists.count(), 64, [&](int64_t, int64_t begin, int64_t end) {
        std::vector<int64_t> order(static_cast<size_t>(lists.size));
        for (int64_t list = begin; list < end; ++list) {
            const float* values = in + lists.first(list);
            const auto before = [&](int64_t a, int64_t b) {
                const float x = values[a * lists.inner];
                const float y = values[b * lists.inner];
                if (std::isnan(x) || std::isnan(y))
                    return std::isnan(x) == std::isnan(y) ? a < b : std::isnan(y);
                if (x != y)
                    return largest ? x > y : x < y;
                return lastFirst ? a > b : a < b;
            };
            std::iota(order.begin(), order.end(), int64_t{0});
            std::partial_sort(order.begin(), order.begin() + count, order.end(), before);
            write(list, order);
        }
    });
}

}  // namespace

KernelResult argMax(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const bool largest = work.layer().op == "ArgMax";
    const bool last = attributes.flag("lastOfEqual", largest);
    const bool outValue = attributes.flag("outValue", false);
    const int64_t count = attributes.integer("topK", 1);
    const bool along = attributes.has("axis");
    const Shape& input = work.input();
    const Lists lists = along ? Lists(input, axisOf(attributes, 0, input.size())) : Lists({input[0], elementCount(input) / input[0]}, 1);
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        rank(inputs[0].data(), lists, count, largest, last, [&](int64_t list, const std::vector<int64_t>& order) {
            const int64_t first = lists.first(list);
            for (int64_t k = 0; k < count; ++k) {
                const int64_t place = order[static_cast<size_t>(k)];
                const float value = inputs[0].data()[first + place * lists.inner];
                if (along) {
                    outputs[0].data()[(list / lists.inner * count + k) * lists.inner + list % lists.inner] =
                        outValue ? value : static_cast<float>(place);
                    continue;
                }
                float* out = outputs[0].data() + list * count * (outValue ? 2 : 1);
                out[k] = static_cast<float>(place);
                if (outValue)
                    out[count + k] = value;
            }
        });
        return {};
    });
}

// TopK and Sort.
KernelResult ordered(const Work& work)
{
    const Attributes& attributes = work.attributes();
    const bool top = work.layer().op == "TopK";
    const bool largest = attributes.flag(top ? "largest" : "descending", true);
    const Lists lists(work.input(), axisOf(attributes, -1, work.input().size()));
    const int64_t count = top ? attributes.integer("k", 1) : lists.size;
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        rank(inputs[0].data(), lists, count, largest, false, [&](int64_t list, const std::vector<int64_t>& order) {
            const int64_t first = lists.first(list);
            for (int64_t k = 0; k < count; ++k) {
                const int64_t place = order[static_cast<size_t>(k)];
                const int64_t to = (list / lists.inner * count + k) * lists.inner + list % lists.inner;
                outputs[0].data()[to] = inputs[0].data()[first + place * lists.inner];
                if (outputs.size() > 1)
                    outputs[1].data()[to] = static_cast<float>(place);
            }
        });
        return {};
    });
}

KernelResult batchReindex(const Work& work)
{
    const int64_t batch = work.input()[0];
    const int64_t sample = elementCount(work.input()) / batch;
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        for (int64_t i = 0; i < inputs[1].count(); ++i) {
            const float number = inputs[1].data()[i];
            if (!(number >= 0 && number < static_cast<float>(batch)))
                return Error{ErrorCode::OutOfRange, "it asks for sample " + std::to_string(number) + " of " + std::to_string(batch), {}};
            std::memcpy(outputs[0].data() + i * sample, inputs[0].data() + static_cast<int64_t>(number) * sample,
                        static_cast<size_t>(sample) * sizeof(float));
        }
        return {};
    });
}

// As in sparseRules, outputs are smaller than declared.
KernelResult filter(const Work& work)
{
    return plainKernel(work, [](Inputs inputs, Outputs outputs) -> Result<void> {
        const Tensor& selector = inputs.back();
        for (size_t i = 0; i < outputs.size(); ++i) {
            Shape shape = outputs[i].shape();
            const int64_t sample = outputs[i].count() / shape[0];
            int64_t kept = 0;
            for (int64_t n = 0; n < selector.count(); ++n)
                if (selector.data()[n] != 0)
                    std::memcpy(outputs[i].data() + kept++ * sample, inputs[i].data() + n * sample, static_cast<size_t>(sample) * sizeof(float));
            if (kept == 0)
                std::fill_n(outputs[i].data(), sample, 0.0F);
            shape[0] = std::max<int64_t>(kept, 1);
            outputs[i] = outputs[i].head(std::move(shape));
        }
        return {};
    });
}

}  // namespace qs::kernels
