#include "app/common/shape_text.h"

#include "core/base/text.h"

namespace qs {

std::optional<Shape> shapeFromText(const std::string& text)
{
    Shape shape;
    for (const std::string& part : splitText(text, 'x')) {
        const auto extent = parseInteger(part);
        if (!extent || *extent < 1)
            return std::nullopt;
        shape.push_back(*extent);
    }
    return shape.empty() ? std::nullopt : std::optional(shape);
}

}  // namespace qs
