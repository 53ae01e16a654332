// Range of each channel of a value or of weights, minimum to maximum; of a diagnosis also the limits of the codes and each channel's part of the
// error.
#pragma once

#include "widgets/plots/plot_base.h"

#include <optional>
#include <utility>
#include <vector>

class QCPGraph;

namespace qs {

struct ChannelRange {
    float minimum = 0;
    float maximum = 0;
};

/// What is drawn; without names the axes are those of weights.
struct ChannelSeries {
    std::vector<ChannelRange> ranges;
    std::vector<double> parts = {};                                  ///< 0..1, by channel; empty: none is drawn
    std::optional<std::pair<double, double>> limits = std::nullopt;  ///< two lines
    QString channelName = {};
    QString valueName = {};
};

class ChannelPlot : public PlotBase {
    Q_OBJECT

public:
    explicit ChannelPlot(QWidget* parent = nullptr);
    void setSeries(ChannelSeries series);
    /// A line through this channel; -1: none.
    void setMarked(int channel);

    /// Above or below another one: channels stand under each other, and the values have few ticks.
    void setStacked();
    /// The channels between these are in view.
    void showChannels(double first, double last);

Q_SIGNALS:
    void channelClicked(int channel);
    void moved(double first, double last);  ///< other channels are in view

protected:
    PlotTable table() const override;
    void restyle() override;

private:
    int channelAt(double x) const;

    ChannelSeries m_series;
    int m_marked = -1;
    QCPGraph* m_low;
    QCPGraph* m_high;
    QCPGraph* m_parts;
    QCPGraph* m_mark;
    QCPGraph* m_limits[2];
};

}  // namespace qs
