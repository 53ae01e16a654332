// How point clouds become voxels, as a part of the data dialog.
#pragma once

#include "core/data/dataset.h"

#include <QWidget>

class QCheckBox;
class QLineEdit;
class QSpinBox;

namespace qs {

class VoxelForm : public QWidget {
    Q_OBJECT

public:
    explicit VoxelForm(QWidget* parent = nullptr);
    void show(const DataSpec& spec);
    /// Into the specification; what is no number is none there, either.
    void enter(DataSpec& spec) const;

Q_SIGNALS:
    void changed();

private:
    QLineEdit* m_size;
    QLineEdit* m_range;
    QSpinBox* m_features;
    QSpinBox* m_points;
    QSpinBox* m_voxels;
    QCheckBox* m_reverse;
};

}  // namespace qs
