#include "app/session/report_file.h"

#include "app/session/branches.h"
#include "core/base/file.h"
#include "widgets/common/error_text.h"

#include <QAbstractTextDocumentLayout>
#include <QBuffer>
#include <QCoreApplication>
#include <QDateTime>
#include <QImage>
#include <QLocale>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgRenderer>
#include <QTextDocument>
#include <QUrl>

#include <functional>

namespace qs {

namespace {

/// Core's English, known to lupdate; a test compares it with core's table.
[[maybe_unused]] const char* const words[] = {
    QT_TRANSLATE_NOOP("Report", "Quantization report"),
    QT_TRANSLATE_NOOP("Report", "branch %1"),
    QT_TRANSLATE_NOOP("Report", "layers quantized"),
    QT_TRANSLATE_NOOP("Report", "cosine of the output"),
    QT_TRANSLATE_NOOP("Report", "agreement with float"),
    QT_TRANSLATE_NOOP("Report", "top-1, float and quantized"),
    QT_TRANSLATE_NOOP("Report", "Network"),
    QT_TRANSLATE_NOOP("Report", "Structure"),
    QT_TRANSLATE_NOOP("Report", "Weights"),
    QT_TRANSLATE_NOOP("Report", "Layers"),
    QT_TRANSLATE_NOOP("Report", "Parameters"),
    QT_TRANSLATE_NOOP("Report", "Multiply-accumulates"),
    QT_TRANSLATE_NOOP("Report", "Setting"),
    QT_TRANSLATE_NOOP("Report", "Calibration batches"),
    QT_TRANSLATE_NOOP("Report", "Activations with offset"),
    QT_TRANSLATE_NOOP("Report", "BatchNorm fused"),
    QT_TRANSLATE_NOOP("Report", "yes"),
    QT_TRANSLATE_NOOP("Report", "no"),
    QT_TRANSLATE_NOOP("Report", "All other settings are the defaults of create_quant_config."),
    QT_TRANSLATE_NOOP("Report", "What is set otherwise than the defaults of create_quant_config:"),
    QT_TRANSLATE_NOOP("Report", "Layer"),
    QT_TRANSLATE_NOOP("Report", "Key"),
    QT_TRANSLATE_NOOP("Report", "Default"),
    QT_TRANSLATE_NOOP("Report", "Set"),
    QT_TRANSLATE_NOOP("Report", "(network)"),
    QT_TRANSLATE_NOOP("Report", "not set"),
    QT_TRANSLATE_NOOP("Report", "Data"),
    QT_TRANSLATE_NOOP("Report", "Source"),
    QT_TRANSLATE_NOOP("Report", "Samples"),
    QT_TRANSLATE_NOOP("Report", "Calibrated on"),
    QT_TRANSLATE_NOOP("Report", "the first %1 samples"),
    QT_TRANSLATE_NOOP("Report", "Preprocessing"),
    QT_TRANSLATE_NOOP("Report", "Labels"),
    QT_TRANSLATE_NOOP("Report", "Outputs"),
    QT_TRANSLATE_NOOP("Report", "Output"),
    QT_TRANSLATE_NOOP("Report", "Cosine"),
    QT_TRANSLATE_NOOP("Report", "Worst sample"),
    QT_TRANSLATE_NOOP("Report", "SQNR (dB)"),
    QT_TRANSLATE_NOOP("Report", "Float"),
    QT_TRANSLATE_NOOP("Report", "Quantized"),
    QT_TRANSLATE_NOOP("Report", "Top-1 (%)"),
    QT_TRANSLATE_NOOP("Report", "Top-5 (%)"),
    QT_TRANSLATE_NOOP("Report", "Agreement (%)"),
    QT_TRANSLATE_NOOP("Report", "Not compared: there are no errors to show. Compare first."),
    QT_TRANSLATE_NOOP("Report", "Error of every layer"),
    QT_TRANSLATE_NOOP("Report", "cumulative cosine"),
    QT_TRANSLATE_NOOP("Report", "local cosine"),
    QT_TRANSLATE_NOOP("Report", "Worst layers"),
    QT_TRANSLATE_NOOP(
        "Report",
        "The quantized layers whose own error is largest, with the values at their first input; dashed: the limits of the quantized range."),
    QT_TRANSLATE_NOOP("Report", "local cosine %1, cumulative %2"),
    QT_TRANSLATE_NOOP("Report", "%1 % of the values are outside the limits"),
    QT_TRANSLATE_NOOP("Report", "Every layer"),
    QT_TRANSLATE_NOOP("Report", "Type"),
    QT_TRANSLATE_NOOP("Report", "Requested"),
    QT_TRANSLATE_NOOP("Report", "Effective"),
    QT_TRANSLATE_NOOP("Report", "Reason"),
    QT_TRANSLATE_NOOP("Report", "Local"),
    QT_TRANSLATE_NOOP("Report", "Cumulative"),
    QT_TRANSLATE_NOOP("Report", "off"),
    QT_TRANSLATE_NOOP("Report", "not listed"),
    QT_TRANSLATE_NOOP("Report", "float"),
    QT_TRANSLATE_NOOP("Report", "limits by hand"),
    QT_TRANSLATE_NOOP("Report", "What was searched"),
    QT_TRANSLATE_NOOP("Report", "Cost"),
    QT_TRANSLATE_NOOP("Report", "Accuracy"),
    QT_TRANSLATE_NOOP("Report", "Description"),
    QT_TRANSLATE_NOOP("Report", "Definitions"),
    QT_TRANSLATE_NOOP("Report", "x is the float output of a layer, y the quantized one, n = y - x; over all samples."),
    QT_TRANSLATE_NOOP("Report", "local: only this layer is quantized, its inputs are float. cumulative: the whole configuration up to here."),
    QT_TRANSLATE_NOOP("Report", "A bar is empty at a cosine of 1-1e-6 or better, and full at 0."),
};

constexpr double dotsPerInch = 150;

}  // namespace

ReportInput reportInput(const Session& session)
{
    const ComparisonResult& result = session.result();
    if (!session.branches().resultHolds(session.branches().current()))
        return {};
    ReportInput input{{}, result.prepared, result.quantized, result.comparison, nullptr, session.data()};
    // Float values are the same whatever the settings are.
    if (session.histograms().dataSerial == session.dataSerial())
        input.histograms = session.histograms().comparison;
    ReportSource& source = input.source;
    source.branch = session.branches().current().toStdString();
    source.program = "Quantscope " QS_VERSION;
    source.date = QLocale::c().toString(QDateTime::currentDateTime(), QStringLiteral("yyyy-MM-dd HH:mm")).toStdString();
    source.model = session.modelPath();
    source.weights = session.weightsPath();
    const std::vector<Effective>& effective = result.quantized->effective;
    for (size_t i = 0; i < effective.size(); ++i)
        source.reasons.push_back(
            (effective[i].quantized ? reasonMessage(effective[i]) : whyFloatMessage(*session.model(), static_cast<LayerId>(i), effective[i]))
                .toStdString());
    for (const char* word : reportWords())
        source.words.emplace(word, QCoreApplication::translate("Report", word).toStdString());
    for (const auto& [name, text] : metricDefinitions())
        source.words.emplace(text, QCoreApplication::translate("MetricDefinition", text.c_str()).toStdString());
    source.language = source.words.at("Layers") == "Layers" ? "en" : "zh";
    return input;
}

namespace {

ReportSource complete(const ReportInput& input)
{
    ReportSource source = input.source;
    source.prepared = input.prepared.get();
    source.quantized = input.quantized.get();
    source.comparison = input.comparison.get();
    source.histograms = input.histograms.get();
    source.data = input.data.get();
    return source;
}

QImage rendered(const ReportPlot& plot)
{
    // Three dots for one of the screen's: sharp in print.
    constexpr int fine = 3;
    QImage image(plot.width * fine, plot.height * fine, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    QSvgRenderer(QByteArray::fromStdString(plot.svg)).render(&painter);
    return image;
}

}  // namespace

namespace {

/// Page after page of A4 onto a device of dotsPerInch; `nextPage` is asked before each but the first, and may end it.
void paintPages(const ReportInput& input, QPaintDevice& device, const std::function<bool(QPainter&)>& nextPage)
{
    const PaperReport report = paperReport(complete(input));
    QTextDocument document;
    document.documentLayout()->setPaintDevice(&device);
    document.setDocumentMargin(0);
    QFont font = document.defaultFont();
    font.setPointSizeF(7);
    document.setDefaultFont(font);
    for (size_t i = 0; i < report.plots.size(); ++i)
        document.addResource(QTextDocument::ImageResource, QUrl(QStringLiteral("plot:%1").arg(i)), rendered(report.plots[i]));
    document.setHtml(QString::fromStdString(report.html));
    constexpr double margin = 14 / 25.4 * dotsPerInch;
    const QSizeF paper = QPageSize(QPageSize::A4).size(QPageSize::Inch) * dotsPerInch;
    const QSizeF body = paper - QSizeF(2 * margin, 2.4 * margin);
    document.setPageSize(body);
    QPainter painter(&device);
    const int pages = document.pageCount();
    for (int page = 0; page < pages; ++page) {
        if (page > 0 && !nextPage(painter))
            return;
        painter.save();
        painter.translate(margin, margin - page * body.height());
        const QRectF visible(0, page * body.height(), body.width(), body.height());
        painter.setClipRect(visible);
        // Black on white, whatever the window looks like.
        QAbstractTextDocumentLayout::PaintContext context;
        context.clip = visible;
        context.palette.setColor(QPalette::Text, QColor(0x1c, 0x1c, 0x1c));
        document.documentLayout()->draw(&painter, context);
        painter.restore();
        painter.setFont(QFont(font.family(), 7));
        painter.setPen(QColor(0x6b, 0x6b, 0x6b));
        const QRectF foot(margin, paper.height() - margin, paper.width() - 2 * margin, margin * 0.6);
        painter.drawText(foot, Qt::AlignLeft | Qt::AlignTop, QString::fromStdString(input.prepared->original->name()));
        painter.drawText(foot, Qt::AlignRight | Qt::AlignTop, QStringLiteral("%1 / %2").arg(page + 1).arg(pages));
    }
}

}  // namespace

QByteArray reportPdf(const ReportInput& input)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        writer.setCreator(QString::fromStdString(input.source.program));
        writer.setTitle(QString::fromStdString(input.prepared->original->name()));
        writer.setResolution(static_cast<int>(dotsPerInch));
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setPageMargins(QMarginsF());
        paintPages(input, writer, [&writer](QPainter&) { return writer.newPage(); });
    }
    return bytes;
}

std::vector<QImage> reportPages(const ReportInput& input, int count)
{
    const QSizeF paper = QPageSize(QPageSize::A4).size(QPageSize::Inch) * dotsPerInch;
    QImage page(paper.toSize(), QImage::Format_RGB32);
    page.setDotsPerMeterX(static_cast<int>(dotsPerInch / 0.0254));
    page.setDotsPerMeterY(static_cast<int>(dotsPerInch / 0.0254));
    page.fill(Qt::white);
    std::vector<QImage> pages;
    paintPages(input, page, [&](QPainter& painter) {
        pages.push_back(page.copy());
        painter.fillRect(page.rect(), Qt::white);
        return static_cast<int>(pages.size()) < count;
    });
    if (static_cast<int>(pages.size()) < count)
        pages.push_back(page);
    return pages;
}

Result<void> writeReport(const ReportInput& input, const std::filesystem::path& file)
{
    if (file.extension() != ".pdf")
        return writeFile(file, reportHtml(complete(input)));
    return writeFile(file, reportPdf(input).toStdString());
}

}  // namespace qs
