#include "widgets/common/blocks.h"

#include <QCoreApplication>

#include <algorithm>

namespace qs {

QString blockKindLabel(const Block& block)
{
    const auto translated = [](const char* text) { return QCoreApplication::translate("GraphBlock", text); };
    if (!block.pattern.empty())
        return QString::fromStdString(block.pattern);
    switch (block.kind) {
        case BlockKind::Path:
            return translated(QT_TRANSLATE_NOOP("GraphBlock", "module"));
        case BlockKind::Repeat:
        case BlockKind::Pattern:
            return translated(QT_TRANSLATE_NOOP("GraphBlock", "repeated"));
        case BlockKind::Stretch:
            return translated(QT_TRANSLATE_NOOP("GraphBlock", "stretch"));
    }
    return {};
}

QString blockPath(const Blocks& blocks, BlockId block)
{
    while (block != noId && blocks.all[block].kind != BlockKind::Path)
        block = blocks.all[block].parent;
    return block == noId ? QString() : QString::fromStdString(blocks.all[block].name);
}

QString withoutPath(const QString& path, QString name)
{
    if (path.isEmpty())
        return name;
    // As the names are cut into paths.
    const QString head = path + (name.contains(QLatin1Char('/')) ? QLatin1Char('/') : QLatin1Char('.'));
    return name.replace(QLatin1Char('/') + head, QString()).replace(head, QString());
}

std::vector<char> openAtFirst(const std::vector<OpenChoice>& choices, int seen, int most)
{
    std::vector<char> open(choices.size(), 0);
    std::vector<std::vector<size_t>> levels(1);
    std::vector<size_t> depth(choices.size(), 0);
    for (size_t i = 0; i < choices.size(); ++i) {
        depth[i] = choices[i].parent < 0 ? 0 : depth[static_cast<size_t>(choices[i].parent)] + 1;
        levels.resize(std::max(levels.size(), depth[i] + 1));
        levels[depth[i]].push_back(i);
    }
    for (auto& level : levels) {
        std::stable_sort(level.begin(), level.end(), [&](size_t a, size_t b) { return choices[a].layers > choices[b].layers; });
        for (const size_t i : level) {
            const OpenChoice& choice = choices[i];
            const bool shown = choice.parent < 0 || open[static_cast<size_t>(choice.parent)];
            if (shown && !choice.pattern && seen + choice.items - 1 <= most) {
                open[i] = 1;
                seen += choice.items - 1;
            }
        }
    }
    return open;
}

}  // namespace qs
