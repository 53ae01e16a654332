#include "widgets/graph/graph_content.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/graph/scene_blocks.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace qs {

namespace {

QString translated(const char* text)
{
    return QCoreApplication::translate("Overlay", text);
}

int familyColor(OpFamily family)
{
    switch (family) {
        case OpFamily::Convolution:
            return 0;
        case OpFamily::Dense:
            return 5;
        case OpFamily::Activation:
            return 1;
        case OpFamily::Pooling:
            return 2;
        case OpFamily::Normalization:
            return 3;
        case OpFamily::Elementwise:
        case OpFamily::Layout:
            return 4;
        case OpFamily::Detection:
        case OpFamily::Quantization:
            return 6;
        case OpFamily::Input:
        case OpFamily::Other:
            break;
    }
    return 7;
}

int bitsShown(const LayerRow& row)
{
    if (row.quantizable == Quantizable::No || !row.enabled)
        return 0;
    return row.effectiveKnown && !row.effective.quantized ? 0 : row.activationBits;
}

int bitsColor(int bits)
{
    return bits == 0 ? 7 : bits <= 8 ? 0 : bits <= 12 ? 1 : 5;
}

/// Better is blue, worse is orange, as in every picture of a difference; 0 worst ... 4 best.
constexpr double differenceSteps[] = {-0.01, -0.001, 0.001, 0.01};

int differenceStep(double difference)
{
    return static_cast<int>(std::count_if(std::begin(differenceSteps), std::end(differenceSteps), [&](double step) { return difference >= step; }));
}

QColor differenceColor(int step)
{
    const QColor even = mixed(theme().secondary, theme().background, 0.5);
    const QColor colors[] = {categoryColor(5), mixed(categoryColor(5), even, 0.55), even, mixed(categoryColor(0), even, 0.55), categoryColor(0)};
    return colors[step];
}

double outputError(const LayerRow& row, Overlay overlay)
{
    return 1 - (overlay == Overlay::OneQuantized ? row.oneQuantized : row.oneFloat)->cosine;
}

/// Of the error with everything quantized: what the layer makes alone, or what goes when it stays in float. In both the larger costs more.
double outputShare(const LayerRow& row, Overlay overlay)
{
    const double error = outputError(row, overlay);
    return row.wholeError <= 0 ? 0 : (overlay == Overlay::OneQuantized ? error : row.wholeError - error) / row.wholeError;
}

QString shareText(double share)
{
    // A tenth of a percent is noise.
    if (std::abs(share) < 0.0005)
        return QStringLiteral("0 %");
    return (share < 0 ? QStringLiteral("−") : QString()) + percentText(std::abs(share), std::abs(share) < 0.0995 ? 1 : 0) + QStringLiteral(" %");
}

void colorNode(GraphNode& node, const LayerRow& row, Overlay overlay)
{
    switch (overlay) {
        case Overlay::CumulativeCosine:
        case Overlay::LocalCosine:
            if (const auto& metrics = overlay == Overlay::LocalCosine ? row.local : row.cumulative) {
                node.color = wrongColor(similarityForm() == SimilarityForm::Sqnr ? sqnrStep(metrics->sqnrDb) : cosineStep(metrics->cosine));
                node.value = similarityPhrase(*metrics);
                node.wrong = similarityForm() == SimilarityForm::Sqnr ? -metrics->sqnrDb : 1 - metrics->cosine;
                node.stale = row.stale;
            }
            return;
        case Overlay::Sqnr:
            if (row.cumulative) {
                node.color = wrongColor(sqnrStep(row.cumulative->sqnrDb));
                node.value = decibelText(row.cumulative->sqnrDb) + QStringLiteral(" dB");
                node.wrong = -row.cumulative->sqnrDb;
                node.stale = row.stale;
            }
            return;
        case Overlay::BranchDifference:
            if (row.cumulative && row.reference) {
                const double difference = row.cumulative->cosine - row.reference->cosine;
                node.color = differenceColor(differenceStep(difference));
                node.value = translated(QT_TRANSLATE_NOOP("Overlay", "Δcos %1")).arg(signedText(difference));
                node.wrong = -difference;
                node.stale = row.stale;
            }
            return;
        case Overlay::OneQuantized:
        case Overlay::OneFloat:
            if (row.oneQuantized && row.oneFloat) {
                const double share = outputShare(row, overlay);
                node.color = wrongColor(relativeStep(share));
                node.wrong = share;
                node.value =
                    translated(QT_TRANSLATE_NOOP("Overlay", "1−cos %1 · %2")).arg(scientificText(outputError(row, overlay), 2), shareText(share));
                node.stale = row.sensitivityStale;
            }
            return;
        case Overlay::Bits:
            node.color = categoryColor(bitsColor(bitsShown(row)));
            return;
        case Overlay::Type:
            node.color = categoryColor(familyColor(row.family));
            return;
    }
}

QString bitsLabel(const LayerRow& row)
{
    if (row.quantizable == Quantizable::No)
        return {};
    if (!row.enabled)
        return QCoreApplication::translate("Overlay", "off");
    if (row.effectiveKnown && !row.effective.quantized)
        return QCoreApplication::translate("Overlay", "float");
    QString text = QLatin1Char('A') + QString::number(row.activationBits);
    if (row.weightBits > 0)
        text += QLatin1String(" W") + QString::number(row.weightBits);
    return text;
}

GraphNode makeNode(const LayerRow& row, Overlay overlay)
{
    GraphNode node;
    node.name = row.name;
    node.type = row.type;
    node.shape = row.shape;
    node.reason = whyText(row);
    node.checks = checkTexts(row);
    if (const auto worst = row.check())
        node.mark = *worst == Severity::Error ? 2 : *worst == Severity::Advice ? 0 : 1;
    node.bits = bitsLabel(row);
    if (!row.notRun.isEmpty())
        node.state = NodeState::NotRun;
    else if (row.quantizable == Quantizable::No)
        node.state = NodeState::Plain;
    else
        node.state = row.enabled ? NodeState::Quantized : NodeState::Disabled;
    colorNode(node, row, overlay);
    // All cards of one network are alike in height, whether or not there are numbers yet: nothing jumps when they come.
    if (node.bits.isEmpty() && node.value.isEmpty() && row.family != OpFamily::Input)
        node.bits = QStringLiteral(" ");
    return node;
}

}  // namespace

