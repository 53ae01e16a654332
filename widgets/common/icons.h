// Our own line icons, drawn with the text colour of the moment.
#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

namespace qs {

/// From :/icons/NAME.svg; in the text colour, or always in `color` where one is given.
QIcon lineIcon(const QString& name, const QColor& color = {});

}  // namespace qs
