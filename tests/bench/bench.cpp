// Speed and memory, as ratios in one run: `bench` prints the table; `bench --memory N` is a child of it.
#include "tests/bench/bench.h"

#include <unistd.h>
#include <cstdlib>

#include <string>

int main(int argc, char** argv)
{
    using namespace qs::bench;
    // OpenCV links libgomp, which reads this before main: begin again with what the program itself sets when it opens the engine.
    if (::setenv("GOMP_SPINCOUNT", "2000", 0) == 0 && !std::getenv("QS_BENCH_AGAIN")) {
        ::setenv("QS_BENCH_AGAIN", "1", 1);
        ::execv("/proc/self/exe", argv);
    }
    if (argc > 2 && std::string(argv[1]) == "--memory")
        return peakMemory(std::atoi(argv[2]));
    if (argc > 3 && std::string(argv[1]) == "--live-memory")
        return liveMemory(std::atoi(argv[2]), std::atoi(argv[3]));
    std::printf("%-58s %10s %10s %8s   %s\n", "", "ours", "other", "ratio", "bound");
    forwardTimes();
    calibrationTimes();
    weightTimes();
    memory(argv[0]);
    liveTimes();
    liveMemoryRow(argv[0]);
    windowTimes(argv[0]);
    return 0;
}
