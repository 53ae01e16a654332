// The DATA options that every program understands (the command line's contract): flags to a DataSpec. No Qt.
#pragma once

#include "core/data/dataset.h"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace qs {

class Model;

/// The flags as typed; checked by dataSpec().
struct DataOptions {
    std::string images;  ///< folder or list file
    std::string npy;
    std::string cifar10;
    std::string mnist;
    std::string lmdb;
    std::string points;
    std::string voxelSize;   ///< x,y,z
    std::string voxelRange;  ///< least x,y,z, largest x,y,z
    int pointFeatures = 0;
    int voxelPoints = 0;
    int voxels = 0;
    bool reverseSites = false;
    std::string color;  ///< bgr, rgb, gray
    int resizeShort = 0;
    std::string resize;  ///< WxH
    std::string crop;    ///< WxH
    std::string mean;    ///< a,b,c or a file
    std::string scale;   ///< a or a,b,c
    std::string std;     ///< the same, dividing
    int batch = 0;
    int limit = 0;
    std::string preprocess;  ///< JSON file; the flags above override it
    std::string labels;
    std::string outputs;  ///< a word of outputKindNames
    std::string decoder;
    std::vector<std::string> inputs;  ///< NAME=X.npy

    /// False: none of --images, --npy, --cifar10, --mnist, --lmdb, --points.
    bool hasSource() const { return !(images.empty() && npy.empty() && cifar10.empty() && mnist.empty() && lmdb.empty() && points.empty()); }
};

/// Adds the flags to a command, in a group "DATA".
void addDataOptions(CLI::App& app, DataOptions& options);

/// Errors: Usage naming the flag (none or several sources, a malformed size or number), and those of the files that it names.
Result<DataSpec> dataSpec(const DataOptions& options);
/// With what the flags leave open from the network: the preprocessing in its transform_param, grey pictures for an input of one channel. Errors:
/// ModelInvalid for a network without inputs, and those above.
Result<DataSpec> dataSpecFor(const Model& model, const DataOptions& options);

}  // namespace qs
