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
};

/// The facts of the network that was asked for last: gathering them costs more than all the rest of the rows.
class KnownFacts {
public:
    std::span<const LayerFacts> of(const std::shared_ptr<const Model>& model, const QuantScheme& scheme);

private:
    std::shared_ptr<const Model> m_model;
    const QuantScheme* m_scheme = nullptr;
    std::vector<LayerFacts> m_facts;
};

struct LayerRow : LayerFacts {
    bool enabled = false;    ///< requested
    int activationBits = 0;  ///< requested; 0: none
    int weightBits = 0;
    QString algorithm;
    QString refinements;  ///< requested of the weights: "CLE", "AdaRound", "BC", with blanks between
    QString calibrator;   ///< of the first input, unless it is the default
    bool effectiveKnown = false;
    Effective effective;
    QString host;    ///< the layer it is fused into
    QString state;   ///< one word
    QString reason;  ///< why requested and effective differ
    std::optional<Metrics> local;
    std::optional<Metrics> cumulative;
    std::optional<Metrics> reference;     ///< cumulative, of the branch that is shown beside this one
    bool stale = false;                   ///< the metrics belong to other settings
    std::optional<Metrics> oneQuantized;  ///< scopes of a sensitivity, at the network's output
    std::optional<Metrics> oneFloat;
    double wholeError = 0;          ///< 1 - cosine of the network's output with everything quantized, where those are known
    bool sensitivityStale = false;  ///< they belong to other settings
    std::optional<Severity> check;  ///< the worst that the target's rules say of the layer
    QStringList checks;             ///< all that they say
    bool operator==(const LayerRow& other) const;
};

struct LayerSources {
    const Model* model = nullptr;
    const Configuration* configuration = nullptr;
    std::span<const Effective> effective;  ///< by layer of the model; empty: not known yet
    const Comparison* comparison = nullptr;
    bool stale = false;
    const Comparison* reference = nullptr;  ///< of another branch
    const Sensitivity* sensitivity = nullptr;
    bool sensitivityStale = false;
    std::span<const CheckResult> checks = {};
    std::span<const LayerFacts> facts = {};  ///< of the model; empty: gathered anew
};

std::vector<LayerRow> layerRows(const LayerSources& sources);

/// "conv1, Convolution" family in the user's language.
QString familyLabel(OpFamily family);

}  // namespace qs
