#include "core/ops/einsum.h"

#include <algorithm>

namespace qs {

namespace {

bool has(const std::string& labels, char label)
{
    return labels.find(label) != std::string::npos;
}

bool twice(std::string labels)
{
    std::sort(labels.begin(), labels.end());
    return std::adjacent_find(labels.begin(), labels.end()) != labels.end();
}

struct Labels {
    std::string a, b, out;

    /// Nothing where the equation has not two operands.
    static std::optional<Labels> of(const std::string& equation)
    {
        const size_t arrow = equation.find("->");
        const std::string operands = equation.substr(0, arrow);
        const size_t comma = operands.find(',');
        if (comma == std::string::npos || operands.find(',', comma + 1) != std::string::npos || has(equation, '.'))
            return std::nullopt;
        Labels labels{operands.substr(0, comma), operands.substr(comma + 1), {}};
        if (arrow != std::string::npos) {
            labels.out = equation.substr(arrow + 2);
            return labels;
        }
        const std::string all = labels.a + labels.b;
        std::copy_if(all.begin(), all.end(), std::back_inserter(labels.out),
                     [&all](char label) { return std::count(all.begin(), all.end(), label) == 1; });
        std::sort(labels.out.begin(), labels.out.end());
        return labels;
    }
};

Error notBuilt(const std::string& equation)
{
    return {ErrorCode::NotSupported, "einsum '" + equation + "' is not built: products of two operands are", {}};
}

}  // namespace

Result<EinsumPlan> planEinsum(std::string equation, const Shape& left, const Shape& right)
{
    std::erase(equation, ' ');
    const auto labels = Labels::of(equation);
    if (!labels)
        return notBuilt(equation);
    const auto& [a, b, out] = *labels;
    std::string both, rows, columns, summed;
    for (const char label : a)
        (has(b, label) ? (has(out, label) ? both : summed) : rows) += label;
    for (const char label : b)
        if (!has(a, label))
            columns += label;
    const std::string kept = both + rows + columns;
    std::string sorted = kept;
    std::string wanted = out;
    std::sort(sorted.begin(), sorted.end());
    std::sort(wanted.begin(), wanted.end());
    if (twice(a) || twice(b) || sorted != wanted)
        return notBuilt(equation);
    if (a.size() != left.size() || b.size() != right.size())
        return Error{ErrorCode::ShapeMismatch, "einsum '" + equation + "' of " + shapeText(left) + " and " + shapeText(right), {}};
    for (const char label : both + summed)
        if (left[a.find(label)] != right[b.find(label)])
            return Error{ErrorCode::ShapeMismatch, std::string("einsum's operands differ along '") + label + "'", {}};
    const auto extent = [&, &a = a, &b = b](char label) { return has(a, label) ? left[a.find(label)] : right[b.find(label)]; };
    const auto product = [&extent](const std::string& some) {
        int64_t count = 1;
        for (const char label : some)
            count *= extent(label);
        return count;
    };
    const auto places = [](const std::string& some, const std::string& of) {
        std::vector<int64_t> order;
        for (const char label : some)
            order.push_back(static_cast<int64_t>(of.find(label)));
        return order;
    };
    EinsumPlan plan{{places(both + rows + summed, a), {product(both), product(rows), product(summed)}},
                    {places(both + summed + columns, b), {product(both), product(summed), product(columns)}},
                    {},
                    places(out, kept)};
    for (const char label : kept)
        plan.apart.push_back(extent(label));
    return plan;
}

}  // namespace qs
