// quantscope: the window.
#include "app/window/shell.h"

#include <QApplication>
#include <QCommandLineParser>

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("quantscope"));
    QApplication::setApplicationName(QStringLiteral("quantscope"));
    QApplication::setApplicationVersion(QStringLiteral(QS_VERSION));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/quantscope.svg")));
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("Network or project to open"), QStringLiteral("[file]"));
    const QCommandLineOption demo(QStringLiteral("demo"), QStringLiteral("Open the built-in demo"));
    parser.addOption(demo);
    parser.process(app);
    qs::Shell shell(app);
    shell.start(parser.positionalArguments().value(0));
    if (parser.isSet(demo))
        shell.window()->openDemo();
    return QApplication::exec();
}
