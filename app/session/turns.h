// Work that the window can be without for a moment, a piece in each turn of the event loop: between two of them it answers the mouse.
#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <deque>
#include <functional>

namespace qs {

class Turns : public QObject {
    Q_OBJECT

public:
    explicit Turns(QObject* parent = nullptr);
    /// Has `work` done soon, once, however often it is asked for until then; never, where `whose` is gone.
    void ask(QObject* whose, std::function<void()> work);
    /// For tests: all that waits.
    void finish();

private:
    void next();

    struct Piece {
        QPointer<QObject> whose;
        std::function<void()> work;
    };
    std::deque<Piece> m_waiting;
    bool m_resting = false;  ///< the turn behind an edit or a piece is for what it asked for: layouts, plots, painting
    QTimer m_timer;
};

}  // namespace qs
