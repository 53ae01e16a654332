#include "core/jobs/search.h"

#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/calib/calibrators.h"
#include "core/data/selection.h"
#include "core/jobs/cost.h"
#include "core/jobs/samples.h"
#include "core/jobs/search_journal.h"
#include "core/ops/weight_channels.h"
#include "core/quant/setting_fields.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <set>

namespace qs {

namespace {

constexpr size_t layersAtOnce = 6;  // candidates of one step
constexpr int sensitivitySamples = 8;

/// What takes more from the quantization stands higher; below 1: settings that cost nothing.
int strength(SearchMove move)
{
    return move == SearchMove::Wider12 ? 1 : move == SearchMove::Wider16 ? 2 : move == SearchMove::Float ? 3 : 0;
}

double agreementOf(const SearchPoint& point)
{
    return point.agreement.value_or(0);
}

constexpr const char* noClasses = "the first output is not a vector of class scores: choose a cosine as target";

constexpr SearchMeasure targets[] = {
    {SearchTarget::Cosine, "cosine", "output cosine at least", "output cosine to reach (default 0.99)", OutputKind::Automatic, "", 0.99, false, false,
     [](const SearchPoint& point) { return point.cosine; }},
    {SearchTarget::Agreement, "agreement", "agreement at least, %", "share of samples with the float top-1 class to reach", OutputKind::Classes,
     noClasses, 0.98, true, false, agreementOf},
    {SearchTarget::Top1Drop, "top1-drop", "top-1 drop at most, points", "top-1 loss to stay within (0.01: one point); needs --labels",
     OutputKind::Classes, noClasses, 0.01, true, true, [](const SearchPoint& point) { return point.top1Drop; }},
    {SearchTarget::MeanAveragePrecision, "map", "mAP with float as reference at least, %",
     "mean average precision of a detector's quantized boxes, the float ones as reference, to reach", OutputKind::Boxes,
     "the outputs are not read as boxes, or float finds none in these samples: choose another target", 0.95, true, false, agreementOf},
    {SearchTarget::PixelAgreement, "pixels", "pixels of the float class at least, %", "share of a class map's pixels with the float class to reach",
     OutputKind::ClassMap, "no output is read as a map of classes: choose another target", 0.98, true, false, agreementOf},
    {SearchTarget::RankAgreement, "ranks", "samples with the same neighbour at least, %",
     "share of samples with the same nearest neighbour as in float, of a network that gives a vector, to reach", OutputKind::Vector,
     "no output is read as a vector: choose another target", 0.95, true, false, agreementOf},
};

/// A configuration ready to run.
struct Candidate {
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;
    Variant variant;
};

class Search {
public:
    Search(const std::shared_ptr<Engine>& engine, std::shared_ptr<const PreparedNetwork> prepared, const Calibration& calibration,
           const DataSet& data, const SearchOptions& options, const JobContext& job, SearchJournal journal)
        : m_base(std::move(prepared)),
          m_calibration(calibration),
          m_data(data),
          m_options(options),
          m_job(job),
          m_journal(std::move(journal)),
          m_samples(std::min(options.samples, data.size())),
          m_order(spreadOrder(data.size(), m_samples)),
          m_cache(options.cache ? options.cache : std::make_shared<ValueCache>(size_t{2} << 30)),
          m_evaluator(engine, m_base->network, m_cache),
          m_floating(m_evaluator.floating())
    {
        m_result.samples = m_samples;
    }

    Result<std::shared_ptr<const SearchResult>> run()
    {
        QS_TRY(m_reading, readingOf(*m_base->network, m_data));
        QS_CHECK(measureFloat());
        QS_TRY(const size_t base, point({}));
        QS_CHECK(checkTarget());
        SearchAssignment current;
        if (!m_result.points[base].met) {
            QS_TRY(const std::vector<std::string> order, sensitiveLayers());
            QS_TRY(current, relax(order));
        }
        if (m_result.met) {
            QS_TRY(current, takeBack(current));
            if (m_options.goal.snq)
                QS_CHECK(narrow(current));
        }
        m_result.finished = true;
        return finish();
    }

private:
    Result<std::shared_ptr<const SearchResult>> finish()
    {
        publish();
        return std::shared_ptr<const SearchResult>(std::make_shared<SearchResult>(m_result));
    }

