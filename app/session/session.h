// Everything the window shows: the document (model, data, configuration), what was computed from it, and the selection.
// Settings change through undo commands only; every change ends in one coarse signal.
#pragma once

#include "core/jobs/freshness.h"
#include "core/jobs/spec.h"
#include "core/project/project.h"
#include "core/targets/target.h"

#include <QObject>
#include <QStringList>
#include <QUndoStack>

#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace qs {

/// What the target's rules say, with what it was found for.
struct Checked {
    std::vector<CheckResult> results;
    std::shared_ptr<const PreparedNetwork> prepared;
    int recordSerial = 0;
};

class Branches;

class Session : public QObject {
    Q_OBJECT

public:
    explicit Session(QObject* parent = nullptr);
    ~Session() override;

    // The document.
    const std::shared_ptr<const Model>& model() const { return m_model; }
    const std::filesystem::path& modelPath() const { return m_modelPath; }
    const std::filesystem::path& weightsPath() const { return m_weightsPath; }
    /// The user's description of layers of their own, for every Caffe network that is opened; empty: none.
    const std::filesystem::path& customProto() const { return m_customProto; }
    /// What the network is quantized for. A name that is no target's (a later program's) stays in the configuration.
    const Target& target() const { return targetOf(m_present.configuration); }
    /// Of inputs whose size the file leaves open, as the user gave it; gone with the network.
    const std::map<std::string, Shape>& inputShapes() const { return m_inputShapes; }
    void setInputShapes(std::map<std::string, Shape> shapes);
    const Configuration& configuration() const { return m_present.configuration; }
    const std::optional<DataSpec>& dataSpec() const { return m_dataSpec; }
    const std::shared_ptr<const DataSet>& data() const { return m_data; }
    const std::vector<std::string>& classNames() const { return m_classNames; }
    const std::filesystem::path& projectPath() const { return m_projectPath; }
    QUndoStack& undoStack() { return m_undo; }
    bool modified() const;
    Branches& branches() const { return *m_branches; }

    void setModel(std::shared_ptr<const Model> model, std::filesystem::path path, std::filesystem::path weights, Configuration configuration);
    /// `edited`: the document is another than the saved one now.
    void setData(DataSpec spec, std::shared_ptr<const DataSet> data, bool edited = true);
    /// The samples that the calibration may take: found when first asked for, for many samples it takes longer than an edit may.
    const std::shared_ptr<const DataSet>& calibratable() const;
    /// Samples that are left out of what is compared, by sampleKeys(). What was compared is stale then.
    void setNotEvaluated(std::vector<std::string> keys);
    void setClassNames(std::filesystem::path path, std::vector<std::string> names);
    void setCustomProto(std::filesystem::path path);
    void setProjectPath(std::filesystem::path path);
    void markSaved();
    /// By commands only.
    void setConfiguration(Configuration configuration);
    /// By Branches only: the present branch's content goes out, another's comes in.
    void swapContent(BranchContent& other);
    /// Ends in one signal, whatever is done inside.
    void asOne(const std::function<void()>& change);
    /// The document is another than the saved one in a way that undo does not know of.
    void noteChange();

    // What was computed.
    /// What a job needs of all this: it runs on another thread while the settings go on.
    Spec spec() const;
    const std::shared_ptr<const PreparedNetwork>& prepared() const { return m_present.prepared; }
    bool preparedIsFresh() const { return now().prepared; }
    const std::optional<QuantRecord>& record() const { return m_present.record; }
    int recordSerial() const { return m_present.recordSerial; }
    /// Of one layer, with limits by hand; nothing where it has none. Of the settings that were calibrated until the present ones are prepared.
    std::optional<LayerFactors> factors(LayerId layer) const;
    int dataSerial() const { return m_dataSerial; }
    const std::shared_ptr<const Calibration>& calibration() const { return m_present.calibration; }
    /// A setting that calibration depends on has changed since the factors were found.
    bool calibrationStale() const { return now().calibrationStale; }
    /// The factors are not of these settings, and what the last calibration saw answers for them (core's solveAgain): not after a change of
    /// fusion or batch_num, and not with update_bn, whose statistics need the data.
    bool solvable() const { return now().solvable; }
    const ComparisonResult& result() const { return m_present.result; }
    /// The last result whose comparison has histograms: a live one has none.
    const ComparisonResult& histograms() const { return m_present.histograms; }
    bool histogramsStale() const { return now().histogramsStale; }
    bool comparisonStale() const { return now().comparisonStale; }
    /// The newest knowledge about what happens to each layer of the model; empty: none yet.
    const ById<LayerId, Effective>& effective() const;
    NextStep nextStep() const { return now().next; }

