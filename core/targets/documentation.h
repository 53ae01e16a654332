// What each Caffe layer type means, which parameters it has and who defined it: for the program's help and `quantscope-cli ops`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qs {

struct TypeDocument {
    const char* type;        ///< as a prototxt or, for ops without a Caffe type, the program writes it
    const char* meaning;     ///< one line, English
    const char* message;     ///< the parameters' field of LayerParameter; "" without
    const char* parameters;  ///< "name" or "name = default", separated by "; "
    const char* source;      ///< "BVLC Caffe", "SSD fork"...; "own definition" where nothing public says what it is
};

struct ParameterDocument {
    std::string name;
    std::string fallback;  ///< empty: required, or none
};

/// All ops of ops/ops.cpp, and the types that importers leave out or turn into something else; by family, as the table there.
std::span<const TypeDocument> typeDocuments();
/// Null when the type is not known.
const TypeDocument* findTypeDocument(std::string_view type);
std::vector<ParameterDocument> parametersOf(const TypeDocument& document);
/// "runs", "drawn, not run", "becomes an input", "left out".
std::string stateText(const TypeDocument& document);

}  // namespace qs
