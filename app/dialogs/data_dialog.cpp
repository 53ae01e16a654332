#include "app/dialogs/data_dialog.h"

#include "app/dialogs/voxel_form.h"
#include "core/base/text.h"
#include "core/jobs/reading.h"
#include "core/ops/sparse_sites.h"
#include "widgets/common/buffer_image.h"
#include "widgets/common/error_text.h"
#include "widgets/common/format.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace qs {

namespace {

QSpinBox* spin(int low, int high, const QString& special = {})
{
    auto* box = new QSpinBox;
    box->setRange(low, high);
    box->setSpecialValueText(special);
    return box;
}

QHBoxLayout* row(std::initializer_list<QWidget*> widgets)
{
    auto* layout = new QHBoxLayout;
    for (QWidget* widget : widgets)
        layout->addWidget(widget, qobject_cast<QLineEdit*>(widget) || qobject_cast<QSpinBox*>(widget) ? 1 : 0);
    return layout;
}

QWidget* boxOf(QLayout* layout)
{
    auto* box = new QWidget;
    layout->setContentsMargins(0, 0, 0, 0);
    box->setLayout(layout);
    return box;
}

QLabel* pictureLabel()
{
    auto* label = new QLabel;
    label->setFixedSize(240, 240);
    label->setAlignment(Qt::AlignCenter);
    label->setFrameShape(QFrame::StyledPanel);
    return label;
}

constexpr int largest = 65536;

/// How networks of a kind want their pictures.
struct Preset {
    QString name;
    ColorOrder color;
    const char* mean;
    const char* scale;
};

const std::vector<Preset>& presets()
{
    // The deviations of torchvision are divided by: 1 / (255 * 0.229) and so on.
    static const std::vector<Preset> all{
        {QCoreApplication::translate("qs::DataDialog", "Caffe: BGR, mean 104, 117, 123"), ColorOrder::Bgr, "104,117,123", "1"},
        {QCoreApplication::translate("qs::DataDialog", "torchvision: RGB, ImageNet's mean and deviation"), ColorOrder::Rgb, "123.675,116.28,103.53",
         "0.017124754,0.017507003,0.017429194"},
        {QCoreApplication::translate("qs::DataDialog", "RGB, (pixel − 127.5) / 128"), ColorOrder::Rgb, "127.5", "0.0078125"},
        {QCoreApplication::translate("qs::DataDialog", "RGB, 0 to 1"), ColorOrder::Rgb, "", "0.0039215686"},
        {QCoreApplication::translate("qs::DataDialog", "RGB, 0 to 255"), ColorOrder::Rgb, "", "1"}};
    return all;
}

/// "values −2.1 to 2.6, mean by channel 0.1, 0.2, 0.3": whether the preprocessing is the network's can often be seen in them.
QString rangeText(const Buffer& sample)
{
    if (sample.empty() || sample.dtype() != DType::F32)
        return {};
    const auto values = sample.floats();
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    QString text = QCoreApplication::translate("qs::DataDialog", "values %1 to %2")
                       .arg(significantText(static_cast<double>(*low), 3), significantText(static_cast<double>(*high), 3));
    const size_t channels = sample.shape().size() == 3 ? static_cast<size_t>(sample.shape().front()) : 0;
    if (channels != 1 && channels != 3)
        return text;
    QStringList means;
    const size_t plane = values.size() / channels;
    for (size_t c = 0; c < channels; ++c)
        means << significantText(std::accumulate(values.begin() + static_cast<std::ptrdiff_t>(c * plane),
                                                 values.begin() + static_cast<std::ptrdiff_t>((c + 1) * plane), 0.0) /
                                     static_cast<double>(plane),
                                 3);
    return text + QCoreApplication::translate("qs::DataDialog", ", mean by channel %1").arg(means.join(QStringLiteral(", ")));
}

}  // namespace

