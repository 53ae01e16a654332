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

/// AMCT's "BN+Scale+Bias acceleration": a BatchNorm, Scale or Bias named in `enabled` that fusion has left over becomes a DepthwiseConv 1x1 of the
/// same name, with those behind it folded in; only on 4-D values and the channel axis. Source: seed 003 工具实现的加速优化.
Result<Fused> accelerateBatchNorm(const Model& model, const std::set<std::string>& enabled);

}  // namespace qs
