// The program around the window: session, jobs, language, theme, recent files, recovery after a crash.
#pragma once

#include "app/session/diagnoser.h"
#include "app/session/live.h"
#include "app/session/searcher.h"
#include "app/session/shared_rows.h"
#include "app/session/turns.h"
#include "app/window/main_window.h"

#include <QLockFile>
#include <QTranslator>

#include <functional>
#include <memory>

namespace qs {

class Shell : public QObject {
    Q_OBJECT

public:
    explicit Shell(QApplication& app);
    ~Shell() override;

    void setLanguage(Language language);
    void setTheme(ThemeMode mode);
    /// How figures of similarity are written everywhere.
    void setSimilarity(SimilarityForm form);
    /// Shows the window; the engine is opened after the first paint.
    void start(const QString& path = {});
    MainWindow* window() const { return m_window.get(); }
    Session& session() { return m_session; }
    JobRunner& jobs() { return m_jobs; }
    Workflow& workflow() { return m_workflow; }
    SampleProbe& probe() { return m_probe; }
    Live& live() { return m_live; }
    Searcher& searcher() { return m_searcher; }
    Diagnoser& diagnoser() { return m_diagnoser; }
    Workbench& parts() { return m_bench; }

private:
    void makeWindow();
    /// Another one on the same session, after `change`: what all of a window was made with.
    void remakeWindow(const std::function<void()>& change);
    void installTranslators();
    void remember(const QString& path);
    void offerRecovery();
    void autosave();
    QString autosavePath() const;

    QApplication& m_app;
    Session m_session;
    JobRunner m_jobs;
    Workflow m_workflow;
    SampleProbe m_probe;
    Live m_live;
    Searcher m_searcher;
    Diagnoser m_diagnoser;
    SharedRows m_rows{m_session, m_live};
    Turns m_turns;
    Workbench m_bench;
    Language m_language = Language::System;
    ThemeMode m_theme = ThemeMode::System;
    QTranslator m_translator;
    QTranslator m_qtTranslator;
    std::unique_ptr<MainWindow> m_window;
    std::unique_ptr<QLockFile> m_lock;
    QTimer m_autosave;
};

}  // namespace qs
