// The target's parameters explained in the user's language: meaning, range, default, recommendation (core/targets/forms.h).
#pragma once

#include <QString>

class QWidget;

namespace qs {

struct Calibrator;

/// `key`: a field's name (core/quant/fields.h), or the manual's key. Rich text; empty for a key that the manual does not have.
QString parameterHelp(const char* key);
/// What the calibrator does, and its source. Plain text.
QString calibratorHelp(const Calibrator& calibrator);
/// Tooltip and What's This of the widget.
void setParameterHelp(QWidget* widget, const char* key);
/// The widget with a small "?" behind it that shows the help when it is pressed. Returns the row that holds both.
QWidget* withParameterHelp(QWidget* widget, const char* key);

}  // namespace qs
