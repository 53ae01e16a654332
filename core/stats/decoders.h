// Decoders: what makes boxes of the raw outputs of a detector that has no layer for it. A decoder is a name with options ("ssd sizes=10,16,24/32,48
// steps=8,16"), the same words on the command line, in the Data dialog and in the project.
//
// To add one: two functions and a row in decoder_rows.cpp, its line in resources/manual/*/data.md, its test.
#pragma once

#include "core/stats/detection.h"

#include <array>
#include <optional>
#include <string>

namespace qs {

struct BoxSize {
    double width = 0, height = 0;
    bool operator==(const BoxSize&) const = default;
};

/// What an output is to a decoder.
enum class HeadRole : uint8_t { Boxes, Scores, Objectness, Landmarks, Offsets };
constexpr size_t headRoles = 5;

enum class Activation : uint8_t { None, Sigmoid, Softmax };

/// Sizes are in pixels of the network's input.
struct DecoderSetting {
    std::string name;                         ///< of its row in the table
    std::vector<std::vector<BoxSize>> sizes;  ///< by feature map: SSD's priors, YOLO's anchors
    std::vector<double> steps;                ///< by feature map: pixels from cell to cell
    std::vector<double> variances{0.1, 0.2};  ///< of a prior's centre and of its size
    Activation activation = Activation::None;
    bool background = false;  ///< class 0 is none
    bool clip = true;         ///< priors are cut to the picture
    bool pixels = false;      ///< boxes are in pixels, else in shares of the picture (or in steps, where they are distances)
    double centre = 0.5;      ///< where in its cell a point stands
    double score = 0.05;      ///< boxes from this score on
    double overlap = 0.4;     ///< of two boxes of a class with more overlap the surer one stays
    int most = 200;           ///< boxes that are kept
    std::array<std::vector<std::string>, headRoles> outputs = {};  ///< by name; empty: found by name and shape
    bool operator==(const DecoderSetting&) const = default;
};

/// An output of the network, without its values.
struct HeadShape {
    std::string name;
    Shape shape;
    bool exponential = false;  ///< the network itself makes sizes of it: it is decoded
};

/// A decoder of the table.
struct DecoderInfo {
    const char* name;
    const char* meaning;   ///< English
    const char* defaults;  ///< options that it has unless told otherwise
};
std::vector<DecoderInfo> decoderTable();

/// Errors: UnknownKey, OutOfRange, MissingValue, with the word.
Result<DecoderSetting> decoderFromText(const std::string& text);
/// Only what differs from the decoder's defaults.
std::string decoderText(const DecoderSetting& setting);

/// What outputs of these names and shapes most likely are; nothing where no decoder fits. `input`: NCHW.
std::optional<DecoderSetting> proposedDecoder(std::span<const HeadShape> outputs, const Shape& input);

/// A decoder that fits a network.
class BoxDecoder {
public:
    /// Errors: ShapeMismatch and UnknownKey, naming the output.
    static Result<BoxDecoder> make(const DecoderSetting& setting, std::span<const HeadShape> outputs, const Shape& input);
    const DecoderSetting& setting() const { return m_setting; }
    /// Indices of the outputs of a role, by falling size of the feature map.
    const std::vector<size_t>& outputs(HeadRole role) const { return m_outputs[static_cast<size_t>(role)]; }
    /// Of all outputs of the network. Rows whose numbers are not finite are none. Errors: ShapeMismatch.
    Result<std::vector<DetectedBox>> boxes(std::span<const Buffer> outputs) const;

private:
    DecoderSetting m_setting;
    Shape m_input;
    std::vector<Shape> m_shapes;  ///< of all outputs
    std::array<std::vector<size_t>, headRoles> m_outputs;
};

}  // namespace qs
