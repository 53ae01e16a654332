#include "app/window/shell.h"

#include "app/window/status_strip.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QLibraryInfo>
#include <QSettings>
#include <QStandardPaths>

#include <algorithm>

namespace qs {

namespace {

constexpr int recentCount = 10;
constexpr int autosaveMs = 3000;
const char* const similarityKey = "similarity";

}  // namespace

Shell::Shell(QApplication& app)
    : m_app(app),
      m_workflow(m_session, m_jobs),
      m_probe(m_workflow),
      m_live(m_workflow),
      m_searcher(m_workflow, m_live),
      m_diagnoser(m_workflow, m_live),
      m_bench{m_session, m_jobs, m_workflow, m_probe, m_live, m_searcher, m_diagnoser, m_rows, m_turns}
{
    const QSettings settings;
    m_language = static_cast<Language>(settings.value(QStringLiteral("language"), 0).toInt());
    m_theme = static_cast<ThemeMode>(settings.value(QStringLiteral("theme"), 0).toInt());
    // A file that is gone would stand in the way of every network.
    const std::filesystem::path customProto = settings.value(QStringLiteral("customProto")).toString().toStdString();
    if (std::error_code ignored; !customProto.empty() && std::filesystem::exists(customProto, ignored))
        m_session.setCustomProto(customProto);
    setSimilarityForm(static_cast<SimilarityForm>(std::clamp(settings.value(QLatin1String(similarityKey), 0).toInt(), 0, 2)));
    applyTheme(m_app, m_theme);
    installTranslators();
    makeWindow();
    m_autosave.setSingleShot(true);
    m_autosave.setInterval(autosaveMs);
    connect(&m_autosave, &QTimer::timeout, this, &Shell::autosave);
    connect(&m_session, &Session::changed, this, [this] {
        if (m_session.modified())
            m_autosave.start();
    });
}

Shell::~Shell()
{
    // A clean end leaves nothing to recover.
    if (m_lock)
        QFile::remove(autosavePath());
    m_window.reset();
}

void Shell::installTranslators()
{
    QCoreApplication::removeTranslator(&m_translator);
    QCoreApplication::removeTranslator(&m_qtTranslator);
    const bool chinese = m_language == Language::Chinese || (m_language == Language::System && QLocale::system().language() == QLocale::Chinese);
    if (!chinese)
        return;
    if (m_translator.load(QStringLiteral(":/i18n/quantscope_zh_CN.qm")))
        QCoreApplication::installTranslator(&m_translator);
    if (m_qtTranslator.load(QStringLiteral("qtbase_zh_CN"), QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&m_qtTranslator);
}

void Shell::makeWindow()
{
    m_window = std::make_unique<MainWindow>(m_bench);
    m_window->setRecent(QSettings().value(QStringLiteral("recent")).toStringList());
    m_window->setChecked(m_language, m_theme);
    connect(m_window.get(), &MainWindow::pathOpened, this, &Shell::remember);
    // Queued: the window that asks is the one that goes.
    connect(m_window.get(), &MainWindow::languageChosen, this, &Shell::setLanguage, Qt::QueuedConnection);
    connect(m_window.get(), &MainWindow::themeChosen, this, &Shell::setTheme, Qt::QueuedConnection);
    connect(m_window.get(), &MainWindow::similarityChosen, this, &Shell::setSimilarity, Qt::QueuedConnection);
}

void Shell::setLanguage(Language language)
{
    QSettings().setValue(QStringLiteral("language"), static_cast<int>(language));
    m_language = language;
    remakeWindow([this] { installTranslators(); });
}

void Shell::setSimilarity(SimilarityForm form)
{
    QSettings().setValue(QLatin1String(similarityKey), static_cast<int>(form));
    remakeWindow([form] { setSimilarityForm(form); });
}

void Shell::remakeWindow(const std::function<void()>& change)
{
    const bool visible = m_window->isVisible();
    QApplication::setQuitOnLastWindowClosed(false);
    m_window->closeQuietly();
    change();
    makeWindow();
    if (visible)
        m_window->show();
    QApplication::setQuitOnLastWindowClosed(true);
}

void Shell::setTheme(ThemeMode mode)
{
    QSettings().setValue(QStringLiteral("theme"), static_cast<int>(mode));
    m_theme = mode;
    applyTheme(m_app, mode);
    m_window->setChecked(m_language, m_theme);
}

void Shell::start(const QString& path)
{
    m_window->show();
    offerRecovery();
    if (!path.isEmpty())
        m_workflow.openAny(QFileInfo(path).absoluteFilePath().toStdString());
    // After the first paint: the loader lock would hold it up.
    QTimer::singleShot(150, this, [this] { m_jobs.warmUp(); });
}

void Shell::remember(const QString& path)
{
    QSettings settings;
    QStringList recent = settings.value(QStringLiteral("recent")).toStringList();
    recent.removeAll(path);
    recent.prepend(path);
    recent = recent.mid(0, recentCount);
    settings.setValue(QStringLiteral("recent"), recent);
    m_window->setRecent(recent);
}

QString Shell::autosavePath() const
{
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/autosave.qsproj");
}

void Shell::offerRecovery()
{
    QDir().mkpath(QFileInfo(autosavePath()).path());
    m_lock = std::make_unique<QLockFile>(autosavePath() + QStringLiteral(".lock"));
    m_lock->setStaleLockTime(0);
    // Another running window owns the file: it is that one's to keep.
    if (!m_lock->tryLock(0)) {
        m_lock.reset();
        return;
    }
    if (!QFile::exists(autosavePath()))
        return;
    m_window->messages()->ask(tr("The program ended without saving. Restore the settings of that time?"), tr("Restore"), tr("Discard"),
                              [this](bool restore) {
                                  if (restore)
                                      m_workflow.openProject(autosavePath().toStdString(), Workflow::ProjectFile::Recovered);
                                  else
                                      QFile::remove(autosavePath());
                              });
}

void Shell::autosave()
{
    if (!m_lock || !m_session.modified())
        return;
    const Result<void> saved = saveProject(m_session.toProject(), autosavePath().toStdString());
    if (!saved)
        m_session.log(tr("The automatic backup cannot be written: %1").arg(QString::fromStdString(saved.error().detail)));
}

}  // namespace qs