DataDialog::DataDialog(const Workbench& bench, const DataSpec& spec, QWidget* parent) : QDialog(parent), m_bench(bench)
{
    setObjectName(QStringLiteral("dataDialog"));
    setWindowTitle(tr("Data"));
    m_kind = new QComboBox;
    m_kind->addItems({tr("Pictures in a folder"), tr("List of pictures"), tr("NumPy array (.npy)"), tr("CIFAR-10 binary"), tr("MNIST idx"),
                      tr("LMDB data set"), tr("Point clouds, voxels")});
    m_path = new QLineEdit;
    m_path->setMinimumWidth(260);
    auto* choose = new QPushButton(tr("Choose…"));
    m_color = new QComboBox;
    m_color->addItems({tr("BGR"), tr("RGB"), tr("gray")});
    m_color->setToolTip(tr("Channel order that the network was trained with; Caffe's is BGR"));
    m_resizeMode = new QComboBox;
    m_resizeMode->addItems({tr("to the network's input"), tr("short side to"), tr("to")});
    m_resizeWidth = spin(1, largest);
    m_resizeHeight = spin(1, largest);
    m_cropWidth = spin(0, largest, tr("none"));
    m_cropHeight = spin(0, largest, tr("none"));
    m_mean = new QLineEdit;
    m_mean->setToolTip(tr("One value, one for each channel (104,117,123), or a mean image (.npy, .binaryproto); subtracted after the crop"));
    m_scale = new QLineEdit;
    m_scale->setToolTip(tr("Multiplied after the mean is subtracted: one number, or one a channel (a, b, c); 0.00390625 is 1/256"));
    m_batch = spin(1, 4096);
    m_batch->setToolTip(tr("Samples a batch: calibration counts batches"));
    m_limit = spin(0, 100000000, tr("all"));
    m_labels = new QLineEdit;
    m_labels->setToolTip(
        tr("Lines of 'file class', or one class a line in data order; of boxes a COCO .json, or a folder of VOC .xml or YOLO .txt files"));
    auto* chooseLabels = new QPushButton(tr("Choose…"));
    m_outputs = new QComboBox;
    m_outputs->setObjectName(QStringLiteral("outputs"));
    m_outputs->addItems({tr("automatic"), tr("classes"), tr("boxes"), tr("class map"), tr("vector"), tr("plain values")});
    m_outputs->setToolTip(tr("What the network's outputs are: by that they are shown and judged"));
    m_decoder = new QLineEdit;
    m_decoder->setObjectName(QStringLiteral("decoder"));
    m_decoder->setToolTip(
        tr("What makes boxes of raw outputs, with its options: ssd, corners, rows, yolo, points, distances, centres; empty: what "
           "fits the outputs (the manual says more)"));
    if (const auto& model = m_bench.session.model())
        if (const auto proposal = proposedDecoder(*model))
            m_decoder->setPlaceholderText(QString::fromStdString(decoderText(*proposal)));
    m_batches = spin(1, 100000);
    m_batches->setToolTip(tr("batch_num: the first so many batches calibrate; all samples compare"));
    m_batches->setValue(m_bench.session.configuration().batchNum);

    m_voxels = new VoxelForm;
    auto* form = m_form = new QFormLayout;
    form->addRow(tr("Kind"), m_kind);
    form->addRow(tr("Path"), row({m_path, choose}));
    m_preset = new QComboBox;
    m_preset->setObjectName(QStringLiteral("preset"));
    m_preset->addItem(tr("choose…"));
    for (const Preset& preset : presets())
        m_preset->addItem(preset.name);
    m_preset->setToolTip(tr("Colour, mean and scale as networks of a kind are trained with; size and crop stay"));
    const auto ofPictures = [this](const QString& label, QWidget* field) {
        m_form->addRow(label, field);
        m_ofPictures.push_back(field);
    };
    ofPictures(tr("Preset"), m_preset);
    ofPictures(tr("Colour"), m_color);
    ofPictures(tr("Resize"), boxOf(row({m_resizeMode, m_resizeWidth, m_resizeHeight})));
    ofPictures(tr("Centre crop"), boxOf(row({m_cropWidth, new QLabel(QStringLiteral("×")), m_cropHeight})));
    ofPictures(tr("Mean"), m_mean);
    ofPictures(tr("Scale"), m_scale);
    form->addRow(m_voxels);
    form->addRow(tr("Batch"), m_batch);
    form->addRow(tr("Samples"), m_limit);
    form->addRow(tr("Labels"), row({m_labels, chooseLabels}));
    form->addRow(tr("Outputs"), m_outputs);
    form->addRow(tr("Decoder"), m_decoder);
    form->addRow(tr("Calibration batches"), m_batches);
    addFurtherInputs(form);
    m_index = spin(0, 0);
    m_before = pictureLabel();
    m_after = pictureLabel();
    m_note = new QLabel;
    m_note->setWordWrap(true);
    m_note->setMinimumHeight(m_note->fontMetrics().height() * 4);
    m_note->setAlignment(Qt::AlignTop);
    auto* pictures = new QGridLayout;
    pictures->addWidget(new QLabel(tr("Picture")), 0, 0);
    pictures->addWidget(new QLabel(tr("What the network gets")), 0, 1);
    pictures->addWidget(m_before, 1, 0);
    pictures->addWidget(m_after, 1, 1);
    pictures->addLayout(row({new QLabel(tr("Sample")), m_index}), 2, 0);
    pictures->addWidget(m_note, 3, 0, 1, 2);
    pictures->setRowStretch(4, 1);
    auto* columns = new QHBoxLayout;
    columns->addLayout(form, 1);
    columns->addSpacing(12);
    columns->addLayout(pictures);
    m_buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
    m_buttons->button(QDialogButtonBox::Ok)->setText(tr("Use this data"));
    m_buttons->button(QDialogButtonBox::Cancel)->setText(tr("Cancel"));
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(columns, 1);
    layout->addWidget(m_buttons);
    m_fresh = spec == DataSpec();
    show(spec);

    m_timer.setSingleShot(true);
    m_timer.setInterval(250);
    connect(&m_timer, &QTimer::timeout, this, &DataDialog::preview);
    const auto later = [this] { m_timer.start(); };
    for (QComboBox* box : {m_kind, m_color, m_resizeMode, m_outputs})
        connect(box, &QComboBox::activated, this, later);
    for (QSpinBox* box : {m_resizeWidth, m_resizeHeight, m_cropWidth, m_cropHeight, m_batch, m_limit, m_index})
        connect(box, &QSpinBox::valueChanged, this, later);
    for (QLineEdit* edit : {m_mean, m_scale, m_labels, m_decoder})
        connect(edit, &QLineEdit::textChanged, this, later);
    for (const auto& [name, edit] : m_inputs)
        connect(edit, &QLineEdit::textChanged, this, later);
    connect(m_preset, &QComboBox::activated, this, [this](int index) {
        if (index == 0)
            return;
        const Preset& preset = presets()[static_cast<size_t>(index) - 1];
        m_color->setCurrentIndex(static_cast<int>(preset.color));
        m_mean->setText(QLatin1String(preset.mean));
        m_scale->setText(QLatin1String(preset.scale));
        m_timer.start();
    });
    connect(m_voxels, &VoxelForm::changed, this, later);
    connect(m_kind, &QComboBox::currentIndexChanged, this, &DataDialog::showKind);
    connect(m_path, &QLineEdit::editingFinished, this, &DataDialog::pathChosen);
    connect(choose, &QPushButton::clicked, this, [this] {
        const auto kind = static_cast<DataKind>(m_kind->currentIndex());
        browse(m_path, kind == DataKind::Pictures || kind == DataKind::Lmdb || kind == DataKind::Points);
        pathChosen();
    });
    connect(chooseLabels, &QPushButton::clicked, this, [this] { browse(m_labels, false); });
    connect(m_resizeMode, &QComboBox::currentIndexChanged, this, [this](int mode) {
        m_resizeWidth->setVisible(mode > 0);
        m_resizeHeight->setVisible(mode == 2);
    });
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_resizeWidth->setVisible(m_resizeMode->currentIndex() > 0);
    m_resizeHeight->setVisible(m_resizeMode->currentIndex() == 2);
    showKind();
    preview();
}

