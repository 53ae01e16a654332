// scale_offset_record.txt: the text form of factors.
#pragma once

#include "core/base/error.h"
#include "core/quant/record.h"

#include <filesystem>

namespace qs {

/// Text format of ScaleOffsetRecord (semantics 1.9), layers in the given order of names. Reading it back and writing again gives the same bytes.
std::string recordToText(const QuantRecord& record, const std::vector<std::string>& order);
/// Reads the manual's nested and its flat form, and CANN's (the same names in another order). Of an input that stands in both forms the nested
/// one holds. Errors: ParseFailed with the line, OutOfRange, DuplicateKey, MissingValue.
Result<QuantRecord> recordFromText(const std::string& text, const std::string& fileName);
/// The same from a file of the user's, in which a record without any layer is MissingValue: a file that a full disk has cut to nothing must not pass
/// for a network in which nothing is to be quantized.
Result<QuantRecord> readRecordFile(const std::filesystem::path& file);

}  // namespace qs
