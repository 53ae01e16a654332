// The report of the present branch as a file: HTML, or PDF by the suffix.
#pragma once

#include "app/session/session.h"
#include "core/report/report.h"

#include <QByteArray>
#include <QImage>

#include <vector>

namespace qs {

/// Values that a report is made of, taken from the session; the words are those of the window's language.
struct ReportInput {
    ReportSource source;
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;
    std::shared_ptr<const Comparison> comparison;
    std::shared_ptr<const Comparison> histograms;
    std::shared_ptr<const DataSet> data;
};

/// Needs a comparison that is not stale, on all samples: without one `comparison` is null and nothing else is set.
ReportInput reportInput(const Session& session);

/// On the GUI's thread: a QTextDocument asks for it. Written to a temporary name and renamed. Errors: FileNotWritable.
Result<void> writeReport(const ReportInput& input, const std::filesystem::path& file);

/// A4 pages, numbered.
QByteArray reportPdf(const ReportInput& input);
/// The first pages as they are printed, to be looked at.
std::vector<QImage> reportPages(const ReportInput& input, int count);

}  // namespace qs
