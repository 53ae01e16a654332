// How alike float and quantized values are, as people read it: one form, chosen once, in every table, card and report.
#pragma once

#include "core/stats/metrics.h"

namespace qs {

enum class SimilarityForm : uint8_t { Cosine, OneMinusCosine, Sqnr };

/// Where only a cosine is known, decibels cannot be said: the nearest that can.
constexpr SimilarityForm ofCosine(SimilarityForm form)
{
    return form == SimilarityForm::Sqnr ? SimilarityForm::OneMinusCosine : form;
}

/// "cosine", "1 − cosine", "SQNR (dB)"
const char* similarityName(SimilarityForm form);
/// 0.999968, 3.20e-05: a column of them stands aligned.
std::string cosineText(double cosine, SimilarityForm form);
/// 44.95 as well.
std::string similarityText(const Metrics& metrics, SimilarityForm form);
/// The number that similarityText() writes.
double similarityValue(const Metrics& metrics, SimilarityForm form);

}  // namespace qs
