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

}  // namespace qs
