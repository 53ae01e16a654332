// The status bar's content: model, data, agreement, and what runs with its time left and a cancel button.
#pragma once

#include "app/session/workflow.h"

#include <QWidget>

#include <functional>

class QLabel;
class QProgressBar;
class QToolButton;

namespace qs {

class StatusStrip : public QWidget {
    Q_OBJECT

public:
    explicit StatusStrip(Workbench& bench, QWidget* parent = nullptr);
    /// The window does not get wider for a text.
    QSize minimumSizeHint() const override { return {0, QWidget::minimumSizeHint().height()}; }

private:
    void showSession();
    void showJobs();

    Workbench m_bench;
    QLabel* m_model;
    QLabel* m_data;
    QLabel* m_agreement;
    QLabel* m_freshness;
    QLabel* m_cache;
    QLabel* m_job;
    QProgressBar* m_progress;
    QLabel* m_left;
    QToolButton* m_cancel;
};

/// A line above the graph: what went wrong, or a question that can wait.
class MessageBar : public QWidget {
    Q_OBJECT

public:
    explicit MessageBar(QWidget* parent = nullptr);
    /// Something went wrong, or needs attention.
    void showText(const QString& text);
    /// Something the user asked for is done.
    void showDone(const QString& text);
    /// Something needs attention, and this would help.
    void offer(const QString& text, const QString& remedy, std::function<void()> chosen);
    void ask(const QString& text, const QString& yes, const QString& no, std::function<void(bool)> answer);
    QString text() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void clearButtons();
    void addClose();
    void setDone(bool done);
    QLabel* m_icon;
    QLabel* m_text;
    QWidget* m_buttons;
    bool m_done = false;
};

}  // namespace qs
