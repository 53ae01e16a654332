// Timing for the bench: medians of several runs; ratios are taken within one run of the program.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace qs::bench {

inline double milliseconds(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Medians of two kinds of work run in turn, so that a drift of the machine's speed meets both.
inline std::pair<double, double> medians(int runs, const std::function<void()>& first, const std::function<void()>& second)
{
    std::vector<double> a, b;
    first();
    second();
    for (int i = 0; i < runs; ++i) {
        a.push_back(milliseconds(first));
        b.push_back(milliseconds(second));
    }
    return {median(a), median(b)};
}

/// Runs something so many times; the times in milliseconds, fewer where it has ended.
using Passes = std::function<std::vector<double>(int count)>;

inline Passes passesOf(std::function<void()> work)
{
    return [work = std::move(work)](int count) {
        std::vector<double> times;
        for (int i = 0; i < count; ++i)
            times.push_back(milliseconds(work));
        return times;
    };
}

/// How two that have threads of their own are run.
struct Turns {
    int count;   ///< the first one is not counted
    int passes;  ///< of a turn
    int cold;    ///< the first ones of a turn, which find the other's data in the processor's caches and its threads still spinning
};

/// Their medians, in turns, each after a pause in which the other's threads go to sleep: ONNX Runtime's spin for 30 to 40 ms after a pass, on
/// processors that the next turn needs. Nothing where one of them ended.
inline std::optional<std::pair<double, double>> mediansInTurns(const Turns& turns, const Passes& first, const Passes& second)
{
    std::vector<double> a, b;
    for (int turn = 0; turn < turns.count; ++turn)
        for (const bool other : {false, true}) {
            std::this_thread::sleep_for(std::chrono::milliseconds(60));
            const std::vector<double> times = (other ? second : first)(turns.passes);
            if (static_cast<int>(times.size()) != turns.passes)
                return std::nullopt;
            if (turn > 0)
                (other ? b : a).insert((other ? b : a).end(), times.begin() + turns.cold, times.end());
        }
    return std::pair(median(a), median(b));
}

/// Rows as a table of Markdown, for the page of figures, instead of one for the terminal.
inline bool& asMarkdown()
{
    static bool markdown = false;
    return markdown;
}

inline void cells(const std::string& what, const std::string& ours, const std::string& other, const std::string& ratio, const std::string& bound)
{
    std::printf(asMarkdown() ? "| %s | %s | %s | %s | %s |\n" : "%-58s %10s %10s %8s   %s\n", what.c_str(), ours.c_str(), other.c_str(),
                ratio.c_str(), bound.c_str());
    std::fflush(stdout);
}

/// One row of the table: what, ours, theirs, ratio and the bound that is asked for.
inline void row(const std::string& what, double ours, double other, double ratio, const std::string& bound)
{
    const auto text = [](const char* form, double value) {
        char buffer[64];
        std::snprintf(buffer, sizeof buffer, form, value);
        return std::string(buffer);
    };
    cells(what, text("%.2f", ours), text("%.2f", other), text("%.3f", ratio), bound);
}

/// A row whose other side is not here.
inline void missingRow(const std::string& what, const std::string& bound)
{
    cells(what, "", "", "", "not measured (" + bound + ")");
}

/// Peak memory of this process in KiB, and what a command printed last as such, in MiB.
void printPeak();
double childMebibytes(const std::string& command);

void forwardTimes();
/// `folder`: where onnxruntime-node is, or is to be installed; empty: not measured.
void onnxRuntimeTimes(const std::string& folder);
/// The same beside a process that keeps a processor busy.
void neighbourTimes(const std::string& folder);
/// `zoo`: a folder of folders with a model_op13.onnx each.
void zooTimes(const std::string& folder, const std::string& zoo);
void fakeQuantTimes();
void calibrationTimes();
void weightTimes();
/// One measurement in a process of its own: prints its peak memory in KiB.
int peakMemory(int pictures);
void memory(const char* program);
void liveTimes();
void diagnoseTimes();
void sparseTimes();
/// One measurement in a process of its own: a live comparison over so many samples under this budget in MiB; prints its peak memory in KiB.
int liveMemory(int pictures, int budget);
void liveMemoryRow(const char* program);
void windowTimes(const char* program);
/// Needs the application.
void gapTimes();
void editTimes();
void reopenTimes();

}  // namespace qs::bench
