// Values combined, reduced and ordered.
#include "core/import/caffe/families.h"

namespace qs::caffe {

namespace {

Result<void> eltwise(const Context& c)
{
    const EltwiseParameter& p = c.layer.eltwise_param();
    c.set("operation", std::string(p.operation() == EltwiseParameter::SUM ? "sum" : p.operation() == EltwiseParameter::PROD ? "prod" : "max"));
    if (p.coeff_size() > 0 && p.operation() == EltwiseParameter::SUM)
        c.set("coefficients", reals(p.coeff()));
    return {};
}

Result<void> reduction(const Context& c)
{
    const ReductionParameter& p = c.layer.reduction_param();
    constexpr const char* names[] = {"sum", "asum", "sumsq", "mean"};
    c.set("operation", std::string(names[p.operation() - 1]));
    c.integer("axis", p.axis());
    c.number("coefficient", p.coeff());
    return {};
}

Result<void> argMax(const Context& c)
{
    c.integer("outValue", c.layer.argmax_param().out_max_val());
    c.integer("topK", c.layer.argmax_param().top_k());
    if (c.layer.argmax_param().has_axis())
        c.integer("axis", c.layer.argmax_param().axis());
    return {};
}

Result<void> argMin(const Context& c)
{
    c.integer("outValue", c.layer.argmin_param().out_min_val());
    c.integer("topK", c.layer.argmin_param().top_k());
    if (c.layer.argmin_param().has_axis())
        c.integer("axis", c.layer.argmin_param().axis());
    return {};
}

Result<void> topK(const Context& c)
{
    c.integer("k", c.layer.topk_param().k());
    c.integer("axis", c.layer.topk_param().axis());
    c.integer("largest", c.layer.topk_param().largest());
    return {};
}

Result<void> sort(const Context& c)
{
    c.integer("axis", c.layer.sort_param().axis());
    c.integer("descending", c.layer.sort_param().descending());
    return {};
}

Result<void> reduce(const Context& c)
{
    c.set("axes", ints(c.layer.reduce_param().axes()));
    c.integer("keepDims", c.layer.reduce_param().keep_dims());
    return {};
}

constexpr LayerRow rows[] = {
    {"Eltwise", "Eltwise", eltwise},
    {"Reduction", "Reduction", reduction},
    {"ReduceSum", "ReduceSum", reduce},
    {"ReduceMean", "ReduceMean", reduce},
    {"ReduceProd", "ReduceProd", reduce},
    {"ReduceMax", "ReduceMax", reduce},
    {"ReduceMin", "ReduceMin", reduce},
    {"ArgMax", "ArgMax", argMax},
    {"ArgMin", "ArgMin", argMin},
    {"TopK", "TopK", topK},
    {"Sort", "Sort", sort},
};

}  // namespace

std::span<const LayerRow> elementwiseLayers()
{
    return rows;
}

}  // namespace qs::caffe
