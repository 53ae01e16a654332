#include "core/report/report.h"

#include "core/base/file.h"
#include "core/report/plots.h"
#include "tests/support/networks.h"
#include "tests/support/toy_model.h"

#include <regex>

namespace qs {

namespace {

/// A network with hostile names, quantized with made-up factors and compared with made-up figures.
struct Sample {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const PreparedNetwork> prepared;
    std::shared_ptr<const QuantizedNetwork> quantized;
    Comparison comparison;
    ReportSource source;

    Sample()
    {
        ModelBuilder builder("a <b> & \"c\"", "caffe");
        const std::string convolution = "<script>alert('x')</script>";
        const ValueId conv = addToyConvolution(builder, convolution, addToyInput(builder));
        builder.addLayer(toyLayer(builder, "prob\x01&", "Softmax", {conv}));
        auto built = std::move(builder).build();
        EXPECT_TRUE(built.ok());
        model = *built;
        Configuration configuration = createQuantConfig(*model);
        configuration.layers.at(convolution).activations[0].bits = 12;
        prepared = *prepareNetwork(model, configuration);
        QuantRecord record;
        record.layers[convolution].inputs.push_back({.port = 0, .params = {.scale = 0.125F, .offset = -3, .bits = 12}});
        record.layers[convolution].weightScales = {0.1F, 0.1F, 0.1F, 0.1F};
        quantized = *quantizeNetwork(*prepared, record);
        comparison.samples = 3;
        for (const Layer& l : prepared->network->layers()) {
            LayerComparison figures;
            figures.layer = l.name;
            figures.run = true;
            figures.local.cosine = 0.98765;
            figures.cumulative.cosine = 0.9999876;
            figures.cumulative.sqnrDb = std::numeric_limits<double>::infinity();
            comparison.layers.push_back(figures);
        }
        comparison.outputs.push_back({"out<put>", {}});
        comparison.histograms.push_back({convolution, 0, {-1, 0.5, {3, 0, 8, 1}, 12, -1, 1}, {}});
        comparison.classification = {.valid = true, .labelled = true, .floatTop1 = 0.97, .quantizedTop1 = 0.86, .agreement = 0.865};
        source.branch = "a&b";
        source.program = "Quantscope";
        source.date = "today";
        source.model = "/x/<net>.prototxt";
        source.prepared = prepared.get();
        source.quantized = quantized.get();
        source.comparison = &comparison;
        source.diagnosis = {{.layer = convolution, .local = 0.93, .causes = "channel 3 <wide>", .remedy = "12 & more", .localThen = 0.9996},
                            {.layer = "prob\x01&", .local = 0.99}};
        source.searched = {{0.5, 0.99, "dw4 > 16"}, {1, 0.995, "all"}};
    }
};

/// Tags balance, attributes are quoted, entities are known: what an XML parser asks for.
void expectWellFormed(const std::string& html)
{
    std::vector<std::string> open;
    size_t at = html.find("<html");
    ASSERT_NE(at, std::string::npos);
    while (at != std::string::npos) {
        const size_t end = html.find('>', at);
        ASSERT_NE(end, std::string::npos);
        const std::string tag = html.substr(at + 1, end - at - 1);
        ASSERT_EQ(std::count(tag.begin(), tag.end(), '"') % 2, 0) << tag;
        ASSERT_EQ(tag.find('<'), std::string::npos) << tag;
        const std::string name = tag.substr(tag[0] == '/', tag.find_first_of(" /", 1) - (tag[0] == '/'));
        if (tag[0] == '/') {
            ASSERT_FALSE(open.empty()) << tag;
            ASSERT_EQ(open.back(), tag.substr(1));
            open.pop_back();
        } else if (tag.back() != '/')
            open.push_back(name);
        at = html.find('<', end);
    }
    EXPECT_TRUE(open.empty());
    const std::regex ampersand("&(?!amp;|lt;|gt;|quot;|#39;)");
    EXPECT_FALSE(std::regex_search(html, ampersand));
    for (const char c : html)
        ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << static_cast<int>(c);
}

void expectSelfContained(std::string html)
{
    // The names of the two vocabularies are no references.
    html = std::regex_replace(html, std::regex(" xmlns=\"[^\"]*\""), "");
    for (const char* outside : {"http:", "https:", "href", "src=", "url(", "@import", "<script", "<link"})
        EXPECT_EQ(html.find(outside), std::string::npos) << outside;
}

}  // namespace

TEST(Report, IsWellFormedSelfContainedAndEscaped)
{
    const Sample sample;
    const std::string html = reportHtml(sample.source);
    expectWellFormed(html);
    expectSelfContained(html);
    for (const char* text : {"a &lt;b&gt; &amp; &quot;c&quot;", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", "prob &amp;", "branch a&amp;b",
                             "out&lt;put&gt;", "dw4 &gt; 16", "channel 3 &lt;wide&gt;", "12 &amp; more", "no cause that is known",
                             "/x/&lt;net&gt;.prototxt", "A12 W8 ARQ", "0.999988", "0.987650", "∞", "97.0 % → 86.0 %", "activation.num_bits"})
        EXPECT_NE(html.find(text), std::string::npos) << text;
    for (const auto& [name, text] : metricDefinitions())
        EXPECT_NE(html.find("<td>" + name + "</td>"), std::string::npos);
}

TEST(Report, SaysWhatThereIsNot)
{
    Sample sample;
    sample.source.comparison = nullptr;
    sample.source.searched.clear();
    const std::string html = reportHtml(sample.source);
    expectWellFormed(html);
    EXPECT_NE(html.find("Not compared"), std::string::npos);
    EXPECT_EQ(html.find("What was searched"), std::string::npos);
    EXPECT_EQ(html.find("<svg"), std::string::npos);
    EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
}

TEST(Report, PlotsStandApartOnPaper)
{
    const Sample sample;
    const PaperReport report = paperReport(sample.source);
    expectWellFormed(report.html);
    EXPECT_EQ(report.html.find("<svg"), std::string::npos);
    // Profile, histogram, front, and two bars for each of two layers.
    ASSERT_EQ(report.plots.size(), 7U);
    for (size_t i = 0; i < report.plots.size(); ++i) {
        EXPECT_NE(report.html.find("plot:" + std::to_string(i) + "\""), std::string::npos);
        expectSelfContained(report.plots[i].svg);
    }
}

/// 0.9 is a tenth wrong: one of the six decades that the bar has is missing.
TEST(Report, ABarIsAsLongAsTheErrorIsLarge)
{
    const std::string bar = report::cosineBar(0.9).svg;
    EXPECT_NE(bar.find("width=\"53.33\" height=\"9.00\" fill=\"#d47d10\""), std::string::npos) << bar;
    EXPECT_NE(report::cosineBar(0).svg.find("width=\"64.00\" height=\"9.00\" fill=\"#c44c02\""), std::string::npos);
    EXPECT_EQ(report::cosineBar(1).svg.find("#b3c4d8"), std::string::npos);
}

TEST(Report, EveryWordIsInTheTable)
{
    // Another language leaves no English behind: each word of the table that the report uses is replaced.
    Sample sample;
    for (const char* word : reportWords())
        sample.source.words.emplace(word, "~");
    const std::string html = reportHtml(sample.source);
    sample.source.comparison = nullptr;
    const std::string bare = reportHtml(sample.source);
    for (const std::string& text : {html, bare})
        for (const char* english : {">Layer<", ">Network<", ">Reason<", "Not compared", "create_quant_config", "agreement", ">Worst", ">Cost"})
            EXPECT_EQ(text.find(english), std::string::npos) << english;
    const auto source = readFile(std::string(QS_SOURCE_DIR) + "/core/report/report.cpp");
    ASSERT_TRUE(source.ok());
    const std::regex call("(?:say|plain|section|fact)\\(\\s*\"([^\"]*)\"");
    int found = 0;
    for (std::sregex_iterator it(source->begin(), source->end(), call), end; it != end; ++it, ++found)
        EXPECT_TRUE(std::any_of(reportWords().begin(), reportWords().end(), [&](const char* word) { return (*it)[1].str() == word; })) << (*it)[1];
    EXPECT_GT(found, 50);
}

}  // namespace qs
