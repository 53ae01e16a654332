// The command line's contract, through the program itself.
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/npy.h"
#include "core/import/importer.h"
#include "core/project/project.h"
#include "core/targets/amct/config_json.h"
#include "tests/support/networks.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <sstream>
#include <thread>

namespace qs {

namespace {

namespace fs = std::filesystem;

struct Finished {
    int status = -1;
    std::string output;
    std::string errors;
};

class CliTest : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(test::mixedNetwork(m_folder.path()));
        Buffer samples(DType::F32, {8, 3, 8, 8});
        const std::vector<float> values = test::randomValues(static_cast<size_t>(samples.count()), 5);
        std::copy(values.begin(), values.end(), samples.floats().begin());
        QS_ASSERT_OK(writeFile(path("x.npy"), npyBytes(samples)));
        QS_ASSERT_OK(writeFile(path("labels.txt"), "0\n1\n2\n3\n4\n5\n0\n1\n"));
    }
    std::string path(const std::string& name) { return (m_folder.path() / name).string(); }

    pid_t start(const std::vector<std::string>& arguments)
    {
        std::vector<std::string> words{QS_CLI};
        words.insert(words.end(), arguments.begin(), arguments.end());
        return test::startProgram(std::move(words), path("out"), path("err"));
    }
    Finished finish(pid_t child)
    {
        const int status = test::waitFor(child);
        return {status, *readFile(path("out")), *readFile(path("err"))};
    }
    Finished run(const std::vector<std::string>& arguments) { return finish(start(arguments)); }

    test::TemporaryFolder m_folder;
};

}  // namespace

TEST_F(CliTest, ReportIsOneFileWithEveryLayer)
{
    const Finished done = run({"report", path("net.prototxt"), "-w", path("net.caffemodel"), "--npy", path("x.npy"), "--labels", path("labels.txt"),
                               "--diagnose", "-o", path("r.html")});
    EXPECT_EQ(done.status, 0) << done.errors;
    const auto html = readFile(path("r.html"));
    QS_ASSERT_OK(html);
    const Finished inspect = run({"inspect", path("net.prototxt"), "-w", path("net.caffemodel"), "--json"});
    const auto model = parseJson(inspect.output, "inspect");
    QS_ASSERT_OK(model);
    ASSERT_TRUE((*model)["layers"].size() > 3);
    for (const Json& layer : (*model)["layers"])
        EXPECT_NE(html->find("<td>" + layer["name"].get<std::string>() + "</td>"), std::string::npos) << layer["name"];
    EXPECT_NE(html->find("Top-1 (%)"), std::string::npos);
    // What the target's rules say, of the one that is asked for.
    EXPECT_NE(html->find("AMCT SS928"), std::string::npos);
    EXPECT_EQ(
        run({"report", path("net.prototxt"), "-w", path("net.caffemodel"), "--npy", path("x.npy"), "--target", "onnxruntime", "-o", path("o.html")})
            .status,
        0);
    EXPECT_NE(readFile(path("o.html"))->find("zero point other than 0"), std::string::npos);
    for (const char* outside : {"href", "src=", "url(", "@import"})
        EXPECT_EQ(html->find(outside), std::string::npos) << outside;
    // A place that cannot be written is an error, and leaves nothing.
    EXPECT_EQ(run({"report", path("net.prototxt"), "-w", path("net.caffemodel"), "--npy", path("x.npy"), "-o", path("x.npy/r.html")}).status, 1);
}

TEST_F(CliTest, OpsListsTheLayerTypes)
{
    const Finished text = finish(start({"ops"}));
    EXPECT_EQ(text.status, 0);
    EXPECT_NE(text.output.find("expose_hidden = false"), std::string::npos);
    const Finished json = finish(start({"ops", "--json"}));
    const auto list = parseJson(json.output, "ops");
    QS_ASSERT_OK(list);
    EXPECT_GT(list->size(), 100U);
    for (const Json& type : *list)
        for (const char* key : {"type", "meaning", "message", "parameters", "source", "quantizable", "state"})
            EXPECT_TRUE(type.contains(key)) << type.dump();
}

TEST_F(CliTest, TargetsAreListedAndWriteTheirFiles)
{
    const Finished json = finish(start({"targets", "--json"}));
    const auto list = parseJson(json.output, "targets");
    QS_ASSERT_OK(list);
    std::vector<std::string> names;
    for (const Json& target : *list) {
        names.push_back(target["name"]);
        for (const char* key : {"vendor", "description", "widths", "files"})
            EXPECT_TRUE(target.contains(key)) << target.dump();
    }
    EXPECT_EQ(names, (std::vector<std::string>{"amct-ss928", "onnxruntime", "tensorrt"}));
    const std::string demo = std::string(QS_SOURCE_DIR) + "/resources/demo/";
    const std::vector<std::string> words{"quantize", demo + "demo.prototxt", "-w",      demo + "demo.caffemodel",
                                         "--images", demo + "pictures",      "--color", "gray",
                                         "-o",       path("q/net"),          "--target"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), words.begin(), words.end());
        return finish(start(more));
    };
    const Finished unknown = with({"abacus"});
    EXPECT_EQ(unknown.status, 1);
    EXPECT_NE(unknown.errors.find("there are amct-ss928, onnxruntime"), std::string::npos) << unknown.errors;
    const Finished written = with({"onnxruntime", "--opset", "17"});
    ASSERT_EQ(written.status, 0) << written.errors;
    for (const char* suffix : {"_qdq.onnx", "_float.onnx"})
        EXPECT_TRUE(fs::exists(path("q/net") + suffix)) << written.output;
    EXPECT_FALSE(fs::exists(path("q/net_deploy_model.prototxt")));
    EXPECT_EQ(with({"onnxruntime", "--opset", "9"}).status, 1);
}

