// Our own line icons, drawn with the text colour of the moment.
#pragma once

#include <QIcon>
#include <QString>

namespace qs {

/// From :/icons/NAME.svg.
QIcon lineIcon(const QString& name);

}  // namespace qs
