// Inner products, matrix products, recurrent layers, look-up tables.
#include "core/import/caffe/families.h"

namespace qs::caffe {

namespace {

Buffer transposed(const Buffer& matrix)
{
    const auto rows = static_cast<size_t>(matrix.shape()[0]);
    const auto columns = static_cast<size_t>(matrix.shape()[1]);
    Buffer result(DType::F32, {matrix.shape()[1], matrix.shape()[0]});
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j)
            result.floats()[j * rows + i] = matrix.floats()[i * columns + j];
    return result;
}

Result<void> innerProduct(const Context& c)
{
    const InnerProductParameter& p = c.layer.inner_product_param();
    const int64_t outputs = p.num_output();
    c.integer("outputs", outputs);
    c.integer("axis", p.axis());
    QS_CHECK(c.expectBlobs(p.bias_term() ? 2 : 1));
    QS_CHECK(c.take(0, p.transpose() ? Shape{-1, outputs} : Shape{outputs, -1}, "weight"));
    if (p.transpose() && !c.out.weights.empty())
        c.out.weights[0] = std::make_shared<const Buffer>(transposed(*c.out.weights[0]));
    return p.bias_term() ? c.take(1, {outputs}, "bias") : Result<void>();
}

Result<void> embed(const Context& c)
{
    const EmbedParameter& p = c.layer.embed_param();
    c.integer("outputs", p.num_output());
    QS_CHECK(c.expectBlobs(p.bias_term() ? 2 : 1));
    QS_CHECK(c.take(0, {p.input_dim(), p.num_output()}, "weight"));
    return p.bias_term() ? c.take(1, {p.num_output()}, "bias") : Result<void>();
}

Result<void> recurrent(const Context& c)
{
    const bool own = c.out.op == "GRU" && c.layer.has_gru_param();
    const bool exposed = own ? c.layer.gru_param().expose_hidden() : c.layer.recurrent_param().expose_hidden();
    c.integer("outputs", own ? c.layer.gru_param().num_output() : c.layer.recurrent_param().num_output());
    c.integer("exposeHidden", exposed);
    if (own)
        c.integer("linearBeforeReset", c.layer.gru_param().linear_before_reset());
    // As Caffe: what stands between the marks and the states is the static input.
    const int states = !exposed ? 0 : c.out.op == "LSTM" ? 2 : 1;
    const bool fixed = c.layer.bottom_size() > 2 + states;
    c.integer("staticInput", fixed);
    QS_CHECK(c.expectBlobs((c.out.op == "RNN" ? 5 : 3) + (fixed ? 1 : 0)));
    return c.takeAll();
}

Result<void> gemm(const Context& c)
{
    const GemmParameter& p = c.layer.gemm_param();
    c.number("alpha", p.alpha());
    c.number("beta", p.beta());
    c.integer("transA", p.transpose_a());
    c.integer("transB", p.transpose_b());
    return {};
}

Result<void> matMul(const Context& c)
{
    c.integer("transA", c.layer.matmul_param().transpose_a());
    c.integer("transB", c.layer.matmul_param().transpose_b());
    return {};
}

constexpr LayerRow rows[] = {
    {"InnerProduct", "InnerProduct", innerProduct},
    {"Embed", "Embed", embed},
    {"LSTM", "LSTM", recurrent},
    {"RNN", "RNN", recurrent},
    {"GRU", "GRU", recurrent},
    {"Gemm", "Gemm", gemm},
    {"MatMul", "MatMul", matMul},
};

}  // namespace

std::span<const LayerRow> denseLayers()
{
    return rows;
}

}  // namespace qs::caffe
