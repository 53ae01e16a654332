// Forward passes against OpenCV dnn in the same process, calibration against forwards, and memory. Without the shared models: the demo only.
#include "tests/bench/mobilenet.h"
#include "tests/bench/subjects.h"

#include <QTemporaryDir>

#include <opencv2/core/utility.hpp>
#include <opencv2/dnn.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>

namespace qs::bench {

namespace {

void run(Evaluator& evaluator, const Forward& forward)
{
    const auto outputs = evaluator.run(forward, {});
    if (!outputs) {
        std::fprintf(stderr, "%s\n", errorText(outputs.error()).c_str());
        std::exit(1);
    }
}

}  // namespace

void forwardTimes()
{
    for (const Network& network : networks()) {
        const auto model = open(network.net, network.weights);
        const Buffer input = noise(model->value(model->inputs().front()).shape, 1);
        cv::dnn::Net other = cv::dnn::readNetFromCaffe(network.net.string(), network.weights.string());
        other.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
        const cv::Mat blob(std::vector<int>(input.shape().begin(), input.shape().end()), CV_32F, const_cast<std::byte*>(input.bytes()));
        for (const int threads : {1, 2}) {
            engine()->setThreads(threads);
            cv::setNumThreads(threads);
            LayerRunner runner(engine(), model);
            Evaluator evaluator(runner);
            Forward forward;
            forward.inputs = {tensorFrom(input, runner.pool())};
            const auto passOfOther = [&] {
                other.setInput(blob);
                std::vector<cv::Mat> outputs;
                other.forward(outputs, other.getUnconnectedOutLayersNames());
            };
            const auto [ours, theirs] =
                *mediansInTurns({.count = 15, .passes = 4, .cold = 1}, passesOf([&] { run(evaluator, forward); }), passesOf(passOfOther));
            row(std::string(network.name) + " forward, ms, " + std::to_string(threads) + " thread(s), vs OpenCV dnn", ours, theirs, ours / theirs,
                "< 1.0");
        }
    }
}

void fakeQuantTimes()
{
    std::vector<std::pair<std::string, std::shared_ptr<const Model>>> subjects;
    for (const Network& network : networks())
        subjects.emplace_back(network.name, open(network.net, network.weights));
    const QTemporaryDir made;
    const fs::path mobilenet = made.filePath(QStringLiteral("mobilenet_v2.onnx")).toStdString();
    if (writeMobileNet(mobilenet))
        subjects.emplace_back("MobileNetV2", open(mobilenet, {}));
    for (const auto& [name, model] : subjects) {
        engine()->setThreads(2);
        const auto prepared = prepareNetwork(model, createQuantConfig(*model, 1));
        const Noise data(model->value(model->inputs().front()).shape, 1);
        const auto calibrated = calibrate(engine(), **prepared, data, {});
        const auto quantized = quantizeNetwork(**prepared, (*calibrated)->record);
        for (const int threads : {1, 2}) {
            engine()->setThreads(threads);
            LayerRunner runner(engine(), (*prepared)->network);
            Evaluator evaluator(runner);
            Forward floating;
            floating.inputs = {tensorFrom(*data.sample(0), runner.pool())};
            Forward fake = floating;
            fake.quantization = &(*quantized)->layers;
            const auto [ours, plain] = medians(
                41, [&] { run(evaluator, fake); }, [&] { run(evaluator, floating); });
            row(name + " fake-quant forward, ms, " + std::to_string(threads) + " thread(s), vs float", ours, plain, ours / plain, "< 1.5");
        }
    }
}

void calibrationTimes()
{
    const Network network = networks().front();
    const auto model = open(network.net, network.weights);
    const auto prepared = prepareNetwork(model, createQuantConfig(*model, 32));
    const Noise data(model->value(model->inputs().front()).shape, 32);
    engine()->setThreads(2);
    LayerRunner runner(engine(), (*prepared)->network);
    Evaluator evaluator(runner);
    const auto [ours, forwards] = medians(
        9,
        [&] {
            if (const auto result = calibrate(engine(), **prepared, data, {}); !result)
                std::fprintf(stderr, "%s\n", errorText(result.error()).c_str());
        },
        [&] {
            for (int i = 0; i < 32; ++i) {
                Forward forward;
                forward.inputs = *inputTensors(*(*prepared)->network, *data.sample(i), "", runner.pool());
                run(evaluator, forward);
            }
        });
    row(std::string(network.name) + " calibration, 32 samples, ms, vs 32 forwards", ours, forwards, ours / forwards, "< 2.0");
}

void weightTimes()
{
    const Network network = networks().front();
    const auto model = open(network.net, network.weights);
    Configuration configuration = createQuantConfig(*model);
    for (auto& [name, layer] : configuration.layers)
        if (layer.weights)
            layer.weights = WeightSetting{
                .algorithm = "snq", .channelWise = layer.weights->channelWise, .bits = 4, .maxIteration = {}, .minDistance = {}, .initAlgorithm = {}};
    const auto prepared = prepareNetwork(model, configuration);
    if (!prepared) {
        std::fprintf(stderr, "%s\n", errorText(prepared.error()).c_str());
        return;
    }
    engine()->setThreads(2);
    std::vector<double> times;
    for (int i = 0; i < 5; ++i)
        times.push_back(milliseconds([&] {
            if (const auto record = weightRecord(**prepared, *(*prepared)->network); !record)
                std::fprintf(stderr, "%s\n", errorText(record.error()).c_str());
        }));
    const double seconds = median(times) / 1000;
    row(std::string(network.name) + " SNQ of all weights, s", seconds, 5, seconds / 5, "< 5 s");
}

int peakMemory(int pictures)
{
    const Network network = networks().front();
    const auto model = open(network.net, network.weights);
    const auto prepared = prepareNetwork(model, createQuantConfig(*model, pictures));
    const Noise data(model->value(model->inputs().front()).shape, pictures);
    if (const auto result = calibrate(engine(), **prepared, data, {}); !result)
        return 1;
    printPeak();
    return 0;
}

void printPeak()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    std::printf("%ld\n", usage.ru_maxrss);
}

double childMebibytes(const std::string& command)
{
    FILE* child = ::popen((command + " | tail -n 1").c_str(), "r");
    long kib = 0;
    if (child && std::fscanf(child, "%ld", &kib) != 1)
        kib = 0;
    if (child)
        ::pclose(child);
    return static_cast<double>(kib) / 1024;
}

void memory(const char* program)
{
    constexpr int fewest = 8;
    constexpr int counts[] = {32, 64, 128};
    const auto peak = [&](int pictures) { return childMebibytes(std::string(program) + " --memory " + std::to_string(pictures)); };
    const double least = peak(fewest);
    for (const int count : counts) {
        const double now = peak(count);
        row("peak memory of a calibration, MiB, " + std::to_string(count) + " vs " + std::to_string(fewest) + " batches of 1", now, least,
            now / least, "< 1.10");
    }
}

}  // namespace qs::bench
