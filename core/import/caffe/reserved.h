// Names and numbers of Caffe's description that no user's custom.proto may take, because a tool that works on the network has them.
#pragma once

#include <span>

namespace qs::caffe {

struct Reserved {
    const char* owner;  ///< the tool
    const char* file;   ///< its own custom.proto
    int firstNumber;    ///< of its layers' parameters
    std::span<const char*const> fields, messages;
};

/// Declared here, defined where the tool is at home (core/targets): the importer knows of none.
const Reserved& reserved();

}  // namespace qs::caffe
