#include "core/report/plots.h"

#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace qs::report {

namespace {

constexpr const char* textColor = "#1c1c1c";
constexpr const char* axisColor = "#6b6b6b";
constexpr const char* gridColor = "#d9d9d6";
constexpr const char* barColor = "#8fa3bf";
constexpr const char* limitColor = "#b86e00";

std::string number(double value)
{
    return fixedText(value, 2);
}

/// Attributes are numbers and colours of ours; text is escaped here.
class Svg {
public:
    Svg(int width, int height) : m_plot{{}, width, height}
    {
        const std::string size = std::to_string(width) + "\" height=\"" + std::to_string(height);
        m_plot.svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size + "\" viewBox=\"0 0 " + std::to_string(width) + " " +
                     std::to_string(height) + "\" font-family=\"sans-serif\" font-size=\"10\">";
    }
    void line(double x1, double y1, double x2, double y2, const char* color, double width = 1, bool dashed = false)
    {
        m_plot.svg += "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) + "\" stroke=\"" +
                      color + "\" stroke-width=\"" + number(width) + "\"" + (dashed ? " stroke-dasharray=\"4 3\"" : "") + "/>";
    }
    void box(double x, double y, double width, double height, const char* color)
    {
        m_plot.svg += "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" + number(height) +
                      "\" fill=\"" + color + "\"/>";
    }
    void disc(double x, double y, double radius, const char* color)
    {
        m_plot.svg += "<circle cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"" + number(radius) + "\" fill=\"" + color + "\"/>";
    }
    void path(const std::string& d, const char* color, bool dashed)
    {
        m_plot.svg +=
            "<path d=\"" + d + "\" fill=\"none\" stroke=\"" + color + "\" stroke-width=\"1.5\"" + (dashed ? " stroke-dasharray=\"4 3\"" : "") + "/>";
    }
    void area(const std::string& d, const char* color) { m_plot.svg += "<path d=\"" + d + "\" fill=\"" + color + "\"/>"; }
    void text(double x, double y, const std::string& words, const char* anchor = "start", double turn = 0, const char* color = axisColor)
    {
        const std::string place = number(x) + (turn != 0 ? " " : "\" y=\"") + number(y);
        m_plot.svg += turn != 0 ? "<text transform=\"translate(" + place + ") rotate(" + number(turn) + ")\"" : "<text x=\"" + place + "\"";
        m_plot.svg += std::string(" text-anchor=\"") + anchor + "\" fill=\"" + color + "\">" + escaped(words) + "</text>";
    }
    ReportPlot done() &&
    {
        m_plot.svg += "</svg>";
        return std::move(m_plot);
    }

private:
    ReportPlot m_plot;
};

/// Zero without a sign.
std::string general(double value)
{
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value + 0.0, std::chars_format::general, 4);
    return std::string(text, end.ptr);
}

/// A step of 1, 2 or 5 with about `count` of them in the span.
double niceStep(double span, int count)
{
    const double raw = std::max(span, 1e-12) / count;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (raw <= factor * power)
            return factor * power;
    return 10 * power;
}

std::string shortened(const std::string& name, size_t length)
{
    return name.size() <= length ? name : name.substr(0, length - 1) + "…";
}

}  // namespace

std::string escaped(const std::string& text)
{
    std::string safe;
    for (const char c : text)
        switch (c) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            case '\'':
                safe += "&#39;";
                break;
            default:
                // XML knows no other control characters.
                safe += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
        }
    return safe;
}

ReportPlot cosineBar(double cosine)
{
    constexpr int width = 64;
    constexpr int height = 9;
    // The window's steps: 0.9999, 0.999, 0.99, 0.95, 0.9.
    static constexpr std::pair<double, const char*> steps[] = {{0.9999, "#b3c4d8"}, {0.999, "#9fb2c6"}, {0.99, "#b9ad7a"},
                                                               {0.95, "#cb9f25"},   {0.9, "#d47d10"},   {-2, "#c44c02"}};
    Svg svg(width, height);
    svg.box(0, 0, width, height, "#eeeeec");
    const double wrong = std::isfinite(cosine) ? std::clamp(1 + std::log10(std::max(1 - cosine, 1e-7)) / 6, 0.0, 1.0) : 1;
    const auto* const step = std::find_if(std::begin(steps), std::prev(std::end(steps)), [&](const auto& s) { return cosine >= s.first; });
    if (wrong > 0)
        svg.box(0, 0, std::max(1.0, wrong * width), height, step->second);
    return std::move(svg).done();
}

