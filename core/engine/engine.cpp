#include "core/engine/engine.h"

#include "core/base/module.h"

#include <cstdlib>
#include <thread>

namespace qs {

Result<std::shared_ptr<Engine>> openEngine()
{
    // Threads that wait by spinning for long stall everything else on a small machine; libgomp reads this when it is loaded.
    ::setenv("GOMP_SPINCOUNT", "20000", 0);
    QS_TRY(void* symbol, openModule("libquantscope_engine.so", "quantscopeCreateEngine", "QUANTSCOPE_ENGINE"));
    using Create = Engine* (*)();
    std::shared_ptr<Engine> engine(reinterpret_cast<Create>(symbol)());
    engine->setThreads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    parallelRunner = engine->useThreads();
    return engine;
}

}  // namespace qs
