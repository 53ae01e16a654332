#include "app/common/data_options.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/ir/model.h"
#include "core/stats/decoders.h"

#include <CLI/CLI.hpp>

#include <array>
#include <cmath>

namespace qs {

namespace {

Error usage(const std::string& flag, const std::string& detail)
{
    return {ErrorCode::Usage, detail, flag};
}

Result<std::pair<int, int>> parseSize(const std::string& flag, const std::string& text)
{
    const std::vector<std::string> parts = splitText(text, 'x');
    if (parts.size() == 2) {
        const auto width = parseInteger(parts[0]);
        const auto height = parseInteger(parts[1]);
        if (width && height && *width > 0 && *height > 0 && *width <= 65536 && *height <= 65536)
            return std::pair{static_cast<int>(*width), static_cast<int>(*height)};
    }
    return usage(flag, "'" + text + "' is not WIDTHxHEIGHT, such as 224x224");
}

Result<void> parseMean(const std::string& text, Preprocess& preprocess)
{
    std::vector<double> numbers;
    for (const std::string& part : splitText(text, ',')) {
        const auto number = parseDouble(part);
        if (number && !std::isfinite(*number))
            return usage("--mean", "'" + part + "' is no finite number");
        if (!number) {
            // Not numbers: a mean image. Whether the file fits is the data set's to say.
            preprocess.mean.clear();
            preprocess.meanFile = std::filesystem::absolute(text);
            return {};
        }
        numbers.push_back(*number);
    }
    if (numbers.size() != 1 && numbers.size() != 3)
        return usage("--mean", "'" + text + "' has " + std::to_string(numbers.size()) + " values; it takes one, or one a channel (a,b,c)");
    preprocess.mean = std::move(numbers);
    preprocess.meanFile.clear();
    return {};
}

/// One number or one a channel.
Result<std::vector<double>> parseNumbers(const std::string& flag, const std::string& text)
{
    std::vector<double> numbers;
    for (const std::string& part : splitText(text, ',')) {
        const auto number = parseDouble(part);
        if (!number || !std::isfinite(*number) || *number == 0)
            return usage(flag, "'" + part + "' is not a number other than 0; it takes one, or one a channel (a,b,c)");
        numbers.push_back(*number);
    }
    if (numbers.size() != 1 && numbers.size() != 3)
        return usage(flag, "'" + text + "' has " + std::to_string(numbers.size()) + " values; it takes one, or one a channel (a,b,c)");
    return numbers;
}

Result<void> chooseSource(const DataOptions& options, DataSpec& spec)
{
    struct Source {
        const char* flag;
        const std::string& path;
        DataKind kind;
    };
    const Source sources[] = {{"--images", options.images, DataKind::Pictures},  {"--npy", options.npy, DataKind::Npy},
                              {"--cifar10", options.cifar10, DataKind::Cifar10}, {"--mnist", options.mnist, DataKind::Mnist},
                              {"--lmdb", options.lmdb, DataKind::Lmdb},          {"--points", options.points, DataKind::Points}};
    int given = 0;
    for (const Source& source : sources) {
        if (source.path.empty())
            continue;
        ++given;
        spec.kind = source.kind;
        spec.path = std::filesystem::absolute(source.path);
    }
    if (given != 1)
        return usage("DATA", given == 0 ? "none of --images, --npy, --cifar10, --mnist, --lmdb, --points is given"
                                        : "more than one of --images, --npy, --cifar10, --mnist, --lmdb, --points is given");
    std::error_code ignored;
    if (spec.kind == DataKind::Pictures && std::filesystem::is_regular_file(spec.path, ignored))
        spec.kind = DataKind::List;
    return {};
}

template <size_t Count>
Result<void> parseList(const std::string& flag, const std::string& text, std::array<double, Count>& numbers)
{
    if (text.empty())
        return {};
    const std::vector<std::string> parts = splitText(text, ',');
    for (size_t i = 0; i < Count && parts.size() == Count; ++i)
        if (const auto number = parseDouble(parts[i]); number && std::isfinite(*number))
            numbers[i] = *number;
        else
            return usage(flag, "'" + parts[i] + "' is no number");
    if (parts.size() != Count)
        return usage(flag, "'" + text + "' has " + std::to_string(parts.size()) + " values; it takes " + std::to_string(Count));
    return {};
}

Result<void> applyVoxels(const DataOptions& options, DataSpec& spec)
{
    QS_CHECK(parseList("--voxel-size", options.voxelSize, spec.voxels.size));
    QS_CHECK(parseList("--voxel-range", options.voxelRange, spec.voxels.range));
    if (options.pointFeatures > 0)
        spec.voxels.features = options.pointFeatures;
    if (options.voxelPoints > 0)
        spec.voxels.mostPoints = options.voxelPoints;
    if (options.voxels > 0)
        spec.voxels.mostVoxels = options.voxels;
    spec.reverseSites = options.reverseSites;
    return {};
}

Result<void> applyFlags(const DataOptions& options, Preprocess& preprocess)
{
    if (options.color == "bgr")
        preprocess.color = ColorOrder::Bgr;
    else if (options.color == "rgb")
        preprocess.color = ColorOrder::Rgb;
    else if (options.color == "gray")
        preprocess.color = ColorOrder::Gray;
    else if (!options.color.empty())
        return usage("--color", "'" + options.color + "' is none of bgr, rgb, gray");
    if (options.resizeShort > 0 && !options.resize.empty())
        return usage("--resize", "--resize-short and --resize exclude each other");
    if (options.resizeShort > 0) {
        preprocess.resizeShort = options.resizeShort;
        preprocess.resize.reset();
    }
    if (!options.resize.empty()) {
        QS_TRY(preprocess.resize, parseSize("--resize", options.resize));
        preprocess.resizeShort.reset();
    }
    if (!options.crop.empty()) {
        QS_TRY(preprocess.crop, parseSize("--crop", options.crop));
    }
    if (!options.mean.empty())
        QS_CHECK(parseMean(options.mean, preprocess));
    if (!options.scale.empty() && !options.std.empty())
        return usage("--std", "--scale and --std exclude each other");
    if (!options.scale.empty()) {
        QS_TRY(preprocess.scale, parseNumbers("--scale", options.scale));
    }
    if (!options.std.empty()) {
        QS_TRY(const std::vector<double> deviations, parseNumbers("--std", options.std));
        auto scale = scaleOfDeviations(deviations);
        if (!scale)
            return usage("--std", scale.error().detail);
        preprocess.scale = *std::move(scale);
    }
    if (options.batch > 0)
        preprocess.batch = options.batch;
    return {};
}

}  // namespace

void addDataOptions(CLI::App& app, DataOptions& options)
{
    const std::string group = "DATA";
    app.add_option("--images", options.images, "Folder of pictures, or a list file with one picture a line")->group(group);
    app.add_option("--npy", options.npy, "NumPy array, samples along its first axis")->group(group);
    app.add_option("--cifar10", options.cifar10, "CIFAR-10 binary file")->group(group);
    app.add_option("--mnist", options.mnist, "MNIST idx file of pictures")->group(group);
    app.add_option("--lmdb", options.lmdb, "LMDB data set of Caffe: folder with data.mdb")->group(group);
    app.add_option(
           "--points", options.points,
           "Point cloud (.bin of floats) or a folder of them; or a folder with features (floats) and sites (integers) as .npy or CUDA-BEVFusion "
           "tensors, paired in the order of their names")
        ->group(group);
    app.add_option("--voxel-size", options.voxelSize, "Of clouds: metres of a voxel, x,y,z (0.075,0.075,0.2)")->group(group);
    app.add_option("--voxel-range", options.voxelRange, "Least x,y,z, then the largest, in metres (-54,-54,-5,54,54,3)")->group(group);
    app.add_option("--point-features", options.pointFeatures, "Numbers of a point (5: x, y, z, intensity, time)")
        ->check(CLI::Range(3, 64))
        ->group(group);
    app.add_option("--voxel-points", options.voxelPoints, "Points of a voxel that count (10)")->check(CLI::Range(1, 1 << 20))->group(group);
    app.add_option("--voxels", options.voxels, "Voxels at most (160000)")->check(CLI::Range(1, 1 << 24))->group(group);
    app.add_flag("--reverse-sites", options.reverseSites, "Sites in the other order: z,y,x for x,y,z")->group(group);
    app.add_option("--color", options.color, "Channel order of the network's input: bgr, rgb, gray")->group(group);
    app.add_option("--resize-short", options.resizeShort, "Resize the short side to N pixels, aspect kept")
        ->check(CLI::Range(1, 65536))
        ->group(group);
    app.add_option("--resize", options.resize, "Resize to WxH, aspect not kept")->group(group);
    app.add_option("--crop", options.crop, "Centre crop of WxH")->group(group);
    app.add_option("--mean", options.mean, "Subtracted: one value, one per channel (a,b,c), or a mean image (.npy, .binaryproto)")->group(group);
    const auto given = [](const std::string& text) {
        return text.empty() ? std::string("it takes a number, or one a channel (a,b,c)") : std::string();
    };
    app.add_option("--scale", options.scale, "Multiplied after the mean is subtracted: one value, or one per channel (a,b,c)")
        ->check(given)
        ->group(group);
    app.add_option("--std", options.std, "Divided by after the mean is subtracted: one value, or one per channel (a,b,c)")
        ->check(given)
        ->group(group);
    app.add_option("--batch", options.batch, "Samples a batch")->check(CLI::Range(1, 65536))->group(group);
    app.add_option("--limit", options.limit, "Use the first N samples only")->check(CLI::Range(1, 1 << 30))->group(group);
    app.add_option("--preprocess", options.preprocess, "JSON file with the preprocessing; flags override it")->group(group);
    app.add_option("--with-input", options.inputs,
                   "NAME=X.npy: a further input of the network, one array for all samples or one a sample along its first axis; without it the "
                   "sequence marks of LSTM, RNN and GRU are one sequence a sample")
        ->group(group);
    app.add_option("--outputs", options.outputs, "What the outputs are: automatic, classes, boxes, class-map, vector, values (automatic)")
        ->group(group);
    app.add_option("--decoder", options.decoder,
                   "What makes boxes of raw outputs, with its options: \"ssd sizes=10,16,24/32,48 steps=8,16\"; also corners, rows, yolo, points, "
                   "distances, centres; where none is given, the one that fits the outputs")
        ->group(group);
    app.add_option("--labels", options.labels,
                   "'file class' lines, or one class a line in data order; of boxes a COCO .json, or a folder of VOC .xml or YOLO .txt files")
        ->group(group);
}

Result<DataSpec> dataSpec(const DataOptions& options)
{
    DataSpec spec;
    QS_CHECK(chooseSource(options, spec));
    if (!options.preprocess.empty()) {
        QS_TRY(const std::string json, readFile(options.preprocess, uint64_t{1} << 20));
        QS_TRY(spec.preprocess, preprocessFromJson(json, options.preprocess));
    }
    QS_CHECK(applyFlags(options, spec.preprocess));
    QS_CHECK(applyVoxels(options, spec));
    if (options.limit > 0)
        spec.limit = options.limit;
    if (!options.labels.empty())
        spec.labels = std::filesystem::absolute(options.labels);
    if (!options.outputs.empty()) {
        auto kind = outputKindFrom(options.outputs, "--outputs");
        if (!kind)
            return usage("--outputs", kind.error().detail);
        spec.outputs.kind = *kind;
    }
    if (!options.decoder.empty()) {
        const auto decoder = decoderFromText(options.decoder);
        if (!decoder)
            return usage("--decoder", decoder.error().detail);
        spec.outputs.decoder = options.decoder;
    }
    for (const std::string& text : options.inputs) {
        const size_t equals = text.rfind('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
            return Error{ErrorCode::Usage, "'" + text + "' is not NAME=X.npy", "--with-input"};
        spec.inputs[text.substr(0, equals)] = std::filesystem::absolute(text.substr(equals + 1));
    }
    return spec;
}

Result<DataSpec> dataSpecFor(const Model& model, const DataOptions& options)
{
    QS_TRY(DataSpec spec, dataSpec(options));
    Preprocess nothing;
    nothing.batch = spec.preprocess.batch;
    if (spec.preprocess == nothing)
        if (auto own = preprocessFromModel(model)) {
            own->batch = spec.preprocess.batch;
            spec.preprocess = *own;
        }
    if (model.inputs().empty())
        return Error{ErrorCode::ModelInvalid, "it has no input", model.name()};
    const Shape& shape = model.value(model.inputs().front()).shape;
    if (options.color.empty() && shape.size() == 4 && shape[1] == 1)
        spec.preprocess.color = ColorOrder::Gray;
    return spec;
}

}  // namespace qs
