// Numbers as the window shows them: fixed digits, the point as decimal mark in every language (they are pasted into tools).
#pragma once

#include "core/base/buffer.h"
#include "core/stats/similarity.h"

#include <QString>

namespace qs {

/// Chosen once, for every view; a window that stands shows what was chosen when it was made.
SimilarityForm similarityForm();
void setSimilarityForm(SimilarityForm form);
/// "1 − cosine" for the menu that chooses.
QString similarityLabel(SimilarityForm form = similarityForm());
/// Of figures of which only the cosine is known.
QString cosineLabel();
/// 0.998712, 1.29e-03 or 28.90, as chosen (core/stats/similarity.h).
QString similarityText(const Metrics& metrics);
/// Where only the cosine is known.
QString cosineText(double cosine);
/// With what it is: "cos 0.998712", "1−cos 1.29e-03", "SQNR 28.90 dB".
QString similarityPhrase(const Metrics& metrics);
QString cosinePhrase(double cosine);
/// Its name among metricDefinitions(): "sqnrDb" or "cosine".
QString similarityMetric();
/// Above a column of them: "cos", "1−cos", "SQNR".
QString similaritySymbol();
QString cosineSymbol();
/// 38.21, or the sign of infinity.
QString decibelText(double value);
/// 3.214e-05
QString scientificText(double value, int digits = 3);
/// 1.235 with `digits` significant digits, without an exponent where that is short.
QString significantText(double value, int digits = 4);
/// +0.0123, −4.1e-05; 0 for no difference.
QString signedText(double difference);
QString percentText(double fraction, int digits = 1);
/// 1,235,000 as "1.24 M"; exact below 10,000.
QString countText(int64_t count);
/// "0:12", "1:02:03"
QString durationText(double seconds);
QString shapeLabel(const Shape& shape);

/// Definition of a metric of core/stats/metrics.h, in the user's language.
QString metricDefinition(const QString& name);
/// "Cosine similarity" for "cosine".
QString metricLabel(const QString& name);
/// "one quantized" for "oneQuantized" of core/jobs/sensitivity.h's scopes, and its definition.
QString scopeLabel(const QString& name);
QString scopeDefinition(const QString& name);

}  // namespace qs
