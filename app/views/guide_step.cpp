#include "app/views/guide_step.h"

#include "widgets/common/parameter_help.h"
#include "widgets/common/tables.h"
#include "widgets/common/theme.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

namespace qs {

GuideStepCard::GuideStepCard(int number, const QString& title, const char* key, const QStringList& headers, QWidget* parent) : QWidget(parent)
{
    m_title = new QLabel(QStringLiteral("<b>%1</b>&nbsp; %2").arg(number).arg(title.toHtmlEscaped()));
    m_found = new QLabel;
    m_found->setWordWrap(true);
    m_found->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_table = new QTableWidget(0, static_cast<int>(headers.size()));
    m_table->setHorizontalHeaderLabels(headers);
    styleTable(m_table);
    // The rows of one layer belong together.
    m_table->setAlternatingRowColors(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setFocusPolicy(Qt::TabFocus);
    m_table->setMinimumHeight(m_table->fontMetrics().height() * 3);
    // It takes what is left and scrolls itself: its wish of 192 pixels would make every low dock scroll as a whole.
    m_table->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored);
    m_apply = new QPushButton;
    m_figures = new QLabel;
    m_figures->setTextFormat(Qt::RichText);
    m_figures->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 6, 10, 8);
    column->setSpacing(4);
    column->addWidget(withParameterHelp(m_title, key));
    column->addWidget(m_found);
    // Above the list: a low dock shows it without scrolling.
    column->addWidget(m_apply, 0, Qt::AlignLeft);
    column->addWidget(m_table, 1);
    column->addWidget(m_figures);
    column->addStretch(0);
    m_table->setVisible(false);
    m_apply->setVisible(false);
    m_figures->setVisible(false);
    connect(m_apply, &QPushButton::clicked, this, &GuideStepCard::applied);
    // Not itemChanged: that comes for every new item too.
    connect(m_table->model(), &QAbstractItemModel::dataChanged, this, [this](const QModelIndex&, const QModelIndex&, const QList<int>& roles) {
        if (roles.contains(Qt::CheckStateRole))
            Q_EMIT tickedChanged();
    });
    connect(m_table, &QTableWidget::cellClicked, this, [this](int row, int) {
        // The lines below a layer's name are that layer's.
        while (row > 0 && m_table->item(row, 0)->text().isEmpty())
            --row;
        Q_EMIT layerClicked(m_table->item(row, 0)->text());
    });
}

void GuideStepCard::setFound(const QString& text, const QString& tip)
{
    m_found->setText(text);
    m_found->setToolTip(tip);
}

void GuideStepCard::setRows(const std::vector<Row>& rows)
{
    m_table->setRowCount(static_cast<int>(rows.size()));
    for (int r = 0; r < m_table->rowCount(); ++r) {
        const Row& row = rows[static_cast<size_t>(r)];
        auto* name = new QTableWidgetItem(row.layer);
        name->setFlags(Qt::ItemIsEnabled);
        if (!row.layer.isEmpty()) {
            name->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable);
            name->setCheckState(Qt::Checked);
        }
        m_table->setItem(r, 0, name);
        for (int c = 1; c < m_table->columnCount(); ++c) {
            auto* item = new QTableWidgetItem(row.cells.value(c - 1));
            item->setFlags(Qt::ItemIsEnabled);
            item->setToolTip(row.tip.isEmpty() ? row.cells.value(c - 1) : row.tip);
            m_table->setItem(r, c, item);
        }
    }
    m_table->setVisible(!rows.empty());
}

void GuideStepCard::setApply(const QString& text, bool enabled)
{
    m_apply->setText(text);
    m_apply->setVisible(!text.isEmpty());
    m_apply->setEnabled(enabled);
}

void GuideStepCard::setFigures(const QString& title, const std::vector<Figure>& figures)
{
    m_figures->setVisible(!figures.empty());
    const QString gray = theme().secondary.name();
    QString html = QStringLiteral(
                       "<table cellspacing=0><tr><td style='color:%1'>%2</td><td style='color:%1; padding-left:14px'>%3</td>"
                       "<td style='color:%1; padding-left:14px'>%4</td></tr>")
                       .arg(gray, title.toHtmlEscaped(), tr("before"), tr("after"));
    for (const Figure& figure : figures)
        html +=
            QStringLiteral("<tr><td style='color:%1'>%2</td><td style='padding-left:14px'>%3</td><td style='padding-left:14px'><b>%4</b></td></tr>")
                .arg(gray, figure.name.toHtmlEscaped(), figure.before.toHtmlEscaped(),
                     figure.after.isEmpty() ? QStringLiteral("…") : figure.after.toHtmlEscaped());
    m_figures->setText(html + QStringLiteral("</table>"));
}

void GuideStepCard::setCurrent(bool current)
{
    m_current = current;
    m_apply->setDefault(current);
    update();
}

QStringList GuideStepCard::ticked() const
{
    QStringList layers;
    for (int r = 0; r < m_table->rowCount(); ++r)
        if (const QTableWidgetItem* item = m_table->item(r, 0); !item->text().isEmpty() && item->checkState() == Qt::Checked)
            layers << item->text();
    return layers;
}

QString GuideStepCard::found() const
{
    return m_found->text();
}

QString GuideStepCard::figures() const
{
    return m_figures->isHidden() ? QString() : m_figures->text();
}

void GuideStepCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(theme().background);
    painter.setPen(QPen(m_current ? theme().accent : theme().line, m_current ? 2 : 1));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
}

}  // namespace qs