TEST_F(CliTest, ShellsAndManKnowEveryCommandAndOption)
{
    std::map<std::string, std::string> forms;
    for (const char* form : {"bash", "zsh", "man"}) {
        const Finished done = run({"completion", form});
        EXPECT_EQ(done.status, 0) << done.errors;
        forms[form] = done.output;
    }
    const std::string help = run({"--help"}).output;
    const std::string commands = help.substr(help.find("Subcommands:"));
    int count = 0;
    for (const char* command : {"inspect", "run", "check", "quantize", "compare", "tune", "completion"}) {
        ASSERT_NE(commands.find(command), std::string::npos);
        ++count;
        for (const auto& [form, text] : forms)
            EXPECT_NE(text.find(command), std::string::npos) << form << ' ' << command;
    }
    EXPECT_EQ(count, 7);
    // What an option takes is offered where it is a choice.
    EXPECT_NE(forms["bash"].find("--target) COMPREPLY=($(compgen -W 'amct-ss928 onnxruntime tensorrt'"), std::string::npos);
    EXPECT_NE(forms["zsh"].find(":value:(Fakequant Deploy Both)"), std::string::npos);
    EXPECT_NE(forms["man"].find(".SS quantize MODEL"), std::string::npos);
    // Both shells read it, where they are.
    QS_ASSERT_OK(writeFile(path("words"), forms["bash"]));
    EXPECT_EQ(std::system(("bash -n '" + path("words") + "'").c_str()), 0);
    QS_ASSERT_OK(writeFile(path("zwords"), forms["zsh"]));
    if (std::system("zsh --version > /dev/null 2>&1") == 0) {
        EXPECT_EQ(std::system(("zsh -n '" + path("zwords") + "'").c_str()), 0);
    }
    EXPECT_EQ(run({"completion", "fish"}).status, 2);
}

