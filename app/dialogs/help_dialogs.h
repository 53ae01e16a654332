// Definitions, keys and the about box.
#pragma once

class QWidget;

namespace qs {

struct Workbench;

void showDefinitions(QWidget* parent);
void showAbout(const Workbench& bench, QWidget* parent);

}  // namespace qs
