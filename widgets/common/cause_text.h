// What a diagnosis says, in the window's words. The sentences stand in core's tables; a test holds that each is translated.
#pragma once

#include "core/jobs/remedies.h"

#include <QString>

namespace qs {

/// "input 0", "weights".
QString placeLabel(ChannelPlace place, int index);
/// Of a site of a scheme: "input 0", "output 0", "state".
QString siteLabel(int site);
QString causeMessage(const Cause& cause);
/// "wide channel".
QString causeLabel(const CauseRule& rule);
QString causeDefinition(const CauseRule& rule);
/// "12 bits", "equalize expand4 with dw4".
QString remedyMessage(const RemedyChange& change);

}  // namespace qs
