// The colours of the window: chrome has none, data has them. One place for light and dark.
#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

#include <span>
#include <vector>

class QApplication;

namespace qs {

enum class ThemeMode { System, Light, Dark };

struct Theme {
    bool dark = false;
    QColor background;  ///< behind data: plots, graph, tables
    QColor panel;       ///< docks, toolbars
    QColor text;
    QColor secondary;  ///< labels, axes
    QColor line;       ///< borders, grids
    QColor accent;     ///< selection, the next step
    QColor warning;
    QColor card;  ///< a node's body
};

/// The tokens in use.
const Theme& theme();
/// Sets the tokens, the palette, the style and the font; widgets are told by the usual PaletteChange event.
void applyTheme(QApplication& app, ThemeMode mode);

/// How wrong, one sequential scale, readable by the colour-blind and in grey. 0 best ... 5 worst.
constexpr int wrongSteps = 6;
QColor wrongColor(int step);
/// Steps for cosine: 0.9999, 0.999, 0.99, 0.95, 0.9.
int cosineStep(double cosine);
/// Steps for SQNR: 40, 30, 20, 13, 7 dB.
int sqnrStep(double sqnrDb);
/// For relative L2 and other shares, which go the other way: 0.01, 0.03, 0.1, 0.3, 0.5.
int relativeStep(double relL2);
std::span<const double> cosineSteps();
std::span<const double> sqnrSteps();
std::span<const double> relativeSteps();

/// Okabe-Ito; index taken modulo eight.
QColor categoryColor(int index);

/// Between two colours, t in 0..1.
QColor mixed(const QColor& a, const QColor& b, double t);

}  // namespace qs
