#include "app/session/report_file.h"

#include "app/session/branches.h"
#include "core/base/file.h"
#include "widgets/common/check_text.h"
#include "widgets/common/error_text.h"
#include "widgets/common/format.h"

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
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QUrl>

#include <functional>

namespace qs {

namespace {

/// Here lupdate finds them; the program asks reportWords().
[[maybe_unused]] const char* const words[] = {
#include "core/report/words.inc"
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
    source.similarity = similarityForm();
    source.date = QLocale::c().toString(QDateTime::currentDateTime(), QStringLiteral("yyyy-MM-dd HH:mm")).toStdString();
    source.model = session.modelPath();
    source.weights = session.weightsPath();
    const auto& effective = result.quantized->effective;
    for (const LayerId id : effective.ids())
        source.reasons.push_back(
            (effective[id].quantized ? reasonMessage(effective[id]) : whyFloatMessage(*session.model(), id, effective[id])).toStdString());
    source.target = session.target().label;
    for (const CheckResult& check : session.checks())
        source.checks.push_back({severityLabel(check.rule->severity).toStdString(), check.layer, checkMessage(check).toStdString(),
                                 ruleRemedy(*check.rule).toStdString()});
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

/// A heading whose table begins on the next page goes there, too.
void keepHeadings(QTextDocument& document)
{
    const double height = document.pageSize().height();
    const auto page = [height](double y) { return static_cast<int>(y / height); };
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        // In a table a break would push the row from page to page, leaving them empty.
        if (block.blockFormat().headingLevel() == 0 || !block.next().isValid() || QTextCursor(block).currentTable())
            continue;
        const auto* layout = document.documentLayout();
        if (page(layout->blockBoundingRect(block).top()) == page(layout->blockBoundingRect(block.next()).bottom()))
            continue;
        QTextBlockFormat format = block.blockFormat();
        format.setPageBreakPolicy(QTextFormat::PageBreak_AlwaysBefore);
        QTextCursor(block).setBlockFormat(format);
    }
}

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
    keepHeadings(document);
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
