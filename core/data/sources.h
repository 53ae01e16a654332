// The kinds of data sets, and what they share. Each kind is a file of its own.
#pragma once

#include "core/data/dataset.h"

namespace qs::data {

/// Decodes, resizes, crops, subtracts, scales. Made once a data set, then used by every sample.
class Pipeline {
public:
    /// `inputShape` is CHW or NCHW. Errors: those of the mean file; ShapeMismatch when it does not fit.
    static Result<Pipeline> make(const Preprocess& preprocess, const Shape& inputShape);

    /// An encoded picture file as 8-bit RGB HWC after colour, resize and crop. Errors: DataUnreadable.
    Result<Buffer> picture(const std::filesystem::path& file) const;
    /// The same from 8-bit RGB or gray HWC.
    Result<Buffer> picture(const Buffer& pixels) const;
    /// The same place in what the network sees of a picture of this size, in shares.
    DetectedBox placed(DetectedBox box, int64_t width, int64_t height) const;
    /// 8-bit RGB HWC to the network's CHW floats.
    Result<Buffer> sample(const Buffer& picture) const;

private:
    Preprocess m_preprocess;
    Shape m_target;  ///< CHW of the network; empty when unknown
    Buffer m_mean;   ///< CHW; empty without a mean file
};

/// 8-bit RGB HWC from an encoded picture; errors carry a detail only.
Result<Buffer> decodePicture(std::string_view bytes);
/// Luma of 8-bit RGB HWC: HW1.
Result<Buffer> grayPicture(const Buffer& picture);

/// Whether the file is a picture that decodes (`decode`), or at least starts like one. An empty text when it is; else why not.
std::string pictureProblem(const std::filesystem::path& file, bool decode);

/// Labels by data order (`names` gives the samples' file names). -1 where a sample has none. Errors: ParseFailed with the line, FileNotFound.
Result<std::vector<int>> readLabels(const std::filesystem::path& file, const std::vector<std::string>& names);

/// CHW from CHW or NCHW; empty for anything else.
Shape sampleShape(const Shape& inputShape);

Result<std::shared_ptr<DataSet>> openPictures(const DataSpec& spec, const Shape& inputShape);  // pictures.cpp: folder and list
/// An array of floats for the network. Errors: InvalidNumber for a value that is not finite, and those of readNpy.
Result<Buffer> readFiniteNpy(const std::filesystem::path& path);
Result<std::shared_ptr<DataSet>> openNpy(const DataSpec& spec, const Shape& inputShape);      // npy_set.cpp
Result<std::shared_ptr<DataSet>> openCifar10(const DataSpec& spec, const Shape& inputShape);  // raw_sets.cpp
Result<std::shared_ptr<DataSet>> openMnist(const DataSpec& spec, const Shape& inputShape);    // raw_sets.cpp
Result<std::shared_ptr<DataSet>> openLmdb(const DataSpec& spec, const Shape& inputShape);     // lmdb_set.cpp

Result<std::shared_ptr<DataSet>> openPoints(const DataSpec& spec, const Shape& inputShape);  // point_set.cpp

/// min(count, limit), limit by the specification.
int limited(const DataSpec& spec, size_t count);

}  // namespace qs::data