    void publish()
    {
        m_result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - m_started).count();
        if (m_options.publish)
            m_options.publish(std::make_shared<SearchResult>(m_result));
    }

    void report() const { m_job.report(m_progress.fraction, m_progress.phase, m_progress.arguments); }

    /// All samples, as many side by side as it is worth: use(index, outputs) is called for each, in any order and from any thread; say(index) reports
    /// what is going on.
    template <class Report, class Use>
    Result<void> eachSample(const Variant& variant, bool keep, const Report& say, const Use& use)
    {
        const Model& model = m_evaluator.model();
        const std::vector<IncrementalEvaluator*> lanes = m_evaluator.lanes();
        return forLanes(m_samples, static_cast<int64_t>(lanes.size()), [&](int64_t lane, int64_t i) -> Result<void> {
            const auto index = static_cast<size_t>(i);
            if (lane == 0)
                say(index);
            const Sample sample = sampleOf(m_data, m_order[index], m_evaluator, m_options.dataSerial);
            QS_TRY(const Values values, lanes[static_cast<size_t>(lane)]->values(variant, sample, model.outputs(), keep, m_job));
            use(index, outputsOf(model, values));
            return {};
        });
    }

    Result<void> measureFloat()
    {
        m_expected.resize(static_cast<size_t>(m_samples));
        const auto report = [this](size_t index) {
            m_job.report(m_progress.fraction, Phase::FloatOutputs, {std::to_string(index + 1), std::to_string(m_samples)});
        };
        return eachSample(m_floating, true, report, [this](size_t index, std::vector<Tensor> outputs) { m_expected[index] = std::move(outputs); });
    }

    Result<void> checkTarget() const
    {
        const SearchMeasure& measure = measureOf(m_options.goal.target);
        if (measure.needs == OutputKind::Automatic)
            return {};
        std::vector<SampleFigures> same;
        for (size_t index = 0; index < m_expected.size(); ++index)
            same.push_back({.sample = static_cast<int>(index), .sums = {}, .vote = vote(index, m_expected[index])});
        const OutputFigures figures = figuresOf(same);
        if (m_reading.kind != measure.needs || !figures.agreement())
            return Error{ErrorCode::NotSupported, measure.missing, m_base->original->name()};
        if (measure.target == SearchTarget::Top1Drop && !figures.classification.labelled)
            return Error{ErrorCode::NotSupported, "no sample has a label: choose an agreement or a cosine as target", m_data.spec().path.string()};
        return {};
    }

    /// Of a sample's outputs, beside the float ones.
    ClassVote vote(size_t index, const std::vector<Tensor>& outputs) const
    {
        return voteOf(m_reading, m_expected[index], outputs, m_data, m_order[index]);
    }

    /// `near`: what it differs little from, whose factors and weights are taken over.
    Result<Candidate> candidate(const SearchAssignment& assignment, const Candidate* near)
    {
        Candidate result;
        QS_TRY(result.prepared,
               prepareNetwork(m_base->original, applyAssignment(m_base->configuration, assignment), near ? near->prepared.get() : m_base.get()));
        if (result.prepared->network != m_base->network)
            return Error{ErrorCode::Internal, "a setting changed the network's fusion", m_base->original->name()};
        const QuantRecord& record = near ? near->quantized->record : m_calibration.record;
        const KnownFactors known{record, near ? near->prepared->configuration : m_base->configuration};
        QS_TRY(result.quantized,
               quantizeNetwork(*result.prepared, solveAgain(*result.prepared, m_calibration, &known), near ? near->quantized.get() : nullptr));
        result.variant = m_evaluator.variant(result.quantized->layers);
        return result;
    }

