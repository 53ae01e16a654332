// A layer's parameters: format-neutral names and plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace qs {

using Attribute = std::variant<int64_t, double, std::string, std::vector<int64_t>, std::vector<double>>;

/// "3", "0.5", "MAX", "[3, 3]".
std::string attributeText(const Attribute& attribute);

/// Typed look-ups give the fallback where the name is missing; an integer also answers as a double.
class Attributes {
public:
    void set(std::string name, Attribute value) { m_values.insert_or_assign(std::move(name), std::move(value)); }
    bool has(std::string_view name) const { return m_values.find(name) != m_values.end(); }

    int64_t integer(std::string_view name, int64_t fallback) const;
    bool flag(std::string_view name, bool fallback) const { return integer(name, fallback ? 1 : 0) != 0; }
    double real(std::string_view name, double fallback) const;
    std::string text(std::string_view name, std::string_view fallback) const;
    std::vector<int64_t> integers(std::string_view name, std::vector<int64_t> fallback = {}) const;
    std::vector<double> reals(std::string_view name, std::vector<double> fallback = {}) const;

    const std::map<std::string, Attribute, std::less<>>& all() const { return m_values; }
    bool operator==(const Attributes&) const = default;

private:
    std::map<std::string, Attribute, std::less<>> m_values;
};

}  // namespace qs
