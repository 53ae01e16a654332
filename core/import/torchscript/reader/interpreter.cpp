#include "core/import/torchscript/reader/interpreter.h"

#include "core/import/torchscript/reader/tensors.h"
#include "core/import/torchscript/reader/translate.h"

#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace qs::torchscript {

using c10::IValue;
namespace attr = c10::attr;
namespace prim = c10::prim;

namespace {

/// Operators of torch that a file may have run: beyond any network that ends.
constexpr int64_t mostSteps = 5'000'000;
/// Elements of a constant, and of values that stand in for the network's where torch cannot do without.
constexpr int64_t mostElements = int64_t{1} << 28;

bool hasData(const IValue& value)
{
    bool found = false;
    forTensors(value, [&found](const at::Tensor& tensor) { found = found || Recorder::isData(tensor); });
    return found;
}

/// The value with its tensors replaced; lists are copied.
template <class Function>
IValue mapped(const IValue& value, const Function& function)
{
    if (value.isTensor())
        return value.toTensor().defined() ? IValue(function(value.toTensor())) : value;
    if (value.isTensorList()) {
        c10::List<at::Tensor> list;
        for (const at::Tensor& tensor : value.toTensorVector())
            list.push_back(function(tensor));
        return list;
    }
    if (value.isList() && value.toList().elementType()->isSubtypeOf(*c10::OptionalType::ofTensor())) {
        c10::List<c10::optional<at::Tensor>> list;
        for (const IValue& one : value.toListRef())
            list.push_back(one.isTensor() && one.toTensor().defined() ? c10::optional<at::Tensor>(function(one.toTensor())) : c10::nullopt);
        return list;
    }
    return value;
}

std::string firstLine(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

/// The name in the table: without the namespace, and without the underscore of the form that writes into its first argument.
std::string rowName(const c10::FunctionSchema& schema)
{
    std::string name = schema.name().substr(schema.name().rfind(':') + 1);
    if (name.size() > 1 && name.back() == '_' && !findRow(name))
        name.pop_back();
    return name;
}

bool writes(const c10::FunctionSchema& schema, size_t argument)
{
    const auto* alias = argument < schema.arguments().size() ? schema.arguments()[argument].alias_info() : nullptr;
    return alias && alias->isWrite();
}

/// What such an operator gives depends on its argument's shape alone.
bool givesConstants(const std::string& name)
{
    static const std::set<std::string> names{"zeros_like", "ones_like", "full_like", "new_zeros", "new_ones", "new_full"};
    return names.contains(name);
}

bool isRandom(const std::string& name)
{
    static const std::set<std::string> names{"rand", "randn", "rand_like", "randn_like", "randint", "randperm", "bernoulli", "normal", "uniform"};
    return names.contains(name);
}

/// Reads or writes files.
bool touchesFiles(const std::string& name)
{
    return name == "save" || name == "from_file" || name == "load";
}

/// Elements that a factory is asked for: of a row of numbers what it counts to, else as far as its first list of numbers says.
double askedElements(const std::string& name, const std::vector<IValue>& arguments)
{
    const auto number = [](const IValue& argument) {
        return argument.isInt() || argument.isDouble() ? std::fabs(argument.toScalar().toDouble()) : 0.0;
    };
    if (name == "arange" || name == "range" || name == "eye") {
        double largest = 0;
        for (const IValue& argument : arguments)
            largest = std::max(largest, number(argument));
        return largest;
    }
    if ((name == "linspace" || name == "logspace") && arguments.size() > 2)
        return number(arguments[2]);
    for (const IValue& argument : arguments)
        if (argument.isIntList()) {
            int64_t count = 1;
            for (const int64_t extent : argument.toIntVector()) {
                if (extent > 0 && count > mostElements / extent)
                    return HUGE_VAL;
                count *= std::max<int64_t>(extent, 0);
            }
            return static_cast<double>(count);
        }
    return 0;
}

/// What handles lists and dictionaries of values, and no value itself.
bool handlesContainers(const std::string& name)
{
    static const std::set<std::string> names{"__getitem__", "append", "len",          "list",   "slice",     "add",        "extend",  "copy",
                                             "values",      "keys",   "items",        "pop",    "insert",    "reverse",    "get",     "clear",
                                             "Delete",      "index",  "__contains__", "remove", "_set_item", "setdefault", "popitem", "update"};
    return names.contains(name);
}

bool holdsTensors(const c10::TypePtr& type)
{
    if (type->kind() == c10::TypeKind::TensorType)
        return true;
    const auto inner = type->containedTypes();
    return std::any_of(inner.begin(), inner.end(), holdsTensors);
}

/// Outputs that have no shape before a run.
bool dependsOnValues(const std::string& name)
{
    static const std::set<std::string> names{"nonzero",
                                             "item",
                                             "is_nonzero",
                                             "masked_select",
                                             "_local_scalar_dense",
                                             "unique",
                                             "_unique2",
                                             "nms",
                                             "equal",
                                             "tolist",
                                             "Bool",
                                             "Int",
                                             "Float",
                                             "IntImplicit",
                                             "ScalarImplicit",
                                             "nonzero_numpy",
                                             "bincount",
                                             "allclose",
                                             "FloatImplicit",
                                             "BoolImplicit",
                                             "repeat_interleave",
                                             "argwhere"};
    return names.contains(name);
}

}  // namespace

Interpreter::Interpreter(Recorder& recorder, const torch::jit::Module& module) : m_recorder(recorder)
{
    m_scopes[module._ivalue().get()] = {{}, false};
}

std::string Interpreter::place() const
{
    return m_calls.empty() || m_calls.back().path.empty() ? std::string("the network") : "module '" + m_calls.back().path + "'";
}

IValue Interpreter::run(const torch::jit::Method& method, std::vector<IValue> arguments)
{
    arguments.insert(arguments.begin(), method.owner()._ivalue());
    return call(method.function(), std::move(arguments), m_scopes.at(method.owner()._ivalue().get()));
}

IValue Interpreter::call(torch::jit::Function& function, std::vector<IValue> arguments, Scope scope)
{
    constexpr size_t deepest = 200;
    if (m_calls.size() > deepest)
        throw Stop{"functions call each other without an end"};
    if (!torch::jit::tryToGraphFunction(function))
        throw Stop{"the function '" + function.name() + "' has no code in the file"};
    m_calls.push_back(std::move(scope));
    const std::shared_ptr<torch::jit::Graph> code = toGraphFunction(function).graph();
    Values values;
    function.getSchema().checkAndNormalizeInputs(arguments);
    for (size_t i = 0; i < code->inputs().size(); ++i)
        values[code->inputs()[i]] = arguments.at(i);
    const std::vector<IValue> results = runBlock(*code->block(), values);
    m_calls.pop_back();
    return results.empty() ? IValue() : results.front();
}

std::vector<IValue> Interpreter::runBlock(const Block& block, Values& values)
{
    for (Node* node : const_cast<Block&>(block).nodes())
        runNode(*node, values);
    std::vector<IValue> results;
    for (const torch::jit::Value* output : block.outputs())
        results.push_back(values.at(output));
    return results;
}

void Interpreter::runIf(Node& node, Values& values)
{
    const bool chosen = values.at(node.input(0)).toBool();
    const std::vector<IValue> results = runBlock(*node.blocks().at(chosen ? 0 : 1), values);
    for (size_t i = 0; i < results.size(); ++i)
        values[node.outputs()[i]] = results[i];
}

void Interpreter::runLoop(Node& node, Values& values)
{
    const int64_t most = values.at(node.input(0)).toInt();
    bool goesOn = values.at(node.input(1)).toBool();
    std::vector<IValue> carried;
    for (size_t i = 2; i < node.inputs().size(); ++i)
        carried.push_back(values.at(node.input(i)));
    const Block& body = *node.blocks().at(0);
    for (int64_t trip = 0; trip < most && goesOn; ++trip) {
        if (++m_steps > mostSteps)
            throw Stop{"a loop does not end"};
        values[body.inputs()[0]] = trip;
        for (size_t i = 0; i < carried.size(); ++i)
            values[body.inputs()[i + 1]] = carried[i];
        std::vector<IValue> results = runBlock(body, values);
        goesOn = results.front().toBool();
        carried.assign(results.begin() + 1, results.end());
    }
    for (size_t i = 0; i < carried.size(); ++i)
        values[node.outputs()[i]] = carried[i];
}

IValue Interpreter::attributeOf(const IValue& object, const std::string& name)
{
    const auto owner = object.toObject();
    IValue value = owner->getAttr(name);
    if (value.isObject()) {
        const Scope& outer = m_scopes[owner.get()];
        const auto type = value.toObjectRef().type();
        bool leaf = type->is_module();
        for (size_t i = 0; leaf && i < type->numAttributes(); ++i)
            leaf = !type->getAttribute(i)->is_module();
        m_scopes.try_emplace(&value.toObjectRef(), Scope{outer.path.empty() ? name : outer.path + "." + name, leaf});
    }
    return value;
}

void Interpreter::runCall(Node& node, Values& values)
{
    std::vector<IValue> arguments;
    for (const torch::jit::Value* input : node.inputs())
        arguments.push_back(values.at(input));
    if (node.kind() == prim::CallFunction) {
        torch::jit::Function* function = node.input(0)->type()->expectRef<c10::FunctionType>().function();
        arguments.erase(arguments.begin());
        values[node.output()] = call(*function, std::move(arguments), m_calls.back());
        return;
    }
    const auto object = arguments.front().toObject();
    const auto known = m_scopes.find(object.get());
    const Scope scope = known == m_scopes.end() ? m_calls.back() : known->second;
    values[node.output()] = call(object->type()->getMethod(node.s(attr::name)), std::move(arguments), scope);
}

/// What torch's interpreter does by itself, without an operator.
bool Interpreter::structural(Node& node, Values& values)
{
    const auto in = [&](size_t i) -> const IValue& { return values.at(node.input(i)); };
    const auto all = [&] {
        std::vector<IValue> list;
        for (const torch::jit::Value* input : node.inputs())
            list.push_back(values.at(input));
        return list;
    };
    switch (node.kind()) {
        case prim::Constant: {
            const auto constant = torch::jit::toIValue(node.output());
            values[node.output()] = constant ? *constant : IValue();
            return true;
        }
        case prim::GetAttr:
            values[node.output()] = attributeOf(in(0), node.s(attr::name));
            return true;
        case prim::SetAttr:
            in(0).toObject()->setAttr(node.s(attr::name), in(1));
            return true;
        case prim::If:
            runIf(node, values);
            return true;
        case prim::Loop:
            runLoop(node, values);
            return true;
        case prim::CallMethod:
        case prim::CallFunction:
            runCall(node, values);
            return true;
        case prim::CreateObject: {
            const auto type = node.output()->type()->expect<c10::ClassType>();
            values[node.output()] = c10::ivalue::Object::create(c10::StrongTypePtr(type->compilation_unit(), type), type->numAttributes());
            return true;
        }
        case prim::TupleConstruct: {
            const auto type = node.output()->type()->expect<c10::TupleType>();
            values[node.output()] = type->name() ? IValue(c10::ivalue::Tuple::createNamed(all(), type)) : IValue(c10::ivalue::Tuple::create(all()));
            return true;
        }
        case prim::TupleUnpack:
            for (size_t i = 0; i < node.outputs().size(); ++i)
                values[node.outputs()[i]] = in(0).toTupleRef().elements().at(i);
            return true;
        case prim::TupleSlice: {
            const auto& elements = in(0).toTupleRef().elements();
            std::vector<IValue> part;
            for (int64_t i = node.i(attr::beg); i < node.i(attr::end); ++i)
                part.push_back(elements.at(static_cast<size_t>(i)));
            values[node.output()] = c10::ivalue::Tuple::create(std::move(part));
            return true;
        }
        case prim::ListConstruct: {
            c10::impl::GenericList list(node.output()->type()->expectRef<c10::ListType>().getElementType());
            for (const IValue& value : all())
                list.push_back(value);
            values[node.output()] = IValue(list);
            return true;
        }
        case prim::ListUnpack:
            for (size_t i = 0; i < node.outputs().size(); ++i)
                values[node.outputs()[i]] = in(0).toList().get(i);
            return true;
        case prim::DictConstruct: {
            const auto& type = node.output()->type()->expectRef<c10::DictType>();
            c10::impl::GenericDict dict(type.getKeyType(), type.getValueType());
            for (size_t i = 0; i + 1 < node.inputs().size(); i += 2)
                dict.insert(in(i), in(i + 1));
            values[node.output()] = dict;
            return true;
        }
        case prim::isinstance: {
            bool is = false;
            for (const c10::TypePtr& type : node.tys(attr::types))
                is = is || in(0).type()->isSubtypeOf(*type);
            values[node.output()] = is;
            return true;
        }
        case prim::unchecked_cast:
        case prim::unchecked_unwrap_optional:
            values[node.output()] = in(0);
            return true;
        case prim::Uninitialized:
            values[node.output()] = IValue();
            return true;
        case prim::Print:
        case prim::Enter:
        case prim::Exit:
            for (const torch::jit::Value* output : node.outputs())
                values[output] = IValue();
            return true;
        case prim::RaiseException:
            throw Refused{{ErrorCode::ModelInvalid,
                           "the network itself refuses its input: " + (in(0).isString() ? firstLine(in(0).toStringRef()) : std::string()), place()}};
        default:
            return false;
    }
}

void Interpreter::runNode(Node& node, Values& values)
{
    if (++m_steps > mostSteps)
        throw Stop{"it does not end"};
    if (!structural(node, values))
        runOperator(node, values);
}

void Interpreter::runOperator(Node& node, Values& values)
{
    const std::string kind = node.kind().toUnqualString();
    if (kind == "warn")
        return;
    if (touchesFiles(kind))
        throw Refused{{ErrorCode::NotSupported, "it reads or writes files ('" + kind + "')", place()}};
    std::vector<IValue> arguments;
    bool data = isRandom(kind);
    for (const torch::jit::Value* input : node.inputs()) {
        arguments.push_back(values.at(input));
        data = data || hasData(arguments.back());
    }
    const c10::FunctionSchema* schema = node.maybeSchema();
    const bool container = !arguments.empty() && !arguments.front().isTensor() && handlesContainers(kind);
    const bool givesTensors =
        std::any_of(node.outputs().begin(), node.outputs().end(), [](const torch::jit::Value* output) { return holdsTensors(output->type()); });
    if (schema && data && !container && (givesTensors || dependsOnValues(kind))) {
        record(node, std::move(arguments), values);
        return;
    }
    if (askedElements(kind, arguments) > static_cast<double>(mostElements) && !data)
        throw Refused{{ErrorCode::FileTooLarge, "'" + kind + "' asks for more elements than any network has", place()}};
    // "Where the input is" is no place for a constant, whose values would be lost there.
    for (IValue& argument : arguments)
        if (argument.isDevice() && argument.toDevice().is_meta())
            argument = IValue(c10::Device(at::kCPU));
    torch::jit::Stack stack = std::move(arguments);
    if (schema && schema->is_vararg())
        stack.emplace_back(static_cast<int64_t>(node.inputs().size()));
    try {
        node.getOperation()(stack);
    } catch (const std::exception& exception) {
        throw Stop{"'" + kind + "' in " + place() + ": " + firstLine(exception.what())};
    }
    for (size_t i = 0; i < node.outputs().size(); ++i)
        values[node.outputs()[i]] = stack.at(stack.size() - node.outputs().size() + i);
}

/// Run by torch on shapes alone; where an operator cannot, on zeros.
std::vector<IValue> Interpreter::resultsOf(const Node& node, const std::vector<IValue>& arguments) const
{
    auto operation = const_cast<Node&>(node).getOperation();
    const auto outputs = static_cast<std::ptrdiff_t>(node.outputs().size());
    torch::jit::Stack stack;
    try {
        for (const IValue& argument : arguments)
            stack.push_back(mapped(argument, [](const at::Tensor& tensor) { return tensor.is_meta() ? tensor : tensor.to(at::kMeta); }));
        operation(stack);
        return {stack.end() - outputs, stack.end()};
    } catch (const std::exception&) {
        stack.clear();
    }
    for (const IValue& argument : arguments)
        stack.push_back(mapped(argument, [](const at::Tensor& tensor) {
            if (!tensor.is_meta())
                return tensor.clone();
            if (tensor.numel() > mostElements)
                throw Stop{"a value of " + shapeText(shapeOf(tensor)) + " is too large"};
            return at::zeros(tensor.sizes(), tensor.options().device(at::kCPU));
        }));
    operation(stack);
    std::vector<IValue> results(stack.end() - outputs, stack.end());
    for (IValue& result : results)
        result = mapped(result, [](const at::Tensor& tensor) { return at::empty_like(tensor, tensor.options().device(at::kMeta)); });
    return results;
}

std::string Interpreter::layerName(const std::string& kind)
{
    const Scope& scope = m_calls.back();
    if (scope.path.empty())
        return kind;
    return scope.leaf ? scope.path : scope.path + "." + kind;
}

namespace {

/// The type that a cast asks for; that of the value where it asks for none.
at::ScalarType castType(const c10::FunctionSchema& schema, const std::vector<IValue>& arguments)
{
    at::ScalarType type = arguments.front().toTensor().scalar_type();
    for (size_t i = 1; i < arguments.size(); ++i)
        if (arguments[i].isTensor())
            type = arguments[i].toTensor().scalar_type();
        else if (i < schema.arguments().size() && schema.arguments()[i].name() == "dtype" && arguments[i].isInt())
            type = static_cast<at::ScalarType>(arguments[i].toInt());
    return type;
}

/// zeros_like and its kind: the argument's shape is enough.
IValue constantLike(torch::jit::Node& node, const std::vector<IValue>& arguments)
{
    torch::jit::Stack stack;
    for (const IValue& argument : arguments)
        stack.push_back(argument.isDevice() ? IValue(c10::Device(at::kCPU)) : mapped(argument, [](const at::Tensor& tensor) {
            return tensor.is_meta() ? at::zeros({1}, tensor.options().device(at::kCPU)).expand(tensor.sizes()) : tensor;
        }));
    node.getOperation()(stack);
    return stack.back();
}

}  // namespace

/// A cast to floats, or to the type that there is, is the value itself; false for another.
bool Interpreter::recordCast(const Node& node, const std::vector<IValue>& arguments, Values& values)
{
    const at::Tensor from = arguments.front().toTensor();
    const at::ScalarType type = castType(node.schema(), arguments);
    if (!at::isFloatingType(type) && type != from.scalar_type())
        return false;
    const at::Tensor to = at::empty_like(from, from.options().dtype(type).device(at::kMeta));
    m_recorder.bind(to, m_recorder.valueOf(from));
    values[node.output()] = to;
    return true;
}

std::vector<ValueId> Interpreter::recordNotRun(const std::string& name, const std::string& why, const std::vector<IValue>& arguments,
                                               const std::vector<at::Tensor>& results)
{
    Layer layer;
    layer.name = layerName(name);
    layer.type = name;
    layer.notRunnable = why;
    for (const IValue& argument : arguments)
        forTensors(argument, [&](const at::Tensor& tensor) {
            if (Recorder::isData(tensor))
                layer.inputs.push_back(m_recorder.valueOf(tensor));
        });
    std::vector<Shape> shapes;
    for (const at::Tensor& result : results)
        shapes.push_back(shapeOf(result));
    return m_recorder.addLayer(std::move(layer), results.size(), shapes);
}

/// The layers of its row, or one that is not run.
std::vector<ValueId> Interpreter::translate(const Node& node, const std::vector<IValue>& arguments, const std::vector<at::Tensor>& results)
{
    const std::string kind = node.kind().toUnqualString();
    const std::string name = rowName(node.schema());
    std::string why = "not all of its outputs are built";
    try {
        const Row* row = findRow(name);
        if (isRandom(kind) || !row)
            throw NotBuilt{isRandom(kind) ? "it gives random values" : "the operator '" + kind + "' is not known"};
        std::vector<ValueId> found = row->translate(Call(m_recorder, node.schema(), arguments, results, name, layerName(name)));
        if (found.size() >= results.size())
            return found;
    } catch (const NotBuilt& refused) {
        why = refused.why;
    } catch (const c10::Error& error) {
        why = "its arguments are not read: " + firstLine(error.what_without_backtrace());
    }
    return recordNotRun(name, why, arguments, results);
}

void Interpreter::record(Node& node, std::vector<IValue> arguments, Values& values)
{
    const c10::FunctionSchema& schema = node.schema();
    const std::string kind = node.kind().toUnqualString();
    if (dependsOnValues(kind) && !findRow(rowName(schema)))
        throw Stop{"'" + kind + "' in " + place() + " depends on the values that the network computes, not on their shapes"};
    if ((kind == "to" || kind == "type_as" || kind == "float" || kind == "_to_copy") && recordCast(node, arguments, values))
        return;
    if (givesConstants(kind)) {
        values[node.output()] = constantLike(node, arguments);
        return;
    }
    // A constant that takes up what the network computes is not followed.
    for (size_t i = 0; i < arguments.size(); ++i)
        if (writes(schema, i) && arguments[i].isTensor() && !Recorder::isData(arguments[i].toTensor()))
            throw Stop{"'" + kind + "' in " + place() + " writes what the network computes into a constant"};
    std::vector<IValue> results;
    try {
        results = resultsOf(node, arguments);
    } catch (const Stop&) {
        throw;
    } catch (const c10::NotImplementedError&) {
        throw Stop{"'" + kind + "' in " + place() + " cannot be followed"};
    } catch (const std::exception& exception) {
        throw Refused{{ErrorCode::ModelInvalid, "'" + kind + "' does not take an input of this shape: " + firstLine(exception.what()), place()}};
    }
    std::vector<at::Tensor> tensors;
    for (const IValue& result : results)
        forTensors(result, [&](const at::Tensor& tensor) { tensors.push_back(tensor); });
    const std::vector<ValueId> found = translate(node, arguments, tensors);
    for (size_t i = 0; i < tensors.size(); ++i) {
        m_recorder.checkShape(found[i], tensors[i]);
        m_recorder.bind(tensors[i], found[i]);
    }
    for (size_t i = 0; i < arguments.size(); ++i)
        if (writes(schema, i) && arguments[i].isTensor()) {
            m_recorder.wrote(arguments[i].toTensor());
            if (!found.empty())
                m_recorder.bind(arguments[i].toTensor(), found.front());
        }
    for (size_t i = 0; i < results.size(); ++i)
        values[node.outputs()[i]] = results[i];
}

}  // namespace qs::torchscript
