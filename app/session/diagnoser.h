// Diagnosis in the window: by branch, with the remedies that were tried for its layers.
#pragma once

#include "app/session/live.h"
#include "core/jobs/remedies.h"
#include "core/report/report.h"

#include <map>

namespace qs {

/// What was tried for a layer, under these settings.
struct TriedRemedies {
    LayerRemedies remedies;
    Configuration configuration;
};

/// A diagnosis with what it was computed from.
struct DiagnosisResult {
    std::shared_ptr<const Diagnosis> diagnosis;
    Configuration configuration;
    int recordSerial = 0;
    int dataSerial = 0;
    std::map<QString, TriedRemedies> remedies;  ///< by layer
};

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
    std::weak_ptr<const Model> m_model;        ///< that the results are of
    std::map<int, DiagnosisResult> m_results;  ///< by branch
};

}  // namespace qs
