// Quant, AntiQuant and DeQuant of fake-quant and deploy models: scale, offset and the width of the integers between them.
#include "core/import/caffe/families.h"

#include "core/base/text.h"
#include "core/quant/params.h"

#include <bit>
#include <cmath>

namespace qs::caffe {

namespace {

// Quant and AntiQuant: scale_d, offset_d and the width of the integers between them.
Result<void> quant(const Context& c)
{
    const QuantParameter& p = c.layer.quant_param();
    if (!p.has_scale())
        return Error{ErrorCode::MissingValue, "quant_param has no scale", {}};
    const int32_t offset = p.with_offset() ? p.offset() : 0;
    const int bits = p.has_num_bits_d() ? p.num_bits_d() : 8;
    if (bits < 8 || bits > 16)
        return Error{ErrorCode::OutOfRange, "num_bits_d " + std::to_string(bits) + " is not in [8, 16]", {}};
    QS_CHECK(checkParams({.scale = p.scale(), .offset = offset, .bits = bits}));
    c.number("scale", p.scale());
    c.integer("offset", offset);
    c.integer("bits", bits);
    return {};
}

// One float, the lower 32 bits, of each 64-bit parameter (semantics 1.8).
Result<void> deQuant(const Context& c)
{
    if (!c.file)
        return {};
    QS_CHECK(c.expectBlobs(1));
    const auto& parameters = c.file->blobs(0).uint64_data();
    Buffer scales(DType::F32, {parameters.size()});
    for (int i = 0; i < parameters.size(); ++i) {
        const auto scale = std::bit_cast<float>(static_cast<uint32_t>(parameters.Get(i)));
        if (!std::isfinite(scale) || scale <= 0)
            return Error{ErrorCode::InvalidNumber, "dequantization scale " + std::to_string(i) + " is " + numberText(scale), {}};
        scales.floats()[static_cast<size_t>(i)] = scale;
    }
    if (parameters.empty())
        return Error{ErrorCode::WeightsMismatch, "its blob has no dequantization parameters (uint64_data)", {}};
    c.out.weights = {std::make_shared<const Buffer>(std::move(scales))};
    return {};
}

constexpr LayerRow rows[] = {
    {"Quant", "Quant", quant},
    {"AntiQuant", "AntiQuant", quant},
    {"DeQuant", "DeQuant", deQuant},
    {"IFMR", "Identity", nothing},
};

}  // namespace

std::span<const LayerRow> quantizationLayers()
{
    return rows;
}

}  // namespace qs::caffe
