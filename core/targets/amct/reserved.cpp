#include "core/import/caffe/reserved.h"

#include <array>

namespace qs::caffe {

namespace {

/// The manual names the first; the others are those of its messages (INFERRED: by Caffe's way to name them).
constexpr std::array fields{
    "quant_param", "dequant_param", "ifmr_param", "lstm_quant_param", "search_n_param", "retrain_data_quant_param", "retrain_weight_quant_param"};

/// As the manual lists them.
constexpr std::array messages{"QuantParameter",
                              "DeQuantParameter",
                              "IFMRParameter",
                              "LSTMQuantParameter",
                              "SearchNParameter",
                              "RetrainDataQuantParameter",
                              "RetrainWeightQuantParameter",
                              "SingleLayerRecord",
                              "ScaleOffsetRecord"};

}  // namespace

const Reserved& reserved()
{
    static constexpr Reserved amct{"AMCT", "amct_custom.proto", 200000, fields, messages};
    return amct;
}

}  // namespace qs::caffe
