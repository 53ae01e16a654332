// Maxima of windows with gaps, and their places: plane by plane, with up to three spatial dimensions.
#include "core/base/parallel.h"
#include "core/engine/kernels/kernels.h"

#include <algorithm>
#include <array>
#include <limits>

namespace qs::kernels {

namespace {

struct Side {
    int64_t extent = 1, outputs = 1, kernel = 1, stride = 1, before = 0, dilation = 1;
};
/// Depth, height, width: those that do not exist are one long.
using Sides = std::array<Side, 3>;

Sides sidesOf(const Work& work)
{
    const size_t count = work.input().size() - 2;
    const std::vector<int64_t> ones(count, 1);
    const auto kernel = work.attributes().integers("kernel");
    const auto stride = work.attributes().integers("stride", ones);
    const auto dilation = work.attributes().integers("dilation", ones);
    const auto pad = work.attributes().integers("pad", std::vector<int64_t>(2 * count));
    Sides sides;
    for (size_t i = 0; i < count; ++i)
        sides[sides.size() - count + i] = {work.input()[i + 2], work.output()[i + 2], kernel[i], stride[i], pad[i], dilation[i]};
    return sides;
}

struct Found {
    float value = -std::numeric_limits<float>::max();
    int64_t place = -1;
};

/// The largest of a window, and the first place where it stands; -1: it reads nothing but padding.
Found largest(const float* plane, const Sides& sides, const std::array<int64_t, 3>& output)
{
    Found found;
    const auto inside = [&](size_t side, int64_t tap) {
        const int64_t at = output[side] * sides[side].stride - sides[side].before + tap * sides[side].dilation;
        return at >= 0 && at < sides[side].extent ? at : -1;
    };
    for (int64_t z = 0; z < sides[0].kernel; ++z)
        for (int64_t y = 0; y < sides[1].kernel; ++y)
            for (int64_t x = 0; x < sides[2].kernel; ++x) {
                const int64_t depth = inside(0, z);
                const int64_t row = inside(1, y);
                const int64_t column = inside(2, x);
                if (depth < 0 || row < 0 || column < 0)
                    continue;
                const int64_t place = (depth * sides[1].extent + row) * sides[2].extent + column;
                // The first whatever it is: minus infinity and what is no number have a place, too.
                if (found.place < 0 || plane[place] > found.value)
                    found = {plane[place], place};
            }
    return found;
}

}  // namespace

bool hasGaps(const Attributes& attributes)
{
    const auto dilation = attributes.integers("dilation");
    return std::any_of(dilation.begin(), dilation.end(), [](int64_t step) { return step != 1; });
}

KernelResult gappedPooling(const Work& work)
{
    const Sides sides = sidesOf(work);
    const bool ofTensor = work.attributes().text("places", "channel") == "tensor";
    return plainKernel(work, [=](Inputs inputs, Outputs outputs) -> Result<void> {
        const int64_t planeSize = sides[0].extent * sides[1].extent * sides[2].extent;
        const int64_t outputSize = sides[0].outputs * sides[1].outputs * sides[2].outputs;
        forChunks(inputs[0].count() / std::max<int64_t>(1, planeSize), 1, [&](int64_t plane, int64_t, int64_t) {
            for (int64_t i = 0; i < outputSize; ++i) {
                const std::array<int64_t, 3> at{i / (sides[1].outputs * sides[2].outputs), i / sides[2].outputs % sides[1].outputs,
                                                i % sides[2].outputs};
                const Found found = largest(inputs[0].data() + plane * planeSize, sides, at);
                outputs[0].data()[plane * outputSize + i] = found.value;
                if (outputs.size() > 1)
                    outputs[1].data()[plane * outputSize + i] =
                        static_cast<float>(found.place < 0 || !ofTensor ? found.place : found.place + plane * planeSize);
            }
        });
        return {};
    });
}

KernelResult maxUnpool(const Work& work)
{
    return plainKernel(work, [](Inputs inputs, Outputs outputs) -> Result<void> {
        const std::span<float> out = outputs[0].values();
        std::fill(out.begin(), out.end(), 0.0F);
        for (int64_t i = 0; i < inputs[0].count(); ++i) {
            const float place = inputs[1].data()[i];
            if (!(place >= 0 && place < static_cast<float>(out.size())))
                return Error{ErrorCode::OutOfRange, "one of its places is outside of " + shapeText(outputs[0].shape()), {}};
            out[static_cast<size_t>(place)] = inputs[0].data()[i];
        }
        return {};
    });
}

}  // namespace qs::kernels
