// A Qt program without a display and without the user's settings.
#pragma once

#include <QApplication>
#include <QSettings>
#include <QStandardPaths>

#include <cstdlib>

namespace qs::bench {

class Application {
public:
    Application()
    {
        QStandardPaths::setTestModeEnabled(true);
        QApplication::setOrganizationName(QStringLiteral("quantscope-bench"));
        QApplication::setApplicationName(QStringLiteral("quantscope-bench"));
        QSettings().clear();
    }

private:
    // Before the application is made, which looks for its platform.
    const int m_offscreen = ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
    int m_argc = 1;
    char m_name[6] = "bench";
    char* m_argv[2] = {m_name, nullptr};
    const QApplication m_app{m_argc, m_argv};
};

}  // namespace qs::bench
