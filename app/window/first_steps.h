// The six steps from a network to its files, as a line below the toolbar: what the last one showed, and what comes next. It follows from the state
// of the session, so that it goes on wherever the user stands; a step can be left out, the line closed and opened again.
#pragma once

#include "app/session/workflow.h"

#include <QWidget>

#include <functional>
#include <set>

class QLabel;
class QPushButton;
class QToolButton;

namespace qs {

class FirstSteps : public QWidget {
    Q_OBJECT

public:
    enum class Step : uint8_t { Open, Data, Calibrate, Compare, Repair, Export, Done };

    explicit FirstSteps(Workbench& bench, QWidget* parent = nullptr);
    Step step() const;
    QString text() const;

Q_SIGNALS:
    /// The window's action of that name, or a view's.
    void actionRequested(const QString& id);
    void viewRequested(const QString& id);
    void closeRequested();

private:
    struct Advice {
        QString showed;  ///< and what is next
        QString button;  ///< empty: none
        std::function<void()> run;
        bool running = false;
    };
    void refresh();
    Advice advice(Step step);
    Advice repair();
    /// Output and agreement of the comparison.
    QString figures() const;
    bool repaired() const;

    Workbench m_bench;
    QLabel* m_step;
    QLabel* m_text;
    QPushButton* m_next;
    QToolButton* m_leaveOut;
    std::function<void()> m_run;
    std::set<Step> m_leftOut;
    QString m_exported;  ///< folder
};

}  // namespace qs
