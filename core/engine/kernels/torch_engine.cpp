// The engine's entry: threads, the table of kernels, and the border at which exceptions become errors.
#include "core/base/cpu.h"
#include "core/engine/kernels/kernels.h"
#include "core/engine/kernels/threads.h"
#include "core/ops/weight_channels.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <tbb/version.h>
#include <torch/csrc/api/include/torch/version.h>

#include <algorithm>
#include <mutex>

namespace qs::kernels {

namespace {

/// Turns whatever a library throws into an error without its backtrace.
template <class Call>
auto guarded(Call call) -> decltype(call())
{
    try {
        return call();
    } catch (const c10::Error& error) {
        const std::string text = error.what_without_backtrace();
        // DefaultCPUAllocator's words.
        if (text.find("can't allocate memory") != std::string::npos)
            return Error{ErrorCode::OutOfMemory, text, {}};
        return Error{ErrorCode::Internal, text, {}};
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, {}, {}};
    } catch (const std::exception& error) {
        return Error{ErrorCode::Internal, error.what(), {}};
    }
}

class GuardedKernel final : public Kernel {
public:
    explicit GuardedKernel(std::unique_ptr<Kernel> kernel) : m_kernel(std::move(kernel)) {}
    std::span<const Layout> inputLayouts() const override { return m_kernel->inputLayouts(); }
    std::span<const Layout> outputLayouts() const override { return m_kernel->outputLayouts(); }
    std::span<const Shape> outputShapes() const override { return m_kernel->outputShapes(); }
    bool writesChannels() const override { return m_kernel->writesChannels(); }
    Element inputElement() const override { return m_kernel->inputElement(); }
    Element outputElement() const override { return m_kernel->outputElement(); }
    int64_t overflows() const override { return m_kernel->overflows(); }
    Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) override
    {
        return guarded([&]() -> Result<void> { return m_kernel->run(inputs, outputs); });
    }

private:
    std::unique_ptr<Kernel> m_kernel;
};

const Entry* find(std::string_view op)
{
    const auto all = entries();
    const auto found = std::find_if(all.begin(), all.end(), [op](const Entry& entry) { return op == entry.op; });
    return found == all.end() ? nullptr : &*found;
}

class TorchEngine final : public Engine {
public:
    /// libtorch's own threads wait for each other spinning, many times as long as the work takes where a processor is busy: it has one.
    TorchEngine() { at::set_num_threads(1); }

    std::string description() const override
    {
        return std::string("libtorch ") + TORCH_VERSION + ", oneTBB " + TBB_runtime_version() + ", " + cpuLevelName(cpuLevel());
    }

    void setThreads(int count) override
    {
        m_threads = std::max(1, count);
        setThreadCount(m_threads);
    }

    int threads() const override { return m_threads; }

    ParallelRunner useThreads() override
    {
        parallelRunner = runParallel;  // the module's own copy, for the kernels
        return runParallel;
    }

    bool canRun(const std::string& op) const override { return op == "Input" || find(op); }

    bool canFuseActivation(const std::string& op) const override
    {
        const Entry* entry = find(op);
        return entry && entry->fusesActivation;
    }

    Result<std::unique_ptr<Kernel>> prepare(const KernelRequest& request) override
    {
        const Entry* entry = find(request.layer->op);
        const OpInfo* op = findOp(request.layer->op);
        if (!entry || !op || !op->shapes)
            return Error{ErrorCode::NotRunnable, "the type " + request.layer->type + " has no kernel", {}};
        Layer layer = *request.layer;
        layer.weights = request.weights;
        QS_TRY(std::vector<Shape> shapes, op->shapes(layer, request.inputShapes));
        const Work work{request, std::move(shapes)};
        return guarded([&]() -> Result<std::unique_ptr<Kernel>> {
            const auto weight = work.weight(0);
            const bool integers = weight && weight->dtype() == DType::I8 && !isRecurrent(request.layer->op);
            QS_TRY(std::unique_ptr<Kernel> kernel, integers ? integerLayer(work) : entry->make(work));
            return std::unique_ptr<Kernel>(std::make_unique<GuardedKernel>(std::move(kernel)));
        });
    }

    Result<Gradients> gradients(const GradientRequest& request, TensorPool& pool) override
    {
        return guarded([&] { return backward(request, pool); });
    }

    Result<void> train(const TrainRequest&) override
    {
        return Error{ErrorCode::NotSupported, "quantization-aware training comes in a later version", {}};
    }

private:
    int m_threads = 1;
};

}  // namespace

}  // namespace qs::kernels

extern "C" __attribute__((visibility("default"))) qs::Engine* quantscopeCreateEngine()
{
    return new qs::kernels::TorchEngine;
}
