// The jobs of the program: each captures values, runs on the job runner and puts its result into the session.
#pragma once

#include "app/session/job_runner.h"
#include "app/session/session.h"
#include "core/jobs/integer_comparison.h"
#include "core/project/results.h"
#include "core/report/report.h"
#include "core/targets/target.h"

#include <QTimer>

namespace qs {

/// What to export, and where to.
struct ExportChoice {
    std::filesystem::path prefix;
    SaveType saveType = SaveType::Both;
    const Target* target = &standardTarget();
    std::filesystem::path record = {};  ///< the user's own factors, which make the settings (convert_model); empty: the session's
};

/// Takes where a file is.
using Located = std::function<void(const std::filesystem::path&)>;

class Workflow : public QObject {
    Q_OBJECT

public:
    Workflow(Session& session, JobRunner& jobs, QObject* parent = nullptr);

    /// `shapes`: of inputs, by name, where the file leaves their size open.
    void openModel(const std::filesystem::path& model, const std::filesystem::path& weights = {}, const std::map<std::string, Shape>& shapes = {});
    /// `recovered`: the program's own backup, which becomes a document without a name that is not saved yet.
    /// How a project file stands to the document: its own file; what was saved by itself, and is to be saved; or a template, whose copy has no name
    /// yet.
    enum class ProjectFile : uint8_t { Own, Recovered, Template };
    /// `network`: where the project's network is now, if not where the file says.
    void openProject(const std::filesystem::path& file, ProjectFile kind = ProjectFile::Own, const std::filesystem::path& network = {});
    /// Whether openAny() would put another network in the place of the one that is open.
    bool opensNetwork(const std::filesystem::path& path) const;
    /// A network, a project, a folder of pictures or a data file: by what it is.
    void openAny(const std::filesystem::path& path);
    bool saveProjectAs(const std::filesystem::path& file, const QByteArray& layout = {});
    /// `chooseBatches`: sets batch_num for about 32 samples, for a configuration whose batch_num nobody has chosen yet.
    void openData(const DataSpec& spec, bool chooseBatches = true);
    /// A config.json, or a .cfg by its suffix.
    void loadConfiguration(const std::filesystem::path& file);
    void saveConfiguration(const std::filesystem::path& file);
    void loadRecord(const std::filesystem::path& file);
    void loadClassNames(const std::filesystem::path& file);
    void calibrate();
    /// Waits for factors that are being solved again.
    void compare();
    /// Whatever is missing to a comparison of the present settings: calibrates where the last calibration does not answer for them, compares.
    void analyse();
    /// The same for another branch, which stays where it is.
    void analyseBranch(const QString& name);
    /// What is to be exported, without writing it.
    void planExport(const ExportChoice& choice, std::function<void(Result<ExportPlan>)> done);
    void writeExportPlan(const ExportPlan& plan);
    /// HTML, or PDF by the suffix; of the present branch, which must have been compared.
    void writeReport(const std::filesystem::path& file, std::vector<ReportedPoint> searched = {}, std::vector<DiagnosisLine> diagnosis = {});
    /// The open Caffe network's prototxt without in-place layers (uninplace_model).
    void writeUninplaced(const std::filesystem::path& file);
    /// One sample's values of one layer; interactive.
    void compareSample(int sample, const QString& layer, std::function<void(Result<std::shared_ptr<const SampleComparison>>)> done);
    /// The same sample and layer in the deploy model's integers; interactive.
    void integerSample(int sample, const QString& layer, std::function<void(Result<std::shared_ptr<const IntegerSample>>)> done);
    Shape inputShape() const;
    /// batch_num for about 32 samples.
    static int suggestedBatches(int samples, int batch);

    Session& session() { return m_session; }
    JobRunner& jobs() { return m_jobs; }
    /// Folder of the built-in demo; empty when it is not installed.
    static std::filesystem::path demoFolder();

Q_SIGNALS:
    /// To be shown without stopping the user.
    void failed(const QString& text);
    void modelOpened();
    /// A file of a project is not where it was: `found` takes where it is.
    void lost(const QString& text, const std::filesystem::path& file, const qs::Located& found);
    /// The network that was opened leaves the size of this input open.
    void sizeAsked(const QString& input);
    void calibrated();
    void compared();
    void exported(const QString& folder);
    void reported(const QString& file);
    /// The window state that came with a project.
    void layoutLoaded(const QByteArray& state);

private:
    void fail(const QString& what, const Error& error);
    Result<Configuration> readConfiguration(const std::filesystem::path& file, const std::string& text);
    void prepareSoon();
    void prepare();
    /// The target's rules, once the settings rest.
    void checkSoon();
    void check();
    /// After a change of bits, percentiles, search, channel_wise or wts_algo: the factors from what the last calibration saw.
    void solveAgain();
    /// `edited`: chosen by the user now, not read with the project.
    void loadData(const DataSpec& spec, bool chooseBatches, bool edited);
    void startCalibration(bool thenCompare);
    void startComparison();
    /// A tag that does not supersede the present branch's job.
    QString jobTag(const char* tag, int branch) const;
    /// What an ended job does: in the branch that it was started for.
    void deliver(int branch, const std::function<void()>& action);
    void applyProject(const Project& project, const std::filesystem::path& file, ProjectFile kind, std::shared_ptr<const Model> model);
    void loadProjectData(const DataSpec& spec);
    /// Data that are not there, or cannot be opened: the project keeps what it says of them.
    void keepUnread(const DataSpec& spec);
    /// What was computed before the project was saved: as soon as it is known which data are there.
    void restoreResults();

    Session& m_session;
    JobRunner& m_jobs;
    bool m_preparePending = false;
    std::shared_ptr<const PreparedNetwork> m_solving;
    std::shared_ptr<const ProjectResults> m_toRestore;
    bool m_compareWhenSolved = false;
    int m_branch = 0;  ///< the present one, when the session changed last
    QTimer m_checkTimer;
    /// What is being checked, so that it is not started twice.
    std::pair<std::shared_ptr<const PreparedNetwork>, int> m_checking;
};

class SampleProbe;
class Live;
class Searcher;
class Diagnoser;
class SharedRows;
class Turns;

/// The program's parts, as views get them.
struct Workbench {
    Session& session;
    JobRunner& jobs;
    Workflow& workflow;
    SampleProbe& probe;
    Live& live;
    Searcher& searcher;
    Diagnoser& diagnoser;
    SharedRows& rows;
    Turns& turns;
};

}  // namespace qs
