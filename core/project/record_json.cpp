#include "core/project/record_json.h"

#include "core/project/refinements.h"
#include "core/targets/target.h"

namespace qs {

namespace {

/// The text of a record has no place for what update_bn found.
Json statisticsJson(const BatchNormStatistics& statistics)
{
    const auto list = [](const std::vector<float>& values) {
        Json json = Json::array();
        for (const float value : values)
            json.push_back(jsonNumber(value));
        return json;
    };
    Json json = Json::object();
    for (const auto& [layer, channels] : statistics)
        appendKey(json, layer, Json{{"mean", list(channels.mean)}, {"variance", list(channels.variance)}});
    return json;
}

BatchNormStatistics readStatistics(const Json& json)
{
    BatchNormStatistics statistics;
    for (const auto& item : json.items())
        statistics.emplace(
            item.key(), ChannelStatistics{item.value().at("mean").get<std::vector<float>>(), item.value().at("variance").get<std::vector<float>>()});
    return statistics;
}

/// Of the layers that stand in the text; the others stand in the refinements.
std::vector<std::string> namesOf(const QuantRecord& record)
{
    std::vector<std::string> names;
    for (const auto& [name, factors] : record.layers)
        if (heldByText(factors))
            names.push_back(name);
    return names;
}

}  // namespace

void putFactors(Json& json, const QuantRecord& record)
{
    json["record"] = standardForms().writeFactors(record, namesOf(record));
    if (!record.statistics.empty())
        json["statistics"] = statisticsJson(record.statistics);
    if (Json refinements = refinementsJson(record); !refinements.empty())
        json["refinements"] = std::move(refinements);
}

Result<QuantRecord> readFactors(const Json& json, const std::string& fileName)
{
    QS_TRY(QuantRecord record, standardForms().readFactors(json["record"].get<std::string>(), fileName));
    if (json.contains("statistics"))
        record.statistics = readStatistics(json["statistics"]);
    if (json.contains("refinements"))
        QS_CHECK(readRefinements(json["refinements"], record, fileName));
    return record;
}

}  // namespace qs
