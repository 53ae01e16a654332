// What is computed along one axis, list by list: a list's values may lie apart.
#include "core/base/parallel.h"
#include "core/engine/kernels/lists.h"

#include <algorithm>
#include <cmath>

namespace qs::kernels {

namespace {

/// A list in memory.
template <class T>
struct List {
    T* data;
    int64_t size, step;
    T& operator[](int64_t i) const { return data[i * step]; }
};

/// A kernel of what `each` does to every one of the lists.
template <class Each>
KernelResult alongAxis(const Work& work, const Lists& lists, Each each)
{
    if (lists.count() * lists.size == 0)
        return plainKernel(work, [](Inputs, Outputs) -> Result<void> { return {}; });
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        forChunks(lists.count(), std::max<int64_t>(1, (1 << 12) / lists.size), [&](int64_t, int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i)
                each(List<const float>{inputs[0].data() + lists.first(i), lists.size, lists.inner},
                     List<float>{outputs[0].data() + lists.first(i), lists.size, lists.inner});
        });
        return {};
    });
}

int64_t largestPlace(const List<const float>& list)
{
    int64_t place = 0;
    for (int64_t i = 1; i < list.size; ++i)
        place = list[i] > list[place] ? i : place;
    return place;
}

}  // namespace

KernelResult logSoftmax(const Work& work)
{
    return alongAxis(work, softmaxLists(work), [](const auto& in, const auto& out) {
        const float largest = in[largestPlace(in)];
        double sum = 0;
        for (int64_t i = 0; i < in.size; ++i)
            sum += std::exp(static_cast<double>(in[i] - largest));
        const auto logarithm = static_cast<float>(std::log(sum));
        for (int64_t i = 0; i < in.size; ++i)
            out[i] = in[i] - largest - logarithm;
    });
}

KernelResult hardmax(const Work& work)
{
    return alongAxis(work, softmaxLists(work), [](const auto& in, const auto& out) {
        const int64_t place = largestPlace(in);
        for (int64_t i = 0; i < in.size; ++i)
            out[i] = i == place ? 1.0F : 0.0F;
    });
}

KernelResult cumSum(const Work& work)
{
    const bool exclusive = work.attributes().flag("exclusive", false);
    const bool reverse = work.attributes().flag("reverse", false);
    return alongAxis(work, Lists(work.input(), axisOf(work.attributes(), 0, work.input().size())), [=](const auto& in, const auto& out) {
        double sum = 0;
        for (int64_t k = 0; k < in.size; ++k) {
            const int64_t i = reverse ? in.size - 1 - k : k;
            const auto value = static_cast<double>(in[i]);
            out[i] = static_cast<float>(exclusive ? sum : sum + value);
            sum += value;
        }
    });
}

}  // namespace qs::kernels
