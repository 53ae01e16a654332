// One .npy: a batch of samples, or a single one.
#include "core/data/npy.h"
#include "core/data/sources.h"

#include <algorithm>
#include <cmath>

namespace qs::data {

namespace {

class NpySet : public DataSet {
public:
    NpySet(DataSpec spec, Buffer values, Shape sampleShape) : m_spec(std::move(spec)), m_values(std::move(values)), m_shape(std::move(sampleShape))
    {
        m_count = limited(m_spec, static_cast<size_t>(m_values.count() / elementCount(m_shape)));
    }
    int size() const override { return m_count; }
    std::string sampleName(int index) const override { return "#" + std::to_string(index); }
    Result<Buffer> sample(int index) const override
    {
        const auto count = static_cast<size_t>(elementCount(m_shape));
        return Buffer::fromFloats(m_shape, m_values.floats().subspan(static_cast<size_t>(index) * count, count));
    }
    Result<Buffer> picture(int) const override { return Buffer(); }
    int label(int index) const override { return m_labels.empty() ? -1 : m_labels[static_cast<size_t>(index)]; }
    const std::vector<std::string>& skipped() const override { return m_skipped; }
    const DataSpec& spec() const override { return m_spec; }

    Result<void> readLabels()
    {
        if (m_spec.labels.empty())
            return {};
        std::vector<std::string> names;
        for (int i = 0; i < m_count; ++i)
            names.push_back(sampleName(i));
        QS_TRY(m_labels, data::readLabels(m_spec.labels, names));
        return {};
    }

private:
    DataSpec m_spec;
    Buffer m_values;
    Shape m_shape;
    int m_count = 0;
    std::vector<int> m_labels;
    std::vector<std::string> m_skipped;
};

}  // namespace

Result<Buffer> readFiniteNpy(const std::filesystem::path& path)
{
    QS_TRY(const Buffer raw, readNpy(path));
    Buffer values = toFloat(raw);
    const std::span<const float> floats = values.floats();
    const auto bad = std::find_if(floats.begin(), floats.end(), [](float value) { return !std::isfinite(value); });
    if (bad != floats.end())
        return Error{ErrorCode::InvalidNumber, "value " + std::to_string(bad - floats.begin()) + " is not finite", path.string()};
    return values;
}

// Values go to the network as they are: preprocessing is what made the file. `inputShape` is the whole input with its batch axis.
Result<std::shared_ptr<DataSet>> openNpy(const DataSpec& spec, const Shape& inputShape)
{
    QS_TRY(Buffer values, readFiniteNpy(spec.path));
    if (values.count() == 0)
        return Error{ErrorCode::NoData, "it holds no values", spec.path.string()};
    Shape shape = values.shape();
    const Shape sample = inputShape.size() > 1 && inputShape.size() != 3 ? Shape(inputShape.begin() + 1, inputShape.end()) : inputShape;
    const bool single = shape == sample;
    // Of three dimensions it may be one picture, or a batch of one with a row of values a channel.
    const bool rows =
        inputShape.size() == 3 && inputShape[0] == 1 && shape.size() == 3 && std::equal(shape.begin() + 1, shape.end(), sample.begin() + 1);
    const bool batch = rows || (shape.size() == sample.size() + 1 && std::equal(sample.begin(), sample.end(), shape.begin() + 1));
    if (!sample.empty() && !single && !batch)
        return Error{ErrorCode::ShapeMismatch, "it holds " + shapeText(shape) + ", the network takes " + shapeText(inputShape), spec.path.string()};
    if (!single && shape.size() > 1)
        shape.erase(shape.begin());
    auto set = std::make_shared<NpySet>(spec, std::move(values), shape);
    QS_CHECK(set->readLabels());
    return std::shared_ptr<DataSet>(std::move(set));
}

}  // namespace qs::data
