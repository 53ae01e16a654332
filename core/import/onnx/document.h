// What was read from an ONNX file, kept whole for exporters.
#pragma once

#include "core/ir/model.h"

#include <onnx/onnx_pb.h>

namespace qs {

class OnnxDocument : public SourceDocument {
public:
    std::string format() const override { return "onnx"; }
    /// Layer::source is an index into model.graph().node().
    onnx::ModelProto model;
};

}  // namespace qs