TEST_F(CliTest, ChecksSayWhatATargetCannotTake)
{
    const std::vector<std::string> network{"check", path("net.prototxt"), "-w", path("net.caffemodel"), "--json", "--target"};
    const auto checked = [&](const std::string& target, const std::vector<std::string>& more = {}) {
        std::vector<std::string> words = network;
        words.push_back(target);
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    const Finished plain = checked("amct-ss928");
    EXPECT_EQ(plain.status, 0) << plain.output << plain.errors;
    const auto json = parseJson(plain.output, "check");
    QS_ASSERT_OK(json);
    EXPECT_EQ((*json)["target"], "amct-ss928");
    EXPECT_TRUE((*json)["results"].is_array());
    // 12 bits are AMCT's; ONNX has none.
    const auto model = importModel({path("net.prototxt"), path("net.caffemodel")});
    QS_ASSERT_OK(model);
    Configuration wide = createQuantConfig(**model);
    const std::string layer = wide.layers.begin()->first;
    wide.layers.begin()->second.activations.front().bits = 12;
    QS_ASSERT_OK(writeFile(path("wide.json"), configurationToJson(**model, wide)));
    const Finished refused = checked("onnxruntime", {"-c", path("wide.json")});
    EXPECT_EQ(refused.status, 1);
    const auto results = parseJson(refused.output, "check");
    QS_ASSERT_OK(results);
    const auto& all = (*results)["results"];
    const auto width = std::find_if(all.begin(), all.end(), [](const Json& result) { return result["rule"] == "onnxruntime.width"; });
    ASSERT_NE(width, all.end()) << refused.output;
    EXPECT_EQ((*width)["severity"], "error");
    EXPECT_EQ((*width)["layer"], layer);
    for (const char* key : {"text", "source", "remedy"})
        EXPECT_NE((*width)[key], "") << key;
    EXPECT_EQ(checked("amct-ss928", {"-c", path("wide.json")}).status, 0);
    // With data the factors are judged, too.
    EXPECT_EQ(checked("onnxruntime", {"--npy", path("x.npy")}).status, 0);
    EXPECT_EQ(checked("abacus-9").status, 1);
}

TEST_F(CliTest, OptionsOfAnotherTargetAreRefused)
{
    for (const auto& [option, value] : {std::pair{"--save-type", std::string("Deploy")}, {"--bn-dump-dir", path("bn")}})
        EXPECT_EQ(run({"quantize", path("net.prototxt"), "-w", path("net.caffemodel"), "--npy", path("x.npy"), "--target", "onnxruntime", option,
                       value, "-o", path("q")})
                      .status,
                  2)
            << option;
}

TEST_F(CliTest, InspectDescribesEveryLayer)
{
    const Finished finished = run({"inspect", path("net.prototxt"), "-w", path("net.caffemodel"), "--json"});
    ASSERT_EQ(finished.status, 0) << finished.errors;
    const auto json = parseJson(finished.output, "stdout");
    QS_ASSERT_OK(json);
    EXPECT_EQ((*json)["format"], "caffe");
    ASSERT_EQ((*json)["layers"].size(), 14U);
    for (const char* key : {"name", "type", "inputs", "outputs", "shape", "params", "macs", "quantizable", "defaultEnable", "runnable", "reason"})
        EXPECT_TRUE((*json)["layers"][1].contains(key)) << key;
    EXPECT_EQ((*json)["layers"][1]["macs"], 8 * 8 * 8 * 3 * 9);
    EXPECT_EQ(run({"inspect", path("net.prototxt"), "-w", path("net.caffemodel")}).status, 0);
}

TEST_F(CliTest, CalibratorsAndAlgorithms)
{
    const std::vector<std::string> model{path("net.prototxt"), "-w", path("net.caffemodel"), "--npy", path("x.npy"), "--batch", "4"};
    const auto with = [&](const std::string& command, std::vector<std::string> options) {
        options.insert(options.begin(), model.begin(), model.end());
        options.insert(options.begin(), command);
        return run(options);
    };
    const auto effectiveOf = [](const Finished& finished, const std::string& layer) {
        EXPECT_EQ(finished.status, 0) << finished.errors;
        const auto json = parseJson(finished.output, "stdout");
        EXPECT_TRUE(json.ok());
        for (const Json& entry : (*json)["layers"])
            if (entry["name"] == layer)
                return entry["effective"];
        return Json();
    };
    const Json all = effectiveOf(with("compare", {"--json", "--calibrator", "mse", "--equalize", "--adaround", "--bias-correction"}), "left");
    EXPECT_EQ(all["inputs"][0]["calibrator"], "mse");
    EXPECT_EQ(all["adaRound"], true);
    EXPECT_EQ(all["biasCorrection"], true);
    EXPECT_EQ(with("compare", {"--calibrator", "magic"}).status, 2);
    const Finished outside = with("compare", {"--percentile", "0.5"});
    EXPECT_EQ(outside.status, 2);
    EXPECT_NE(outside.errors.find("(0.5, 1]"), std::string::npos) << outside.errors;
    EXPECT_EQ(with("compare", {"--percentile", "much"}).status, 2);

    // The exported record holds neither roundings nor biases: read back with the same configuration it would give other numbers.
    ASSERT_EQ(with("quantize", {"--adaround", "-o", path("made/m")}).status, 0);
    const std::string record = path("made/m_scale_offset_record.txt");
    for (const char* option : {"--adaround", "--bias-correction"}) {
        const Finished refused = with("compare", {"--record", record, option});
        EXPECT_EQ(refused.status, 1) << option;
        EXPECT_NE(refused.errors.find("calibrate again"), std::string::npos) << refused.errors;
    }
    EXPECT_EQ(with("compare", {"--record", record}).status, 0);
    EXPECT_EQ(with("compare", {"--record", record, "--calibrator", "mse"}).status, 2);

    Project project;
    project.model = path("net.prototxt");
    project.configuration = createQuantConfig(**importModel({path("net.prototxt"), path("net.caffemodel")}));
    project.configuration.layers.at("fc").activations.front().algorithm = "entropy";
    project.configuration.layers.at("fc").weights->biasCorrection = true;
    QS_ASSERT_OK(saveProject(project, path("p.qsproj")));
    const Json fc = effectiveOf(with("compare", {"--json", "-c", path("p.qsproj")}), "fc");
    EXPECT_EQ(fc["inputs"][0]["calibrator"], "entropy");
    EXPECT_EQ(fc["biasCorrection"], true);
    EXPECT_EQ(fc["adaRound"], false);

    // --percentile is both sides'.
    for (auto& [name, setting] : project.configuration.layers)
        for (ActivationSetting& activation : setting.activations) {
            activation.algorithm = "percentile";
            activation.maxPercentile = activation.minPercentile = 0.9;
        }
    project.configuration.layers.at("fc").weights->biasCorrection = false;
    QS_ASSERT_OK(saveProject(project, path("p.qsproj")));
    ASSERT_EQ(with("quantize", {"-c", path("p.qsproj"), "-o", path("file/m")}).status, 0);
    ASSERT_EQ(with("quantize", {"--calibrator", "percentile", "--percentile", "0.9", "-o", path("options/m")}).status, 0);
    EXPECT_EQ(*readFile(path("options/m_scale_offset_record.txt")), *readFile(path("file/m_scale_offset_record.txt")));
}

TEST_F(CliTest, TheTableHasTheNumbersOfTheJson)
{
    const std::vector<std::string> words{"compare", path("net.prototxt"), "-w", path("net.caffemodel"), "--npy", path("x.npy")};
    std::vector<std::string> asJson = words;
    asJson.emplace_back("--json");
    const auto json = parseJson(run(asJson).output, "stdout");
    QS_ASSERT_OK(json);
    std::istringstream lines(run(words).output);
    int found = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream cells(line);
        std::string name, activations, weights, local, cumulative;
        cells >> name >> activations >> weights >> local >> cumulative;
        for (const Json& layer : (*json)["layers"])
            if (layer["name"] == name && weights == "W8") {
                EXPECT_EQ(local, fixedText(layer["local"]["cosine"].get<double>(), 6)) << line;
                EXPECT_EQ(cumulative, fixedText(layer["cumulative"]["cosine"].get<double>(), 6)) << line;
                ++found;
            }
    }
    EXPECT_EQ(found, 5);
}

