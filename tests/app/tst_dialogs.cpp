// What the window asks for when it opens a network and its data, and what it forgets with them.
#include "app/commands/configuration_command.h"
#include "app/dialogs/data_dialog.h"
#include "app/dialogs/voxel_form.h"
#include "app/window/main_window.h"
#include "app/window/status_strip.h"
#include "core/base/file.h"
#include "core/data/npy.h"
#include "tests/support/bench.h"
#include "tests/support/onnx_graph.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <QApplication>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDockWidget>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>
#include <QTimer>

using namespace qs;

namespace {

class Dialogs : public testing::Test, protected TestBench {
protected:
    Dialogs() { m_window.show(); }
    ~Dialogs() override { m_window.closeQuietly(); }

    /// A sum of two inputs; 0: a size that is left open.
    std::filesystem::path sum(const Shape& first, const Shape& second)
    {
        test::Graph graph;
        graph.input("a", first).input("b", second).node("Add", {"a", "b"}, {"y"});
        graph.output("y");
        m_folder.write("sum.onnx", graph.bytes());
        return m_folder.path() / "sum.onnx";
    }
    /// Gives these texts to the input dialogs that come, one after the other.
    void answer(QStringList texts)
    {
        QTimer::singleShot(0, &m_window, [this, texts = std::move(texts)]() mutable {
            auto* dialog = qobject_cast<QInputDialog*>(QApplication::activeModalWidget());
            if (dialog) {
                m_asked << dialog->labelText();
                dialog->setTextValue(texts.takeFirst());
            }
            if (!texts.isEmpty())
                answer(std::move(texts));
            if (dialog)
                dialog->accept();
        });
    }

    test::TemporaryFolder m_folder;
    MainWindow m_window{parts};
    QStringList m_asked;
};

}  // namespace

TEST_F(Dialogs, OpenSizesAreAskedForOneAfterTheOther)
{
    answer({QStringLiteral("1x3x4x4"), QStringLiteral("1x3x1x1")});
    workflow.openModel(sum({0, 3, 0, 0}, {0, 3, 0, 0}));
    settle();
    ASSERT_EQ(m_asked.size(), 2);
    EXPECT_NE(m_asked[0].indexOf(QStringLiteral("a")), -1);
    ASSERT_EQ(session.inputShapes().size(), 2U);
    const Model& model = *session.model();
    EXPECT_EQ(model.value(model.inputs()[0]).shape, (Shape{1, 3, 4, 4}));
    EXPECT_EQ(model.value(model.inputs()[1]).shape, (Shape{1, 3, 1, 1}));
}

TEST_F(Dialogs, WhatIsNoShapeIsSaid)
{
    answer({QStringLiteral("3 by 4")});
    workflow.openModel(sum({0, 3, 0, 0}, {1, 3, 4, 4}));
    settle();
    ASSERT_EQ(m_asked.size(), 1);
    EXPECT_TRUE(m_window.messages()->isVisible());
    // Open, to be looked at; its shape is not known.
    ASSERT_TRUE(session.model());
    EXPECT_FALSE(session.model()->value(session.model()->inputs()[0]).shaped);
}

TEST_F(Dialogs, FurtherInputsHaveAField)
{
    workflow.openModel(sum({1, 3, 4, 4}, {1, 3, 4, 4}));
    settle();
    for (const char* name : {"a.npy", "b.npy"})
        ASSERT_TRUE(writeFile(m_folder.path() / name, npyBytes(Buffer::fromFloats({2, 3, 4, 4}, std::vector<float>(96, 0.5F)))).ok());
    DataSpec spec;
    spec.kind = DataKind::Npy;
    spec.path = m_folder.path() / "a.npy";
    DataDialog dialog(parts, spec, &m_window);
    auto* field = dialog.findChild<QLineEdit*>(QStringLiteral("input:b"));
    ASSERT_TRUE(field);
    EXPECT_FALSE(dialog.findChild<QLineEdit*>(QStringLiteral("input:a")));
    EXPECT_TRUE(dialog.spec().inputs.empty());
    field->setText(QString::fromStdString(m_folder.path() / "b.npy"));
    EXPECT_EQ(dialog.spec().inputs.at("b"), m_folder.path() / "b.npy");
    // What was given comes back.
    const DataDialog again(parts, dialog.spec(), &m_window);
    EXPECT_EQ(again.spec(), dialog.spec());
    settle();
}

