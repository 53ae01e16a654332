#include "core/ir/blocks.h"

#include "core/ir/block_order.h"
#include "core/ir/block_patterns.h"
#include "core/ir/block_repeats.h"

#include <algorithm>
#include <unordered_map>

namespace qs {

namespace {

/// A block that is wished for; splitting may make several of one.
struct Wish {
    std::string name;
    BlockKind kind = BlockKind::Path;
    std::string pattern;
    int size = 0;  ///< layers
};

/// By layer the wishes that it is in, the outermost first.
struct Wishes {
    std::vector<Wish> all;
    ById<LayerId, std::vector<int>> chain;
};

/// "/features/features.3/Conv": at its slashes; "features.3.conv" at its dots.
std::vector<std::string_view> prefixes(std::string_view name)
{
    const char separator = name.find('/') != std::string_view::npos ? '/' : '.';
    // Deeper than any network is nested on purpose.
    constexpr size_t deepest = 24;
    std::vector<std::string_view> found;
    for (size_t at = name.find(separator, 1); found.size() < deepest && at != std::string_view::npos && at + 1 < name.size();
         at = name.find(separator, at + 1))
        if (name[at - 1] != separator)
            found.push_back(name.substr(0, at));
    return found;
}

Wishes pathsOf(const Model& model)
{
    Wishes wishes;
    wishes.chain.resize(model.layers().size());
    std::unordered_map<std::string_view, int> known;
    const auto add = [&](LayerId id, std::string_view path) {
        const auto [found, fresh] = known.try_emplace(path, static_cast<int>(wishes.all.size()));
        if (fresh)
            wishes.all.push_back({std::string(path.substr(path.front() == '/' ? 1 : 0)), BlockKind::Path, {}, 0});
        ++wishes.all[static_cast<size_t>(found->second)].size;
        wishes.chain[id].push_back(found->second);
    };
    for (const LayerId id : model.layerIds())
        for (const std::string_view path : prefixes(model.layer(id).name))
            add(id, path);
    // "conv1" belongs to "conv1/bn" and "conv1/scale".
    for (const LayerId id : model.layerIds())
        if (const std::string_view name = model.layer(id).name; known.contains(name))
            add(id, name);
    return wishes;
}

/// As a block of its own, or as the meaning of one that has just these layers; not where it lies across blocks.
void addPattern(const Model& model, Wishes& wishes, const PatternFound& pattern)
{
    const auto& first = wishes.chain[pattern.layers.front()];
    size_t depth = first.size();
    for (const LayerId id : pattern.layers) {
        const auto& chain = wishes.chain[id];
        const auto [a, b] = std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(std::min(depth, chain.size())), chain.begin());
        depth = static_cast<size_t>(a - first.begin());
    }
    const int size = static_cast<int>(pattern.layers.size());
    if (depth > 0 && wishes.all[static_cast<size_t>(first[depth - 1])].size == size) {
        wishes.all[static_cast<size_t>(first[depth - 1])].pattern = pattern.name;
        return;
    }
    std::unordered_map<int, int> inside;
    for (const LayerId id : pattern.layers)
        if (wishes.chain[id].size() > depth)
            ++inside[wishes.chain[id][depth]];
    if (std::any_of(inside.begin(), inside.end(),
                    [&](const auto& entry) { return wishes.all[static_cast<size_t>(entry.first)].size != entry.second; }))
        return;
    for (const LayerId id : pattern.layers)
        wishes.chain[id].insert(wishes.chain[id].begin() + static_cast<std::ptrdiff_t>(depth), static_cast<int>(wishes.all.size()));
    wishes.all.push_back({std::string(pattern.name) + " " + model.layer(pattern.layers.back()).name, BlockKind::Pattern, pattern.name, size});
}

class Builder {
public:
    Builder(const Model& model, const Wishes& wishes) : m_model(model), m_wishes(wishes), m_order(model)
    {
        m_blocks.blockOf.assign(model.layers().size(), noId);
    }

    Blocks build()
    {
        std::vector<LayerId> layers(m_model.layerIds().begin(), m_model.layerIds().end());
        level(noId, std::move(layers), 0);
        return std::move(m_blocks);
    }

private:
    std::vector<BlockItem> itemsOf(const std::vector<LayerId>& layers, size_t depth) const
    {
        std::vector<BlockItem> items;
        std::unordered_map<int, size_t> known;
        for (const LayerId id : layers) {
            const auto& chain = m_wishes.chain[id];
            const int wish = chain.size() > depth ? chain[depth] : -1;
            if (wish < 0)
                items.push_back({-1, {id}});
            else if (const auto [found, fresh] = known.try_emplace(wish, items.size()); fresh)
                items.push_back({wish, {id}});
            else
                items[found->second].layers.push_back(id);
        }
        return items;
    }

    std::string unique(std::string name)
    {
        const int count = ++m_used[name];
        return count == 1 ? name : name + " (" + std::to_string(count) + ")";
    }

    BlockId open(BlockId parent, const Wish& wish)
    {
        m_blocks.all.push_back({unique(wish.name), wish.kind, wish.pattern, parent, static_cast<int>(m_blocks.order.size()), 0});
        return m_blocks.all.nextId() - 1;
    }
    void close(BlockId block) { m_blocks.all[block].end = static_cast<int>(m_blocks.order.size()); }

