#include "core/targets/open.h"

#include "core/targets/onnxruntime/given.h"
#include "core/targets/target.h"

namespace qs {

Result<OpenedNetwork> openNetwork(const ImportRequest& request)
{
    QS_TRY(auto model, importModel(request));
    return openedFrom(std::move(model));
}

Result<OpenedNetwork> openedFrom(std::shared_ptr<const Model> model)
{
    QS_TRY(auto given, givenQuantization(*model));
    if (given)
        return OpenedNetwork{std::move(given->network), std::move(given->configuration), std::move(given->record)};
    const Target& target = targetFor(*model);
    Configuration configuration = createQuantConfig(*model, 1, true, target.scheme());
    setTarget(configuration, target);
    return OpenedNetwork{std::move(model), std::move(configuration), std::nullopt};
}

}  // namespace qs