    void setPrepared(std::shared_ptr<const PreparedNetwork> prepared);
    void setCalibration(std::shared_ptr<const Calibration> calibration, Configuration configuration);
    /// Factors from elsewhere: the last calibration does not answer for them.
    void setRecord(QuantRecord record, Configuration configuration);
    /// Factors solved again from the calibration that there is.
    void setSolved(QuantRecord record, Configuration configuration);
    /// The factors come from `calibration`, not from a file.
    bool recordIsCalibrated() const { return m_present.recordIsCalibrated; }
    const Configuration& recordConfiguration() const { return m_present.recordConfiguration; }
    void setResult(ComparisonResult result);
    /// Without the signal: Diagnoser tells those who show it.
    void setDiagnosis(DiagnosisResult diagnosis) { m_present.diagnosis = std::move(diagnosis); }
    const BranchContent& content() const { return m_present; }
    /// What was computed before the project was saved (project/results.h); `stale`: of other data, or by another program.
    void restore(BranchContent content, bool stale);
    /// Of the present network and target; from earlier settings until those of the present ones have come. Empty: none, or not known yet.
    std::span<const CheckResult> checks() const;
    bool checksAreFresh() const
    {
        return m_checked.prepared && m_checked.prepared == m_present.prepared && m_checked.recordSerial == m_present.recordSerial;
    }
    void setChecked(Checked checked);

    // The selection.
    const QStringList& selection() const { return m_selection; }
    QString selectedLayer() const { return m_selection.isEmpty() ? QString() : m_selection.front(); }
    LayerId selectedId() const;
    void setSelection(const QStringList& layers);

    // Messages.
    void log(const QString& text);
    const QStringList& logLines() const { return m_log; }

    Project toProject() const;
    quint64 revision() const { return m_revision; }
    /// The least similar quantized layer of the comparison; empty without one.
    QString worstLayer() const;

Q_SIGNALS:
    void changed(quint64 revision);
    void selectionChanged();
    void logged(const QString& line);

private:
    struct Implied;
    /// `known`: of what is implied, what holds after the change.
    void touch(Implied known = {});
    void forgetResults();
    void putRecord(QuantRecord record, Configuration configuration);
    Ground ground() const { return {m_model, m_data != nullptr, m_dataSerial}; }
    const BranchFreshness& now() const;

    /// What the state implies, found when first asked for: each is a walk over all layers, and every view asks after every change.
    struct Implied {
        std::optional<BranchFreshness> freshness;
        std::shared_ptr<const ById<LayerId, Effective>> effective;
    };
    mutable Implied m_implied;
    struct Calibratable {
        std::shared_ptr<const DataSet> of;
        std::vector<std::string> without;
        std::shared_ptr<const DataSet> data;
    };
    mutable Calibratable m_calibratable;
    std::filesystem::path m_modelPath;
    std::filesystem::path m_weightsPath;
    std::filesystem::path m_projectPath;
    std::filesystem::path m_customProto;
    std::map<std::string, Shape> m_inputShapes;
    std::shared_ptr<const Model> m_model;
    std::optional<DataSpec> m_dataSpec;
    std::shared_ptr<const DataSet> m_opened;
    std::shared_ptr<const DataSet> m_data;  ///< the same, with the specification's notEvaluated
    std::filesystem::path m_classNamesPath;
    std::vector<std::string> m_classNames;
    BranchContent m_present;  ///< of the present branch
    Checked m_checked;
    int m_lastSerial = 0;  ///< never given twice: factors of two branches are two
    int m_dataSerial = 0;
    int m_asOne = 0;
    bool m_documentChanged = false;
    QStringList m_selection;
    QStringList m_log;
    QUndoStack m_undo;
    std::unique_ptr<Branches> m_branches;
    quint64 m_revision = 0;
};

}  // namespace qs
