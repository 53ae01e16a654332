// Blocks of a network (core/ir/blocks.h) as graph and table show them.
#pragma once

#include "core/ir/blocks.h"

#include <QString>

#include <vector>

namespace qs {

/// "module", "Gelu": in the user's language.
QString blockKindLabel(const Block& block);
/// Of the nearest module that it is, or is in; empty: none.
QString blockPath(const Blocks& blocks, BlockId block);
/// What a name says more than the path, which is shown already.
QString withoutPath(const QString& path, QString name);

/// What can be opened, as a tree: each stands behind what it is in.
struct OpenChoice {
    int parent = -1;       ///< -1: none
    int items = 0;         ///< that are seen when it is open, in its stead
    int layers = 0;        ///< inside
    bool pattern = false;  ///< stays closed
};

/// Level by level, the largest first, as many as make at most `most` items; `seen` are there with everything closed. By choice, whether it is open.
std::vector<char> openAtFirst(const std::vector<OpenChoice>& choices, int seen, int most);

}  // namespace qs
