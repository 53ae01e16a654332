#include "core/targets/amct/log.h"

#include "core/base/text.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace qs::amct {

namespace {

std::optional<spdlog::level::level_enum> levelNamed(std::string name)
{
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (name == "DEBUG")
        return spdlog::level::debug;
    if (name == "INFO")
        return spdlog::level::info;
    if (name == "WARNING")
        return spdlog::level::warn;
    if (name == "ERROR")
        return spdlog::level::err;
    return std::nullopt;
}

Result<spdlog::level::level_enum> levelOf(const char* variable)
{
    const char* value = std::getenv(variable);
    if (!value || !*value)
        return spdlog::level::info;
    if (const auto level = levelNamed(value))
        return *level;
    return Error{ErrorCode::OutOfRange, "'" + std::string(value) + "' is not one of DEBUG, INFO, WARNING, ERROR", variable};
}

/// The terminal's alone until openLog is called.
std::shared_ptr<spdlog::logger>& logger()
{
    static std::shared_ptr<spdlog::logger> instance = [] {
        auto terminal = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        const auto level = levelOf("AMCT_LOG_LEVEL");
        terminal->set_level(level ? *level : spdlog::level::info);
        auto made = std::make_shared<spdlog::logger>("amct", terminal);
        made->set_level(spdlog::level::debug);
        made->set_pattern("%v");
        return made;
    }();
    return instance;
}

}  // namespace

Result<void> checkLogLevels()
{
    QS_CHECK(levelOf("AMCT_LOG_LEVEL"));
    QS_CHECK(levelOf("AMCT_LOG_FILE_LEVEL"));
    return {};
}

Result<void> openLog(const std::filesystem::path& folder)
{
    QS_TRY(const auto terminalLevel, levelOf("AMCT_LOG_LEVEL"));
    QS_TRY(const auto fileLevel, levelOf("AMCT_LOG_FILE_LEVEL"));
    auto terminal = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    terminal->set_level(terminalLevel);
    std::vector<spdlog::sink_ptr> sinks{terminal};
    terminal->set_pattern("%v");
    if (!folder.empty()) {
        const auto path = folder / "amct_log" / "amct_caffe.log";
        try {
            auto file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
            file->set_level(fileLevel);
            file->set_pattern("%Y-%m-%d %H:%M:%S %v");
            sinks.push_back(std::move(file));
        } catch (const spdlog::spdlog_ex& error) {
            return Error{ErrorCode::FileNotWritable, error.what(), path.string()};
        }
    }
    auto made = std::make_shared<spdlog::logger>("amct", sinks.begin(), sinks.end());
    made->set_level(spdlog::level::debug);
    made->flush_on(spdlog::level::debug);
    logger() = std::move(made);
    return {};
}

void logDebug(const std::string& text)
{
    logger()->debug("[AMCT][DEBUG]{}", shown(text));
}

void logInfo(const std::string& text)
{
    logger()->info("[AMCT][INFO]{}", shown(text));
}

void logWarning(const std::string& text)
{
    logger()->warn("[AMCT][WARNING]{}", shown(text));
}

void logError(const std::string& text)
{
    logger()->error("[AMCT][ERROR]{}", shown(text));
}

}  // namespace qs::amct
