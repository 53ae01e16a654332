// What was read from a Caffe network, kept whole for exporters.
#pragma once

#include "core/ir/model.h"
#include "core/proto/qs_caffe.pb.h"

#include <filesystem>
#include <string>

namespace qs {

namespace caffe {
class CustomProto;
}

class CaffeDocument : public SourceDocument {
public:
    std::string format() const override { return "caffe"; }

    /// The prototxt, with V1 layers upgraded; all phases. Layer::source is an index into net.layer().
    quantscope_caffe::NetParameter net;
    /// The caffemodel, upgraded likewise; empty without one. Layers are found by name.
    quantscope_caffe::NetParameter weights;
    std::filesystem::path netPath;
    std::filesystem::path weightsPath;  ///< empty without weights
    /// The user's own layer parameters; null without. The messages above carry them (custom_proto.h).
    std::shared_ptr<const caffe::CustomProto> custom;

    /// The layer of this name in `weights`, or null.
    const quantscope_caffe::LayerParameter* findWeights(const std::string& layer) const;
};

/// Prototxt text of a network (without a locale's commas); with the fields of its document's custom proto, if it has one.
std::string caffeNetText(const quantscope_caffe::NetParameter& net, const CaffeDocument* document = nullptr);

}  // namespace qs
