#include "app/window/welcome_page.h"

#include "widgets/common/icons.h"

#include <QCommandLinkButton>
#include <QFileInfo>
#include <QLabel>
#include <QVBoxLayout>

namespace qs {

WelcomePage::WelcomePage(const QStringList& recent, QWidget* parent) : QWidget(parent)
{
    setBackgroundRole(QPalette::Base);
    setAutoFillBackground(true);
    auto* column = new QVBoxLayout;
    column->setSpacing(4);
    auto* title = new QLabel(QStringLiteral("Quantscope"));
    QFont font = title->font();
    font.setPointSizeF(font.pointSizeF() * 1.9);
    title->setFont(font);
    column->addWidget(title);
    auto* subtitle = new QLabel(tr("See what quantization does to a network, layer by layer."));
    subtitle->setForegroundRole(QPalette::PlaceholderText);
    column->addWidget(subtitle);
    column->addSpacing(18);
    const auto add = [&](const char* icon, const QString& text, const QString& description) {
        auto* button = new QCommandLinkButton(text, description);
        button->setIcon(lineIcon(QLatin1String(icon)));
        button->setIconSize(QSize(24, 24));
        button->setMinimumWidth(440);
        column->addWidget(button);
        return button;
    };
    auto* open = add("open", tr("Open a network"), tr("Caffe .prototxt with .caffemodel, ONNX, or a project (Ctrl+O)"));
    auto* demo = add("demo", tr("Open the demo"), tr("A small classifier with one layer that does not like int8"));
    auto* drop = add("drop", tr("Drop files here"), tr("A network, a project or a folder of pictures"));
    // Not a button: a place. It keeps the others' looks so that the three read as one list.
    drop->setFocusPolicy(Qt::NoFocus);
    drop->setAttribute(Qt::WA_TransparentForMouseEvents);
    connect(open, &QAbstractButton::clicked, this, &WelcomePage::openRequested);
    connect(demo, &QAbstractButton::clicked, this, &WelcomePage::demoRequested);
    if (!recent.isEmpty()) {
        column->addSpacing(16);
        auto* label = new QLabel(tr("Recent"));
        label->setForegroundRole(QPalette::PlaceholderText);
        column->addWidget(label);
        for (const QString& path : recent.mid(0, 5)) {
            auto* link = new QLabel(QStringLiteral("<a href=\"%1\">%2</a>").arg(path.toHtmlEscaped(), QFileInfo(path).fileName().toHtmlEscaped()));
            link->setToolTip(path);
            connect(link, &QLabel::linkActivated, this, &WelcomePage::recentRequested);
            column->addWidget(link);
        }
    }
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addLayout(column);
    row->addStretch(1);
    auto* layout = new QVBoxLayout(this);
    layout->addStretch(2);
    layout->addLayout(row);
    layout->addStretch(3);
    open->setFocus();
}

}  // namespace qs
