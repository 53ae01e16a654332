#include "widgets/plots/plot_base.h"

#include "widgets/common/theme.h"
#include "widgets/plots/qcp.h"

#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QSvgGenerator>
#include <QVBoxLayout>

namespace qs {

QString PlotTable::text(QChar separator) const
{
    const auto line = [separator](const std::vector<QString>& cells) {
        QStringList parts;
        for (QString cell : cells) {
            if (cell.contains(separator) || cell.contains(QLatin1Char('"')))
                cell = QLatin1Char('"') + cell.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
            parts << cell;
        }
        return parts.join(separator) + QLatin1Char('\n');
    };
    QString out = line(headers);
    for (const auto& row : rows)
        out += line(row);
    return out;
}

PlotBase::PlotBase(QWidget* parent) : QWidget(parent), m_plot(new QCustomPlot(this)), m_note(new QLabel(m_plot))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    auto* inner = new QVBoxLayout(m_plot);
    inner->addWidget(m_note);
    m_note->setAlignment(Qt::AlignCenter);
    m_note->setWordWrap(true);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_note->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_plot->setContextMenuPolicy(Qt::CustomContextMenu);
    m_plot->setNoAntialiasingOnDrag(true);
    // Painted with the rest of the window, once: painting at once takes all that waits to be painted along, for each plot again.
    m_plot->setPlottingHint(QCP::phImmediateRefresh, false);
    // Tick labels follow the program's rule: the point is the decimal mark in every language.
    m_plot->setLocale(QLocale::c());
    m_plot->xAxis->ticker()->setTickCount(6);
    m_plot->yAxis->ticker()->setTickCount(5);
    connect(m_plot, &QWidget::customContextMenuRequested, this, &PlotBase::openMenu);
    restyleAll();
}

void PlotBase::setEmptyText(const QString& text)
{
    m_note->setText(text);
}

void PlotBase::paintEmpty(bool empty)
{
    m_empty = empty;
    m_note->setVisible(empty);
    m_plot->axisRect()->setVisible(!empty);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis})
        axis->setVisible(!empty);
    m_plot->legend->setVisible(!empty && m_plot->plottableCount() > 1 && m_plot->legend->itemCount() > 1);
    replotSoon();
}

void PlotBase::replotSoon()
{
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotBase::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        restyleAll();
}

void PlotBase::restyleAll()
{
    const Theme& t = theme();
    m_plot->setBackground(QBrush(t.background));
    QFont small = font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() - 1));
    for (QCPAxisRect* rect : m_plot->axisRects())
        for (QCPAxis* axis : rect->axes()) {
            axis->setBasePen(QPen(t.line));
            axis->setTickPen(QPen(t.line));
            axis->setSubTickPen(QPen(t.line));
            axis->setTickLabelColor(t.secondary);
            axis->setLabelColor(t.secondary);
            axis->setTickLabelFont(small);
            axis->setLabelFont(small);
            axis->grid()->setPen(QPen(mixed(t.line, t.background, 0.45), 0));
            axis->grid()->setZeroLinePen(QPen(t.line, 0));
            axis->grid()->setSubGridVisible(false);
        }
    m_plot->legend->setBrush(QBrush(t.background));
    m_plot->legend->setBorderPen(Qt::NoPen);
    m_plot->legend->setTextColor(t.secondary);
    m_plot->legend->setFont(small);
    // The subclass is not there yet while this constructor runs.
    if (isVisible() || m_plot->plottableCount() > 0)
        restyle();
    paintEmpty(m_empty);
}

void PlotBase::openMenu(const QPoint& position)
{
    QMenu menu(this);
    addMenuActions(menu);
    if (!menu.isEmpty())
        menu.addSeparator();
    menu.addAction(tr("Copy data"), this, [this] { QApplication::clipboard()->setText(table().text(QLatin1Char('\t'))); });
    menu.addSeparator();
    menu.addAction(tr("Save as PNG…"), this, [this] { saveAs(tr("PNG picture (*.png)"), QStringLiteral("png")); });
    menu.addAction(tr("Save as SVG…"), this, [this] { saveAs(tr("SVG picture (*.svg)"), QStringLiteral("svg")); });
    menu.addAction(tr("Save data as CSV…"), this, [this] { saveAs(tr("Comma-separated values (*.csv)"), QStringLiteral("csv")); });
    menu.exec(m_plot->mapToGlobal(position));
}

void PlotBase::saveAs(const QString& filter, const QString& suffix)
{
    QString path = QFileDialog::getSaveFileName(this, {}, objectName() + QLatin1Char('.') + suffix, filter);
    if (path.isEmpty())
        return;
    if (!path.endsWith(QLatin1Char('.') + suffix))
        path += QLatin1Char('.') + suffix;
    save(path);
}

bool PlotBase::save(const QString& path)
{
    if (path.endsWith(QLatin1String(".png")))
        return m_plot->savePng(path, 0, 0, 2);
    if (path.endsWith(QLatin1String(".svg"))) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setSize(m_plot->size());
        generator.setViewBox(m_plot->rect());
        QCPPainter painter;
        if (!painter.begin(&generator))
            return false;
        painter.setMode(QCPPainter::pmVectorized);
        painter.setMode(QCPPainter::pmNoCaching);
        m_plot->toPainter(&painter);
        return painter.end();
    }
    QFile file(path);
    const QByteArray bytes = table().text(QLatin1Char(',')).toUtf8();
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

}  // namespace qs
