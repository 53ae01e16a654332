#include "core/ir/block_order.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace qs {

namespace {

/// By item, which parts of a cycle share a number; each that is in none has one of its own (Tarjan 1972, without recursion).
std::vector<int> strongComponents(const BlockLinks& links)
{
    const size_t n = links.size();
    std::vector<int> component(n, -1), low(n, 0), seen(n, 0);
    std::vector<size_t> next(n, 0);
    std::vector<int> open, path;
    int time = 0, count = 0;
    for (size_t root = 0; root < n; ++root) {
        if (seen[root] == 0)
            path.push_back(static_cast<int>(root));
        while (!path.empty()) {
            const auto v = static_cast<size_t>(path.back());
            if (seen[v] == 0) {
                seen[v] = low[v] = ++time;
                open.push_back(path.back());
            }
            if (next[v] < links[v].size()) {
                const auto w = static_cast<size_t>(links[v][next[v]++]);
                if (seen[w] == 0)
                    path.push_back(static_cast<int>(w));
                else if (component[w] < 0)
                    low[v] = std::min(low[v], seen[w]);
                continue;
            }
            path.pop_back();
            if (!path.empty())
                low[static_cast<size_t>(path.back())] = std::min(low[static_cast<size_t>(path.back())], low[v]);
            if (low[v] != seen[v])
                continue;
            for (int w = -1; w != static_cast<int>(v); open.pop_back()) {
                w = open.back();
                component[static_cast<size_t>(w)] = count;
            }
            ++count;
        }
    }
    return component;
}

/// What is in a cycle is split into what stands together in the order of the network, so that edges between the pieces go forward.
std::vector<BlockItem> withoutCycles(std::vector<BlockItem> items, const BlockLinks& links)
{
    const std::vector<int> component = strongComponents(links);
    std::vector<std::vector<size_t>> members(items.size());
    for (size_t i = 0; i < items.size(); ++i)
        members[static_cast<size_t>(component[i])].push_back(i);
    std::vector<BlockItem> pieces;
    for (const auto& cycle : members) {
        if (cycle.size() == 1)
            pieces.push_back(std::move(items[cycle.front()]));
        if (cycle.size() < 2)
            continue;
        std::vector<std::pair<LayerId, size_t>> sequence;
        for (const size_t i : cycle)
            for (const LayerId id : items[i].layers)
                sequence.emplace_back(id, i);
        std::sort(sequence.begin(), sequence.end());
        for (size_t k = 0; k < sequence.size(); ++k)
            if (k == 0 || sequence[k].second != sequence[k - 1].second)
                pieces.push_back({items[sequence[k].second].wish, {sequence[k].first}});
            else
                pieces.back().layers.push_back(sequence[k].first);
    }
    return pieces;
}

/// Edges go forward; else as in the network.
std::vector<BlockItem> sorted(std::vector<BlockItem> items, BlockLinks& links)
{
    std::vector<int> waits(items.size(), 0);
    for (const auto& targets : links)
        for (const int to : targets)
            ++waits[static_cast<size_t>(to)];
    using Ready = std::pair<LayerId, int>;
    std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
    const auto offer = [&](size_t i) { ready.emplace(items[i].layers.front(), static_cast<int>(i)); };
    for (size_t i = 0; i < items.size(); ++i)
        if (waits[i] == 0)
            offer(i);
    std::vector<BlockItem> order;
    std::vector<int> placeOf(items.size(), 0);
    std::vector<int> taken;
    while (!ready.empty()) {
        const auto i = static_cast<size_t>(ready.top().second);
        ready.pop();
        placeOf[i] = static_cast<int>(order.size());
        taken.push_back(static_cast<int>(i));
        order.push_back(std::move(items[i]));
        for (const int to : links[i])
            if (--waits[static_cast<size_t>(to)] == 0)
                offer(static_cast<size_t>(to));
    }
    BlockLinks renamed(order.size());
    for (size_t k = 0; k < taken.size(); ++k)
        for (const int to : links[static_cast<size_t>(taken[k])])
            renamed[k].push_back(placeOf[static_cast<size_t>(to)]);
    links = std::move(renamed);
    return order;
}

}  // namespace

BlockLinks BlockOrder::linksOf(const std::vector<BlockItem>& items)
{
    for (size_t i = 0; i < items.size(); ++i)
        for (const LayerId id : items[i].layers)
            m_place[id] = static_cast<int>(i);
    BlockLinks links(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
        for (const LayerId id : items[i].layers)
            for (const ValueId value : m_model.layer(id).outputs)
                for (const LayerId user : m_model.value(value).consumers)
                    if (const int to = m_place[user]; to >= 0 && to != static_cast<int>(i))
                        links[i].push_back(to);
        std::sort(links[i].begin(), links[i].end());
        links[i].erase(std::unique(links[i].begin(), links[i].end()), links[i].end());
    }
    for (const BlockItem& item : items)
        for (const LayerId id : item.layers)
            m_place[id] = -1;
    return links;
}

std::vector<BlockItem> BlockOrder::forwards(std::vector<BlockItem> items, BlockLinks& links)
{
    links = linksOf(items);
    items = withoutCycles(std::move(items), links);
    links = linksOf(items);
    return sorted(std::move(items), links);
}

}  // namespace qs
