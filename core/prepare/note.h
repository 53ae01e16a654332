// What preparing a network and calibrating it remark: codes with arguments, so that the window can say them in its language.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace qs {

/// To add one: its sentence in note.cpp, its translation in the context "Note" (a test walks them).
enum class NoteCode : uint8_t {
    SkipsWithoutFusion,
    SkipsNothing,      ///< layer
    SearchIsLong,      ///< layer
    FirstHasCodebook,  ///< layer
    LastHasCodebook,   ///< layer
    NoBatchNorm,
    JointQuant,
    BatchNormRepeats,  ///< samples wanted, batch, samples there
};
constexpr size_t noteCount = static_cast<size_t>(NoteCode::BatchNormRepeats) + 1;

struct Note {
    NoteCode code;
    std::string layer = {};                   ///< that it is about; empty: the network. %1 of its sentence
    std::vector<std::string> arguments = {};  ///< %1... of a sentence about the network
    bool operator==(const Note&) const = default;
};

/// English, with %1, %2 for what it names.
const char* noteSentence(NoteCode code);
/// What stands for them.
std::vector<std::string> noteArguments(const Note& note);
std::string noteText(const Note& note);

}  // namespace qs
