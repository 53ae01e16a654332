#include "core/import/onnx/sparse.h"

#include "core/import/onnx/translate.h"
#include "core/ops/sparse_sites.h"

#include <algorithm>

namespace qs::onnxio {

namespace {

const onnx::AttributeProto* find(const onnx::NodeProto& node, const char* name)
{
    for (const auto& attribute : node.attribute())
        if (attribute.name() == name)
            return &attribute;
    return nullptr;
}

void copyAttribute(const onnx::NodeProto& from, const char* name, onnx::NodeProto& to)
{
    if (const auto* attribute = find(from, name))
        *to.add_attribute() = *attribute;
}

int64_t flagOf(const onnx::NodeProto& node, const char* name)
{
    const auto* attribute = find(node, name);
    return attribute ? attribute->i() : 0;
}

class Sites {
public:
    explicit Sites(onnx::GraphProto& graph) : m_graph(graph) {}

    void write()
    {
        google::protobuf::RepeatedPtrField<onnx::NodeProto> old;
        old.Swap(m_graph.mutable_node());
        for (const auto& node : old) {
            if (node.op_type() == "SparseConvolution")
                addConvolution(node);
            else if (node.op_type() == "ScatterDense")
                addScatter(node);
            else
                addOther(node);
        }
    }

private:
    /// What convolutions of one rulebook share.
    struct Book {
        std::string geometry;  ///< sites and window, as text
        std::string rules;
        std::string before, after;  ///< sites
    };

    /// Of a value; of an input of the graph they are another input. Empty: not known.
    std::string sitesOf(const onnx::NodeProto& node)
    {
        const std::string value = node.input_size() > 0 ? node.input(0) : std::string();
        if (const auto found = m_sites.find(value); found != m_sites.end())
            return found->second;
        const auto isIt = [&value](const auto& input) { return input.name() == value; };
        const auto input = std::find_if(m_graph.input().begin(), m_graph.input().end(), isIt);
        const auto* shape = find(node, "input_spatial_shape");
        if (input == m_graph.input().end() || !shape)
            return {};
        onnx::ValueInfoProto sites;
        sites.set_name(value + "_sites");
        auto* type = sites.mutable_type()->mutable_tensor_type();
        type->set_elem_type(onnx::TensorProto::INT32);
        const auto& rows = input->type().tensor_type().shape();
        type->mutable_shape()->add_dim()->set_dim_value(rows.dim_size() > 0 ? rows.dim(0).dim_value() : 0);
        type->mutable_shape()->add_dim()->set_dim_value(shape->ints_size() + 1);
        *m_graph.add_input() = sites;
        return m_sites[value] = sites.name();
    }

    static std::string geometryOf(const onnx::NodeProto& node, const std::string& sites)
    {
        std::string text = sites;
        for (const char* name : {"input_spatial_shape", "kernel_size", "stride", "padding", "dilation"}) {
            text += std::string(" ") + name;
            if (const auto* attribute = find(node, name))
                for (const int64_t number : attribute->ints())
                    text += " " + std::to_string(number);
        }
        return text + (flagOf(node, "subm") != 0 ? " subm" : "");
    }

    /// Null: there are none.
    const Book* bookOf(const onnx::NodeProto& node)
    {
        const std::string sites = sitesOf(node);
        const auto* named = find(node, "rulebook");
        const std::string name = named && !named->s().empty() ? named->s() : node.name();
        if (sites.empty() || name.empty() || flagOf(node, "transposed") != 0)
            return nullptr;
        if (flagOf(node, "inverse") != 0)
            return inverseOf(name, sites);
        const std::string geometry = geometryOf(node, sites);
        const auto known = m_books.find(name);
        if (known != m_books.end())
            return known->second.geometry == geometry ? &known->second : nullptr;
        onnx::NodeProto& rules = *m_graph.add_node();
        rules.set_name(name);
        rules.set_op_type("SparseRules");
        rules.add_input(sites);
        rules.add_output(name + "_sites");
        rules.add_output(name + "_rules");
        for (const char* attribute : {"input_spatial_shape", "kernel_size", "stride", "padding", "dilation", "subm"})
            copyAttribute(node, attribute, rules);
        copyAttribute(node, "output_shape", rules);
        const bool subm = flagOf(node, "subm") != 0;
        return &(m_books[name] = {geometry, rules.output(1), sites, subm ? sites : rules.output(0)});
    }

