#include "app/views/views.h"

#include <QCoreApplication>

namespace qs {

namespace {

constexpr ViewEntry table[] = {
    {"graph", QT_TRANSLATE_NOOP("Views", "Graph"), "finding-the-layer", Place::Centre, ViewGroup::None, makeGraphPanel},
    {"layers", QT_TRANSLATE_NOOP("Views", "Layers"), "finding-the-layer", Place::Left, ViewGroup::None, makeLayersPanel},
    {"inspector", QT_TRANSLATE_NOOP("Views", "Inspector"), "repairing-it", Place::Right, ViewGroup::None, makeInspectorPanel},
    {"error-profile", QT_TRANSLATE_NOOP("Views", "Error profile"), "finding-the-layer", Place::Bottom, ViewGroup::Find, makeErrorProfilePanel},
    {"sensitivity", QT_TRANSLATE_NOOP("Views", "Sensitivity"), "finding-the-layer", Place::Bottom, ViewGroup::Find, makeSensitivityPanel},
    {"diagnosis", QT_TRANSLATE_NOOP("Views", "Diagnosis"), "finding-the-layer", Place::Bottom, ViewGroup::Find, makeDiagnosisPanel},
    {"checks", QT_TRANSLATE_NOOP("Views", "Checks"), "targets", Place::Bottom, ViewGroup::Find, makeChecksPanel},
    {"distribution", QT_TRANSLATE_NOOP("Views", "Distribution"), "finding-the-layer", Place::Bottom, ViewGroup::Look, makeDistributionPanel},
    {"compare", QT_TRANSLATE_NOOP("Views", "Compare"), "finding-the-layer", Place::Bottom, ViewGroup::Look, makeComparePanel},
    {"samples", QT_TRANSLATE_NOOP("Views", "Samples"), "finding-the-layer", Place::Bottom, ViewGroup::Look, makeSamplesPanel},
    {"output", QT_TRANSLATE_NOOP("Views", "Output"), "reading-the-numbers", Place::Bottom, ViewGroup::Look, makeOutputPanel},
    {"search", QT_TRANSLATE_NOOP("Views", "Search"), "repairing-it", Place::Bottom, ViewGroup::Work, makeSearchPanel},
    {"tuning", QT_TRANSLATE_NOOP("Views", "Guide"), "repairing-it", Place::Bottom, ViewGroup::Work, makeGuidePanel},
    {"branches", QT_TRANSLATE_NOOP("Views", "Branches"), "branches", Place::Bottom, ViewGroup::Work, makeBranchesPanel},
    {"jobs", QT_TRANSLATE_NOOP("Views", "Jobs"), "troubleshooting", Place::Bottom, ViewGroup::Work, makeJobsPanel},
    {"log", QT_TRANSLATE_NOOP("Views", "Log"), "troubleshooting", Place::Bottom, ViewGroup::Work, makeLogPanel},
};

constexpr GroupEntry groups[] = {
    {ViewGroup::Find, "groupFind", QT_TRANSLATE_NOOP("Views", "Find"), QT_TRANSLATE_NOOP("Views", "Which layer breaks, and why")},
    {ViewGroup::Look, "groupLook", QT_TRANSLATE_NOOP("Views", "Look"), QT_TRANSLATE_NOOP("Views", "What happens in it")},
    {ViewGroup::Work, "groupWork", QT_TRANSLATE_NOOP("Views", "Work"), QT_TRANSLATE_NOOP("Views", "What to do about it")},
};

}  // namespace

std::span<const ViewEntry> views()
{
    return table;
}

std::span<const GroupEntry> viewGroups()
{
    return groups;
}

QString viewTitle(const ViewEntry& entry)
{
    return QCoreApplication::translate("Views", entry.title);
}

QString groupTitle(const GroupEntry& entry)
{
    return QCoreApplication::translate("Views", entry.title);
}

QString groupQuestion(const GroupEntry& entry)
{
    return QCoreApplication::translate("Views", entry.question);
}

}  // namespace qs
