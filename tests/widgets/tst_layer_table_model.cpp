#include "widgets/models/layer_table_model.h"

#include "tests/support/toy_model.h"

#include <gtest/gtest.h>
#include <QAbstractItemModelTester>
#include <QSignalSpy>

using namespace qs;

namespace {

std::vector<LayerRow> rows()
{
    std::vector<LayerRow> list(3);
    for (size_t i = 0; i < list.size(); ++i) {
        list[i].id = static_cast<LayerId>(i);
        list[i].name = QStringLiteral("conv%1").arg(i);
        list[i].type = QStringLiteral("Convolution");
        list[i].quantizable = Quantizable::WeightsAndData;
        list[i].enabled = true;
        list[i].activationBits = 8;
        list[i].weightBits = 8;
        list[i].algorithm = QStringLiteral("arq");
        Metrics metrics;
        metrics.cosine = 0.9 + 0.04 * static_cast<double>(i);
        list[i].cumulative = metrics;
        list[i].local = metrics;
    }
    list[2].quantizable = Quantizable::No;
    list[2].activationBits = 0;
    list[2].weightBits = 0;
    list[2].type = QStringLiteral("Softmax");
    return list;
}

LayerRows shared(const std::vector<LayerRow>& list)
{
    LayerRows rows;
    for (const LayerRow& row : list)
        rows.push_back(std::make_shared<const LayerRow>(row));
    return rows;
}

}  // namespace

TEST(LayerTableModel, OffersTheWidthsOfTheTarget)
{
    LayerTableModel model;
    model.setRows(shared(rows()));
    const auto choices = [&](int column) { return model.index(0, column).data(LayerTableModel::ChoicesRole).toStringList(); };
    EXPECT_EQ(choices(LayerTableModel::ActivationBits).size(), 9);
    EXPECT_EQ(choices(LayerTableModel::WeightBits), (QStringList{QStringLiteral("8"), QStringLiteral("4")}));
    EXPECT_EQ(choices(LayerTableModel::Algorithm), (QStringList{QStringLiteral("arq"), QStringLiteral("snq")}));
    static constexpr int widths[] = {8, 16};
    QuantScheme scheme = standardScheme();
    scheme.activationWidths = widths;
    scheme.codebooks = false;
    model.setScheme(scheme);
    EXPECT_EQ(choices(LayerTableModel::ActivationBits), (QStringList{QStringLiteral("8"), QStringLiteral("16")}));
    EXPECT_EQ(choices(LayerTableModel::WeightBits), QStringList{QStringLiteral("8")});
    EXPECT_EQ(choices(LayerTableModel::Algorithm), QStringList{QStringLiteral("arq")});
}

TEST(LayerTableModel, SatisfiesTheModelTester)
{
    LayerTableModel model;
    LayerFilterModel filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Warning);
    const QAbstractItemModelTester filterTester(&filter, QAbstractItemModelTester::FailureReportingMode::Warning);
    model.setRows(shared(rows()));
    EXPECT_EQ(model.rowCount(), 3);
    model.setRows(shared(rows()));
    filter.setText(QStringLiteral("conv"));
    filter.setThreshold(0.95);
    model.setRows({});
    EXPECT_EQ(model.rowCount(), 0);
}

/// Each figure of a comparison and of a sensitivity has a column or colour of its own.
TEST(LayerTableModel, RowsHoldEachFigureOnce)
{
    const auto model = toyModel();
    Comparison comparison;
    LayerComparison& compared = comparison.layers.emplace_back();
    compared.layer = "conv1";
    compared.run = true;
    compared.local.cosine = 0.9;
    compared.cumulative.cosine = 0.8;
    Sensitivity sensitivity;
    sensitivity.output.cosine = 0.75;
    LayerSensitivity& measured = sensitivity.layers.emplace_back();
    measured.layer = "conv1";
    measured.oneQuantized.cosine = 0.7;
    measured.oneFloat.cosine = 0.6;
    LayerSources sources;
    sources.model = model.get();
    sources.comparison = &comparison;
    sources.sensitivity = &sensitivity;
    const LayerRows list = layerRows(sources);
    const LayerRow& row = *list[static_cast<size_t>(model->findLayer("conv1"))];
    EXPECT_EQ(row.local->cosine, 0.9);
    EXPECT_EQ(row.cumulative->cosine, 0.8);
    EXPECT_EQ(row.oneQuantized->cosine, 0.7);
    EXPECT_EQ(row.oneFloat->cosine, 0.6);
    EXPECT_EQ(row.wholeError, 0.25);
    EXPECT_EQ(row.parameters, 4 * 27 + 4);
    EXPECT_FALSE(list[static_cast<size_t>(model->findLayer("fc1"))]->local);
}

