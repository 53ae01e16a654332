#include "tests/support/demo_pictures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace qs::demo {

namespace {

struct Point {
    double x = 0;
    double y = 0;
};
using Outline = std::vector<Point>;

constexpr double pi = std::numbers::pi;
constexpr int subsamples = 2;  ///< a pixel's side

Outline circle()
{
    Outline outline;
    for (int i = 0; i < 28; ++i)
        outline.push_back({0.85 * std::cos(2 * pi * i / 28), 0.85 * std::sin(2 * pi * i / 28)});
    return outline;
}

Outline star()
{
    Outline outline;
    for (int i = 0; i < 10; ++i) {
        const double radius = i % 2 == 0 ? 1 : 0.42;
        outline.push_back({radius * std::sin(pi * i / 5), -radius * std::cos(pi * i / 5)});
    }
    return outline;
}

Outline moon()
{
    Outline outline;
    for (int i = -12; i <= 12; ++i)
        outline.push_back({0.9 * std::cos(pi + i * pi / 17), 0.9 * std::sin(pi + i * pi / 17)});
    for (int i = 12; i >= -12; --i)
        outline.push_back({0.45 + 0.85 * std::cos(pi + i * pi / 22), 0.72 * std::sin(pi + i * pi / 22)});
    return outline;
}

Outline heart()
{
    Outline outline;
    for (int i = 0; i < 32; ++i) {
        const double t = 2 * pi * i / 32;
        outline.push_back({0.95 * std::pow(std::sin(t), 3), -(13 * std::cos(t) - 5 * std::cos(2 * t) - 2 * std::cos(3 * t) - std::cos(4 * t)) / 17});
    }
    return outline;
}

struct Glyph {
    const char* name;
    Outline outline;
};

const std::array<Glyph, 10>& glyphs()
{
    static const std::array<Glyph, 10> all{{
        {"circle", circle()},
        {"square", {{-0.75, -0.75}, {0.75, -0.75}, {0.75, 0.75}, {-0.75, 0.75}}},
        {"triangle", {{0, -0.95}, {0.9, 0.75}, {-0.9, 0.75}}},
        {"diamond", {{0, -1}, {0.65, 0}, {0, 1}, {-0.65, 0}}},
        {"star", star()},
        {"cross", {{-0.3, -0.9}, {0.3, -0.9}, {0.3, -0.3}, {0.9, -0.3}, {0.9, 0.3}, {0.3, 0.3}, {0.3, 0.9}, {-0.3, 0.9}, {-0.3, 0.3}, {-0.9, 0.3}, {-0.9, -0.3}, {-0.3, -0.3}}},
        {"arrow", {{0, -1}, {0.8, -0.1}, {0.3, -0.1}, {0.3, 0.95}, {-0.3, 0.95}, {-0.3, -0.1}, {-0.8, -0.1}}},
        {"moon", moon()},
        {"heart", heart()},
        {"bolt", {{0.25, -1}, {-0.65, 0.15}, {-0.05, 0.15}, {-0.3, 1}, {0.65, -0.25}, {0.05, -0.25}}},
    }};
    return all;
}

bool inside(const Outline& outline, double x, double y)
{
    bool result = false;
    for (size_t i = 0, j = outline.size() - 1; i < outline.size(); j = i++) {
        const Point& a = outline[i];
        const Point& b = outline[j];
        if ((a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x)
            result = !result;
    }
    return result;
}

class Painter {
public:
    explicit Painter(std::mt19937_64& random) : m_random(random) {}

    std::vector<uint8_t> draw(const Outline& shape)
    {
        const Outline outer = placed(shape);
        const Outline inner = uniform(0, 1) < 0.25 ? shrunk(outer, uniform(0.4, 0.6)) : Outline{};
        const double paper = uniform(30, 225);
        // Dark on light or light on dark, wherever there is room.
        const double contrast = uniform(60, 130);
        const double ink = paper + (paper > 128 ? -contrast : contrast);
        const double slopeX = uniform(-0.9, 0.9);
        const double slopeY = uniform(-0.9, 0.9);
        const double noise = uniform(4, 15);
        std::vector<double> picture(pictureSize);
        for (int row = 0; row < pictureSide; ++row)
            for (int column = 0; column < pictureSide; ++column) {
                const double share = covered(outer, column, row) - (inner.empty() ? 0 : covered(inner, column, row));
                picture[static_cast<size_t>(row * pictureSide + column)] =
                    paper + share * (ink - paper) + slopeX * (column - pictureSide / 2) + slopeY * (row - pictureSide / 2);
            }
        scratch(picture, paper, ink);
        std::vector<uint8_t> pixels(picture.size());
        for (size_t i = 0; i < picture.size(); ++i)
            pixels[i] = static_cast<uint8_t>(std::clamp(std::lround(picture[i] + noise * gaussian()), 0L, 255L));
        return pixels;
    }

private:
    // The standard's distributions differ between libraries; these do not.
    double uniform(double low, double high) { return low + (high - low) * static_cast<double>(m_random() >> 11) * 0x1p-53; }
    double gaussian() { return (uniform(0, 1) + uniform(0, 1) + uniform(0, 1) + uniform(0, 1) - 2) * std::numbers::sqrt3; }

    /// Stretched, sheared, turned, bent and moved into the picture; long edges are divided so that they can bend.
    Outline placed(const Outline& shape)
    {
        const double angle = uniform(-0.45, 0.45);
        const double size = uniform(7.5, 13);
        const double stretch = uniform(0.8, 1.25);
        const double shear = uniform(-0.25, 0.25);
        const double bend = uniform(0, 0.12);
        const double phase = uniform(0, 2 * pi);
        const double centreX = pictureSide / 2.0 + uniform(-4, 4);
        const double centreY = pictureSide / 2.0 + uniform(-4, 4);
        Outline outline;
        for (size_t i = 0; i < shape.size(); ++i) {
            const Point& a = shape[i];
            const Point& b = shape[(i + 1) % shape.size()];
            const int steps = std::max(1, static_cast<int>(std::hypot(b.x - a.x, b.y - a.y) / 0.4));
            for (int step = 0; step < steps; ++step) {
                const double t = static_cast<double>(step) / steps;
                const double x = a.x + t * (b.x - a.x) + bend * std::sin(3 * (a.y + t * (b.y - a.y)) + phase);
                const double y = a.y + t * (b.y - a.y) + bend * std::cos(3 * (a.x + t * (b.x - a.x)) + phase);
                const double u = (x + shear * y) * stretch;
                const double v = y / stretch;
                outline.push_back({centreX + size * (u * std::cos(angle) - v * std::sin(angle)), centreY + size * (u * std::sin(angle) + v * std::cos(angle))});
            }
        }
        return outline;
    }
    static Outline shrunk(Outline outline, double factor)
    {
        Point centre;
        for (const Point& point : outline)
            centre = {centre.x + point.x / static_cast<double>(outline.size()), centre.y + point.y / static_cast<double>(outline.size())};
        for (Point& point : outline)
            point = {centre.x + factor * (point.x - centre.x), centre.y + factor * (point.y - centre.y)};
        return outline;
    }
    static double covered(const Outline& outline, int column, int row)
    {
        int hits = 0;
        for (int i = 0; i < subsamples * subsamples; ++i)
            hits += inside(outline, column + (i % subsamples + 0.5) / subsamples, row + (i / subsamples + 0.5) / subsamples);
        return static_cast<double>(hits) / (subsamples * subsamples);
    }
    /// Up to two thin lines across the picture.
    void scratch(std::vector<double>& picture, double paper, double ink)
    {
        for (auto left = static_cast<int>(uniform(0, 3)); left > 0; --left) {
            const double angle = uniform(0, pi);
            const double distance = uniform(-12, 12);
            const double tone = paper + uniform(-0.8, 0.8) * (ink - paper);
            for (int i = 0; i < pictureSize; ++i) {
                const double x = i % pictureSide - pictureSide / 2.0 + 0.5;
                const double y = i / pictureSide - pictureSide / 2.0 + 0.5;
                if (std::fabs(x * std::cos(angle) + y * std::sin(angle) - distance) < 0.6)
                    picture[static_cast<size_t>(i)] = tone;
            }
        }
    }

    std::mt19937_64& m_random;
};

}  // namespace

std::span<const char* const> classNames()
{
    static const std::vector<const char*> names = [] {
        std::vector<const char*> all;
        for (const Glyph& glyph : glyphs())
            all.push_back(glyph.name);
        return all;
    }();
    return names;
}

std::vector<uint8_t> drawGlyph(int glyph, std::mt19937_64& random)
{
    return Painter(random).draw(glyphs()[static_cast<size_t>(glyph)].outline);
}

}  // namespace qs::demo
