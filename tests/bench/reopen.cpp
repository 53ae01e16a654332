// How long a project takes that is opened again until it shows what was computed before it was saved; and what saving it holds the window.
#include "app/window/shell.h"
#include "core/project/results.h"
#include "tests/bench/application.h"
#include "tests/bench/bench.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>

namespace qs::bench {

void reopenTimes()
{
    const auto models = test::sharedModels();
    if (!models) {
        std::printf("reopen: no shared models\n");
        return;
    }
    const Application app;
    const test::OpenNetwork network = test::openNetworks(*models).front();
    const test::TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "network.qsproj";
    Shell shell(*qApp);
    shell.start();
    Workflow& workflow = shell.workflow();
    const auto settle = [&] {
        for (int i = 0; i < 3; ++i) {
            QCoreApplication::processEvents();
            shell.jobs().waitUntilIdle(600'000);
        }
    };
    workflow.openModel(network.model, network.weights);
    settle();
    workflow.openData(network.data);
    settle();
    workflow.analyse();
    settle();
    if (!shell.session().result().comparison || shell.session().comparisonStale()) {
        std::printf("reopen: %s was not compared\n", network.name.c_str());
        return;
    }
    const int samples = shell.session().result().comparison->samples;
    std::vector<double> saved, shown;
    constexpr int runs = 5;
    for (int run = 0; run < runs; ++run) {
        saved.push_back(milliseconds([&] { workflow.saveProjectAs(file); }));
        shown.push_back(milliseconds([&] {
            workflow.openProject(file);
            // The session is emptied first.
            while (shell.session().result().comparison)
                QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
            while (!shell.session().result().comparison)
                QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        }));
        settle();
    }
    const std::string what = network.name + ", " + std::to_string(samples) + " pictures";
    constexpr double bound = 1000;
    row(what + ": opened again until its figures are shown, ms", median(shown), bound, median(shown) / bound, "< 1 s");
    row(what + ": saved, ms", median(saved), bound, median(saved) / bound, "");
    row(what + ": results beside the project, MB", static_cast<double>(std::filesystem::file_size(resultsPath(file))) / 1e6, 0, 0, "");
    shell.window()->closeQuietly();
}

}  // namespace qs::bench
