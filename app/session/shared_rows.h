// The rows of the layers as all views show them: gathered once a revision of the session, whoever asks first.
#pragma once

#include "app/session/live.h"
#include "core/ir/blocks.h"
#include "widgets/models/layer_rows.h"

namespace qs {

class SharedRows {
public:
    SharedRows(const Session& session, const Live& live) : m_session(session), m_live(live) {}
    /// Of the session as it is. A row that is as it was before is the same object.
    const LayerRows& now();
    /// Of the session's network; null without one.
    const std::shared_ptr<const Blocks>& blocks();

private:
    const Session& m_session;
    const Live& m_live;
    KnownFacts m_facts;
    std::weak_ptr<const Model> m_blocksOf;
    std::shared_ptr<const Blocks> m_blocks;
    LayerRows m_rows;
    // What they were gathered of.
    quint64 m_revision = 0;
    std::shared_ptr<const Sensitivity> m_sensitivity;
};

}  // namespace qs
