#include "core/import/caffe/mean_image.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/import/caffe/document.h"
#include "core/import/caffe/layers.h"
#include "core/import/caffe/read.h"

namespace qs::caffe {

Result<Buffer> readMeanImage(const std::filesystem::path& path)
{
    QS_TRY(const std::string bytes, readFile(path));
    QS_TRY(const auto blob, parseBlob(bytes, path.string()));
    auto buffer = blobBuffer(blob);
    if (!buffer) {
        Error error = buffer.error();
        error.where = path.string();
        return error;
    }
    const Shape& shape = buffer->shape();
    if (shape.size() == 4 && shape[0] == 1)
        return buffer->reshaped({shape.begin() + 1, shape.end()});
    return buffer;
}

namespace {

/// A side of a picture as the file has it; nullopt for 0 and for what no picture has (as --crop and --resize have it).
std::optional<int> sideOf(uint32_t pixels)
{
    return pixels >= 1 && pixels <= 65536 ? std::optional(static_cast<int>(pixels)) : std::nullopt;
}

}  // namespace

std::optional<Preprocess> preprocessOf(const Model& model)
{
    const auto* document = dynamic_cast<const CaffeDocument*>(model.source().get());
    if (!document)
        return std::nullopt;
    const quantscope_caffe::LayerParameter* source = nullptr;
    for (const auto& layer : document->net.layer())
        if (layer.has_transform_param() && (!source || includedInTest(layer, document->net)))
            source = &layer;
    if (!source)
        return std::nullopt;
    const auto& transform = source->transform_param();
    Preprocess result;
    if (transform.has_scale() && transform.scale() != 1)
        result.scale = {parseDouble(numberText(transform.scale())).value_or(1)};
    result.mean.assign(transform.mean_value().begin(), transform.mean_value().end());
    if (transform.has_mean_file()) {
        // Caffe's paths are relative to where it was started: the file beside the network is the best guess.
        const std::filesystem::path file = transform.mean_file();
        const std::filesystem::path beside = document->netPath.parent_path() / file.filename();
        std::error_code failure;
        result.meanFile = std::filesystem::exists(file, failure) || !std::filesystem::exists(beside, failure) ? file : beside;
    }
    if (const auto side = sideOf(transform.crop_size()))
        result.crop = std::pair(*side, *side);
    const auto& image = source->image_data_param();
    const auto width = sideOf(image.new_width());
    const auto height = sideOf(image.new_height());
    if (width && height)
        result.resize = std::pair(*width, *height);
    const Shape input = model.inputs().empty() ? Shape{} : model.value(model.inputs()[0]).shape;
    if (transform.force_gray() || (source->has_image_data_param() && !image.is_color()) || (input.size() == 4 && input[1] == 1))
        result.color = ColorOrder::Gray;
    const int64_t batch = source->has_image_data_param() ? image.batch_size() : source->data_param().batch_size();
    result.batch = static_cast<int>(std::max<int64_t>(batch, 1));
    return result;
}

}  // namespace qs::caffe
