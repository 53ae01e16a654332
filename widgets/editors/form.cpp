#include "widgets/editors/form.h"

#include "widgets/common/parameter_help.h"

namespace qs {

QFormLayout* makeForm(QWidget* box)
{
    auto* form = new QFormLayout(box);
    form->setContentsMargins(8, 6, 8, 6);
    form->setVerticalSpacing(4);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    return form;
}

void addHelped(QFormLayout* form, const QString& label, QWidget* field, const char* key)
{
    QWidget* row = withParameterHelp(field, key);
    form->addRow(label, row);
    setParameterHelp(form->labelForField(row), key);
}

}  // namespace qs
