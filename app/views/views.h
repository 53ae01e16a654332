// The table of views. To add one: its file, a make function here and a line in views.cpp.
#pragma once

#include "app/session/workflow.h"

#include <QString>

#include <span>

class QWidget;

namespace qs {

enum class Place : uint8_t { Centre, Left, Right, Bottom };
/// Those at the bottom that stand there together: one question each.
enum class ViewGroup : uint8_t { None, Find, Look, Work };

struct ViewEntry {
    const char* id;     ///< object name of the dock, in the saved layout
    const char* title;  ///< to be translated in context "Views"
    const char* page;   ///< of the manual, for F1
    Place place;
    ViewGroup group;  ///< None where it is not at the bottom
    QWidget* (*make)(Workbench& bench, QWidget* parent);
};

struct GroupEntry {
    ViewGroup group;
    const char* id;        ///< of its action
    const char* title;     ///< to be translated in context "Views", as is the question
    const char* question;  ///< that its views answer
};

std::span<const ViewEntry> views();
std::span<const GroupEntry> viewGroups();
QString viewTitle(const ViewEntry& entry);
QString groupTitle(const GroupEntry& entry);
QString groupQuestion(const GroupEntry& entry);

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
QWidget* makeSamplesPanel(Workbench& bench, QWidget* parent);
QWidget* makeOutputPanel(Workbench& bench, QWidget* parent);
QWidget* makeBranchesPanel(Workbench& bench, QWidget* parent);
QWidget* makeChecksPanel(Workbench& bench, QWidget* parent);
QWidget* makeJobsPanel(Workbench& bench, QWidget* parent);
QWidget* makeLogPanel(Workbench& bench, QWidget* parent);

}  // namespace qs
