// The layer types by family: what one of them has in its parameters and blobs, as an op's attributes and weights.
//
// To add a type: its function and its row in the file of its family. Types without a row are ops of the same name without attributes, or not known.
#pragma once

#include "core/base/text.h"
#include "core/import/caffe/layers.h"

#include <span>

namespace qs::caffe {

using namespace quantscope_caffe;
using Ints = std::vector<int64_t>;
using Reals = std::vector<double>;

template <class Repeated>
Ints ints(const Repeated& values)
{
    return {values.begin(), values.end()};
}

/// Floats through their shortest decimal text: 0.1f becomes 0.1, as the user wrote it, and rounds back to the same float.
inline double real(float value)
{
    return parseDouble(numberText(value)).value_or(static_cast<double>(value));
}

template <class Repeated>
Reals reals(const Repeated& values)
{
    Reals list;
    for (const float value : values)
        list.push_back(real(value));
    return list;
}

struct Context {
    const LayerParameter& layer;
    const LayerParameter* file;  ///< with the blobs; null: none
    Translation& out;

    int blobs() const { return file ? file->blobs_size() : 0; }
    void set(const char* name, Attribute value) const { out.attributes.set(name, std::move(value)); }
    void integer(const char* name, int64_t value) const { set(name, value); }
    void number(const char* name, float value) const { set(name, real(value)); }

    /// Appends blob `index` as the next weight; -1 in `wanted` is any extent.
    Result<void> take(int index, const Shape& wanted, const char* role) const;
    Result<Buffer> blob(int index, const char* role) const
    {
        auto buffer = blobBuffer(file->blobs(index));
        if (buffer)
            return buffer;
        Error error = buffer.error();
        error.detail = "blob " + std::to_string(index) + " (" + role + "): " + error.detail;
        return error;
    }
    /// A file that has the layer must have exactly as many blobs as the layer's parameters ask for.
    Result<void> expectBlobs(int count) const
    {
        if (!file || blobs() == count)
            return {};
        return Error{ErrorCode::WeightsMismatch, "it should have " + std::to_string(count) + " blobs, the file has " + std::to_string(blobs()), {}};
    }
    /// All blobs as they are.
    Result<void> takeAll() const
    {
        for (int i = 0; i < blobs(); ++i) {
            QS_TRY(Buffer buffer, blob(i, "weights"));
            out.weights.push_back(std::make_shared<const Buffer>(std::move(buffer)));
        }
        return {};
    }
};

struct LayerRow {
    const char* type;
    const char* op;
    Result<void> (*translate)(const Context&);
};

inline Result<void> nothing(const Context&)
{
    return {};
}

std::span<const LayerRow> convolutionLayers();
std::span<const LayerRow> denseLayers();
std::span<const LayerRow> poolingLayers();
std::span<const LayerRow> activationLayers();
std::span<const LayerRow> quantizationLayers();
std::span<const LayerRow> normalizationLayers();
std::span<const LayerRow> elementwiseLayers();
std::span<const LayerRow> layoutLayers();
std::span<const LayerRow> detectionLayers();

}  // namespace qs::caffe
