#include "app/session/saved_results.h"

#include "app/session/branches.h"
#include "core/base/file.h"

#include <QCoreApplication>

namespace qs {

Result<std::shared_ptr<const ProjectResults>> readSavedResults(const std::filesystem::path& project)
{
    const std::filesystem::path file = resultsPath(project);
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
        return std::shared_ptr<const ProjectResults>();
    QS_TRY(const std::string bytes, readFile(file));
    QS_TRY(ProjectResults results, resultsFromBytes(bytes, file.string()));
    return std::make_shared<const ProjectResults>(std::move(results));
}

void restoreResults(Session& session, JobRunner& jobs, std::shared_ptr<const ProjectResults> results, std::function<void(const Error&)> failed)
{
    struct Restored {
        std::vector<std::pair<int, BranchContent>> branches;  ///< by id
        bool stale = false;
    };
    const Branches& branches = session.branches();
    std::vector<std::pair<int, BranchContent>> wanted;
    std::vector<const BranchResults*> found;
    for (const BranchResults& branch : results->branches)
        if (const QString name = QString::fromStdString(branch.name); branches.contains(name)) {
            wanted.emplace_back(branches.idOf(name), branches.content(name));
            found.push_back(&branch);
        }
    jobs.run<Restored>(
        {QStringLiteral("restore"), QCoreApplication::translate("qs::Workflow", "Read the results"), Lane::Light, false, true},
        [model = session.model(), data = session.data(), results, wanted, found](const JobContext&,
                                                                                 const std::shared_ptr<Engine>&) -> Result<Restored> {
            Restored restored;
            if (networkKey(*model) != results->network)
                return restored;
            restored.stale = results->program != QS_VERSION || !data || dataKey(*data) != results->data;
            for (size_t i = 0; i < wanted.size(); ++i)
                if (const auto& [id, content] = wanted[i]; resultsKey(content.configuration, content.record) == found[i]->fits) {
                    QS_TRY(BranchContent whole, restoredContent(model, *found[i], content));
                    restored.branches.emplace_back(id, std::move(whole));
                }
            return restored;
        },
        [&session, failed = std::move(failed), model = session.model(), data = session.data()](Result<Restored> restored) {
            if (!restored)
                failed(restored.error());
            if (!restored || model != session.model())
                return;
            if (restored->stale && data && !restored->branches.empty())
                session.log(QCoreApplication::translate("qs::Workflow",
                                                        "The data or the program are others than when the project was saved: its figures "
                                                        "are stale; if the calibration samples are others, calibrate again (F5)"));
            for (auto& [id, content] : restored->branches)
                session.branches().within(id, [&, &whole = content] {
                    // Not over what has been done meanwhile.
                    if (session.configuration() == whole.configuration && session.recordSerial() == whole.recordSerial &&
                        !session.result().comparison && !session.content().diagnosis.diagnosis)
                        session.restore(std::move(whole), restored->stale || data != session.data());
                });
        });
}

Result<void> saveResults(const Session& session, const std::filesystem::path& project)
{
    ProjectResults results{QS_VERSION, {}, {}, {}};
    bool any = false;
    for (const QString& name : session.branches().names()) {
        const BranchResults& branch =
            results.branches.emplace_back(resultsOf(name.toStdString(), session.branches().content(name), session.dataSerial()));
        any = any || branch.calibration || branch.comparison || branch.histograms;
    }
    const std::filesystem::path file = resultsPath(project);
    // Without its data nothing is computed, and what was stays what it is.
    if (!session.data())
        return {};
    if (!any) {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
        return {};
    }
    results.network = networkKey(*session.model());
    results.data = dataKey(*session.data());
    return writeFile(file, resultsToBytes(results), Durability::Process);
}

}  // namespace qs
