// What the cards and the legend say for the overlays that come from a sensitivity.
#include "tests/support/toy_model.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/graph/graph_content.h"

#include <gtest/gtest.h>

#include <memory>
#include <tuple>

using namespace qs;

namespace {

Metrics withError(double error)
{
    Metrics metrics;
    metrics.cosine = 1 - error;
    return metrics;
}

/// conv1 makes four fifths of the error alone, fc1 a fiftieth.
Sensitivity measured()
{
    Sensitivity sensitivity;
    sensitivity.output = withError(0.1);
    sensitivity.layers.push_back({"conv1", {}, {}, withError(0.08), withError(0.021), {}});
    sensitivity.layers.push_back({"fc1", {}, {}, withError(0.002), withError(0.101), {}});
    return sensitivity;
}

const GraphNode& node(const GraphScene& scene, const char* name)
{
    return *std::find_if(scene.nodes.begin(), scene.nodes.end(), [&](const GraphNode& n) { return n.name == QLatin1String(name); });
}

}  // namespace

TEST(GraphContent, OutputErrorIsColouredByItsShare)
{
    const auto model = toyModel();
    const Sensitivity sensitivity = measured();
    const auto rows = layerRows({.model = model.get(), .effective = {}, .sensitivity = &sensitivity});
    const GraphScene alone = graphScene(*model, rows, Overlay::OneQuantized);
    EXPECT_EQ(node(alone, "conv1").color, wrongColor(5));
    EXPECT_EQ(node(alone, "conv1").value, QStringLiteral("1−cos 8.00e-02 · 80 %"));
    EXPECT_EQ(node(alone, "fc1").color, wrongColor(1));
    EXPECT_EQ(node(alone, "fc1").value, QStringLiteral("1−cos 2.00e-03 · 2.0 %"));
    EXPECT_FALSE(node(alone, "relu1").color.isValid());
    EXPECT_FALSE(node(alone, "conv1").stale);
    // The worse the layer, the less is left of the error without it: the colour is that of what goes.
    const GraphScene without = graphScene(*model, rows, Overlay::OneFloat);
    EXPECT_EQ(node(without, "conv1").color, wrongColor(5));
    EXPECT_EQ(node(without, "conv1").value, QStringLiteral("1−cos 2.10e-02 · 79 %"));
    EXPECT_EQ(node(without, "fc1").color, wrongColor(0));
    EXPECT_EQ(node(without, "fc1").value, QStringLiteral("1−cos 1.01e-01 · −1.0 %"));
    for (const Overlay overlay : {Overlay::OneQuantized, Overlay::OneFloat}) {
        const auto legend = overlayLegend(overlay, rows);
        ASSERT_EQ(legend.size(), 7U);
        for (int step = 0; step < wrongSteps; ++step)
            EXPECT_EQ(legend[static_cast<size_t>(step)].first, wrongColor(step));
        EXPECT_FALSE(legend.back().first.isValid());
        EXPECT_TRUE(overlayDefinition(overlay).contains(QLatin1String("error of the network's output")));
    }
}

TEST(GraphContent, OutputErrorThatIsStaleOrUnknownSaysWhatToDo)
{
    const auto model = toyModel();
    const Sensitivity sensitivity = measured();
    const auto stale = layerRows({.model = model.get(), .effective = {}, .sensitivity = &sensitivity, .sensitivityStale = true});
    EXPECT_TRUE(node(graphScene(*model, stale, Overlay::OneQuantized), "conv1").stale);
    EXPECT_TRUE(overlayLegend(Overlay::OneQuantized, stale).front().second.contains(QLatin1String("F8")));
    const auto none = layerRows({.model = model.get(), .effective = {}});
    EXPECT_FALSE(node(graphScene(*model, none, Overlay::OneFloat), "conv1").color.isValid());
    const auto legend = overlayLegend(Overlay::OneFloat, none);
    ASSERT_EQ(legend.size(), 1U);
    EXPECT_TRUE(legend.front().second.contains(QLatin1String("F8")));
    // Nothing was lost: no share of it, and no division by it.
    Sensitivity lossless = measured();
    lossless.output = withError(0);
    const auto rows = layerRows({.model = model.get(), .effective = {}, .sensitivity = &lossless});
    EXPECT_EQ(node(graphScene(*model, rows, Overlay::OneFloat), "fc1").value, QStringLiteral("1−cos 1.01e-01 · 0 %"));
}

TEST(GraphContent, LegendAndColourHaveTheFormOfTheFigures)
{
    auto row = std::make_shared<LayerRow>();
    row->name = QStringLiteral("a");
    row->cumulative = withError(0.002);
    row->cumulative->sqnrDb = 3;
    const auto model = toyModel();
    const auto said = [&](SimilarityForm form) {
        setSimilarityForm(form);
        const auto legend = overlayLegend(Overlay::CumulativeCosine, {row});
        const GraphNode card = graphScene(*model, {row}, Overlay::CumulativeCosine).nodes.front();
        setSimilarityForm(SimilarityForm::Cosine);
        return std::tuple(legend.front().second, legend.back().second, card.value, card.color);
    };
    EXPECT_EQ(said(SimilarityForm::Cosine),
              std::tuple(QStringLiteral("≥ 0.9999"), QStringLiteral("< 0.9"), QStringLiteral("cos 0.998000"), wrongColor(cosineStep(0.998))));
    EXPECT_EQ(said(SimilarityForm::OneMinusCosine),
              std::tuple(QStringLiteral("≤ 0.0001"), QStringLiteral("> 0.1"), QStringLiteral("1−cos 2.00e-03"), wrongColor(cosineStep(0.998))));
    EXPECT_EQ(std::get<3>(said(SimilarityForm::Sqnr)), wrongColor(sqnrStep(3)));
}
