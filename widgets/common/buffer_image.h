// Buffers as pictures.
#pragma once

#include "core/base/buffer.h"

#include <QImage>

namespace qs {

/// An 8-bit HWC picture (RGB or gray); null when it is not one.
QImage pictureImage(const Buffer& picture);
/// A CHW float tensor as the network sees it, stretched to 0..255 (three channels in the given order: `swapRedBlue` for BGR).
QImage tensorImage(const Buffer& sample, bool swapRedBlue);
/// One channel of an NCHW or CHW tensor in the colours of `signedScale` (difference: blue-white-orange) or grey, for [low, high].
QImage channelImage(const Buffer& tensor, int channel, float low, float high, bool signedScale);
/// Channels of an NCHW or CHW tensor; 1 for others.
int channelCount(const Buffer& tensor);

/// How the kernels of one output channel lie side by side: input channel i at row i / columns, column i % columns, each `height` x `width`.
struct KernelTiles {
    int rows = 0, columns = 0;
    int height = 0, width = 0;
};
/// For weights (outputs, inputs, ...); as square as the number of inputs can be without a gap.
KernelTiles kernelTiles(const Shape& weights);
/// (outputs, inputs, height, width) as a picture a channel: (1, outputs, rows * height, columns * width). Empty for what has no two axes.
Buffer kernelsSideBySide(const Buffer& weights);

}  // namespace qs
