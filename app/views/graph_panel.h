// The graph with its overlay, legend and search.
#pragma once

#include "app/views/view.h"
#include "widgets/graph/graph_content.h"

#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;
class QMenu;
class QTimer;

namespace qs {

class GraphView;

class GraphPanel : public View {
    Q_OBJECT

public:
    explicit GraphPanel(Workbench& bench, QWidget* parent = nullptr);
    ~GraphPanel() override;
    GraphView* graph() const { return m_graph; }
    void setOverlay(Overlay overlay);
    void focusSearch();

protected:
    void refresh() override;
    void refreshSelection() override;

private:
    void offerBranch(bool offer);
    void openMenu(const QPoint& global);
    void addBlockActions(QMenu& menu);
    /// Place, zoom and open blocks of the network that is shown, kept in the settings.
    void keepPlace();
    void restorePlace();
    void save(const QString& suffix, const QString& filter);
    GraphView* m_graph;
    QComboBox* m_overlay;
    OverlayLegend* m_legend;
    QLineEdit* m_search;
    QLabel* m_found;
    bool m_ownSelection = false;     ///< the graph itself is where it was made
    QStringList m_shownSelection;    ///< what it is in has been opened
    std::optional<QString> m_place;  ///< where the place of what is shown is kept (network_memory.h)
    QTimer* m_keeping;
    /// What the graph shows, and how.
    struct Shown {
        std::shared_ptr<const Model> model;
        std::shared_ptr<const Blocks> blocks;
        LayerRows rows;
        Overlay overlay = Overlay::CumulativeCosine;
        bool dark = false;
    };
    void show(Shown shown);
    Shown m_shown;
};

}  // namespace qs
