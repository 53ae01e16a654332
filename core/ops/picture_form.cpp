#include "core/ops/picture_form.h"

namespace qs {

Shape pictureShape(const Shape& shape)
{
    return shape.size() == 3 ? Shape{shape[0], shape[1], 1, shape[2]} : shape;
}

Attributes pictureAttributes(const Attributes& attributes)
{
    Attributes pictures = attributes;
    const auto insert = [&](const char* name, size_t entries, int64_t ofHeight) {
        std::vector<int64_t> list = attributes.integers(name);
        if (list.size() != entries)
            return;
        for (size_t i = 0; i < entries; ++i)
            list.insert(list.begin() + static_cast<std::ptrdiff_t>(2 * i), ofHeight);
        pictures.set(name, list);
    };
    for (const char* name : {"kernel", "stride", "dilation"})
        insert(name, 1, 1);
    insert("outputPad", 1, 0);
    if (attributes.integers("kernel").size() == 1)
        insert("pad", 2, 0);
    return pictures;
}

}  // namespace qs
