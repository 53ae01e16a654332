// A network with a top of its own for every layer (seed 003, uninplace_model).
#pragma once

#include "core/base/error.h"
#include "core/ir/model.h"

#include <string>

namespace qs {

/// The prototxt of a Caffe network whose layers all write to tops of their own: an in-place layer's top takes the layer's name, and whoever reads it
/// after follows. Layers of another phase than TEST are left out. Errors: NotSupported for a model that is not Caffe's.
Result<std::string> uninplacedNet(const Model& model);

}  // namespace qs
