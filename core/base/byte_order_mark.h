// Editors on Windows put three bytes before a text.
#pragma once

#include <string>
#include <string_view>

namespace qs {

inline std::string withoutByteOrderMark(std::string text)
{
    return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : std::move(text);
}

/// UTF-16 of either byte order, which nothing here reads.
inline bool isUtf16(std::string_view text)
{
    return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
}

}  // namespace qs
