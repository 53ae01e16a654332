// One step of the tuning panel: what was found, what is proposed, the button that applies it, and the figures before and after.
#pragma once

#include <QString>
#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;
class QTableWidget;

namespace qs {

class GuideStepCard : public QWidget {
    Q_OBJECT

public:
    /// A line of the list of proposals. A line without a layer belongs to the one above.
    struct Row {
        QString layer;
        QStringList cells;  ///< behind the layer's name
        QString tip;
    };
    struct Figure {
        QString name;
        QString before;
        QString after;  ///< empty: not known yet
    };

    /// `key`: of parameters.h, explained by the "?" behind the title.
    GuideStepCard(int number, const QString& title, const char* key, const QStringList& headers, QWidget* parent = nullptr);
    /// `tip`: what its words mean.
    void setFound(const QString& text, const QString& tip = {});
    /// Every layer ticked.
    void setRows(const std::vector<Row>& rows);
    /// An empty text hides the button.
    void setApply(const QString& text, bool enabled);
    void setFigures(const QString& title, const std::vector<Figure>& figures);
    /// The next one in the manual's order.
    void setCurrent(bool current);
    bool isCurrent() const { return m_current; }
    QStringList ticked() const;
    QPushButton* applyButton() const { return m_apply; }
    QString found() const;
    QString figures() const;

Q_SIGNALS:
    void applied();
    void tickedChanged();
    void layerClicked(const QString& layer);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel* m_title;
    QLabel* m_found;
    QTableWidget* m_table;
    QPushButton* m_apply;
    QLabel* m_figures;
    bool m_current = false;
};

}  // namespace qs
