// One main for every test with Qt: an offscreen application with folders of its own, and any Qt warning fails the test that caused it.
#include "tests/support/own_folders.h"
#include "widgets/common/theme.h"

#include <gtest/gtest.h>
#include <QApplication>

namespace {

void failOnWarning(QtMsgType type, const QMessageLogContext&, const QString& message)
{
    if (type == QtDebugMsg || type == QtInfoMsg)
        return;
    // The platform's own remarks say nothing about us.
    if (message.startsWith(QLatin1String("This plugin does not support")) || message.contains(QLatin1String("XDG_RUNTIME_DIR")))
        return;
    ADD_FAILURE() << "Qt: " << message.toStdString();
}

}  // namespace

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    ::testing::InitGoogleTest(&argc, argv);
    const qs::test::OwnFolders folders;
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("quantscope-test"));
    QApplication::setApplicationName(QStringLiteral("quantscope-test"));
    qs::applyTheme(app, qs::ThemeMode::Light);
    qInstallMessageHandler(failOnWarning);
    const int result = RUN_ALL_TESTS();
    qInstallMessageHandler(nullptr);
    return result;
}
