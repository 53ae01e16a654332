// Layers that are y = x * factor + shift per channel, and folding them into the weights of the layer before.
#pragma once

#include "core/ir/builder.h"

#include <set>
#include <string>
#include <vector>

namespace qs {

/// Place in the order of folding: BatchNorm 1, Scale 2, Bias 3; 0 for other ops.
int affineRank(const std::string& op);
/// A layer with float weights, one input and one output, into which others can be folded.
bool isFoldable(const Layer& layer);
/// The only layer that reads the value, when nobody else sees it; noId otherwise.
LayerId onlyReader(const Model& model, ValueId value);
/// Folds `first`, then the affine layers behind it in that order, into the weights of builder.layer(host), which takes over the last one's output.
/// `first` may be the host itself (that has become an identity). Ends before a layer of `skipped`, one not on the channel axis, or a result that is
/// not finite. Returns the folded layers.
std::vector<LayerId> foldChain(ModelBuilder& builder, const Model& model, LayerId host, LayerId first, const std::set<std::string>& skipped);
/// Folds `first` and the affine layers behind it in that order into the convolution that alone reads them, which then reads what they read, and is
/// `host`. Returns the folded layers; none, and nothing is changed, without such a convolution: channels that do not fit, a shift before one that
/// pads, a result that is not finite, a skipped layer.
std::vector<LayerId> foldBefore(ModelBuilder& builder, const Model& model, LayerId first, const std::set<std::string>& skipped, LayerId& host);

}  // namespace qs
