// Bytes to Caffe messages, with limits and errors that name the place; V1 layers are upgraded to the current form.
#pragma once

#include "core/base/error.h"
#include "core/proto/qs_caffe.pb.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace qs::caffe {

using quantscope_caffe::LayerParameter;
using quantscope_caffe::NetParameter;

class CustomProto;

/// Fields that neither Caffe's public description nor `custom` (may be null) has are left out, with one note each that says the line, the field
/// and what to do. Errors: ParseFailed with file:line, NotSupported.
/// `unknown`: the first such field of each layer, by its index in the network.
Result<NetParameter> parseNetText(const std::string& text, const std::string& fileName, std::vector<std::string>& notes,
                                  const CustomProto* custom = nullptr, std::map<int, std::string>* unknown = nullptr);
/// Errors: FileTruncated, FileTooLarge (a length field beyond 2 GiB), ParseFailed, NotSupported.
Result<NetParameter> parseNetBinary(std::string_view bytes, const std::string& fileName);
/// A single BlobProto (a mean image).
Result<quantscope_caffe::BlobProto> parseBlob(std::string_view bytes, const std::string& fileName);

/// `layers` (V1) to `layer`; old data-layer fields to transform_param. Errors: NotSupported (the format before V1).
Result<void> upgradeNet(NetParameter& net, const std::string& fileName);

/// Whether the layer belongs to the network in the state that `net` asks for, TEST by default.
bool includedInTest(const LayerParameter& layer, const NetParameter& net);

}  // namespace qs::caffe