TEST_F(CliTest, TheWholeWay)
{
    const std::string model = path("net.prototxt"), weights = path("net.caffemodel");
    ASSERT_EQ(run({"config", model, "-w", weights, "-o", path("c.json"), "--batch-num", "4"}).status, 0);
    const Finished quantized = run({"quantize", model, "-w", weights, "-c", path("c.json"), "--npy", path("x.npy"), "-o", path("made/m")});
    ASSERT_EQ(quantized.status, 0) << quantized.errors;
    for (const char* suffix : {"_fake_quant_model.prototxt", "_fake_quant_weights.caffemodel", "_deploy_model.prototxt", "_deploy_weights.caffemodel",
                               "_quant.json", "_quant_param_record.txt", "_quant_param_record.bin", "_scale_offset_record.txt", "_config.json"})
        EXPECT_TRUE(fs::exists(path("made/m") + suffix)) << suffix;

    const Finished compared = run({"compare", model, "-w", weights, "-c", path("made/m_config.json"), "--record",
                                   path("made/m_scale_offset_record.txt"), "--npy", path("x.npy"), "--json"});
    ASSERT_EQ(compared.status, 0) << compared.errors;
    const auto json = parseJson(compared.output, "stdout");
    QS_ASSERT_OK(json);
    EXPECT_EQ((*json)["samples"], 8);
    EXPECT_TRUE((*json)["definitions"].contains("cosine"));
    for (const Json& layer : (*json)["layers"]) {
        for (const char* key : {"name", "type", "requested", "effective", "reason", "local", "cumulative"})
            EXPECT_TRUE(layer.contains(key)) << key;
        if (layer["name"] == "conv2")
            for (const char* key : {"cosine", "cosineWorst", "sqnrDb", "mse", "maxAbs", "relL2"})
                EXPECT_TRUE(layer["cumulative"].contains(key)) << key;
    }
    EXPECT_EQ((*json)["outputs"].size(), 1U);

    // Calibrating anew on the same data gives the same figures.
    const Finished again = run({"compare", model, "-w", weights, "-c", path("c.json"), "--npy", path("x.npy"), "--json"});
    EXPECT_EQ(again.output, compared.output);

    const Finished swept = run({"sensitivity", model, "-w", weights, "-c", path("c.json"), "--npy", path("x.npy"), "--json"});
    ASSERT_EQ(swept.status, 0) << swept.errors;
    const auto scopes = parseJson(swept.output, "stdout");
    QS_ASSERT_OK(scopes);
    ASSERT_FALSE((*scopes)["layers"].empty());
    for (const Json& layer : (*scopes)["layers"])
        for (const char* key : {"name", "local", "oneQuantized", "oneFloat", "cumulative"})
            EXPECT_TRUE(layer.contains(key)) << key;

    const Finished diagnosed = run({"diagnose", model, "-w", weights, "-c", path("c.json"), "--npy", path("x.npy"), "--layers", "2", "--json"});
    ASSERT_EQ(diagnosed.status, 0) << diagnosed.errors;
    const auto diagnosis = parseJson(diagnosed.output, "stdout");
    QS_ASSERT_OK(diagnosis);
    ASSERT_EQ((*diagnosis)["layers"].size(), 2U);
    const Json& worst = (*diagnosis)["layers"][0];
    for (const char* key : {"name", "local", "cumulative", "causes", "channels", "remedies"})
        EXPECT_TRUE(worst.contains(key)) << key;
    ASSERT_FALSE(worst["channels"].empty());
    for (const char* key : {"where", "index", "min", "max", "levels", "clipped", "error"})
        EXPECT_TRUE(worst["channels"][0].contains(key)) << key;
    for (const Json& cause : worst["causes"])
        for (const char* key : {"rule", "where", "channel", "evidence", "text"})
            EXPECT_TRUE(cause.contains(key)) << key;
    for (const Json& remedy : worst["remedies"])
        for (const char* key : {"name", "setting", "local", "output", "cost"})
            EXPECT_TRUE(remedy.contains(key)) << key;

    const Finished evaluated =
        run({"evaluate", model, "-w", weights, "-c", path("c.json"), "--npy", path("x.npy"), "--labels", path("labels.txt"), "--json"});
    ASSERT_EQ(evaluated.status, 0) << evaluated.errors;
    const auto figures = parseJson(evaluated.output, "stdout");
    QS_ASSERT_OK(figures);
    EXPECT_EQ((*figures)["samples"], 8);
    EXPECT_TRUE((*figures)["float"].contains("top1") && (*figures)["quantized"].contains("top5") && figures->contains("agreement"));
}

