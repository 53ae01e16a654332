// libFuzzer's entry; the target is chosen when the program is built.
#include "tests/fuzz/targets.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size)
{
    static const qs::fuzz::Target* const target = [] {
        for (const qs::fuzz::Target& candidate : qs::fuzz::targets())
            if (std::string_view(candidate.name) == QS_FUZZ_TARGET)
                return &candidate;
        std::abort();
    }();
    target->run({reinterpret_cast<const char*>(bytes), size});
    return 0;
}
