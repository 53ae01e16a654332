// The report of one branch: a self-contained HTML file from values, to be read, sent and printed by people who do not have the program.
#pragma once

#include "core/jobs/compare.h"
#include "core/stats/similarity.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace qs {

/// One point of a search's front.
struct ReportedPoint {
    double cost = 0;
    double accuracy = 0;
    std::string description;
};

/// What a target's rules say, in the reader's language.
struct CheckLine {
    std::string severity;
    std::string layer;
    std::string text;
    std::string remedy;
};

/// Why one of the worst layers breaks and what helps, in the reader's language.
struct DiagnosisLine {
    std::string layer;
    double local = 1;         ///< cosine
    std::string causes = {};  ///< empty: none that is known
    std::string remedy = {};  ///< the best that was tried; empty: none was
    double localThen = 1;     ///< cosines with it
    double outputThen = 1;
    double outputNow = 1;  ///< on the same samples
};

struct ReportSource {
    std::string branch = "main";
    std::string program;  ///< "Quantscope 0.1.0"
    std::string date;     ///< as it is to be read
    std::filesystem::path model;
    std::filesystem::path weights;                ///< empty: none
    const PreparedNetwork* prepared = nullptr;    ///< must be there
    const QuantizedNetwork* quantized = nullptr;  ///< must be there
    const Comparison* comparison = nullptr;       ///< null: the report says that there is none
    const Comparison* histograms = nullptr;       ///< whose histograms are shown; null: the comparison's own
    const DataSet* data = nullptr;                ///< what was compared on; null: not said
    ById<LayerId, std::string> reasons;   ///< of layers of prepared->original: why it is not as requested, or not quantized; empty: why_float.h's
    std::vector<ReportedPoint> searched;  ///< empty: no section
    std::string target = {};              ///< that the checks are for; empty: no section
    std::vector<CheckLine> checks = {};
    std::vector<DiagnosisLine> diagnosis = {};  ///< worst first; empty: no section
    std::map<std::string, std::string> words =
        {};  ///< English (reportWords(), metricDefinitions()) to another language; what is missing stays English
    SimilarityForm similarity = SimilarityForm::Cosine;
    std::string language = "en";  ///< of `words`, for the html element
};

/// A picture of the report: SVG with presentation attributes only.
struct ReportPlot {
    std::string svg;
    int width = 0;
    int height = 0;
};

/// For a simple typesetter (QTextDocument): the plots stand as <img src="plot:0">, and there is no style that it does not know.
struct PaperReport {
    std::string html;
    std::vector<ReportPlot> plots;
};

/// Well-formed XML as well as HTML; refers to nothing outside itself. Names are escaped. Figures are those of `comparison`.
std::string reportHtml(const ReportSource& source);
PaperReport paperReport(const ReportSource& source);

/// Every English phrase of the report, for translation; %1 stands for a number or name.
std::span<const char* const> reportWords();

}  // namespace qs
