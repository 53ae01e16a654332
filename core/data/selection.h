// Part of a data set: samples are left out of calibration or evaluation without touching the files.
#pragma once

#include "core/data/dataset.h"

namespace qs {

/// What a sample is called where samples are chosen: its name; with its index ("cat.png #17") where several have that name.
std::vector<std::string> sampleKeys(const DataSet& data);

/// The samples of `data` but those with these keys, in order; `data` itself where it has none of them. sourceIndex() says which sample each is.
std::shared_ptr<const DataSet> without(std::shared_ptr<const DataSet> data, const std::vector<std::string>& keys);
/// The same of a data set that outlives it.
std::shared_ptr<const DataSet> without(const DataSet& data, const std::vector<std::string>& keys);

/// The samples that are compared: all but DataSpec::notEvaluated.
std::shared_ptr<const DataSet> evaluated(std::shared_ptr<const DataSet> data);
std::shared_ptr<const DataSet> evaluated(const DataSet& data);

/// NoData: there are none, or all are left out of what is compared.
Error noSamples(const DataSet& all);

/// The same samples with another DataSpec::notEvaluated.
std::shared_ptr<const DataSet> withNotEvaluated(std::shared_ptr<const DataSet> data, std::vector<std::string> keys);

}  // namespace qs
