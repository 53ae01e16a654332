#include "app/views/views.h"
#include "tests/support/bench.h"
#include "widgets/common/section.h"

#include <gtest/gtest.h>
#include <QTableWidget>
#include <QToolButton>

#include <memory>

using namespace qs;

TEST(InspectorPanel, EveryChannelsFactorsAreThere)
{
    TestBench bench;
    bench.openDemo();
    bench.workflow.calibrate();
    bench.settle();
    bench.session.setSelection({QStringLiteral("dw4")});
    const std::unique_ptr<QWidget> panel(makeInspectorPanel(bench.parts, nullptr));
    panel->resize(400, 1000);
    panel->show();
    bench.settle();
    const auto factors = bench.session.factors(bench.session.selectedId());
    ASSERT_TRUE(factors);
    ASSERT_GT(factors->weightScales.size(), 64U);
    const auto* table = panel->findChild<QTableWidget*>(QStringLiteral("factors"));
    EXPECT_EQ(table->rowCount(), static_cast<int>(factors->inputs.size() + factors->weightScales.size()));
    // They do not push the rest of the page away.
    EXPECT_LT(table->height(), 600);
}

TEST(InspectorPanel, ASectionStaysAsItWasLeft)
{
    TestBench bench;
    bench.openToy();
    bench.session.setSelection({QStringLiteral("conv1")});
    const auto attributes = [&](QWidget& panel) {
        panel.show();
        bench.settle();
        return panel.findChild<Section*>(QStringLiteral("inspector/attributes"));
    };
    const std::unique_ptr<QWidget> panel(makeInspectorPanel(bench.parts, nullptr));
    Section* section = attributes(*panel);
    auto* table = section->findChild<QTableWidget*>();
    EXPECT_TRUE(table->isVisible());
    section->findChild<QToolButton*>()->click();
    EXPECT_FALSE(table->isVisible());
    // Another layer of the same network does not open it.
    bench.session.setSelection({QStringLiteral("fc1")});
    bench.settle();
    EXPECT_FALSE(table->isVisible());
    const std::unique_ptr<QWidget> another(makeInspectorPanel(bench.parts, nullptr));
    EXPECT_FALSE(attributes(*another)->isOpen());
}