    Result<SearchPoint> measure(const SearchAssignment& assignment)
    {
        QS_TRY(const Candidate tried, candidate(assignment, m_current ? &*m_current : nullptr));
        SearchPoint point;
        point.assignment = assignment;
        std::vector<SampleFigures> samples(static_cast<size_t>(m_samples));
        const auto measureSample = [&](size_t index, const std::vector<Tensor>& outputs) {
            samples[index] = {.sample = static_cast<int>(index),
                              .sums = outputSums(m_expected[index], outputs, m_evaluator.runner().pool()),
                              .vote = vote(index, outputs)};
        };
        QS_CHECK(eachSample(
            tried.variant, !m_current, [this](size_t) { report(); }, measureSample));
        MetricsAccumulator metrics;
        for (const SampleFigures& sample : samples)
            metrics.add(sample.sums, sample.sample);
        point.cosine = metrics.metrics().cosine;
        const OutputFigures figures = figuresOf(samples);
        point.agreement = figures.agreement();
        if (const Classification& found = figures.classification; found.labelled)
            point.top1Drop = found.floatTop1 - found.quantizedTop1;
        const QuantizationCost cost = quantizationCost(*m_base, *tried.quantized, m_options.goal.byWeights);
        point.share = cost.share;
        point.weightBytes = cost.weightBytes;
        return point;
    }

    bool meets(const SearchPoint& point) const
    {
        const SearchGoal& goal = m_options.goal;
        return point.share >= goal.budget && missing(point) <= 0;
    }

    /// How far the target's measure is from its value; nothing is missing below 0.
    double missing(const SearchPoint& point) const
    {
        const SearchMeasure& measure = measureOf(m_options.goal.target);
        const double distance = m_options.goal.value - measure.of(point);
        return measure.atMost ? -distance : distance;
    }

    /// How far from the target; the cosine decides among equals.
    std::pair<double, double> distance(const SearchPoint& point) const { return {std::max(missing(point), 0.0), 1 - point.cosine}; }

    /// What a move is to win. Classes change too seldom to lead a search: the cosine does. Boxes, pixels and neighbours are what counts where they
    /// are asked for, rows of boxes having no cosine worth the name; it decides where they do not move.
    double merit(double cosine, std::optional<double> agreement) const
    {
        constexpr double decides = 1e-3;
        const OutputKind kind = measureOf(m_options.goal.target).needs;
        return kind == OutputKind::Automatic || kind == OutputKind::Classes ? cosine : agreement.value_or(0) + decides * cosine;
    }
    double merit(const SearchPoint& point) const { return merit(point.cosine, point.agreement); }

    /// Its index among the result's points; run now, or answered by the journal.
    Result<size_t> point(const SearchAssignment& assignment)
    {
        if (m_job.cancelled())
            return cancelledError();
        for (size_t i = 0; i < m_result.points.size(); ++i)
            if (m_result.points[i].assignment == assignment)
                return i;
        if (const SearchPoint* known = m_journal.find(assignment)) {
            m_result.points.push_back(*known);
        } else {
            QS_TRY(SearchPoint measured, measure(assignment));
            measured.met = meets(measured);
            QS_CHECK(m_journal.add(measured));
            m_result.points.push_back(std::move(measured));
        }
        enter(m_result.points.size() - 1);
        m_progress = {progress(), Phase::Searching, {std::to_string(m_result.points.size()), fixedText(m_result.points[m_result.best].cosine, 4)}};
        report();
        publish();
        return m_result.points.size() - 1;
    }

    /// By the target's distance: what is left of it.
    double progress() const
    {
        const double first = distance(m_result.points.front()).first;
        return first > 0 ? std::clamp(1 - distance(m_result.points[m_result.best]).first / first, 0.0, 0.99) : 0.99;
    }

    void enter(size_t index)
    {
        const SearchPoint& added = m_result.points[index];
        const SearchPoint& best = m_result.points[m_result.best];
        m_result.met = m_result.met || added.met;
        const bool inBudget = added.share >= m_options.goal.budget;
        if (added.met ? !best.met || std::pair(added.share, -added.weightBytes) > std::pair(best.share, -best.weightBytes)
                      : !best.met && inBudget && distance(added) < distance(best))
            m_result.best = index;
        auto& front = m_result.front;
        const auto beaten = [&](const SearchPoint& a, const SearchPoint& b) { return b.share >= a.share && merit(b) >= merit(a); };
        if (std::any_of(front.begin(), front.end(), [&](size_t i) { return beaten(added, m_result.points[i]); }))
            return;
        std::erase_if(front, [&](size_t i) { return beaten(m_result.points[i], added); });
        front.push_back(index);
        std::sort(front.begin(), front.end(), [&](size_t a, size_t b) { return m_result.points[a].share > m_result.points[b].share; });
    }

