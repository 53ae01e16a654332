#include "widgets/common/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QStyle>
#include <QStyleFactory>

#include <algorithm>
#include <array>

// The macro must stand outside every namespace; a static library's resources are dropped without it.
static void initResources()
{
    Q_INIT_RESOURCE(quantscope);
    Q_INIT_RESOURCE(i18n);
}

namespace qs {

namespace {

Theme lightTheme()
{
    return {false,
            QColor(0xfb, 0xfb, 0xfa),
            QColor(0xf1, 0xf1, 0xef),
            QColor(0x1c, 0x1c, 0x1c),
            QColor(0x6b, 0x6b, 0x6b),
            QColor(0xd9, 0xd9, 0xd6),
            QColor(0x2f, 0x6f, 0xde),
            QColor(0xb8, 0x6e, 0x00),
            QColor(0xff, 0xff, 0xff)};
}

Theme darkTheme()
{
    return {true,
            QColor(0x1e, 0x1f, 0x22),
            QColor(0x2b, 0x2d, 0x30),
            QColor(0xdf, 0xe1, 0xe5),
            QColor(0x9d, 0xa0, 0xa8),
            QColor(0x3c, 0x3f, 0x44),
            QColor(0x6e, 0xa0, 0xff),
            QColor(0xe0, 0xa0, 0x3a),
            QColor(0x2b, 0x2d, 0x30)};
}

Theme& current()
{
    static Theme value = lightTheme();
    return value;
}

bool systemIsDark()
{
    // Asked once, before our own palette replaces the platform's.
    static const bool dark = QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
    return dark;
}

QPalette paletteOf(const Theme& t)
{
    QPalette palette;
    palette.setColor(QPalette::Window, t.panel);
    palette.setColor(QPalette::WindowText, t.text);
    palette.setColor(QPalette::Base, t.background);
    palette.setColor(QPalette::AlternateBase, mixed(t.background, t.panel, 0.5));
    palette.setColor(QPalette::Text, t.text);
    palette.setColor(QPalette::PlaceholderText, mixed(t.secondary, t.background, 0.2));
    palette.setColor(QPalette::Button, t.panel);
    palette.setColor(QPalette::ButtonText, t.text);
    palette.setColor(QPalette::BrightText, t.warning);
    palette.setColor(QPalette::ToolTipBase, t.dark ? QColor(0x39, 0x3b, 0x40) : QColor(0xff, 0xff, 0xff));
    palette.setColor(QPalette::ToolTipText, t.text);
    palette.setColor(QPalette::Highlight, t.accent);
    palette.setColor(QPalette::HighlightedText, t.dark ? QColor(0x10, 0x14, 0x1c) : QColor(0xff, 0xff, 0xff));
    palette.setColor(QPalette::Link, t.accent);
    palette.setColor(QPalette::LinkVisited, t.accent);
    // Fusion draws its frames from these: without them a dark window has light edges.
    palette.setColor(QPalette::Light, t.dark ? t.panel.lighter(130) : QColor(0xff, 0xff, 0xff));
    palette.setColor(QPalette::Midlight, mixed(t.panel, t.line, 0.5));
    palette.setColor(QPalette::Mid, t.line);
    palette.setColor(QPalette::Dark, t.dark ? t.background : t.line.darker(115));
    palette.setColor(QPalette::Shadow, t.dark ? QColor(0x10, 0x10, 0x12) : t.line.darker(150));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, mixed(t.secondary, t.panel, 0.35));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, t.line);
    return palette;
}

