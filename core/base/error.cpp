#include "core/base/error.h"

#include "core/base/text.h"

#include <array>

namespace qs {

namespace {

struct Words {
    ErrorCode code;
    const char* summary;
    const char* remedy;
};

constexpr std::array words{
    Words{ErrorCode::Cancelled, "Cancelled", ""},
    Words{ErrorCode::FileNotFound, "The file does not exist", "Check the path."},
    Words{ErrorCode::FileUnreadable, "The file cannot be read", "Check its permissions."},
    Words{ErrorCode::FileTruncated, "The file ends too early", "Copy or download it again."},
    Words{ErrorCode::FileTooLarge, "The file declares more data than a network can have", "It is damaged: copy or download it again."},
    Words{ErrorCode::FileNotWritable, "The file cannot be written",
          "Check that the folder exists, that you may write there and that the disk is not full."},
    Words{ErrorCode::FormatUnknown, "The format is not known", "Give a Caffe .prototxt (with its .caffemodel), an .onnx or a TorchScript file."},
    Words{ErrorCode::ParseFailed, "The file cannot be parsed", "Correct the place that is named."},
    Words{ErrorCode::ModelInvalid, "The network is not valid", "Correct the layer that is named."},
    Words{ErrorCode::WeightsMismatch, "The weights do not belong to this network", "Give the weights that were trained with this network."},
    Words{ErrorCode::ShapeMismatch, "The shapes do not fit", "Check the layer's parameters and its inputs."},
    Words{ErrorCode::InvalidNumber, "A value is NaN or infinite", "Check the weights or the data that are named."},
    Words{ErrorCode::UnknownLayer, "The network has no such layer", "Check the spelling of the layer's name."},
    Words{ErrorCode::UnknownKey, "The key is not known", "Check its spelling or remove it."},
    Words{ErrorCode::DuplicateKey, "The key stands twice", "Remove one of the two."},
    Words{ErrorCode::OutOfRange, "The value is out of range", "Give a value inside the range."},
    Words{ErrorCode::WrongType, "The value has the wrong type", "Give a value of the type that is named."},
    Words{ErrorCode::MissingValue, "A value is missing", "Add it."},
    Words{ErrorCode::NotRunnable, "The layer cannot be run", "Cut the network before it, or use the parts that do not depend on it."},
    Words{ErrorCode::NotSupported, "This is not supported", "See the table of what works in the README."},
    Words{ErrorCode::NoData, "There is no data", "Choose a folder with pictures, a list, .npy, CIFAR-10 or MNIST file, or an LMDB."},
    Words{ErrorCode::LabelsMismatch, "The labels do not belong to these samples", "Give the labels of these samples."},
    Words{ErrorCode::DataUnreadable, "The data cannot be read", "Check the file that is named."},
    Words{ErrorCode::TooFewBatches, "There are fewer batches of data than batch_num", "Give more data, a smaller batch, or lower batch_num."},
    Words{ErrorCode::AlreadyQuantized, "The network is quantized already", "Open the float network that it was made from."},
    Words{ErrorCode::IllegalScale, "The quantization scale is illegal",
          "The data's range is not usable: check the layer's input for infinities or very large values, or do not quantize it."},
    Words{ErrorCode::OutOfMemory, "There is not enough memory",
          "Close other programs, or use a smaller batch, smaller pictures or a smaller network."},
    Words{ErrorCode::EngineUnavailable, "The compute engine cannot be opened",
          "Reinstall the program; libquantscope_engine.so must stand beside it."},
    Words{ErrorCode::Usage, "The command line is not valid", "See --help."},
    Words{ErrorCode::Internal, "Internal error", "Please report it with the log."},
};

const Words& find(ErrorCode code)
{
    for (const Words& entry : words)
        if (entry.code == code)
            return entry;
    return words.back();
}

}  // namespace

const char* errorSummary(ErrorCode code)
{
    return find(code).summary;
}

const char* errorRemedy(ErrorCode code)
{
    return find(code).remedy;
}

std::string errorText(const Error& error)
{
    constexpr size_t longest = 4000;
    std::string text = error.where.empty() ? "" : shown(shortened(error.where, longest)) + ": ";
    text += errorSummary(error.code);
    if (!error.detail.empty())
        text += ": " + shown(shortened(error.detail, longest));
    if (const std::string remedy = errorRemedy(error.code); !remedy.empty())
        text += ". " + remedy;
    return text;
}

}  // namespace qs
