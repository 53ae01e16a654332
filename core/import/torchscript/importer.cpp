#include "core/import/torchscript/importer.h"

#include "core/base/module.h"

#include <fstream>

namespace qs {

bool recognisesTorchScript(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    char head[4096] = {};
    file.read(head, sizeof head);
    const std::string_view bytes(head, static_cast<size_t>(file.gcount()));
    const bool zip = bytes.starts_with("PK\x03\x04") && (bytes.find(".pkl") != bytes.npos || bytes.find("/code/") != bytes.npos);
    return zip || bytes.starts_with("\x80\x02");
}

Result<std::shared_ptr<const Model>> importTorchScript(const ImportRequest& request)
{
    using Read = void (*)(const ImportRequest&, Result<std::shared_ptr<const Model>>&);
    static const auto symbol = openModule("libquantscope_torchscript.so", "quantscopeReadTorchScript", "QUANTSCOPE_TORCHSCRIPT");
    if (!symbol)
        return symbol.error();
    Result<std::shared_ptr<const Model>> model = Error{ErrorCode::Internal, {}, {}};
    reinterpret_cast<Read> (*symbol)(request, model);
    return model;
}

}  // namespace qs
