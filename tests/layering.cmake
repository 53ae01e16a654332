# Who may include whom. The rules stand here and nowhere else: a room and the rooms that its files may include.
set(RULES
  "core/base|core/base"
  "core/ir|core/base core/ir core/ops"
  "core/ops|core/base core/ir core/ops"
  "core/passes|core/base core/ir core/ops core/passes"
  "core/import|core/base core/ir core/ops core/quant core/import core/proto core/data"
  "core/quant|core/base core/ir core/ops core/quant"
  "core/stats|core/base core/quant core/stats"
  "core/calib|core/base core/ir core/ops core/quant core/stats core/calib"
  "core/prepare|core/base core/ir core/ops core/passes core/quant core/calib core/prepare"
  "core/data|core/base core/ir core/stats core/data core/import core/proto"
  "core/engine|core/base core/ir core/ops core/quant core/data core/engine"
  "core/jobs|core/base core/ir core/ops core/quant core/stats core/calib core/prepare core/data core/engine core/jobs"
  "core/export|core/base core/ir core/ops core/quant core/prepare core/data core/import core/export core/proto"
  "core/targets|core/base core/ir core/ops core/quant core/stats core/prepare core/data core/engine core/jobs core/import core/export core/proto core/targets"
  "core/project|core/base core/ir core/quant core/stats core/prepare core/data core/engine core/jobs core/targets core/project core/proto"
  "core/report|core/base core/ir core/ops core/quant core/stats core/prepare core/data core/engine core/jobs core/project core/report"
  "core|core"
  "widgets|core widgets"
  "app/common|core app/common"
  "app/cli|core app/common app/cli"
  "app|core widgets app")

# Headers that only one folder may see.
set(ONLY
  "<(Q[A-Z][A-Za-z]*|Qt[A-Z][A-Za-z/]*)>|^(widgets|app/(session|commands|views|window|dialogs|main|common/qt))"
  "<(ATen|torch|c10|caffe2|tbb)[./]|^core/(engine/kernels|import/torchscript/reader)/"
  "core/engine/kernels/|^core/engine/kernels/"
  "<opencv2/|^core/data/codec/"
  "<lmdb.h>|^core/data/lmdb.cpp"
  "qcustomplot.h|^widgets/plots/")

file(GLOB_RECURSE FILES RELATIVE ${ROOT} ${ROOT}/core/*.h ${ROOT}/core/*.cpp ${ROOT}/widgets/*.h ${ROOT}/widgets/*.cpp ${ROOT}/app/*.h ${ROOT}/app/*.cpp)
set(BROKEN 0)
foreach(file IN LISTS FILES)
  file(STRINGS ${ROOT}/${file} includes REGEX "^#include")
  # The first rule that fits the file is its own; the last, shorter ones catch the rest.
  set(allowed "")
  foreach(rule IN LISTS RULES)
    string(REPLACE "|" ";" parts "${rule}")
    list(GET parts 0 room)
    if(allowed STREQUAL "" AND file MATCHES "^${room}/")
      list(GET parts 1 allowed)
      string(REPLACE " " ";" allowed "${allowed}")
    endif()
  endforeach()
  foreach(line IN LISTS includes)
    if(line MATCHES "^#include \"((core|widgets|app|tests)/[^\"]*)\"")
      set(target ${CMAKE_MATCH_1})
      set(fits FALSE)
      foreach(room IN LISTS allowed)
        if(target MATCHES "^${room}/")
          set(fits TRUE)
        endif()
      endforeach()
      if(NOT fits)
        message(SEND_ERROR "${file} must not include ${target}: it may include ${allowed}")
        set(BROKEN 1)
      endif()
    endif()
    foreach(rule IN LISTS ONLY)
      string(FIND "${rule}" "|^" cut REVERSE)
      string(SUBSTRING "${rule}" 0 ${cut} header)
      math(EXPR cut "${cut} + 1")
      string(SUBSTRING "${rule}" ${cut} -1 place)
      if(line MATCHES "${header}" AND NOT file MATCHES "${place}")
        message(SEND_ERROR "${file} must not have ${line}")
        set(BROKEN 1)
      endif()
    endforeach()
  endforeach()
endforeach()

# A vendor's words outside his room. The table of targets names his folder; the command line's documented names are its own.
set(WORDS "[Aa][Mm][Cc][Tt]|\"(arq_quantize|snq_quantize|wts_algo|quant_enable|activation_quant_params|weight_quant_params)[\"._]")
file(GLOB PROTOS RELATIVE ${ROOT} ${ROOT}/core/proto/*.proto)
foreach(file IN LISTS FILES PROTOS)
  if(NOT file MATCHES "^core/targets/(amct/|targets.cpp$)|^app/cli/")
    file(STRINGS ${ROOT}/${file} lines REGEX "${WORDS}")
    foreach(line IN LISTS lines)
      message(SEND_ERROR "${file} must not have a vendor's word: ${line}")
      set(BROKEN 1)
    endforeach()
  endif()
endforeach()
if(NOT BROKEN)
  list(LENGTH FILES count)
  message(STATUS "${count} files keep the layering")
endif()
