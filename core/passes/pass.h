// Passes: a model becomes an equivalent one. One file a pass.
//
// To add one: a file passes/<name>.cpp, a declaration here, a call in analysis/prepared.cpp where its place in the order is, its test.
#pragma once

#include "core/ir/model.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace qs {

struct Fused {
    std::shared_ptr<const Model> model;
    std::map<std::string, std::string> hosts;  ///< fused layer's name -> the layer it was folded into
};

/// Folds BatchNorm, then Scale, then Bias (each optional, in that order) into the Convolution, DepthwiseConv, Deconvolution or InnerProduct
/// before it: w *= f, b = (b - mean) f with f = 1/sqrt(var + eps); then gamma, beta. Scale and Bias only on the channel axis (axis 1 or -3,
/// num_axes 1). Not folded: a host or layer named in `skip`, a value that somebody else reads or that is an output, a result that is not
/// finite. The host's output takes the name of the last folded layer's value. Source: seed 003 工具实现的融合功能; semantics 1.13.
Result<Fused> fuseBatchNorm(const Model& model, const std::vector<std::string>& skip);

/// The manual's BN+Scale+Conv: a BatchNorm that fuseBatchNorm() has left over, and the Scale and Bias behind it, go into the Convolution that alone
/// reads them: w *= f of the input channel, b += sum of w * shift. INFERRED: not where the convolution pads and the shift is not 0, for its zeros
/// would be shifted, too; otherwise the rules above. Source: seed 003, skip_fusion; semantics 1.13.
Result<Fused> fuseBatchNormBefore(const Model& model, const std::vector<std::string>& skip);

/// The manual's "BN+Scale+Bias acceleration": a BatchNorm, Scale or Bias named in `enabled` that fusion has left over becomes a DepthwiseConv 1x1 of
/// the same name, with those behind it folded in; only on 4-D values and the channel axis. Source: seed 003 工具实现的加速优化.
Result<Fused> accelerateBatchNorm(const Model& model, const std::set<std::string>& enabled);

struct Equalized {
    std::shared_ptr<const Model> model;
    std::map<std::string, std::string> pairs;  ///< first layer's name -> the layer behind that shares its ranges
};

/// Cross-layer equalization: of every layer of `first` and the Convolution, DepthwiseConv or InnerProduct that alone reads it, through nothing or one
/// ReLU or PReLU, output channel i is divided by s_i (weights and bias) and what reads it multiplied, s_i = sqrt(r1_i r2_i) / r2_i with r the
/// largest magnitudes of the channel's weights: then both ranges are sqrt(r1_i r2_i), and the network computes the same. Pairs that share a layer
/// are repeated until nothing moves. Channels below 1e-5 of their layer's range stay. A layer of `first` without such a reader is not in `pairs`.
/// Source: Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, sections 4.1 and 4.1.2.
Result<Equalized> equalizeLayers(const Model& model, const std::set<std::string>& first);

}  // namespace qs
