// AMCT's post-training functions with the names, arguments, defaults and outputs of its manual (seed 003, 接口说明), for programs in C++. Names are
// the manual's own, so that a script can be carried over line by line:
//
//   create_quant_config("config.json", "net.prototxt", "net.caffemodel", 2);
//   auto graph = init("config.json", "net.prototxt", "net.caffemodel", "record.txt");
//   weights_quantize_model(*graph, "modified.prototxt", "modified.caffemodel");
//   activation_quantize_model(*graph, "activation.prototxt", "activation.caffemodel");
//   run_calibration(*graph, engine, *data, job);      // instead of running the modified model batch_num times in Caffe
//   save_model(*graph, "Both", "results/model");
//
// Every function returns the error that AMCT raises as an exception.
#pragma once

#include "core/base/error.h"
#include "core/jobs/calibrate.h"

#include <memory>
#include <string>

namespace qs::amct {

/// The network that `init` has read, and how far its quantization is.
class Graph {
public:
    struct State;
    explicit Graph(std::shared_ptr<State> state) : m_state(std::move(state)) {}
    State& state() { return *m_state; }
    const PreparedNetwork& prepared() const;

private:
    std::shared_ptr<State> m_state;
};

/// Weights are quantized on the CPU: what happens without a call, too.
void set_cpu_mode();
/// Error NotSupported: this engine has no GPU.
Result<void> set_gpu_mode();

/// Writes config.json. With `config_defination` (the manual's spelling), a .cfg file, batch_num and activation_offset are taken from it.
Result<void> create_quant_config(const std::string& config_file, const std::string& model_file, const std::string& weights_file, int batch_num = 1,
                                 bool activation_offset = true, const std::string& config_defination = {});

/// Reads configuration and network, fuses, and empties the record file. Errors: those of reading; AlreadyQuantized for a network that holds Quant
/// layers.
Result<Graph> init(const std::string& config_file, const std::string& model_file, const std::string& weights_file,
                   const std::string& scale_offset_record_file);

/// Quantizes the weights; scale_w and offset_w go into the record file, the network with quantized and dequantized weights into the two files.
Result<void> weights_quantize_model(Graph& graph, const std::string& modified_model_file, const std::string& modified_weights_file);

/// The same network with an IFMR layer in front of every quantized input (its message is our own: AMCT's is not published).
Result<void> activation_quantize_model(Graph& graph, const std::string& modified_model_file, const std::string& modified_weights_file);

/// Not AMCT's: stands for running the modified model batch_num times in Caffe. scale_d and offset_d go into the record file.
Result<void> run_calibration(Graph& graph, const std::shared_ptr<Engine>& engine, const DataSet& data, const JobContext& job);

/// save_type: "Fakequant", "Deploy" or "Both". Error MissingValue "Cannot find scale_d of layer ... in record file" before the calibration.
Result<void> save_model(Graph& graph, const std::string& save_type, const std::string& save_path);

/// From factors that the user has computed. Errors: AlreadyQuantized; a record of a layer that does not exist or cannot be quantized; factors that do
/// not fit the layer.
Result<void> convert_model(const std::string& model_file, const std::string& weights_file, const std::string& scale_offset_record_file,
                           const std::string& save_path, const std::string& save_type = "Both");

/// Writes the network without in-place layers, without those of other phases than TEST.
Result<void> uninplace_model(const std::string& model_file, const std::string& uninplaced_model_file);

}  // namespace qs::amct
