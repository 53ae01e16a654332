// LMDB data sets as Caffe's convert_imageset makes them: a Datum for each key, 8-bit planes or a picture file.
#include "core/data/lmdb.h"
#include "core/data/sources.h"
#include "core/proto/qs_datum.pb.h"

#include <algorithm>
#include <array>

namespace qs::data {

namespace {

using quantscope_datum::Datum;

constexpr size_t checkedAtOpening = 2000;  ///< more samples than this are only read when asked for

class LmdbSet : public DataSet {
public:
    LmdbSet(DataSpec spec, Pipeline pipeline, std::unique_ptr<LmdbReader> reader)
        : m_spec(std::move(spec)), m_pipeline(std::move(pipeline)), m_reader(std::move(reader))
    {
    }

    int size() const override { return static_cast<int>(m_indices.size()); }
    std::string sampleName(int index) const override { return m_reader->keys()[at(index)]; }
    Result<Buffer> picture(int index) const override
    {
        QS_TRY(const Datum datum, datumAt(at(index)));
        auto pixels = pixelsOf(datum);
        if (pixels)
            pixels = m_pipeline.picture(*pixels);
        return pixels ? std::move(pixels) : Result<Buffer>(named(pixels.error(), at(index)));
    }
    Result<Buffer> sample(int index) const override
    {
        QS_TRY(const Buffer pixels, picture(index));
        auto values = m_pipeline.sample(pixels);
        return values ? std::move(values) : Result<Buffer>(named(values.error(), at(index)));
    }
    Result<std::string> encoded(int index) const override
    {
        QS_TRY(Datum datum, datumAt(at(index)));
        if (!datum.encoded())
            return named({ErrorCode::NotSupported, "it is kept as pixels, not as a file", {}}, at(index));
        return std::move(*datum.mutable_data());
    }
    int label(int index) const override
    {
        if (!m_labels.empty())
            return m_labels[static_cast<size_t>(index)];
        const auto datum = datumAt(at(index));
        return datum && datum->has_label() ? datum->label() : -1;
    }
    const std::vector<std::string>& skipped() const override { return m_skipped; }
    const DataSpec& spec() const override { return m_spec; }
    std::vector<std::filesystem::path> files() const override { return {m_spec.path / "data.mdb"}; }

    Result<void> fill()
    {
        const std::vector<std::string>& keys = m_reader->keys();
        std::vector<int> labels;
        if (!m_spec.labels.empty()) {
            QS_TRY(labels, readLabels(m_spec.labels, keys));
        }
        const bool check = keys.size() <= checkedAtOpening;
        const auto most = static_cast<size_t>(limited(m_spec, keys.size()));
        for (size_t i = 0; i < keys.size() && m_indices.size() < most; ++i) {
            if (check || i == 0)
                if (const auto problem = problemOf(i); !problem.ok()) {
                    m_skipped.push_back(keys[i] + ": " + problem.error().detail);
                    continue;
                }
            m_indices.push_back(i);
            if (!labels.empty())
                m_labels.push_back(labels[i]);
        }
        if (keys.empty())
            return Error{ErrorCode::NoData, "the database has no entry", m_spec.path.string()};
        if (m_indices.empty())
            return Error{ErrorCode::NoData, "none of " + std::to_string(m_skipped.size()) + " entries can be read; " + m_skipped.front(),
                         m_spec.path.string()};
        return {};
    }

private:
    size_t at(int index) const { return m_indices[static_cast<size_t>(index)]; }
    Error named(Error error, size_t entry) const
    {
        error.where = m_spec.path.string() + ", entry '" + m_reader->keys()[entry] + "'";
        return error;
    }

    Result<Datum> datumAt(size_t entry) const
    {
        QS_TRY(const std::string bytes, m_reader->value(entry));
        Datum datum;
        if (!datum.ParseFromString(bytes))
            return named({ErrorCode::DataUnreadable, "it is not a Datum", {}}, entry);
        return datum;
    }

    Result<void> problemOf(size_t entry) const
    {
        QS_TRY(const Datum datum, datumAt(entry));
        if (const auto pixels = pixelsOf(datum); !pixels)
            return pixels.error();
        return {};
    }

