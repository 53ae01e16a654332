#include "widgets/models/layer_group_model.h"

#include <gtest/gtest.h>
#include <QAbstractItemModelTester>
#include <QSignalSpy>

using namespace qs;

namespace {

/// data, a {a.0 {a.0.x, a.0.y}, a.1}, out: cosines fall from row to row.
struct Grouped {
    LayerTableModel table;
    LayerFilterModel filter;
    LayerGroupModel groups{&filter};
    QAbstractItemModelTester tester{&groups, QAbstractItemModelTester::FailureReportingMode::Warning};

    explicit Grouped(const std::optional<QStringList>& open = std::nullopt)
    {
        LayerRows rows;
        for (const char* name : {"data", "a.0.x", "a.0.y", "a.1", "out"}) {
            LayerRow row;
            row.id = static_cast<LayerId>(rows.size());
            row.name = QString::fromLatin1(name);
            row.type = QStringLiteral("Convolution");
            row.parameters = 10;
            row.cumulative = Metrics();
            row.cumulative->cosine = 1 - 0.01 * static_cast<double>(rows.size());
            rows.push_back(std::make_shared<const LayerRow>(row));
        }
        filter.setSourceModel(&table);
        table.setRows(rows);
        Blocks blocks;
        blocks.all = {Block{"a", BlockKind::Path, {}, noId, 1, 4}, Block{"a.0", BlockKind::Path, {}, 0, 1, 3}};
        blocks.order = {0, 1, 2, 3, 4};
        blocks.blockOf = {noId, 1, 1, 0, noId};
        groups.setBlocks(std::make_shared<const Blocks>(blocks), open);
        groups.setActive(true);
    }
    QStringList shown(int column = LayerTableModel::Name) const
    {
        QStringList texts;
        for (int row = 0; row < groups.rowCount(); ++row)
            texts << groups.index(row, column).data().toString();
        return texts;
    }
};

}  // namespace

TEST(LayerGroupModel, GroupsOpenAndClose)
{
    Grouped model(QStringList{});
    EXPECT_EQ(model.shown(), (QStringList{"data", "▸ a (3)", "out"}));
    QSignalSpy edited(&model.groups, &LayerGroupModel::openEdited);
    model.groups.setOpen(1, true);
    EXPECT_EQ(model.shown(), (QStringList{"data", "▾ a (3)", "   ▸ 0 (2)", "   1", "out"}));
    model.groups.setOpen(2, true);
    EXPECT_EQ(model.shown(), (QStringList{"data", "▾ a (3)", "   ▾ 0 (2)", "      x", "      y", "   1", "out"}));
    EXPECT_EQ(model.groups.openBlocks(), (QStringList{"a", "a.0"}));
    EXPECT_EQ(model.groups.groupOf(4), 2);
    EXPECT_EQ(model.groups.groupOf(2), 1);
    EXPECT_EQ(model.groups.groupOf(1), -1);
    model.groups.setOpen(1, false);
    EXPECT_EQ(model.shown().size(), 3);
    EXPECT_EQ(edited.size(), 3);
}

TEST(LayerGroupModel, AGroupHasTheWorstFigureAndTheSums)
{
    const Grouped model(QStringList{});
    const QModelIndex cosine = model.groups.index(1, LayerTableModel::CumulativeCosine);
    EXPECT_EQ(cosine.data().toString(), model.filter.index(3, LayerTableModel::CumulativeCosine).data().toString());
    EXPECT_TRUE(cosine.data(LayerTableModel::StepRole).isValid());
    EXPECT_TRUE(cosine.data(Qt::ToolTipRole).toString().contains(QLatin1String("a.1")));
    EXPECT_EQ(model.shown(LayerTableModel::Parameters).at(1), QStringLiteral("30"));
    EXPECT_EQ(model.groups.namesOf(1), (QStringList{"a.0.x", "a.0.y", "a.1"}));
    EXPECT_EQ(model.groups.groupsWithin({"a.0.x", "a.0.y", "a.1", "out"}), std::vector<int>{1});
    EXPECT_TRUE(model.groups.groupsWithin({"a.0.x", "a.0.y"}).empty());
}

TEST(LayerGroupModel, SortsWithinGroupsAndGroupsByTheirFirst)
{
    Grouped model(QStringList{"a", "a.0"});
    model.groups.sort(LayerTableModel::CumulativeCosine, Qt::AscendingOrder);
    EXPECT_EQ(model.shown(), (QStringList{"out", "▾ a (3)", "   1", "   ▾ 0 (2)", "      y", "      x", "data"}));
}

TEST(LayerGroupModel, TheFilterLeavesGroupsThatHoldSomething)
{
    Grouped model(QStringList{"a", "a.0"});
    model.filter.setText(QStringLiteral("a.0.*"));
    // Both hold the same two: the names of the outer one are those of the inner one.
    EXPECT_EQ(model.shown(), (QStringList{"▾ a (2)", "   ▾ 0 (2)", "      x", "      y"}));
    model.filter.setText(QStringLiteral("a.1"));
    EXPECT_EQ(model.shown(), QStringList{"a.1"});
}

TEST(LayerGroupModel, WhatIsLookedForIsOpened)
{
    Grouped model(QStringList{});
    EXPECT_EQ(model.groups.rowOf(QStringLiteral("a.0.y")), -1);
    model.groups.reveal({QStringLiteral("a.0.y")});
    EXPECT_EQ(model.groups.rowOf(QStringLiteral("a.0.y")), 4);
    EXPECT_EQ(model.groups.rowOf(QStringLiteral("nobody")), -1);
}

TEST(LayerGroupModel, EditsReachTheLayer)
{
    Grouped model(QStringList{"a", "a.0"});
    QSignalSpy edited(&model.table, &LayerTableModel::activationBitsEdited);
    EXPECT_FALSE(model.groups.setData(model.groups.index(1, LayerTableModel::ActivationBits), 16, Qt::EditRole));
    EXPECT_TRUE(model.groups.setData(model.groups.index(3, LayerTableModel::ActivationBits), 16, Qt::EditRole));
    ASSERT_EQ(edited.size(), 1);
    EXPECT_EQ(edited.front().front().toString(), QStringLiteral("a.0.x"));
}

TEST(LayerGroupModel, NamesAreWithoutThePathThatTheyStandIn)
{
    Grouped model(QStringList{"m/f.4", "m/f.4/f.4.1"});
    LayerRows rows;
    for (const char* name : {"/m/f.4/f.4.1/Conv", "/m/f.4/f.4.1/f.4.1.0/Relu", "/m/f.4/Add", "out"}) {
        LayerRow row;
        row.id = static_cast<LayerId>(rows.size());
        row.name = QString::fromLatin1(name);
        rows.push_back(std::make_shared<const LayerRow>(row));
    }
    Blocks blocks;
    blocks.all = {Block{"m/f.4", BlockKind::Path, {}, noId, 0, 3}, Block{"m/f.4/f.4.1", BlockKind::Path, {}, 0, 0, 2}};
    blocks.order = {0, 1, 2, 3};
    blocks.blockOf = {1, 1, 0, noId};
    model.table.setRows(rows);
    model.groups.setBlocks(std::make_shared<const Blocks>(blocks), QStringList{"m/f.4", "m/f.4/f.4.1"});
    EXPECT_EQ(model.shown(), (QStringList{"▾ m/f.4 (3)", "   ▾ 1 (2)", "      Conv", "      0/Relu", "   Add", "out"}));
}
