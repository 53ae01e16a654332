// Which output channel each element of a layer's weight 0 belongs to, for per-channel quantization and for folding.
#pragma once

#include "core/ir/model.h"

#include <string_view>

namespace qs {

/// Levels that a codebook of 4-bit weights has for each scale (SNQ, semantics 1.5).
constexpr int codebookLevels = 16;

/// Convolution, DepthwiseConv, Deconvolution, InnerProduct, SparseConvolution: weight 0 times the input plus a bias. What BatchNorm is folded into,
/// and what the chip computes in integers.
bool multipliesByWeights(std::string_view op);
/// LSTM, RNN, GRU.
bool isRecurrent(std::string_view op);
/// Whether output 0 of this recurrent layer is its hidden state, step by step (an RNN's is made of it).
bool outputIsState(std::string_view op);

/// The inputs that a layer of a deploy model with integer weights reads as codes: the first; of LSTM, RNN and GRU the static one, too. Its other
/// quantized inputs (states) come as floats, through an AntiQuant.
bool readsCodes(const Layer& layer, size_t port);
/// Enters zero point and width of the codes on such an input: inputOffset and inputBits, of a static input staticOffset and staticBits.
void setCodes(Layer& layer, size_t port, int64_t offset, int64_t bits);

/// The weight is a sequence of runs of `inner` elements; run r belongs to channel of(r).
///   Convolution, DepthwiseConv, SparseConvolution: (Cout, Cin/group, kernel...), one run a channel.
///   Deconvolution: (Cin, Cout/group, kh, kw), one run a (cin, cout) pair; group g holds rows [g*Cin/group, (g+1)*Cin/group).
///   (With one or three spatial dimensions: as many behind the channels.)
///   InnerProduct: (Cout, K), one run a channel.
/// Source: semantics 1.3.
class WeightChannels {
public:
    /// `layer` must have weight 0 of rank 2 or more; other ops count as one channel a row.
    explicit WeightChannels(const Layer& layer);

    int64_t channels() const { return m_channels; }
    int64_t inner() const { return m_inner; }
    int64_t runs() const { return m_runs; }
    int64_t of(int64_t run) const { return m_columns == 0 ? run : run / m_columns / m_rowsPerGroup * m_columns + run % m_columns; }

private:
    int64_t m_channels = 1;
    int64_t m_inner = 1;
    int64_t m_runs = 1;
    int64_t m_columns = 0;  // 0: run r is channel r
    int64_t m_rowsPerGroup = 1;
};

}  // namespace qs
