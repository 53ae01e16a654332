// What AMCT for Caffe, and ATC behind it, say of a network.
#pragma once

#include "core/targets/check.h"

namespace qs {

std::span<const Rule> amctRules();

}  // namespace qs
