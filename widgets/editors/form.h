// Forms of settings: labels left, a "?" with the manual's words behind each field.
#pragma once

#include <QFormLayout>

namespace qs {

QFormLayout* makeForm(QWidget* box);
/// A row with a "?" behind the field and the manual's words on its label; `key` as in parameterHelp().
void addHelped(QFormLayout* form, const QString& label, QWidget* field, const char* key);

}  // namespace qs
