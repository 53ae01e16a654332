#include "core/data/codec.h"

#include "core/base/module.h"

#include <mutex>
#include <optional>

namespace qs {

Result<PictureCodec*> pictureCodec()
{
    static std::mutex mutex;
    static std::optional<Result<PictureCodec*>> opened;
    const std::lock_guard lock(mutex);
    // A failure is kept as well: each of ten thousand pictures would try again, a tenth of a second each.
    if (!opened) {
        const auto symbol = openModule("libquantscope_pictures.so", "quantscopePictureCodec", "QUANTSCOPE_PICTURES");
        using Get = PictureCodec* (*)();
        opened = symbol ? Result<PictureCodec*>(reinterpret_cast<Get>(*symbol)()) : Result<PictureCodec*>(symbol.error());
    }
    return *opened;
}

}  // namespace qs
