// Definitions, layer types and the about box.
#pragma once

#include <QString>

class QWidget;

namespace qs {

struct Workbench;

void showDefinitions(QWidget* parent);
/// `html`: a table of commands and keys.
void showKeys(const QString& html, QWidget* parent);
/// The table of layer types with a search field; Esc or Close ends it.
void showLayerTypes(QWidget* parent);
/// The manual's 26 tables of parameters.
void showParameters(QWidget* parent);
void showAbout(const Workbench& bench, QWidget* parent);

}  // namespace qs
