#include "core/prepare/note.h"

#include "core/base/text.h"

namespace qs {

const char* noteSentence(NoteCode code)
{
    switch (code) {
        case NoteCode::SkipsWithoutFusion:
            return "skip_fusion_layers has no effect: do_fusion is false";
        case NoteCode::SkipsNothing:
            return "skip_fusion_layers names '%1', which would not be fused anyway";
        case NoteCode::SearchIsLong:
            return "layer '%1' asks for more than 100000 search iterations (search_range / search_step): that takes long";
        case NoteCode::FirstHasCodebook:
            return "layer '%1' is the first with weights: the manual keeps it on arq_quantize, 4 bits cost much accuracy there";
        case NoteCode::LastHasCodebook:
            return "layer '%1' is the last with weights: the manual keeps it on arq_quantize, 4 bits cost much accuracy there";
        case NoteCode::NoBatchNorm:
            return "update_bn has no effect: the network has no BatchNorm";
        case NoteCode::JointQuant:
            return "joint_quant is kept in the file and has no effect: the manual does not say what it does";
        case NoteCode::BatchNormRepeats:
            return "update_bn takes %1 samples (bn_update_iterations times batch %2), there are %3: behind the last one it starts again from the "
                   "first";
    }
    return "";
}

std::vector<std::string> noteArguments(const Note& note)
{
    return note.layer.empty() ? note.arguments : std::vector<std::string>{note.layer};
}

std::string noteText(const Note& note)
{
    return withArguments(noteSentence(note.code), noteArguments(note));
}

}  // namespace qs