TEST_F(CliTest, ConfigFromACfg)
{
    const std::string model = path("net.prototxt"), weights = path("net.caffemodel");
    QS_ASSERT_OK(writeFile(path("quant.cfg"), "batch_num: 3\nskip_layers: \"conv2\"\ncommon_config { ifmr_quantize { num_bits: 12 } }\n"));
    const Finished made = run({"config", model, "-w", weights, "--cfg", path("quant.cfg"), "-o", path("c.json")});
    ASSERT_EQ(made.status, 0) << made.errors;
    for (const char* words : {"conv2", "skipped (skip_layers)", "off by default for the type ReLU", "fused into conv1", "type not quantizable"})
        EXPECT_NE(made.output.find(words), std::string::npos) << made.output;
    const auto json = parseJson(*readFile(path("c.json")), "c.json");
    QS_ASSERT_OK(json);
    EXPECT_EQ((*json)["batch_num"], 3);
    EXPECT_EQ((*json)["conv2"]["quant_enable"], false);
    EXPECT_EQ((*json)["pool"]["activation_quant_params"]["num_bits"], 12);
    QS_ASSERT_OK(writeFile(path("bad.cfg"), "batch_num: 3\nskip_layers: \"conv99\"\n"));
    const Finished bad = run({"config", model, "--cfg", path("bad.cfg"), "-o", path("never.json")});
    EXPECT_EQ(bad.status, 1);
    EXPECT_NE(bad.errors.find("bad.cfg:2"), std::string::npos) << bad.errors;
    EXPECT_FALSE(fs::exists(path("never.json")));
    EXPECT_EQ(run({"config", model, "--cfg", path("quant.cfg"), "--batch-num", "2", "-o", path("c.json")}).status, 2);
}

TEST_F(CliTest, MergeProtoAndCustomLayers)
{
    QS_ASSERT_OK(writeFile(path("custom.proto"),
                           "message LayerParameter { optional MyParameter my_param = 300; }\n"
                           "message MyParameter { optional float alpha = 1; }\n"));
    const Finished merged = run({"merge-proto", path("custom.proto"), "-o", path("merged.proto")});
    ASSERT_EQ(merged.status, 0) << merged.errors;
    EXPECT_NE(readFile(path("merged.proto"))->find("my_param = 300"), std::string::npos);
    QS_ASSERT_OK(writeFile(path("clash.proto"), "message LayerParameter {\n optional QuantParameter quant_param = 208;\n}\n"));
    const Finished clash = run({"merge-proto", path("clash.proto"), "-o", path("never.proto")});
    EXPECT_EQ(clash.status, 1);
    EXPECT_NE(clash.errors.find("clash.proto:2"), std::string::npos) << clash.errors;
    EXPECT_FALSE(fs::exists(path("never.proto")));

    QS_ASSERT_OK(writeFile(path("mine.prototxt"),
                           "layer { name: \"data\" type: \"Input\" top: \"data\" input_param { shape { dim: 1 dim: 3 } } }\n"
                           "layer { name: \"mine\" type: \"Mine\" bottom: \"data\" top: \"mine\" my_param { alpha: 2 } }\n"));
    const Finished with = run({"inspect", path("mine.prototxt"), "--custom-proto", path("custom.proto"), "--json"});
    ASSERT_EQ(with.status, 0) << with.errors;
    EXPECT_EQ(with.errors.find("left out"), std::string::npos) << with.errors;
    const auto json = parseJson(with.output, "stdout");
    QS_ASSERT_OK(json);
    EXPECT_EQ((*json)["layers"][1]["quantized"], false);
    EXPECT_NE((*json)["layers"][1]["whyFloat"], "");
    const Finished without = run({"inspect", path("mine.prototxt")});
    EXPECT_EQ(without.status, 0);
    EXPECT_NE(without.errors.find("line 2: 'my_param'"), std::string::npos) << without.errors;
    EXPECT_NE(without.errors.find("--custom-proto"), std::string::npos) << without.errors;
}

