#include "core/ir/block_repeats.h"

#include <algorithm>
#include <map>

namespace qs {

namespace {

/// More than this cannot be looked over; parts of a stretch are about its root.
constexpr size_t longRow = 100;
constexpr size_t longestPeriod = 12;
/// A part that all goes through, but not to be seen at once: what is in it stands by itself.
constexpr int longestSegment = 40;

/// A stretch of the row with a number that is equal for equal structure.
struct Token {
    int first = 0;
    int end = 0;
    int what = 0;
    bool single() const { return end == first + 1; }
};

bool follows(const std::string& op)
{
    return op == "ReLU" || op == "ReLU6" || op == "Clip" || op == "BatchNorm" || op == "Scale" || op == "PReLU";
}

/// Cut where nothing but the item before the cut is used behind it.
std::vector<Token> segments(const std::vector<RowItem>& row)
{
    std::vector<int> lastUse(row.size(), -1);
    for (size_t i = 0; i < row.size(); ++i)
        for (const int used : row[i].uses)
            lastUse[static_cast<size_t>(used)] = static_cast<int>(i);
    std::vector<Token> tokens;
    int furthest = -1;
    int first = 0;
    const auto end = [&](int behind) {
        const bool whole = behind - first <= longestSegment;
        for (int i = first; i < behind; ++i)
            if (!whole || i == first)
                tokens.push_back({i, whole ? behind : i + 1, 0});
        first = behind;
    };
    for (int i = 0; i < static_cast<int>(row.size()); ++i) {
        if (furthest <= i)
            end(i + 1);
        furthest = std::max(furthest, lastUse[static_cast<size_t>(i)]);
    }
    end(static_cast<int>(row.size()));
    return tokens;
}

/// The activation behind a residual block belongs to it.
std::vector<Token> withFollowers(const std::vector<RowItem>& row, const std::vector<Token>& tokens)
{
    std::vector<Token> joined;
    for (const Token& token : tokens)
        if (!joined.empty() && !joined.back().single() && token.single() && follows(row[static_cast<size_t>(token.first)].what))
            joined.back().end = token.end;
        else
            joined.push_back(token);
    return joined;
}

void number(const std::vector<RowItem>& row, std::vector<Token>& tokens)
{
    std::map<std::string, int> known;
    for (Token& token : tokens) {
        std::string what;
        for (int i = token.first; i < token.end; ++i) {
            what += row[static_cast<size_t>(i)].what + '(';
            for (const int used : row[static_cast<size_t>(i)].uses)
                what += std::to_string(i - used) + ' ';
            what += ')';
        }
        token.what = known.emplace(std::move(what), static_cast<int>(known.size())).first->second;
    }
}

/// How often what begins here follows itself, with this period; 1: not at all.
int repetitions(const std::vector<Token>& tokens, size_t at, size_t period)
{
    size_t same = 0;
    while (at + same + period < tokens.size() && tokens[at + same].what == tokens[at + same + period].what)
        ++same;
    return 1 + static_cast<int>(same / period);
}

size_t shortestPeriod(const std::vector<Token>& tokens, size_t at)
{
    const auto alike = [&](size_t period) {
        return std::all_of(tokens.begin() + static_cast<std::ptrdiff_t>(at), tokens.begin() + static_cast<std::ptrdiff_t>(at + period),
                           [&](const Token& token) { return token.what == tokens[at].what; });
    };
    for (size_t period = 2; period <= longestPeriod && at + 2 * period <= tokens.size(); ++period)
        if (repetitions(tokens, at, period) > 1 && !alike(period))
            return period;
    return 0;
}

/// Each period of a row of singles becomes one token.
std::vector<Token> tandems(const std::vector<Token>& tokens)
{
    std::vector<Token> joined;
    for (size_t at = 0; at < tokens.size();) {
        const size_t period = tokens[at].single() ? shortestPeriod(tokens, at) : 0;
        const int times = period > 0 ? repetitions(tokens, at, period) : 1;
        const size_t step = std::max<size_t>(period, 1);
        for (int i = 0; i < times; ++i, at += step)
            joined.push_back({tokens[at].first, tokens[at + step - 1].end, tokens[at].what});
    }
    return joined;
}

}  // namespace

RowParts repeatedParts(const std::vector<RowItem>& row)
{
    std::vector<Token> tokens = withFollowers(row, segments(row));
    number(row, tokens);
    tokens = tandems(tokens);
    RowParts parts;
    const auto add = [&](std::vector<RowPart>& list, int first, int end) {
        if (end - first > 1 && end - first < static_cast<int>(row.size()))
            list.push_back({first, end});
    };
    for (const Token& token : tokens)
        add(parts.repeats, token.first, token.end);
    if (tokens.size() <= longRow)
        return parts;
    size_t each = 2;
    while (each * each < tokens.size())
        ++each;
    for (size_t at = 0; at + 1 < tokens.size(); at += each)
        add(parts.stretches, tokens[at].first, tokens[std::min(at + each, tokens.size()) - 1].end);
    return parts;
}

}  // namespace qs
