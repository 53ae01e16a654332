// The report's pictures as SVG. Light, print-friendly, readable in grey.
#pragma once

#include "core/report/report.h"
#include "core/stats/histogram.h"

namespace qs::report {

std::string escaped(const std::string& text);

/// How wrong a cosine is as a bar: empty at 1 − 1e-6, full at 0.
ReportPlot cosineBar(double cosine);

struct Curve {
    std::string name;
    std::vector<double> values;
    const char* color = "#2f6fde";
    bool dashed = false;
};
/// Curves over the same named places.
ReportPlot profile(const std::vector<std::string>& names, const std::vector<Curve>& curves);

/// Logarithmic counts with the limits of the quantized range; low == high: none.
ReportPlot sparkline(const Histogram& histogram, double low, double high);

/// Accuracy over cost.
ReportPlot front(const std::vector<ReportedPoint>& points, const std::string& costName, const std::string& accuracyName);

}  // namespace qs::report
