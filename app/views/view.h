// What every dock's content is made of: refreshed when the session changes, but only while somebody looks.
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
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;
    /// Refreshes now or when shown.
    void refreshWhenSeen();

    Workbench m_bench;

private:
    bool m_dirty = true;
};

}  // namespace qs
