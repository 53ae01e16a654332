// Small changes of whole networks, one after the other, through the commands of the command line with the engine behind them: inspect, run, quantize
// and compare. An error is right; a signal, a sanitizer's report, an "Internal error" and a minute without an answer are finds.
//
//   fuzz_networks COUNT SEED FOLDER NETWORK...        .onnx, or .prototxt with its .caffemodel beside it
//
// FOLDER keeps each find: its files, and what was printed. Built in every preset, on demand: ninja -C build/asan fuzz_networks.
#include "app/cli/program.h"
#include "core/data/npy.h"
#include "core/engine/engine.h"
#include "core/import/importer.h"
#include "core/proto/qs_caffe.pb.h"

#include <google/protobuf/text_format.h>
#include <onnx/onnx_pb.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

namespace pb = google::protobuf;
namespace fs = std::filesystem;

/// ASan: leaks are looked for elsewhere.
extern "C" [[gnu::visibility("default")]] const char* __asan_default_options();
extern "C" const char* __asan_default_options()
{
    return "detect_leaks=0:allocator_may_return_null=1:handle_abort=1:soft_rss_limit_mb=12000";
}

namespace {

std::string contents(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

/// Changes one place of a message, anywhere in its tree.
class Mutator {
public:
    explicit Mutator(unsigned seed) : m_random(seed) {}

    size_t pick(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(m_random); }

    void change(pb::Message& message)
    {
        // Down the tree: the deeper, the more often it stays there.
        pb::Message* at = &message;
        for (int depth = 0; depth < 8; ++depth) {
            std::vector<pb::Message*> below = children(*at);
            if (below.empty() || (depth > 1 && pick(3) == 0))
                break;
            at = below[pick(below.size())];
        }
        std::vector<const pb::FieldDescriptor*> fields;
        at->GetReflection()->ListFields(*at, &fields);
        if (fields.empty() || pick(6) == 0)
            return addField(*at);
        changeField(*at, *fields[pick(fields.size())], message);
    }

private:
    static std::vector<pb::Message*> children(pb::Message& message)
    {
        std::vector<pb::Message*> all;
        const pb::Reflection& reflection = *message.GetReflection();
        std::vector<const pb::FieldDescriptor*> fields;
        reflection.ListFields(message, &fields);
        for (const pb::FieldDescriptor* field : fields) {
            if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE)
                continue;
            if (!field->is_repeated())
                all.push_back(reflection.MutableMessage(&message, field));
            else
                for (int i = 0; i < reflection.FieldSize(message, field); ++i)
                    all.push_back(reflection.MutableRepeatedMessage(&message, field, i));
        }
        return all;
    }

    int64_t number(int64_t now)
    {
        const int64_t chosen[] = {0,       1,         -1,        2,         3,         5,       7,       31,   255,    65536,
                                  1000000, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, now + 1, now - 1, -now, now / 2};
        return chosen[pick(std::size(chosen))];
    }

    double real(double now)
    {
        const double chosen[] = {0, 1, -1, 0.5, 1e-30, 1e30, 1e-45, std::nan(""), HUGE_VAL, -HUGE_VAL, -now, now * 2};
        return chosen[pick(std::size(chosen))];
    }

    static void words(const pb::Message& message, std::vector<std::string>& all)
    {
        const pb::Reflection& reflection = *message.GetReflection();
        std::vector<const pb::FieldDescriptor*> fields;
        reflection.ListFields(message, &fields);
        for (const pb::FieldDescriptor* field : fields) {
            const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
            for (int i = 0; i < count; ++i) {
                if (field->type() == pb::FieldDescriptor::TYPE_STRING)
                    all.push_back(field->is_repeated() ? reflection.GetRepeatedString(message, field, i) : reflection.GetString(message, field));
                else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE)
                    words(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i) : reflection.GetMessage(message, field), all);
            }
        }
    }

    std::string text(const pb::FieldDescriptor& field, std::string now, const pb::Message& whole)
    {
        if (field.type() == pb::FieldDescriptor::TYPE_BYTES) {
            if (now.empty() || pick(3) == 0)
                return now.substr(0, now.size() / 2);
            for (int i = 0; i < 4; ++i)
                now[pick(now.size())] = static_cast<char>(pick(256));
            return now;
        }
        std::vector<std::string> others{"", "x", now + now, std::string(300, 'n'), "a/../b", "\xF0\x9F\x98\x80"};
        // Mostly another name that the network has: an edge elsewhere, another operator.
        if (pick(5) != 0)
            words(whole, others);
        return others[pick(others.size())];
    }

    void addField(pb::Message& message)
    {
        const pb::Descriptor& type = *message.GetDescriptor();
        if (type.field_count() == 0)
            return;
        const pb::FieldDescriptor& field = *type.field(static_cast<int>(pick(static_cast<size_t>(type.field_count()))));
        const pb::Reflection& reflection = *message.GetReflection();
        if (field.is_repeated())
            appendOne(message, field);
        else if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE)
            reflection.MutableMessage(&message, &field);
        else
            setValue(message, field, message);
    }

    void appendOne(pb::Message& message, const pb::FieldDescriptor& field)
    {
        const pb::Reflection& reflection = *message.GetReflection();
        switch (field.cpp_type()) {
            case pb::FieldDescriptor::CPPTYPE_MESSAGE: {
                pb::Message* added = reflection.AddMessage(&message, &field);
                if (const int count = reflection.FieldSize(message, &field); count > 1)
                    added->CopyFrom(reflection.GetRepeatedMessage(message, &field, static_cast<int>(pick(static_cast<size_t>(count - 1)))));
                break;
            }
            case pb::FieldDescriptor::CPPTYPE_INT32:
                reflection.AddInt32(&message, &field, static_cast<int32_t>(number(1)));
                break;
            case pb::FieldDescriptor::CPPTYPE_INT64:
                reflection.AddInt64(&message, &field, number(1));
                break;
            case pb::FieldDescriptor::CPPTYPE_UINT32:
                reflection.AddUInt32(&message, &field, static_cast<uint32_t>(number(1)));
                break;
            case pb::FieldDescriptor::CPPTYPE_UINT64:
                reflection.AddUInt64(&message, &field, static_cast<uint64_t>(number(1)));
                break;
            case pb::FieldDescriptor::CPPTYPE_FLOAT:
                reflection.AddFloat(&message, &field, static_cast<float>(real(1)));
                break;
            case pb::FieldDescriptor::CPPTYPE_DOUBLE:
                reflection.AddDouble(&message, &field, real(1));
                break;
            case pb::FieldDescriptor::CPPTYPE_BOOL:
                reflection.AddBool(&message, &field, pick(2) == 0);
                break;
            case pb::FieldDescriptor::CPPTYPE_STRING:
                reflection.AddString(&message, &field, text(field, "x", message));
                break;
            case pb::FieldDescriptor::CPPTYPE_ENUM:
                reflection.AddEnumValue(&message, &field, static_cast<int>(pick(4)));
                break;
        }
    }

    void setValue(pb::Message& message, const pb::FieldDescriptor& field, const pb::Message& whole)
    {
        const pb::Reflection& r = *message.GetReflection();
        switch (field.cpp_type()) {
            case pb::FieldDescriptor::CPPTYPE_INT32:
                r.SetInt32(&message, &field, static_cast<int32_t>(number(r.GetInt32(message, &field))));
                break;
            case pb::FieldDescriptor::CPPTYPE_INT64:
                r.SetInt64(&message, &field, number(r.GetInt64(message, &field) / 2));
                break;
            case pb::FieldDescriptor::CPPTYPE_UINT32:
                r.SetUInt32(&message, &field, static_cast<uint32_t>(number(r.GetUInt32(message, &field))));
                break;
            case pb::FieldDescriptor::CPPTYPE_UINT64:
                r.SetUInt64(&message, &field, static_cast<uint64_t>(number(0)));
                break;
            case pb::FieldDescriptor::CPPTYPE_FLOAT:
                r.SetFloat(&message, &field, static_cast<float>(real(r.GetFloat(message, &field))));
                break;
            case pb::FieldDescriptor::CPPTYPE_DOUBLE:
                r.SetDouble(&message, &field, real(r.GetDouble(message, &field)));
                break;
            case pb::FieldDescriptor::CPPTYPE_BOOL:
                r.SetBool(&message, &field, !r.GetBool(message, &field));
                break;
            case pb::FieldDescriptor::CPPTYPE_STRING:
                r.SetString(&message, &field, text(field, r.GetString(message, &field), whole));
                break;
            case pb::FieldDescriptor::CPPTYPE_ENUM:
                r.SetEnumValue(&message, &field, static_cast<int>(pick(12)));
                break;
            case pb::FieldDescriptor::CPPTYPE_MESSAGE:
                r.ClearField(&message, &field);
                break;
        }
    }

    void changeField(pb::Message& message, const pb::FieldDescriptor& field, const pb::Message& whole)
    {
        const pb::Reflection& r = *message.GetReflection();
        if (!field.is_repeated())
            return pick(5) == 0 ? r.ClearField(&message, &field) : setValue(message, field, whole);
        const int count = r.FieldSize(message, &field);
        const int at = static_cast<int>(pick(static_cast<size_t>(count)));
        switch (pick(4)) {
            case 0:
                r.SwapElements(&message, &field, at, count - 1);
                return r.RemoveLast(&message, &field);
            case 1:
                return r.SwapElements(&message, &field, at, static_cast<int>(pick(static_cast<size_t>(count))));
            case 2:
                return appendOne(message, field);
            default:
                break;
        }
        switch (field.cpp_type()) {
            case pb::FieldDescriptor::CPPTYPE_INT32:
                return r.SetRepeatedInt32(&message, &field, at, static_cast<int32_t>(number(r.GetRepeatedInt32(message, &field, at))));
            case pb::FieldDescriptor::CPPTYPE_INT64:
                return r.SetRepeatedInt64(&message, &field, at, number(r.GetRepeatedInt64(message, &field, at) / 2));
            case pb::FieldDescriptor::CPPTYPE_UINT32:
                return r.SetRepeatedUInt32(&message, &field, at, static_cast<uint32_t>(number(r.GetRepeatedUInt32(message, &field, at))));
            case pb::FieldDescriptor::CPPTYPE_FLOAT:
                return r.SetRepeatedFloat(&message, &field, at, static_cast<float>(real(r.GetRepeatedFloat(message, &field, at))));
            case pb::FieldDescriptor::CPPTYPE_STRING:
                return r.SetRepeatedString(&message, &field, at, text(field, r.GetRepeatedString(message, &field, at), whole));
            default:
                break;
        }
    }

    std::mt19937 m_random;
};

