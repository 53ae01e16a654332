#include "core/ops/weight_channels.h"

namespace qs {

bool multipliesByWeights(std::string_view op)
{
    return op == "Convolution" || op == "DepthwiseConv" || op == "Deconvolution" || op == "InnerProduct" || op == "SparseConvolution";
}

bool outputIsState(std::string_view op)
{
    return op == "LSTM" || op == "GRU";
}

bool isRecurrent(std::string_view op)
{
    return op == "LSTM" || op == "RNN" || op == "GRU";
}

bool readsCodes(const Layer& layer, size_t port)
{
    constexpr size_t staticPort = 2;
    return port == 0 || (port == staticPort && isRecurrent(layer.op) && layer.attributes.flag("staticInput", false));
}

void setCodes(Layer& layer, size_t port, int64_t offset, int64_t bits)
{
    layer.attributes.set(port == 0 ? "inputOffset" : "staticOffset", offset);
    layer.attributes.set(port == 0 ? "inputBits" : "staticBits", bits);
}

WeightChannels::WeightChannels(const Layer& layer)
{
    const Shape& shape = layer.weights.front()->shape();
    const int64_t count = elementCount(shape);
    if (layer.op == "Deconvolution" && shape.size() > 2) {
        const int64_t group = layer.attributes.integer("group", 1);
        m_columns = shape[1];
        m_rowsPerGroup = shape[0] / group;
        m_channels = shape[1] * group;
        m_inner = elementCount(Shape(shape.begin() + 2, shape.end()));
    } else {
        m_channels = shape.empty() ? 1 : shape[0];
        m_inner = count / m_channels;
    }
    m_runs = count / m_inner;
}

}  // namespace qs
