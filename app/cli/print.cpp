#include "app/cli/print.h"

#include "core/base/text.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <string_view>

namespace qs::cli {

namespace {

std::string formatted(const char* format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    const int length = std::vsnprintf(nullptr, 0, format, arguments);
    std::string text(static_cast<size_t>(std::max(length, 0)) + 1, '\0');
    std::vsnprintf(text.data(), text.size(), format, again);
    va_end(again);
    text.pop_back();
    return text;
}

void put(std::FILE* file, std::string_view text, bool linesAreOurs)
{
    std::string safe;
    while (!text.empty()) {
        const size_t end = linesAreOurs ? text.find('\n') : text.size() - (text.ends_with('\n') ? 1 : 0);
        safe += shown(text.substr(0, end));
        if (end >= text.size())
            break;
        safe += '\n';
        text.remove_prefix(end + 1);
    }
    std::fwrite(safe.data(), 1, safe.size(), file);
}

/// A line break more than the format has came with a name: then only the last one is taken for ours.
void put(std::FILE* file, const char* format, va_list arguments)
{
    const std::string text = formatted(format, arguments);
    const std::string_view own(format);
    put(file, text, std::count(text.begin(), text.end(), '\n') == std::count(own.begin(), own.end(), '\n'));
}

}  // namespace

void say(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put(stdout, format, arguments);
    va_end(arguments);
}

void complain(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put(stderr, format, arguments);
    va_end(arguments);
}

void printText(const std::string& text)
{
    put(stdout, text, true);
}

void complainText(const std::string& text)
{
    put(stderr, text, true);
}

bool outputWritten()
{
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

}  // namespace qs::cli
