// Timing for the bench: medians of several runs; ratios are taken within one run of the program.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
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

/// The same for two that have threads of their own: in turns of some passes, each after a pause in which the other's threads go to sleep.
inline std::pair<double, double> mediansInTurns(int turns, const std::function<void()>& first, const std::function<void()>& second)
{
    constexpr int passes = 4;
    std::vector<double> a, b;
    for (int turn = 0; turn < turns; ++turn)
        for (const bool other : {false, true}) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            // The first pass of a turn finds the other's data in the processor's caches.
            (other ? second : first)();
            for (int i = 1; i < passes; ++i)
                (other ? b : a).push_back(milliseconds(other ? second : first));
        }
    return {median(a), median(b)};
}

/// One row of the table: what, ours, theirs, ratio and the bound that the issue asks for.
inline void row(const std::string& what, double ours, double other, double ratio, const std::string& bound)
{
    std::printf("%-58s %10.2f %10.2f %8.3f   %s\n", what.c_str(), ours, other, ratio, bound.c_str());
    std::fflush(stdout);
}

/// A row whose other side is not here.
inline void missingRow(const std::string& what, const std::string& bound)
{
    std::printf("%-58s %10s %10s %8s   %s\n", what.c_str(), "", "", "", ("not measured (" + bound + ")").c_str());
}

/// Peak memory of this process in KiB, and what a command printed last as such, in MiB.
void printPeak();
double childMebibytes(const std::string& command);

void forwardTimes();
/// `folder`: where onnxruntime-node is, or is to be installed; empty: not measured.
void onnxRuntimeTimes(const std::string& folder);
void fakeQuantTimes();
void calibrationTimes();
void weightTimes();
/// One measurement in a process of its own: prints its peak memory in KiB.
int peakMemory(int pictures);
void memory(const char* program);
void liveTimes();
/// One measurement in a process of its own: a live comparison over so many samples under this budget in MiB; prints its peak memory in KiB.
int liveMemory(int pictures, int budget);
void liveMemoryRow(const char* program);
void windowTimes(const char* program);
/// Needs the application.
void gapTimes();

}  // namespace qs::bench
