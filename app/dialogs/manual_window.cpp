#include "app/dialogs/manual_window.h"

#include "widgets/common/theme.h"

#include <QCoreApplication>
#include <QFile>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QTextBrowser>
#include <QTextTable>
#include <QVBoxLayout>

namespace qs {

namespace {

/// As the index names them, which is first itself: reading order.
constexpr const char* pages[] = {"index",        "first-steps", "data",    "calibrating", "reading-the-numbers", "finding-the-layer",
                                 "repairing-it", "branches",    "targets", "files",       "command-line",        "troubleshooting"};

QString folder()
{
    // The translation says which language the window has: its word for "en" is its folder.
    return QStringLiteral("qrc:/manual/%1/").arg(QCoreApplication::translate("Manual", "en"));
}

/// The first heading of a page.
QString titleOf(const QString& page)
{
    QFile file(folder().mid(3) + page + QStringLiteral(".md"));
    if (!file.open(QIODevice::ReadOnly))
        return page;
    return QString::fromUtf8(file.readLine()).remove(QLatin1Char('#')).trimmed();
}

QString pageOf(const QUrl& source)
{
    return source.fileName().section(QLatin1Char('.'), 0, 0);
}

}  // namespace

ManualWindow::ManualWindow(QWidget* parent) : QDialog(parent), m_pages(new QListWidget), m_find(new QLineEdit), m_text(new QTextBrowser)
{
    setWindowTitle(tr("Manual"));
    resize(980, 680);
    for (const char* page : pages) {
        auto* item = new QListWidgetItem(titleOf(QLatin1String(page)));
        item->setData(Qt::UserRole, QLatin1String(page));
        m_pages->addItem(item);
    }
    m_find->setPlaceholderText(tr("Find on this page"));
    m_find->setClearButtonEnabled(true);
    m_text->setOpenExternalLinks(true);
    m_text->document()->setDefaultStyleSheet(QStringLiteral("a { color: %1; }").arg(theme().accent.name()));
    auto* back = new QPushButton(tr("Back"));
    back->setEnabled(false);
    back->setAutoDefault(false);
    auto* bar = new QHBoxLayout;
    bar->addWidget(back);
    bar->addStretch(1);
    bar->addWidget(m_find);
    m_find->setMaximumWidth(260);
    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(bar);
    column->addWidget(m_text, 1);
    auto* split = new QSplitter;
    split->addWidget(m_pages);
    split->addWidget(right);
    split->setStretchFactor(1, 1);
    split->setSizes({210, 770});
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(split);
    connect(back, &QPushButton::clicked, m_text, &QTextBrowser::backward);
    connect(m_text, &QTextBrowser::backwardAvailable, back, &QPushButton::setEnabled);
    connect(m_pages, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem* item) {
        if (item && item->data(Qt::UserRole).toString() != page())
            showPage(item->data(Qt::UserRole).toString());
    });
    connect(m_text, &QTextBrowser::sourceChanged, this, [this](const QUrl& source) {
        for (int row = 0; row < m_pages->count(); ++row)
            if (m_pages->item(row)->data(Qt::UserRole).toString() == pageOf(source))
                m_pages->setCurrentRow(row);
        styleTables();
    });
    connect(m_find, &QLineEdit::returnPressed, this, [this] { find(false); });
    connect(new QShortcut(QKeySequence::Find, this), &QShortcut::activated, this, [this] {
        m_find->setFocus();
        m_find->selectAll();
    });
    connect(new QShortcut(QKeySequence::FindNext, this), &QShortcut::activated, this, [this] { find(false); });
    connect(new QShortcut(QKeySequence::FindPrevious, this), &QShortcut::activated, this, [this] { find(true); });
}

void ManualWindow::styleTables()
{
    for (QTextFrame* frame : m_text->document()->rootFrame()->childFrames())
        if (auto* table = qobject_cast<QTextTable*>(frame)) {
            QTextTableFormat format = table->format();
            format.setBorderCollapse(true);
            format.setBorder(1);
            format.setBorderBrush(theme().line);
            format.setCellPadding(4);
            format.setCellSpacing(0);
            table->setFormat(format);
        }
}

void ManualWindow::showPage(const QString& page)
{
    m_text->setSource(QUrl(folder() + page + QStringLiteral(".md")), QTextDocument::MarkdownResource);
}

QString ManualWindow::page() const
{
    return pageOf(m_text->source());
}

void ManualWindow::find(bool backward)
{
    const auto flags = backward ? QTextDocument::FindBackward : QTextDocument::FindFlags();
    if (m_text->find(m_find->text(), flags))
        return;
    // Round the end.
    m_text->moveCursor(backward ? QTextCursor::End : QTextCursor::Start);
    m_text->find(m_find->text(), flags);
}

void showManual(const QString& page, QWidget* parent)
{
    auto* manual = parent->findChild<ManualWindow*>();
    if (!manual)
        manual = new ManualWindow(parent);
    manual->showPage(page);
    manual->show();
    manual->raise();
    manual->activateWindow();
}

}  // namespace qs