TEST_F(CliTest, RunWritesEveryValue)
{
    Buffer one(DType::F32, {1, 3, 8, 8});
    QS_ASSERT_OK(writeFile(path("one.npy"), npyBytes(one)));
    const Finished finished =
        run({"run", path("net.prototxt"), "-w", path("net.caffemodel"), "--input", "data=" + path("one.npy"), "-o", path("values")});
    ASSERT_EQ(finished.status, 0) << finished.errors;
    const auto index = parseJson(*readFile(path("values/index.json")), "index.json");
    QS_ASSERT_OK(index);
    ASSERT_EQ((*index)["layers"].size(), 14U);
    // In-place layers keep the blob's name and have files of their own.
    EXPECT_EQ((*index)["layers"][4]["tops"][0]["blob"], "conv1");
    EXPECT_EQ((*index)["layers"][4]["tops"][0]["file"], "0004_0.npy");
    EXPECT_EQ(readNpy(path("values/0013_0.npy"))->shape(), (Shape{1, 6}));
    EXPECT_EQ(run({"run", path("net.prototxt"), "-w", path("net.caffemodel"), "--npy", path("x.npy"), "-o", path("many")}).status, 0);
    const auto last = parseJson(*readFile(path("many/7/index.json")), "index.json");
    QS_ASSERT_OK(last);
    // Six probabilities.
    EXPECT_NEAR((*last)["layers"][13]["tops"][0]["mean"].get<double>(), 1.0 / 6, 1e-6);
}

TEST_F(CliTest, ExitStatusesMeanWhatTheySay)
{
    const std::string model = path("net.prototxt"), weights = path("net.caffemodel");
    EXPECT_EQ(run({}).status, 2);
    EXPECT_EQ(run({"explode"}).status, 2);
    EXPECT_EQ(run({"inspect"}).status, 2);
    EXPECT_EQ(run({"compare", model, "-w", weights}).status, 2);
    EXPECT_EQ(run({"--help"}).status, 0);
    EXPECT_EQ(run({"inspect", path("nothing.prototxt")}).status, 1);
    EXPECT_EQ(run({"evaluate", model, "-w", weights, "--npy", path("x.npy")}).status, 2);
    const Finished few = run({"config", model, "-w", weights, "-o", path("c.json"), "--batch-num", "9"});
    EXPECT_EQ(few.status, 0);
    const Finished compared = run({"compare", model, "-w", weights, "-c", path("c.json"), "--npy", path("x.npy")});
    EXPECT_EQ(compared.status, 1);
    EXPECT_NE(compared.errors.find("batch_num"), std::string::npos) << compared.errors;
}

TEST_F(CliTest, AKilledSearchLosesNothing)
{
    const fs::path demo = fs::path(QS_SOURCE_DIR) / "resources/demo";
    const std::string journal = path("search_tune.json");
    const auto arguments = [&](const std::string& prefix, bool resume) {
        std::vector<std::string> words{"tune",
                                       (demo / "demo.prototxt").string(),
                                       "-w",
                                       (demo / "demo.caffemodel").string(),
                                       "--images",
                                       (demo / "pictures").string(),
                                       "--color",
                                       "gray",
                                       "--batch",
                                       "16",
                                       "--samples",
                                       "24",
                                       "--target-cosine",
                                       "0.9995",
                                       "--budget",
                                       "0.5",
                                       "-o",
                                       path(prefix)};
        if (resume)
            words.insert(words.end(), {"--resume", journal});
        return words;
    };
    const auto bestOf = [&]() -> double {
        const auto text = readFile(journal);
        if (!text.ok())
            return -1;
        // Whatever moment it was killed at, the file is whole.
        const auto json = parseJson(*text, journal);
        EXPECT_TRUE(json.ok());
        double best = -1;
        for (const Json& point : (*json)["points"])
            best = std::max(best, point["cosine"].get<double>());
        return best;
    };
    double best = -1;
    for (int i = 0; i < 10; ++i) {
        const pid_t child = start(arguments("search", true));
        std::this_thread::sleep_for(std::chrono::milliseconds(700 + 90 * i));
        ::kill(child, SIGKILL);
        finish(child);
        const double now = bestOf();
        EXPECT_GE(now, best);
        best = now;
    }
    const Finished resumed = run(arguments("search", true));
    ASSERT_EQ(resumed.status, 0) << resumed.errors;
    const Finished unbroken = run(arguments("unbroken", false));
    ASSERT_EQ(unbroken.status, 0) << unbroken.errors;
    EXPECT_EQ(*readFile(path("search_config.json")), *readFile(path("unbroken_config.json")));
    EXPECT_EQ(*readFile(journal), *readFile(path("unbroken_tune.json")));
}