TEST(LayerTableModel, SortsByTheColumnsOwnNumber)
{
    LayerTableModel model;
    std::vector<LayerRow> list = rows();
    list[0].cumulative->sqnrDb = 30;
    list[0].cumulative->mse = 2;
    list[1].cumulative->sqnrDb = 20;
    list[1].cumulative->mse = 1;
    list[0].macs = 7;
    model.setRows(shared(list));
    const auto key = [&](int column) { return model.index(0, column).data(LayerTableModel::SortRole).toDouble(); };
    EXPECT_EQ(key(LayerTableModel::Sqnr), 30);
    EXPECT_EQ(key(LayerTableModel::Mse), 2);
    EXPECT_EQ(key(LayerTableModel::CumulativeCosine), list[0].cumulative->cosine);
    EXPECT_EQ(key(LayerTableModel::Macs), 7);
}

TEST(LayerTableModel, AlgorithmColumnShowsWhatIsAskedBeyondIt)
{
    LayerTableModel model;
    std::vector<LayerRow> list = rows();
    list[0].refinements = QStringLiteral("CLE BC");
    list[1].calibrator = QStringLiteral("mse");
    list[2].algorithm.clear();
    list[2].calibrator = QStringLiteral("entropy");
    model.setRows(shared(list));
    const auto shown = [&](int row) { return model.index(row, LayerTableModel::Algorithm).data().toString(); };
    EXPECT_EQ(shown(0), QStringLiteral("ARQ CLE BC"));
    EXPECT_EQ(shown(1), QStringLiteral("ARQ · mse"));
    EXPECT_EQ(shown(2), QStringLiteral("entropy"));
    EXPECT_TRUE(model.index(0, LayerTableModel::Algorithm).data(Qt::ToolTipRole).toString().contains(QStringLiteral("AdaRound")));
    EXPECT_EQ(model.index(0, LayerTableModel::Algorithm).data(Qt::EditRole).toString(), QStringLiteral("arq"));
}

TEST(LayerTableModel, EditsAreIntentsAndChangeNothing)
{
    LayerTableModel model;
    model.setRows(shared(rows()));
    QSignalSpy enable(&model, &LayerTableModel::enableEdited);
    QSignalSpy bits(&model, &LayerTableModel::activationBitsEdited);
    EXPECT_TRUE(model.setData(model.index(0, LayerTableModel::Enabled), Qt::Unchecked, Qt::CheckStateRole));
    EXPECT_TRUE(model.setData(model.index(1, LayerTableModel::ActivationBits), 12, Qt::EditRole));
    ASSERT_EQ(enable.size(), 1);
    EXPECT_EQ(enable.front().at(0).toString(), QStringLiteral("conv0"));
    EXPECT_FALSE(enable.front().at(1).toBool());
    ASSERT_EQ(bits.size(), 1);
    EXPECT_EQ(bits.front().at(1).toInt(), 12);
    EXPECT_TRUE(model.row(0).enabled);
    EXPECT_EQ(model.row(1).activationBits, 8);
}

TEST(LayerTableModel, SettersEmitNoIntents)
{
    LayerTableModel model;
    model.setRows(shared(rows()));
    QSignalSpy enable(&model, &LayerTableModel::enableEdited);
    QSignalSpy changed(&model, &LayerTableModel::dataChanged);
    auto next = rows();
    next[1].enabled = false;
    model.setRows(shared(next));
    EXPECT_EQ(enable.size(), 0);
    EXPECT_EQ(changed.size(), 1);
}

TEST(LayerTableModel, FiltersAndSorts)
{
    LayerTableModel model;
    LayerFilterModel filter;
    filter.setSourceModel(&model);
    model.setRows(shared(rows()));
    filter.setThreshold(0.95);
    EXPECT_EQ(filter.rowCount(), 2);
    filter.setThreshold(0);
    filter.setText(QStringLiteral("softmax"));
    EXPECT_EQ(filter.rowCount(), 1);
    filter.setText({});
    filter.sort(LayerTableModel::CumulativeCosine, Qt::DescendingOrder);
    EXPECT_EQ(filter.index(0, 0).data().toString(), QStringLiteral("conv2"));
}

TEST(LayerTableModel, UnquantizableRowsCannotBeEdited)
{
    LayerTableModel model;
    model.setRows(shared(rows()));
    EXPECT_FALSE(model.index(2, LayerTableModel::ActivationBits).flags() & Qt::ItemIsEditable);
    EXPECT_FALSE(model.index(2, LayerTableModel::Enabled).flags() & Qt::ItemIsUserCheckable);
    EXPECT_FALSE(model.index(2, LayerTableModel::Enabled).data(Qt::CheckStateRole).isValid());
}
