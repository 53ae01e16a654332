// What the views remember of one network, or of one project: in the program's settings, for it is no part of the document and belongs to this screen.
#pragma once

#include <QLatin1String>
#include <QString>
#include <QVariant>

namespace qs {

class Session;

/// Where what is remembered of the open project, or else of the open network, is kept.
QString memoryOf(const Session& session);
void remember(const QString& memory, QLatin1String key, const QVariant& value);
/// Invalid: nothing is.
QVariant recalled(const QString& memory, QLatin1String key);

}  // namespace qs