TEST_F(Dialogs, PointCloudsHaveFieldsOfTheirOwn)
{
    DataSpec spec;
    spec.kind = DataKind::Points;
    spec.path = m_folder.path();
    spec.voxels.size = {0.1, 0.1, 0.2};
    spec.voxels.features = 4;
    spec.reverseSites = true;
    DataDialog dialog(parts, spec, &m_window);
    auto* voxels = dialog.findChild<VoxelForm*>();
    auto* preset = dialog.findChild<QComboBox*>(QStringLiteral("preset"));
    ASSERT_TRUE(voxels && preset);
    EXPECT_FALSE(voxels->isHidden());
    EXPECT_TRUE(preset->isHidden()) << "of pictures";
    EXPECT_EQ(dialog.spec().voxels, spec.voxels);
    EXPECT_TRUE(dialog.spec().reverseSites);
    voxels->findChild<QLineEdit*>()->setText(QStringLiteral("0.1, x, 0.2"));
    EXPECT_FALSE(dialog.spec().voxels.check().ok()) << "no number: the data do not open";
    dialog.findChild<QComboBox*>()->setCurrentIndex(static_cast<int>(DataKind::Pictures));
    EXPECT_TRUE(voxels->isHidden());
    EXPECT_FALSE(preset->isHidden());
    settle();
}

TEST_F(Dialogs, OutputsAreChosenWithTheData)
{
    openDemo();
    DataDialog dialog(parts, *session.dataSpec(), &m_window);
    EXPECT_EQ(dialog.spec().outputs, OutputChoice());
    auto* kind = dialog.findChild<QComboBox*>(QStringLiteral("outputs"));
    auto* decoder = dialog.findChild<QLineEdit*>(QStringLiteral("decoder"));
    ASSERT_TRUE(kind && decoder);
    EXPECT_EQ(kind->count(), static_cast<int>(std::size(outputKindNames)));
    EXPECT_TRUE(decoder->placeholderText().isEmpty()) << "the demo has classes";
    kind->setCurrentIndex(static_cast<int>(OutputKind::Vector));
    EXPECT_EQ(dialog.spec().outputs, (OutputChoice{OutputKind::Vector, ""}));
    const DataDialog again(parts, dialog.spec(), &m_window);
    EXPECT_EQ(again.spec(), dialog.spec());
    // What does not fit the outputs is said before it is used.
    auto* use = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    kind->setCurrentIndex(static_cast<int>(OutputKind::Boxes));
    decoder->setText(QStringLiteral("yolo sizes=4"));
    EXPECT_TRUE(QTest::qWaitFor([&] {
        const auto labels = dialog.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [](const QLabel* label) { return label->text().contains(QStringLiteral("yolo")); });
    }));
    EXPECT_FALSE(use->isEnabled());
    settle();
}

TEST_F(Dialogs, BatchesAreSuggestedUntilTheyAreChosen)
{
    openDemo();
    editConfiguration(session, QStringLiteral("as new"), [](Configuration& c) { c.batchNum = 1; });
    DataSpec spec = *session.dataSpec();
    DataDialog dialog(parts, spec, &m_window);
    const auto field = [&dialog](const char* tip) {
        for (auto* box : dialog.findChildren<QSpinBox*>())
            if (box->toolTip().startsWith(QLatin1String(tip)))
                return box;
        return static_cast<QSpinBox*>(nullptr);
    };
    QSpinBox* batches = field("batch_num");
    QSpinBox* batch = field("Samples a batch");
    ASSERT_TRUE(batches && batch);
    batch->setValue(2);
    EXPECT_TRUE(QTest::qWaitFor([&] { return dialog.batches() == 16; }));
    batch->setValue(4);
    EXPECT_TRUE(QTest::qWaitFor([&] { return dialog.batches() == 8; }));
    batches->setValue(5);
    batch->setValue(1);
    QTest::qWait(400);
    settle();
    EXPECT_EQ(dialog.batches(), 5);
}

TEST_F(Dialogs, ANewNetworkForgetsTheLastOnesSample)
{
    openDemo();
    QDockWidget* compare = m_window.dock(QStringLiteral("compare"));
    m_window.showView(QStringLiteral("compare"));
    settle();
    auto* name = compare->findChild<QLabel*>(QStringLiteral("sampleName"));
    ASSERT_TRUE(name);
    EXPECT_FALSE(name->text().isEmpty());
    openToy();
    EXPECT_FALSE(session.data());
    EXPECT_TRUE(name->text().isEmpty()) << name->text().toStdString();
}
