// How long an edit holds the window on a large network: from the intent until the event loop is free again, and each turn that its answers take.
#include "app/views/distribution_panel.h"
#include "app/window/shell.h"
#include "tests/bench/application.h"
#include "tests/bench/subjects.h"
#include "tests/support/toy_model.h"
#include "widgets/models/layer_table_model.h"
#include "widgets/plots/distribution_plot.h"
#include "widgets/plots/qcp.h"

#include <QAbstractEventDispatcher>
#include <QMouseEvent>
#include <QTableView>

#include <thread>

namespace qs::bench {

namespace {

constexpr double bound = 4;  // ms
constexpr int samples = 8;

/// So small that values do not grow from layer to layer; the biases keep them from vanishing.
std::shared_ptr<const Buffer> shrinking(const Shape& shape, unsigned seed)
{
    Buffer buffer = *randomBuffer(shape, seed);
    for (float& value : buffer.floats())
        value *= 0.7F;
    return std::make_shared<const Buffer>(std::move(buffer));
}

/// Convolutions of four channels with a ReLU behind each, 1,000 layers in a row.
std::shared_ptr<const Model> longNetwork()
{
    constexpr int pairs = 500;
    ModelBuilder builder("1,000 layers", "caffe");
    ValueId tip = addToyInput(builder);
    int channels = 3;
    for (int i = 0; i < pairs; ++i) {
        const std::string number = std::to_string(i);
        Layer conv = toyLayer(builder, "stage" + number + "/convolution", "Convolution", {tip});
        conv.attributes.set("outputs", int64_t{4});
        conv.attributes.set("kernel", std::vector<int64_t>{3, 3});
        conv.attributes.set("pad", std::vector<int64_t>{1, 1, 1, 1});
        conv.attributes.set("stride", std::vector<int64_t>{1, 1});
        conv.weights = {shrinking({4, channels, 3, 3}, static_cast<unsigned>(i)), randomBuffer({4}, 1)};
        builder.addLayer(conv);
        const Layer relu = toyLayer(builder, "stage" + number + "/relu", "ReLU", {conv.outputs.front()});
        builder.addLayer(relu);
        tip = relu.outputs.front();
        channels = 4;
    }
    return *std::move(builder).build();
}

/// Turns of the event loop until nothing runs and nothing is left to do; the longest of them, in milliseconds.
double longestTurn(JobRunner& jobs)
{
    double longest = 0;
    bool worked = false;
    do {
        longest = std::max(longest, milliseconds([&] { worked = QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents); }));
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    } while (worked || jobs.busy());
    return longest;
}

/// The window on the long network, calibrated and compared, one layer selected.
class LargeWindow {
public:
    LargeWindow() : m_shell(*qApp)
    {
        m_shell.window()->resize(1440, 900);
        m_shell.start();
        const auto model = longNetwork();
        m_shell.session().setModel(model, "long.prototxt", {}, createQuantConfig(*model, samples));
        m_shell.session().setData({}, std::make_shared<Noise>(model->value(model->inputs().front()).shape, samples));
        m_shell.workflow().analyse();
        m_shell.jobs().waitUntilIdle(600'000);
        m_shell.session().setSelection({layer});
        longestTurn(m_shell.jobs());
    }
    ~LargeWindow() { m_shell.window()->closeQuietly(); }

    /// Medians of what the edit itself and the longest turn afterwards take.
    void measure(const std::string& what, const char* front, const std::function<void(int)>& edit)
    {
        m_shell.window()->showView(QLatin1String(front));
        longestTurn(m_shell.jobs());
        std::vector<double> held, later;
        constexpr int runs = 22;  // even: what is toggled is on again
        for (int run = 0; run < runs; ++run) {
            held.push_back(milliseconds([&] {
                edit(run);
                QCoreApplication::processEvents(QEventLoop::AllEvents);
            }));
            later.push_back(longestTurn(m_shell.jobs()));
        }
        row("1,000 layers, " + what + ": the window held, ms", median(held), bound, median(held) / bound, "< 4 ms");
        row("1,000 layers, " + what + ": longest turn of what follows, ms", median(later), bound, median(later) / bound, "< 4 ms");
    }
    QAbstractItemModel& table() { return *m_shell.window()->findChild<QTableView*>(QStringLiteral("layerTable"))->model(); }
    QModelIndex cell(int column)
    {
        return table().match(table().index(0, 0), Qt::DisplayRole, layer, 1, Qt::MatchExactly).front().siblingAtColumn(column);
    }
    /// The mouse on the upper limit of the layer's input, so many pixels to the right of the limit.
    void mouse(QEvent::Type type, Qt::MouseButton button, int pixels)
    {
        const DistributionPlot& limits = *m_shell.window()->findChild<DistributionPanel*>()->plot();
        if (type == QEvent::MouseButtonPress)
            m_grabbed = {limits.limitPixel(1), limits.height() / 2.0};
        const QPointF at = m_grabbed + QPointF(pixels, 0);
        const Qt::MouseButtons held = type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton;
        QMouseEvent event(type, at, limits.plot()->mapToGlobal(at), button, held, Qt::NoModifier);
        QCoreApplication::sendEvent(limits.plot(), &event);
    }

private:
    const QString layer = QStringLiteral("stage250/convolution");
    Shell m_shell;
    QPointF m_grabbed;
};

}  // namespace

void editTimes()
{
    const Application app;
    LargeWindow window;
    window.measure("quantize toggled", "error-profile", [&](int run) {
        window.table().setData(window.cell(LayerTableModel::Enabled), run % 2 == 0 ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
    });
    window.measure("activation bits", "error-profile",
                   [&](int run) { window.table().setData(window.cell(LayerTableModel::ActivationBits), 8 + run % 2, Qt::EditRole); });
    const auto drag = [&](int run) { window.mouse(QEvent::MouseMove, Qt::NoButton, -1 - run % 2); };
    const auto grab = [&] { window.mouse(QEvent::MouseButtonPress, Qt::LeftButton, 0); };
    const auto release = [&](int run) { window.mouse(QEvent::MouseButtonRelease, Qt::LeftButton, -1 - run % 2); };
    window.measure("a limit dragged a step", "distribution", [&](int run) {
        if (run == 0)
            grab();
        drag(run);
    });
    release(0);
    window.measure("a limit released", "distribution", [&](int run) {
        grab();
        drag(run);
        release(run);
    });
}

}  // namespace qs::bench