QString overlayLabel(Overlay overlay)
{
    switch (overlay) {
        case Overlay::CumulativeCosine:
            return translated(QT_TRANSLATE_NOOP("Overlay", "cumulative similarity"));
        case Overlay::LocalCosine:
            return translated(QT_TRANSLATE_NOOP("Overlay", "local similarity"));
        case Overlay::Sqnr:
            return translated(QT_TRANSLATE_NOOP("Overlay", "SQNR"));
        case Overlay::Bits:
            return translated(QT_TRANSLATE_NOOP("Overlay", "bit width"));
        case Overlay::Type:
            return translated(QT_TRANSLATE_NOOP("Overlay", "type"));
        case Overlay::BranchDifference:
            return translated(QT_TRANSLATE_NOOP("Overlay", "against the branch"));
        case Overlay::OneQuantized:
            return scopeLabel(QStringLiteral("oneQuantized"));
        case Overlay::OneFloat:
            return scopeLabel(QStringLiteral("oneFloat"));
    }
    return {};
}

QString overlayDefinition(Overlay overlay)
{
    const auto cosineOf = [](const char* scope) {
        return QStringLiteral("%1: %2").arg(scopeDefinition(QLatin1String(scope)), metricDefinition(QStringLiteral("cosine")));
    };
    switch (overlay) {
        case Overlay::CumulativeCosine:
            return cosineOf("cumulative");
        case Overlay::LocalCosine:
            return cosineOf("local");
        case Overlay::Sqnr:
            return QStringLiteral("%1: %2").arg(scopeDefinition(QStringLiteral("cumulative")), metricDefinition(QStringLiteral("sqnrDb")));
        case Overlay::OneQuantized:
            return scopeDefinition(QStringLiteral("oneQuantized")) + QLatin1Char('\n') +
                   translated(QT_TRANSLATE_NOOP("Overlay", "Colour: how large it is beside the error with everything quantized"));
        case Overlay::OneFloat:
            return scopeDefinition(QStringLiteral("oneFloat")) + QLatin1Char('\n') +
                   translated(QT_TRANSLATE_NOOP("Overlay", "Colour: which part of the error with everything quantized is gone then"));
        case Overlay::BranchDifference:
        case Overlay::Bits:
        case Overlay::Type:
            break;
    }
    return {};
}

bool ofComparison(Overlay overlay)
{
    constexpr std::array overlays{Overlay::CumulativeCosine, Overlay::LocalCosine, Overlay::Sqnr, Overlay::BranchDifference};
    return std::find(overlays.begin(), overlays.end(), overlay) != overlays.end();
}

GraphScene graphScene(const Model& model, const LayerRows& rows, Overlay overlay, const Blocks* blocks)
{
    GraphScene scene;
    std::vector<int> nodeOf(rows.size(), -1);
    for (size_t i = 0; i < rows.size(); ++i)
        if (rows[i]->host.isEmpty()) {
            nodeOf[i] = static_cast<int>(scene.nodes.size());
            scene.nodes.push_back(makeNode(*rows[i], overlay));
        }
    for (size_t i = 0; i < rows.size(); ++i)
        if (!rows[i]->host.isEmpty()) {
            const LayerId host = model.findLayer(rows[i]->host.toStdString());
            if (host == noId || nodeOf[static_cast<size_t>(host)] < 0)
                continue;
            nodeOf[i] = nodeOf[static_cast<size_t>(host)];
            scene.nodes[static_cast<size_t>(nodeOf[i])].fused << QStringLiteral("%1  %2").arg(rows[i]->name, rows[i]->type);
        }
    QSet<std::pair<int, int>> seen;
    seen.reserve(static_cast<qsizetype>(model.values().size()));
    for (const Value& value : model.values()) {
        if (value.producer == noId)
            continue;
        const int from = nodeOf[static_cast<size_t>(value.producer)];
        for (const LayerId consumer : value.consumers) {
            const int to = nodeOf[static_cast<size_t>(consumer)];
            if (from >= 0 && to >= 0 && from != to && !seen.contains({from, to})) {
                seen.insert({from, to});
                scene.edges.push_back({from, to});
            }
        }
    }
    if (blocks)
        addBlocks(scene, *blocks, nodeOf);
    return scene;
}