TEST_F(CliTest, BadPlacesToWriteLoseNothing)
{
    const std::string model = path("net.prototxt"), weights = path("net.caffemodel");
    // /proc is not writable, not even for root.
    const Finished readOnly = run({"quantize", model, "-w", weights, "--npy", path("x.npy"), "-o", "/proc/quantscope/m"});
    EXPECT_EQ(readOnly.status, 1);
    EXPECT_NE(readOnly.errors.find("/proc/quantscope/m"), std::string::npos) << readOnly.errors;
    // A disk that is full: every file size beyond 4 KiB is refused.
    QS_ASSERT_OK(writeFile(path("full_config.json"), "old"));
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string command = "ulimit -f 4; exec " + std::string(QS_CLI) + " quantize " + model + " -w " + weights + " --npy " + path("x.npy") +
                                    " -o " + path("full") + " 2>" + path("err");
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(99);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 1);
    EXPECT_NE(readFile(path("err"))->find("cannot be written"), std::string::npos) << *readFile(path("err"));
    EXPECT_EQ(*readFile(path("full_config.json")), "old");
    for (const fs::directory_entry& entry : fs::directory_iterator(m_folder.path()))
        EXPECT_FALSE(entry.path().filename().string().starts_with("full_") && entry.path().filename() != "full_config.json") << entry.path();
}

TEST_F(CliTest, OutputThatCannotBeWrittenIsAFailure)
{
    const std::string model = path("net.prototxt"), weights = path("net.caffemodel");
    for (const std::string& words :
         std::vector<std::string>{"inspect " + model + " --json", "ops", "config " + model + " -w " + weights + " -o " + path("c.json"), "--help",
                                  "run " + model + " -w " + weights + " --npy " + path("x.npy") + " --limit 1 -o /dev/full"}) {
        const pid_t child = ::fork();
        if (child == 0) {
            const std::string command = "exec " + std::string(QS_CLI) + " " + words + " >/dev/full 2>" + path("err");
            ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            ::_exit(99);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(WEXITSTATUS(status), 1) << words;
        EXPECT_NE(readFile(path("err"))->find("cannot be written"), std::string::npos) << words << *readFile(path("err"));
    }
    EXPECT_TRUE(fs::is_character_file("/dev/full"));
    // In place, to whoever reads.
    const Finished piped = run({"config", model, "-w", weights, "-o", "/dev/stdout"});
    EXPECT_EQ(piped.status, 0) << piped.errors;
}

TEST_F(CliTest, NamesDoNotSteerTheTerminal)
{
    QS_ASSERT_OK(writeFile(path("esc.prototxt"),
                           "name: 'n\\033]0;title\\007\\nerror: forged'\n"
                           "layer { name: 'd\\033[2J' type: 'Input' top: 'd' input_param { shape { dim: 1 } } }\n"
                           "layer { name: 'x\\nforged' type: 'No\\302\\233Such' bottom: 'd' top: 'x' }\n"));
    for (const std::vector<std::string>& words : {std::vector<std::string>{"inspect", path("esc.prototxt")},
                                                  {"inspect", path("esc.prototxt"), "--json"},
                                                  {"config", path("esc.prototxt"), "-o", path("esc.json")},
                                                  {"compare", path("esc.prototxt"), "--npy", path("none\033.npy")}}) {
        const Finished finished = run(words);
        for (const std::string& text : {finished.output, finished.errors}) {
            EXPECT_EQ(text.find('\033'), std::string::npos) << words[0];
            EXPECT_EQ(text.find('\007'), std::string::npos) << words[0];
            EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos) << words[0];
            EXPECT_EQ(text.find("\nforged"), std::string::npos) << words[0];
            EXPECT_EQ(text.find("\nerror: forged"), std::string::npos) << words[0];
        }
    }
    EXPECT_NE(run({"inspect", path("esc.prototxt")}).output.find("d\\x1b[2J"), std::string::npos);
}

TEST_F(CliTest, WhatIsNoFileIsNotRead)
{
    ASSERT_EQ(::mkfifo(path("fifo.onnx").c_str(), 0600), 0);
    fs::create_symlink("/dev/zero", path("zero.onnx"));
    for (const std::string& input : {path("fifo.onnx"), path("zero.onnx"), std::string("/dev/zero")}) {
        const Finished finished = run({"inspect", input});
        EXPECT_EQ(finished.status, 1) << input;
        EXPECT_NE(finished.errors.find("no file but a device or a pipe"), std::string::npos) << finished.errors;
    }
    QS_ASSERT_OK(writeFile(path("empty.txt"), ""));
    const Finished empty =
        run({"convert", path("net.prototxt"), "-w", path("net.caffemodel"), "--record", path("empty.txt"), "-o", path("nowhere/m")});
    EXPECT_EQ(empty.status, 1);
    EXPECT_NE(empty.errors.find("the record has no layer"), std::string::npos) << empty.errors;
    EXPECT_FALSE(fs::exists(path("nowhere")));
}

