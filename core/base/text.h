// Numbers as text without the locale: Qt's QCoreApplication calls setlocale, after which printf and strtod write and read "0,5".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qs {

/// Shortest text that reads back to the same value ("0.7", "1e-10", "inf", "nan").
std::string numberText(float value);
std::string numberText(double value);
/// With a fixed count of digits after the point.
std::string fixedText(double value, int digits);
/// The whole text must be a number; surrounding blanks are allowed.
std::optional<double> parseDouble(std::string_view text);
std::optional<int64_t> parseInteger(std::string_view text);
/// The pieces between separators, trimmed; an empty text gives no pieces.
std::vector<std::string> splitText(std::string_view text, char separator);
std::string_view trimmed(std::string_view text);
/// What a file says, as it may be shown: control characters, those that turn the direction of writing, and bytes that are not UTF-8 become \x1b or
/// \u202e (in a JSON text \u001b). A file must not steer the terminal that prints its names.
std::string shown(std::string_view text, bool json = false);
/// For names that are quoted in a reason: above `longest` bytes the middle gives way to "...".
std::string shortened(std::string_view text, size_t longest = 200);
/// `text` with %1... replaced, each once; for translated sentences, too.
std::string withArguments(std::string_view text, const std::vector<std::string>& arguments);
/// The candidate nearest to `word` by edit distance, for "did you mean"; empty when none is near.
std::string nearestWord(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace qs
