// Range of each channel of a layer's weights, minimum to maximum.
#pragma once

#include "widgets/plots/plot_base.h"

class QCPGraph;

namespace qs {

struct ChannelRange {
    float minimum = 0;
    float maximum = 0;
};

class ChannelPlot : public PlotBase {
    Q_OBJECT

public:
    explicit ChannelPlot(QWidget* parent = nullptr);
    void setRanges(std::vector<ChannelRange> ranges);

protected:
    PlotTable table() const override;
    void restyle() override;

private:
    std::vector<ChannelRange> m_ranges;
    QCPGraph* m_low;
    QCPGraph* m_high;
};

}  // namespace qs
