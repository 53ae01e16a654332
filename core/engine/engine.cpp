#include "core/engine/engine.h"

#include "core/base/cpu.h"
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

namespace {

/// The libraries behind the engine choose their instructions by themselves, when they are loaded: no higher ones than the level in force. And their
/// threads are not used: kernels share work out to the engine's.
void followLevel()
{
    ::setenv("OPENBLAS_NUM_THREADS", "1", 0);
    ::setenv("OMP_NUM_THREADS", "1", 0);
    if (cpuLevel() == highestCpuLevel())
        return;
    const bool v3 = cpuLevel() == CpuLevel::V3;
    ::setenv("ATEN_CPU_CAPABILITY", v3 ? "avx2" : "default", 0);
    ::setenv("DNNL_MAX_CPU_ISA", v3 ? "AVX2" : "SSE41", 0);
    ::setenv("OPENBLAS_CORETYPE", v3 ? "HASWELL" : "NEHALEM", 0);
}

}  // namespace

Result<std::shared_ptr<Engine>> openEngine()
{
    followLevel();
    QS_TRY(void* symbol, openModule("libquantscope_engine.so", "quantscopeCreateEngine", "QUANTSCOPE_ENGINE"));
    using Create = Engine* (*)();
    std::shared_ptr<Engine> engine(reinterpret_cast<Create>(symbol)());
    engine->setThreads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    parallelRunner = engine->useThreads();
    return engine;
}

}  // namespace qs
