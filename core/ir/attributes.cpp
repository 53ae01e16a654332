#include "core/ir/attributes.h"

#include "core/base/text.h"

namespace qs {

namespace {

std::string text(int64_t value)
{
    return std::to_string(value);
}

std::string text(double value)
{
    return numberText(value);
}

std::string text(const std::string& value)
{
    return value;
}

template <class T>
std::string text(const std::vector<T>& values)
{
    std::string list;
    for (const T& value : values)
        list += (list.empty() ? "" : ", ") + text(value);
    return "[" + list + "]";
}

template <class T, class Map>
T find(const Map& values, std::string_view name, T fallback)
{
    const auto found = values.find(name);
    if (found == values.end())
        return fallback;
    const T* value = std::get_if<T>(&found->second);
    return value ? *value : fallback;
}

}  // namespace

std::string attributeText(const Attribute& attribute)
{
    return std::visit([](const auto& value) { return text(value); }, attribute);
}

int64_t Attributes::integer(std::string_view name, int64_t fallback) const
{
    return find<int64_t>(m_values, name, fallback);
}

double Attributes::real(std::string_view name, double fallback) const
{
    const auto found = m_values.find(name);
    if (found == m_values.end())
        return fallback;
    if (const auto* whole = std::get_if<int64_t>(&found->second))
        return static_cast<double>(*whole);
    const auto* value = std::get_if<double>(&found->second);
    return value ? *value : fallback;
}

std::string Attributes::text(std::string_view name, std::string_view fallback) const
{
    return find<std::string>(m_values, name, std::string(fallback));
}

std::vector<int64_t> Attributes::integers(std::string_view name, std::vector<int64_t> fallback) const
{
    return find<std::vector<int64_t>>(m_values, name, std::move(fallback));
}

std::vector<double> Attributes::reals(std::string_view name, std::vector<double> fallback) const
{
    return find<std::vector<double>>(m_values, name, std::move(fallback));
}

}  // namespace qs
