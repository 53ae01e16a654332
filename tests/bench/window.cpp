// First paint against an empty Qt window, layout of a large network, and the time of a frame.
#include "tests/bench/application.h"
#include "tests/bench/bench.h"
#include "tests/support/synthetic_graph.h"
#include "widgets/graph/graph_view.h"

#include <QImage>

#include <cstdlib>
#include <ctime>
#include <filesystem>

namespace qs::bench {

namespace {

/// From the start of the process to its first paint, which it prints as monotonic milliseconds.
double firstPaint(const std::string& command)
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const double start = static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
    FILE* child = ::popen(command.c_str(), "r");
    double painted = 0;
    if (!child || std::fscanf(child, "%lf", &painted) != 1)
        std::fprintf(stderr, "no first paint from %s\n", command.c_str());
    if (child)
        ::pclose(child);
    return painted - start;
}

double frameTime(GraphView& view, QImage& image)
{
    std::vector<double> times;
    for (int i = 0; i < 21; ++i)
        times.push_back(milliseconds([&] { view.render(&image); }));
    return median(times);
}

/// 10,000 layers in 500 blocks of 20, in 25 of 20.
void blockTimes(const SyntheticGraph& graph)
{
    GraphScene scene = sceneOf(graph);
    addSyntheticBlocks(scene, 20);
    GraphView view;
    view.resize(1600, 1000);
    view.setScene(std::move(scene));
    QImage image(view.size(), QImage::Format_RGB32);
    view.openAll();
    view.zoomFit();
    const double frame = frameTime(view, image);
    row("frame of 10,000 nodes in open blocks at fit-all, ms", frame, 16, frame / 16, "< 16 ms");
    const QString outer = view.scene().blocks.front().name;
    const auto opening = [&] {
        std::vector<double> times;
        for (int i = 0; i < 11; ++i) {
            view.closeBlock(outer);
            times.push_back(milliseconds([&] { view.openBlock(outer); }));
        }
        return median(times);
    };
    const double among = opening();
    row("opening one block of 400, all others open, ms", among, 100, among / 100, "< 100 ms");
    view.setOpenBlocks(std::nullopt);
    const double alone = opening();
    row("opening one block of 400, as the window starts, ms", alone, 100, alone / 100, "< 100 ms");
}

}  // namespace

void windowTimes(const char* program)
{
    ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
    const std::filesystem::path folder = std::filesystem::path(program).parent_path();
    std::vector<double> ours, empty;
    for (int i = 0; i < 11; ++i) {
        empty.push_back(firstPaint((folder / "bench_empty_window").string()));
        ours.push_back(firstPaint((folder / "quantscope").string() + " --quit-after-paint"));
    }
    row("first paint, ms from process start, vs an empty Qt window", median(ours), median(empty), median(ours) / median(empty), "< 5");

    const Application app;
    gapTimes();
    const SyntheticGraph graph = syntheticNetwork(10'000);
    std::vector<double> layouts;
    for (int i = 0; i < 7; ++i)
        layouts.push_back(milliseconds([&] { layoutGraph(graph.nodes, graph.edges); }));
    row("layout of 10,000 nodes, ms", median(layouts), 60, median(layouts) / 60, "< 60 ms");
    GraphView view;
    view.resize(1600, 1000);
    view.setScene(sceneOf(graph));
    QImage image(view.size(), QImage::Format_RGB32);
    view.zoomFit();
    const double fit = frameTime(view, image);
    row("frame of 10,000 nodes at fit-all, 1600x1000, ms", fit, 16, fit / 16, "< 16 ms");
    view.zoomTo(1);
    const double full = frameTime(view, image);
    row("frame of 10,000 nodes at 100 %, 1600x1000, ms", full, 16, full / 16, "< 16 ms");
    blockTimes(graph);
}

}  // namespace qs::bench