    /// The accepted state: its values are kept, for the next moves differ from it little.
    Result<void> accept(const SearchAssignment& assignment)
    {
        QS_TRY(Candidate accepted, candidate(assignment, m_current ? &*m_current : nullptr));
        m_current = std::move(accepted);
        return eachSample(
            m_current->variant, true, [this](size_t) { report(); }, [](size_t, const std::vector<Tensor>&) {});
    }

    /// Names of the quantized layers, those that hurt the output most first.
    Result<std::vector<std::string>> sensitiveLayers()
    {
        QS_CHECK(accept({}));
        QS_TRY(const auto found,
               sensitivity(m_evaluator, *m_current->quantized, m_data,
                           {.samples = std::min(sensitivitySamples, m_samples), .dataSerial = m_options.dataSerial, .publish = {}}, m_job));
        std::vector<std::pair<double, std::string>> ranked;
        for (const LayerSensitivity& layer : found->layers)
            ranked.emplace_back(std::max(merit(1, 1) - merit(layer.oneQuantized.cosine, layer.oneQuantizedAgreement),
                                         merit(layer.oneFloat.cosine, layer.oneFloatAgreement) - merit(found->output.cosine, found->outputAgreement)),
                                layer.layer);
        std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        std::vector<std::string> names;
        for (auto& [error, name] : ranked)
            names.push_back(std::move(name));
        return names;
    }

    std::vector<SearchMove> movesOf(const std::string& layer) const
    {
        const LayerSetting& setting = m_base->configuration.layers.at(layer);
        const int bits = setting.activation(0).bits;
        const auto allowed = [&](int width) {
            return width > bits && std::find(m_options.goal.bits.begin(), m_options.goal.bits.end(), width) != m_options.goal.bits.end();
        };
        std::vector<SearchMove> moves{SearchMove::NoClipping};
        if (!m_base->configuration.scheme->symmetric)
            moves.push_back(SearchMove::OtherOffset);
        if (setting.weights && !setting.weights->channelWise && !setting.weights->adaRound &&
            m_base->configuration.scheme->channelWise(m_base->original->layer(m_base->original->findLayer(layer)).op))
            moves.push_back(SearchMove::PerChannel);
        if (allowed(12))
            moves.push_back(SearchMove::Wider12);
        if (allowed(16))
            moves.push_back(SearchMove::Wider16);
        // A BatchNorm that became a layer of its own is one only while it is enabled: in float the network would be another.
        const LayerId original = m_base->original->findLayer(layer);
        if (m_base->network->layer(m_base->networkLayer[original]).op == m_base->original->layer(original).op)
            moves.push_back(SearchMove::Float);
        return moves;
    }

    Result<SearchAssignment> relax(const std::vector<std::string>& order)
    {
        SearchAssignment current;
        QS_TRY(size_t now, point(current));
        size_t first = 0;
        while (!m_result.points[now].met && first < order.size()) {
            double bestGain = 0;
            size_t bestPoint = now;
            for (size_t i = first; i < std::min(order.size(), first + layersAtOnce); ++i)
                for (const SearchMove move : movesOf(order[i])) {
                    if (const auto old = current.find(order[i]);
                        old != current.end() && strength(old->second) > 0 && strength(old->second) >= strength(move))
                        continue;
                    SearchAssignment tried = current;
                    tried[order[i]] = move;
                    if (tried == current)
                        continue;
                    QS_TRY(const size_t index, point(tried));
                    const SearchPoint& there = m_result.points[index];
                    const SearchPoint& here = m_result.points[now];
                    if (there.share < m_options.goal.budget)
                        continue;
                    // A thousandth of the network is the least that a move is taken to cost.
                    const double gain = (merit(there) - merit(here)) / (std::max(here.share - there.share, 0.0) + 1e-3);
                    if (merit(there) > merit(here) &&
                        (there.met > m_result.points[bestPoint].met || (gain > bestGain && there.met >= m_result.points[bestPoint].met))) {
                        bestGain = gain;
                        bestPoint = index;
                    }
                }
            if (bestPoint == now) {
                first += layersAtOnce;  // nothing is left among these
                continue;
            }
            now = bestPoint;
            current = m_result.points[now].assignment;
            QS_CHECK(accept(current));
        }
        return current;
    }

