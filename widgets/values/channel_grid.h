// All channels of a tensor side by side, worst first or in their order; one is chosen.
#pragma once

#include "core/base/buffer.h"

#include <QAbstractScrollArea>
#include <QPixmap>

#include <vector>

namespace qs {

class ChannelGrid : public QAbstractScrollArea {
    Q_OBJECT

public:
    explicit ChannelGrid(QWidget* parent = nullptr);
    /// `errors`: of each channel, what sorting goes by and tooltips say; one range of values for all, so that channels can be compared.
    void setChannels(const Buffer& tensor, std::vector<double> errors, float low, float high, bool signedScale);
    void clear();
    void setSorted(bool byError);
    void setCurrent(int channel);
    int current() const { return m_current; }
    /// In the order in which they are shown.
    const std::vector<int>& order() const { return m_order; }
    /// Of a cell's picture, in pixels of the screen; also by Ctrl and the wheel.
    void setCellSize(int pixels);
    int cellSize() const { return m_cell; }
    /// The channel at a place of the viewport; -1: none.
    int channelAt(const QPoint& position) const;

Q_SIGNALS:
    void chosen(int channel);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void arrange();
    int columns() const;
    QSize cell() const;
    QRect cellAt(size_t position) const;
    void choose(int channel);
    void scrollToCurrent();

    Buffer m_tensor;
    std::vector<double> m_errors;
    float m_low = 0, m_high = 0;
    bool m_signed = false;
    bool m_byError = true;
    std::vector<int> m_order;
    std::vector<QImage> m_images;  ///< by channel; made when first painted
    int m_current = 0;
    int m_cell = 48;
};

}  // namespace qs
