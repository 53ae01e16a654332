#include "core/jobs/search_journal.h"

#include "core/base/file.h"
#include "core/base/json.h"

#include <algorithm>
#include <array>

namespace qs {

namespace {

constexpr std::array moves{SearchMove::Float,       SearchMove::Wider12,    SearchMove::Wider16, SearchMove::NoClipping,
                           SearchMove::OtherOffset, SearchMove::PerChannel, SearchMove::Snq};

Json pointJson(const SearchPoint& point)
{
    Json json;
    json["assignment"] = Json::object();
    for (const auto& [layer, move] : point.assignment)
        json["assignment"][layer] = searchMoveName(move);
    json["share"] = point.share;
    json["weightBytes"] = point.weightBytes;
    json["cosine"] = point.cosine;
    json["agreement"] = point.agreement ? Json(*point.agreement) : Json(nullptr);
    json["top1Drop"] = point.top1Drop;
    json["met"] = point.met;
    return json;
}

/// Throws what nlohmann_json throws where the shape is another.
SearchPoint pointFrom(const Json& json)
{
    SearchPoint point;
    for (const auto& item : json.at("assignment").items()) {
        const auto name = item.value().get<std::string>();
        const auto found = std::find_if(moves.begin(), moves.end(), [&](SearchMove move) { return name == searchMoveName(move); });
        if (found == moves.end())
            throw std::invalid_argument("'" + name + "' is no move");
        point.assignment[item.key()] = *found;
    }
    point.share = json.at("share").get<double>();
    point.weightBytes = json.at("weightBytes").get<double>();
    point.cosine = json.at("cosine").get<double>();
    if (const Json& agreement = json.at("agreement"); !agreement.is_null())
        point.agreement = agreement.get<double>();
    point.top1Drop = json.at("top1Drop").get<double>();
    point.met = json.at("met").get<bool>();
    return point;
}

}  // namespace

std::string keyText(const ValueKey& key)
{
    return std::to_string(key.high) + "-" + std::to_string(key.low);
}

Result<SearchJournal> SearchJournal::open(std::filesystem::path file, const ValueKey& fingerprint)
{
    SearchJournal journal;
    journal.m_file = std::move(file);
    journal.m_fingerprint = fingerprint;
    std::error_code ignored;
    if (journal.m_file.empty() || !std::filesystem::exists(journal.m_file, ignored))
        return journal;
    QS_TRY(const std::string text, readFile(journal.m_file, largestText));
    QS_TRY(const Json json, parseJson(text, journal.m_file.string()));
    try {
        if (json.at("search").get<std::string>() != keyText(fingerprint))
            return Error{ErrorCode::NotSupported,
                         "it is the journal of another search (network, data, settings or target differ): give another file, or remove it",
                         journal.m_file.string()};
        for (const Json& point : json.at("points"))
            journal.m_points.push_back(pointFrom(point));
    } catch (const std::exception& error) {
        return Error{ErrorCode::ParseFailed, std::string("no journal of a search: ") + error.what(), journal.m_file.string()};
    }
    return journal;
}

const SearchPoint* SearchJournal::find(const SearchAssignment& assignment) const
{
    const auto found = std::find_if(m_points.begin(), m_points.end(), [&](const SearchPoint& point) { return point.assignment == assignment; });
    return found == m_points.end() ? nullptr : &*found;
}

Result<void> SearchJournal::add(const SearchPoint& point)
{
    m_points.push_back(point);
    if (m_file.empty())
        return {};
    Json json;
    json["search"] = keyText(m_fingerprint);
    json["points"] = Json::array();
    for (const SearchPoint& known : m_points)
        json["points"].push_back(pointJson(known));
    return writeFile(m_file, jsonText(json));
}

}  // namespace qs
