// A quantized network as Caffe's two files, in the forms that the chip's tools read.
#pragma once

#include "core/export/exporter.h"
#include "core/proto/qs_caffe.pb.h"

#include <map>

namespace qs {

enum class CaffeForm {
    FakeQuant,    ///< Quant and AntiQuant before every quantized input, fake-quantized float weights: runs in float, gives the quantized values
    Calibration,  ///< an IFMR in front of every quantized input: the network whose runs calibrate it (seed 003, activation_quantize_model)
    Deploy,       ///< Quant before, int8 weights and int32 bias inside, DeQuant behind layers with weights, AntiQuant before the others
};

struct CaffeNet {
    quantscope_caffe::NetParameter net;
    quantscope_caffe::NetParameter weights;
    std::map<std::string, std::vector<std::string>> inserted;  ///< by layer: the layers that were put around it
};

/// Errors: NotSupported naming a layer that Caffe has no type for.
/// Quant goes in front of each quantized input; DeQuant and AntiQuant have messages of our own making beyond quant_param: the vendor's are not
/// published (semantics 5).
Result<CaffeNet> caffeNet(const QuantizedNetwork& quantized, CaffeForm form);
/// What caffeNet() would refuse of this network, whatever is quantized of it.
std::vector<Refusal> caffeRefusals(const std::shared_ptr<const Model>& network);

}  // namespace qs
