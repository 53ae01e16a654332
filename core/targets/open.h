// A network as a document begins with it: as its file has it, with the settings and factors that it brings, or the default ones.
#pragma once

#include "core/import/importer.h"
#include "core/quant/configuration.h"
#include "core/quant/record.h"

#include <optional>

namespace qs {

struct OpenedNetwork {
    std::shared_ptr<const Model> model;  ///< without the quantizers that it came with, where they became factors
    Configuration configuration;
    std::optional<QuantRecord> record;  ///< of the file's own quantizers
};

/// Errors: importModel's.
Result<OpenedNetwork> openNetwork(const ImportRequest& request);
/// The same of a network that was imported.
Result<OpenedNetwork> openedFrom(std::shared_ptr<const Model> model);

}  // namespace qs
