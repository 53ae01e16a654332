#include "core/ir/block_patterns.h"
#include "core/ir/blocks.h"
#include "tests/support/open_networks.h"
#include "tests/support/shared_models.h"
#include "tests/support/toy_model.h"

#include <gtest/gtest.h>

#include <cstdlib>

using namespace qs;

namespace {

/// A network of named layers without weights.
struct Sketch {
    ModelBuilder builder{"sketch", "onnx"};
    ValueId input = addToyInput(builder);

    ValueId add(const std::string& name, const char* op, std::vector<ValueId> inputs)
    {
        const Layer layer = toyLayer(builder, name, op, std::move(inputs));
        builder.addLayer(layer);
        return layer.outputs.front();
    }
    ValueId constant(const std::string& name) { return builder.addConstant(name, randomBuffer({1}, 1)); }
    std::shared_ptr<const Model> build()
    {
        auto model = std::move(builder).build();
        EXPECT_TRUE(model.ok()) << (model.ok() ? "" : errorText(model.error()));
        return model ? *model : nullptr;
    }
};

std::string dumpOf(const std::shared_ptr<const Model>& model)
{
    return dumpBlocks(*model, findBlocks(*model));
}

/// Every layer stands once, edges go forward, blocks nest: whatever is closed, no cards form a cycle.
void expectSound(const Model& model, const Blocks& blocks, const std::string& where)
{
    ById<LayerId, int> place(model.layers().size(), -1);
    ASSERT_EQ(blocks.order.size(), model.layers().size()) << where;
    for (size_t i = 0; i < blocks.order.size(); ++i)
        place[blocks.order[i]] = static_cast<int>(i);
    for (const Value& value : model.values())
        for (const LayerId consumer : value.consumers)
            if (value.producer != noId) {
                EXPECT_LT(place[value.producer], place[consumer]) << where << ": " << value.name;
            }
    for (const BlockId id : blocks.all.ids()) {
        const Block& block = blocks.all[id];
        EXPECT_GE(block.size(), 2) << where << ": " << block.name;
        EXPECT_LT(block.size(), static_cast<int>(model.layers().size())) << where << ": " << block.name;
        EXPECT_LT(block.parent, id) << where;
        if (block.parent != noId) {
            EXPECT_GE(block.first, blocks.all[block.parent].first) << where << ": " << block.name;
            EXPECT_LE(block.end, blocks.all[block.parent].end) << where << ": " << block.name;
            EXPECT_LT(block.size(), blocks.all[block.parent].size()) << where << ": " << block.name;
        }
    }
    for (const LayerId id : model.layerIds())
        if (const BlockId block = blocks.blockOf[id]; block != noId) {
            EXPECT_GE(place[id], blocks.all[block].first) << where;
            EXPECT_LT(place[id], blocks.all[block].end) << where;
        }
}

}  // namespace

TEST(Blocks, PathsOfModulesNest)
{
    Sketch net;
    ValueId x = net.input;
    for (const char* name : {"features.0.conv", "features.0.relu", "features.1.conv", "features.1.relu", "classifier.flatten", "classifier.relu"})
        x = net.add(name, "ReLU", {x});
    EXPECT_EQ(dumpOf(net.build()),
              "data\n"
              "features [path 4]\n"
              "  features.0 [path 2]\n"
              "    features.0.conv\n"
              "    features.0.relu\n"
              "  features.1 [path 2]\n"
              "    features.1.conv\n"
              "    features.1.relu\n"
              "classifier [path 2]\n"
              "  classifier.flatten\n"
              "  classifier.relu\n");
}

TEST(Blocks, SlashesOfExportersAndOfCaffe)
{
    Sketch net;
    ValueId x = net.input;
    // A module with one child alone is that child; "conv2" is one of its own block.
    for (const char* name : {"/features/features.0/Conv", "/features/features.0/Relu", "fire2/squeeze1x1", "fire2/relu", "conv2", "conv2/bn"})
        x = net.add(name, "ReLU", {x});
    EXPECT_EQ(dumpOf(net.build()),
              "data\n"
              "features/features.0 [path 2]\n"
              "  /features/features.0/Conv\n"
              "  /features/features.0/Relu\n"
              "fire2 [path 2]\n"
              "  fire2/squeeze1x1\n"
              "  fire2/relu\n"
              "conv2 [path 2]\n"
              "  conv2\n"
              "  conv2/bn\n");
}

TEST(Blocks, WhatWouldMakeACycleIsSplit)
{
    Sketch net;
    // a feeds b, which feeds a again.
    const ValueId a1 = net.add("a.1", "ReLU", {net.input});
    const ValueId a2 = net.add("a.2", "ReLU", {a1});
    const ValueId b1 = net.add("b.1", "ReLU", {a2});
    const ValueId b2 = net.add("b.2", "ReLU", {b1});
    const ValueId a3 = net.add("a.3", "ReLU", {b2});
    net.add("a.4", "ReLU", {a3});
    const auto model = net.build();
    expectSound(*model, findBlocks(*model), "sketch");
    EXPECT_EQ(dumpOf(model),
              "data\n"
              "a [path 2]\n  a.1\n  a.2\n"
              "b [path 2]\n  b.1\n  b.2\n"
              "a (2) [path 2]\n  a.3\n  a.4\n");
}

