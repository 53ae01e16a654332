#include "core/data/selection.h"

#include <numeric>
#include <unordered_map>
#include <unordered_set>

namespace qs {

namespace {

class Part final : public DataSet {
public:
    Part(std::shared_ptr<const DataSet> whole, std::vector<int> indices, DataSpec spec)
        : m_whole(std::move(whole)), m_indices(std::move(indices)), m_spec(std::move(spec))
    {
    }

    int size() const override { return static_cast<int>(m_indices.size()); }
    std::string sampleName(int index) const override { return m_whole->sampleName(at(index)); }
    int sourceIndex(int index) const override { return m_whole->sourceIndex(at(index)); }
    Result<Buffer> sample(int index) const override { return m_whole->sample(at(index)); }
    Result<Buffer> sites(int index) const override { return m_whole->sites(at(index)); }
    Result<Buffer> picture(int index) const override { return m_whole->picture(at(index)); }
    Result<std::string> encoded(int index) const override { return m_whole->encoded(at(index)); }
    int label(int index) const override { return m_whole->label(at(index)); }
    const std::vector<DetectedBox>* boxes(int index) const override { return m_whole->boxes(at(index)); }
    const std::vector<std::string>& skipped() const override { return m_whole->skipped(); }
    const DataSpec& spec() const override { return m_spec; }
    std::vector<std::filesystem::path> files() const override { return m_whole->files(); }
    const std::map<std::string, Buffer>& furtherInputs() const override { return m_whole->furtherInputs(); }

private:
    int at(int index) const { return m_indices[static_cast<size_t>(index)]; }

    std::shared_ptr<const DataSet> m_whole;
    std::vector<int> m_indices;  ///< of m_whole
    DataSpec m_spec;
};

/// For the length of a call.
std::shared_ptr<const DataSet> borrowed(const DataSet& data)
{
    return {std::shared_ptr<const DataSet>(), &data};
}

}  // namespace

std::vector<std::string> sampleKeys(const DataSet& data)
{
    std::vector<std::string> keys;
    std::unordered_map<std::string, int> found;
    for (int i = 0; i < data.size(); ++i)
        ++found[keys.emplace_back(data.sampleName(i))];
    for (int i = 0; i < data.size(); ++i)
        if (std::string& key = keys[static_cast<size_t>(i)]; found[key] > 1)
            key += " #" + std::to_string(data.sourceIndex(i));
    return keys;
}

std::shared_ptr<const DataSet> without(std::shared_ptr<const DataSet> data, const std::vector<std::string>& keys)
{
    if (!data || keys.empty())
        return data;
    const std::unordered_set<std::string> left(keys.begin(), keys.end());
    std::vector<int> indices;
    const std::vector<std::string> all = sampleKeys(*data);
    for (int i = 0; i < data->size(); ++i)
        if (!left.contains(all[static_cast<size_t>(i)]))
            indices.push_back(i);
    if (static_cast<int>(indices.size()) == data->size())
        return data;
    const DataSpec& spec = data->spec();
    return std::make_shared<Part>(data, std::move(indices), spec);
}

std::shared_ptr<const DataSet> without(const DataSet& data, const std::vector<std::string>& keys)
{
    return without(borrowed(data), keys);
}

std::shared_ptr<const DataSet> evaluated(std::shared_ptr<const DataSet> data)
{
    return data ? without(data, data->spec().notEvaluated) : data;
}

std::shared_ptr<const DataSet> evaluated(const DataSet& data)
{
    return evaluated(borrowed(data));
}

Error noSamples(const DataSet& all)
{
    return {ErrorCode::NoData,
            all.size() > 0 && evaluated(all)->size() == 0 ? "all " + std::to_string(all.size()) + " samples are left out of the comparison"
                                                          : std::string(),
            all.spec().path.string()};
}

std::shared_ptr<const DataSet> withNotEvaluated(std::shared_ptr<const DataSet> data, std::vector<std::string> keys)
{
    std::vector<int> all(static_cast<size_t>(data->size()));
    std::iota(all.begin(), all.end(), 0);
    DataSpec spec = data->spec();
    spec.notEvaluated = std::move(keys);
    return std::make_shared<Part>(std::move(data), std::move(all), std::move(spec));
}

}  // namespace qs
