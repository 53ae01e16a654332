// What every dock's content is made of: refreshed when the session changes, soon, and only while somebody looks. A dock behind another one's tab is
// visible to Qt, which puts it outside the window.
#pragma once

#include "app/session/sample_probe.h"
#include "app/session/workflow.h"

#include <QWidget>

namespace qs {

class View : public QWidget {
    Q_OBJECT

public:
    explicit View(Workbench& bench, QWidget* parent = nullptr);

protected:
    virtual void refresh() = 0;
    virtual void refreshSelection() { refresh(); }
    bool event(QEvent* event) override;
    /// Refreshes now or when shown.
    void refreshWhenSeen();

    Workbench m_bench;

private:
    bool seen() const;
    /// After a change of the session: in a turn of its own, for all of them at once hold the window.
    void refreshSoon();
    void askForTurn();
    void refreshIfDirty();

    bool m_dirty = true;
    std::weak_ptr<const Model> m_model;  ///< that it shows
};

}  // namespace qs
