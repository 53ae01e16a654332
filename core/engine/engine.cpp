#include "core/engine/engine.h"

#include "core/base/module.h"

#include <cstdlib>
#include <thread>

namespace qs {

std::optional<FusedActivation> FusedActivation::of(const Layer& layer)
{
    const auto real = [&layer](const char* name, double fallback) { return static_cast<float>(layer.attributes.real(name, fallback)); };
    if (layer.op == "ReLU")
        return FusedActivation{.slope = real("slope", 0)};
    if (layer.op == "ReLU6")
        return FusedActivation{.slope = real("slope", 0), .high = real("threshold", 6)};
    if (layer.op == "Clip")
        return FusedActivation{.low = real("min", 0), .high = real("max", 6)};
    return std::nullopt;
}

Result<std::shared_ptr<Engine>> openEngine()
{
    // How long a thread spins for another before it sleeps. Beside programs that keep both processors busy, to spin makes everything slower:
    // SqueezeNet with two threads took 187 ms with libgomp's own setting, 19 with 20,000 spins, 13 with 8,000, 11 with 2,000. But where a processor
    // is away for a moment, as happens to virtual machines, and the other goes to sleep meanwhile, each then waits for the other to wake, barrier by
    // barrier: passes that took 6 ms took 7 to 16 for seconds in 3 of 6 runs with 2,000, in 2 of 6 with 8,000, in none with 20,000 (1 ms). libgomp
    // reads this when it is loaded.
    ::setenv("GOMP_SPINCOUNT", "20000", 0);
    QS_TRY(void* symbol, openModule("libquantscope_engine.so", "quantscopeCreateEngine", "QUANTSCOPE_ENGINE"));
    using Create = Engine* (*)();
    std::shared_ptr<Engine> engine(reinterpret_cast<Create>(symbol)());
    engine->setThreads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    parallelRunner = engine->useThreads();
    return engine;
}

}  // namespace qs
