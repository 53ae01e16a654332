#include "core/data/preprocess.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

constexpr std::pair<ColorOrder, const char*> colors[] = {{ColorOrder::Bgr, "bgr"}, {ColorOrder::Rgb, "rgb"}, {ColorOrder::Gray, "gray"}};

Json sizeJson(const std::pair<int, int>& size)
{
    return {size.first, size.second};
}

/// Reads one object key by key; the first failure is kept.
class Reader {
public:
    Reader(const Json& json, const std::string& fileName) : m_json(json), m_fileName(fileName) {}

    Result<Preprocess> read()
    {
        Preprocess result;
        for (const auto& [key, value] : m_json.items())
            if (auto done = readKey(key, value, result); !done)
                return done.error();
        return result;
    }

private:
    Error wrong(const std::string& key, ErrorCode code, std::string detail) const
    {
        return {code, std::move(detail), m_fileName + ", key '" + key + "'"};
    }

    Result<int> positive(const std::string& key, const Json& value) const
    {
        if (!value.is_number_integer())
            return wrong(key, ErrorCode::WrongType, "it should be a whole number");
        const auto number = value.get<int64_t>();
        if (number < 1 || number > 65536)
            return wrong(key, ErrorCode::OutOfRange, std::to_string(number) + " is outside 1 to 65536");
        return static_cast<int>(number);
    }
    Result<std::pair<int, int>> size(const std::string& key, const Json& value) const
    {
        if (!value.is_array() || value.size() != 2)
            return wrong(key, ErrorCode::WrongType, "it should be [width, height]");
        QS_TRY(const int width, positive(key, value[0]));
        QS_TRY(const int height, positive(key, value[1]));
        return std::pair(width, height);
    }
    /// One number, or one a channel.
    Result<std::vector<double>> perChannel(const std::string& key, const Json& value) const
    {
        const Json list = value.is_array() ? value : Json::array({value});
        if (!std::all_of(list.begin(), list.end(), [](const Json& item) { return item.is_number(); }))
            return wrong(key, ErrorCode::WrongType, "it should be a number or a list of numbers");
        if (list.size() != 1 && list.size() != 3 && !list.empty())
            return wrong(key, ErrorCode::OutOfRange, "it should have 1 or 3 numbers");
        return list.get<std::vector<double>>();
    }
    Result<void> readKey(const std::string& key, const Json& value, Preprocess& result) const
    {
        if (value.is_null())
            return {};
        if (key == "color") {
            for (const auto& [order, name] : colors)
                if (value == name) {
                    result.color = order;
                    return {};
                }
            return wrong(key, ErrorCode::OutOfRange, "allowed are \"bgr\", \"rgb\" and \"gray\"");
        }
        if (key == "resizeShort") {
            QS_TRY(result.resizeShort, positive(key, value));
        } else if (key == "resize") {
            QS_TRY(result.resize, size(key, value));
        } else if (key == "crop") {
            QS_TRY(result.crop, size(key, value));
        } else if (key == "batch") {
            QS_TRY(result.batch, positive(key, value));
        } else if (key == "mean") {
            QS_TRY(result.mean, perChannel(key, value));
        } else if (key == "meanFile") {
            if (!value.is_string())
                return wrong(key, ErrorCode::WrongType, "it should be a path");
            result.meanFile = value.get<std::string>();
        } else if (key == "scale") {
            QS_TRY(result.scale, perChannel(key, value));
            if (result.scale == std::vector<double>{1})
                result.scale.clear();
        } else if (key == "std") {
            QS_TRY(const std::vector<double> deviations, perChannel(key, value));
            auto scale = scaleOfDeviations(deviations);
            if (!scale)
                return wrong(key, scale.error().code, scale.error().detail);
            result.scale = *std::move(scale);
        } else if (key == "transpose") {
            if (!value.is_boolean())
                return wrong(key, ErrorCode::WrongType, "it should be true or false");
            result.transpose = value.get<bool>();
        } else {
            const std::string near =
                nearestWord(key, {"color", "resizeShort", "resize", "crop", "mean", "meanFile", "scale", "std", "batch", "transpose"});
            return wrong(key, ErrorCode::UnknownKey, near.empty() ? "it is not a preprocessing key" : "did you mean '" + near + "'?");
        }
        return {};
    }

    const Json& m_json;
    const std::string& m_fileName;
};

}  // namespace

std::string preprocessToJson(const Preprocess& preprocess)
{
    Json json;
    for (const auto& [order, name] : colors)
        if (order == preprocess.color)
            json["color"] = name;
    if (preprocess.resizeShort)
        json["resizeShort"] = *preprocess.resizeShort;
    if (preprocess.resize)
        json["resize"] = sizeJson(*preprocess.resize);
    if (preprocess.crop)
        json["crop"] = sizeJson(*preprocess.crop);
    if (!preprocess.mean.empty())
        json["mean"] = preprocess.mean;
    if (!preprocess.meanFile.empty())
        json["meanFile"] = preprocess.meanFile.string();
    if (preprocess.scale.size() > 1)
        json["scale"] = preprocess.scale;
    else
        json["scale"] = preprocess.scale.empty() ? 1 : preprocess.scale.front();
    json["batch"] = preprocess.batch;
    if (preprocess.transpose)
        json["transpose"] = true;
    return jsonText(json);
}

Result<std::vector<double>> scaleOfDeviations(const std::vector<double>& deviations)
{
    std::vector<double> scale;
    for (const double deviation : deviations) {
        if (!(deviation > 0) || !std::isfinite(1 / deviation))
            return Error{ErrorCode::OutOfRange, "a standard deviation is above 0, not " + numberText(deviation), {}};
        scale.push_back(1 / deviation);
    }
    return scale;
}

Result<Preprocess> preprocessFromJson(const std::string& text, const std::string& fileName)
{
    QS_TRY(const Json json, parseJson(text, fileName));
    if (!json.is_object())
        return Error{ErrorCode::WrongType, "it should be an object", fileName};
    return Reader(json, fileName).read();
}

}  // namespace qs