TEST(Blocks, BranchesThatAreListedInTurnStayWhole)
{
    Sketch net;
    const ValueId a1 = net.add("a.1", "ReLU", {net.input});
    const ValueId b1 = net.add("b.1", "ReLU", {net.input});
    const ValueId a2 = net.add("a.2", "ReLU", {a1});
    const ValueId b2 = net.add("b.2", "ReLU", {b1});
    net.add("join", "Eltwise", {a2, b2});
    EXPECT_EQ(dumpOf(net.build()),
              "data\n"
              "a [path 2]\n  a.1\n  a.2\n"
              "b [path 2]\n  b.1\n  b.2\n"
              "join\n");
}

TEST(Blocks, PatternsOfManyLayersAreOneBlock)
{
    Sketch net;
    const auto binary = [&](const std::string& name, const char* op, ValueId a, ValueId b) { return net.add(name, op, {a, b}); };
    // Gelu as exporters write it.
    const ValueId erf = net.add("erf", "Erf", {binary("div", "Div", net.input, net.constant("sqrt2"))});
    const ValueId sum = binary("sum", "Add", erf, net.constant("one"));
    const ValueId gelu = binary("half", "Mul", binary("product", "Mul", net.input, sum), net.constant("0.5"));
    // SiLU, whose value is used on.
    const ValueId silu = binary("silu", "Mul", gelu, net.add("sigmoid", "Sigmoid", {gelu}));
    // HardSwish.
    const ValueId clipped = net.add("clip", "Clip", {binary("shift", "Add", silu, net.constant("three"))});
    const ValueId swish = binary("sixth", "Div", binary("swish", "Mul", silu, clipped), net.constant("six"));
    net.add("relu", "ReLU", {swish});
    EXPECT_EQ(dumpOf(net.build()),
              "data\n"
              "Gelu half [pattern Gelu 5]\n  div\n  erf\n  sum\n  product\n  half\n"
              "SiLU silu [pattern SiLU 2]\n  sigmoid\n  silu\n"
              "HardSwish sixth [pattern HardSwish 4]\n  shift\n  clip\n  swish\n  sixth\n"
              "relu\n");
}

TEST(Blocks, AValueUsedOutsideIsNoPattern)
{
    Sketch net;
    const ValueId sigmoid = net.add("sigmoid", "Sigmoid", {net.input});
    const ValueId product = net.add("product", "Mul", {net.input, sigmoid});
    net.add("join", "Add", {product, sigmoid});
    EXPECT_EQ(dumpOf(net.build()), "data\nsigmoid\nproduct\njoin\n");
}

TEST(Blocks, WithoutNamesRepeatedStructureIsFound)
{
    Sketch net;
    ValueId x = net.input;
    int count = 0;
    const auto next = [&](const char* op, std::vector<ValueId> inputs) {
        return net.add(op + std::string("_") + std::to_string(count++), op, std::move(inputs));
    };
    for (int i = 0; i < 40; ++i) {
        const ValueId inner = next("AbsVal", {next("TanH", {x})});
        x = next("ReLU", {next("Eltwise", {x, inner})});
    }
    const auto model = net.build();
    const Blocks blocks = findBlocks(*model);
    expectSound(*model, blocks, "residual");
    ASSERT_EQ(blocks.all.size(), 40U);
    EXPECT_EQ(blocks.all.front(), (Block{"TanH_0 … ReLU_3", BlockKind::Repeat, {}, noId, 1, 5}));
    EXPECT_EQ(blocks.all.back().size(), 4);
}

TEST(Blocks, ALongRowWithoutAnyStructureIsCutIntoStretches)
{
    Sketch net;
    ValueId x = net.input;
    for (int i = 0; i < 1000; ++i)
        x = net.add("r" + std::to_string(i), "ReLU", {x});
    const auto model = net.build();
    const Blocks blocks = findBlocks(*model);
    expectSound(*model, blocks, "row");
    EXPECT_GE(blocks.all.size(), 20U);
    EXPECT_LE(blocks.all.size(), 60U);
    EXPECT_EQ(blocks.all.front().kind, BlockKind::Stretch);
}

TEST(Blocks, NamesWithoutEndDoNotNestForEver)
{
    std::string deep = "a";
    for (int i = 0; i < 100'000; ++i)
        deep += ".a";
    Sketch net;
    net.add(deep + ".y", "ReLU", {net.add(deep + ".x", "ReLU", {net.input})});
    const auto model = net.build();
    expectSound(*model, findBlocks(*model), "deep");
    for (const char* name : {".", "..", "/", "//", "a.", "a/", ".a.", "/a//b/"}) {
        Sketch odd;
        odd.add(name + std::string("y"), "ReLU", {odd.add(name, "ReLU", {odd.input})});
        const auto other = odd.build();
        expectSound(*other, findBlocks(*other), name);
    }
}

TEST(Blocks, OfTheSharedNetworksFormNoCycles)
{
    QS_SHARED_MODELS(models);
    std::vector<std::filesystem::path> roots{models};
    if (const char* zoo = std::getenv("QUANTSCOPE_ZOO"))
        roots.emplace_back(zoo);
    int seen = 0;
    for (const auto& root : roots)
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
            const std::string suffix = entry.path().extension().string();
            if (suffix != ".onnx" && suffix != ".prototxt" && suffix != ".pt")
                continue;
            const auto model = importModel({entry.path(), {}});
            if (!model)
                continue;
            const Blocks blocks = findBlocks(**model);
            expectSound(**model, blocks, entry.path().string());
            EXPECT_EQ(dumpBlocks(**model, blocks), dumpBlocks(**model, findBlocks(**model)));
            ++seen;
        }
    EXPECT_GE(seen, 20);
}
