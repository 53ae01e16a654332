// The mean squared error of fake quantization over what was observed: what IFMR and mse search the least of.
#pragma once

#include "core/stats/observation.h"

#include <vector>

namespace qs {

class RangeLoss {
public:
    /// Points spread over each bin. The bin of zero, whose values are mostly exact zeros behind a ReLU, stays one.
    enum class Detail : uint8_t { Coarse = 1, Fine = 4 };
    /// `exact`: over all values where the observation has them. It must outlive this.
    RangeLoss(const Observation& observation, bool exact);

    /// Mean of (round(clamp(x, low, high) / scale) * scale - x)^2; over all values `detail` does not matter.
    double at(Detail detail, float low, float high, float scale) const;
    bool exact() const { return m_exact; }

private:
    struct Bins {
        std::vector<float> centres;
        std::vector<float> counts;
    };
    static Bins occupiedBins(const WideningHistogram& histogram, int parts);

    const Observation& m_observation;
    bool m_exact;
    Bins m_coarse;
    Bins m_fine;
};

}  // namespace qs
