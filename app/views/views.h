// The table of views. To add one: its file, a make function here and a line in views.cpp.
#pragma once

#include "app/session/workflow.h"

#include <QString>

#include <span>

class QWidget;

namespace qs {

enum class Place : uint8_t { Centre, Left, Right, Bottom };

struct ViewEntry {
    const char* id;     ///< object name of the dock, in the saved layout
    const char* title;  ///< to be translated in context "Views"
    const char* page;   ///< of the manual, for F1
    Place place;
    QWidget* (*make)(Workbench& bench, QWidget* parent);
};

std::span<const ViewEntry> views();
QString viewTitle(const ViewEntry& entry);

QWidget* makeGraphPanel(Workbench& bench, QWidget* parent);
QWidget* makeLayersPanel(Workbench& bench, QWidget* parent);
QWidget* makeInspectorPanel(Workbench& bench, QWidget* parent);
QWidget* makeErrorProfilePanel(Workbench& bench, QWidget* parent);
QWidget* makeDistributionPanel(Workbench& bench, QWidget* parent);
QWidget* makeComparePanel(Workbench& bench, QWidget* parent);
QWidget* makeGuidePanel(Workbench& bench, QWidget* parent);
QWidget* makeDiagnosisPanel(Workbench& bench, QWidget* parent);
QWidget* makeSensitivityPanel(Workbench& bench, QWidget* parent);
QWidget* makeSearchPanel(Workbench& bench, QWidget* parent);
QWidget* makeOutputPanel(Workbench& bench, QWidget* parent);
QWidget* makeBranchesPanel(Workbench& bench, QWidget* parent);
QWidget* makeChecksPanel(Workbench& bench, QWidget* parent);
QWidget* makeJobsPanel(Workbench& bench, QWidget* parent);
QWidget* makeLogPanel(Workbench& bench, QWidget* parent);

}  // namespace qs
