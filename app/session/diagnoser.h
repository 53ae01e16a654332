// Diagnosis in the window: by branch, with the remedies that were tried for its layers.
#pragma once

#include "app/session/live.h"
#include "core/jobs/remedies.h"

#include <map>

namespace qs {

/// What was tried for one layer.
struct LayerRemedies {
    RemedyResult before;                ///< the settings as they are
    std::vector<RemedyResult> results;  ///< best first
    int wanted = 0;                     ///< more than there are while they are being tried
};

/// A diagnosis with what it was computed from.
struct DiagnosisResult {
    std::shared_ptr<const Diagnosis> diagnosis;
    Configuration configuration;
    int recordSerial = 0;
    int dataSerial = 0;
    std::map<QString, LayerRemedies> remedies;  ///< by layer
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
