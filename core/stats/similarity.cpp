#include "core/stats/similarity.h"

#include "core/base/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace qs {

namespace {

std::string special(double value)
{
    return std::isnan(value) ? "NaN" : value > 0 ? "∞" : "−∞";
}

}  // namespace

const char* similarityName(SimilarityForm form)
{
    constexpr const char* names[] = {"cosine", "1 − cosine", "SQNR (dB)"};
    return names[static_cast<size_t>(form)];
}

std::string cosineText(double cosine, SimilarityForm form)
{
    if (!std::isfinite(cosine))
        return special(cosine);
    if (ofCosine(form) == SimilarityForm::Cosine)
        return fixedText(cosine, 6);
    // What a sum of floats leaves of nothing is nothing.
    const double miss = std::abs(1 - cosine) < 1e-15 ? 0 : 1 - cosine;
    std::array<char, 32> text{};
    const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), miss, std::chars_format::scientific, 2);
    return {text.data(), end};
}

std::string similarityText(const Metrics& metrics, SimilarityForm form)
{
    if (form != SimilarityForm::Sqnr)
        return cosineText(metrics.cosine, form);
    return std::isfinite(metrics.sqnrDb) ? fixedText(metrics.sqnrDb, 2) : special(metrics.sqnrDb);
}

double similarityValue(const Metrics& metrics, SimilarityForm form)
{
    return form == SimilarityForm::Sqnr ? metrics.sqnrDb : form == SimilarityForm::Cosine ? metrics.cosine : 1 - metrics.cosine;
}

}  // namespace qs
