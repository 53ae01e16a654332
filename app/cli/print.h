// The only place where commands print. Names come from files: control characters in them are shown as \x1b, so that a file cannot rewrite what the
// user reads, and a line stays a line.
#pragma once

#include <string>

namespace qs::cli {

/// printf() to standard output.
void say(const char* format, ...) __attribute__((format(printf, 1, 2)));
/// printf() to standard error.
void complain(const char* format, ...) __attribute__((format(printf, 1, 2)));
/// A text whose lines are the program's own: a table, JSON.
void printText(const std::string& text);
void complainText(const std::string& text);
/// Whether all of standard output has arrived; a full disk may show only now.
bool outputWritten();

}  // namespace qs::cli
