// For tests/kill_writers: saves one of two projects.
//   save_project FILE old|new
#include "core/project/project.h"

#include <cstdio>
#include <string>

namespace qs {

namespace {

/// Of a large network, so that the file takes a while to write.
Project projectWith(bool activationOffset)
{
    Project project;
    project.model = "/nowhere/large.prototxt";
    project.configuration.activationOffset = activationOffset;
    for (int i = 0; i < 4000; ++i)
        project.configuration.layers["conv" + std::to_string(i)].weights = WeightSetting{};
    return project;
}

}  // namespace

}  // namespace qs

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fprintf(stderr, "usage: save_project FILE old|new\n");
        return 2;
    }
    const auto saved = qs::saveProject(qs::projectWith(std::string(argv[2]) == "old"), argv[1]);
    if (!saved)
        std::fprintf(stderr, "%s\n", errorText(saved.error()).c_str());
    return saved ? 0 : 1;
}
