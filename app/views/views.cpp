#include "app/views/views.h"

#include <QCoreApplication>

namespace qs {

namespace {

constexpr ViewEntry table[] = {
    {"graph", QT_TRANSLATE_NOOP("Views", "Graph"), "finding-the-layer", Place::Centre, makeGraphPanel},
    {"layers", QT_TRANSLATE_NOOP("Views", "Layers"), "finding-the-layer", Place::Left, makeLayersPanel},
    {"inspector", QT_TRANSLATE_NOOP("Views", "Inspector"), "repairing-it", Place::Right, makeInspectorPanel},
    {"error-profile", QT_TRANSLATE_NOOP("Views", "Error profile"), "finding-the-layer", Place::Bottom, makeErrorProfilePanel},
    {"distribution", QT_TRANSLATE_NOOP("Views", "Distribution"), "finding-the-layer", Place::Bottom, makeDistributionPanel},
    {"compare", QT_TRANSLATE_NOOP("Views", "Compare"), "finding-the-layer", Place::Bottom, makeComparePanel},
    {"output", QT_TRANSLATE_NOOP("Views", "Output"), "reading-the-numbers", Place::Bottom, makeOutputPanel},
    {"diagnosis", QT_TRANSLATE_NOOP("Views", "Diagnosis"), "finding-the-layer", Place::Bottom, makeDiagnosisPanel},
    {"sensitivity", QT_TRANSLATE_NOOP("Views", "Sensitivity"), "finding-the-layer", Place::Bottom, makeSensitivityPanel},
    {"tuning", QT_TRANSLATE_NOOP("Views", "Guide"), "repairing-it", Place::Bottom, makeGuidePanel},
    {"search", QT_TRANSLATE_NOOP("Views", "Search"), "repairing-it", Place::Bottom, makeSearchPanel},
    {"branches", QT_TRANSLATE_NOOP("Views", "Branches"), "branches", Place::Bottom, makeBranchesPanel},
    {"checks", QT_TRANSLATE_NOOP("Views", "Checks"), "targets", Place::Bottom, makeChecksPanel},
    {"jobs", QT_TRANSLATE_NOOP("Views", "Jobs"), "troubleshooting", Place::Bottom, makeJobsPanel},
    {"log", QT_TRANSLATE_NOOP("Views", "Log"), "troubleshooting", Place::Bottom, makeLogPanel},
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
