#include "core/stats/estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qs {

ErrorEstimate estimateError(const Histogram& histogram, const QuantParams& params)
{
    constexpr int points = 4;  // of a bin
    double xx = 0;
    double yy = 0;
    double xy = 0;
    double nn = 0;
    const double scale = params.scale;
    for (size_t bin = 0; bin < histogram.counts.size(); ++bin) {
        if (histogram.counts[bin] == 0)
            continue;
        const double weight = static_cast<double>(histogram.counts[bin]) / points;
        for (int i = 0; i < points; ++i) {
            const double x = histogram.lower + (static_cast<double>(bin) + (i + 0.5) / points) * histogram.width;
            const double code = std::clamp(roundedTo(x / scale, params.form.rounding) + params.offset, static_cast<double>(params.qmin()),
                                           static_cast<double>(params.qmax()));
            const double y = (code - params.offset) * scale;
            xx += weight * x * x;
            yy += weight * y * y;
            xy += weight * x * y;
            nn += weight * (x - y) * (x - y);
        }
    }
    ErrorEstimate estimate;
    if (xx > 0 || yy > 0)
        estimate.cosine = xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
    estimate.sqnrDb = nn > 0 ? 10 * std::log10(xx / nn) : std::numeric_limits<double>::infinity();
    estimate.relL2 = nn > 0 ? std::sqrt(nn / xx) : 0;
    return estimate;
}

}  // namespace qs
