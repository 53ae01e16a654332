#include "core/import/caffe/layers.h"

#include "core/import/caffe/families.h"
#include "core/import/caffe/integer_blob.h"
#include "core/ops/op.h"
#include "core/ops/weight_channels.h"

#include <algorithm>
#include <cmath>

namespace qs::caffe {

namespace {

bool fits(const Shape& shape, const Shape& wanted)
{
    if (shape.size() < wanted.size())
        return false;
    // Old files fill four dimensions up with ones in front.
    const size_t extra = shape.size() - wanted.size();
    for (size_t i = 0; i < shape.size(); ++i)
        if (i < extra ? shape[i] != 1 : wanted[i - extra] != -1 && wanted[i - extra] != shape[i])
            return false;
    return true;
}

std::string wantedText(const Shape& wanted)
{
    std::string text;
    for (const int64_t dimension : wanted)
        text += (text.empty() ? "" : "x") + (dimension < 0 ? std::string("*") : std::to_string(dimension));
    return text.empty() ? "scalar" : text;
}

/// Null where no family has it.
const LayerRow* rowOf(const std::string& type)
{
    for (const auto family : {convolutionLayers, denseLayers, poolingLayers, activationLayers, quantizationLayers, normalizationLayers,
                              elementwiseLayers, layoutLayers, detectionLayers})
        for (const LayerRow& row : family())
            if (type == row.type)
                return &row;
    return nullptr;
}

}  // namespace

Result<void> Context::take(int index, const Shape& wanted, const char* role) const
{
    if (!file)
        return {};
    QS_TRY(const Buffer buffer, blob(index, role));
    if (!fits(buffer.shape(), wanted))
        return Error{ErrorCode::WeightsMismatch,
                     "its " + std::string(role) + " should be " + wantedText(wanted) + ", the file has " + shapeText(buffer.shape()),
                     {}};
    const Shape shape(buffer.shape().end() - static_cast<std::ptrdiff_t>(wanted.size()), buffer.shape().end());
    out.weights.push_back(std::make_shared<const Buffer>(buffer.reshaped(shape)));
    return {};
}

Result<Buffer> blobBuffer(const BlobProto& blob)
{
    Shape shape;
    // A scalar has neither a shape nor the four old fields.
    if (blob.has_shape() || !(blob.has_num() || blob.has_channels() || blob.has_height() || blob.has_width()))
        shape = ints(blob.shape().dim());
    else if (blob.has_num() || blob.has_channels() || blob.has_height() || blob.has_width())
        shape = {blob.num(), blob.channels(), blob.height(), blob.width()};  // else a scalar: an empty shape is not written
    const bool doubles = blob.data_size() == 0 && blob.double_data_size() > 0;
    const int64_t have = doubles ? blob.double_data_size() : blob.data_size();
    int64_t want = 1;
    for (const int64_t dimension : shape) {
        if (dimension < 0 || (dimension > 0 && want > INT32_MAX / dimension))
            return Error{ErrorCode::WeightsMismatch, "its shape " + shapeText(shape) + " is not possible", {}};
        want *= dimension;
    }
    if (have != want || have == 0)
        return Error{ErrorCode::WeightsMismatch, "its shape is " + shapeText(shape) + ", the file has " + std::to_string(have) + " values", {}};
    Buffer buffer(DType::F32, shape);
    const std::span<float> values = buffer.floats();
    if (doubles)
        std::transform(blob.double_data().begin(), blob.double_data().end(), values.begin(), [](double value) { return static_cast<float>(value); });
    else
        std::copy(blob.data().begin(), blob.data().end(), values.begin());
    for (size_t i = 0; i < values.size(); ++i)
        if (!std::isfinite(values[i]))
            return Error{ErrorCode::InvalidNumber, "value " + std::to_string(i) + " is " + numberText(values[i]), {}};
    return buffer;
}

namespace {

std::shared_ptr<const Buffer> asCodes(const Buffer& floats)
{
    auto codes = std::make_shared<Buffer>(DType::I8, floats.shape());
    std::transform(floats.floats().begin(), floats.floats().end(), codes->as<int8_t>().begin(), [](float code) { return static_cast<int8_t>(code); });
    return codes;
}

bool hasIntegers(const LayerParameter& weights)
{
    return std::any_of(weights.blobs().begin(), weights.blobs().end(),
                       [](const BlobProto& blob) { return blob.has_int8_data() || blob.int32_data_size() > 0; });
}

/// An LSTM, RNN or GRU of a deploy model (our own): int8 matrices with what their products are multiplied by as float data, biases in float.
Result<Translation> translateMatrices(const LayerParameter& layer, const LayerParameter& weights)
{
    LayerParameter floats = weights;
    std::vector<double> scales;
    for (BlobProto& blob : *floats.mutable_blobs()) {
        if (!blob.has_int8_data()) {
            if (blob.int32_data_size() > 0)
                return Error{ErrorCode::WeightsMismatch, "its biases should be floats, the file has int32_data", {}};
            continue;
        }
        QS_TRY(const Buffer codes, integerBlob(blob, layer.type(), 1));
        if (codes.shape().size() != 2 || blob.data_size() != 1 || !std::isfinite(blob.data(0)) || blob.data(0) <= 0)
            return Error{ErrorCode::WeightsMismatch, "each of its integer matrices needs one positive scale as its float data", {}};
        scales.push_back(static_cast<double>(blob.data(0)));
        blob.clear_int8_data();
        blob.clear_int32_data();
        blob.mutable_data()->Assign(codes.as<int8_t>().begin(), codes.as<int8_t>().end());
    }
    QS_TRY(Translation translation, translateLayer(layer, &floats));
    for (size_t i = 0; i < translation.weights.size(); ++i)
        if (weights.blobs(static_cast<int>(i)).has_int8_data())
            translation.weights[i] = asCodes(*translation.weights[i]);
        else if (translation.weights[i]->shape().size() == 2)
            return Error{ErrorCode::WeightsMismatch, "some of its matrices are integers, others are not", {}};
    translation.attributes.set("weightScales", scales);
    return translation;
}

/// A layer of a deploy model: int8 weights and int32 bias. Shapes and forms are those of its float sibling, so that the codes go through the same
/// translation as floats and come back as integers.
Result<Translation> translateIntegers(const LayerParameter& layer, const LayerParameter& weights)
{
    static constexpr const char* types[] = {"Convolution",          "DepthwiseConv", "ConvolutionDepthwise",
                                            "DepthwiseConvolution", "Deconvolution", "InnerProduct"};
    if (isRecurrent(layer.type()))
        return translateMatrices(layer, weights);
    if (std::find(std::begin(types), std::end(types), layer.type()) == std::end(types))
        return Error{ErrorCode::NotSupported, "integer weights are known of convolutions, inner products, LSTM, RNN and GRU only", {}};
    LayerParameter floats;
    floats.set_name(weights.name());
    std::vector<Buffer> integers;
    for (int i = 0; i < weights.blobs_size(); ++i) {
        QS_TRY(Buffer codes, integerBlob(weights.blobs(i), layer.type(), layer.convolution_param().group()));
        if (codes.dtype() != (i == 0 ? DType::I8 : DType::I32))
            return Error{ErrorCode::WeightsMismatch, i == 0 ? "its weight should be int8_data" : "its bias should be int32_data", {}};
        BlobProto& blob = *floats.add_blobs();
        for (const int64_t dimension : codes.shape())
            blob.mutable_shape()->add_dim(dimension);
        if (codes.dtype() == DType::I8)
            blob.mutable_data()->Assign(codes.as<int8_t>().begin(), codes.as<int8_t>().end());
        else
            blob.mutable_data()->Assign(codes.as<int32_t>().begin(), codes.as<int32_t>().end());
        integers.push_back(std::move(codes));
    }
    QS_TRY(Translation translation, translateLayer(layer, &floats));
    translation.weights.front() = asCodes(*translation.weights.front());
    // Not by way of float: 32 bits do not fit into 24.
    if (integers.size() > 1)
        translation.weights[1] = std::make_shared<Buffer>(integers[1].reshaped(translation.weights[1]->shape()));
    return translation;
}

}  // namespace

Result<Translation> translateLayer(const LayerParameter& layer, const LayerParameter* weights)
{
    Translation translation;
    // Files without blobs are those of a layer without weights.
    const bool usable = weights && weights->blobs_size() > 0;
    if (usable && hasIntegers(*weights) && layer.type() != "DeQuant")
        return translateIntegers(layer, *weights);
    const Context context{layer, usable ? weights : nullptr, translation};
    if (const LayerRow* row = rowOf(layer.type())) {
        translation.op = row->op;
        QS_CHECK(row->translate(context));
    } else {
        translation.op = findOp(layer.type()) && layer.type() != "Input" ? layer.type() : "";
        QS_CHECK(context.takeAll());
    }
    return translation;
}

bool trainingOnly(const std::string& type)
{
    static constexpr const char* types[] = {"Accuracy", "Silence", "HDF5Output", "SoftmaxWithLoss", "DetectionEvaluate", "LabelSpecificAdd"};
    return type.ends_with("Loss") || std::find(std::begin(types), std::end(types), type) != std::end(types);
}

bool dataLayer(const std::string& type)
{
    static constexpr const char* types[] = {"Data", "ImageData", "HDF5Data", "MemoryData", "WindowData", "DummyData", "AnnotatedData", "VideoData"};
    return std::find(std::begin(types), std::end(types), type) != std::end(types);
}

}  // namespace qs::caffe
