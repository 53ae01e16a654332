#include "core/stats/decoder_rows.h"

namespace qs {

using namespace decoders;

namespace {

// --- Which output is what -----------------------------------------------------------------------------------------------------------------------

/// Parts of names that outputs of a role have.
constexpr std::array<std::array<const char*, 6>, headRoles> nameParts{{{"box", "loc", "reg", "wh", "dist", "size"},
                                                                       {"score", "cls", "conf", "prob", "heat", "hm"},
                                                                       {"obj", "centerness", "ctr", "centreness", "iou", "quality"},
                                                                       {"kps", "landm", "lmk", "point", "ldm", "kpt"},
                                                                       {"off", "off", "off", "off", "off", "off"}}};

bool namedAs(const std::string& name, HeadRole role)
{
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto& parts = nameParts[static_cast<size_t>(role)];
    return std::any_of(parts.begin(), parts.end(), [&](const char* part) { return lower.find(part) != std::string::npos; });
}

using Roles = std::array<std::vector<size_t>, headRoles>;

/// Every output belongs to the role that it is named after, the rarer words first; what has no such name to boxes where it has four columns, to
/// scores else.
Roles rolesByName(std::span<const HeadShape> outputs, const DecoderRow& row)
{
    using enum HeadRole;
    Roles roles;
    const auto wanted = [&](HeadRole role) {
        return std::find(row.needs.begin(), row.needs.end(), role) != row.needs.end() ||
               std::find(row.takes.begin(), row.takes.end(), role) != row.takes.end();
    };
    for (size_t i = 0; i < outputs.size(); ++i) {
        const Grid grid = gridOf(outputs[i].shape);
        if (grid.rows == 0)
            continue;
        HeadRole role = row.needs.size() == 1 ? Boxes : grid.columns == 4 ? Boxes : Scores;
        for (const HeadRole named : {Landmarks, Objectness, Offsets, Boxes, Scores})
            if (row.needs.size() > 1 && namedAs(outputs[i].name, named)) {
                role = named;
                break;
            }
        if (wanted(role))
            roles[static_cast<size_t>(role)].push_back(i);
    }
    return roles;
}

Size sizeOf(const Shape& input)
{
    return input.size() == 4 ? Size{static_cast<double>(input[3]), static_cast<double>(input[2])} : Size{};
}

/// By falling count of rows; the levels of all roles lie beside each other.
std::vector<Level> levelsOf(const Roles& roles, std::span<const Shape> shapes, std::span<const Buffer> values)
{
    std::vector<Level> levels(roles[static_cast<size_t>(HeadRole::Boxes)].size());
    for (size_t i = 0; i < levels.size(); ++i) {
        levels[i].index = i;
        for (size_t role = 0; role < headRoles; ++role)
            if (i < roles[role].size()) {
                levels[i].roles[role] = gridOf(shapes[roles[role][i]]);
                if (!values.empty())
                    levels[i].roles[role].values = values[roles[role][i]].floats();
            }
    }
    return levels;
}

// --- Proposals ----------------------------------------------------------------------------------------------------------------------------------

/// Priors and anchors that published networks have, in the order in which they are tried.
constexpr const char* knownSettings[] = {
    "ssd sizes=10,16,24/32,48/64,96/128,192,256 steps=8,16,32,64",             // ultraface, libface before YuNet
    "ssd sizes=16,32/64,128/256,512 steps=8,16,32 clip=0",                     // RetinaFace
    "yolo sizes=10x13,16x30,33x23/30x61,62x45,59x119/116x90,156x198,373x326",  // YOLO v3 on COCO
    "yolo sizes=10x14,23x27,37x58/81x82,135x169,344x319",                      // its tiny form
    "yolo sizes=9x14,12x17,22x21",                                             // yoloface-50k
};

bool anyDecoded(std::span<const HeadShape> outputs)
{
    return std::any_of(outputs.begin(), outputs.end(), [](const HeadShape& output) { return output.exponential; });
}

/// Detectors' maps are an eighth of the picture or less.
bool coarse(std::span<const HeadShape> outputs, const Shape& input)
{
    return std::all_of(outputs.begin(), outputs.end(),
                       [&](const HeadShape& output) { return output.shape.size() == 4 && output.shape[2] * 8 <= input[2] && output.shape[2] > 1; });
}

/// Pairs of boxes and scores with as many rows each.
bool pairsOfRows(std::span<const HeadShape> outputs)
{
    size_t boxes = 0;
    for (const HeadShape& output : outputs) {
        const Grid grid = gridOf(output.shape);
        if (output.shape.size() != 3 || grid.rows < 8)
            return false;
        boxes += grid.columns == 4;
    }
    return boxes > 0;
}

}  // namespace

std::vector<DecoderInfo> decoderTable()
{
    std::vector<DecoderInfo> table;
    for (const DecoderRow& row : rows())
        table.push_back(row.info);
    return table;
}

std::optional<DecoderSetting> proposedDecoder(std::span<const HeadShape> outputs, const Shape& input)
{
    if (outputs.empty() || input.size() != 4)
        return std::nullopt;
    const auto fitting = [&](const std::string& text) -> std::optional<DecoderSetting> {
        const auto setting = decoderFromText(text);
        return setting && BoxDecoder::make(*setting, outputs, input) ? std::optional(*setting) : std::nullopt;
    };
    const bool rows = pairsOfRows(outputs);
    if (rows && outputs.size() == 2 && anyDecoded(outputs))
        return fitting("corners");
    if (rows || coarse(outputs, input))
        for (const char* known : knownSettings)
            if (rows == std::string_view(known).starts_with("ssd"))
                if (const auto setting = fitting(known))
                    return setting;
    const auto named = [&](HeadRole role) {
        return std::any_of(outputs.begin(), outputs.end(), [role](const HeadShape& output) { return namedAs(output.name, role); });
    };
    if (rows && outputs.size() > 2 && named(HeadRole::Objectness))
        return fitting("points");
    if (outputs.size() > 1 && named(HeadRole::Scores) && named(HeadRole::Boxes))
        for (const char* anchorFree : {"centres", "distances"})
            if (const auto setting = fitting(anchorFree))
                return setting;
    return std::nullopt;
}

Result<BoxDecoder> BoxDecoder::make(const DecoderSetting& setting, std::span<const HeadShape> outputs, const Shape& input)
{
    const DecoderRow* row = rowOf(setting.name);
    const Error unfit{ErrorCode::ShapeMismatch, {}, "decoder " + setting.name};
    const auto error = [&](const std::string& what) { return Error{unfit.code, what, unfit.where}; };
    if (!row)
        return wrong(ErrorCode::UnknownKey, setting.name, "there is no such decoder");
    if (input.size() != 4)
        return error("the network's input is no picture");
    BoxDecoder decoder;
    decoder.m_setting = setting;
    decoder.m_input = input;
    for (const HeadShape& output : outputs)
        decoder.m_shapes.push_back(output.shape);
    decoder.m_outputs = rolesByName(outputs, *row);
    for (size_t role = 0; role < headRoles; ++role) {
        if (setting.outputs[role].empty())
            continue;
        decoder.m_outputs[role].clear();
        for (const std::string& name : setting.outputs[role]) {
            const auto found = std::find_if(outputs.begin(), outputs.end(), [&](const HeadShape& output) { return output.name == name; });
            if (found == outputs.end())
                return Error{ErrorCode::UnknownKey, "the network has no output '" + name + "' (" + roleNames[role] + "=)", unfit.where};
            decoder.m_outputs[role].push_back(static_cast<size_t>(found - outputs.begin()));
        }
    }
    // What is named to be one thing is nothing else.
    for (size_t named = 0; named < headRoles; ++named)
        for (size_t role = 0; role < headRoles && !setting.outputs[named].empty(); ++role)
            if (setting.outputs[role].empty())
                std::erase_if(decoder.m_outputs[role], [&](size_t output) {
                    const auto& list = decoder.m_outputs[named];
                    return std::find(list.begin(), list.end(), output) != list.end();
                });
    const auto cellCount = [&](size_t output) { return gridOf(decoder.m_shapes[output]).rows; };
    for (auto& list : decoder.m_outputs)
        std::stable_sort(list.begin(), list.end(), [&](size_t a, size_t b) { return cellCount(a) > cellCount(b); });
    const size_t levels = decoder.outputs(HeadRole::Boxes).size();
    for (const HeadRole role : row->needs)
        if (decoder.outputs(role).empty() || decoder.outputs(role).size() != levels)
            return error("it takes outputs of boxes and as many of scores; " + std::string(roleNames[static_cast<size_t>(role)]) + "= names them");
    for (size_t role = 0; role < headRoles; ++role) {
        // What is missing in one feature map is not there.
        if (decoder.m_outputs[role].size() != levels)
            decoder.m_outputs[role].clear();
        for (size_t i = 0; i < decoder.m_outputs[role].size(); ++i)
            if (const size_t output = decoder.m_outputs[role][i]; cellCount(output) == 0 || cellCount(output) != cellCount(decoder.m_outputs[0][i]))
                return error("output '" + outputs[output].name + "' is " + shapeText(outputs[output].shape) + ", '" +
                             outputs[decoder.m_outputs[0][i]].name + "' is " + shapeText(outputs[decoder.m_outputs[0][i]].shape) +
                             ": they have no common rows");
    }
    if (const auto why = row->fits(setting, levelsOf(decoder.m_outputs, decoder.m_shapes, {}), sizeOf(input)))
        return error("output '" + outputs[decoder.m_outputs[0].front()].name + "': " + *why);
    return decoder;
}

Result<std::vector<DetectedBox>> BoxDecoder::boxes(std::span<const Buffer> outputs) const
{
    for (const auto& list : m_outputs)
        for (const size_t output : list)
            if (output >= outputs.size() || outputs[output].shape() != m_shapes[output] || outputs[output].dtype() != DType::F32)
                return Error{ErrorCode::ShapeMismatch, "an output has another shape than the network says", "decoder " + m_setting.name};
    Candidates candidates(m_setting);
    rowOf(m_setting.name)->decode(m_setting, levelsOf(m_outputs, m_shapes, outputs), sizeOf(m_input), candidates);
    return candidates.suppressed();
}

}  // namespace qs
