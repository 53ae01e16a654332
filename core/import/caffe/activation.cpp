// Functions of single values, and Softmax.
#include "core/import/caffe/families.h"

namespace qs::caffe {

namespace {

Result<void> relu(const Context& c)
{
    c.number("slope", c.layer.relu_param().negative_slope());
    return {};
}

Result<void> relu6(const Context& c)
{
    c.number("threshold", c.layer.relu6_param().threshold());
    c.number("slope", c.layer.relu6_param().negative_slope());
    return {};
}

Result<void> prelu(const Context& c)
{
    QS_CHECK(c.expectBlobs(1));
    const bool shared = c.layer.prelu_param().channel_shared();
    QS_CHECK(c.take(0, shared ? Shape{} : Shape{-1}, "slope"));
    if (shared && !c.out.weights.empty())
        c.out.weights[0] = std::make_shared<const Buffer>(c.out.weights[0]->reshaped({1}));
    return {};
}

Result<void> clip(const Context& c)
{
    const ClipParameter& p = c.layer.clip_param();
    if (!p.has_min() || !p.has_max())
        return Error{ErrorCode::MissingValue, "clip_param needs min and max", {}};
    c.number("min", p.min());
    c.number("max", p.max());
    return {};
}

Result<void> elu(const Context& c)
{
    c.number("alpha", c.layer.elu_param().alpha());
    return {};
}

Result<void> swish(const Context& c)
{
    c.number("beta", c.layer.swish_param().beta());
    return {};
}

template <class Param>
void baseScaleShift(const Context& c, const Param& p)
{
    c.number("base", p.base());
    c.number("scale", p.scale());
    c.number("shift", p.shift());
}

Result<void> exponential(const Context& c)
{
    baseScaleShift(c, c.layer.exp_param());
    return {};
}

Result<void> logarithm(const Context& c)
{
    baseScaleShift(c, c.layer.log_param());
    return {};
}

Result<void> power(const Context& c)
{
    c.number("power", c.layer.power_param().power());
    c.number("scale", c.layer.power_param().scale());
    c.number("shift", c.layer.power_param().shift());
    return {};
}

Result<void> threshold(const Context& c)
{
    c.number("threshold", c.layer.threshold_param().threshold());
    return {};
}

Result<void> softmax(const Context& c)
{
    c.integer("axis", c.layer.softmax_param().axis());
    return {};
}

Result<void> crelu(const Context& c)
{
    c.number("slope", c.layer.crelu_param().negative_slope());
    c.integer("axis", c.layer.crelu_param().concat_axis());
    return {};
}

Result<void> rrelu(const Context& c)
{
    c.number("lower", c.layer.rrelu_param().lower());
    c.number("upper", c.layer.rrelu_param().upper());
    return {};
}

constexpr LayerRow rows[] = {
    {"ReLU", "ReLU", relu},
    {"ReLU6", "ReLU6", relu6},
    {"RReLU", "RReLU", rrelu},
    {"CReLU", "CReLU", crelu},
    {"PReLU", "PReLU", prelu},
    {"Clip", "Clip", clip},
    {"ELU", "ELU", elu},
    {"Swish", "Swish", swish},
    {"HSwish", "Hswish", nothing},
    {"Exp", "Exp", exponential},
    {"Log", "Log", logarithm},
    {"Power", "Power", power},
    {"Threshold", "Threshold", threshold},
    {"Softmax", "Softmax", softmax},
};

}  // namespace

std::span<const LayerRow> activationLayers()
{
    return rows;
}

}  // namespace qs::caffe
