#include "core/export/exporter.h"

#include "core/base/file.h"
#include "core/export/amct.h"

#include <algorithm>
#include <array>

namespace qs {

namespace {

constexpr std::array table{
    Exporter{"amct", "AMCT for Caffe (HiSilicon SS928)", &planAmct},
};

}  // namespace

std::span<const Exporter> exporters()
{
    return table;
}

const Exporter* findExporter(std::string_view name)
{
    const auto found = std::find_if(table.begin(), table.end(), [name](const Exporter& exporter) { return name == exporter.name; });
    return found == table.end() ? nullptr : &*found;
}

Result<SaveType> saveTypeNamed(const std::string& name)
{
    if (name == "Both")
        return SaveType::Both;
    if (name == "Fakequant")
        return SaveType::FakeQuant;
    if (name == "Deploy")
        return SaveType::Deploy;
    return Error{ErrorCode::OutOfRange, "'" + name + "' is not one of Fakequant, Deploy, Both", "save_type"};
}

Result<void> writeExport(const ExportPlan& plan)
{
    std::vector<NewFile> files;
    for (const ExportFile& file : plan.files)
        files.push_back({file.path, file.content});
    return writeFiles(files);
}

}  // namespace qs
