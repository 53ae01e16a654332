// A decoder's name and options as words.
#include "core/base/text.h"
#include "core/stats/decoder_rows.h"

namespace qs {

using namespace decoders;

namespace decoders {

Error wrong(ErrorCode code, const std::string& word, const std::string& what)
{
    return {code, "'" + word + "': " + what, "decoder"};
}

}  // namespace decoders

namespace {

constexpr const char* activationNames[] = {"none", "sigmoid", "softmax"};

std::optional<BoxSize> sizeFrom(const std::string& text)
{
    const size_t cross = text.find('x');
    const auto width = parseDouble(std::string_view(text).substr(0, cross));
    const auto height = cross == std::string::npos ? width : parseDouble(std::string_view(text).substr(cross + 1));
    if (!width || !height || !(*width > 0 && *width < 1e6 && *height > 0 && *height < 1e6))
        return std::nullopt;
    return BoxSize{*width, *height};
}

struct Option {
    const char* name;
    const char* form;                                        ///< what it takes
    bool (*read)(const std::string& text, DecoderSetting&);  ///< false: it is not of that form
    std::string (*write)(const DecoderSetting&);
};

template <double DecoderSetting::*member>
bool readShare(const std::string& text, DecoderSetting& setting)
{
    const auto number = parseDouble(text);
    if (!number || !(*number >= 0 && *number <= 1))
        return false;
    setting.*member = *number;
    return true;
}

template <bool DecoderSetting::*member>
bool readBit(const std::string& text, DecoderSetting& setting)
{
    setting.*member = text == "1";
    return text == "0" || text == "1";
}

bool readNumbers(const std::string& text, std::vector<double>& into, double least)
{
    into.clear();
    for (const std::string& part : splitText(text, ',')) {
        const auto number = parseDouble(part);
        if (!number || !(*number >= least && *number < 1e6))
            return false;
        into.push_back(*number);
    }
    return !into.empty();
}

std::string writeNumbers(const std::vector<double>& numbers)
{
    std::string text;
    for (const double number : numbers)
        text += (text.empty() ? "" : ",") + numberText(number);
    return text;
}

bool readSizes(const std::string& text, DecoderSetting& setting)
{
    setting.sizes.clear();
    for (const std::string& map : splitText(text, '/')) {
        setting.sizes.emplace_back();
        for (const std::string& part : splitText(map, ',')) {
            const auto size = sizeFrom(part);
            if (!size)
                return false;
            setting.sizes.back().push_back(*size);
        }
    }
    return !setting.sizes.empty();
}

std::string writeSizes(const DecoderSetting& setting)
{
    std::string text;
    for (const auto& map : setting.sizes) {
        std::string list;
        for (const BoxSize& size : map)
            list += (list.empty() ? "" : ",") + numberText(size.width) + (size.width == size.height ? "" : "x" + numberText(size.height));
        text += (text.empty() ? "" : "/") + list;
    }
    return text;
}

constexpr Option options[] = {
    {"sizes", "sizes in pixels, W or WxH, with commas, a slash between feature maps", readSizes, writeSizes},
    {"steps", "pixels from cell to cell, one number a feature map, with commas",
     [](const std::string& text, DecoderSetting& setting) { return readNumbers(text, setting.steps, 1); },
     [](const DecoderSetting& setting) { return writeNumbers(setting.steps); }},
    {"variances", "two numbers, of centre and size",
     [](const std::string& text, DecoderSetting& setting) { return readNumbers(text, setting.variances, 1e-6) && setting.variances.size() == 2; },
     [](const DecoderSetting& setting) { return writeNumbers(setting.variances); }},
    {"activation", "none, sigmoid or softmax",
     [](const std::string& text, DecoderSetting& setting) {
         const auto found = std::find(std::begin(activationNames), std::end(activationNames), text);
         setting.activation = static_cast<Activation>((found - std::begin(activationNames)) % 3);
         return found != std::end(activationNames);
     },
     [](const DecoderSetting& setting) { return std::string(activationNames[static_cast<size_t>(setting.activation)]); }},
    {"background", "0 or 1", readBit<&DecoderSetting::background>,
     [](const DecoderSetting& setting) { return std::string(setting.background ? "1" : "0"); }},
    {"clip", "0 or 1", readBit<&DecoderSetting::clip>, [](const DecoderSetting& setting) { return std::string(setting.clip ? "1" : "0"); }},
    {"pixels", "0 or 1", readBit<&DecoderSetting::pixels>, [](const DecoderSetting& setting) { return std::string(setting.pixels ? "1" : "0"); }},
    {"centre", "0 to 1", readShare<&DecoderSetting::centre>, [](const DecoderSetting& setting) { return numberText(setting.centre); }},
    {"score", "0 to 1", readShare<&DecoderSetting::score>, [](const DecoderSetting& setting) { return numberText(setting.score); }},
    {"overlap", "0 to 1", readShare<&DecoderSetting::overlap>, [](const DecoderSetting& setting) { return numberText(setting.overlap); }},
    {"most", "1 to 10000",
     [](const std::string& text, DecoderSetting& setting) {
         const auto number = parseInteger(text);
         setting.most = number && *number >= 1 && *number <= 10000 ? static_cast<int>(*number) : 0;
         return setting.most > 0;
     },
     [](const DecoderSetting& setting) { return std::to_string(setting.most); }},
};

Result<void> readOption(const std::string& word, DecoderSetting& setting)
{
    const size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    for (const Option& option : options)
        if (key == option.name)
            return option.read(value, setting) ? Result<void>() : wrong(ErrorCode::OutOfRange, word, "it takes " + std::string(option.form));
    for (size_t role = 0; role < headRoles; ++role)
        if (key == roleNames[role]) {
            setting.outputs[role] = splitText(value, ',');
            return {};
        }
    std::string known;
    for (const Option& option : options)
        known += std::string(option.name) + ", ";
    for (size_t role = 0; role < headRoles; ++role)
        known += std::string(roleNames[role]) + (role + 1 < headRoles ? ", " : "");
    return wrong(ErrorCode::UnknownKey, word, "the options are " + known);
}

}  // namespace

Result<DecoderSetting> decoderFromText(const std::string& text)
{
    DecoderSetting setting;
    bool first = true;
    for (const std::string& word : splitText(text, ' ')) {
        if (word.empty())
            continue;
        if (!std::exchange(first, false)) {
            QS_CHECK(readOption(word, setting));
            continue;
        }
        setting.name = word;
        const DecoderRow* row = rowOf(word);
        if (!row) {
            std::string known;
            for (const DecoderInfo& info : decoderTable())
                known += (known.empty() ? "" : ", ") + std::string(info.name);
            return wrong(ErrorCode::UnknownKey, word, "the decoders are " + known);
        }
        for (const std::string& option : splitText(row->info.defaults, ' '))
            QS_CHECK(readOption(option, setting));
    }
    if (setting.name.empty())
        return Error{ErrorCode::MissingValue, "it has no name", "decoder"};
    return setting;
}

std::string decoderText(const DecoderSetting& setting)
{
    std::string text = setting.name;
    const auto defaults = decoderFromText(setting.name);
    if (!defaults)
        return text;
    for (const Option& option : options)
        if (option.write(setting) != option.write(*defaults))
            text += " " + std::string(option.name) + "=" + option.write(setting);
    for (size_t role = 0; role < headRoles; ++role) {
        std::string names;
        for (const std::string& name : setting.outputs[role])
            names += (names.empty() ? "" : ",") + name;
        if (!names.empty())
            text += " " + std::string(roleNames[role]) + "=" + names;
    }
    return text;
}

}  // namespace qs
