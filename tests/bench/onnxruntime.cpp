// Forward passes against ONNX Runtime, which runs in node beside this process: ours and theirs in turn, so that a drift of the machine meets both.
#include "tests/bench/mobilenet.h"
#include "tests/bench/subjects.h"

#include <QTemporaryDir>

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>

namespace qs::bench {

namespace {

constexpr const char* package = "onnxruntime-node@1.20.1";

/// A node process that answers a number of passes with their times.
class Runtime {
public:
    Runtime(const fs::path& folder, const fs::path& model, int threads, const std::string& shape)
    {
        int down[2], up[2];
        if (::pipe(down) != 0 || ::pipe(up) != 0)
            return;
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, down[0], 0);
        ::posix_spawn_file_actions_adddup2(&actions, up[1], 1);
        for (const int end : {down[0], down[1], up[0], up[1]})
            ::posix_spawn_file_actions_addclose(&actions, end);
        const std::string script = std::string(QS_SOURCE_DIR) + "/tests/bench/onnxruntime.js";
        std::vector<std::string> words{"node", script, folder.string(), model.string(), std::to_string(threads), shape};
        std::vector<char*> arguments;
        arguments.reserve(words.size() + 1);
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        if (::posix_spawnp(&m_process, "node", &actions, nullptr, arguments.data(), environ) != 0)
            m_process = 0;
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(down[0]);
        ::close(up[1]);
        m_to = ::fdopen(down[1], "w");
        m_from = ::fdopen(up[0], "r");
        m_ready = m_process != 0 && line() == "ready";
    }
    ~Runtime()
    {
        if (m_to)
            ::fclose(m_to);
        if (m_from)
            ::fclose(m_from);
        if (m_process)
            ::waitpid(m_process, nullptr, 0);
    }
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;
    bool ready() const { return m_ready; }
    std::vector<double> passes(int count)
    {
        std::fprintf(m_to, "%d\n", count);
        std::fflush(m_to);
        std::istringstream words(line());
        std::vector<double> times;
        for (double time = 0; words >> time;)
            times.push_back(time);
        return times;
    }

private:
    std::string line()
    {
        std::string text;
        for (int c = std::fgetc(m_from); c != EOF && c != '\n'; c = std::fgetc(m_from))
            text += static_cast<char>(c);
        return text;
    }

    pid_t m_process = 0;
    std::FILE* m_to = nullptr;
    std::FILE* m_from = nullptr;
    bool m_ready = false;
};

/// The package is there, or could be installed there.
bool install(const fs::path& folder)
{
    if (folder.empty() || std::system("node --version > /dev/null 2>&1") != 0)
        return false;
    const fs::path wanted = folder / "node_modules" / "onnxruntime-node";
    std::error_code failed;
    if (!fs::exists(wanted, failed)) {
        fs::create_directories(folder, failed);
        const std::string command = "npm install --ignore-scripts --no-audit --no-fund --prefix '" + folder.string() + "' " + package + " >&2";
        if (std::system(command.c_str()) != 0)
            return false;
    }
    return fs::exists(wanted, failed);
}

std::string sizes(const Shape& shape)
{
    std::string text = "1";
    for (size_t i = 1; i < shape.size(); ++i)
        text += "x" + std::to_string(shape[i]);
    return text;
}

/// Passes of both in turns. Nothing, with a word why on stderr, where one of them cannot run the network.
std::optional<std::pair<double, double>> timesOf(const fs::path& folder, const fs::path& file, int threads, const Turns& turns)
{
    const auto model = importModel({file, {}});
    if (!model) {
        std::fprintf(stderr, "%s\n", errorText(model.error()).c_str());
        return std::nullopt;
    }
    const Shape& shape = (*model)->value((*model)->inputs().front()).shape;
    Runtime other(folder, file, threads, sizes(shape));
    if (!other.ready())
        return std::nullopt;
    engine()->setThreads(threads);
    LayerRunner runner(engine(), *model);
    Evaluator evaluator(runner);
    Forward forward;
    forward.inputs = {tensorFrom(noise(shape, 1), runner.pool())};
    const auto pass = [&] {
        const auto outputs = evaluator.run(forward, {});
        if (!outputs || outputs->front().empty()) {
            std::fprintf(stderr, "%s: %s\n", file.c_str(), outputs ? "its output is not run" : errorText(outputs.error()).c_str());
            std::exit(1);
        }
    };
    const auto found = mediansInTurns(turns, passesOf(pass), [&other](int count) { return other.passes(count); });
    if (!found)
        std::fprintf(stderr, "%s: ONNX Runtime has ended\n", file.c_str());
    return found;
}

/// Enough turns for some ten seconds: what else runs on the machine takes a processor away, or its share of memory, for some of them.
constexpr Turns manyTurns{.count = 72, .passes = 8, .cold = 2};

std::string rowName(const std::string& name, int threads)
{
    return name + " forward, ms, " + std::to_string(threads) + " thread(s), vs ONNX Runtime";
}

void compareWith(const fs::path& folder, const std::string& name, const fs::path& file, bool installed)
{
    for (const int threads : {1, 2}) {
        const auto found = installed && fs::exists(file) ? timesOf(folder, file, threads, manyTurns) : std::nullopt;
        if (found)
            row(rowName(name, threads), found->first, found->second, found->first / found->second, "< 0.95");
        else
            missingRow(rowName(name, threads), "< 0.95");
    }
}

/// A process that computes for as long as this lives, on whichever processor it is given.
class Neighbour {
public:
    Neighbour() : m_process(::fork())
    {
        if (m_process == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (std::atomic<unsigned> i = 0;;)
                i.fetch_add(1, std::memory_order_relaxed);
        }
    }
    ~Neighbour()
    {
        ::kill(m_process, SIGKILL);
        ::waitpid(m_process, nullptr, 0);
    }
    Neighbour(const Neighbour&) = delete;
    Neighbour& operator=(const Neighbour&) = delete;

private:
    pid_t m_process;
};

/// ONNX networks to measure: the three that the engine was tuned on.
struct Tuned {
    const char* name;
    fs::path file;
};

std::vector<Tuned> tunedNetworks(const QTemporaryDir& made)
{
    const fs::path mobilenet = made.filePath(QStringLiteral("mobilenet_v2.onnx")).toStdString();
    if (!writeMobileNet(mobilenet))
        std::fprintf(stderr, "%s cannot be written\n", mobilenet.c_str());
    const auto models = test::sharedModels();
    const fs::path none;
    return {{"SqueezeNet 1.1 (224)", models ? *models / "onnx-squeezenet11-f32/squeezenet1.1_f32_from_f16.onnx" : none},
            {"ultraface RFB-320", models ? *models / "onnx-ultraface/version-RFB-320_simplified.onnx" : none},
            {"MobileNetV2", mobilenet}};
}

}  // namespace

