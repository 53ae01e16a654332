// Layers in a row, run a band of rows at a time: what lies between them stays in the processor's cache instead of going through memory, which is most
// of what the first layers of a network for small devices cost.
#pragma once

#include "core/engine/engine.h"
#include "core/quant/params.h"

#include <array>
#include <map>

namespace qs {

/// One layer of a chain, with the activation behind it.
struct BandLayer {
    LayerId id = noId;
    const Layer* layer = nullptr;
    std::vector<std::shared_ptr<const Buffer>> weights;  ///< F32
    LayerId fused = noId;                                ///< the layer that is this activation
    std::optional<FusedActivation> activation;
    std::optional<QuantParams> quantization;  ///< of what it reads; nothing for the first, whose input comes quantized

    bool operator==(const BandLayer&) const = default;
};

/// Whether a band of its output can be made from a band of its input: convolutions and poolings of one picture. Dense convolutions of large windows
/// are left out: theirs are computed in tiles of several rows, whose bits depend on where a band begins, and they do not wait for memory.
bool runsInBands(const Layer& layer, const Shape& input);

/// A chain made ready for one input shape, (1, C, H, W). Not thread-safe.
class BandChain {
public:
    /// Null where a kernel does not work on rows of channels-last pictures.
    static Result<std::unique_ptr<BandChain>> prepare(Engine& engine, std::vector<BandLayer> layers, const Shape& input);

    bool fits(std::span<const BandLayer> layers, const Shape& input) const;
    const Shape& outputShape() const { return m_shapes.back(); }
    /// Both ChannelsLast.
    Result<void> run(const Tensor& input, Tensor& output, TensorPool& pool);

private:
    /// One layer's share of a band. Rows count from where its source and its target begin: a picture, or a buffer between two layers.
    struct Step {
        size_t layer = 0;
        Kernel* kernel = nullptr;
        int64_t drop = 0, keep = 0;  ///< rows of the target that nobody reads any more, and those behind them, which move up
        int64_t source = 0, sourceRows = 0;
        int64_t target = 0, targetRows = 0;
        int64_t above = 0, below = 0;  ///< rows of padding
    };
    /// Rows of the output that one thread makes from top to bottom.
    struct Part {
        std::vector<Step> steps;
        std::vector<int64_t> bufferRows;  ///< by layer: what its source holds at most; nothing for the first
        std::map<std::array<int64_t, 4>, std::unique_ptr<Kernel>> kernels;
    };

    BandChain(std::vector<BandLayer> layers, const Shape& input) : m_layers(std::move(layers)), m_shapes{input} {}
    /// How rows [first, end) of the output are made, so many at a time.
    Part planned(int64_t first, int64_t end, int64_t rows) const;
    Part plannedForCache(int64_t first, int64_t end) const;
    size_t bufferBytes(const Part& part) const;
    Result<std::unique_ptr<Kernel>> kernelFor(Engine& engine, const Step& step) const;
    /// `sources`: the input, then the buffers between the layers.
    Result<void> runPart(const Part& part, std::vector<Tensor>& sources, Tensor& output) const;

    std::vector<BandLayer> m_layers;
    std::vector<Shape> m_shapes;  // of the input, and of each layer's output
    std::vector<Part> m_parts;
};

}  // namespace qs
