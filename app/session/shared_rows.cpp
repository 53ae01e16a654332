#include "app/session/shared_rows.h"

#include "app/session/branches.h"

namespace qs {

const LayerRows& SharedRows::now()
{
    if (m_revision == m_session.revision() && m_sensitivity == m_live.sensitivity().sensitivity)
        return m_rows;
    m_revision = m_session.revision();
    m_sensitivity = m_live.sensitivity().sensitivity;
    m_rows = layerRows({.model = m_session.model().get(),
                        .configuration = &m_session.configuration(),
                        .effective = m_session.effective(),
                        .comparison = m_session.result().comparison.get(),
                        .reference = m_session.branches().referenceComparison(),
                        .sensitivity = m_sensitivity.get(),
                        .sensitivityStale = m_live.sensitivityStale(),
                        .checks = m_session.checks(),
                        .facts = &m_facts.of(m_session.model(), *m_session.configuration().scheme)},
                       m_rows);
    return m_rows;
}

const std::shared_ptr<const Blocks>& SharedRows::blocks()
{
    const std::shared_ptr<const Model>& model = m_session.model();
    if (!model)
        m_blocks = nullptr;
    else if (!m_blocks || m_blocksOf.lock() != model)
        m_blocks = std::make_shared<const Blocks>(findBlocks(*model));
    m_blocksOf = model;
    return m_blocks;
}

}  // namespace qs
