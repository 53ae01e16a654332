// Labels of boxes: COCO's JSON, a folder of VOC's XML files, a folder of YOLO's text files.
#pragma once

#include "core/stats/detection.h"

#include <filesystem>
#include <string>

namespace qs::data {

/// Whether the path is one of them; a file of another kind has classes.
bool areBoxLabels(const std::filesystem::path& path);

/// What is labelled in one picture, in shares of the picture's file.
struct PictureBoxes {
    bool labelled = false;  ///< the labels name the picture; it may have no box
    std::vector<DetectedBox> boxes;
};

/// By picture, `names` being their files' names: COCO's file_name and VOC's filename must be of that name, files of VOC and YOLO of that stem.
/// Classes are numbered from 0: COCO's by ascending category id, VOC's by name (or as classes.txt in the folder lists them), YOLO's as they are.
/// Boxes that are crowds (COCO) or difficult (VOC) are left out. Errors: ParseFailed and OutOfRange with file and line (of JSON the entry),
/// LabelsMismatch where no picture is named, those of reading.
Result<std::vector<PictureBoxes>> readBoxLabels(const std::filesystem::path& path, const std::vector<std::string>& names);

}  // namespace qs::data
