// What was computed for a project, as it goes into the file beside it and comes back into the session (core/project/results.h).
#pragma once

#include "app/session/job_runner.h"
#include "app/session/session.h"
#include "core/project/results.h"

#include <functional>

namespace qs {

/// Null where there are none. Errors: those of reading it; the project does without.
Result<std::shared_ptr<const ProjectResults>> readSavedResults(const std::filesystem::path& project);

/// In the background, by branch; what does not fit is left, what has been done meanwhile stays. Call it once it is known which data are there.
/// `session` outlives the jobs.
void restoreResults(Session& session, JobRunner& jobs, std::shared_ptr<const ProjectResults> results, std::function<void(const Error&)> failed);

/// Of all branches; without anything to keep the file goes, without data it stays as it is. Errors: those of writing it.
Result<void> saveResults(const Session& session, const std::filesystem::path& project);

}  // namespace qs