void DataDialog::showKind()
{
    const bool points = static_cast<DataKind>(m_kind->currentIndex()) == DataKind::Points;
    for (QWidget* field : m_ofPictures)
        m_form->setRowVisible(field, !points);
    m_form->setRowVisible(m_voxels, points);
}

void DataDialog::addFurtherInputs(QFormLayout* form)
{
    const auto& model = m_bench.session.model();
    for (size_t i = 1; model && i < model->inputs().size(); ++i) {
        const std::string& name = model->value(model->inputs()[i]).name;
        auto* edit = new QLineEdit;
        edit->setObjectName(QStringLiteral("input:") + QString::fromStdString(name));
        edit->setPlaceholderText(areSites(*model, model->inputs()[i]) ? tr("the sites of the samples, where they have them")
                                                                      : tr("only sequence marks and first states may be left out"));
        edit->setToolTip(tr("A .npy for this input of the network: one array for all samples, or one a sample along its first axis"));
        auto* choose = new QPushButton(tr("Choose…"));
        connect(choose, &QPushButton::clicked, this, [this, edit] { browse(edit, false); });
        auto* label = new QLabel(tr("Input %1").arg(QString::fromStdString(name)));
        label->setTextFormat(Qt::PlainText);
        form->addRow(label, row({edit, choose}));
        m_inputs.emplace_back(name, edit);
    }
}

