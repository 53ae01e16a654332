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
    // How long a thread spins for another before it sleeps. Beside programs that keep all processors busy, to spin makes everything slower, and with
    // libgomp's own setting many times as slow. But where a processor is away for a moment, as happens to virtual machines, and the other goes to
    // sleep meanwhile, each then waits for the other to wake, barrier by barrier, for seconds: 20,000 spins, about a millisecond, are enough against
    // that (`GOMP_SPINCOUNT=2000 bench --onnxruntime FOLDER onnxruntime`, some times, shows it). libgomp reads this when it is loaded.
    ::setenv("GOMP_SPINCOUNT", "20000", 0);
    QS_TRY(void* symbol, openModule("libquantscope_engine.so", "quantscopeCreateEngine", "QUANTSCOPE_ENGINE"));
    using Create = Engine* (*)();
    std::shared_ptr<Engine> engine(reinterpret_cast<Create>(symbol)());
    engine->setThreads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    parallelRunner = engine->useThreads();
    return engine;
}

}  // namespace qs
