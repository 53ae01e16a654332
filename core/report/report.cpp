#include "core/report/report.h"

#include "core/base/text.h"
#include "core/ops/op.h"
#include "core/prepare/refinements.h"
#include "core/prepare/why_float.h"
#include "core/project/branches.h"
#include "core/report/plots.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

namespace qs {

namespace {

using report::escaped;

// Core has no Qt: here the macro, by which lupdate knows the words, is the word itself.
#define QT_TRANSLATE_NOOP(context, english) english
constexpr const char* wordTable[] = {
#include "core/report/words.inc"
};

constexpr const char* pageStyle = R"(
:root { color-scheme: light; }
body { font: 13px/1.45 "Noto Sans", "Noto Sans CJK SC", "DejaVu Sans", "Segoe UI", sans-serif; color: #1c1c1c; background: #ffffff; margin: 0 auto; max-width: 60em; padding: 2em; }
h1 { font-size: 1.7em; margin: 0; } h2 { font-size: 1.2em; margin: 1.8em 0 0.5em; border-bottom: 1px solid #d9d9d6; } h3 { font-size: 1em; margin: 0; }
p { margin: 0.4em 0; } .quiet { color: #6b6b6b; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th { text-align: left; font-weight: 600; color: #6b6b6b; }
th, td { padding: 2px 10px 2px 0; vertical-align: top; } tr.line td { border-top: 1px solid #eeeeec; } thead th { border-bottom: 1px solid #d9d9d6; }
td.number, th.number { text-align: right; } td.bar svg { display: inline-block; vertical-align: middle; } td.path { word-break: break-all; }
table.cards td { padding: 0.6em 2.2em 0.2em 0; } .big { font-size: 1.6em; } td.worst { padding: 0.6em 2em 0.6em 0; } svg { max-width: 100%; }
@media print { body { max-width: none; padding: 0; font-size: 10px; } h2 { break-after: avoid; } tr, svg { break-inside: avoid; } thead { display: table-header-group; } }
@page { margin: 15mm; }
)";

constexpr const char* paperStyle = R"(
body { color: #1c1c1c; } h1 { font-size: 20pt; } h2 { font-size: 13pt; margin-top: 16px; } .quiet { color: #6b6b6b; } th { color: #6b6b6b; text-align: left; }
td.number, th.number { text-align: right; } .big { font-size: 16pt; }
)";

class Writer {
public:
    Writer(const ReportSource& source, bool paper) : m_source(source), m_paper(paper) {}

    PaperReport write()
    {
        const std::string title = say("Quantization report") + " – " + escaped(model().name());
        m_html =
            (m_paper ? "" : "<!DOCTYPE html>\n") + ("<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"" + escaped(m_source.language) + "\">\n") +
            "<head><meta charset=\"utf-8\"/><title>" + title + "</title><style>" + (m_paper ? paperStyle : pageStyle) + "</style></head>\n<body>\n";
        m_html += "<h1>" + escaped(model().name()) + "</h1>\n<p class=\"quiet\">" + say("Quantization report") + " · " +
                  say("branch %1", m_source.branch) + " · " + escaped(m_source.date) + " · " + escaped(m_source.program) + "</p>\n";
        cards();
        network();
        setting();
        data();
        outputs();
        errors();
        worst();
        diagnosis();
        checks();
        layers();
        searched();
        definitions();
        m_html += "</body></html>\n";
        return {std::move(m_html), std::move(m_plots)};
    }

private:
    /// Translated and escaped; the arguments stand for %1, %2, %3.
    std::string say(const char* english, const std::string& first = {}, const std::string& second = {}, const std::string& third = {}) const
    {
        const auto found = m_source.words.find(english);
        std::string text = escaped(found == m_source.words.end() || found->second.empty() ? english : found->second);
        for (const auto& [place, value] : {std::pair<const char*, const std::string&>{"%1", first}, {"%2", second}, {"%3", third}})
            if (const size_t at = text.find(place); at != std::string::npos)
                text.replace(at, 2, escaped(value));
        return text;
    }
    const Model& model() const { return *m_source.prepared->original; }
    const Configuration& configuration() const { return m_source.prepared->configuration; }
    const Effective& effective(LayerId layer) const { return m_source.quantized->effective[layer]; }

    std::string plot(ReportPlot picture)
    {
        if (!m_paper)
            return picture.svg;
        // As wide as the body of an A4 page, and no wider.
        const auto size = [](int pixels) { return std::to_string(pixels * 17 / 20); };
        const std::string tag = "<img src=\"plot:" + std::to_string(m_plots.size()) + "\" width=\"" + size(picture.width) + "\" height=\"" +
                                size(picture.height) + "\"/>";
        m_plots.push_back(std::move(picture));
        return tag;
    }
    void section(const char* title) { m_html += "<h2>" + say(title) + "</h2>\n"; }
    void openTable() { m_html += m_paper ? "<table cellspacing=\"0\" cellpadding=\"2\">\n" : "<table>\n"; }
    /// `cells` are HTML; the class of a column's cells by its letter: n number, b bar, p path.
    void row(const std::vector<std::string>& cells, const char* columns, bool head = false)
    {
        m_html += head ? "<thead><tr>" : "<tr class=\"line\">";
        for (size_t i = 0; i < cells.size(); ++i) {
            const char kind = columns[i];
            const char* name = kind == 'n' ? " class=\"number\"" : kind == 'b' ? " class=\"bar\"" : kind == 'p' ? " class=\"path\"" : "";
            const std::string tag = head ? "th" : "td";
            m_html += "<" + tag + name + (m_paper && kind == 'n' ? " align=\"right\"" : "") + ">" + cells[i] + "</" + tag + ">";
        }
        m_html += head ? "</tr></thead>\n" : "</tr>\n";
    }
    void closeTable() { m_html += "</table>\n"; }
    void fact(const char* name, const std::string& value) { row({say(name), escaped(value)}, "tp"); }

    std::string cosine(double value) const { return cosineText(value, m_source.similarity); }
    std::string similar(const Metrics& metrics) const { return similarityText(metrics, m_source.similarity); }
    /// What these two write.
    std::string cosineMeasure() const { return plain(similarityName(ofCosine(m_source.similarity))); }
    std::string measure() const { return plain(similarityName(m_source.similarity)); }
    static std::string percent(double share) { return fixedText(100 * share, 1); }
    static std::string decibels(double value) { return !std::isinf(value) ? fixedText(value, 1) : value > 0 ? "∞" : "−∞"; }

    void cards()
    {
        const auto quantized =
            std::count_if(m_source.quantized->effective.begin(), m_source.quantized->effective.end(), [](const Effective& e) { return e.quantized; });
        std::vector<std::pair<std::string, std::string>> cells{
            {std::to_string(quantized) + " / " + std::to_string(model().layers().size()), say("layers quantized")}};
        if (const Comparison* comparison = m_source.comparison) {
            if (!comparison->outputs.empty())
                cells.emplace_back(similar(comparison->outputs.front().cumulative), say("%1 of the output", measure()));
            const Classification& counts = comparison->classification;
            if (const auto agreement = comparison->agreement())
                cells.emplace_back(percent(*agreement) + " %", say("agreement with float"));
            if (counts.valid && counts.labelled)
                cells.emplace_back(percent(counts.floatTop1) + " % → " + percent(counts.quantizedTop1) + " %", say("top-1, float and quantized"));
        }
        m_html += m_paper ? "<table cellspacing=\"0\" cellpadding=\"8\" width=\"100%\"><tr>" : "<table class=\"cards\"><tr>";
        for (const auto& [value, name] : cells)
            m_html += "<td><span class=\"big\">" + escaped(value) + "</span><br/><span class=\"quiet\">" + name + "</span></td>";
        m_html += "</tr></table>\n";
    }

    void network()
    {
        section("Network");
        openTable();
        fact("Structure", m_source.model.string());
        if (!m_source.weights.empty())
            fact("Weights", m_source.weights.string());
        fact("Layers", std::to_string(model().layers().size()));
        fact("Parameters", std::to_string(model().parameterCount()));
        int64_t macs = 0;
        for (const LayerId id : model().layerIds())
            macs += layerMacs(model(), id);
        fact("Multiply-accumulates", std::to_string(macs));
        closeTable();
    }

    void setting()
    {
        section("Setting");
        const auto yes = [this](bool value) { return value ? say("yes") : say("no"); };
        openTable();
        fact("Calibration batches", std::to_string(configuration().batchNum));
        row({say("Activations with offset"), yes(configuration().activationOffset)}, "tt");
        row({say("BatchNorm fused"), yes(configuration().doFusion)}, "tt");
        closeTable();
        const auto differences = settingsDifference(createQuantConfig(model(), configuration().batchNum), configuration());
        if (differences.empty()) {
            m_html += "<p>" + say("All other settings are the defaults of create_quant_config.") + "</p>\n";
            return;
        }
        m_html += "<p>" + say("What is set otherwise than the defaults of create_quant_config:") + "</p>\n";
        openTable();
        row({say("Layer"), say("Key"), say("Default"), say("Set")}, "tttt", true);
        const auto value = [this](const std::string& text) {
            return text.empty() ? "<span class=\"quiet\">" + say("not set") + "</span>" : escaped(text);
        };
        for (const SettingDifference& d : differences)
            row({d.layer.empty() ? say("(network)") : escaped(d.layer), escaped(d.key), value(d.before), value(d.after)}, "tttt");
        closeTable();
    }

    void data()
    {
        if (!m_source.data)
            return;
        section("Data");
        const DataSpec& spec = m_source.data->spec();
        openTable();
        fact("Source", spec.path.string());
        fact("Samples", std::to_string(m_source.data->size()));
        const int wanted = configuration().batchNum * spec.preprocess.batch;
        row({say("Calibrated on"), say("the first %1 samples", std::to_string(std::min(wanted, m_source.data->size())))}, "tt");
        if (!spec.labels.empty())
            fact("Labels", spec.labels.string());
        fact("Preprocessing", preprocessToJson(spec.preprocess));
        closeTable();
    }

    void outputs()
    {
        section("Outputs");
        if (!m_source.comparison) {
            m_html += "<p>" + say("Not compared: there are no errors to show. Compare first.") + "</p>\n";
            return;
        }
        openTable();
        row({say("Output"), escaped(measure()), say("Worst sample, %1", cosineMeasure()), say("SQNR (dB)")}, "tnnn", true);
        for (const OutputComparison& output : m_source.comparison->outputs) {
            const Metrics& metrics = output.cumulative;
            std::string worst = cosine(metrics.cosineWorst);
            if (m_source.data && metrics.worstSample >= 0 && metrics.worstSample < m_source.data->size())
                worst += " (" + m_source.data->sampleName(metrics.worstSample) + ")";
            row({escaped(output.name), similar(metrics), escaped(worst), decibels(metrics.sqnrDb)}, "tnnn");
        }
        closeTable();
        const auto& [counts, boxes, map, vectors] = static_cast<const OutputFigures&>(*m_source.comparison);
        const auto agreement = m_source.comparison->agreement();
        if (!agreement)
            return;
        m_html += "<p></p>\n";
        openTable();
        row({"", say("Float"), say("Quantized")}, "tnn", true);
        if (counts.labelled) {
            row({say("Top-1 (%)"), percent(counts.floatTop1), percent(counts.quantizedTop1)}, "tnn");
            row({say("Top-5 (%)"), percent(counts.floatTop5), percent(counts.quantizedTop5)}, "tnn");
        }
        if (boxes.labelled) {
            row({say("mAP against labels, IoU 0.5 (%)"), percent(boxes.floatLabelled.at50), percent(boxes.quantizedLabelled.at50)}, "tnn");
            row({say("mAP against labels, IoU 0.5 to 0.95 (%)"), percent(boxes.floatLabelled.mean), percent(boxes.quantizedLabelled.mean)}, "tnn");
        }
        row({boxes.valid     ? say("mAP, float as reference (%)")
             : map.valid     ? say("Pixels of the float class (%)")
             : vectors.valid ? say("Samples with the same neighbour (%)")
                             : say("Agreement (%)"),
             "", percent(*agreement)},
            "tnn");
        closeTable();
    }

    /// Not an input: it is never wrong.
    bool isCompared(const LayerComparison& layer) const
    {
        const LayerId id = model().findLayer(layer.layer);
        return layer.run && id != noId && !model().layer(id).inputs.empty();
    }

    void errors()
    {
        if (!m_source.comparison)
            return;
        std::vector<std::string> names;
        report::Curve cumulative{plain("cumulative cosine"), {}};
        report::Curve local{plain("local cosine"), {}, "#d98200", true};
        for (const LayerComparison& layer : m_source.comparison->layers)
            if (isCompared(layer)) {
                names.push_back(layer.layer);
                cumulative.values.push_back(layer.cumulative.cosine);
                local.values.push_back(layer.local.cosine);
            }
        if (names.empty())
            return;
        section("Error of every layer");
        m_html += "<p>" + plot(report::profile(names, {cumulative, local})) + "</p>\n";
    }

    /// Translated, not escaped: a plot escapes its own text.
    std::string plain(const char* english) const
    {
        const auto found = m_source.words.find(english);
        return found == m_source.words.end() || found->second.empty() ? english : found->second;
    }

    void worst()
    {
        if (!m_source.comparison)
            return;
        constexpr size_t shown = 6;
        std::vector<const LayerComparison*> order;
        for (const LayerComparison& layer : m_source.comparison->layers)
            if (isCompared(layer) && effective(model().findLayer(layer.layer)).quantized)
                order.push_back(&layer);
        if (order.empty())
            return;
        std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->local.cosine < b->local.cosine; });
        order.resize(std::min(shown, order.size()));
        section("Worst layers");
        m_html +=
            "<p class=\"quiet\">" +
            say("The quantized layers whose own error is largest, with the values at their first input; dashed: the limits of the quantized range.") +
            "</p>\n<table cellspacing=\"0\"" + (m_paper ? " cellpadding=\"6\"" : "") + ">\n";
        for (size_t i = 0; i < order.size(); ++i) {
            m_html += i % 2 == 0 ? "<tr>" : "";
            m_html += "<td class=\"worst\"><h3>" + escaped(order[i]->layer) + "</h3>" +
                      say("%1: local %2, cumulative %3", measure(), similar(order[i]->local), similar(order[i]->cumulative)) + "<br/>" +
                      input(order[i]->layer) + "</td>";
            m_html += i % 2 == 1 || i + 1 == order.size() ? "</tr>\n" : "";
        }
        m_html += "</table>\n";
    }

    std::string input(const std::string& layer)
    {
        const auto factors = m_source.quantized->record.layers.find(layer);
        if (factors == m_source.quantized->record.layers.end() || factors->second.inputs.empty())
            return {};
        const InputFactors& first = factors->second.inputs.front();
        const Comparison& observed = m_source.histograms ? *m_source.histograms : *m_source.comparison;
        const PortHistograms* seen = observed.histogram(layer, first.port);
        if (!seen || seen->floatValues.total == 0)
            return {};
        const double low = static_cast<double>(first.params.clipMin());
        const double high = static_cast<double>(first.params.clipMax());
        return plot(report::sparkline(seen->floatValues, low, high)) + "<br/><span class=\"quiet\">" +
               say("%1 % of the values are outside the limits", fixedText(100 * seen->floatValues.outside(low, high), 3)) + "</span>";
    }

    /// "ARQ" for arq.
    static std::string shortName(std::string algorithm)
    {
        std::transform(algorithm.begin(), algorithm.end(), algorithm.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        return algorithm;
    }

    static std::string calibratorText(const std::string& name) { return name == ActivationSetting{}.algorithm ? std::string() : " " + name; }

    std::string requested(const std::string& layer) const
    {
        const auto found = configuration().layers.find(layer);
        if (found == configuration().layers.end())
            return say("not listed");
        if (!found->second.quantEnable)
            return say("off");
        std::string text = "A" + std::to_string(found->second.activation(0).bits) + calibratorText(found->second.activation(0).algorithm);
        if (found->second.weights)
            text += " W" + std::to_string(found->second.weights->bits) + " " + shortName(found->second.weights->algorithm) +
                    refinementNames([&](const Refinement& refinement) { return (*found->second.weights).*refinement.flag; });
        return escaped(text);
    }

    std::string used(const Effective& layer) const
    {
        if (!layer.quantized)
            return say("float");
        std::string text =
            layer.inputs.empty() ? std::string() : "A" + std::to_string(layer.inputs.front().bits) + calibratorText(layer.inputs.front().algorithm);
        if (layer.weightBits != 0)
            text += " W" + std::to_string(layer.weightBits) + " " + shortName(layer.algorithm) +
                    refinementNames([&](const Refinement& refinement) { return refinement.done(layer); });
        text = escaped(text);
        if (std::any_of(layer.inputs.begin(), layer.inputs.end(), [](const EffectiveInput& port) { return port.byHand; }))
            text += ", " + say("limits by hand");
        return text;
    }

    void layers()
    {
        section("Every layer");
        if (m_source.comparison)
            m_html += "<p class=\"quiet\">" +
                      say("Local and cumulative: %1. A bar is empty at a cosine of 1-1e-6 or better, and full at 0.", measure()) + "</p>\n";
        openTable();
        row({say("Layer"), say("Type"), say("Requested"), say("Effective"), say("Local"), "", say("Cumulative"), "", say("SQNR (dB)"), say("Reason")},
            "ttttnbnbnt", true);
        for (const LayerId id : model().layerIds()) {
            const Layer& layer = model().layer(id);
            const Effective& e = effective(id);
            const std::string reason = m_source.reasons.contains(id) ? m_source.reasons[id]
                                       : e.quantized                 ? reasonText(e)
                                                                     : whyFloatText(model(), id, e);
            const LayerComparison* result = m_source.comparison ? m_source.comparison->layer(layer.name) : nullptr;
            std::vector<std::string> cells{escaped(layer.name), escaped(layer.type), requested(layer.name), used(e)};
            if (result && isCompared(*result)) {
                for (const Metrics& metrics : {result->local, result->cumulative}) {
                    cells.push_back(similar(metrics));
                    cells.push_back(plot(report::cosineBar(metrics.cosine)));
                }
                cells.push_back(decibels(result->cumulative.sqnrDb));
            } else
                cells.insert(cells.end(), 5, "");
            cells.push_back("<span class=\"quiet\">" + escaped(reason) + "</span>");
            row(cells, "ttttnbnbnt");
        }
        closeTable();
    }

    void diagnosis()
    {
        if (m_source.diagnosis.empty())
            return;
        section("Diagnosis");
        m_html += "<p class=\"quiet\">" +
                  say("Why these layers break, and the best of the remedies that were tried: the layer's %1, and the output's before and after.",
                      cosineMeasure()) +
                  " " + say("Rests on fewer samples than the sections above: causes on the calibration's, remedies on some spread over the data.") +
                  "</p>\n";
        openTable();
        row({say("Layer"), say("Local"), say("Why"), say("What helps"), say("Layer then"), say("Output now"), say("Output then")}, "tnttnnn", true);
        for (const DiagnosisLine& line : m_source.diagnosis) {
            const bool tried = !line.remedy.empty();
            row({escaped(line.layer), cosine(line.local), line.causes.empty() ? say("no cause that is known") : escaped(line.causes),
                 tried ? escaped(line.remedy) : say("not tried"), tried ? cosine(line.localThen) : std::string(),
                 tried ? cosine(line.outputNow) : std::string(), tried ? cosine(line.outputThen) : std::string()},
                "tnttnnn");
        }
        closeTable();
    }

    void checks()
    {
        if (m_source.target.empty())
            return;
        section("Checks");
        if (m_source.checks.empty()) {
            m_html += "<p>" + say("%1 takes this network as it is.", m_source.target) + "</p>\n";
            return;
        }
        m_html += "<p>" + say("What the rules of %1 say:", m_source.target) + "</p>\n";
        openTable();
        row({say("Severity"), say("Layer"), say("What"), say("What to do")}, "tttt", true);
        for (const CheckLine& line : m_source.checks)
            row({escaped(line.severity), escaped(line.layer), escaped(line.text), escaped(line.remedy)}, "tttt");
        closeTable();
    }

    void searched()
    {
        if (m_source.searched.empty())
            return;
        section("What was searched");
        m_html += "<p>" + plot(report::front(m_source.searched, plain("Cost"), plain("Accuracy"))) + "</p>\n";
        openTable();
        row({say("Cost"), say("Accuracy"), say("Description")}, "nnt", true);
        for (const ReportedPoint& point : m_source.searched)
            row({fixedText(point.cost, 4), fixedText(point.accuracy, 4), escaped(point.description)}, "nnt");
        closeTable();
    }

    void definitions()
    {
        section("Definitions");
        m_html += "<p>" + say("x is the float output of a layer, y the quantized one, n = y - x; over all samples.") + "<br/>" +
                  say("local: only this layer is quantized, its inputs are float. cumulative: the whole configuration up to here.") + "</p>\n";
        openTable();
        for (const auto& [name, text] : metricDefinitions())
            row({escaped(name), say(text.c_str())}, "tt");
        closeTable();
    }

    const ReportSource& m_source;
    bool m_paper;
    std::string m_html;
    std::vector<ReportPlot> m_plots;
};

}  // namespace

std::string reportHtml(const ReportSource& source)
{
    return Writer(source, false).write().html;
}

PaperReport paperReport(const ReportSource& source)
{
    return Writer(source, true).write();
}

std::span<const char* const> reportWords()
{
    return wordTable;
}

}  // namespace qs
