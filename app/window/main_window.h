// Docks, menus, toolbar and status around one session. A change of language makes a new window on the same session.
#pragma once

#include "app/session/sample_probe.h"
#include "app/session/workflow.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QMainWindow>

#include <functional>
#include <map>

class QActionGroup;
class QComboBox;
class QStackedWidget;

namespace qs {

class FirstSteps;
class GraphPanel;
class MessageBar;
class StatusStrip;
class ViewGroups;
struct ViewEntry;

enum class Language : uint8_t { System, English, Chinese };

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(Workbench& bench, QWidget* parent = nullptr);
    ~MainWindow() override;

    QAction* action(const QString& id) const;
    QDockWidget* dock(const QString& id) const;
    /// In front of all others, with its group.
    void showView(const QString& id);
    /// The same, with the keyboard in it.
    void focusView(const QString& id);
    /// The next of those that stand in the window now, the graph among them; -1: the one before.
    void focusNextView(int step);
    GraphPanel* graphPanel() const { return m_graph; }
    MessageBar* messages() const { return m_messages; }
    FirstSteps* firstSteps() const { return m_firstSteps; }
    void setRecent(const QStringList& recent);
    void setChecked(Language language, ThemeMode theme);
    /// Closes without asking (language change, tests).
    void closeQuietly();

    void openFile();
    /// Asks for the user's custom.proto; takes it away when there is one. A Caffe network that is open is opened anew.
    void askForSize(const QString& input);
    void chooseCustomProto();
    void chooseCache();
    void chooseThreads();
    void openDemo();
    /// Asks how to read data; `given`: those that were dropped.
    void chooseData(const std::filesystem::path& given = {});
    void exportFiles();
    void chooseReport();
    /// From a record of the user's own factors (convert_model).
    void convertFiles(const std::filesystem::path& record);
    void goToLayer();
    void selectWorst();
    bool saveProject();
    bool saveProjectAs();
    void resetLayout();
    void newBranch();
    void renameBranch();
    /// At once; the message bar offers to put it back.
    void removeBranch(const QString& name);

Q_SIGNALS:
    void pathOpened(const QString& path);
    void languageChosen(qs::Language language);
    void themeChosen(qs::ThemeMode mode);
    void similarityChosen(qs::SimilarityForm form);
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
    void makeBranchMenu();
    void putBranchBox(QToolBar* bar);
    void refreshBranches();
    void listBranches(QMenu* menu, bool withPresent, const QString& checked, const std::function<void(const QString&)>& run);
    /// Asks for a name that is free; `done` gets it.
    void askBranchName(const QString& title, const QString& suggestion, std::function<void(const QString&)> done);
    void makeHelpMenu();
    /// Of the manual: what the view that has the focus is about.
    QString pageOfFocus() const;
    /// The view that has the keyboard; null: none.
    const ViewEntry* viewOfFocus() const;
    void makeToolBar();
    void makeFirstSteps();
    /// With a network, unless they were closed.
    void showFirstSteps();
    void makeDocks();
    /// Docks, toolbars and groups of views, as settings and projects keep them.
    QByteArray saveLayout() const;
    bool restoreLayout(const QByteArray& layout);
    void restoreFirstLayout();
    void refresh();
    void highlightNext();
    void openPath(const std::filesystem::path& path);
    QString defaultPrefix() const;
    /// Asks what becomes of unsaved changes; false: they stay, and so does the document.
    bool mayLeave();
    void offerToLocate(const QString& text, const std::filesystem::path& file, const Located& found);
    void sayWhatIsMissing();
    /// The last folder that was exported to, or the user's own.
    std::filesystem::path folderForFiles() const;

    Workbench m_bench;
    std::map<QString, QAction*> m_actions;
    std::map<QString, QDockWidget*> m_docks;
    ViewGroups* m_groups;
    QStackedWidget* m_stack;
    GraphPanel* m_graph;
    QAction* m_checkCount = nullptr;  ///< beside the target
    MessageBar* m_messages;
    FirstSteps* m_firstSteps = nullptr;
    QMenu* m_recentMenu = nullptr;
    QMenu* m_switchMenu = nullptr;
    QMenu* m_besideMenu = nullptr;
    QMenu* m_removeMenu = nullptr;
    QComboBox* m_branchBox = nullptr;
    QStringList m_recent;
    QActionGroup* m_languages = nullptr;
    QActionGroup* m_themes = nullptr;
    bool m_quiet = false;
    bool m_shown = false;
    QByteArray m_defaultState;
};

}  // namespace qs
