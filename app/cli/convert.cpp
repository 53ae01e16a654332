#include "app/cli/command.h"
#include "core/targets/amct/amct.h"

namespace qs::cli {

namespace {

struct Options {
    std::string model;
    std::string weights;
    std::string record;
    std::string prefix;
    std::string saveType = "Both";
};

}  // namespace

void addConvert(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("convert", "Write the fake-quant and deploy models from your own factors (AMCT's convert_model)");
    command->add_option("MODEL", options->model, "Caffe .prototxt, .onnx, or TorchScript .pt")->required();
    command->add_option("-w,--weights", options->weights, "the .caffemodel");
    command->add_option("--record", options->record, "scale_offset_record.txt with your factors")->required();
    command->add_option("-o,--output", options->prefix, "PREFIX of the files")->required();
    addSaveOption(*command, options->saveType);
    setAmctAction(program, *command, nullptr, [options](const JobContext&) {
        return amct::convert_model(options->model, options->weights, options->record, options->prefix, options->saveType);
    });
}

void addUninplace(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("uninplace", "Write a prototxt without in-place layers (AMCT's uninplace_model)");
    command->add_option("MODEL", options->model, "Caffe .prototxt")->required();
    command->add_option("-o,--output", options->prefix, "the new .prototxt")->required();
    setAmctAction(program, *command, nullptr, [options](const JobContext&) -> Result<void> {
        QS_CHECK(amct::uninplace_model(options->model, options->prefix));
        say("%s\n", options->prefix.c_str());
        return {};
    });
}

}  // namespace qs::cli