    void level(BlockId parent, std::vector<LayerId> layers, size_t depth)
    {
        std::vector<BlockItem> items = itemsOf(layers, depth);
        if (items.size() == 1 && items.front().wish >= 0) {
            // One block with all of it: the inner name says more.
            const Wish& wish = m_wishes.all[static_cast<size_t>(items.front().wish)];
            if (parent != noId && m_blocks.all[parent].kind == BlockKind::Path)
                rename(parent, wish);
            level(parent, std::move(layers), depth + 1);
            return;
        }
        BlockLinks links;
        items = m_order.forwards(std::move(items), links);
        const RowParts parts = namesSayNothing(items) ? repeatedParts(rowOf(items, links)) : RowParts();
        Row stretches{parts.stretches, BlockKind::Stretch};
        Row repeats{parts.repeats, BlockKind::Repeat};
        for (int i = 0; i < static_cast<int>(items.size()); ++i) {
            const BlockId stretch = enter(stretches, i, parent, items);
            put(enter(repeats, i, stretch, items), items[static_cast<size_t>(i)], depth);
            leave(repeats, i);
            leave(stretches, i);
        }
    }

    /// Parts of a row, and the one that is open.
    struct Row {
        const std::vector<RowPart>& parts;
        BlockKind kind = BlockKind::Repeat;
        size_t next = 0;
        BlockId block = noId;
    };
    /// What stands at `at` is inside of.
    BlockId enter(Row& row, int at, BlockId around, const std::vector<BlockItem>& items)
    {
        if (row.block == noId && row.next < row.parts.size() && row.parts[row.next].first == at)
            row.block = open(around, {spanName(items, row.parts[row.next]), row.kind, {}, 0});
        return row.block == noId ? around : row.block;
    }
    void leave(Row& row, int at)
    {
        if (row.block == noId || row.parts[row.next].end != at + 1)
            return;
        close(row.block);
        row.block = noId;
        ++row.next;
    }

    void put(BlockId parent, BlockItem& item, size_t depth)
    {
        if (item.wish >= 0 && item.layers.size() > 1) {
            const BlockId block = open(parent, m_wishes.all[static_cast<size_t>(item.wish)]);
            level(block, std::move(item.layers), depth + 1);
            close(block);
            return;
        }
        m_blocks.blockOf[item.layers.front()] = parent;
        m_blocks.order.push_back(item.layers.front());
    }

    void rename(BlockId block, const Wish& wish)
    {
        m_blocks.all[block].name = unique(wish.name);
        if (!wish.pattern.empty())
            m_blocks.all[block].pattern = wish.pattern;
    }

    /// More layers beside each other than can be looked over, and few paths: a small network is read as it is.
    bool namesSayNothing(const std::vector<BlockItem>& items) const
    {
        constexpr size_t many = 120;
        const auto named = std::count_if(items.begin(), items.end(), [&](const BlockItem& item) {
            return item.wish >= 0 && item.layers.size() > 1 && m_wishes.all[static_cast<size_t>(item.wish)].kind == BlockKind::Path;
        });
        return items.size() > many && static_cast<size_t>(named) < items.size() / 8;
    }

    std::vector<RowItem> rowOf(const std::vector<BlockItem>& items, const BlockLinks& links) const
    {
        std::vector<RowItem> row(items.size());
        for (size_t i = 0; i < items.size(); ++i) {
            for (const LayerId id : items[i].layers)
                row[i].what += m_model.layer(id).op.empty() ? m_model.layer(id).type : m_model.layer(id).op;
            for (const int to : links[i])
                row[static_cast<size_t>(to)].uses.push_back(static_cast<int>(i));
        }
        return row;
    }

    std::string spanName(const std::vector<BlockItem>& items, const RowPart& part) const
    {
        return m_model.layer(items[static_cast<size_t>(part.first)].layers.front()).name + " … " +
               m_model.layer(items[static_cast<size_t>(part.end) - 1].layers.back()).name;
    }

    const Model& m_model;
    const Wishes& m_wishes;
    BlockOrder m_order;
    std::unordered_map<std::string, int> m_used;
    Blocks m_blocks;
};

}  // namespace

Blocks findBlocks(const Model& model)
{
    Wishes wishes = pathsOf(model);
    for (const PatternFound& pattern : findPatterns(model))
        addPattern(model, wishes, pattern);
    return Builder(model, wishes).build();
}

std::string dumpBlocks(const Model& model, const Blocks& blocks)
{
    static constexpr const char* kinds[] = {"path", "pattern", "repeat", "stretch"};
    std::string text;
    std::vector<BlockId> open;
    BlockId next = 0;
    for (int i = 0; i < static_cast<int>(blocks.order.size()); ++i) {
        while (!open.empty() && blocks.all[open.back()].end <= i)
            open.pop_back();
        for (; next < blocks.all.nextId() && blocks.all[next].first == i; ++next) {
            const Block& block = blocks.all[next];
            text += std::string(2 * open.size(), ' ') + block.name + " [" + kinds[static_cast<size_t>(block.kind)] +
                    (block.pattern.empty() ? "" : " " + block.pattern) + " " + std::to_string(block.size()) + "]\n";
            open.push_back(next);
        }
        text += std::string(2 * open.size(), ' ') + model.layer(blocks.order[static_cast<size_t>(i)]).name + "\n";
    }
    return text;
}

}  // namespace qs
