// AMCT's words and files.
#pragma once

#include "core/targets/forms.h"

namespace qs {

extern const Forms amctForms;

}  // namespace qs
