// The live bench: after every edit the comparison is brought up to date in the background, as far as it changes, and the sensitivities are kept.
#pragma once

#include "app/session/workflow.h"
#include "core/jobs/live_bench.h"
#include "core/jobs/sensitivity.h"

namespace qs {

/// A sensitivity with what it was computed from.
struct SensitivityResult {
    std::shared_ptr<const Sensitivity> sensitivity;
    std::shared_ptr<const Model> model;
    Configuration configuration;
    int recordSerial = 0;
    int dataSerial = 0;
};

class Live : public QObject {
    Q_OBJECT

public:
    explicit Live(Workflow& workflow, QObject* parent = nullptr);

    /// Once a comparison exists, it follows the settings. Remembered.
    bool enabled() const { return m_enabled; }
    void setEnabled(bool on);
    /// Bytes of values that are kept, and how many may be: a quarter of memory unless it was set. Remembered.
    size_t cacheBytes() const { return m_cache->bytes(); }
    size_t cacheBudget() const { return m_cache->budget(); }
    void setCacheBudget(size_t bytes);
    const std::shared_ptr<ValueCache>& cache() const { return m_cache; }

    /// Figures that are stale become fresh without being asked for.
    bool follows() const { return m_enabled && m_session.result().comparison && !(m_failed == state()); }

    void runSensitivity();
    /// Of the present network, maybe of other settings; empty: there is none.
    const SensitivityResult& sensitivity() const { return m_sensitivity; }
    bool sensitivityStale() const;

Q_SIGNALS:
    void changed();

private:
    /// What a comparison is of.
    struct State {
        std::shared_ptr<const PreparedNetwork> prepared;
        std::shared_ptr<const DataSet> data;
        int recordSerial = 0;
        int dataSerial = 0;
        bool operator==(const State&) const = default;
    };
    struct Answer {
        std::shared_ptr<const Comparison> comparison;
        std::shared_ptr<const QuantizedNetwork> quantized;
    };
    State state() const;
    bool canFollow() const;
    void follow();
    /// What is kept of another network's values.
    void forget();
    void start(int most);
    void take(const State& state, Answer answer);

    Workflow& m_workflow;
    Session& m_session;
    JobRunner& m_jobs;
    bool m_enabled = true;
    std::shared_ptr<ValueCache> m_cache;
    /// Made and used on the compute thread.
    struct Bench {
        std::unique_ptr<LiveBench> live;
        State state;  ///< that it is in
    };
    std::shared_ptr<Bench> m_bench = std::make_shared<Bench>();
    std::optional<State> m_following;
    std::optional<State> m_failed;
    int m_slice = 16;  ///< samples beyond the subset that a job takes on
    SensitivityResult m_sensitivity;
    std::weak_ptr<const Model> m_model;  ///< whose values are kept
};

}  // namespace qs
