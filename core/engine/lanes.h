// How many passes over a network go side by side, each on one thread: two threads take 0.8 of one's time for one picture, as most layers are too
// small to be shared out, but half of it for two pictures.
#pragma once

#include "core/engine/engine.h"

namespace qs {

/// At least 1, which means one pass on all threads; at most as many as the engine has threads.
int64_t laneCount(const Engine& engine, const Model& model);

}  // namespace qs
