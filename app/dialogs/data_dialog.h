// Where samples come from and how they become the network's input, with the picture before and after.
#pragma once

#include "app/session/workflow.h"

#include <QDialog>
#include <QTimer>

#include <utility>
#include <vector>

class QComboBox;
class QDialogButtonBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace qs {

class VoxelForm;

class DataDialog : public QDialog {
    Q_OBJECT

public:
    DataDialog(const Workbench& bench, const DataSpec& spec, QWidget* parent);
    DataSpec spec() const;
    int batches() const;

private:
    void addFurtherInputs(QFormLayout* form);
    void browse(QLineEdit* edit, bool folder);
    void pathChosen();
    void showKind();
    void show(const DataSpec& spec);
    void preview();
    void showPreview(const QString& text, const QImage& before, const QImage& after);

    Workbench m_bench;
    QComboBox* m_kind;
    QLineEdit* m_path;
    QComboBox* m_preset;
    QComboBox* m_color;
    QComboBox* m_resizeMode;
    QSpinBox* m_resizeWidth;
    QSpinBox* m_resizeHeight;
    QSpinBox* m_cropWidth;
    QSpinBox* m_cropHeight;
    QLineEdit* m_mean;
    QLineEdit* m_scale;
    QSpinBox* m_batch;
    QSpinBox* m_limit;
    QLineEdit* m_labels;
    QComboBox* m_outputs;
    QLineEdit* m_decoder;
    VoxelForm* m_voxels;
    QFormLayout* m_form;
    std::vector<QWidget*> m_ofPictures;                        ///< fields that say nothing of point clouds
    std::vector<std::pair<std::string, QLineEdit*>> m_inputs;  ///< the network's inputs beside the first, by name
    QSpinBox* m_batches;
    QSpinBox* m_index;
    QLabel* m_before;
    QLabel* m_after;
    QLabel* m_note;
    QDialogButtonBox* m_buttons;
    bool m_fresh = false;  ///< nothing was said of how pictures are prepared: the first path says it
    bool m_transpose = false;
    std::vector<std::string> m_notEvaluated;  ///< of the data at m_notEvaluatedOf: chosen elsewhere
    std::filesystem::path m_notEvaluatedOf;
    int m_suggestedBatches = 1;  ///< another number of them was chosen
    QTimer m_timer;
};

}  // namespace qs
