// The program without its window: session, jobs, workflow, with the built-in demo or a toy network in it.
#pragma once

#include "app/session/diagnoser.h"
#include "app/session/live.h"
#include "app/session/searcher.h"
#include "app/session/shared_rows.h"
#include "app/session/turns.h"
#include "app/views/view.h"
#include "tests/support/toy_model.h"

#include <QCoreApplication>
#include <QSettings>

namespace qs {

struct TestBench {
    Session session;
    JobRunner jobs;
    Workflow workflow{session, jobs};
    SampleProbe probe{workflow};
    Live live{workflow};
    Searcher searcher{workflow, live};
    Diagnoser diagnoser{workflow, live};
    SharedRows rows{session, live};
    Turns turns;
    Workbench parts{session, jobs, workflow, probe, live, searcher, diagnoser, rows, turns};

    /// Nothing follows the settings by itself unless a test asks for it.
    TestBench()
    {
        QSettings().clear();
        live.setEnabled(false);
    }
    /// Until jobs and what follows from them are done.
    void settle()
    {
        for (int i = 0; i < 5; ++i) {
            QCoreApplication::processEvents();
            jobs.waitUntilIdle(60000);
            turns.finish();
        }
    }
    void openToy()
    {
        const auto model = toyModel();
        session.setModel(model, "/tmp/toy.prototxt", {}, createQuantConfig(*model));
        settle();
    }
    /// With the first 32 of its pictures.
    void openDemo()
    {
        workflow.openProject(Workflow::demoFolder() / "demo.qsproj");
        settle();
        DataSpec spec = *session.dataSpec();
        spec.limit = 32;
        workflow.openData(spec, false);
        settle();
    }
};

}  // namespace qs
