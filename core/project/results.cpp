#include "core/project/results.h"

#include "core/engine/value_cache.h"
#include "core/jobs/search_journal.h"
#include "core/project/configuration_json.h"
#include "core/project/record_json.h"
#include "core/project/results_parts.h"
#include "core/proto/qs_results.pb.h"
#include "core/stats/observation.h"

#include <algorithm>
#include <cmath>

namespace qs {

namespace {

namespace proto = quantscope_results;

constexpr uint32_t currentFormat = 1;

std::string checkOf(const std::string& results)
{
    return keyText(KeyBuilder().add(results).key());
}

// --- Out ----------------------------------------------------------------------------------------------------------------------------------------

void put(proto::Histogram& out, const Histogram& histogram)
{
    out.set_lower(histogram.lower);
    out.set_width(histogram.width);
    out.mutable_counts()->Add(histogram.counts.begin(), histogram.counts.end());
    out.set_minimum(histogram.minimum);
    out.set_maximum(histogram.maximum);
}

void put(proto::Port& out, const PortHistograms& port)
{
    out.set_layer(port.layer);
    out.set_port(port.port);
    put(*out.mutable_floating(), port.floatValues);
    put(*out.mutable_quantized(), port.quantizedValues);
}

void put(proto::Sample& out, const SampleFigures& figures)
{
    out.set_sample(figures.sample);
    out.set_xx(figures.sums.xx);
    out.set_yy(figures.sums.yy);
    out.set_xy(figures.sums.xy);
    out.set_nn(figures.sums.nn);
    out.set_max_abs(figures.sums.maxAbs);
    out.set_count(figures.sums.count);
    const ClassVote& vote = figures.vote;
    uint32_t bits = 0;
    for (const bool bit : {vote.quantizedTop5, vote.quantizedTop1, vote.floatTop5, vote.floatTop1, vote.agrees, vote.labelled, vote.valid})
        bits = bits * 2 + static_cast<uint32_t>(bit);
    out.set_vote(bits);
    out.set_label(vote.label);
    out.set_float_class(vote.floatClass);
    out.set_quantized_class(vote.quantizedClass);
    out.set_float_score(vote.floatScore);
    out.set_quantized_score(vote.quantizedScore);
    if (vote.pixels)
        for (const ClassPixels& pixels : *vote.pixels)
            for (const int64_t count : {pixels.both, pixels.first, pixels.second})
                out.add_pixels(count);
    if (vote.vectors) {
        out.mutable_float_vector()->Add(vote.vectors->floating.begin(), vote.vectors->floating.end());
        out.mutable_quantized_vector()->Add(vote.vectors->quantized.begin(), vote.vectors->quantized.end());
    }
    if (!vote.boxes)
        return;
    const auto boxes = [](const std::vector<DetectedBox>& list, auto* into) {
        for (const DetectedBox& box : list)
            for (const float number : {static_cast<float>(box.label), box.score, box.x1, box.y1, box.x2, box.y2})
                into->Add(number);
    };
    out.set_has_boxes(true);
    boxes(vote.boxes->floating, out.mutable_float_boxes());
    boxes(vote.boxes->quantized, out.mutable_quantized_boxes());
    if (!vote.boxes->truth)
        return;
    out.set_has_truth(true);
    boxes(*vote.boxes->truth, out.mutable_true_boxes());
}

void put(proto::Comparison& out, const Comparison& comparison)
{
    out.set_samples(comparison.samples);
    out.set_freshness(static_cast<int>(comparison.freshness));
    out.set_seconds(comparison.seconds);
    for (const LayerComparison& layer : comparison.layers) {
        proto::Layer& one = *out.add_layers();
        one.set_name(layer.layer);
        one.set_run(layer.run);
        one.set_freshness(static_cast<int>(layer.freshness));
        putMetrics(*one.mutable_local(), layer.local);
        putMetrics(*one.mutable_cumulative(), layer.cumulative);
    }
    for (const OutputComparison& output : comparison.outputs) {
        proto::Output& one = *out.add_outputs();
        one.set_name(output.name);
        one.set_freshness(static_cast<int>(output.freshness));
        putMetrics(*one.mutable_cumulative(), output.cumulative);
    }
    for (const PortHistograms& port : comparison.histograms)
        put(*out.add_ports(), port);
    for (const SampleFigures& sample : comparison.bySample)
        put(*out.add_by_sample(), sample);
}

void put(proto::Seen& out, const Observation& observation)
{
    const Observation::State state = observation.state();
    out.set_width(state.histogram.width);
    out.set_first(state.histogram.first);
    out.set_minimum(state.histogram.minimum);
    out.set_maximum(state.histogram.maximum);
    out.mutable_counts()->Add(state.histogram.counts.begin(), state.histogram.counts.end());
    out.set_tail(state.tail);
    out.mutable_largest()->Add(state.largest.begin(), state.largest.end());
    out.mutable_smallest()->Add(state.smallest.begin(), state.smallest.end());
    out.mutable_all()->Add(state.all.begin(), state.all.end());
    out.set_keep_all(state.keepAll);
    out.set_finite(state.finite);
}

void put(proto::Calibration& out, const BranchResults& branch)
{
    const Calibration& calibration = *branch.calibration;
    out.set_configuration(configurationJson(branch.calibrationConfiguration).dump());
    Json record = Json::object();
    putFactors(record, calibration.record);
    out.set_record(record.dump());
    for (const auto& [layer, why] : calibration.record.illegal)
        (*out.mutable_illegal())[layer] = why;
    std::map<const Observation*, uint32_t> indices;
    for (const PortObservation& port : calibration.observations) {
        proto::Observed& one = *out.add_observed();
        one.set_layer(port.layer);
        one.set_port(port.port);
        put(*one.mutable_histogram(), port.histogram);
        const auto furthest = [](const std::vector<FurthestSample>& samples, auto* into) {
            for (const FurthestSample& sample : samples) {
                proto::Furthest& far = *into->Add();
                far.set_value(sample.value);
                far.set_sample(sample.sample);
                far.set_name(sample.name);
            }
        };
        furthest(port.highest, one.mutable_highest());
        furthest(port.lowest, one.mutable_lowest());
        const auto seen = calibration.observed.find({port.layer, port.port});
        if (seen == calibration.observed.end() || !seen->second)
            continue;
        const auto [known, isNew] = indices.emplace(seen->second.get(), static_cast<uint32_t>(out.seen_size()));
        if (isNew)
            put(*out.add_seen(), *seen->second);
        one.set_seen(known->second);
    }
    out.set_samples(calibration.samples);
    out.set_seconds(calibration.seconds);
    if (branch.solvedFor)
        out.set_solved_for(configurationJson(*branch.solvedFor).dump());
}

// --- In -----------------------------------------------------------------------------------------------------------------------------------------

Freshness freshnessOf(int number)
{
    return number == static_cast<int>(Freshness::Full)     ? Freshness::Full
           : number == static_cast<int>(Freshness::Subset) ? Freshness::Subset
                                                           : Freshness::Stale;
}

Histogram taken(const proto::Histogram& in)
{
    Histogram histogram;
    histogram.lower = in.lower();
    histogram.width = in.width();
    histogram.counts.assign(in.counts().begin(), in.counts().end());
    for (const uint64_t count : histogram.counts)
        histogram.total += count;
    histogram.minimum = in.minimum();
    histogram.maximum = in.maximum();
    const bool numbers = std::isfinite(histogram.lower) && std::isfinite(histogram.width) && histogram.width >= 0;
    return numbers ? histogram : Histogram{};
}

std::vector<PortHistograms> taken(const google::protobuf::RepeatedPtrField<proto::Port>& in)
{
    std::vector<PortHistograms> ports;
    for (const proto::Port& port : in)
        ports.push_back({port.layer(), port.port(), taken(port.floating()), taken(port.quantized())});
    return ports;
}

SampleFigures taken(const proto::Sample& in)
{
    SampleFigures figures;
    figures.sample = in.sample();
    figures.sums = {in.xx(), in.yy(), in.xy(), in.nn(), in.max_abs(), in.count()};
    ClassVote& vote = figures.vote;
    uint32_t bits = in.vote();
    for (bool* bit : {&vote.valid, &vote.labelled, &vote.agrees, &vote.floatTop1, &vote.floatTop5, &vote.quantizedTop1, &vote.quantizedTop5}) {
        *bit = bits & 1;
        bits /= 2;
    }
    vote.label = in.label();
    vote.floatClass = in.float_class();
    vote.quantizedClass = in.quantized_class();
    vote.floatScore = in.float_score();
    vote.quantizedScore = in.quantized_score();
    const auto boxes = [](const google::protobuf::RepeatedField<float>& numbers) {
        constexpr int each = 6;
        constexpr float mostLabels = 1e6F;
        std::vector<DetectedBox> list;
        for (int i = 0; i + each <= numbers.size(); i += each) {
            const float label = numbers[i];
            list.push_back({std::fabs(label) <= mostLabels ? static_cast<int>(label) : -1, numbers[i + 1], numbers[i + 2], numbers[i + 3],
                            numbers[i + 4], numbers[i + 5]});
        }
        return list;
    };
    if (in.has_boxes())
        vote.boxes = std::make_shared<const SampleBoxes>(
            SampleBoxes{boxes(in.float_boxes()), boxes(in.quantized_boxes()), in.has_truth() ? std::optional(boxes(in.true_boxes())) : std::nullopt});
    if (in.pixels_size() > 0) {
        // Sums of what a file says must not leave their type.
        const auto count = [&in](int i) { return std::clamp<int64_t>(in.pixels(i), 0, int64_t{1} << 36); };
        std::vector<ClassPixels> pixels;
        for (int i = 0; i + 3 <= in.pixels_size(); i += 3)
            pixels.push_back({count(i), count(i + 1), count(i + 2)});
        vote.pixels = std::make_shared<const std::vector<ClassPixels>>(std::move(pixels));
    }
    if (in.float_vector_size() > 0 && in.float_vector_size() == in.quantized_vector_size())
        vote.vectors = std::make_shared<const SampleVectors>(
            SampleVectors{{in.float_vector().begin(), in.float_vector().end()}, {in.quantized_vector().begin(), in.quantized_vector().end()}});
    return figures;
}

std::shared_ptr<const Comparison> taken(const proto::Comparison& in)
{
    auto comparison = std::make_shared<Comparison>();
    comparison->samples = in.samples();
    comparison->freshness = freshnessOf(in.freshness());
    comparison->seconds = in.seconds();
    for (const proto::Layer& layer : in.layers())
        comparison->layers.push_back({.layer = layer.name(),
                                      .run = layer.run(),
                                      .freshness = freshnessOf(layer.freshness()),
                                      .local = takenMetrics(layer.local()),
                                      .cumulative = takenMetrics(layer.cumulative())});
    for (const proto::Output& output : in.outputs())
        comparison->outputs.push_back({output.name(), takenMetrics(output.cumulative()), freshnessOf(output.freshness())});
    comparison->histograms = taken(in.ports());
    for (const proto::Sample& sample : in.by_sample())
        comparison->bySample.push_back(taken(sample));
    static_cast<OutputFigures&>(*comparison) = figuresOf(comparison->bySample);
    return comparison;
}

std::shared_ptr<const Observation> taken(const proto::Seen& in)
{
    Observation::State state;
    state.histogram = {in.width(), in.first(), in.minimum(), in.maximum(), {in.counts().begin(), in.counts().end()}};
    constexpr uint64_t mostTail = uint64_t{1} << 32;
    state.tail = static_cast<size_t>(std::min(in.tail(), mostTail));
    state.largest.assign(in.largest().begin(), in.largest().end());
    state.smallest.assign(in.smallest().begin(), in.smallest().end());
    state.all.assign(in.all().begin(), in.all().end());
    state.keepAll = in.keep_all();
    state.finite = in.finite();
    auto observation = Observation::of(std::move(state));
    return observation ? std::make_shared<const Observation>(*std::move(observation)) : nullptr;
}

Configuration takenConfiguration(const std::string& text, const std::string& fileName)
{
    const auto json = parseJson(text, fileName);
    if (!json)
        throw std::runtime_error(json.error().detail);
    return readConfiguration(*json);
}

/// Throws what is wrong.
void take(const proto::Calibration& in, BranchResults& branch, const std::string& fileName)
{
    auto calibration = std::make_shared<Calibration>();
    branch.calibrationConfiguration = takenConfiguration(in.configuration(), fileName);
    if (in.has_solved_for())
        branch.solvedFor = takenConfiguration(in.solved_for(), fileName);
    const auto json = parseJson(in.record(), fileName);
    auto record = json ? readFactors(*json, fileName) : Result<QuantRecord>(json.error());
    if (!record)
        throw std::runtime_error(record.error().detail);
    calibration->record = *std::move(record);
    calibration->record.illegal.insert(in.illegal().begin(), in.illegal().end());
    std::vector<std::shared_ptr<const Observation>> seen;
    for (const proto::Seen& one : in.seen()) {
        seen.push_back(taken(one));
        if (!seen.back())
            throw std::runtime_error("an observation that cannot be");
    }
    for (const proto::Observed& one : in.observed()) {
        PortObservation& port = calibration->observations.emplace_back();
        port.layer = one.layer();
        port.port = one.port();
        port.histogram = taken(one.histogram());
        for (const proto::Furthest& far : one.highest())
            port.highest.push_back({far.value(), far.sample(), far.name()});
        for (const proto::Furthest& far : one.lowest())
            port.lowest.push_back({far.value(), far.sample(), far.name()});
        if (one.has_seen() && one.seen() < seen.size())
            calibration->observed[{port.layer, port.port}] = seen[one.seen()];
    }
    calibration->samples = in.samples();
    calibration->seconds = in.seconds();
    branch.calibration = std::move(calibration);
}

BranchResults taken(const proto::Branch& in, const std::string& fileName)
{
    BranchResults branch;
    branch.name = in.name();
    branch.fits = in.fits();
    if (in.has_calibration())
        take(in.calibration(), branch, fileName);
    if (in.has_comparison())
        branch.comparison = taken(in.comparison());
    if (in.histograms_size() > 0) {
        auto histograms = std::make_shared<Comparison>();
        histograms->histograms = taken(in.histograms());
        branch.histograms = std::move(histograms);
    }
    branch.histogramsFresh = in.histograms_fresh();
    if (in.has_diagnosis())
        branch.diagnosis = takenDiagnosis(in.diagnosis());
    return branch;
}

}  // namespace

std::filesystem::path resultsPath(const std::filesystem::path& project)
{
    std::filesystem::path path = project;
    path += ".results";
    return path;
}

std::string networkKey(const Model& model)
{
    KeyBuilder key;
    key.add(dumpModel(model));
    for (const Layer& layer : model.layers())
        for (const auto& weight : layer.weights)
            if (weight)
                key.add(std::span(weight->bytes(), weight->sizeBytes()));
    return keyText(key.key());
}

std::string dataKey(const DataSet& data)
{
    KeyBuilder key;
    const DataSpec& spec = data.spec();
    key.add(preprocessToJson(spec.preprocess)).add(static_cast<uint64_t>(spec.kind)).add(static_cast<uint64_t>(data.size()));
    for (int i = 0; i < data.size(); ++i) {
        key.add(data.sampleName(i)).add(static_cast<uint64_t>(data.label(i)));
        if (const std::vector<DetectedBox>* boxes = data.boxes(i))
            for (const DetectedBox& box : *boxes)
                for (const float number : {static_cast<float>(box.label), box.x1, box.y1, box.x2, box.y2})
                    key.add(std::as_bytes(std::span(&number, 1)));
    }
    for (const std::string& name : spec.notEvaluated)
        key.add(name);
    if (spec.outputs != OutputChoice())
        key.add(static_cast<uint64_t>(spec.outputs.kind)).add(spec.outputs.decoder);
    const auto stamp = [&key](const std::filesystem::path& file) {
        std::error_code failed;
        const auto size = std::filesystem::file_size(file, failed);
        key.add(failed ? uint64_t{0} : static_cast<uint64_t>(size));
        const auto time = std::filesystem::last_write_time(file, failed);
        key.add(failed ? uint64_t{0} : static_cast<uint64_t>(time.time_since_epoch().count()));
    };
    for (const std::filesystem::path& file : data.files())
        stamp(file);
    for (const auto& [name, file] : spec.inputs) {
        key.add(name);
        stamp(file);
    }
    if (!spec.preprocess.meanFile.empty())
        stamp(spec.preprocess.meanFile);
    return keyText(key.key());
}

std::string resultsKey(const Configuration& configuration, const std::optional<QuantRecord>& record)
{
    Json json = configurationJson(configuration);
    if (record)
        putFactors(json, *record);
    return keyText(KeyBuilder().add(json.dump()).key());
}

BranchResults resultsOf(const std::string& name, const BranchContent& content, int dataSerial)
{
    BranchResults results;
    results.name = name;
    results.fits = resultsKey(content.configuration, content.record);
    if (content.calibration && content.recordIsCalibrated) {
        results.calibration = content.calibration;
        results.calibrationConfiguration = content.calibrationConfiguration;
        results.solvedFor = content.solvedFor;
    }
    const auto holds = [&](const ComparisonResult& result) {
        return result.comparison && !result.staleFor(content.recordSerial, dataSerial, content.configuration);
    };
    if (holds(content.result))
        results.comparison = content.result.comparison;
    // The float ones are the same under any settings.
    if (const auto& kept = content.histograms; kept.comparison && kept.dataSerial == dataSerial && kept.comparison != results.comparison) {
        results.histograms = kept.comparison;
        results.histogramsFresh = holds(kept);
    }
    if (!content.diagnosis.staleFor(content.recordSerial, dataSerial, content.configuration))
        results.diagnosis = content.diagnosis.diagnosis;
    return results;
}

std::string resultsToBytes(const ProjectResults& results)
{
    proto::Results out;
    out.set_program(results.program);
    out.set_network(results.network);
    out.set_data(results.data);
    for (const BranchResults& branch : results.branches) {
        proto::Branch& one = *out.add_branches();
        one.set_name(branch.name);
        one.set_fits(branch.fits);
        if (branch.calibration)
            put(*one.mutable_calibration(), branch);
        if (branch.comparison)
            put(*one.mutable_comparison(), *branch.comparison);
        if (branch.histograms)
            for (const PortHistograms& port : branch.histograms->histograms)
                put(*one.add_histograms(), port);
        one.set_histograms_fresh(branch.histogramsFresh);
        if (branch.diagnosis)
            putDiagnosis(*one.mutable_diagnosis(), *branch.diagnosis);
    }
    proto::File file;
    file.set_format(currentFormat);
    file.set_results(out.SerializeAsString());
    file.set_check(checkOf(file.results()));
    return file.SerializeAsString();
}

Result<ProjectResults> resultsFromBytes(const std::string& bytes, const std::string& fileName)
{
    proto::File file;
    if (!file.ParseFromString(bytes) || file.format() == 0)
        return Error{ErrorCode::ParseFailed, "these are no results of a project", fileName};
    if (file.format() > currentFormat)
        return Error{ErrorCode::NotSupported, "the results were written by a later Quantscope (format " + std::to_string(file.format()) + ")",
                     fileName};
    proto::Results in;
    if (file.check() != checkOf(file.results()) || !in.ParseFromString(file.results()))
        return Error{ErrorCode::ParseFailed, "the results are damaged", fileName};
    ProjectResults results{in.program(), in.network(), in.data(), {}};
    try {
        for (const proto::Branch& branch : in.branches())
            results.branches.push_back(taken(branch, fileName));
    } catch (const std::exception& error) {
        return Error{ErrorCode::ParseFailed, error.what(), fileName};
    }
    return results;
}

Result<BranchContent> restoredContent(const std::shared_ptr<const Model>& model, const BranchResults& results, BranchContent content)
{
    QS_TRY(const auto prepared, prepareNetwork(model, content.configuration));
    if (results.calibration) {
        auto calibration = std::make_shared<Calibration>(*results.calibration);
        std::shared_ptr<const PreparedNetwork> then = prepared;
        if (!(results.calibrationConfiguration == content.configuration)) {
            QS_TRY(then, prepareNetwork(model, results.calibrationConfiguration));
        }
        calibration->effective = then->effective;
        for (const auto& [layer, why] : calibration->record.illegal)
            if (model->findLayer(layer) != noId)
                markFloat(calibration->effective, *model, layer, Reason::IllegalScale, why);
        content.calibration = std::move(calibration);
        content.calibrationConfiguration = results.calibrationConfiguration;
        content.solvedFor = results.solvedFor;
        content.recordIsCalibrated = true;
    }
    if (!content.record || (!results.comparison && !results.histograms && !results.diagnosis))
        return content;
    QS_TRY(const auto quantized, quantizeNetwork(*prepared, *content.record));
    const auto result = [&](const std::shared_ptr<const Comparison>& comparison, bool fresh = true) {
        return ComparisonResult{comparison, prepared, quantized, fresh ? content.recordSerial : -1, 0};
    };
    if (results.comparison) {
        const auto& layers = results.comparison->layers;
        const bool same = std::equal(layers.begin(), layers.end(), prepared->network->layers().begin(), prepared->network->layers().end(),
                                     [](const LayerComparison& figures, const Layer& layer) { return figures.layer == layer.name; });
        if (!same)
            return Error{ErrorCode::ModelInvalid, "the results are of another network", results.name};
        content.result = result(results.comparison);
        if (!results.comparison->histograms.empty())
            content.histograms = content.result;
    }
    if (results.histograms)
        content.histograms = result(results.histograms, results.histogramsFresh);
    if (results.diagnosis) {
        QS_TRY(const auto diagnosis, restoredDiagnosis(*results.diagnosis, *prepared, *quantized));
        content.diagnosis = {diagnosis, content.configuration, content.recordSerial, 0};
    }
    return content;
}

}  // namespace qs
