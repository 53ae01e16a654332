// The causes that a diagnosis knows: rules over the figures of a layer's channels, each with a number as evidence.
//
// To add one: its row in causes.cpp, with a function that finds where it holds; its Chinese sentence and definition in the context "Causes" of
// translations; its line in resources/manual/<language>/finding-the-layer.md; its test.
#pragma once

#include "core/jobs/diagnose.h"

#include <functional>
#include <span>

namespace qs {

/// What may help: how each changes a setting is remedies.h.
enum class Remedy : uint8_t {
    NoClipping,      ///< limits that hold everything that was seen
    Percentile,      ///< 0.9999 of the values
    Calibrators,     ///< each of the others
    WithOffset,      ///< asymmetric
    WithoutOffset,   ///< symmetric
    PerChannel,      ///< a scale for each channel of the weights
    Equalize,        ///< the ranges of its channels shared with the layer before
    AdaRound,        ///< learned roundings of the weights
    BiasCorrection,  ///< the mean error taken out of the bias
    Wider,           ///< the scheme's wider activations
    Float,           ///< not quantized
};

/// What a rule looks at: a layer, its figures, and those of the layers before it (their causes are not known yet).
struct CauseInput {
    const PreparedNetwork& prepared;
    const QuantizedNetwork& quantized;
    const Diagnosis& diagnosis;
    const LayerDiagnosis& figures;
    LayerId layer;  ///< in prepared.network
};
using CauseFound = std::function<void(Cause)>;

struct CauseRule {
    const char* id;
    const char* label;       ///< a word or two, English
    const char* text;        ///< one English sentence; %1 is the place, %2... are Cause::arguments
    const char* definition;  ///< what is measured, and from which value on it is said
    std::span<const Remedy> remedies;
    void (*find)(const CauseInput& input, const CauseFound& found);
};

std::span<const CauseRule> causeRules();
/// In the order of the rules.
std::vector<Cause> findCauses(const CauseInput& input);
/// The rule's sentence, in English.
std::string causeText(const Cause& cause);

}  // namespace qs
