// quantscope: the window.
#include "app/window/shell.h"
#include "core/base/cpu.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QTimer>

#include <chrono>
#include <csignal>
#include <cstdio>

namespace {

/// Prints the monotonic time of the first paint of any widget, in ms, and ends the program.
class FirstPaint final : public QObject {
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::Paint && !m_seen) {
            m_seen = true;
            QTimer::singleShot(0, [] {
                std::printf("%.3f\n", static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count()) / 1e6);
                std::fflush(stdout);
                QCoreApplication::quit();
            });
        }
        return QObject::eventFilter(watched, event);
    }
    bool m_seen = false;
};

}  // namespace

int main(int argc, char** argv)
{
    // A limit of the size of files is an error of writing.
    std::signal(SIGXFSZ, SIG_IGN);
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("quantscope"));
    QApplication::setApplicationName(QStringLiteral("quantscope"));
    QApplication::setApplicationVersion(
        QStringLiteral("%1 (%2)").arg(QLatin1String(QS_VERSION), QString::fromStdString(qs::cpuLevelName(qs::cpuLevel()))));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/quantscope.svg")));
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("Network or project to open"), QStringLiteral("[file]"));
    const QCommandLineOption demo(QStringLiteral("demo"), QStringLiteral("Open the built-in demo"));
    parser.addOption(demo);
    QCommandLineOption quitAfterPaint(QStringLiteral("quit-after-paint"),
                                      QStringLiteral("Print the time of the first paint and end (for tests/bench)"));
    quitAfterPaint.setFlags(QCommandLineOption::HiddenFromHelp);
    parser.addOption(quitAfterPaint);
    parser.process(app);
    FirstPaint firstPaint;
    if (parser.isSet(quitAfterPaint))
        app.installEventFilter(&firstPaint);
    qs::Shell shell(app);
    shell.start(parser.positionalArguments().value(0));
    if (parser.isSet(demo))
        shell.window()->openDemo();
    return QApplication::exec();
}
