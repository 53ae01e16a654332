// The estimate from a histogram against the error of the values themselves.
#include "core/stats/estimate.h"

#include "core/quant/fake_quant.h"
#include "core/stats/metrics.h"
#include "tests/support/networks.h"

namespace qs {

TEST(Estimate, IsNearTheErrorOfTheValues)
{
    const std::vector<float> values = test::randomValues(200000, 7);
    WideningHistogram histogram;
    histogram.add(values);
    for (const float limit : {1.0F, 2.0F, 4.5F}) {
        const auto params = paramsFromRange(-limit, limit, 8, true);
        ASSERT_TRUE(params.ok());
        std::vector<float> quantized(values.size());
        fakeQuantize(values, quantized, *params);
        MetricsAccumulator exact;
        exact.add(errorSums(values, quantized), 0);
        const ErrorEstimate estimate = estimateError(histogram.display(), *params);
        // Half a decibel: the bins are not much narrower than a step, and their insides unknown.
        EXPECT_NEAR(estimate.sqnrDb, exact.metrics().sqnrDb, 0.5) << limit;
        EXPECT_NEAR(estimate.cosine, exact.metrics().cosine, 1e-3) << limit;
    }
    EXPECT_EQ(estimateError({}, {}).cosine, 1);
}

}  // namespace qs
