// AdaRound: a layer's weights rounded up or down so that its outputs, not its weights, are nearest to the float ones.
// Source: Nagel et al., Up or Down? Adaptive Rounding for Post-Training Quantization, 2020.
#pragma once

#include "core/base/job.h"
#include "core/calib/weight_algorithm.h"
#include "core/ir/model.h"

#include <span>
#include <vector>

namespace qs {

/// Weights a channel that AdaRound takes: their second moments are the square of it, 85 MB.
constexpr int64_t mostMoments = 4608;

/// Convolution, DepthwiseConv and InnerProduct with at most mostMoments weights a channel.
bool canAdaRound(const Layer& layer);

/// Second moments, sum x x^T, of what the weights of one output channel multiply (x: K = Cin / group * kh * kw inputs of one output pixel), for each
/// group. The squared output error of weights that are off by d is d^T M d: nothing else of the data is needed.
class PatchMoments {
public:
    /// `input`: shape of the layer's input. Of each sample about `patches` output pixels are looked at, evenly spread (all where there are fewer).
    PatchMoments(const Layer& layer, const Shape& input, int64_t patches);

    /// One sample of the input, in plain order.
    void add(std::span<const float> sample);

    int64_t size() const { return m_size; }      ///< K
    int64_t stride() const { return m_stride; }  ///< floats from row to row: K rounded up, with zeros behind
    int64_t groups() const { return m_groups; }
    /// K rows of stride() floats; zero until there was a sample.
    std::span<const float> group(int64_t group) const;
    int64_t patches() const { return m_patches; }

private:
    void copyPatch(std::span<const float> sample, int64_t group, int64_t pixel, float* row) const;

    int64_t m_size = 0;
    int64_t m_stride = 0;
    int64_t m_groups = 1;
    int64_t m_pixels = 1;  ///< of the output, in one sample
    int64_t m_wanted = 0;
    int64_t m_patches = 0;
    int64_t m_samples = 0;
    // Convolutions: (C, H, W), kernel, stride, pad, dilation of the window; an inner product takes its input in rows.
    bool m_window = false;
    int64_t m_channels = 0, m_height = 0, m_width = 0, m_outputWidth = 0;
    std::vector<int64_t> m_kernel, m_strides, m_pad, m_dilation;
    std::vector<float> m_moments;
    std::vector<float> m_rows;
};

struct AdaRoundOptions {
    int iterations = 400;
    double learningRate = 0.05;   ///< Adam's
    double regularization = 0.5;  ///< lambda, beside a loss of 1 for a weight that is off by a step
    double warmUp = 0.2;          ///< share of the iterations without regularization
    double betaStart = 20;        ///< of 1 - |2h - 1|^beta, falling to betaEnd along a half cosine
    double betaEnd = 2;
};

/// For every weight whether it is rounded up (1) from floor(w / scale): minimises each channel's squared output error over h(V) = clip(1.2 sigmoid(V)
/// - 0.1, 0, 1) with the regularizer that drives h to 0 or 1, by Adam from h = w / scale - floor(w / scale); a channel that nearest rounding serves
/// better keeps that. Nothing is random: the same input gives the same result. Errors: Cancelled.
Result<std::vector<uint8_t>> adaRound(const WeightInput& weight, const WeightGrid& grid, int bits, const PatchMoments& moments, const JobContext& job,
                                      const AdaRoundOptions& options = {});

/// Mean squared error of the layer's outputs over all patches and channels when its weights are codes * scale, in units of the output.
double reconstructionLoss(const WeightInput& weight, const WeightGrid& grid, std::span<const int8_t> codes, const PatchMoments& moments);

}  // namespace qs
