// The torch-free contract between core and the compute engine (libquantscope_engine.so, opened late: the window is there before
// libtorch is loaded, and core builds without it).
// The engine knows float kernels of single layers; walking a network, quantization, taps and memory are core's (evaluator.h).
#pragma once

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/engine/tensor.h"
#include "core/ir/model.h"
#include "core/quant/params.h"

#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace qs {

/// One layer made ready for fixed input shapes. Not thread-safe, but any thread may run it: kernels of their own run side by side.
class Kernel {
public:
    virtual ~Kernel() = default;
    /// The layouts it wants its inputs in, and in which it writes its outputs.
    virtual std::span<const Layout> inputLayouts() const = 0;
    virtual std::span<const Layout> outputLayouts() const = 0;
    virtual std::span<const Shape> outputShapes() const = 0;
    /// Whether the only output may be a part of the channels of a larger tensor (Tensor::channels).
    virtual bool writesChannels() const { return false; }
    /// Int32 tensors come and go in layers of a deploy model only; a kernel for floats gets its inputs converted.
    virtual Element inputElement() const { return Element::Float32; }
    virtual Element outputElement() const { return Element::Float32; }
    /// Accumulators of the last run that left int32 (they wrap, as they do on the chip).
    virtual int64_t overflows() const { return 0; }
    /// `outputs` are allocated by the caller as declared above; a kernel whose shape depends on data (Filter's) replaces one by its head.
    /// Errors carry no layer name: the caller adds it.
    virtual Result<void> run(std::span<const Tensor> inputs, std::span<Tensor> outputs) = 0;
};

/// An activation behind a layer: x < 0 ? x * slope : x, then no less than `low` and no more than `high`.
struct FusedActivation {
    float slope = 1;  ///< 1: the negative side is left as it is
    float low = -std::numeric_limits<float>::infinity();
    float high = std::numeric_limits<float>::infinity();

    bool operator==(const FusedActivation&) const = default;
    /// What this layer does to its input, where it is a ReLU, ReLU6 or Clip that can be fused.
    static std::optional<FusedActivation> of(const Layer& layer);
};

struct KernelRequest {
    const Layer* layer = nullptr;  ///< op and attributes
    std::vector<std::shared_ptr<const Buffer>>
        weights;  ///< instead of the layer's own (fake-quantized ones); F32, or I8 and I32 (bias) of an integer layer
    std::vector<Shape> inputShapes;
    std::vector<Layout> inputLayouts;           ///< what the inputs have now: a kernel that does not care takes them so
    std::optional<FusedActivation> activation;  ///< applied to output 0
    std::optional<QuantParams> state = {};      ///< of a recurrent layer: its hidden state is quantized so before it is multiplied
};

/// A float forward pass, and backwards from seed . output: for what depends on errors to first order.
struct GradientRequest {
    std::shared_ptr<const Model> model;
    std::vector<Tensor> inputs;                          ///< one per model.inputs()
    std::vector<Tensor> seeds;                           ///< one per model.outputs(), in its shape; empty: that output does not count
    std::vector<std::pair<LayerId, size_t>> inputPorts;  ///< gradients with respect to what this layer alone reads there
    std::vector<std::pair<LayerId, size_t>> weights;     ///< and with respect to these weights
};

struct Gradients {
    std::vector<Tensor> outputs;     ///< of the forward pass; one per model.outputs()
    std::vector<Tensor> inputPorts;  ///< as requested, Plain; empty: no output depends on it
    std::vector<Tensor> weights;
};

/// What `train` will take (a later issue); the engine refuses it today with NotSupported.
struct TrainRequest {
    std::shared_ptr<const Model> model;
};

class Engine {
public:
    virtual ~Engine() = default;
    virtual std::string description() const = 0;  ///< "libtorch 1.13.1, oneTBB 2021.8, x86-64-v4"
    /// Threads for everything that follows; set once, from the compute thread.
    virtual void setThreads(int count) = 0;
    virtual int threads() const = 0;
    /// How core's own loops share the engine's threads; called by openEngine for the thread that opens it.
    virtual ParallelRunner useThreads() = 0;
    virtual bool canRun(const std::string& op) const = 0;
    virtual bool canFuseActivation(const std::string& op) const = 0;
    virtual Result<std::unique_ptr<Kernel>> prepare(const KernelRequest& request) = 0;
    /// Errors: NotSupported naming the layer whose type has no gradient here.
    virtual Result<Gradients> gradients(const GradientRequest& request, TensorPool& pool) = 0;
    virtual Result<void> train(const TrainRequest& request) = 0;
};

/// dlopens the module and makes its engine. Call it on the compute thread, after the first paint. Looks beside the program, then in
/// ../lib/quantscope, then in $QUANTSCOPE_ENGINE. Errors: EngineUnavailable. The module is never closed (libtorch does not survive it).
Result<std::shared_ptr<Engine>> openEngine();

}  // namespace qs