std::optional<std::vector<std::pair<int, GraphNode>>> differingNodes(const LayerRows& before, const LayerRows& rows, Overlay overlay)
{
    if (rows.size() != before.size())
        return std::nullopt;
    std::vector<std::pair<int, GraphNode>> nodes;
    int node = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] != before[i]) {
            if (rows[i]->name != before[i]->name || rows[i]->host != before[i]->host)
                return std::nullopt;
            if (rows[i]->host.isEmpty())
                nodes.emplace_back(node, makeNode(*rows[i], overlay));
        }
        node += rows[i]->host.isEmpty() ? 1 : 0;
    }
    return nodes;
}

OverlayLegend::Entries overlayLegend(Overlay overlay, const LayerRows& rows)
{
    OverlayLegend::Entries entries;
    const bool compared = std::any_of(rows.begin(), rows.end(), [](const auto& row) { return row->cumulative.has_value(); });
    switch (overlay) {
        case Overlay::CumulativeCosine:
        case Overlay::LocalCosine:
        case Overlay::Sqnr: {
            if (!compared)
                break;
            // In the form that the cards' figures have.
            const bool decibels = overlay == Overlay::Sqnr || similarityForm() == SimilarityForm::Sqnr;
            const bool misses = !decibels && similarityForm() == SimilarityForm::OneMinusCosine;
            const auto steps = decibels ? sqnrSteps() : cosineSteps();
            const auto border = [&](double step) { return misses ? 1 - step : step; };
            for (size_t i = 0; i < steps.size(); ++i)
                entries.emplace_back(wrongColor(static_cast<int>(i)),
                                     QStringLiteral("%1 %2").arg(misses ? QStringLiteral("≤") : QStringLiteral("≥")).arg(border(steps[i])));
            entries.emplace_back(wrongColor(static_cast<int>(steps.size())),
                                 QStringLiteral("%1 %2").arg(misses ? QStringLiteral(">") : QStringLiteral("<")).arg(border(steps.back())));
            break;
        }
        case Overlay::BranchDifference:
            if (std::none_of(rows.begin(), rows.end(), [](const auto& row) { return row->cumulative && row->reference; }))
                break;
            entries.emplace_back(differenceColor(0), translated(QT_TRANSLATE_NOOP("Overlay", "worse by 0.01")));
            entries.emplace_back(differenceColor(1), QStringLiteral("0.001"));
            entries.emplace_back(differenceColor(2), translated(QT_TRANSLATE_NOOP("Overlay", "alike")));
            entries.emplace_back(differenceColor(3), QStringLiteral("0.001"));
            entries.emplace_back(differenceColor(4), translated(QT_TRANSLATE_NOOP("Overlay", "better by 0.01")));
            break;
        case Overlay::OneQuantized:
        case Overlay::OneFloat: {
            const auto known = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row->oneQuantized.has_value(); });
            if (known == rows.end()) {
                entries.emplace_back(QColor(), translated(QT_TRANSLATE_NOOP("Overlay", "not measured yet: calibrate (F5), then F8")));
                break;
            }
            if ((*known)->sensitivityStale) {
                // Its cards have no colour to be explained.
                entries.emplace_back(QColor(), translated(QT_TRANSLATE_NOOP("Overlay", "stale: F8 measures again")));
                break;
            }
            // Short, for the panel is narrow, and what does not fit is left out.
            const auto steps = relativeSteps();
            entries.emplace_back(wrongColor(0), QStringLiteral("< %1").arg(steps.front() * 100));
            for (size_t i = 0; i < steps.size(); ++i)
                entries.emplace_back(wrongColor(static_cast<int>(i) + 1), QStringLiteral("≥ %1").arg(steps[i] * 100));
            entries.emplace_back(QColor(), overlay == Overlay::OneQuantized
                                               ? translated(QT_TRANSLATE_NOOP("Overlay", "% of the output's error, alone"))
                                               : translated(QT_TRANSLATE_NOOP("Overlay", "% of the output's error, gone in float")));
            break;
        }
        case Overlay::Bits: {
            std::set<int> bits;
            for (const auto& row : rows)
                bits.insert(bitsShown(*row));
            for (const int b : bits)
                entries.emplace_back(categoryColor(bitsColor(b)), b == 0 ? translated(QT_TRANSLATE_NOOP("Overlay", "float"))
                                                                         : translated(QT_TRANSLATE_NOOP("Overlay", "%1 bits")).arg(b));
            break;
        }
        case Overlay::Type: {
            std::set<int> colors;
            for (const auto& row : rows)
                if (colors.insert(familyColor(row->family)).second)
                    entries.emplace_back(categoryColor(familyColor(row->family)), familyLabel(row->family));
            break;
        }
    }
    return entries;
}

}  // namespace qs
