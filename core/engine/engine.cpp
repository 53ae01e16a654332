#include "core/engine/engine.h"

#include <cstdlib>
#include <dlfcn.h>
#include <thread>
#include <unistd.h>

namespace qs {

namespace fs = std::filesystem;

namespace {

fs::path programFolder()
{
    std::error_code failure;
    const fs::path program = fs::read_symlink("/proc/self/exe", failure);
    return program.parent_path();
}

}  // namespace

Result<std::shared_ptr<Engine>> openEngine()
{
    constexpr const char* name = "libquantscope_engine.so";
    std::vector<fs::path> candidates{programFolder() / name, programFolder() / "../lib/quantscope" / name};
    if (const char* given = std::getenv("QUANTSCOPE_ENGINE"))
        candidates.insert(candidates.begin(), given);
    std::string tried;
    for (const fs::path& candidate : candidates) {
        if (::access(candidate.c_str(), R_OK) != 0) {
            tried += (tried.empty() ? "not found: " : ", ") + candidate.string();
            continue;
        }
        // Threads that wait by spinning for long stall everything else on a small machine; libgomp reads this when it is loaded.
        ::setenv("GOMP_SPINCOUNT", "20000", 0);
        void* module = ::dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!module)
            return Error{ErrorCode::EngineUnavailable, ::dlerror(), candidate.string()};
        using Create = Engine* (*)();
        const auto create = reinterpret_cast<Create>(::dlsym(module, "quantscopeCreateEngine"));
        if (!create)
            return Error{ErrorCode::EngineUnavailable, "it is not Quantscope's engine", candidate.string()};
        std::shared_ptr<Engine> engine(create());
        engine->setThreads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
        parallelRunner = engine->useThreads();
        return engine;
    }
    return Error{ErrorCode::EngineUnavailable, tried, {}};
}

}  // namespace qs
