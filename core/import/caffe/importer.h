// Caffe: a prototxt and its caffemodel. Reading is in read.h, single layers in layers.h.
#pragma once

#include "core/import/importer.h"

namespace qs {

bool recognisesCaffe(const std::filesystem::path& path);
Result<std::shared_ptr<const Model>> importCaffe(const ImportRequest& request);

}  // namespace qs
