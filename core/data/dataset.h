// Data sets: where samples come from. A sample is one network input (or one per input of the network).
//
// To add a source: a class in data/<kind>.cpp, a case in openDataSet, its test.
#pragma once

#include "core/base/job.h"
#include "core/data/outputs.h"
#include "core/data/preprocess.h"
#include "core/data/voxels.h"
#include "core/stats/detection.h"

#include <map>
#include <memory>

namespace qs {

enum class DataKind : uint8_t { Pictures, List, Npy, Cifar10, Mnist, Lmdb, Points };

/// What the user chose; a value that is saved with the project.
struct DataSpec {
    DataKind kind = DataKind::Pictures;
    std::filesystem::path path;  ///< folder, list file, .npy, CIFAR-10 binary, idx images, folder with data.mdb, point cloud or folder
    Preprocess preprocess;
    std::optional<int> limit;  ///< first N samples
    /// Optional: "file class" lines, or one class a line in data order (idx labels for MNIST); of boxes a COCO .json, a folder of VOC .xml or of
    /// YOLO .txt files.
    std::filesystem::path labels;
    /// Further inputs of the network by name, each a .npy: one array for all samples, or one a sample along its first axis.
    std::map<std::string, std::filesystem::path> inputs = {};
    std::vector<std::string> notEvaluated = {};  ///< samples that are opened but not compared (data/selection.h)
    OutputChoice outputs = {};                   ///< what the network makes of them
    Voxelization voxels = {};                    ///< of point clouds
    bool reverseSites = false;                   ///< of Points: the columns behind the batch's are given to the network in the reverse order
    bool operator==(const DataSpec&) const = default;
};

class DataSet {
public:
    virtual ~DataSet() = default;
    virtual int size() const = 0;
    /// The file's name or "#17".
    virtual std::string sampleName(int index) const = 0;
    /// Its index in the data set as it was opened: another one in a part of it (data/selection.h).
    virtual int sourceIndex(int index) const { return index; }
    /// CHW float32 (no batch axis for pictures); thread-compatible. Errors: DataUnreadable naming the file.
    virtual Result<Buffer> sample(int index) const = 0;
    /// Of sparse samples, whose rows are features: the sites of the rows (SparseSample); empty for others.
    virtual Result<Buffer> sites(int /*index*/) const { return Buffer(); }
    /// The picture as 8-bit RGB HWC before the mean and scale, for display; an empty Buffer where the source has none.
    virtual Result<Buffer> picture(int index) const = 0;
    /// The picture's file as it is (JPEG, PNG...), before any preprocessing. Errors: NotSupported where the source keeps none.
    virtual Result<std::string> encoded(int index) const;
    /// -1 without labels.
    virtual int label(int index) const = 0;
    bool labelled() const { return size() > 0 && label(0) >= 0; }
    /// What is labelled in a picture, in shares of what the network sees of it, classes from 0 on; null: its boxes are not labelled.
    virtual const std::vector<DetectedBox>* boxes(int /*index*/) const { return nullptr; }
    /// Samples that were left out because they cannot be read ("file: reason"), known after opening.
    virtual const std::vector<std::string>& skipped() const = 0;
    virtual const DataSpec& spec() const = 0;
    /// The files that the samples are in.
    virtual std::vector<std::filesystem::path> files() const { return {spec().path}; }
    /// The arrays of DataSpec::inputs, read by openDataSet.
    virtual const std::map<std::string, Buffer>& furtherInputs() const { return m_furtherInputs; }
    Result<void> readFurtherInputs();

private:
    std::map<std::string, Buffer> m_furtherInputs;
};

/// Opens and checks: lists files (sorted by name), reads headers; pictures that are not decodable are skipped and counted.
/// `inputShape` (CHW or NCHW of the network's first input) is what samples must fit; without an explicit resize or crop, pictures are
/// resized to it. Errors: NoData (an empty folder), DataUnreadable, ShapeMismatch (a mean image of another size), FileNotFound.
Result<std::shared_ptr<const DataSet>> openDataSet(const DataSpec& spec, const Shape& inputShape);

/// The shape that a network's open input takes from data: a batch of one of what the first sample is. Errors: as openDataSet, and of the sample.
Result<Shape> inputShapeFrom(const DataSpec& spec);

/// Guesses kind and a sensible preprocessing from a path and the network's input shape (folder, folder with data.mdb, .txt, .npy, .bin, idx magic).
DataSpec guessDataSpec(const std::filesystem::path& path, const Shape& inputShape);

/// Writes an LMDB data set as Caffe's convert_imageset does: a Datum for each sample under "00000017_name.jpg", with its label. Raw: 8-bit planes
/// (blue, green, red; one for ColorOrder::Gray) after resize and crop, before mean and scale. `encoded`: the picture's file, untouched. Written to a
/// temporary name and renamed. Source: public Caffe's Datum. Errors: FileNotWritable, Cancelled, NotSupported, and those of the samples.
Result<void> writeLmdb(const DataSet& data, const std::filesystem::path& folder, bool encoded, const JobContext& job);

/// The preprocessing written in a Caffe network's transform_param, if it has one (mean_value, mean_file, scale, crop_size).
class Model;
std::optional<Preprocess> preprocessFromModel(const Model& model);

/// Class names, one a line ("n01440764 tench, ..." keeps what follows the id). Empty on failure.
std::vector<std::string> readClassNames(const std::filesystem::path& path);

}  // namespace qs