void DataDialog::browse(QLineEdit* edit, bool folder)
{
    const QString path = folder ? QFileDialog::getExistingDirectory(this, {}, edit->text()) : QFileDialog::getOpenFileName(this, {}, edit->text());
    if (!path.isEmpty())
        edit->setText(path);
}

void DataDialog::pathChosen()
{
    const std::filesystem::path path = m_path->text().toStdString();
    std::error_code ignored;
    if (m_path->isModified() || path != spec().path)
        m_path->setModified(false);
    // What kind it is, the path itself says best; what the user has set otherwise stays.
    if (std::filesystem::exists(path, ignored)) {
        DataSpec guessed = guessDataSpec(path, m_bench.workflow.inputShape());
        guessed.inputs = spec().inputs;
        guessed.outputs = spec().outputs;
        if (std::exchange(m_fresh, false))
            show(guessed);
        m_kind->setCurrentIndex(static_cast<int>(guessed.kind));
        if (m_labels->text().isEmpty() && !guessed.labels.empty())
            m_labels->setText(QString::fromStdString(guessed.labels.string()));
    }
    m_timer.start();
}

void DataDialog::show(const DataSpec& spec)
{
    const Preprocess& p = spec.preprocess;
    m_kind->setCurrentIndex(static_cast<int>(spec.kind));
    m_path->setText(QString::fromStdString(spec.path.string()));
    m_color->setCurrentIndex(static_cast<int>(p.color));
    m_resizeMode->setCurrentIndex(p.resizeShort ? 1 : p.resize ? 2 : 0);
    m_resizeWidth->setValue(p.resizeShort ? *p.resizeShort : p.resize ? p.resize->first : 256);
    m_resizeHeight->setValue(p.resize ? p.resize->second : 256);
    m_cropWidth->setValue(p.crop ? p.crop->first : 0);
    m_cropHeight->setValue(p.crop ? p.crop->second : 0);
    QStringList means;
    for (const double mean : p.mean)
        means << QString::fromStdString(numberText(mean));
    m_mean->setText(p.meanFile.empty() ? means.join(QLatin1Char(',')) : QString::fromStdString(p.meanFile.string()));
    QStringList scales;
    for (const double scale : p.scale.empty() ? std::vector<double>{1} : p.scale)
        scales << QString::fromStdString(numberText(scale));
    m_scale->setText(scales.join(QLatin1Char(',')));
    m_batch->setValue(p.batch);
    m_limit->setValue(spec.limit.value_or(0));
    m_labels->setText(QString::fromStdString(spec.labels.string()));
    m_outputs->setCurrentIndex(static_cast<int>(spec.outputs.kind));
    m_decoder->setText(QString::fromStdString(spec.outputs.decoder));
    m_voxels->show(spec);
    m_transpose = p.transpose;
    m_notEvaluated = spec.notEvaluated;
    m_notEvaluatedOf = spec.path;
    for (const auto& [name, edit] : m_inputs) {
        const auto given = spec.inputs.find(name);
        edit->setText(given == spec.inputs.end() ? QString() : QString::fromStdString(given->second.string()));
    }
}

