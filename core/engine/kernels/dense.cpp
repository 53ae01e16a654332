// Products of two values. The right one is packed anew each time, which costs as much as a few rows of the left one.
#include "core/base/parallel.h"
#include "core/engine/kernels/product.h"

#include <algorithm>

namespace qs::kernels {

namespace {

/// Matrices of rows x columns, one behind the other; read transposed or not.
struct Matrices {
    const float* values;
    int64_t rows, columns;  ///< as they are multiplied
    bool transposed;

    const float* matrix(int64_t i) const { return values + i * rows * columns; }
    float at(int64_t i, int64_t row, int64_t column) const { return matrix(i)[transposed ? column * rows + row : row * columns + column]; }
};

/// Multiplies so many pairs of matrices. Keeps its memory from run to run.
class MatrixProduct {
public:
    /// The matrices of a run: by product, the numbers of its left and its right one, and of each side how many there are.
    struct Pairs {
        std::vector<int64_t> left, right;
        int64_t lefts = 1, rights = 1;
    };

    void run(const Matrices& a, const Matrices& b, const Pairs& pairs, float* out)
    {
        const ChannelBlocks blocks(b.columns, false);
        pack(b, pairs.rights, blocks);
        const float* rows = inRows(a, pairs.lefts);
        // Rows enough to be worth a block's weights; the last ones of a matrix are fewer.
        constexpr int64_t most = 48;
        const int64_t parts = pieces(a.rows, most);
        forChunks(static_cast<int64_t>(pairs.left.size()) * parts, 1, [&](int64_t, int64_t i, int64_t) {
            const auto pair = static_cast<size_t>(i / parts);
            const int64_t first = i % parts * most;
            for (int64_t block = 0; block < blocks.count(); ++block)
                multiply({.in = rows + (pairs.left[pair] * a.rows + first) * a.columns,
                          .inStep = a.columns,
                          .rows = std::min(most, a.rows - first),
                          .depth = a.columns,
                          .weights = m_packed.data() + (pairs.right[pair] * blocks.allWidths() + blocks.widthsBefore(block)) * b.rows,
                          .vecs = blocks.width(block) / blocks.lanes,
                          .bias = nullptr,
                          .activation = nullptr,
                          .out = out + (i / parts * a.rows + first) * b.columns + blocks.first(block),
                          .outStep = b.columns,
                          .channels = blocks.existing(block)});
        });
    }

private:
    void pack(const Matrices& b, int64_t count, const ChannelBlocks& blocks)
    {
        m_packed.resize(static_cast<size_t>(count * blocks.allWidths() * b.rows));
        forChunks(count * blocks.count(), 1, [&](int64_t, int64_t i, int64_t) {
            const int64_t matrix = i / blocks.count();
            const int64_t block = i % blocks.count();
            const int64_t width = blocks.width(block);
            float* packed = m_packed.data() + (matrix * blocks.allWidths() + blocks.widthsBefore(block)) * b.rows;
            for (int64_t k = 0; k < b.rows; ++k)
                for (int64_t c = 0; c < width; ++c)
                    packed[k * width + c] = c < blocks.existing(block) ? b.at(matrix, k, blocks.first(block) + c) : 0;
        });
    }

    const float* inRows(const Matrices& a, int64_t count)
    {
        if (!a.transposed)
            return a.values;
        m_rows.resize(static_cast<size_t>(count * a.rows * a.columns));
        for (int64_t matrix = 0; matrix < count; ++matrix)
            for (int64_t row = 0; row < a.rows; ++row)
                for (int64_t column = 0; column < a.columns; ++column)
                    m_rows[static_cast<size_t>((matrix * a.rows + row) * a.columns + column)] = a.at(matrix, row, column);
        return m_rows.data();
    }

