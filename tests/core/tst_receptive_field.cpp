// The receptive field against the network itself: what changes when a pixel of the input does.
#include "core/ops/receptive_field.h"

#include "core/engine/evaluator.h"
#include "core/jobs/samples.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

namespace qs {

namespace {

/// All values of one pass.
std::map<ValueId, Buffer> valuesOf(const std::shared_ptr<const Model>& model, const Buffer& input)
{
    LayerRunner runner(test::engine(), model);
    Evaluator evaluator(runner);
    Forward forward;
    forward.inputs = {tensorFrom(input, runner.pool())};
    forward.outputs = false;
    forward.tapped.assign(model->values().size(), 1);
    std::map<ValueId, Buffer> values;
    forward.tap = [&](ValueId id, const Tensor& tensor) -> Result<void> {
        values[id] = bufferFrom(tensor);
        return {};
    };
    EXPECT_TRUE(evaluator.run(forward, {}).ok());
    return values;
}

bool pixelDiffers(const Buffer& a, const Buffer& b, int64_t y, int64_t x)
{
    const Shape& shape = a.shape();
    for (int64_t c = 0; c < shape[1]; ++c) {
        const auto at = static_cast<size_t>((c * shape[2] + y) * shape[3] + x);
        if (a.floats()[at] != b.floats()[at])
            return true;
    }
    return false;
}

/// Every pixel of every value: what a change of one input pixel changes lies in whose field that pixel is. `tight`: values in whose fields nothing
/// but such pixels lies at the corners.
void expectFields(const std::shared_ptr<const Model>& model, const std::set<std::string>& tight)
{
    const Shape shape = model->value(model->inputs().front()).shape;
    const auto base = test::randomBlob(shape, 3);
    const auto plain = valuesOf(model, Buffer::fromFloats(shape, base.values));
    // By value and pixel: the rectangle of what moves it.
    std::map<std::tuple<ValueId, int64_t, int64_t>, PixelRect> moved;
    for (int64_t y = 0; y < shape[2]; ++y)
        for (int64_t x = 0; x < shape[3]; ++x) {
            std::vector<float> values = base.values;
            for (int64_t c = 0; c < shape[1]; ++c)
                values[static_cast<size_t>((c * shape[2] + y) * shape[3] + x)] += 50;
            for (const auto& [id, buffer] : valuesOf(model, Buffer::fromFloats(shape, values))) {
                if (buffer.shape().size() != 4)
                    continue;
                for (int64_t row = 0; row < buffer.shape()[2]; ++row)
                    for (int64_t column = 0; column < buffer.shape()[3]; ++column) {
                        if (!pixelDiffers(buffer, plain.at(id), row, column))
                            continue;
                        const auto field = receptiveField(*model, id, row, column);
                        ASSERT_TRUE(field) << model->value(id).name;
                        EXPECT_TRUE(field->top <= y && y <= field->bottom && field->left <= x && x <= field->right)
                            << model->value(id).name << " " << row << ", " << column << " depends on " << y << ", " << x;
                        const auto [known, isNew] = moved.try_emplace({id, row, column}, PixelRect{y, x, y, x});
                        PixelRect& rect = known->second;
                        rect = {std::min(rect.top, y), std::min(rect.left, x), std::max(rect.bottom, y), std::max(rect.right, x)};
                    }
            }
        }
    for (const auto& [at, rect] : moved)
        if (const auto& [id, row, column] = at; tight.contains(model->value(id).name))
            EXPECT_EQ(*receptiveField(*model, id, row, column), rect) << model->value(id).name << " " << row << ", " << column;
}

}  // namespace

TEST(ReceptiveField, IsWhatTheNetworkDependsOn)
{
    const test::TemporaryFolder folder;
    const char* text = R"(name: "field"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 9 dim: 11 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 3 kernel_size: 3 stride: 2 pad: 1 } }
layer { name: "wide" type: "Convolution" bottom: "data" top: "wide" convolution_param { num_output: 3 kernel_size: 3 dilation: 2 pad: 2 } }
layer { name: "up" type: "Deconvolution" bottom: "conv" top: "up" convolution_param { num_output: 3 kernel_size: 3 stride: 2 pad: 1 } }
layer { name: "both" type: "Concat" bottom: "up" bottom: "wide" top: "both" }
layer { name: "norm" type: "LRN" bottom: "both" top: "norm" lrn_param { local_size: 3 } }
layer { name: "pool" type: "Pooling" bottom: "norm" top: "pool" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
layer { name: "all" type: "Pooling" bottom: "pool" top: "all" pooling_param { pool: AVE global_pooling: true } }
)";
    test::writeNetwork(folder.path(), text,
                       {{"conv", {test::randomBlob({3, 2, 3, 3}, 1), test::randomBlob({3}, 2)}},
                        {"wide", {test::randomBlob({3, 2, 3, 3}, 3), test::randomBlob({3}, 4)}},
                        {"up", {test::randomBlob({3, 3, 3, 3}, 5), test::randomBlob({3}, 6)}}});
    const auto model = test::openNetwork(folder.path());
    QS_ASSERT_OK(model);
    expectFields(*model, {"conv", "wide", "up", "both", "pool", "all"});
    const ValueId all = (*model)->layers().back().outputs.front();
    EXPECT_EQ(receptiveField(**model, all, 0, 0), (PixelRect{0, 0, 8, 10}));
    EXPECT_EQ(receptiveField(**model, all, 1, 0), std::nullopt) << "it has one pixel";
}

TEST(ReceptiveField, CoversBranchesAndWhatMixesAll)
{
    const test::TemporaryFolder folder;
    const auto model = test::mixedNetwork(folder.path());
    expectFields(model, {});
    // Behind an InnerProduct there are no pixels to ask for.
    EXPECT_EQ(receptiveField(*model, model->outputs().front(), 0, 0), std::nullopt);
}

}  // namespace qs
