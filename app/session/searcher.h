// The automatic search: runs in the background, pauses, goes on after a restart, and its points can be applied.
#pragma once

#include "app/session/live.h"
#include "core/jobs/search.h"
#include "core/report/report.h"

namespace qs {

class Searcher : public QObject {
    Q_OBJECT

public:
    Searcher(Workflow& workflow, Live& live, QObject* parent = nullptr);

    /// Begins, or goes on where a search for the same was stopped, this day or another.
    void start(const SearchGoal& goal, int samples);
    /// Stops after what is being run; start() goes on.
    void pause();
    /// Forgets what a search for the same has found.
    void forget(const SearchGoal& goal, int samples);
    bool running() const;
    /// Null until there is one.
    const std::shared_ptr<const SearchResult>& result() const { return m_result; }
    const SearchGoal& goal() const { return m_goal; }
    /// Network or data are others than those that were searched.
    bool stale() const;
    /// The front for a report: none when it is another network's.
    std::vector<ReportedPoint> front() const;
    const QString& error() const { return m_error; }
    /// The base configuration with the point's moves, as one undoable command.
    void apply(size_t point);

Q_SIGNALS:
    void changed();

private:
    bool ready() const;
    /// Of a search that is ready.
    QString journalFor(const SearchGoal& goal, int samples) const;

    Session& m_session;
    JobRunner& m_jobs;
    Live& m_live;
    SearchGoal m_goal;
    std::shared_ptr<const SearchResult> m_result;
    std::shared_ptr<const Model> m_model;
    Configuration m_base;
    int m_dataSerial = 0;
    QString m_error;
};

}  // namespace qs
