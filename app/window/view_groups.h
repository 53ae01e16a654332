// The docks at the bottom, one group of them at a time, and the switch at their left. What floats or was moved to another side stands outside of
// this.
#pragma once

#include "app/views/views.h"

#include <QDockWidget>

#include <map>
#include <vector>

class QMainWindow;
class QVBoxLayout;

namespace qs {

class ViewGroups final : public QDockWidget {
    Q_OBJECT

public:
    explicit ViewGroups(QMainWindow* window);
    void add(ViewGroup group, QDockWidget* view);
    /// The action becomes a button of the switch, and is checked while its group stands there.
    void addChoice(ViewGroup group, QAction* action);
    void choose(ViewGroup group);
    /// Opens the view, with its group, in front of the others.
    void bring(QDockWidget* view);
    /// What the window's own state does not say: the group, the tab of each and what is closed.
    QByteArray saveGroups() const;
    void restoreGroups(const QByteArray& state);

private:
    struct Member {
        QDockWidget* view = nullptr;
        ViewGroup group = ViewGroup::None;
        bool closed = false;  ///< by the user; as it was when its group stood there last
    };

    bool stands(QDockWidget* view) const;
    bool stands(const Member& member) const { return member.group == m_group && stands(member.view); }
    bool isClosed(const Member& member) const { return stands(member) ? member.view->isHidden() : member.closed; }
    void rememberClosed();
    void apply();
    void showSwitch();

    QMainWindow* m_window;
    QVBoxLayout* m_column;
    ViewGroup m_group = ViewGroup::Find;
    std::vector<Member> m_members;
    std::map<ViewGroup, QDockWidget*> m_tabs;
    std::map<ViewGroup, QAction*> m_choices;
};

}  // namespace qs
