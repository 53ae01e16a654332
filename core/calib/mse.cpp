#include "core/calib/mse.h"

#include "core/calib/range_loss.h"

#include <limits>

namespace qs {

namespace {

/// Shares of the smallest and of the largest value seen.
struct Shares {
    double low = 1;
    double high = 1;
};

class Search {
public:
    Search(const Observation& observation, const CalibratorOptions& options, const QuantParams& whole)
        : m_loss(observation, observation.count() <= Observation::fewValues),
          m_low(observation.histogram().minimum()),
          m_high(observation.histogram().maximum()),
          m_twoSided(options.withOffset && m_low < 0 && m_high > 0),
          m_options(options),
          m_params(whole)
    {
    }

    QuantParams run()
    {
        // Of few values the loss is ragged: where there is one limit only, many are tried.
        const int steps = m_twoSided ? 32 : 512;
        around({0.5, 0.5}, steps / 2, 1.0 / steps, RangeLoss::Detail::Coarse);
        m_least = std::numeric_limits<double>::infinity();  // the coarse losses do not compare with the fine ones
        around(m_best, 8, 1.0 / steps / 8, RangeLoss::Detail::Fine);
        around(m_best, 8, 1.0 / steps / 64, RangeLoss::Detail::Fine);
        return m_params;
    }

private:
    /// Looks at `reach` steps to both sides.
    void around(Shares centre, int reach, double step, RangeLoss::Detail detail)
    {
        for (int i = -reach; i <= reach; ++i) {
            if (!m_twoSided) {
                look({centre.low + i * step, centre.high + i * step}, detail);
                continue;
            }
            for (int j = -reach; j <= reach; ++j)
                look({centre.low + i * step, centre.high + j * step}, detail);
        }
    }

    void look(const Shares& shares, RangeLoss::Detail detail)
    {
        if (!(shares.low > 0 && shares.low <= 1 && shares.high > 0 && shares.high <= 1))
            return;
        const auto params =
            paramsFromRange(m_low * static_cast<float>(shares.low), m_high * static_cast<float>(shares.high), m_options.bits, m_options.withOffset);
        if (!params)
            return;
        const double loss = m_loss.at(detail, params->clipMin(), params->clipMax(), params->scale);
        if (loss < m_least) {
            m_least = loss;
            m_best = shares;
            m_params = *params;
        }
    }

    RangeLoss m_loss;
    float m_low;
    float m_high;
    bool m_twoSided;
    CalibratorOptions m_options;
    Shares m_best;
    double m_least = std::numeric_limits<double>::infinity();
    QuantParams m_params;
};

}  // namespace

Result<QuantParams> mseSolve(const Observation& observation, const CalibratorOptions& options)
{
    QS_CHECK(checkObservation(observation));
    // The whole range must be legal, as it must be for every other calibrator.
    QS_TRY(const QuantParams whole,
           paramsFromRange(observation.histogram().minimum(), observation.histogram().maximum(), options.bits, options.withOffset));
    return Search(observation, options, whole).run();
}

}  // namespace qs
