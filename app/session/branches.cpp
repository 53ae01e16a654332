#include "app/session/branches.h"

#include "app/commands/configuration_command.h"

#include <algorithm>
#include <utility>

namespace qs {

Branches::Branches(Session& session) : m_session(session)
{
    clear();
}

void Branches::clear()
{
    m_entries.clear();
    m_entries.push_back({++m_lastId, QString::fromStdString(Project().branch), {}, {}});
    m_current = 0;
    m_removed = {};
    m_reference.clear();
}

size_t Branches::find(const QString& name) const
{
    return static_cast<size_t>(std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& e) { return e.name == name; }) - m_entries.begin());
}

QStringList Branches::names() const
{
    QStringList names;
    for (const Entry& branch : m_entries)
        names << branch.name;
    return names;
}

bool Branches::free(const QString& name) const
{
    return !name.trimmed().isEmpty() && !contains(name);
}

void Branches::create(const QString& name)
{
    if (!free(name))
        return;
    BranchContent present;
    // Out, a copy kept, and in again.
    m_session.asOne([&] {
        m_session.swapContent(present);
        m_entries[m_current].content = present;
        m_session.swapContent(present);
        m_entries[m_current].history = undoHistory(m_session);
        m_entries.push_back({++m_lastId, name, {}, {}});
        m_reference = current();
        m_current = m_entries.size() - 1;
        m_session.noteChange();
    });
}

void Branches::switchTo(const QString& name)
{
    const size_t next = find(name);
    if (next == m_entries.size() || next == m_current)
        return;
    m_session.asOne([&] {
        Entry& from = m_entries[m_current];
        Entry& to = m_entries[next];
        from.history = undoHistory(m_session);
        std::swap(from.content, to.content);
        m_session.swapContent(from.content);
        m_current = next;
        if (m_reference == name)
            m_reference = from.name;
        setUndoHistory(m_session, std::exchange(to.history, {}));
        m_session.noteChange();
    });
}

void Branches::rename(const QString& from, const QString& to)
{
    if (!contains(from) || !free(to))
        return;
    entry(from).name = to;
    if (m_reference == from)
        m_reference = to;
    m_session.noteChange();
}

void Branches::remove(const QString& name)
{
    const size_t index = find(name);
    if (index == m_entries.size() || index == m_current)
        return;
    m_removed = std::move(m_entries[index]);
    m_entries.erase(m_entries.begin() + static_cast<std::ptrdiff_t>(index));
    if (index < m_current)
        --m_current;
    if (m_reference == name)
        m_reference.clear();
    m_session.noteChange();
}

void Branches::putBack()
{
    if (!free(m_removed.name))
        return;
    m_entries.push_back(std::exchange(m_removed, {}));
    m_session.noteChange();
}

const Configuration& Branches::configuration(const QString& name) const
{
    return name == current() ? m_session.configuration() : m_entries[find(name)].content.configuration;
}

const ComparisonResult& Branches::result(const QString& name) const
{
    return name == current() ? m_session.result() : m_entries[find(name)].content.result;
}

bool Branches::resultHolds(const QString& name) const
{
    const ComparisonResult& known = result(name);
    // Of some samples only: no measure for one of all.
    if (!known.comparison || !known.comparison->complete())
        return false;
    if (name == current())
        return !m_session.comparisonStale();
    const BranchContent& content = m_entries[find(name)].content;
    return !known.staleFor(content.recordSerial, m_session.dataSerial(), content.configuration);
}

void Branches::setReference(const QString& name)
{
    if (name == m_reference)
        return;
    m_reference = contains(name) ? name : QString();
    // Not of the document: nothing to save, but to be shown.
    m_session.asOne([] {});
}

const Comparison* Branches::referenceComparison() const
{
    if (m_reference.isEmpty() || m_reference == current() || !resultHolds(m_reference))
        return nullptr;
    return result(m_reference).comparison.get();
}

bool Branches::within(int id, const std::function<void()>& action)
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [id](const Entry& e) { return e.id == id; });
    if (found == m_entries.end())
        return false;
    const auto index = static_cast<size_t>(found - m_entries.begin());
    if (index == m_current) {
        action();
        return true;
    }
    m_session.asOne([&] {
        const size_t here = std::exchange(m_current, index);
        m_session.swapContent(m_entries[index].content);
        action();
        m_session.swapContent(m_entries[index].content);
        m_current = here;
    });
    return true;
}

void Branches::save(Project& project) const
{
    project.branch = current().toStdString();
    project.history = undoHistory(m_session);
    for (size_t i = 0; i < m_entries.size(); ++i)
        if (i != m_current) {
            const BranchContent& content = m_entries[i].content;
            project.branches.push_back(
                {m_entries[i].name.toStdString(), content.configuration, content.record, content.recordConfiguration, m_entries[i].history});
        }
}

void Branches::load(const Project& project)
{
    clear();
    m_entries.front().name = QString::fromStdString(project.branch);
    m_session.asOne([&] {
        for (const Branch& branch : project.branches) {
            // As Session does it, so that its serial is one of its own.
            const int id = ++m_lastId;
            m_entries.push_back({id, QString::fromStdString(branch.name), {}, branch.history});
            m_entries.back().content.configuration = branch.configuration;
            if (branch.record)
                within(id, [&] { m_session.setRecord(*branch.record, branch.recordConfiguration); });
        }
        setUndoHistory(m_session, project.history);
    });
}

}  // namespace qs
