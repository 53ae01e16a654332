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
    // A thread that spins while it waits for one whose processor is taken makes everything slower: SqueezeNet with two threads beside two builds took
    // 187 ms by default, 31 with 20,000 spins, 18 with 2,000; beside OpenCV's own threads ResNet-20 took ten times as long with
    // 20,000. With 8,000 a pass of small layers does not wait for its second thread to wake: alone 10 to 30 % less than with 2,000, beside two builds
    // 10 % more. libgomp reads this when it is loaded.
    ::setenv("GOMP_SPINCOUNT", "8000", 0);
    QS_TRY(void* symbol, openModule("libquantscope_engine.so", "quantscopeCreateEngine", "QUANTSCOPE_ENGINE"));
    using Create = Engine* (*)();
    std::shared_ptr<Engine> engine(reinterpret_cast<Create>(symbol)());
    engine->setThreads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    parallelRunner = engine->useThreads();
    return engine;
}

}  // namespace qs
