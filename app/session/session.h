// Everything the window shows: the document (model, data, configuration), what was computed from it, and the selection.
// Settings change through undo commands only; every change ends in one coarse signal.
#pragma once

#include "core/analysis/compare.h"
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

enum class NextStep : uint8_t { Open, Data, Calibrate, Compare, Export };

/// A comparison with what it was computed from: compared by value to know whether it still holds.
struct ComparisonResult {
    std::shared_ptr<const Comparison> comparison;
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;
    int recordSerial = 0;
    int dataSerial = 0;

    bool staleFor(int record, int data, const Configuration& configuration) const
    {
        return comparison && (record != recordSerial || data != dataSerial || !sameSettings(prepared->configuration, configuration));
    }
};

/// What belongs to one branch: its settings, its factors and what was computed with them.
struct BranchContent {
    Configuration configuration;
    std::shared_ptr<const PreparedNetwork> prepared;
    std::optional<QuantRecord> record;
    int recordSerial = 0;
    bool recordIsCalibrated = false;
    Configuration recordConfiguration;
    std::shared_ptr<const Calibration> calibration;
    Configuration calibrationConfiguration;
    std::optional<Configuration> solvedFor;
    ComparisonResult result;
    ComparisonResult histograms;
};

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
    const Target& target() const { return targetOf(m_configuration); }
    /// Of inputs whose size the file leaves open, as the user gave it; gone with the network.
    const std::map<std::string, Shape>& inputShapes() const { return m_inputShapes; }
    void setInputShapes(std::map<std::string, Shape> shapes);
    const Configuration& configuration() const { return m_configuration; }
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
    const std::shared_ptr<const PreparedNetwork>& prepared() const { return m_prepared; }
    bool preparedIsFresh() const;
    const std::optional<QuantRecord>& record() const { return m_record; }
    int recordSerial() const { return m_recordSerial; }
    /// Of one layer, with limits by hand; nothing where it has none. Of the settings that were calibrated until the present ones are prepared.
    std::optional<LayerFactors> factors(LayerId layer) const;
    int dataSerial() const { return m_dataSerial; }
    const std::shared_ptr<const Calibration>& calibration() const { return m_calibration; }
    /// A setting that calibration depends on has changed since the factors were found.
    bool calibrationStale() const;
    /// The factors are not of these settings, and what the last calibration saw answers for them (core's solveAgain): not after a change of
    /// fusion or batch_num, and not with update_bn, whose statistics need the data.
    bool solvable() const;
    const ComparisonResult& result() const { return m_result; }
    /// The last result whose comparison has histograms: a live one has none.
    const ComparisonResult& histograms() const { return m_histograms; }
    bool histogramsStale() const;
    bool comparisonStale() const;
    /// The newest knowledge about what happens to each layer of the model; empty: none yet.
    const std::vector<Effective>& effective() const;
    NextStep nextStep() const;

    void setPrepared(std::shared_ptr<const PreparedNetwork> prepared);
    void setCalibration(std::shared_ptr<const Calibration> calibration, Configuration configuration);
    /// Factors from elsewhere: the last calibration does not answer for them.
    void setRecord(QuantRecord record, Configuration configuration);
    /// Factors solved again from the calibration that there is.
    void setSolved(QuantRecord record, Configuration configuration);
    /// The factors come from `calibration`, not from a file.
    bool recordIsCalibrated() const { return m_recordIsCalibrated; }
    const Configuration& recordConfiguration() const { return m_recordConfiguration; }
    void setResult(ComparisonResult result);
    /// Of the present network and target; from earlier settings until those of the present ones have come. Empty: none, or not known yet.
    std::span<const CheckResult> checks() const;
    bool checksAreFresh() const { return m_checked.prepared && m_checked.prepared == m_prepared && m_checked.recordSerial == m_recordSerial; }
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
    void touch();
    void forgetResults();
    void putRecord(QuantRecord record, Configuration configuration);
    bool lacksObserved() const;
    std::vector<Effective> findEffective() const;

    /// What the state implies, found when first asked for: each is a walk over all layers, and every view asks after every change.
    struct Implied {
        std::optional<bool> preparedIsFresh;
        std::optional<bool> calibrationStale;
        std::optional<bool> solvable;
        std::optional<bool> comparisonStale;
        std::optional<bool> histogramsStale;
        std::optional<std::vector<Effective>> effective;
    };
    mutable Implied m_implied;
    std::filesystem::path m_modelPath;
    std::filesystem::path m_weightsPath;
    std::filesystem::path m_projectPath;
    std::filesystem::path m_customProto;
    std::map<std::string, Shape> m_inputShapes;
    std::shared_ptr<const Model> m_model;
    Configuration m_configuration;
    std::optional<DataSpec> m_dataSpec;
    std::shared_ptr<const DataSet> m_data;
    std::filesystem::path m_classNamesPath;
    std::vector<std::string> m_classNames;
    std::shared_ptr<const PreparedNetwork> m_prepared;
    std::optional<QuantRecord> m_record;
    std::shared_ptr<const Calibration> m_calibration;
    Configuration m_recordConfiguration;
    Configuration m_calibrationConfiguration;
    std::optional<Configuration> m_solvedFor;  ///< by setSolved, since the calibration
    bool m_recordIsCalibrated = false;         ///< m_record comes from m_calibration
    ComparisonResult m_result;
    ComparisonResult m_histograms;
    Checked m_checked;
    int m_recordSerial = 0;
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
