#include "app/views/views.h"

#include <QCoreApplication>

namespace qs {

namespace {

constexpr ViewEntry table[] = {
    {"graph", QT_TRANSLATE_NOOP("Views", "Graph"), Place::Centre, makeGraphPanel},
    {"layers", QT_TRANSLATE_NOOP("Views", "Layers"), Place::Left, makeLayersPanel},
    {"inspector", QT_TRANSLATE_NOOP("Views", "Inspector"), Place::Right, makeInspectorPanel},
    {"error-profile", QT_TRANSLATE_NOOP("Views", "Error profile"), Place::Bottom, makeErrorProfilePanel},
    {"distribution", QT_TRANSLATE_NOOP("Views", "Distribution"), Place::Bottom, makeDistributionPanel},
    {"compare", QT_TRANSLATE_NOOP("Views", "Compare"), Place::Bottom, makeComparePanel},
    {"output", QT_TRANSLATE_NOOP("Views", "Output"), Place::Bottom, makeOutputPanel},
    {"sensitivity", QT_TRANSLATE_NOOP("Views", "Sensitivity"), Place::Bottom, makeSensitivityPanel},
    {"tuning", QT_TRANSLATE_NOOP("Views", "Tuning"), Place::Bottom, makeTuningPanel},
    {"search", QT_TRANSLATE_NOOP("Views", "Search"), Place::Bottom, makeSearchPanel},
    {"branches", QT_TRANSLATE_NOOP("Views", "Branches"), Place::Bottom, makeBranchesPanel},
    {"checks", QT_TRANSLATE_NOOP("Views", "Checks"), Place::Bottom, makeChecksPanel},
    {"jobs", QT_TRANSLATE_NOOP("Views", "Jobs"), Place::Bottom, makeJobsPanel},
    {"log", QT_TRANSLATE_NOOP("Views", "Log"), Place::Bottom, makeLogPanel},
};

}  // namespace

std::span<const ViewEntry> views()
{
    return table;
}

QString viewTitle(const ViewEntry& entry)
{
    return QCoreApplication::translate("Views", entry.title);
}

}  // namespace qs
