// Errors are values: a code (what to do about it), a detail (what was found) and a place (file, layer, key or line).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace qs {

/// What went wrong, coarse enough to be translated and to carry a remedy. Details belong in Error::detail.
enum class ErrorCode {
    Cancelled,  ///< the user stopped the job: not a failure
    FileNotFound,
    FileUnreadable,   ///< exists, but cannot be read (permission, directory)
    FileTruncated,    ///< ends before its content says so
    FileTooLarge,     ///< a length field or size beyond any sensible network
    FileNotWritable,  ///< cannot create, write or rename
    FormatUnknown,    ///< no importer knows it
    ParseFailed,      ///< syntax
    ModelInvalid,     ///< cycles, missing producers, duplicated names
    WeightsMismatch,  ///< the weights do not belong to this network
    ShapeMismatch,
    InvalidNumber,  ///< NaN or infinity where a finite number is needed
    UnknownLayer,
    UnknownKey,
    DuplicateKey,
    OutOfRange,
    WrongType,
    MissingValue,
    NotRunnable,   ///< a layer (or one before it) has no kernel
    NotSupported,  ///< known, not built
    NoData,
    LabelsMismatch,  ///< the labels are of other samples
    DataUnreadable,
    TooFewBatches,
    AlreadyQuantized,   ///< Quant layers or integer weights where a float network is needed
    IllegalScale,       ///< semantics 1.1: scale is infinite, NaN or outside 1/FLT_EPSILON
    OutOfMemory,        ///< `detail` says how much it would take, where it is known
    EngineUnavailable,  ///< the engine module cannot be opened
    Usage,
    Internal,
};

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string detail;  ///< what was found, in English; names and numbers
    std::string where;   ///< file, "file:line", layer, or "layer 'conv1', key 'num_bits'"
};

/// One English sentence saying what the code means, and one saying what to do. widgets/common/error_text.cpp translates them.
const char* errorSummary(ErrorCode code);
const char* errorRemedy(ErrorCode code);
/// "where: summary: detail. remedy" in English, for the command line and the log; one line, whatever names it quotes.
std::string errorText(const Error& error);

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }
    T& value() & { return std::get<0>(m_state); }
    const T& value() const& { return std::get<0>(m_state); }
    T&& value() && { return std::get<0>(std::move(m_state)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    const Error& error() const { return std::get<1>(m_state); }

private:
    std::variant<T, Error> m_state;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)) {}

    bool ok() const { return !m_error.has_value(); }
    explicit operator bool() const { return ok(); }
    const Error& error() const { return *m_error; }

private:
    std::optional<Error> m_error;
};

}  // namespace qs

#define QS_CONCAT_(a, b) a##b
#define QS_CONCAT(a, b) QS_CONCAT_(a, b)
/// QS_TRY(auto x, f()): x is f()'s value, or the enclosing function returns f()'s error.
#define QS_TRY(declaration, expression) QS_TRY_(declaration, expression, QS_CONCAT(qsResult, __LINE__))
#define QS_TRY_(declaration, expression, temporary) \
    auto temporary = (expression);                  \
    if (!(temporary))                               \
        return (temporary).error();                 \
    declaration = *std::move(temporary)
/// QS_CHECK(f()): return f()'s error, if it has one.
#define QS_CHECK(expression)                            \
    do {                                                \
        if (auto qsCheck = (expression); !qsCheck.ok()) \
            return qsCheck.error();                     \
    } while (false)
