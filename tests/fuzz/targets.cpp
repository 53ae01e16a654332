#include "tests/fuzz/targets.h"

#include "core/base/json.h"
#include "core/data/box_labels.h"
#include "core/data/dataset.h"
#include "core/data/lmdb.h"
#include "core/data/npy.h"
#include "core/data/picture_header.h"
#include "core/data/tensor_file.h"
#include "core/import/caffe/custom_proto.h"
#include "core/import/caffe/mean_image.h"
#include "core/import/importer.h"
#include "core/ir/builder.h"
#include "core/jobs/search_journal.h"
#include "core/prepare/prepared.h"
#include "core/project/project.h"
#include "core/quant/record.h"
#include "core/stats/decoders.h"
#include "core/targets/amct/config_json.h"
#include "core/targets/amct/record_text.h"
#include "core/targets/amct/simple_config.h"
#include "core/targets/open.h"
#include "core/targets/target.h"

#include <unistd.h>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace qs::fuzz {

namespace {

namespace fs = std::filesystem;

/// A folder in memory where there is one, gone at the end of the process.
class Folder {
public:
    Folder()
    {
        const fs::path memory = "/dev/shm";
        std::error_code failure;
        std::string pattern = ((fs::is_directory(memory, failure) ? memory : fs::temp_directory_path()) / "quantscope-fuzz.XXXXXX").string();
        m_path = ::mkdtemp(pattern.data());
    }
    ~Folder()
    {
        std::error_code failure;
        fs::remove_all(m_path, failure);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    fs::path file(const char* name, std::string_view content) const
    {
        std::ofstream(m_path / name, std::ios::binary) << content;
        return m_path / name;
    }

private:
    fs::path m_path;
};

const Folder& folder()
{
    static const Folder instance;
    return instance;
}

/// Fails where an error names nothing that a user could act upon.
template <class T>
bool sensible(const Result<T>& result)
{
    if (!result.ok() && (result.error().code == ErrorCode::Internal || errorText(result.error()).empty()))
        std::abort();
    return result.ok();
}

void useModel(const std::shared_ptr<const Model>& model)
{
    (void)dumpModel(*model);
    std::vector<Shape> shapes;
    for (const ValueId input : model->inputs())
        shapes.push_back(model->value(input).shape);
    (void)sensible(inferShapes(*model, shapes));
    const Configuration configuration = createQuantConfig(*model);
    const std::string text = configurationToJson(*model, configuration);
    (void)sensible(configurationFromJson(*model, text, "config.json"));
    (void)sensible(prepareNetwork(model, configuration));
}

constexpr const char* smallNet = R"(name: "small"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "bn" }
layer { name: "scale" type: "Scale" bottom: "bn" top: "bn" scale_param { bias_term: true } }
layer { name: "relu" type: "ReLU" bottom: "bn" top: "bn" }
layer { name: "fc" type: "InnerProduct" bottom: "bn" top: "fc" inner_product_param { num_output: 4 } }
)";

const Model& smallModel()
{
    static const std::shared_ptr<const Model> model = [] {
        auto imported = importModel({folder().file("small.prototxt", smallNet), {}});
        if (!imported)
            std::abort();
        return *imported;
    }();
    return *model;
}

void prototxt(std::string_view bytes)
{
    if (const auto model = importModel({folder().file("net.prototxt", bytes), {}}); sensible(model))
        useModel(*model);
}

void caffemodel(std::string_view bytes)
{
    (void)smallModel();
    if (const auto model = importModel({folder().file("small.prototxt", smallNet), folder().file("weights.bin", bytes)}); sensible(model))
        useModel(*model);
}

void onnx(std::string_view bytes)
{
    const auto model = importModel({folder().file("net.onnx", bytes), {}});
    if (!sensible(model))
        return;
    useModel(*model);
    // With the quantizers that it may have, and what the targets say of it.
    const auto opened = openedFrom(*model);
    if (!sensible(opened))
        return;
    const auto prepared = prepareNetwork(opened->model, opened->configuration);
    if (!sensible(prepared))
        return;
    if (opened->record)
        (void)sensible(quantizeNetwork(**prepared, *opened->record));
    for (const qs::Target& target : qs::targets())
        (void)runChecks(target.rules(), {**prepared});
}

void config(std::string_view bytes)
{
    if (const auto read = configurationFromJson(smallModel(), std::string(bytes), "config.json"); sensible(read))
        (void)configurationToJson(smallModel(), *read);
}

void cfg(std::string_view bytes)
{
    (void)sensible(configurationFromCfg(smallModel(), std::string(bytes), "simple.cfg"));
}

void record(std::string_view bytes)
{
    const auto read = recordFromText(std::string(bytes), "record.txt");
    if (!sensible(read))
        return;
    std::vector<std::string> names;
    for (const auto& [name, factors] : read->layers)
        names.push_back(name);
    (void)recordToText(*read, names);
}

void project(std::string_view bytes)
{
    if (const auto read = projectFromJson(std::string(bytes), "/base", "a.qsproj"); sensible(read))
        (void)projectToJson(*read, "/base");
}

void preprocess(std::string_view bytes)
{
    if (const auto read = preprocessFromJson(std::string(bytes), "pre.json"); sensible(read))
        (void)preprocessToJson(*read);
}

void journal(std::string_view bytes)
{
    (void)sensible(SearchJournal::open(folder().file("tune.json", bytes), ValueKey{}));
}

void npy(std::string_view bytes)
{
    if (const auto read = parseNpy(bytes, "x.npy"); sensible(read)) {
        (void)toFloat(*read);
        (void)npyBytes(*read);
    }
}

/// Without a network's size pictures keep theirs: no decoder and no resizing is needed.
void useData(DataKind kind, const fs::path& path)
{
    DataSpec spec;
    spec.kind = kind;
    spec.path = path;
    spec.preprocess.color = ColorOrder::Rgb;
    const auto data = openDataSet(spec, {});
    if (!sensible(data))
        return;
    for (int i = 0; i < std::min((*data)->size(), 3); ++i) {
        (void)(*data)->label(i);
        (void)sensible((*data)->sample(i));
    }
}

void lmdb(std::string_view bytes)
{
    const auto reader = data::LmdbReader::open(folder().file("data.mdb", bytes));
    if (!sensible(reader))
        return;
    for (size_t i = 0; i < std::min<size_t>((*reader)->keys().size(), 10); ++i)
        (void)sensible((*reader)->value(i));
}

void raw(std::string_view bytes)
{
    const fs::path file = folder().file("raw", bytes);
    useData(DataKind::Mnist, file);
    useData(DataKind::Cifar10, file);
    useData(DataKind::Npy, file);
}

/// As an array, and as a cloud of points.
void tensor(std::string_view bytes)
{
    (void)sensible(parseTensorFile(bytes, "a.tensor"));
    useData(DataKind::Points, folder().file("cloud.bin", bytes));
}

void picture(std::string_view bytes)
{
    (void)data::beginsAsPicture(bytes);
    (void)sensible(data::pictureHeader(bytes));
}

void customProto(std::string_view bytes)
{
    if (const auto custom = caffe::CustomProto::parse(std::string(bytes), "custom.proto"); sensible(custom))
        (void)(*custom)->mergedText();
}

void meanImage(std::string_view bytes)
{
    (void)sensible(caffe::readMeanImage(folder().file("mean.binaryproto", bytes)));
}

/// As each of the forms.
void boxLabels(std::string_view bytes)
{
    (void)sensible(data::readBoxLabels(folder().file("labels.json", bytes), {"a.jpg"}));
    for (const char* name : {"a.txt", "a.xml"}) {
        const fs::path file = folder().file(name, bytes);
        (void)sensible(data::readBoxLabels(file.parent_path(), {"a.jpg"}));
        std::error_code failure;
        fs::remove(file, failure);
    }
}

void decoder(std::string_view bytes)
{
    const auto setting = decoderFromText(std::string(bytes));
    if (!sensible(setting))
        return;
    (void)decoderText(*setting);
    const HeadShape outputs[] = {{"boxes", {1, 8, 4}}, {"scores", {1, 8, 2}}};
    if (const auto made = BoxDecoder::make(*setting, outputs, {1, 3, 32, 32}); sensible(made)) {
        const Buffer values[] = {Buffer(DType::F32, {1, 8, 4}), Buffer(DType::F32, {1, 8, 2})};
        (void)sensible(made->boxes(values));
    }
}

constexpr std::array table{
    Target{"prototxt", &prototxt},
    Target{"caffemodel", &caffemodel},
    Target{"onnx", &onnx},
    Target{"config", &config},
    Target{"cfg", &cfg},
    Target{"record", &record},
    Target{"project", &project},
    Target{"preprocess", &preprocess},
    Target{"journal", &journal},
    Target{"npy", &npy},
    Target{"lmdb", &lmdb},
    Target{"raw", &raw},
    Target{"tensor", &tensor},
    Target{"picture", &picture},
    Target{"customproto", &customProto},
    Target{"meanimage", &meanImage},
    Target{"boxlabels", &boxLabels},
    Target{"decoder", &decoder},
};

}  // namespace

std::span<const Target> targets()
{
    return table;
}

}  // namespace qs::fuzz