/// The files of a network with one to three changes, in `folder`; its path, empty where the file is no network to begin with.
fs::path writeMutated(const fs::path& network, unsigned seed, const fs::path& folder)
{
    Mutator mutator(seed);
    const size_t changes = 1 + mutator.pick(3);
    if (network.extension() == ".onnx") {
        onnx::ModelProto model;
        if (!model.ParseFromString(contents(network)))
            return {};
        for (size_t i = 0; i < changes; ++i)
            mutator.change(model);
        put(folder / "net.onnx", model.SerializeAsString());
        return folder / "net.onnx";
    }
    quantscope_caffe::NetParameter net;
    quantscope_caffe::NetParameter weights;
    if (!pb::TextFormat::ParseFromString(contents(network), &net))
        return {};
    weights.ParseFromString(contents(fs::path(network).replace_extension(".caffemodel")));
    for (size_t i = 0; i < changes; ++i)
        mutator.change(mutator.pick(4) == 0 ? weights : net);
    std::string text;
    pb::TextFormat::PrintToString(net, &text);
    put(folder / "net.prototxt", text);
    put(folder / "net.caffemodel", weights.SerializeAsString());
    return folder / "net.prototxt";
}

int command(std::vector<std::string> words)
{
    words.insert(words.begin(), "quantscope-cli");
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    std::fprintf(stderr, "$");
    for (const std::string& word : words)
        std::fprintf(stderr, " %s", word.c_str());
    std::fprintf(stderr, "\n");
    alarm(60);
    const int status = qs::cli::run(static_cast<int>(arguments.size()), arguments.data());
    alarm(0);
    std::fprintf(stderr, "= %d\n", status);
    return status;
}

