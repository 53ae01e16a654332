#include "widgets/common/assignment_text.h"

#include <QCoreApplication>
#include <QStringList>

namespace qs {

QString assignmentText(const TuneAssignment& assignment)
{
    if (assignment.empty())
        return QCoreApplication::translate("TuneMove", "as they were");
    QStringList parts;
    for (const auto& [layer, move] : assignment)
        parts << QStringLiteral("%1: %2").arg(QString::fromStdString(layer), move == TuneMove::Snq
                                                                                 ? QStringLiteral("SNQ")
                                                                                 : QCoreApplication::translate("TuneMove", tuneMoveName(move)));
    return parts.join(QStringLiteral("; "));
}

}  // namespace qs
