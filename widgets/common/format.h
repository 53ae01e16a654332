// Numbers as the window shows them: fixed digits, the point as decimal mark in every language (they are pasted into tools).
#pragma once

#include "core/base/buffer.h"
#include "core/stats/metrics.h"

#include <QString>

namespace qs {

/// 0.9987; close to one (above 0.9999) as "1-3.2e-06".
QString cosineText(double cosine);
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