    /// 8-bit RGB or gray HWC; errors carry a detail only.
    static Result<Buffer> pixelsOf(const Datum& datum)
    {
        if (datum.encoded())
            return decodePicture(datum.data());
        const int64_t channels = datum.channels();
        const int64_t height = datum.height();
        const int64_t width = datum.width();
        const auto problem = [](std::string detail) { return Error{ErrorCode::DataUnreadable, std::move(detail), {}}; };
        if (datum.float_data_size() > 0 && datum.data().empty())
            return problem("it holds floats; 8-bit planes and picture files are read (write the values as .npy)");
        if (height < 1 || width < 1 || height > 65536 || width > 65536)
            return problem("it is declared as " + std::to_string(width) + "x" + std::to_string(height));
        if (channels != 1 && channels != 3)
            return problem("it has " + std::to_string(channels) + " channels; pictures have 1 or 3");
        if (static_cast<int64_t>(datum.data().size()) != channels * height * width)
            return problem(std::to_string(datum.data().size()) + " bytes for " + shapeText({channels, height, width}));
        Buffer pixels(DType::U8, {height, width, channels});
        const auto out = pixels.as<uint8_t>();
        const auto plane = static_cast<size_t>(height * width);
        // Caffe's planes are blue, green, red.
        for (size_t i = 0; i < plane; ++i)
            for (size_t c = 0; c < static_cast<size_t>(channels); ++c)
                out[i * static_cast<size_t>(channels) + c] = static_cast<uint8_t>(datum.data()[(static_cast<size_t>(channels) - 1 - c) * plane + i]);
        return pixels;
    }

    DataSpec m_spec;
    Pipeline m_pipeline;
    std::unique_ptr<LmdbReader> m_reader;
    std::vector<size_t> m_indices;  ///< of the entries that can be read
    std::vector<int> m_labels;
    std::vector<std::string> m_skipped;
};

/// 8-bit planes: blue, green, red, or one of luma.
void putPixels(const Buffer& picture, bool gray, Datum& datum)
{
    const auto plane = static_cast<size_t>(picture.shape()[0] * picture.shape()[1]);
    const auto channels = static_cast<size_t>(picture.shape()[2]);
    const auto pixels = picture.as<uint8_t>();
    datum.set_channels(gray ? 1 : 3);
    datum.set_height(static_cast<int32_t>(picture.shape()[0]));
    datum.set_width(static_cast<int32_t>(picture.shape()[1]));
    std::string& data = *datum.mutable_data();
    for (size_t c = 0; c < static_cast<size_t>(datum.channels()); ++c)
        for (size_t i = 0; i < plane; ++i)
            data += static_cast<char>(pixels[i * channels + (gray ? 0 : 2 - c)]);
}

}  // namespace

Result<std::shared_ptr<DataSet>> openLmdb(const DataSpec& spec, const Shape& inputShape)
{
    QS_TRY(auto reader, LmdbReader::open(spec.path));
    QS_TRY(Pipeline pipeline, Pipeline::make(spec.preprocess, inputShape));
    auto set = std::make_shared<LmdbSet>(spec, std::move(pipeline), std::move(reader));
    QS_CHECK(set->fill());
    return std::shared_ptr<DataSet>(std::move(set));
}

}  // namespace qs::data

namespace qs {

Result<void> writeLmdb(const DataSet& data, const std::filesystem::path& folder, bool encoded, const JobContext& job)
{
    QS_TRY(const auto writer, data::LmdbWriter::create(folder));
    const bool gray = data.spec().preprocess.color == ColorOrder::Gray;
    for (int i = 0; i < data.size(); ++i) {
        if (job.cancelled())
            return cancelledError();
        job.report(static_cast<double>(i) / data.size(), Phase::Sample, {data.sampleName(i)});
        quantscope_datum::Datum datum;
        if (encoded) {
            QS_TRY(*datum.mutable_data(), data.encoded(i));
            datum.set_encoded(true);
        } else {
            QS_TRY(const Buffer picture, data.picture(i));
            if (picture.empty())
                return Error{ErrorCode::NotSupported, "its samples are numbers, not pictures", data.spec().path.string()};
            QS_TRY(const Buffer pixels, gray ? data::grayPicture(picture) : Result<Buffer>(picture));
            data::putPixels(pixels, gray, datum);
        }
        if (data.label(i) >= 0)
            datum.set_label(data.label(i));
        // As convert_imageset names them: in order, and at most 511 bytes, which is liblmdb's limit.
        std::string number = std::to_string(i);
        number.insert(0, 8 - std::min<size_t>(8, number.size()), '0');
        QS_CHECK(writer->add(number + "_" + data.sampleName(i).substr(0, 500), datum.SerializeAsString()));
    }
    return writer->commit();
}

}  // namespace qs
