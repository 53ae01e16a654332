// What importers ask of the inputs that a user gives: shared with the reader of TorchScript, which is a module of its own.
#include "core/import/importer.h"
#include "core/ops/shape_rules.h"

namespace qs {

Result<void> checkInputShape(const Shape& shape, const std::string& where)
{
    int64_t count = 1;
    bool fits = shape.size() <= ops::largestRank;
    for (size_t i = 0; i < shape.size() && fits; ++i) {
        fits = shape[i] >= 1 && count <= INT32_MAX / shape[i];
        count *= fits ? shape[i] : 1;
    }
    if (fits)
        return {};
    const std::string text = shape.size() > ops::largestRank ? std::to_string(shape.size()) + " dimensions" : shapeText(shape);
    return Error{ErrorCode::OutOfRange, "it is declared as " + text, where};
}

Error noSuchInput(const std::string& name, const std::vector<std::string>& names)
{
    std::string all;
    for (const std::string& known : names)
        all += (all.empty() ? "'" : ", '") + known + "'";
    return {ErrorCode::UnknownKey, "the network's inputs are " + (all.empty() ? "none" : all), "input '" + name + "'"};
}

}  // namespace qs