ReportPlot profile(const std::vector<std::string>& names, const std::vector<Curve>& curves)
{
    constexpr int width = 760;
    constexpr int height = 270;
    constexpr double left = 52;
    constexpr double right = width - 10;
    constexpr double top = 24;
    constexpr double bottom = height - 86;
    double low = 1;
    for (const Curve& curve : curves)
        for (const double value : curve.values)
            if (std::isfinite(value))
                low = std::min(low, value);
    low = std::max(-1.0, low - std::max(1e-4, (1 - low) * 0.08));
    Svg svg(width, height);
    const auto x = [&](size_t i) {
        return names.size() < 2 ? (left + right) / 2 : left + (right - left) * static_cast<double>(i) / static_cast<double>(names.size() - 1);
    };
    const auto y = [&](double value) { return bottom - (bottom - top) * (value - low) / (1 - low); };
    const double step = niceStep(1 - low, 5);
    const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(step))), 1, 8);
    for (double tick = std::ceil(low / step) * step; tick <= 1 + step / 100; tick += step) {
        svg.line(left, y(tick), right, y(tick), gridColor);
        svg.text(left - 5, y(tick) + 3.5, fixedText(tick, digits), "end");
    }
    const size_t every = std::max<size_t>(1, (names.size() + 51) / 52);
    for (size_t i = 0; i < names.size(); i += every)
        svg.text(x(i) + 3, bottom + 10, shortened(names[i], 18), "end", -50);
    double legend = left;
    for (const Curve& curve : curves) {
        std::string d;
        for (size_t i = 0; i < curve.values.size(); ++i)
            if (std::isfinite(curve.values[i]))
                d += (d.empty() ? "M" : "L") + number(x(i)) + " " + number(y(curve.values[i]));
        svg.path(d, curve.color, curve.dashed);
        for (size_t i = 0; i < curve.values.size(); ++i)
            if (std::isfinite(curve.values[i]))
                svg.disc(x(i), y(curve.values[i]), names.size() > 120 ? 1 : 2, curve.color);
        svg.line(legend, 9, legend + 22, 9, curve.color, 1.5, curve.dashed);
        svg.text(legend + 27, 12.5, curve.name, "start", 0, textColor);
        legend += 150;
    }
    return std::move(svg).done();
}

ReportPlot sparkline(const Histogram& histogram, double low, double high)
{
    constexpr int width = 340;
    constexpr int height = 96;
    constexpr double base = height - 16;
    constexpr int bars = 170;
    Svg svg(width, height);
    const double from = histogram.minimum;
    const double span = histogram.maximum - from;
    if (histogram.width > 0 && histogram.total > 0 && span > 0) {
        std::vector<double> counts(bars, 0);
        for (size_t i = 0; i < histogram.counts.size(); ++i) {
            const double at = (histogram.lower + (static_cast<double>(i) + 0.5) * histogram.width - from) / span;
            counts[static_cast<size_t>(std::clamp(static_cast<int>(at * bars), 0, bars - 1))] += static_cast<double>(histogram.counts[i]);
        }
        const double most = std::log1p(*std::max_element(counts.begin(), counts.end()));
        std::string d = "M0 " + number(base);
        for (size_t i = 0; i < counts.size(); ++i) {
            const std::string y = number(base - (base - 10) * std::log1p(counts[i]) / most);
            d += "L" + number(2.0 * static_cast<double>(i)) + " " + y + "L" + number(2.0 * static_cast<double>(i + 1)) + " " + y;
        }
        svg.area(d + "L" + std::to_string(width) + " " + number(base) + "Z", barColor);
        if (low < high)
            for (const double limit : {low, high}) {
                // A limit outside what was seen stands at the edge.
                const double x = std::clamp((limit - from) / span, 0.0, 1.0) * (width - 2) + 1;
                svg.line(x, 2, x, base, limitColor, 1.5, true);
            }
    }
    svg.line(0, base, width, base, gridColor);
    svg.text(0, height - 4, general(histogram.minimum));
    svg.text(width, height - 4, general(histogram.maximum), "end");
    return std::move(svg).done();
}

ReportPlot front(const std::vector<ReportedPoint>& points, const std::string& costName, const std::string& accuracyName)
{
    constexpr int width = 520;
    constexpr int height = 240;
    constexpr double left = 60;
    constexpr double right = width - 12;
    constexpr double top = 20;
    constexpr double bottom = height - 34;
    Svg svg(width, height);
    const auto range = [&](double ReportedPoint::*member) {
        double low = points.front().*member;
        double high = low;
        for (const ReportedPoint& point : points) {
            low = std::min(low, point.*member);
            high = std::max(high, point.*member);
        }
        const double pad = high > low ? (high - low) * 0.05 : std::max(1e-6, std::abs(high) * 0.05);
        return std::pair{low - pad, high + pad};
    };
    const auto [lowCost, highCost] = range(&ReportedPoint::cost);
    const auto [lowAccuracy, highAccuracy] = range(&ReportedPoint::accuracy);
    const auto x = [&, lowest = lowCost, highest = highCost](double cost) { return left + (right - left) * (cost - lowest) / (highest - lowest); };
    const auto y = [&, lowest = lowAccuracy, highest = highAccuracy](double value) {
        return bottom - (bottom - top) * (value - lowest) / (highest - lowest);
    };
    const double stepX = niceStep(highCost - lowCost, 6);
    for (double tick = std::ceil(lowCost / stepX) * stepX; tick <= highCost; tick += stepX) {
        svg.line(x(tick), top, x(tick), bottom, gridColor);
        svg.text(x(tick), bottom + 13, general(tick), "middle");
    }
    const double stepY = niceStep(highAccuracy - lowAccuracy, 5);
    for (double tick = std::ceil(lowAccuracy / stepY) * stepY; tick <= highAccuracy; tick += stepY) {
        svg.line(left, y(tick), right, y(tick), gridColor);
        svg.text(left - 5, y(tick) + 3.5, general(tick), "end");
    }
    for (const ReportedPoint& point : points)
        svg.disc(x(point.cost), y(point.accuracy), 3.5, "#2f6fde");
    svg.text(left, 11, accuracyName, "start", 0, textColor);
    svg.text(right, height - 4, costName, "end", 0, textColor);
    return std::move(svg).done();
}

}  // namespace qs::report