    /// What a move was made for may have been solved by a later one.
    Result<SearchAssignment> takeBack(SearchAssignment current)
    {
        QS_CHECK(accept(current));
        const std::vector<std::pair<std::string, SearchMove>> moved(current.begin(), current.end());
        for (const auto& [layer, move] : moved) {
            SearchAssignment without = current;
            without.erase(layer);
            QS_TRY(const size_t index, point(without));
            if (m_result.points[index].met) {
                current = without;
                QS_CHECK(accept(current));
            }
        }
        return current;
    }

    /// SNQ for the layers that bear it; the first and the last with weights stay (the manual).
    Result<void> narrow(SearchAssignment current)
    {
        QS_TRY(std::vector<std::string> order, sensitiveLayers());
        std::reverse(order.begin(), order.end());
        std::vector<std::string> weighted;
        for (const Layer& layer : m_base->network->layers())
            if (multipliesByWeights(layer.op))
                weighted.push_back(layer.name);
        QS_CHECK(accept(current));
        for (const std::string& layer : order) {
            const LayerId id = m_base->network->findLayer(layer);
            const bool inside = weighted.size() > 2 && layer != weighted.front() && layer != weighted.back();
            if (!inside || current.contains(layer) || id == noId || !multipliesByWeights(m_base->network->layer(id).op) ||
                m_base->effectiveOf(id).weightBits != 8)
                continue;
            SearchAssignment tried = current;
            tried[layer] = SearchMove::Snq;
            QS_TRY(const size_t index, point(tried));
            if (m_result.points[index].met) {
                current = tried;
                QS_CHECK(accept(current));
            }
        }
        return {};
    }

    std::shared_ptr<const PreparedNetwork> m_base;
    const Calibration& m_calibration;
    const DataSet& m_data;
    const SearchOptions& m_options;
    const JobContext& m_job;
    SearchJournal m_journal;
    int m_samples;
    std::vector<int> m_order;  ///< indices of the samples
    std::shared_ptr<ValueCache> m_cache;
    IncrementalEvaluator m_evaluator;
    Variant m_floating;
    Reading m_reading;
    std::vector<std::vector<Tensor>> m_expected;  ///< by sample
    std::optional<Candidate> m_current;
    SearchResult m_result;
    Progress m_progress{.phase = Phase::SettingsAsTheyAre};
    std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
};

void addNumbers(KeyBuilder& key, std::initializer_list<double> numbers)
{
    for (const double number : numbers)
        key.add(std::bit_cast<uint64_t>(number));
}

struct ValueAdder {
    KeyBuilder& key;
    void operator()(std::monostate) const { key.add(uint64_t{0}); }
    void operator()(double number) const { addNumbers(key, {number}); }
    void operator()(const std::string& text) const { key.add(text); }
    void operator()(std::pair<float, float> limits) const { addNumbers(key, {limits.first, limits.second}); }
    void operator()(const std::vector<std::string>& names) const
    {
        key.add(names.size());
        for (const std::string& name : names)
            key.add(name);
    }
};

template <class Setting>
void addFields(KeyBuilder& key, const Setting& setting)
{
    for (const SettingField<Setting>& row : fieldsOf<Setting>())
        std::visit(ValueAdder{key}, row.held(setting));
}

void addSettings(KeyBuilder& key, const Configuration& configuration)
{
    addFields(key, configuration);
    addFields(key, configuration.bnUpdate.value_or(BnUpdateSetting{}));
    for (const auto& [name, setting] : configuration.layers) {
        addFields(key.add(name), setting);
        for (ActivationSetting activation : setting.activations) {
            activation.withOffset = activation.withOffset.value_or(configuration.activationOffset);
            addFields(key, activation);
        }
        if (setting.weights)
            addFields(key, *setting.weights);
    }
}

void addFactors(KeyBuilder& key, const QuantRecord& record)
{
    for (const auto& [name, factors] : record.layers) {
        key.add(name).add(static_cast<uint64_t>(factors.weightBits)).add(static_cast<uint64_t>(factors.skipFusion));
        key.add(std::as_bytes(std::span(factors.weightScales))).add(std::as_bytes(std::span(factors.codebook)));
        key.add(std::as_bytes(std::span(factors.roundUp))).add(std::as_bytes(std::span(factors.bias)));
        for (const InputFactors& input : factors.inputs)
            addNumbers(key, {static_cast<double>(input.port), input.params.scale, static_cast<double>(input.params.offset),
                             static_cast<double>(input.params.bits)});
    }
}

/// Network, data, settings, factors and target: what the journal's figures depend on.
ValueKey fingerprint(const PreparedNetwork& prepared, const Calibration& calibration, const DataSet& data, const SearchOptions& options)
{
    KeyBuilder builder;
    builder.add(dumpModel(*prepared.original));
    addSettings(builder, prepared.configuration);
    addFactors(builder, calibration.record);
    const int samples = std::min(options.samples, data.size());
    builder.add(static_cast<uint64_t>(samples));
    const std::vector<int> order = spreadOrder(data.size(), samples);
    for (int i = 0; i < samples; ++i) {
        const int index = order[static_cast<size_t>(i)];
        builder.add(data.sampleName(index)).add(static_cast<uint64_t>(data.label(index)));
    }
    const SearchGoal& goal = options.goal;
    builder.add(static_cast<uint64_t>(goal.target)).add(std::bit_cast<uint64_t>(goal.value)).add(std::bit_cast<uint64_t>(goal.budget));
    builder.add(static_cast<uint64_t>(goal.byWeights)).add(static_cast<uint64_t>(goal.snq));
    for (const int bits : goal.bits)
        builder.add(static_cast<uint64_t>(bits));
    if (const OutputChoice& outputs = data.spec().outputs; outputs != OutputChoice())
        builder.add(static_cast<uint64_t>(outputs.kind)).add(outputs.decoder);
    return builder.key();
}

}  // namespace

