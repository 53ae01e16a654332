#include "app/cli/command.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/codec.h"
#include "core/jobs/compare.h"
#include "core/jobs/samples.h"

#include <algorithm>
#include <array>

namespace qs::cli {

namespace {

struct Options {
    ModelOptions model;
    DataOptions data;
    std::string folder;
    BoxRule rule;
    bool json = false;
};

struct Picture {
    std::string name;
    std::vector<DetectedBox> floating;
    std::vector<DetectedBox> quantized;
    BoxMatches matches;
};

/// Float green, quantized orange, on the picture as the network gets it, enlarged so that the numbers can be read.
Result<void> draw(const Buffer& picture, const Picture& boxes, const std::filesystem::path& file)
{
    QS_TRY(PictureCodec * codec, pictureCodec());
    constexpr int64_t widest = 640;
    const int64_t factor = std::max<int64_t>(1, widest / std::max<int64_t>(picture.shape()[1], 1));
    const auto height = static_cast<int>(picture.shape()[0] * factor);
    const auto width = static_cast<int>(picture.shape()[1] * factor);
    std::vector<PictureBox> drawn;
    const auto add = [&](const std::vector<DetectedBox>& list, std::array<uint8_t, 3> color, const char* word, bool below) {
        for (const DetectedBox& box : list)
            drawn.push_back({box.x1 * static_cast<float>(width), box.y1 * static_cast<float>(height), box.x2 * static_cast<float>(width),
                             box.y2 * static_cast<float>(height), color, word + std::string(" ") + fixedText(static_cast<double>(box.score), 2),
                             below});
    };
    add(boxes.floating, {0, 200, 0}, "float", false);
    add(boxes.quantized, {255, 140, 0}, "int8", true);
    QS_TRY(const std::string png, codec->encodePng(codec->drawBoxes(codec->resize(picture, width, height), drawn)));
    return writeFile(file, png);
}

Json describe(const std::vector<DetectedBox>& boxes)
{
    Json list = Json::array();
    for (const DetectedBox& box : boxes) {
        list.push_back(Json{{"label", box.label}, {"score", box.score}, {"box", {box.x1, box.y1, box.x2, box.y2}}});
        if (!box.landmarks.empty())
            list.back()["landmarks"] = box.landmarks;
    }
    return list;
}

Result<void> run(const Program& program, const Options& options, const JobContext& job)
{
    QS_TRY(const Session session, openSession(program, options.model, options.data, job));
    const Model& network = *session.solved.quantized->network;
    QS_TRY(const Reading reading, readingOf(network, {OutputKind::Boxes, session.spec.data->spec().outputs.decoder}));
    LayerRunner runner(session.engine, session.solved.quantized->network);
    LayerRunner floatRunner(session.engine, session.spec.prepared->network);
    DetectionScore score(options.rule.overlap);
    Json json{{"pictures", Json::array()}};
    std::vector<std::vector<std::string>> rows{{"picture", "float", "quantized", "matched", "missed", "extra", "drawn"}};
    size_t matched = 0, missed = 0, extra = 0;
    for (int i = 0; i < session.spec.data->size(); ++i) {
        job.report(static_cast<double>(i) / session.spec.data->size(), Phase::Sample, {session.spec.data->sampleName(i)});
        Forward forward;
        QS_TRY(forward.inputs, inputTensors(*session.spec.prepared->network, *session.spec.data, i, floatRunner.pool()));
        QS_TRY(const std::vector<Tensor> floating, Evaluator(floatRunner).run(forward, job));
        QS_TRY(forward.inputs, inputTensors(network, *session.spec.data, i, runner.pool()));
        forward.quantization = &session.solved.quantized->layers;
        QS_TRY(const std::vector<Tensor> quantized, Evaluator(runner).run(forward, job));
        QS_TRY(const std::vector<DetectedBox> floatBoxes, boxesIn(reading, buffersFrom(floating)));
        QS_TRY(const std::vector<DetectedBox> quantizedBoxes, boxesIn(reading, buffersFrom(quantized)));
        Picture picture{
            session.spec.data->sampleName(i), boxesAbove(floatBoxes, options.rule.score), boxesAbove(quantizedBoxes, options.rule.score), {}};
        picture.matches = matchBoxes(picture.floating, picture.quantized, options.rule.overlap);
        // The float network's confident boxes are the truth; all of the quantized ones, ranked by score, are judged.
        score.add(picture.floating, quantizedBoxes);
        matched += picture.matches.matched.size();
        missed += picture.matches.missed.size();
        extra += picture.matches.extra.size();
        std::string file;
        QS_TRY(const Buffer pixels, session.spec.data->picture(i));
        if (!pixels.empty()) {
            file = (std::filesystem::path(options.folder) / (fileNameOf(std::filesystem::path(picture.name).filename().string()) + ".png")).string();
            QS_CHECK(draw(pixels, picture, file));
        }
        json["pictures"].push_back(Json{{"name", picture.name},
                                        {"float", describe(picture.floating)},
                                        {"quantized", describe(picture.quantized)},
                                        {"matched", picture.matches.matched.size()},
                                        {"missed", picture.matches.missed.size()},
                                        {"extra", picture.matches.extra.size()}});
        rows.push_back({picture.name, std::to_string(picture.floating.size()), std::to_string(picture.quantized.size()),
                        std::to_string(picture.matches.matched.size()), std::to_string(picture.matches.missed.size()),
                        std::to_string(picture.matches.extra.size()), file});
    }
    if (options.json) {
        json["matched"] = matched;
        json["missed"] = missed;
        json["extra"] = extra;
        json["mAP"] = score.meanAveragePrecision();
        printText(jsonText(json));
        return {};
    }
    printText(table(rows));
    say("%d pictures, boxes from score %s: matched %zu, missed %zu, extra %zu\nmAP@%s of the quantized network, float as reference: %.4f\n",
        session.spec.data->size(), numberText(options.rule.score).c_str(), matched, missed, extra, numberText(options.rule.overlap).c_str(),
        score.meanAveragePrecision());
    return {};
}

}  // namespace

void addDetect(Program& program)
{
    auto options = std::make_shared<Options>();
    CLI::App* command = program.app.add_subcommand("detect", "Boxes of float and quantized, matched and drawn on the pictures");
    addModelOptions(*command, options->model, true, true);
    command->add_option("-o,--output", options->folder, "folder for the pictures")->required();
    addBoxRule(*command, options->rule);
    command->add_flag("--json", options->json, "as JSON");
    addPartialOption(*command, options->model);
    addDataOptions(*command, options->data);
    setAction(program, *command, options, run);
}

}  // namespace qs::cli
