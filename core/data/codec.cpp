#include "core/data/codec.h"

#include "core/base/module.h"

#include <mutex>

namespace qs {

Result<PictureCodec*> pictureCodec()
{
    static std::mutex mutex;
    static PictureCodec* opened = nullptr;
    const std::lock_guard lock(mutex);
    if (!opened) {
        QS_TRY(void* symbol, openModule("libquantscope_pictures.so", "quantscopePictureCodec", "QUANTSCOPE_PICTURES"));
        using Get = PictureCodec* (*)();
        opened = reinterpret_cast<Get>(symbol)();
    }
    return opened;
}

}  // namespace qs
