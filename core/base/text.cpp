#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace qs {

namespace {

template <class T, class... Format>
std::string toText(T value, Format... format)
{
    // Its sign says nothing.
    if (std::isnan(value))
        return "nan";
    std::array<char, 512> buffer{};
    const auto [end, failure] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format...);
    return failure == std::errc() ? std::string(buffer.data(), end) : std::string("?");
}

template <class T>
std::optional<T> parse(std::string_view text)
{
    text = trimmed(text);
    if (text.starts_with('+'))
        text.remove_prefix(1);
    T value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (size_t i = 0; i < a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b.size(); ++j) {
            const size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string numberText(float value)
{
    return toText(value);
}

std::string numberText(double value)
{
    return toText(value);
}

std::string fixedText(double value, int digits)
{
    return toText(value, std::chars_format::fixed, digits);
}

std::optional<double> parseDouble(std::string_view text)
{
    return parse<double>(text);
}

std::optional<int64_t> parseInteger(std::string_view text)
{
    return parse<int64_t>(text);
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<std::string> splitText(std::string_view text, char separator)
{
    std::vector<std::string> pieces;
    if (trimmed(text).empty())
        return pieces;
    while (true) {
        const size_t end = text.find(separator);
        pieces.emplace_back(trimmed(text.substr(0, end)));
        if (end == std::string_view::npos)
            return pieces;
        text.remove_prefix(end + 1);
    }
}

namespace {

/// The bytes of the UTF-8 character at the start of the text, and the character; {1, nothing} where there is none.
std::pair<size_t, std::optional<uint32_t>> firstCharacter(std::string_view text)
{
    const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
    const uint32_t lead = byte(0);
    if (lead < 0x80)
        return {1, lead};
    const size_t length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC2 && lead < 0xE0 ? 2 : 0;
    if (length == 0 || text.size() < length)
        return {1, std::nullopt};
    uint32_t character = lead & (0x7FU >> length);
    for (size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80)
            return {1, std::nullopt};
        character = character << 6 | (byte(i) & 0x3FU);
    }
    return {length, character};
}

bool steers(uint32_t character)
{
    // C0, DEL and C1; marks, embeddings and isolates of the direction of writing; separators of lines and paragraphs; the byte order mark.
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x61C || character == 0x200E || character == 0x200F ||
           (character >= 0x2028 && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069) || character == 0xFEFF;
}

std::string hexadecimal(uint32_t value, size_t digits)
{
    std::string text(digits, '0');
    for (size_t i = digits; i-- > 0; value >>= 4)
        text[i] = "0123456789abcdef"[value & 15];
    return text;
}

}  // namespace

std::string shown(std::string_view text, bool json)
{
    std::string result;
    while (!text.empty()) {
        const auto [length, character] = firstCharacter(text);
        if (!character || (!json && *character < 0x100 && steers(*character)))
            result += "\\x" + hexadecimal(character ? *character : static_cast<unsigned char>(text[0]), 2);
        else if (steers(*character))
            result += "\\u" + hexadecimal(*character, 4);
        else
            result += text.substr(0, length);
        text.remove_prefix(length);
    }
    return result;
}

std::string shortened(std::string_view text, size_t longest)
{
    if (text.size() <= longest)
        return std::string(text);
    // Not inside of a character: back over continuation bytes at the head, on over them at the tail.
    const auto continues = [&](size_t i) { return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80; };
    size_t head = longest * 2 / 3;
    size_t tail = text.size() - (longest - head) + 3;
    for (int i = 0; i < 3 && continues(head); ++i)
        --head;
    for (int i = 0; i < 3 && continues(tail); ++i)
        ++tail;
    return std::string(text.substr(0, head)) + "..." + std::string(text.substr(tail));
}

std::string withArguments(std::string_view text, const std::vector<std::string>& arguments)
{
    std::string result;
    for (size_t i = 0; i < text.size(); ++i) {
        const size_t index = text[i] == '%' && i + 1 < text.size() ? static_cast<size_t>(text[i + 1] - '1') : arguments.size();
        if (index < arguments.size()) {
            result += arguments[index];
            ++i;
        } else {
            result += text[i];
        }
    }
    return result;
}

std::string nearestWord(std::string_view word, const std::vector<std::string>& candidates)
{
    std::string best;
    // Nobody mistypes a word of this length; comparing it with all layers of a network would take minutes.
    constexpr size_t longest = 200;
    if (word.size() > longest)
        return best;
    size_t bestDistance = std::max<size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        // The difference of the lengths is the least that the distance can be.
        if (candidate.size() >= word.size() + bestDistance || word.size() >= candidate.size() + bestDistance)
            continue;
        const size_t distance = editDistance(word, candidate);
        if (distance < bestDistance) {
            bestDistance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace qs
