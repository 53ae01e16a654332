// What every plot has: the theme's colours, saving and copying from the context menu.
#pragma once

#include <QString>
#include <QWidget>

#include <vector>

class QCPAxis;
class QCPTextElement;
class QCustomPlot;
class QLabel;
class QMenu;

namespace qs {

/// A plot's data as columns, for CSV and the clipboard.
struct PlotTable {
    std::vector<QString> headers;
    std::vector<std::vector<QString>> rows;
    /// Comma (file) or tab (clipboard) separated.
    QString text(QChar separator) const;
};

class PlotBase : public QWidget {
    Q_OBJECT

public:
    explicit PlotBase(QWidget* parent = nullptr);
    QCustomPlot* plot() const { return m_plot; }
    /// Said in the middle while there is nothing to show.
    void setEmptyText(const QString& text);
    /// PNG, SVG or CSV by suffix; false when it cannot be written.
    bool save(const QString& path);
    QSize sizeHint() const override { return {480, 220}; }
    QSize minimumSizeHint() const override { return {160, 110}; }

protected:
    virtual PlotTable table() const = 0;
    /// Recolour what the subclass has made; called when the theme changes.
    virtual void restyle() = 0;
    virtual void addMenuActions(QMenu&) {}
    void changeEvent(QEvent* event) override;
    void paintEmpty(bool empty);
    void replotSoon();

private:
    void restyleAll();
    void openMenu(const QPoint& position);
    void saveAs(const QString& filter, const QString& suffix);

    QCustomPlot* m_plot;
    QLabel* m_note;
    bool m_empty = true;
};

}  // namespace qs
