// Engine tensors seen as ATen tensors, without a copy.
#pragma once

#include "core/engine/tensor.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

namespace qs::kernels {

inline at::Tensor viewOf(const Tensor& tensor)
{
    return at::from_blob(const_cast<float*>(tensor.data()), tensor.shape(), at::TensorOptions().dtype(at::kFloat));
}

inline at::Tensor viewOf(const Buffer& buffer)
{
    return at::from_blob(const_cast<std::byte*>(buffer.bytes()), buffer.shape(), at::TensorOptions().dtype(at::kFloat));
}

}  // namespace qs::kernels
