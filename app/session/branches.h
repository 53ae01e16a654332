// The branches of the session: one is present (the session itself), the others wait here with their settings, factors, results and undo history.
#pragma once

#include "app/session/session.h"

#include <functional>
#include <vector>

namespace qs {

class Branches {
public:
    explicit Branches(Session& session);

    /// In the order in which they were made.
    QStringList names() const;
    const QString& current() const { return m_entries[m_current].name; }
    bool contains(const QString& name) const { return find(name) != m_entries.size(); }
    /// A name that can be given: neither blank nor another branch's.
    bool free(const QString& name) const;

    /// The present settings, factors, results and history under another name, which is the present branch from now on.
    void create(const QString& name);
    void switchTo(const QString& name);
    void rename(const QString& from, const QString& to);
    /// Not the present one. It can be put back as long as no other is removed and the network stays open.
    void remove(const QString& name);
    void putBack();
    const QString& removed() const { return m_removed.name; }

    const BranchContent& content(const QString& name) const { return name == current() ? m_session.content() : m_entries[find(name)].content; }
    /// The present branch's are the session's.
    const Configuration& configuration(const QString& name) const;
    const ComparisonResult& result(const QString& name) const;
    /// There is a comparison, of the branch's settings and factors, on all samples.
    bool resultHolds(const QString& name) const;

    /// The branch that views show beside the present one; empty: none.
    const QString& reference() const { return m_reference; }
    void setReference(const QString& name);
    /// The reference's comparison, as long as it holds; else null.
    const Comparison* referenceComparison() const;

    /// A branch keeps its id for life: what a job was started for.
    int currentId() const { return m_entries[m_current].id; }
    int idOf(const QString& name) const { return m_entries[find(name)].id; }
    /// Does `action` with the branch's content in the session, and brings the present one back: one signal, and only after that. For results that
    /// come after the user has gone on to another branch. False, and nothing done, when the branch is gone.
    bool within(int id, const std::function<void()>& action);

    void save(Project& project) const;
    /// After the session has the project's own configuration and record.
    void load(const Project& project);
    /// One branch, "main", which is the session as it is.
    void clear();

private:
    struct Entry {
        int id = 0;
        QString name;
        BranchContent content;  ///< of the present branch: empty
        History history;
    };
    size_t find(const QString& name) const;
    Entry& entry(const QString& name) { return m_entries[find(name)]; }

    Session& m_session;
    std::vector<Entry> m_entries;
    size_t m_current = 0;
    Entry m_removed;
    QString m_reference;
    int m_lastId = 0;
};

}  // namespace qs
