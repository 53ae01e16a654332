#include "widgets/common/assignment_text.h"

#include <QCoreApplication>
#include <QStringList>

namespace qs {

QString assignmentText(const SearchAssignment& assignment)
{
    if (assignment.empty())
        return QCoreApplication::translate("SearchMove", "as they were");
    QStringList parts;
    for (const auto& [layer, move] : assignment)
        parts << QStringLiteral("%1: %2").arg(QString::fromStdString(layer), move == SearchMove::Snq
                                                                                 ? QStringLiteral("SNQ")
                                                                                 : QCoreApplication::translate("SearchMove", searchMoveName(move)));
    return parts.join(QStringLiteral("; "));
}

}  // namespace qs
