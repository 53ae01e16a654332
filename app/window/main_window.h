// Docks, menus, toolbar and status around one session. A change of language makes a new window on the same session.
#pragma once

#include "app/session/sample_probe.h"
#include "app/session/workflow.h"
#include "widgets/common/theme.h"

#include <QMainWindow>

#include <map>

class QActionGroup;
class QStackedWidget;

namespace qs {

class GraphPanel;
class MessageBar;
class StatusStrip;

enum class Language : uint8_t { System, English, Chinese };

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(Workbench& bench, QWidget* parent = nullptr);
    ~MainWindow() override;

    QAction* action(const QString& id) const;
    QDockWidget* dock(const QString& id) const;
    GraphPanel* graphPanel() const { return m_graph; }
    MessageBar* messages() const { return m_messages; }
    void setRecent(const QStringList& recent);
    void setChecked(Language language, ThemeMode theme);
    /// Closes without asking (language change, tests).
    void closeQuietly();

    void openFile();
    /// Asks for the user's custom.proto; takes it away when there is one. A Caffe network that is open is opened anew.
    void chooseCustomProto();
    void chooseCache();
    void openDemo();
    void chooseData(const DataSpec* given = nullptr);
    void exportFiles();
    void goToLayer();
    void selectWorst();
    bool saveProject();
    bool saveProjectAs();
    void resetLayout();

Q_SIGNALS:
    void pathOpened(const QString& path);
    void languageChosen(qs::Language language);
    void themeChosen(qs::ThemeMode mode);
    void aboutToQuit();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    QAction* add(QMenu* menu, const char* id, const QString& text, const char* icon, const QKeySequence& keys, const QString& tip,
                 std::function<void()> run);
    void makeFileMenu();
    void makeEditMenu();
    void makeViewMenu();
    void makeWorkMenus();
    void makeHelpMenu();
    void makeToolBar();
    void makeDocks();
    void refresh();
    void highlightNext();
    void openPath(const std::filesystem::path& path);
    QString defaultPrefix() const;

    Workbench m_bench;
    std::map<QString, QAction*> m_actions;
    std::map<QString, QDockWidget*> m_docks;
    QStackedWidget* m_stack;
    GraphPanel* m_graph;
    MessageBar* m_messages;
    QMenu* m_recentMenu = nullptr;
    QStringList m_recent;
    QActionGroup* m_languages = nullptr;
    QActionGroup* m_themes = nullptr;
    bool m_quiet = false;
    bool m_shown = false;
    QByteArray m_defaultState;
};

}  // namespace qs
