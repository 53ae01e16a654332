#include "app/dialogs/voxel_form.h"

#include "core/base/text.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QSpinBox>

#include <cmath>
#include <span>

namespace qs {

namespace {

QString textOf(std::span<const double> numbers)
{
    QStringList parts;
    for (const double number : numbers)
        parts << QString::fromStdString(numberText(number));
    return parts.join(QStringLiteral(", "));
}

void readInto(const QLineEdit* edit, std::span<double> numbers)
{
    // What is no number stays none: opening the data says so.
    const std::vector<std::string> parts = splitText(edit->text().toStdString(), ',');
    for (size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = (parts.size() == numbers.size() ? parseDouble(trimmed(parts[i])) : std::nullopt).value_or(std::nan(""));
}

QSpinBox* spin(int low, int high)
{
    auto* box = new QSpinBox;
    box->setRange(low, high);
    return box;
}

}  // namespace

VoxelForm::VoxelForm(QWidget* parent) : QWidget(parent)
{
    m_size = new QLineEdit;
    m_size->setToolTip(tr("Metres of a voxel along x, y, z"));
    m_range = new QLineEdit;
    m_range->setToolTip(tr("Least x, y, z, then the largest, in metres: points outside are left"));
    m_features = spin(3, 64);
    m_features->setToolTip(tr("Numbers of a point in the file: x, y, z, intensity, time are five"));
    m_points = spin(1, 1 << 20);
    m_points->setToolTip(tr("Points of a voxel that count: its features are their mean"));
    m_voxels = spin(1, 1 << 24);
    m_reverse = new QCheckBox(tr("sites in reverse order"));
    m_reverse->setToolTip(tr("z, y, x for x, y, z: as the network counts the sides of its grid"));
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Voxel size"), m_size);
    form->addRow(tr("Range"), m_range);
    form->addRow(tr("Numbers of a point"), m_features);
    form->addRow(tr("Points of a voxel"), m_points);
    form->addRow(tr("Voxels at most"), m_voxels);
    form->addRow(QString(), m_reverse);
    for (QLineEdit* edit : {m_size, m_range})
        connect(edit, &QLineEdit::textChanged, this, &VoxelForm::changed);
    for (QSpinBox* box : {m_features, m_points, m_voxels})
        connect(box, &QSpinBox::valueChanged, this, &VoxelForm::changed);
    connect(m_reverse, &QCheckBox::toggled, this, &VoxelForm::changed);
}

void VoxelForm::show(const DataSpec& spec)
{
    m_size->setText(textOf(spec.voxels.size));
    m_range->setText(textOf(spec.voxels.range));
    m_features->setValue(spec.voxels.features);
    m_points->setValue(spec.voxels.mostPoints);
    m_voxels->setValue(spec.voxels.mostVoxels);
    m_reverse->setChecked(spec.reverseSites);
}

void VoxelForm::enter(DataSpec& spec) const
{
    readInto(m_size, spec.voxels.size);
    readInto(m_range, spec.voxels.range);
    spec.voxels.features = m_features->value();
    spec.voxels.mostPoints = m_points->value();
    spec.voxels.mostVoxels = m_voxels->value();
    spec.reverseSites = m_reverse->isChecked();
}

}  // namespace qs
