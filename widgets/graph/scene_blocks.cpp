#include "widgets/graph/scene_blocks.h"

#include "widgets/common/blocks.h"

#include <utility>

namespace qs {

namespace {

/// By card the innermost block of its first layer: a fused layer goes where its host is.
std::vector<BlockId> blocksOfCards(const GraphScene& scene, const Blocks& blocks, const std::vector<int>& nodeOf)
{
    std::vector<BlockId> own(scene.nodes.size(), noId);
    std::vector<char> known(scene.nodes.size(), 0);
    for (const LayerId layer : blocks.blockOf.ids()) {
        const int node = nodeOf[static_cast<size_t>(layer)];
        if (node >= 0 && !std::exchange(known[static_cast<size_t>(node)], 1))
            own[static_cast<size_t>(node)] = blocks.blockOf[layer];
    }
    return own;
}

}  // namespace

void addBlocks(GraphScene& scene, const Blocks& blocks, const std::vector<int>& nodeOf)
{
    scene.blockOf = blocksOfCards(scene, blocks, nodeOf);
    ById<BlockId, int> cards(blocks.all.size(), 0);
    for (BlockId block : scene.blockOf)
        for (; block != noId; block = blocks.all[block].parent)
            ++cards[block];
    // By block, where it stands in the scene, or the one around it that does.
    ById<BlockId, int> shown(blocks.all.size(), -1);
    std::vector<BlockId> ids;  // by block of the scene
    const auto pathOf = [&](int block) { return block < 0 ? QString() : blockPath(blocks, ids[static_cast<size_t>(block)]); };
    for (const BlockId id : blocks.all.ids()) {
        const Block& block = blocks.all[id];
        const int around = block.parent == noId ? static_cast<int>(scene.nodes.size()) : cards[block.parent];
        const int parent = block.parent == noId ? -1 : shown[block.parent];
        shown[id] = parent;
        if (cards[id] < 2 || cards[id] == around)
            continue;
        shown[id] = static_cast<int>(scene.blocks.size());
        const QString name = QString::fromStdString(block.name);
        scene.blocks.push_back({name, withoutPath(pathOf(parent), name), blockKindLabel(block), !block.pattern.empty(), parent, block.size()});
        ids.push_back(id);
    }
    for (size_t i = 0; i < scene.nodes.size(); ++i) {
        int& block = scene.blockOf[i];
        block = block == noId ? -1 : shown[block];
        scene.nodes[i].label = withoutPath(pathOf(block), scene.nodes[i].name);
    }
}

}  // namespace qs
