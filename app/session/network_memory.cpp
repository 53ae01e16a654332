#include "app/session/network_memory.h"

#include "app/session/session.h"

#include <QCryptographicHash>
#include <QSettings>

namespace qs {

namespace {

const char* const orderKey = "networks/order";
/// The oldest is forgotten.
constexpr qsizetype most = 100;

}  // namespace

QString memoryOf(const Session& session)
{
    const std::filesystem::path& path = session.projectPath().empty() ? session.modelPath() : session.projectPath();
    const QByteArray hash = QCryptographicHash::hash(QByteArray::fromStdString(path.string()), QCryptographicHash::Sha1);
    return QString::fromLatin1(hash.toHex().first(16));
}

void remember(const QString& memory, QLatin1String key, const QVariant& value)
{
    QSettings settings;
    QStringList order = settings.value(QLatin1String(orderKey)).toStringList();
    if (order.isEmpty() || order.back() != memory) {
        order.removeAll(memory);
        order << memory;
        while (order.size() > most)
            settings.remove(QStringLiteral("networks/") + order.takeFirst());
        settings.setValue(QLatin1String(orderKey), order);
    }
    settings.setValue(QStringLiteral("networks/%1/%2").arg(memory, key), value);
}

QVariant recalled(const QString& memory, QLatin1String key)
{
    return QSettings().value(QStringLiteral("networks/%1/%2").arg(memory, key));
}

}  // namespace qs
