// A second reader of Caffe files: OpenCV's. A program of its own, so that its libraries stay out of the tests'.
//   caffe_reader NET.prototxt NET.caffemodel INPUT.npy OUTPUT.npy [LAYER]
// Float32 .npy of format 1.0 in C order; the output is the last layer's, or LAYER's.
#include <opencv2/dnn.hpp>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

namespace {

cv::Mat readArray(const char* path)
{
    std::ifstream file(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const size_t header = 10 + static_cast<unsigned char>(bytes.at(8)) + 256 * static_cast<size_t>(static_cast<unsigned char>(bytes.at(9)));
    const size_t open = bytes.find('(', bytes.find("shape"));
    std::vector<int> shape;
    std::istringstream dims(bytes.substr(open + 1, bytes.find(')', open) - open - 1));
    for (std::string dim; std::getline(dims, dim, ',');)
        if (dim.find_first_of("0123456789") != std::string::npos)
            shape.push_back(std::stoi(dim));
    cv::Mat array(shape, CV_32F);
    std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end(), reinterpret_cast<char*>(array.data));
    return array;
}

void writeArray(const char* path, const cv::Mat& array)
{
    std::string shape;
    for (int i = 0; i < array.dims; ++i)
        shape += std::to_string(array.size[i]) + ",";
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
    header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
    header += '\n';
    std::ofstream file(path, std::ios::binary);
    file << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size() & 0xff) << static_cast<char>(header.size() >> 8) << header;
    file.write(reinterpret_cast<const char*>(array.data), static_cast<std::streamsize>(array.total() * sizeof(float)));
}

}  // namespace

int main(int count, char** words)
{
    if (count < 5)
        return 2;
    try {
        cv::dnn::Net net = cv::dnn::readNetFromCaffe(words[1], words[2]);
        net.setInput(readArray(words[3]));
        writeArray(words[4], count > 5 ? net.forward(words[5]) : net.forward());
    } catch (const std::exception& exception) {
        std::cerr << exception.what() << "\n";
        return 1;
    }
    return 0;
}