std::string searchName(const PreparedNetwork& prepared, const Calibration& calibration, const DataSet& data, const SearchOptions& options)
{
    return keyText(fingerprint(prepared, calibration, *evaluated(data), options));
}

const char* searchMoveName(SearchMove move)
{
    switch (move) {
        case SearchMove::Float:
            return "float";
        case SearchMove::Wider12:
            return "12 bits";
        case SearchMove::Wider16:
            return "16 bits";
        case SearchMove::NoClipping:
            return "no clipping";
        case SearchMove::OtherOffset:
            return "other offset";
        case SearchMove::PerChannel:
            return "per channel";
        case SearchMove::Snq:
            return "snq";
    }
    return "";
}

std::span<const SearchMeasure> searchMeasures()
{
    return targets;
}

const SearchMeasure& measureOf(SearchTarget target)
{
    return *std::find_if(std::begin(targets), std::end(targets), [&](const SearchMeasure& measure) { return measure.target == target; });
}

Configuration applyAssignment(const Configuration& base, const SearchAssignment& assignment)
{
    Configuration configuration = base;
    for (const auto& [layer, move] : assignment) {
        const auto found = configuration.layers.find(layer);
        if (found == configuration.layers.end())
            continue;
        LayerSetting& setting = found->second;
        for (ActivationSetting& activation : setting.activations)
            switch (move) {
                case SearchMove::Wider12:
                    activation.bits = 12;
                    break;
                case SearchMove::Wider16:
                    activation.bits = 16;
                    break;
                case SearchMove::NoClipping:
                    keepEverything(activation);
                    break;
                case SearchMove::OtherOffset:
                    activation.withOffset = !activation.withOffset.value_or(base.activationOffset);
                    break;
                default:
                    break;
            }
        if (move == SearchMove::Float)
            setting.quantEnable = false;
        if (move == SearchMove::PerChannel && setting.weights)
            setting.weights->channelWise = true;
        if (move == SearchMove::Snq && setting.weights) {
            setting.weights->algorithm = "snq";
            setting.weights->bits = 4;
        }
    }
    return configuration;
}

Result<std::shared_ptr<const SearchResult>> searchSettings(const std::shared_ptr<Engine>& engine,
                                                           const std::shared_ptr<const PreparedNetwork>& prepared, const Calibration& calibration,
                                                           const DataSet& all, const SearchOptions& options, const JobContext& job)
{
    const auto chosen = evaluated(all);
    const DataSet& data = *chosen;
    if (std::min(options.samples, data.size()) <= 0)
        return noSamples(all);
    QS_CHECK(requireOutputs(*prepared->network));
    QS_TRY(SearchJournal journal, SearchJournal::open(options.journal, fingerprint(*prepared, calibration, data, options)));
    return Search(engine, prepared, calibration, data, options, job, std::move(journal)).run();
}

}  // namespace qs
