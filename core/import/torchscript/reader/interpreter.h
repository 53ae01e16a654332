// Walks a TorchScript method as torch's own interpreter would, with shapes in the place of the network's values: conditions, loops, lists and
// attributes are followed as they come, constants are computed, and what is done with the input becomes layers.
#pragma once

#include "core/import/torchscript/reader/recorder.h"

#include <torch/csrc/jit/api/module.h>

namespace qs::torchscript {

class Interpreter {
public:
    Interpreter(Recorder& recorder, const torch::jit::Module& module);
    /// Throws Stop (what was recorded stays) and Refused.
    c10::IValue run(const torch::jit::Method& method, std::vector<c10::IValue> arguments);

private:
    using Values = std::unordered_map<const torch::jit::Value*, c10::IValue>;
    using Block = torch::jit::Block;
    using Node = torch::jit::Node;

    /// Where calls are: the module's path, and whether it is one that has no modules in it.
    struct Scope {
        std::string path;
        bool leaf = false;
    };

    c10::IValue call(torch::jit::Function& function, std::vector<c10::IValue> arguments, Scope scope);
    std::vector<c10::IValue> runBlock(const Block& block, Values& values);
    void runNode(Node& node, Values& values);
    void runIf(Node& node, Values& values);
    void runLoop(Node& node, Values& values);
    void runCall(Node& node, Values& values);
    void runOperator(Node& node, Values& values);
    void record(Node& node, std::vector<c10::IValue> arguments, Values& values);
    bool recordCast(const Node& node, const std::vector<c10::IValue>& arguments, Values& values);
    std::vector<ValueId> recordNotRun(const std::string& name, const std::string& why, const std::vector<c10::IValue>& arguments,
                                      const std::vector<at::Tensor>& results);
    std::vector<ValueId> translate(const Node& node, const std::vector<c10::IValue>& arguments, const std::vector<at::Tensor>& results);
    std::vector<c10::IValue> resultsOf(const Node& node, const std::vector<c10::IValue>& arguments) const;
    bool structural(Node& node, Values& values);
    c10::IValue attributeOf(const c10::IValue& object, const std::string& name);
    std::string layerName(const std::string& kind);
    std::string place() const;

    Recorder& m_recorder;
    std::unordered_map<const void*, Scope> m_scopes;  ///< by module object
    std::vector<Scope> m_calls;
    int64_t m_steps = 0;
};

}  // namespace qs::torchscript
