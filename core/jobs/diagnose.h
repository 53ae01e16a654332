// Why a layer breaks: what quantization does to every channel of what it reads, of its weights and of what comes out, and the causes that follow.
#pragma once

#include "core/jobs/calibrate.h"
#include "core/quant/scheme.h"
#include "core/stats/channels.h"
#include "core/stats/metrics.h"

namespace qs {

/// The axis of a value's channels at a layer: the second; the last where features lie there (a fully connected layer or a layer norm reads or writes
/// them there, recurrent layers); of products of two activations the heads: all axes but the last three are samples, the third to last is theirs.
size_t channelAxis(const Model& model, LayerId layer, const Shape& shape);

/// A place in a layer where something is quantized, or where it shows.
enum class ChannelPlace : uint8_t {
    Input,    ///< a quantized input, of which `index` is the port
    Output,   ///< a quantized output
    State,    ///< the quantized hidden state of a recurrent layer, all steps
    Weights,  ///< weight 0 of a layer that multiplies by it, by output channel
    Result,   ///< output 0, float against quantized with float inputs (scope: local)
};
/// Whether limits and a scale stand there.
constexpr bool isQuantizer(ChannelPlace place)
{
    return place == ChannelPlace::Input || place == ChannelPlace::Output || place == ChannelPlace::State;
}
/// Of a site of a scheme: the place and the index of its value among the layer's inputs or outputs.
std::pair<ChannelPlace, int> placeOf(int site);
/// "input 0", "output 0", "state", "weights", "result".
std::string placeText(ChannelPlace place, int index);

struct PlaceDiagnosis {
    ChannelPlace place = ChannelPlace::Input;
    int index = 0;
    QuantParams params;                    ///< of an input or output
    std::vector<ChannelFigures> channels;  ///< by channel: of the value's axis that channelAxis() names, of weights the output channels
    /// By channel: its part of the layer's local error, 0..1, all channels of all quantized inputs and weights together making 1. Errors of single
    /// values are taken as independent (INFERRED: a channel's mean squared error times the squares of the weights that read it). Of a Result: its
    /// part of the squared error that was measured.
    std::vector<double> parts;
    std::vector<uint64_t> codes;     ///< how often each code was used; of an input or output
    std::vector<Range> ranges;       ///< by sample; of an input or output
    std::vector<Range> readBy = {};  ///< of input 0: by channel, the weights that multiply it; empty where it is not so

    double part() const;  ///< of all channels
    ChannelFigures all() const;
};

struct CauseRule;

/// A rule that holds somewhere in a layer.
struct Cause {
    const CauseRule* rule = nullptr;
    ChannelPlace place = ChannelPlace::Input;
    int index = 0;
    int channel = -1;        ///< -1: not of one
    double evidence = 0;     ///< the number that the rule's definition names
    bool elsewhere = false;  ///< the layer itself is well: where nothing else is said of it, there is nothing to try
    std::vector<std::string> arguments;
};

struct LayerDiagnosis {
    std::string layer;  ///< name in the original model
    Metrics local;
    Metrics cumulative;
    std::vector<PlaceDiagnosis> places;
    std::vector<Cause> causes;

    const PlaceDiagnosis* at(ChannelPlace place, int index) const;
};

struct Diagnosis {
    std::vector<std::string> samples;    ///< names of those that it rests on
    std::vector<LayerDiagnosis> layers;  ///< quantized ones that run, in execution order
    double seconds = 0;

    const LayerDiagnosis* layer(std::string_view name) const;
    /// The layers with the least local cosine, worst first; of equal ones the earlier.
    std::vector<const LayerDiagnosis*> worst(size_t most) const;
};

/// One walk of the first `samples` samples, float and quantized side by side; nothing of it is needed by a calibration, which costs what it did.
/// Cancellable between layers. Errors: NoData, and the engine's.
Result<std::shared_ptr<const Diagnosis>> diagnose(const std::shared_ptr<Engine>& engine, const PreparedNetwork& prepared,
                                                  const QuantizedNetwork& quantized, const DataSet& data, int samples, const JobContext& job);

}  // namespace qs
