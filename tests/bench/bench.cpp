// Speed and memory, as ratios in one run: `bench` prints the table, `bench forward live` two sections of it; `bench --memory N` is a child of it.
// With --onnxruntime FOLDER (or QUANTSCOPE_ONNXRUNTIME) ONNX Runtime is measured, too; where FOLDER has none, npm installs it there. --zoo FOLDER (or
// QUANTSCOPE_ZOO) has networks to run beside it, NAME/model_op13.onnx. --markdown: as a table for the page of figures (README.md here).
#include "tests/bench/bench.h"

#include <unistd.h>
#include <cstdlib>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

int main(int argc, char** argv)
{
    using namespace qs::bench;
    if (argc > 2 && std::string(argv[1]) == "--memory")
        return peakMemory(std::atoi(argv[2]));
    if (argc > 3 && std::string(argv[1]) == "--live-memory")
        return liveMemory(std::atoi(argv[2]), std::atoi(argv[3]));
    const char* chosen = std::getenv("QUANTSCOPE_ONNXRUNTIME");
    std::string runtime = chosen ? chosen : "";
    const char* networks = std::getenv("QUANTSCOPE_ZOO");
    std::string zoo = networks ? networks : "";
    std::vector<std::string> wanted;
    for (int i = 1; i < argc; ++i)
        if (std::string(argv[i]) == "--onnxruntime" && i + 1 < argc)
            runtime = argv[++i];
        else if (std::string(argv[i]) == "--zoo" && i + 1 < argc)
            zoo = argv[++i];
        else if (std::string(argv[i]) == "--markdown")
            asMarkdown() = true;
        else
            wanted.emplace_back(argv[i]);
    const std::pair<const char*, std::function<void()>> sections[] = {
        {"forward", forwardTimes},
        {"onnxruntime", [&] { onnxRuntimeTimes(runtime); }},
        {"neighbour", [&] { neighbourTimes(runtime); }},
        {"zoo", [&] { zooTimes(runtime, zoo); }},
        {"fake-quant", fakeQuantTimes},
        {"calibration", calibrationTimes},
        {"weights", weightTimes},
        {"memory", [&] { memory(argv[0]); }},
        {"live", liveTimes},
        {"diagnose", diagnoseTimes},
        {"sparse", sparseTimes},
        {"live-memory", [&] { liveMemoryRow(argv[0]); }},
        {"window", [&] { windowTimes(argv[0]); }},
        {"edit", editTimes},
        {"reopen", reopenTimes},
    };
    for (const std::string& name : wanted)
        if (std::none_of(std::begin(sections), std::end(sections), [&](const auto& section) { return name == section.first; })) {
            std::fprintf(stderr, "usage: bench [--markdown] [--onnxruntime FOLDER] [--zoo FOLDER] [SECTION...], of");
            for (const auto& [section, run] : sections)
                std::fprintf(stderr, " %s", section);
            std::fprintf(stderr, "\n");
            return 2;
        }
    cells("", "ours", "other", "ratio", "bound");
    if (asMarkdown())
        std::printf("|---|---:|---:|---:|---|\n");
    for (const auto& [section, run] : sections)
        if (wanted.empty() || std::find(wanted.begin(), wanted.end(), section) != wanted.end())
            run();
    return 0;
}
