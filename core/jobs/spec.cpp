#include "core/jobs/spec.h"

namespace qs {

namespace {

Result<Solved> entered(Solved solved)
{
    QS_TRY(solved.quantized, quantizeNetwork(*solved.prepared, solved.record));
    return solved;
}

}  // namespace

Result<std::shared_ptr<const PreparedNetwork>> prepare(const Spec& spec)
{
    if (spec.prepared)
        return spec.prepared;
    return prepareNetwork(spec.model, spec.configuration);
}

Result<Solved> quantize(const Spec& spec)
{
    QS_TRY(auto prepared, prepare(spec));
    return entered({std::move(prepared), nullptr, spec.given.value_or(QuantRecord{}), nullptr});
}

Result<Solved> solve(const Spec& spec, const std::shared_ptr<Engine>& engine, const JobContext& job)
{
    if (spec.given)
        return quantize(spec);
    QS_TRY(auto prepared, prepare(spec));
    QS_TRY(auto calibration, calibrate(engine, *prepared, *spec.data, job, spec.options));
    QuantRecord record = calibration->record;
    return entered({std::move(prepared), std::move(calibration), std::move(record), nullptr});
}

}  // namespace qs
