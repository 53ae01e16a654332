// A network as a tree of blocks, for people: what stands below one module path ("features.3", "fire2"), a known pattern (Gelu by Erf), a part that
// comes again and again. The layers get an order in which all edges go forward and each block is one stretch: whichever blocks are closed to one
// card, no cards form a cycle. What would form one is split. Nothing is computed by it: blocks are for looking.
#pragma once

#include "core/ir/model.h"

namespace qs {

using BlockId = int;

enum class BlockKind : uint8_t {
    Path,     ///< below one path in the names
    Pattern,  ///< one function written as several layers
    Repeat,   ///< of a network whose names say nothing: what lies between two layers that all goes through, or follows itself
    Stretch,  ///< a part of a very long row that has no structure
};

struct Block {
    std::string name;  ///< unique among blocks: the path, or the layers that it is from and to
    BlockKind kind = BlockKind::Path;
    std::string pattern;    ///< "Gelu", "LayerNorm", "HardSwish", "SiLU", "SE"; a block of a path may be one, too
    BlockId parent = noId;  ///< noId: of the network
    int first = 0;          ///< in Blocks::order
    int end = 0;            ///< behind its last layer
    int size() const { return end - first; }
    bool operator==(const Block&) const = default;
};

struct Blocks {
    ById<BlockId, Block> all;        ///< a block stands before those inside it; at least two layers in each, and never all of the network
    std::vector<LayerId> order;      ///< all layers
    ById<LayerId, BlockId> blockOf;  ///< the innermost one; noId: none
};

/// Deterministic, in time that is nearly linear in layers times depth of the names.
Blocks findBlocks(const Model& model);

/// For golden tests: a line a block or layer, indented, in order.
std::string dumpBlocks(const Model& model, const Blocks& blocks);

}  // namespace qs