void onnxRuntimeTimes(const std::string& folder)
{
    const bool installed = install(folder);
    const QTemporaryDir made;
    for (const auto& [name, file] : tunedNetworks(made))
        compareWith(folder, name, file, installed);
}

void neighbourTimes(const std::string& folder)
{
    const bool installed = install(folder);
    const QTemporaryDir made;
    const Neighbour busy;
    for (const auto& [name, file] : tunedNetworks(made)) {
        const std::string what = std::string(name) + " beside a busy process, ms, 2 threads, vs ";
        const auto two = installed && fs::exists(file) ? timesOf(folder, file, 2, manyTurns) : std::nullopt;
        const auto one = two ? timesOf(folder, file, 1, manyTurns) : std::nullopt;
        if (!one) {
            missingRow(what + "1", "< 1.3");
            missingRow(what + "ONNX Runtime", "< 1.0");
            continue;
        }
        row(what + "1", two->first, one->first, two->first / one->first, "< 1.3");
        row(what + "ONNX Runtime", two->first, two->second, two->first / two->second, "< 1.0");
    }
}

void zooTimes(const std::string& folder, const std::string& zoo)
{
    const bool installed = install(folder);
    std::vector<fs::path> files;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(zoo, failed))
        if (const fs::path file = entry.path() / "model_op13.onnx"; fs::exists(file, failed))
            files.push_back(file);
    std::sort(files.begin(), files.end());
    if (!installed || files.empty())
        return missingRow("networks of $QUANTSCOPE_ZOO, vs ONNX Runtime", "< 1.1");
    for (const int threads : {1, 2}) {
        double logarithms = 0;
        int count = 0;
        for (const fs::path& file : files) {
            const std::string name = file.parent_path().filename().string();
            const auto found = timesOf(folder, file, threads, {.count = 9, .passes = 6, .cold = 2});
            if (!found) {
                missingRow(rowName(name, threads), "< 1.5");
                continue;
            }
            row(rowName(name, threads), found->first, found->second, found->first / found->second, "< 1.5");
            logarithms += std::log(found->first / found->second);
            ++count;
        }
        if (count > 0) {
            const double mean = std::exp(logarithms / count);
            row("geometric mean of " + std::to_string(count) + ", " + std::to_string(threads) + " thread(s)", mean, 1, mean, "< 1.1");
        }
    }
}

}  // namespace qs::bench