    const Book* inverseOf(const std::string& name, const std::string& sites)
    {
        const auto forward = m_books.find(name);
        if (forward == m_books.end() || forward->second.after != sites)
            return nullptr;
        const std::string own = name + "_inverse";
        if (const auto known = m_books.find(own); known != m_books.end())
            return &known->second;
        onnx::NodeProto& rules = *m_graph.add_node();
        rules.set_name(own);
        rules.set_op_type("SparseInverseRules");
        rules.add_input(forward->second.rules);
        rules.add_input(forward->second.before);
        rules.add_output(own + "_rules");
        return &(m_books[own] = {{}, rules.output(0), sites, forward->second.before});
    }

    void addConvolution(onnx::NodeProto node)
    {
        const Book* book = node.output_size() == 1 && node.input_size() > 1 ? bookOf(node) : nullptr;
        if (!book) {
            *m_graph.add_node() = node;
            return;
        }
        const std::vector<std::string> inputs(node.input().begin(), node.input().end());
        node.clear_input();
        for (size_t i = 0; i < inputs.size(); ++i) {
            node.add_input(inputs[i]);
            if (i == 0)
                node.add_input(book->rules);
        }
        const std::string output = node.output(0);
        m_sites[output] = book->after;
        const auto* activation = find(node, "activation");
        const bool relu = activation && (activation->s() == "ReLU" || activation->s() == "Relu");
        if (relu) {
            onnx::NodeProto behind;
            behind.set_name(node.name() + "_relu");
            behind.set_op_type("Relu");
            behind.add_input(output + "_linear");
            behind.add_output(output);
            node.set_output(0, output + "_linear");
            m_sites[node.output(0)] = book->after;
            *m_graph.add_node() = node;
            *m_graph.add_node() = behind;
            return;
        }
        *m_graph.add_node() = node;
    }

    void addScatter(onnx::NodeProto node)
    {
        if (const auto found = node.input_size() == 1 ? m_sites.find(node.input(0)) : m_sites.end(); found != m_sites.end())
            node.add_input(found->second);
        *m_graph.add_node() = node;
    }

    /// What works on features alone leaves the sites.
    void addOther(const onnx::NodeProto& node)
    {
        for (const std::string& input : node.input())
            if (const auto found = m_sites.find(input); found != m_sites.end() && node.output_size() > 0)
                m_sites.emplace(node.output(0), found->second);
        *m_graph.add_node() = node;
    }

