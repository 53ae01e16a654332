#include "core/base/module.h"

#include <dlfcn.h>
#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace qs {

namespace fs = std::filesystem;

Result<void*> openModule(const char* fileName, const char* symbol, const char* environment)
{
    std::error_code failure;
    const fs::path folder = fs::read_symlink("/proc/self/exe", failure).parent_path();
    std::vector<fs::path> candidates{folder / fileName, folder / "../lib/quantscope" / fileName};
    if (const char* given = std::getenv(environment))
        candidates.insert(candidates.begin(), given);
    std::string tried;
    for (const fs::path& candidate : candidates) {
        if (::access(candidate.c_str(), R_OK) != 0) {
            tried += (tried.empty() ? "not found: " : ", ") + candidate.string();
            continue;
        }
        void* module = ::dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!module)
            return Error{ErrorCode::EngineUnavailable, ::dlerror(), candidate.string()};
        void* found = ::dlsym(module, symbol);
        if (!found)
            return Error{ErrorCode::EngineUnavailable, "it is not a module of Quantscope", candidate.string()};
        return found;
    }
    return Error{ErrorCode::EngineUnavailable, tried, {}};
}

}  // namespace qs
