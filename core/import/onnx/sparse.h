// Sparse convolutions in ONNX, as CUDA-BEVFusion writes them (the SCN format: semantics 4b). Its nodes name no sites: they follow from the layers
// before. Here they are written out, so that every node says what it reads.
#pragma once

#include <onnx/onnx_pb.h>

namespace qs::onnxio {

/// In a graph with SparseConvolution nodes: an input "NAME_sites" beside every sparse input; a SparseRules node (core/ops/sparse.cpp) for every
/// rulebook, whose rules its convolutions read as a second input, as ScatterDense reads the sites; an activation that stands in a convolution as a
/// node of its own. A node whose sites or rules are not known, or contradict each other, is left as it is: its row says so.
void writeSites(onnx::GraphProto& graph);

}  // namespace qs::onnxio