/// Two samples of noise for each input that has a shape: NAME=FILE.
std::vector<std::string> makeInputs(const fs::path& network, const fs::path& folder, unsigned seed)
{
    std::vector<std::string> given;
    const auto model = qs::importModel({network, {}});
    if (!model.ok())
        return given;
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    for (const qs::ValueId input : (*model)->inputs()) {
        qs::Shape shape = (*model)->value(input).shape;
        if (!(*model)->value(input).shaped || qs::elementCount(shape) > 1 << 20)
            continue;
        std::vector<float> values(static_cast<size_t>(qs::elementCount(shape)));
        for (float& value : values)
            value = normal(random);
        const fs::path file = folder / ("in" + std::to_string(given.size()) + ".npy");
        put(file, qs::npyBytes(qs::Buffer::fromFloats(shape, values)));
        given.push_back((*model)->value(input).name + "=" + file.string());
    }
    return given;
}

struct Shared {
    int done = 0;
    int ran[4] = {};  ///< inspect, run, quantize, compare that exited with 0
};

void tryOne(const fs::path& network, unsigned seed, const fs::path& folder, Shared& shared)
{
    const fs::path changed = writeMutated(network, seed, folder);
    if (changed.empty())
        return;
    std::vector<std::string> weights;
    if (changed.extension() == ".prototxt")
        weights = {"-w", (folder / "net.caffemodel").string()};
    const auto with = [&](std::vector<std::string> words, const std::vector<std::string>& more) {
        words.push_back(changed.string());
        words.insert(words.end(), weights.begin(), weights.end());
        words.insert(words.end(), more.begin(), more.end());
        return command(words) == 0 ? 1 : 0;
    };
    shared.ran[0] += with({"inspect"}, {});
    const std::vector<std::string> inputs = makeInputs(changed, folder, seed);
    std::vector<std::string> run{"-o", (folder / "out").string(), "--partial"};
    for (const std::string& input : inputs)
        run.insert(run.end(), {"--input", input});
    shared.ran[1] += with({"run"}, run);
    const std::string data = (folder / "in0.npy").string();
    if (inputs.empty())
        return;
    shared.ran[2] += with({"quantize"}, {"--npy", data, "--batch", "1", "--partial", "-o", (folder / "q" / "m").string()});
    shared.ran[3] += with({"compare"}, {"--npy", data, "--batch", "1", "--partial"});
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc < 5)
        return std::fprintf(stderr, "usage: fuzz_networks COUNT SEED FOLDER NETWORK...\n"), 2;
    const int count = std::atoi(argv[1]);
    const auto seed = static_cast<unsigned>(std::atoi(argv[2]));
    const fs::path finds = fs::absolute(argv[3]);
    const std::vector<fs::path> networks(argv + 4, argv + argc);
    fs::create_directories(finds);
    const fs::path folder = finds / "now";
    auto* shared = static_cast<Shared*>(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    new (shared) Shared;
    int found = 0;
    const auto keep = [&](const char* why) {
        const int number = shared->done;
        std::printf("find: change %d of %s: %s\n", number, networks[static_cast<size_t>(number) % networks.size()].c_str(), why);
        std::fflush(stdout);
        fs::rename(folder, finds / std::to_string(number));
        ++found;
    };
    while (shared->done < count) {
        // A child goes on until it dies; the next one takes the change behind it.
        const pid_t child = fork();
        if (child == 0) {
            const auto engine = qs::openEngine();
            for (; shared->done < count; ++shared->done) {
                fs::remove_all(folder);
                fs::create_directories(folder);
                (void)!std::freopen((folder / "stdout.txt").c_str(), "w", stdout);
                const int errors = open((folder / "stderr.txt").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
                dup2(errors, 2);
                close(errors);
                const auto number = static_cast<unsigned>(shared->done);
                tryOne(networks[number % networks.size()], seed * 1000003U + number, folder, *shared);
                if (const std::string said = contents(folder / "stderr.txt");
                    said.find("Internal error") != std::string::npos || said.find("runtime error:") != std::string::npos)
                    _exit(3);
            }
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (shared->done >= count)
            break;
        keep(WIFSIGNALED(status)        ? strsignal(WTERMSIG(status))
             : WEXITSTATUS(status) == 3 ? "internal error or undefined behaviour"
                                        : "a sanitizer's report");
        ++shared->done;
    }
    fs::remove_all(folder);
    std::printf("%d changed networks: exit 0 of inspect %d, run %d, quantize %d, compare %d; finds %d\n", shared->done, shared->ran[0],
                shared->ran[1], shared->ran[2], shared->ran[3], found);
    return found == 0 ? 0 : 1;
}