QString styleSheetOf(const Theme& t)
{
    // Only what a palette cannot say: quiet tool buttons, and the one highlighted next step.
    return QStringLiteral(
               "QToolTip { color: %1; background: %2; border: 1px solid %3; padding: 3px; }"
               "QMainWindow::separator { background: %3; width: 1px; height: 1px; }"
               "QToolBar { border: none; border-bottom: 1px solid %3; spacing: 2px; padding: 2px; }"
               "QStatusBar { border-top: 1px solid %3; } QStatusBar::item { border: none; }"
               "QToolBar QToolButton[nextStep=\"true\"] { background: %4; color: %5; border: 1px solid %4; border-radius: 3px; padding: 3px 6px; }"
               "QToolBar QToolButton[nextStep=\"true\"]:hover { background: %6; }"
               "QToolBar QToolButton { padding: 3px 6px; border: 1px solid transparent; border-radius: 3px; }"
               "QToolBar QToolButton:hover { background: %3; }"
               "QCheckBox::indicator, QAbstractItemView::indicator { width: 12px; height: 12px; border: 1px solid %8; border-radius: 2px; "
               "background: %9; }"
               "QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { image: url(:/icons/%10.svg); }"
               "QCheckBox::indicator:disabled { border-color: %3; }"
               "QHeaderView::section { background: %7; color: %8; border: none; border-right: 1px solid %3; border-bottom: 1px solid %3; padding: "
               "2px 4px; }"
               "QTableView, QTreeView, QPlainTextEdit { border: none; }")
        .arg(t.text.name(), mixed(t.background, t.panel, 0.3).name(), t.line.name(), t.accent.name(),
             t.dark ? QStringLiteral("#10141c") : QStringLiteral("#ffffff"), mixed(t.accent, t.text, 0.15).name(), t.panel.name(), t.secondary.name(),
             t.background.name())
        .arg(t.dark ? QStringLiteral("check-dark") : QStringLiteral("check-light"));
}

}  // namespace

const Theme& theme()
{
    return current();
}

void applyTheme(QApplication& app, ThemeMode mode)
{
    const bool dark = mode == ThemeMode::Dark || (mode == ThemeMode::System && systemIsDark());
    systemIsDark();
    initResources();
    current() = dark ? darkTheme() : lightTheme();
    app.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    app.setPalette(paletteOf(current()));
    // Left to itself the fallback for Chinese may be a bold or a serif face.
    QFont font = app.font();
    QStringList families = font.families();
    for (const QString& family : {QStringLiteral("Noto Sans CJK SC"), QStringLiteral("Source Han Sans SC"), QStringLiteral("WenQuanYi Micro Hei"),
                                  QStringLiteral("WenQuanYi Zen Hei")})
        if (!families.contains(family) && QFontDatabase::hasFamily(family))
            families << family;
    font.setFamilies(families);
    app.setFont(font);
    app.setStyleSheet(styleSheetOf(current()));
}

QColor wrongColor(int step)
{
    // Luminance falls (light) or rises (dark) all the way, so that grey prints keep the order.
    static constexpr std::array<QRgb, wrongSteps> light{0xffb3c4d8, 0xff9fb2c6, 0xffb9ad7a, 0xffcb9f25, 0xffd47d10, 0xffc44c02};
    static constexpr std::array<QRgb, wrongSteps> dark{0xff46586f, 0xff586d86, 0xff857f58, 0xffb08f2a, 0xffdb9a1c, 0xffffa940};
    const auto index = static_cast<size_t>(std::clamp(step, 0, wrongSteps - 1));
    return QColor(theme().dark ? dark[index] : light[index]);
}

namespace {

constexpr std::array<double, 5> cosineLimits{0.9999, 0.999, 0.99, 0.95, 0.9};
constexpr std::array<double, 5> sqnrLimits{40, 30, 20, 13, 7};
constexpr std::array<double, 5> relativeLimits{0.01, 0.03, 0.1, 0.3, 0.5};

int stepBelow(std::span<const double> limits, double value)
{
    int step = 0;
    for (const double limit : limits)
        step += value >= limit ? 0 : 1;
    return step;
}

}  // namespace

int cosineStep(double cosine)
{
    return stepBelow(cosineLimits, cosine);
}

int sqnrStep(double sqnrDb)
{
    return stepBelow(sqnrLimits, sqnrDb);
}

int relativeStep(double relL2)
{
    return static_cast<int>(std::count_if(relativeLimits.begin(), relativeLimits.end(), [&](double limit) { return !(relL2 < limit); }));
}

std::span<const double> cosineSteps()
{
    return cosineLimits;
}

std::span<const double> sqnrSteps()
{
    return sqnrLimits;
}

std::span<const double> relativeSteps()
{
    return relativeLimits;
}

QColor categoryColor(int index)
{
    static constexpr std::array<QRgb, 8> colors{0xff0072b2, 0xffe69f00, 0xff009e73, 0xffcc79a7, 0xff56b4e9, 0xffd55e00, 0xfff0e442, 0xff8c8c8c};
    return QColor(colors[static_cast<size_t>(((index % 8) + 8) % 8)]);
}

QColor mixed(const QColor& a, const QColor& b, double t)
{
    const auto between = [t](int x, int y) { return static_cast<int>(x + (y - x) * t + 0.5); };
    return QColor(between(a.red(), b.red()), between(a.green(), b.green()), between(a.blue(), b.blue()));
}

}  // namespace qs