TEST_F(CliTest, MemoryThatIsNotThereIsNamedByLayer)
{
    // 2^38 values: a tebibyte. (The limit of a shape is 2^40.)
    QS_ASSERT_OK(writeFile(path("tile.prototxt"),
                           "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 1 dim: 1 dim: 128 dim: 128 } } }\n"
                           "layer { name: 'huge' type: 'Tile' bottom: 'x' top: 'y' tile_param { axis: 1 tiles: 16777216 } }\n"));
    QS_ASSERT_OK(writeFile(path("t.npy"), npyBytes(Buffer(DType::F32, {1, 1, 128, 128}))));
    const Finished finished = run({"run", path("tile.prototxt"), "--input", "x=" + path("t.npy"), "-o", path("o")});
    EXPECT_EQ(finished.status, 1);
    EXPECT_NE(finished.errors.find("There is not enough memory"), std::string::npos) << finished.errors;
    EXPECT_NE(finished.errors.find("layer 'huge'"), std::string::npos) << finished.errors;
    EXPECT_NE(finished.errors.find("1048576 MiB"), std::string::npos) << finished.errors;
}

TEST_F(CliTest, InterruptionEndsCleanly)
{
    // Enough work that the signal comes in its middle: one file read again and again is not; a large batch of samples is.
    Buffer samples(DType::F32, {100'000, 3, 8, 8});
    QS_ASSERT_OK(writeFile(path("many.npy"), npyBytes(samples)));
    const std::string model = path("net.prototxt"), weights = path("net.caffemodel");
    ASSERT_EQ(run({"config", model, "-w", weights, "-o", path("c.json"), "--batch-num", "100000"}).status, 0);
    const pid_t child = start({"quantize", model, "-w", weights, "-c", path("c.json"), "--npy", path("many.npy"), "-o", path("stopped/m")});
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    ::kill(child, SIGINT);
    const Finished finished = finish(child);
    EXPECT_EQ(finished.status, 130) << finished.errors;
    EXPECT_FALSE(fs::exists(path("stopped")));
}

TEST_F(CliTest, ScalesAreNumbersOneOrOneAChannel)
{
    const std::vector<std::string> common{"compare", path("net.prototxt"), "-w", path("net.caffemodel")};
    const auto with = [&](std::vector<std::string> more) {
        std::vector<std::string> words = common;
        words.insert(words.end(), more.begin(), more.end());
        if (std::find(more.begin(), more.end(), "--npy") == more.end())
            words.insert(words.end(), {"--npy", path("x.npy")});
        return run(words);
    };
    for (const auto& [flag, value] :
         {std::pair{"--scale", "abc"}, {"--scale", "1,2"}, {"--std", "0"}, {"--std", "1,x,3"}, {"--mean", "1,2"}, {"--scale", ""}}) {
        const Finished done = with({flag, value});
        EXPECT_EQ(done.status, 2) << flag << " " << value;
        EXPECT_NE(done.errors.find(flag), std::string::npos) << done.errors;
    }
    const Finished plain = with({});
    EXPECT_EQ(plain.status, 0) << plain.errors;
    EXPECT_NE(plain.errors.find("calibrated on 8 samples"), std::string::npos) << plain.errors;
    EXPECT_NE(with({"--batch", "2"}).errors.find("calibrated on 2 samples"), std::string::npos);
    // Where nobody asks for a number, no more than 32.
    QS_ASSERT_OK(writeFile(path("many.npy"), npyBytes(Buffer::fromFloats({40, 3, 8, 8}, test::randomValues(40 * 192, 6)))));
    EXPECT_NE(with({"--npy", path("many.npy")}).errors.find("calibrated on 32 samples"), std::string::npos);
}

TEST_F(CliTest, ANetworkOfWhichNothingComesIsAFailure)
{
    QS_ASSERT_OK(writeFile(path("none.prototxt"),
                           "layer { name: \"x\" type: \"Input\" top: \"x\" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }\n"
                           "layer { name: \"y\" type: \"Unheard\" bottom: \"x\" top: \"y\" }\n"));
    for (const char* command : {"run", "quantize"}) {
        const Finished done = run({command, path("none.prototxt"), "--npy", path("x.npy"), "--limit", "1", "-o", path("out_of_it")});
        EXPECT_EQ(done.status, 1) << command;
        EXPECT_NE(done.errors.find("'y' (Unheard)"), std::string::npos) << done.errors;
        EXPECT_NE(done.errors.find("--partial"), std::string::npos) << done.errors;
    }
    EXPECT_EQ(run({"run", path("none.prototxt"), "--npy", path("x.npy"), "--limit", "1", "--partial", "-o", path("out_of_it")}).status, 0);
}

TEST_F(CliTest, TheShapeOfAnInputIsGiven)
{
    const Finished given = run({"inspect", path("net.prototxt"), "-w", path("net.caffemodel"), "--json", "--input-shape", "data=1x3x8x8"});
    EXPECT_EQ(given.status, 0) << given.errors;
    EXPECT_EQ(run({"inspect", path("net.prototxt"), "--input-shape", "data=1x0"}).status, 2);
    const Finished unknown = run({"inspect", path("net.prototxt"), "--input-shape", "picture=1x3x8x8"});
    EXPECT_EQ(unknown.status, 1);
    EXPECT_NE(unknown.errors.find("'data'"), std::string::npos) << unknown.errors;
}

}  // namespace qs