DataSpec DataDialog::spec() const
{
    DataSpec spec;
    spec.kind = static_cast<DataKind>(m_kind->currentIndex());
    spec.path = m_path->text().toStdString();
    m_voxels->enter(spec);
    Preprocess& p = spec.preprocess;
    p.color = static_cast<ColorOrder>(m_color->currentIndex());
    if (m_resizeMode->currentIndex() == 1)
        p.resizeShort = m_resizeWidth->value();
    else if (m_resizeMode->currentIndex() == 2)
        p.resize = {m_resizeWidth->value(), m_resizeHeight->value()};
    if (m_cropWidth->value() > 0 && m_cropHeight->value() > 0)
        p.crop = {m_cropWidth->value(), m_cropHeight->value()};
    for (const std::string& part : splitText(m_mean->text().toStdString(), ',')) {
        const auto number = parseDouble(part);
        if (!number) {
            p.mean.clear();
            p.meanFile = m_mean->text().toStdString();
            break;
        }
        p.mean.push_back(*number);
    }
    // What is no number stays none: opening the data says so.
    for (const std::string& part : splitText(m_scale->text().toStdString(), ','))
        p.scale.push_back(parseDouble(part).value_or(std::nan("")));
    if (p.scale == std::vector<double>{1})
        p.scale.clear();
    p.batch = m_batch->value();
    p.transpose = m_transpose;
    for (const auto& [name, edit] : m_inputs)
        if (!edit->text().isEmpty())
            spec.inputs[name] = edit->text().toStdString();
    if (m_limit->value() > 0)
        spec.limit = m_limit->value();
    spec.labels = m_labels->text().toStdString();
    spec.outputs = {static_cast<OutputKind>(m_outputs->currentIndex()), m_decoder->text().trimmed().toStdString()};
    if (spec.path == m_notEvaluatedOf)
        spec.notEvaluated = m_notEvaluated;
    return spec;
}

int DataDialog::batches() const
{
    return m_batches->value();
}

void DataDialog::preview()
{
    struct Preview {
        int size = 0;
        size_t skipped = 0;
        QImage before;
        QImage after;
        Shape shape;
        QString name;
        QString range;
    };
    const DataSpec asked = spec();
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(false);
    if (asked.path.empty()) {
        showPreview(tr("Choose a folder of pictures or a data file."), {}, {});
        return;
    }
    m_bench.jobs.run<Preview>(
        {QStringLiteral("data-preview"), tr("Preview"), Lane::Light, true, true},
        [asked, model = m_bench.session.model(), shape = m_bench.workflow.inputShape(), index = m_index->value()](
            const JobContext&, const std::shared_ptr<Engine>&) -> Result<Preview> {
            QS_TRY(const auto set, openDataSet(asked, shape));
            if (model)
                QS_CHECK(readingOf(*model, *set));
            Preview preview;
            preview.size = set->size();
            preview.skipped = set->skipped().size();
            if (set->size() == 0)
                return preview;
            const int at = std::min(index, set->size() - 1);
            preview.name = QString::fromStdString(set->sampleName(at));
            if (const auto picture = set->picture(at))
                preview.before = pictureImage(*picture);
            QS_TRY(const Buffer sample, set->sample(at));
            preview.shape = sample.shape();
            preview.range = rangeText(sample);
            QS_TRY(const Buffer sites, set->sites(at));
            // Rows of voxels are no picture.
            if (sites.empty())
                preview.after = tensorImage(sample, asked.preprocess.color == ColorOrder::Bgr);
            return preview;
        },
        [dialog = QPointer<DataDialog>(this)](const Result<Preview>& preview) {
            if (!dialog)
                return;
            if (!preview) {
                dialog->showPreview(errorMessage(preview.error()), {}, {});
                return;
            }
            dialog->m_index->setMaximum(std::max(0, preview->size - 1));
            dialog->m_buttons->button(QDialogButtonBox::Ok)->setEnabled(preview->size > 0);
            if (dialog->m_batches->value() == dialog->m_suggestedBatches && preview->size > 0) {
                dialog->m_suggestedBatches = Workflow::suggestedBatches(preview->size, dialog->m_batch->value());
                dialog->m_batches->setValue(dialog->m_suggestedBatches);
            }
            QString text = tr("%1 samples").arg(preview->size);
            if (preview->skipped > 0)
                text += tr(", %1 left out").arg(preview->skipped);
            text += QStringLiteral("\n%1: %2").arg(preview->name, shapeLabel(preview->shape));
            if (!preview->range.isEmpty())
                text += QLatin1Char('\n') + preview->range;
            dialog->showPreview(text, preview->before, preview->after);
        });
}

void DataDialog::showPreview(const QString& text, const QImage& before, const QImage& after)
{
    m_note->setText(text);
    const auto put = [](QLabel* label, const QImage& image) {
        label->setPixmap(image.isNull()
                             ? QPixmap()
                             : QPixmap::fromImage(image).scaled(label->size() - QSize(8, 8), Qt::KeepAspectRatio, Qt::SmoothTransformation));
    };
    put(m_before, before);
    put(m_after, after);
}

}  // namespace qs
