// The empty window: three things to do, and nothing else.
#pragma once

#include <QWidget>

namespace qs {

class WelcomePage : public QWidget {
    Q_OBJECT

public:
    explicit WelcomePage(const QStringList& recent, QWidget* parent = nullptr);

Q_SIGNALS:
    void openRequested();
    void demoRequested();
    void recentRequested(const QString& path);
};

}  // namespace qs