    std::vector<float> m_packed, m_rows;
};

/// By place in a broadcast shape: the place in one of the shapes that were broadcast.
std::vector<int64_t> broadcastPlaces(const Shape& from, const Shape& to)
{
    std::vector<int64_t> places(static_cast<size_t>(elementCount(to)));
    for (int64_t i = 0; i < elementCount(to); ++i) {
        int64_t rest = i;
        int64_t place = 0;
        int64_t step = 1;
        for (size_t d = 0; d < to.size(); ++d) {
            const int64_t position = rest % to[to.size() - 1 - d];
            rest /= to[to.size() - 1 - d];
            if (d >= from.size())
                continue;
            const int64_t extent = from[from.size() - 1 - d];
            place += extent == 1 ? 0 : position * step;
            step *= extent;
        }
        places[static_cast<size_t>(i)] = place;
    }
    return places;
}

}  // namespace

// NumPy's matmul: the last two dimensions multiply, those before them broadcast; a vector is a row on the left, a column on the right.
KernelResult matMul(const Work& work)
{
    const auto batchOf = [](const Shape& shape) { return Shape(shape.begin(), shape.end() - std::min<std::ptrdiff_t>(2, std::ssize(shape))); };
    const Shape& a = work.input(0);
    const Shape& b = work.input(1);
    const bool transA = work.attributes().flag("transA", false) && a.size() > 1;
    const bool transB = work.attributes().flag("transB", false) && b.size() > 1;
    Matrices left{nullptr, a.size() > 1 ? a[a.size() - 2] : 1, a.back(), transA};
    Matrices right{nullptr, b.size() > 1 ? b[b.size() - 2] : b.back(), b.size() > 1 ? b.back() : 1, transB};
    if (transA)
        std::swap(left.rows, left.columns);
    if (transB)
        std::swap(right.rows, right.columns);
    const Shape batchA = batchOf(a);
    const Shape batchB = batchOf(b);
    Shape batch(std::max(batchA.size(), batchB.size()), 1);
    for (size_t d = 0; d < batch.size(); ++d) {
        const int64_t extentA = d < batchA.size() ? batchA[batchA.size() - 1 - d] : 1;
        const int64_t extentB = d < batchB.size() ? batchB[batchB.size() - 1 - d] : 1;
        batch[batch.size() - 1 - d] = extentA == 1 ? extentB : extentA;
    }
    MatrixProduct::Pairs pairs{broadcastPlaces(batchA, batch), broadcastPlaces(batchB, batch), elementCount(batchA), elementCount(batchB)};
    // Rows of all matrices on the left by one on the right are rows of one matrix.
    if (pairs.rights == 1 && !transA) {
        left.rows *= pairs.lefts;
        pairs = {{0}, {0}};
    }
    return plainKernel(work, [=, product = MatrixProduct()](Inputs inputs, Outputs outputs) mutable -> Result<void> {
        left.values = inputs[0].data();
        right.values = inputs[1].data();
        product.run(left, right, pairs, outputs[0].data());
        return {};
    });
}

// ONNX's Gemm: alpha * A' * B' + beta * C, C broadcast.
KernelResult gemm(const Work& work)
{
    const Shape& a = work.input(0);
    const Shape& b = work.input(1);
    const Shape& output = work.output();
    const bool transA = work.attributes().flag("transA", false);
    const bool transB = work.attributes().flag("transB", false);
    const auto alpha = static_cast<float>(work.attributes().real("alpha", 1));
    const auto beta = static_cast<float>(work.attributes().real("beta", 1));
    const std::vector<int64_t> places = work.inputCount() > 2 ? broadcastPlaces(work.input(2), output) : std::vector<int64_t>();
    Matrices left{nullptr, a[transA ? 1 : 0], a[transA ? 0 : 1], transA};
    Matrices right{nullptr, b[transB ? 1 : 0], b[transB ? 0 : 1], transB};
    return plainKernel(work, [=, product = MatrixProduct()](Inputs inputs, Outputs outputs) mutable -> Result<void> {
        left.values = inputs[0].data();
        right.values = inputs[1].data();
        product.run(left, right, {{0}, {0}}, outputs[0].data());
        float* out = outputs[0].data();
        for (int64_t i = 0; i < outputs[0].count(); ++i)
            out[i] = alpha * out[i] + (places.empty() ? 0.0F : beta * inputs[2].data()[places[static_cast<size_t>(i)]]);
        return {};
    });
}

}  // namespace qs::kernels
