// TorchScript: archives that torch.jit.save writes. Read by a module of its own (reader/), opened late: it links libtorch.
#pragma once

#include "core/import/importer.h"

namespace qs {

/// By content: a zip archive with a pickle in it, or a bare pickle; what has no code in it is refused by the import, with what it is.
bool recognisesTorchScript(const std::filesystem::path& path);
/// Errors: FormatUnknown for pickles without code (a state_dict, a whole nn.Module), FileTruncated, NotSupported for operators of a newer torch,
/// ModelInvalid where the network cannot take an input of this shape, EngineUnavailable.
Result<std::shared_ptr<const Model>> importTorchScript(const ImportRequest& request);

}  // namespace qs
