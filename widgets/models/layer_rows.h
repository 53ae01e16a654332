// One row a layer: everything that table, graph and profile show, gathered once from core's values.
#pragma once

#include "core/jobs/sensitivity.h"
#include "core/ops/op.h"
#include "core/targets/check.h"

#include <QString>
#include <QStringList>

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace qs {

/// What the network itself says of a layer, whatever the settings.
struct LayerFacts {
    LayerId id = noId;
    QString name;
    QString type;
    QString shape;
    OpFamily family = OpFamily::Other;
    Quantizable quantizable = Quantizable::No;
    QString notRun;  ///< why it cannot run
    int64_t parameters = 0;
    int64_t macs = 0;
    bool operator==(const LayerFacts&) const = default;
};

struct NetworkFacts {
    std::vector<LayerFacts> layers;
    std::vector<LayerId> byName;  ///< in the order in which settings stand
};

/// The facts of the network that was asked for last: gathering them costs more than all the rest of the rows.
class KnownFacts {
public:
    const NetworkFacts& of(const std::shared_ptr<const Model>& model, const QuantScheme& scheme);

private:
    std::shared_ptr<const Model> m_model;
    const QuantScheme* m_scheme = nullptr;
    NetworkFacts m_facts;
};

/// What the settings ask of a layer.
struct LayerRequest {
    bool enabled = false;
    int activationBits = 0;  ///< 0: none
    int weightBits = 0;
    QString algorithm;
    QString refinements;  ///< of the weights: "CLE", "AdaRound", "BC", with blanks between
    QString calibrator;   ///< of the first input, unless it is the default
    bool operator==(const LayerRequest&) const = default;
};

/// What was measured of a layer.
struct LayerFigures {
    std::optional<Metrics> local;
    std::optional<Metrics> cumulative;
    std::optional<Metrics> reference;     ///< cumulative, of the branch that is shown beside this one
    bool stale = false;                   ///< the metrics are older than the rest of the comparison
    std::optional<Metrics> oneQuantized;  ///< scopes of a sensitivity, at the network's output
    std::optional<Metrics> oneFloat;
    double wholeError = 0;          ///< 1 - cosine of the network's output with everything quantized, where those are known
    bool sensitivityStale = false;  ///< they belong to other settings
    bool operator==(const LayerFigures&) const = default;
};

/// What really happens to a layer, and what the target's rules say of it.
struct LayerFate {
    bool effectiveKnown = false;
    Effective effective;
    QString host;                     ///< the layer it is fused into
    std::vector<CheckResult> checks;  ///< the worst first
    bool operator==(const LayerFate&) const = default;
};

/// Values only: what is said of them is made when it is shown.
struct LayerRow : LayerFacts, LayerRequest, LayerFate, LayerFigures {
    bool operator==(const LayerRow&) const = default;

    /// It differs from `other` in figures, if in anything.
    bool sameButFigures(const LayerRow& other) const
    {
        const auto same = [&]<class Part>(const Part& part) { return part == static_cast<const Part&>(other); };
        return same.operator()<LayerFacts>(*this) && same.operator()<LayerRequest>(*this) && same.operator()<LayerFate>(*this);
    }
    std::optional<Severity> check() const { return checks.empty() ? std::nullopt : std::optional(checks.front().rule->severity); }
};

/// One word.
QString stateText(const LayerRow& row);
/// Why requested and effective differ; empty: they do not.
QString whyText(const LayerRow& row);
QStringList checkTexts(const LayerRow& row);

struct LayerSources {
    const Model* model = nullptr;
    const Configuration* configuration = nullptr;
    std::span<const Effective> effective;  ///< by layer of the model; empty: not known yet
    const Comparison* comparison = nullptr;
    const Comparison* reference = nullptr;  ///< of another branch
    const Sensitivity* sensitivity = nullptr;
    bool sensitivityStale = false;
    std::span<const CheckResult> checks = {};
    const NetworkFacts* facts = nullptr;  ///< of the model; null: gathered anew
};

/// Shared by all who show them: a row that is as it was before is the same object, so that a view knows by its address what differs.
using LayerRows = std::vector<std::shared_ptr<const LayerRow>>;
LayerRows layerRows(const LayerSources& sources, const LayerRows& before = {});

/// "conv1, Convolution" family in the user's language.
QString familyLabel(OpFamily family);

}  // namespace qs
