// A user's custom.proto, merged with the description of Caffe's networks at run time: what the quantization tool's install script does before Caffe
// is compiled anew (seed 003, proto合并原理). A layer of a type that only the user knows keeps its parameters from prototxt to prototxt that way.
//
// The compiled messages stay what the rest of the program works with. A layer's fields that they do not have travel inside them as unknown
// fields; those that the user gives another number or meaning than ours have ("foreign" ones) travel as one LayerParameter of the merged
// description, in wire form, in an unknown field of a number that no file may use, and are copied by name to our field where there is one.
#pragma once

#include "core/base/error.h"
#include "core/ir/attributes.h"
#include "core/proto/qs_caffe.pb.h"

#include <memory>
#include <string>
#include <vector>

namespace google::protobuf::io {
class ErrorCollector;
}

namespace qs::caffe {

class CustomProto {
public:
    /// `text` is proto2: `message LayerParameter { optional T name = number; ... }` and the messages of the T (seed 003, proto合并前提条件).
    /// Errors name the line and both sides (FAQ, 执行proto合并时提示ERROR信息):
    ///   DuplicateKey  a reserved message (reserved.h) is defined again; a number of LayerParameter is reserved or Caffe's already; a published field
    ///   of
    ///                 Caffe's gets another number
    ///   ParseFailed   not proto; OutOfRange a field that is not optional, or a number beyond 2^28; MissingValue no LayerParameter
    ///   NotSupported  imports, extensions, proto3
    /// A message that Caffe's own description has is taken from the user, with a note.
    static Result<std::shared_ptr<const CustomProto>> parse(const std::string& text, const std::string& fileName);
    ~CustomProto();

    /// What was taken from the user in place of something built in, and numbers outside the range that the manual advises; English.
    const std::vector<std::string>& notes() const;
    /// The merged description as a .proto file of package caffe. Networks only: Caffe's solver messages are not in it.
    std::string mergedText() const;

    /// A prototxt. False: `errors` has been told. Unknown fields are warnings there.
    bool parseNet(const std::string& text, quantscope_caffe::NetParameter& net, google::protobuf::io::ErrorCollector& errors,
                  std::vector<std::string>& notes) const;
    /// The opposite: with the user's fields by name.
    std::string netText(const quantscope_caffe::NetParameter& net) const;
    /// The layer's fields that our description does not have: "custom_param.alpha" = 0.5.
    Attributes attributes(const quantscope_caffe::LayerParameter& layer) const;

private:
    CustomProto();
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace qs::caffe
