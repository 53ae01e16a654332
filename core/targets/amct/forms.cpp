#include "core/targets/amct/forms.h"

#include "core/targets/amct/config_json.h"
#include "core/targets/amct/parameters.h"
#include "core/targets/amct/record_configuration.h"
#include "core/targets/amct/record_text.h"
#include "core/targets/amct/simple_config.h"

namespace qs {

const Forms amctForms{"AMCT",         &amctWords,           &ownAlgorithm,          &parameters,
                      &findParameter, &configurationToJson, &configurationFromJson, &configurationFromCfg,
                      &recordToText,  &recordFromText,      &readRecordFile,        &amct::configurationFromRecord};

}  // namespace qs
