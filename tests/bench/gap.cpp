// How long the window does not answer while the compute thread works with all processors: the longest time between two turns of the event loop.
#include "app/window/shell.h"
#include "tests/bench/subjects.h"

#include <QAction>
#include <QApplication>
#include <QSettings>

#include <thread>

namespace qs::bench {

namespace {

constexpr double bound = 50;  // ms

/// Until no job runs.
double longestGap(JobRunner& jobs)
{
    using Clock = std::chrono::steady_clock;
    double longest = 0;
    constexpr auto rest = std::chrono::microseconds(500);
    do {
        const auto start = Clock::now();
        QCoreApplication::processEvents(QEventLoop::AllEvents);
        std::this_thread::sleep_for(rest);
        longest = std::max(longest, std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    } while (jobs.busy());
    return longest;
}

}  // namespace

void gapTimes()
{
    // What is asked for, not what follows.
    QSettings().setValue(QStringLiteral("live"), false);
    const Network network = networks().front();
    const auto model = open(network.net, network.weights);
    Shell shell(*qApp);
    shell.window()->resize(1440, 900);
    shell.start();
    constexpr int samples = 32;
    shell.session().setModel(model, network.net, network.weights, createQuantConfig(*model, samples));
    shell.session().setData({}, std::make_shared<Noise>(model->value(model->inputs().front()).shape, samples));
    shell.jobs().warmUp();
    longestGap(shell.jobs());
    for (const auto& [action, what] :
         {std::pair{"calibrate", "a calibration"}, std::pair{"compare", "a comparison"}, std::pair{"sensitivity", "a sweep of sensitivities"}}) {
        std::vector<double> gaps;
        for (int run = 0; run < 3; ++run) {
            shell.window()->action(QLatin1String(action))->trigger();
            gaps.push_back(longestGap(shell.jobs()));
        }
        const double longest = *std::max_element(gaps.begin(), gaps.end());
        row(std::string(network.name) + ", longest gap of the GUI during " + what + ", ms", longest, bound, longest / bound, "< 50 ms");
    }
    shell.window()->closeQuietly();
}

}  // namespace qs::bench
