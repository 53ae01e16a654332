// Diagnosis in the window: of a branch, whose content keeps it, with the remedies that were tried for its layers.
#pragma once

#include "app/session/live.h"
#include "core/report/report.h"

namespace qs {

class Diagnoser : public QObject {
    Q_OBJECT

public:
    Diagnoser(Workflow& workflow, Live& live, QObject* parent = nullptr);

    /// Factors, data and a prepared network are there.
    bool ready() const;
    /// In the background; what was tried for its layers is forgotten.
    void run();
    bool running() const;
    /// The present branch's, maybe of other settings.
    const DiagnosisResult& result() const;
    bool stale() const;

    /// Why no remedy can be tried for the layer now; empty: they can.
    QString cannotTry(const QString& layer) const;
    /// In the background, one after the other.
    void tryRemedies(const QString& layer);
    bool trying() const;
    /// Whether what was tried for the layer is of the present settings: what is not would undo what was changed since.
    bool canApply(const QString& layer) const;
    /// The worst layers for a report; none where the diagnosis is of other settings.
    std::vector<DiagnosisLine> reported() const;
    /// The setting of one that was tried, as one undoable step; `branch` not empty: on a branch of that name, which is made.
    void apply(const QString& layer, size_t remedy, const QString& branch = {});

Q_SIGNALS:
    void changed();

private:
    Session& m_session;
    JobRunner& m_jobs;
    Live& m_live;
};

}  // namespace qs
