// Histograms of the selected layer's inputs, output and weights, with the clip limits.
#pragma once

#include "app/views/view.h"
#include "widgets/plots/channel_plot.h"

#include <limits>

class QCheckBox;
class QComboBox;
class QLabel;
class QStackedWidget;

namespace qs {

class DistributionPlot;

class DistributionPanel : public View {
    Q_OBJECT

public:
    explicit DistributionPanel(Workbench& bench, QWidget* parent = nullptr);
    DistributionPlot* plot() const { return m_plot; }

protected:
    void refresh() override;

private:
    /// Sites of the selected layer (quant/scheme.h): its inputs, then its output, then weightsItem.
    void fillPorts();
    void showPort(int port);
    void showWeights();
    void showOutside();
    /// The samples that reach furthest.
    void showFurthest(int port);
    /// Error of the input under these limits, guessed from its histogram; empty where nothing is quantized.
    QString estimateText(double low, double high) const;
    void editClip(double low, double high);
    /// Index of a layer's input port among its quantizable ones; -1: not quantizable.
    int quantizableIndex(int port) const;

    static constexpr int weightsItem = std::numeric_limits<int>::min();
    struct WeightStatistics {
        Histogram histogram;
        std::vector<ChannelRange> channels;
    };
    QComboBox* m_port;
    QCheckBox* m_logarithmic;
    QLabel* m_outside;
    QLabel* m_furthest;
    QStackedWidget* m_stack;
    DistributionPlot* m_plot;
    DistributionPlot* m_weightPlot;
    ChannelPlot* m_channels;
    QString m_layer;
    QString m_weightsOf;
};

}  // namespace qs
