// The module's door: a file in, a Model out. Every exception of torch ends here.
#include "core/import/torchscript/importer.h"
#include "core/import/torchscript/reader/interpreter.h"
#include "core/import/torchscript/reader/tensors.h"

#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/library.h>

#include <algorithm>
#include <fstream>

namespace qs {

/// Torchvision's operators are known by name, so that a detector's file can be read up to them.
TORCH_LIBRARY_FRAGMENT(torchvision, library)
{
    library.def("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor");
    library.def(
        "roi_align(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width, int sampling_ratio, "
        "bool aligned) -> Tensor");
    library.def("roi_pool(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width) -> (Tensor, Tensor)");
}

namespace {

using namespace torchscript;
using c10::IValue;

constexpr const char* howTo = "make TorchScript of the network: torch.jit.trace(model.eval(), example).save('network.pt')";

Error notTorchScript(const std::string& what, const std::string& file)
{
    return {ErrorCode::FormatUnknown, what + "; " + howTo, file};
}

std::string firstLine(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

/// Before torch reads it: what the archive holds, and that nothing of it is run by reading it.
Result<void> checkArchive(const std::string& file)
{
    std::ifstream stream(file, std::ios::binary);
    char head[4] = {};
    stream.read(head, sizeof head);
    if (!stream)
        return Error{ErrorCode::FileTruncated, "it is shorter than any archive", file};
    if (std::string_view(head, 2) == "\x80\x02")
        return notTorchScript("it is a pickle of an old torch (weights, or a whole nn.Module): it has no code that can be read", file);
    if (std::string_view(head, 2) != "PK")
        return notTorchScript("it is no archive of torch", file);
    stream.close();
    caffe2::serialize::PyTorchStreamReader reader(file);
    const std::vector<std::string> records = reader.getAllRecords();
    const auto has = [&records](std::string_view name) { return std::find(records.begin(), records.end(), name) != records.end(); };
    const bool code = std::any_of(records.begin(), records.end(), [](const std::string& name) { return name.rfind("code/", 0) == 0; });
    if (!code || !has("constants.pkl"))
        return notTorchScript("it holds a pickle without code (a state_dict, or a whole nn.Module)", file);
    for (const std::string& name : records) {
        if (name.rfind("code/", 0) != 0 || !name.ends_with(".py"))
            continue;
        const auto [data, size] = reader.getRecord(name);
        if (std::string_view(static_cast<const char*>(data.get()), size).find("__setstate__") != std::string_view::npos)
            return Error{ErrorCode::NotSupported,
                         "it has code that runs while it is read (__setstate__): packed weights of a quantized network are not read", file};
    }
    return {};
}

/// What torch says of a file that it cannot read, in a user's words.
Error readingError(const std::string& text, const std::string& file)
{
    const std::string line = firstLine(text);
    if (text.find("Unknown builtin op") != std::string::npos || text.find("Unknown type name") != std::string::npos ||
        text.find("maximum supported version") != std::string::npos || text.find("Unknown keyword") != std::string::npos)
        return {ErrorCode::NotSupported, "it is of a newer torch, or of an extension: " + line, file};
    if (text.find("central directory") != std::string::npos || text.find("PytorchStreamReader") != std::string::npos)
        return {ErrorCode::FileTruncated, "the archive is damaged: " + line, file};
    return {ErrorCode::ParseFailed, line, file};
}

struct Arguments {
    std::vector<IValue> values;
    std::vector<ValueId> inputs;
    bool complete = true;  ///< no size is missing
};

/// Tensors of the given shapes, and the defaults of everything else.
Result<Arguments> argumentsOf(const torch::jit::Method& method, const ImportRequest& request, Recorder& recorder)
{
    Arguments arguments;
    std::vector<std::string> names;
    const auto& schema = method.function().getSchema();
    for (size_t i = 1; i < schema.arguments().size(); ++i) {
        const c10::Argument& argument = schema.arguments()[i];
        const bool list = argument.type()->isSubtypeOf(*c10::ListType::ofTensors());
        if (argument.type()->kind() != c10::TypeKind::TensorType && !list) {
            if (argument.default_value())
                arguments.values.push_back(*argument.default_value());
            else if (argument.type()->kind() == c10::TypeKind::OptionalType)
                arguments.values.emplace_back();
            else
                return Error{ErrorCode::NotSupported, "it is a " + argument.type()->str() + ": inputs are tensors",
                             "input '" + argument.name() + "'"};
            continue;
        }
        names.push_back(argument.name());
        const auto given = request.inputShapes.find(argument.name());
        if (given == request.inputShapes.end()) {
            arguments.inputs.push_back(recorder.addInput(argument.name(), {}));
            recorder.note("the size of input '" + argument.name() + "' is open: it comes from data, or is given (--input-shape " + argument.name() +
                          "=1x3x224x224, for example); the network is not read without it");
            arguments.complete = false;
            continue;
        }
        QS_CHECK(checkInputShape(given->second, "input '" + argument.name() + "'"));
        const at::Tensor tensor = at::empty(given->second, at::TensorOptions().device(at::kMeta).dtype(at::kFloat));
        arguments.inputs.push_back(recorder.addInput(argument.name(), given->second));
        recorder.bind(tensor, arguments.inputs.back());
        if (list)
            arguments.values.emplace_back(c10::List<at::Tensor>({tensor}));
        else
            arguments.values.emplace_back(tensor);
    }
    for (const auto& [name, shape] : request.inputShapes)
        if (std::find(names.begin(), names.end(), name) == names.end())
            return noSuchInput(name, names);
    return arguments;
}

Result<std::shared_ptr<const Model>> read(const ImportRequest& request)
{
    const std::string file = request.model.string();
    QS_CHECK(checkArchive(file));
    torch::jit::Module module = torch::jit::load(file, c10::Device(at::kCPU));
    module.eval();
    const auto method = module.find_method("forward");
    if (!method)
        return Error{ErrorCode::ModelInvalid, "its module has no method 'forward'", file};
    Recorder recorder(request.model.stem().string());
    auto arguments = argumentsOf(*method, request, recorder);
    if (!arguments) {
        Error error = arguments.error();
        error.where = file + ", " + error.where;
        return error;
    }
    std::vector<ValueId> outputs;
    if (!arguments->complete) {
        Layer whole;
        whole.name = "network";
        whole.type = "TorchScript";
        whole.inputs = arguments->inputs;
        whole.notRunnable = "the size of its input is not known";
        recorder.addLayer(std::move(whole), 1, {});
        return recorder.build({});
    }
    try {
        const IValue result = Interpreter(recorder, module).run(*method, std::move(arguments->values));
        forTensors(result, [&](const at::Tensor& tensor) {
            if (Recorder::isData(tensor))
                outputs.push_back(recorder.valueOf(tensor));
        });
        std::sort(outputs.begin(), outputs.end());
        outputs.erase(std::unique(outputs.begin(), outputs.end()), outputs.end());
    } catch (const Stop& stop) {
        recorder.note("the network was not read to its end: " + stop.why);
        outputs = recorder.unread();
    }
    return recorder.build(std::move(outputs));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void quantscopeReadTorchScript(const ImportRequest& request,
                                                                                 Result<std::shared_ptr<const Model>>& model)
{
    const std::string file = request.model.string();
    try {
        const c10::InferenceMode guard;
        model = read(request);
    } catch (const Refused& refused) {
        Error error = refused.error;
        error.where = file + (error.where.empty() ? "" : ", " + error.where);
        model = error;
    } catch (const c10::Error& error) {
        model = readingError(error.what_without_backtrace(), file);
    } catch (const std::bad_alloc&) {
        model = Error{ErrorCode::OutOfMemory, "its content does not fit into memory", file};
    } catch (const std::exception& exception) {
        model = readingError(exception.what(), file);
    }
}

}  // namespace qs
