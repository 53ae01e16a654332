#include "core/export/uninplace.h"

#include "core/import/caffe/document.h"
#include "core/import/caffe/read.h"

#include <algorithm>
#include <map>
#include <set>

namespace qs {

Result<std::string> uninplacedNet(const Model& model)
{
    const auto* document = dynamic_cast<const CaffeDocument*>(model.source().get());
    if (!document)
        return Error{ErrorCode::NotSupported, "only Caffe networks have in-place layers", model.name()};
    quantscope_caffe::NetParameter net = document->net;
    net.clear_layer();
    std::set<std::string> taken(net.input().begin(), net.input().end());
    for (const auto& layer : document->net.layer())
        taken.insert(layer.top().begin(), layer.top().end());
    std::map<std::string, std::string> current;  // a blob of the source: what it is called now
    for (const auto& layer : document->net.layer()) {
        if (!caffe::includedInTest(layer, document->net))
            continue;
        auto& out = *net.add_layer();
        out = layer;
        for (int i = 0; i < out.bottom_size(); ++i)
            if (const auto renamed = current.find(out.bottom(i)); renamed != current.end())
                out.set_bottom(i, renamed->second);
        for (int i = 0; i < out.top_size(); ++i) {
            const bool inPlace = std::find(layer.bottom().begin(), layer.bottom().end(), layer.top(i)) != layer.bottom().end();
            if (!inPlace) {
                current.erase(layer.top(i));
                continue;
            }
            std::string name = layer.name();
            for (int suffix = 2; !taken.insert(name).second; ++suffix)
                name = layer.name() + "_" + std::to_string(suffix);
            current[layer.top(i)] = name;
            out.set_top(i, name);
        }
    }
    return caffeNetText(net, document);
}

}  // namespace qs
