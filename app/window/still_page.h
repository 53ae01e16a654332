// Holds one widget and keeps its requests for another layout from the window: Qt passes each on from parent to parent, whether or not a size differs,
// and a window of docks takes a millisecond to be laid out.
#pragma once

#include <QWidget>

namespace qs {

class StillPage : public QWidget {
    Q_OBJECT

public:
    explicit StillPage(QWidget* parent = nullptr) : QWidget(parent) {}
    void setPage(QWidget* page);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* m_page = nullptr;
    QSize m_least;  ///< as the window knows it
};

}  // namespace qs