    onnx::GraphProto& m_graph;
    std::map<std::string, std::string> m_sites;  ///< by value
    std::map<std::string, Book> m_books;
};

/// Weights as (outputs, inputs, kernel...), from what the format has: (outputs, kernel..., inputs), or spconv's own (kernel..., inputs, outputs).
std::optional<Buffer> ordered(const Buffer& weights, const Ints& kernel, int64_t inputs, int64_t outputs)
{
    Shape first{outputs};
    first.insert(first.end(), kernel.begin(), kernel.end());
    first.push_back(inputs);
    Shape second(kernel.begin(), kernel.end());
    second.insert(second.end(), {inputs, outputs});
    const bool outputsFirst = weights.shape() == first;
    if (outputsFirst == (weights.shape() == second) || weights.count() == 0)
        return std::nullopt;
    Shape shape{outputs, inputs};
    shape.insert(shape.end(), kernel.begin(), kernel.end());
    Buffer made(DType::F32, shape);
    const int64_t taps = weights.count() / (inputs * outputs);
    const auto from = weights.floats();
    for (int64_t o = 0; o < outputs; ++o)
        for (int64_t i = 0; i < inputs; ++i)
            for (int64_t tap = 0; tap < taps; ++tap)
                made.floats()[static_cast<size_t>((o * inputs + i) * taps + tap)] =
                    from[static_cast<size_t>(outputsFirst ? (o * taps + tap) * inputs + i : (tap * inputs + i) * outputs + o)];
    return made;
}

/// Of a convolution, and of the rules that it reads: the attributes of SparseRules.
Attributes windowOf(const Context& c)
{
    const Ints kernel = c.node.integers("kernel_size");
    const Ints ones(kernel.size(), 1);
    Attributes window;
    window.set("spatialShape", c.node.integers("input_spatial_shape"));
    window.set("kernel", kernel);
    window.set("stride", c.node.integers("stride", ones));
    window.set("pad", c.node.integers("padding", Ints(kernel.size(), 0)));
    window.set("dilation", c.node.integers("dilation", ones));
    window.set("subm", c.node.integer("subm", 0));
    return window;
}

/// The sides of the grid that come out, where the file says them: they must be what the window makes.
bool fitsWindow(const Context& c)
{
    Layer rules;
    rules.attributes = windowOf(c);
    const Ints sides = rules.attributes.integers("spatialShape");
    for (const char* list : {"spatialShape", "kernel", "stride", "pad", "dilation"}) {
        const Ints numbers = rules.attributes.integers(list);
        const auto valid = [](int64_t number) { return number >= 0 && number <= INT32_MAX; };
        if (numbers.size() != sides.size() || !std::all_of(numbers.begin(), numbers.end(), valid))
            return false;
    }
    const Ints stride = rules.attributes.integers("stride");
    return std::find(stride.begin(), stride.end(), 0) == stride.end() && c.node.integers("output_spatial_shape", sides) == sidesBehind(rules);
}

}  // namespace

void writeSites(onnx::GraphProto& graph)
{
    const auto& nodes = graph.node();
    if (std::any_of(nodes.begin(), nodes.end(), [](const auto& node) { return node.op_type() == "SparseConvolution"; }))
        Sites(graph).write();
}

Result<void> sparseRules(const Context& c)
{
    c.out.attributes = windowOf(c);
    if (const Ints traced = c.node.integers("output_shape"); !traced.empty())
        c.set("rows", traced.front());
    return {};
}

Result<void> sparseInverseRules(const Context& c)
{
    c.takeAll();
    return {};
}

Result<void> sparseConvolution(const Context& c)
{
    constexpr int withoutRules = 3;
    const bool biased = c.node.proto.input_size() > withoutRules;
    if (c.node.proto.input_size() < withoutRules || c.node.constant(1))
        return c.refuse("the sites that it reads are not known, or its rulebook is another window's");
    const TypedConstant* weight = c.node.constant(2);
    if (!weight || (biased && c.node.has(withoutRules) && !c.node.constant(withoutRules)))
        return c.refuse("its weights are computed by the network");
    const Ints kernel = c.node.integers("kernel_size");
    const bool inverse = c.node.integer("inverse", 0) != 0;
    if (static_cast<int64_t>(kernel.size()) != c.node.integer("ndim", static_cast<int64_t>(kernel.size())))
        return c.refuse("its kernel_size has not ndim numbers");
    if (c.node.integer("groups", 1) != 1 || c.node.integer("transposed", 0) != 0)
        return c.refuse("groups and transposed sparse convolutions are not built");
    const auto moved = c.node.integers("output_padding");
    if (std::any_of(moved.begin(), moved.end(), [](int64_t side) { return side != 0; }))
        return c.refuse("its output_padding is not built");
    // Of an inverse one they are the window's that it turns around.
    if (!fitsWindow(c) && !inverse)
        return c.refuse("its output_spatial_shape is not what its window makes");
    if (const std::string activation = c.node.text("activation", "None");
        activation != "None" && !activation.empty() && activation != "ReLU" && activation != "Relu")
        return c.refuse("its activation " + activation + " is not built");
    const int64_t outputs = c.node.integer("out_channels", 0);
    auto weights = ordered(floatsOf(*weight), kernel, c.node.integer("in_channels", 0), outputs);
    if (!weights)
        return c.refuse("its weights " + shapeText(weight->data.shape()) +
                        " are neither (outputs, kernel, inputs) nor (kernel, inputs, outputs), or both");
    c.out.inputs = {0, 1};
    c.set("kernel", kernel);
    c.set("outputs", outputs);
    // Quantizers of the file, of which nothing is made yet.
    if (c.node.attribute("input_dynamic_range"))
        c.set("inputAmax", c.node.real("input_dynamic_range", 0));
    if (const auto* ranges = c.node.attribute("weight_dynamic_ranges"))
        c.set("weightAmax", Reals(ranges->floats().begin(), ranges->floats().end()));
    c.out.weights = {share(*std::move(weights))};
    if (const TypedConstant* bias = biased ? c.node.constant(withoutRules) : nullptr)
        c.out.weights.push_back(share(floatsOf(*bias)));
    return {};
}

Result<void> scatterDense(const Context& c)
{
    if (c.node.proto.input_size() < 2)
        return c.refuse("the sites that it reads are not known");
    const Ints sides = c.node.integers("input_spatial_shape");
    const Ints shape = c.node.integers("output_shape");
    Ints wanted(shape.begin(), shape.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(shape.size())));
    wanted.insert(wanted.end(), sides.begin(), sides.end());
    if (!shape.empty() && shape != wanted)
        return c.refuse("its output_shape is not (batch, channels, input_spatial_shape)");
    c.takeAll();
    c.set("spatialShape", sides);
    c.set("batch", shape.empty() ? int64_t{1} : shape.front());
    return {};
}

}  // namespace qs::onnxio
