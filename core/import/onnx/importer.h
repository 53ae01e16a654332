// ONNX, opset 6 to 22 (nodes.h).
#pragma once

#include "core/import/importer.h"

namespace qs {

bool recognisesOnnx(const std::filesystem::path& path);
Result<std::shared_ptr<const Model>> importOnnx(const ImportRequest& request);

}  // namespace qs
