// LMDB data sets: written and read back, and files that something has happened to.
#include "core/data/dataset.h"
#include "core/data/lmdb.h"
#include "core/proto/qs_datum.pb.h"
#include "tests/support/networks.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <random>

namespace qs {

namespace {

namespace fs = std::filesystem;

/// A BMP of 24 bits a pixel. Named .png because the suffix says only that it is a picture.
std::string picture(int width, int height, unsigned seed)
{
    std::mt19937 random(seed);
    const auto number = [](uint64_t value, int bytes) {
        std::string text;
        for (int i = 0; i < bytes; ++i)
            text += static_cast<char>(i < 8 ? value >> 8 * i : 0);
        return text;
    };
    const int row = (3 * width + 3) / 4 * 4;
    std::string text = "BM" + number(static_cast<uint32_t>(54 + row * height), 4) + number(0, 4) + number(54, 4) + number(40, 4) +
                       number(static_cast<uint32_t>(width), 4) + number(static_cast<uint32_t>(height), 4) + number(1, 2) + number(24, 2) +
                       number(0, 24);
    for (int i = 0; i < row * height; ++i)
        text += static_cast<char>(random());
    return text;
}

class LmdbTest : public testing::Test {
protected:
    void SetUp() override
    {
        for (int i = 0; i < 12; ++i)
            m_folder.write("pictures/p" + std::to_string(10 + i) + ".png", picture(20 + i, 30, static_cast<unsigned>(i)));
        std::string labels;
        for (int i = 0; i < 12; ++i)
            labels += "p" + std::to_string(10 + i) + ".png " + std::to_string(100 + i) + "\n";
        m_spec.path = m_folder.path() / "pictures";
        m_spec.labels = m_folder.write("labels.txt", labels);
        m_spec.preprocess.mean = {1, 2, 3};
    }

    std::shared_ptr<const DataSet> open(const DataSpec& spec, const Shape& shape = {1, 3, 16, 16})
    {
        auto set = openDataSet(spec, shape);
        EXPECT_TRUE(set.ok()) << (set.ok() ? "" : errorText(set.error()));
        return set.ok() ? *set : nullptr;
    }

    DataSpec lmdb(const fs::path& path) const
    {
        DataSpec spec;
        spec.kind = DataKind::Lmdb;
        spec.path = path;
        spec.preprocess = m_spec.preprocess;
        return spec;
    }

    test::TemporaryFolder m_folder;
    DataSpec m_spec;
};

void expectSame(const DataSet& a, const DataSet& b)
{
    ASSERT_EQ(a.size(), b.size());
    for (int i = 0; i < a.size(); ++i) {
        const auto x = a.sample(i);
        const auto y = b.sample(i);
        QS_ASSERT_OK(x);
        QS_ASSERT_OK(y);
        EXPECT_EQ(x->shape(), y->shape());
        EXPECT_TRUE(std::equal(x->floats().begin(), x->floats().end(), y->floats().begin()));
        EXPECT_EQ(a.label(i), b.label(i));
    }
}

}  // namespace

TEST_F(LmdbTest, RawHasTheSameSamples)
{
    m_spec.preprocess.resize = std::pair(16, 16);
    const auto pictures = open(m_spec);
    ASSERT_TRUE(pictures);
    const fs::path folder = m_folder.path() / "out" / "raw";
    QS_ASSERT_OK(writeLmdb(*pictures, folder, false, {}));
    EXPECT_EQ(guessDataSpec(folder, {1, 3, 16, 16}).kind, DataKind::Lmdb);
    EXPECT_EQ(guessDataSpec(folder / "data.mdb", {1, 3, 16, 16}).path, folder);
    const auto set = open(lmdb(folder));
    ASSERT_TRUE(set);
    expectSame(*pictures, *set);
    EXPECT_EQ(set->sampleName(3), "00000003_p13.png");
    EXPECT_EQ(set->label(3), 103);
    EXPECT_EQ(set->encoded(0).error().code, ErrorCode::NotSupported);
    // Nothing but the data set, and a second time over the first.
    QS_ASSERT_OK(writeLmdb(*pictures, folder, false, {}));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.parent_path()), {}), 1);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
    DataSpec limited = lmdb(folder);
    limited.limit = 5;
    EXPECT_EQ(open(limited)->size(), 5);
}

TEST_F(LmdbTest, EncodedKeepsTheFiles)
{
    const auto pictures = open(m_spec, {});
    ASSERT_TRUE(pictures);
    const fs::path folder = m_folder.path() / "encoded";
    QS_ASSERT_OK(writeLmdb(*pictures, folder, true, {}));
    const auto set = open(lmdb(folder));
    ASSERT_TRUE(set);
    expectSame(*open(m_spec), *set);
    EXPECT_EQ(*set->encoded(2), *readFile(m_spec.path / "p12.png"));
    // A data set of files can be written again.
    QS_ASSERT_OK(writeLmdb(*set, m_folder.path() / "again", false, {}));
}

TEST_F(LmdbTest, GrayHasOnePlane)
{
    m_spec.preprocess.color = ColorOrder::Gray;
    m_spec.preprocess.mean = {7};
    m_spec.preprocess.resize = std::pair(16, 16);
    const auto pictures = open(m_spec, {1, 1, 16, 16});
    ASSERT_TRUE(pictures);
    QS_ASSERT_OK(writeLmdb(*pictures, m_folder.path() / "gray", false, {}));
    const auto reader = data::LmdbReader::open(m_folder.path() / "gray");
    QS_ASSERT_OK(reader);
    quantscope_datum::Datum datum;
    ASSERT_TRUE(datum.ParseFromString(*(*reader)->value(0)));
    EXPECT_EQ(datum.channels(), 1);
    EXPECT_EQ(datum.data().size(), 256U);
    expectSame(*pictures, *open(lmdb(m_folder.path() / "gray"), {1, 1, 16, 16}));
}

TEST_F(LmdbTest, EntriesThatAreNoSamplesAreLeftOut)
{
    const auto writer = data::LmdbWriter::create(m_folder.path() / "mixed");
    QS_ASSERT_OK(writer);
    quantscope_datum::Datum good;
    good.set_channels(3);
    good.set_height(2);
    good.set_width(2);
    good.set_data(std::string("\1\2\3\4\5\6\7\10\11\12\13\14", 12));
    quantscope_datum::Datum cut = good;
    cut.set_data("abc");
    quantscope_datum::Datum floats;
    floats.add_float_data(1);
    quantscope_datum::Datum broken;
    broken.set_encoded(true);
    broken.set_data("no picture");
    QS_ASSERT_OK((*writer)->add("a", "\xff\xff not a datum"));
    QS_ASSERT_OK((*writer)->add("b", good.SerializeAsString()));
    QS_ASSERT_OK((*writer)->add("c", cut.SerializeAsString()));
    QS_ASSERT_OK((*writer)->add("d", floats.SerializeAsString()));
    QS_ASSERT_OK((*writer)->add("e", broken.SerializeAsString()));
    QS_ASSERT_OK((*writer)->commit());
    DataSpec spec = lmdb(m_folder.path() / "mixed");
    spec.preprocess.mean.clear();
    const auto set = open(spec, {1, 3, 2, 2});
    ASSERT_TRUE(set);
    ASSERT_EQ(set->size(), 1);
    EXPECT_EQ(set->skipped().size(), 4U);
    EXPECT_FALSE(set->labelled());
    EXPECT_EQ(set->sample(0)->floats()[0], 1);  // blue first, as it was stored
    EXPECT_EQ(set->picture(0)->as<uint8_t>()[0], 9);
}

TEST_F(LmdbTest, FoldersWithSomethingElseStay)
{
    const auto pictures = open(m_spec);
    ASSERT_TRUE(pictures);
    const auto refused = writeLmdb(*pictures, m_spec.path, false, {});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::FileNotWritable);
    EXPECT_EQ(std::distance(fs::directory_iterator(m_spec.path), {}), 12);
    EXPECT_EQ(openDataSet(lmdb(m_spec.path), {1, 3, 16, 16}).error().code, ErrorCode::FileNotFound);
    // Cancelled: nothing is left.
    std::stop_source stop;
    stop.request_stop();
    const auto cancelled = writeLmdb(*pictures, m_folder.path() / "cancelled", false, {stop.get_token(), {}});
    ASSERT_FALSE(cancelled.ok());
    EXPECT_EQ(cancelled.error().code, ErrorCode::Cancelled);
    for (const auto& entry : fs::directory_iterator(m_folder.path()))
        EXPECT_FALSE(entry.path().filename().string().starts_with("cancelled")) << entry.path();
}

TEST_F(LmdbTest, DamagedFiles)
{
    const auto pictures = open(m_spec);
    ASSERT_TRUE(pictures);
    QS_ASSERT_OK(writeLmdb(*pictures, m_folder.path() / "good", false, {}));
    // Small values, which lie in the leaves of a tree with two levels.
    const auto writer = data::LmdbWriter::create(m_folder.path() / "deep");
    QS_ASSERT_OK(writer);
    for (int i = 0; i < 500; ++i)
        QS_ASSERT_OK((*writer)->add(std::to_string(1000 + i), std::string(90, 'v')));
    QS_ASSERT_OK((*writer)->commit());
    EXPECT_EQ((*data::LmdbReader::open(m_folder.path() / "deep"))->keys().size(), 500U);

    const auto opened = [&](const std::string& bytes) {
        m_folder.write("bad/data.mdb", bytes);
        return openDataSet(lmdb(m_folder.path() / "bad"), {1, 3, 16, 16});
    };
    EXPECT_EQ(opened("").error().code, ErrorCode::FileTruncated);
    EXPECT_EQ(opened(std::string(10'000, 'x')).error().code, ErrorCode::DataUnreadable);
    for (const char* name : {"good", "deep"}) {
        const std::string bytes = *readFile(m_folder.path() / name / "data.mdb");
        for (const size_t size : {size_t{100}, size_t{4096}, size_t{8192}, bytes.size() / 2, bytes.size() - 1}) {
            const auto result = opened(bytes.substr(0, size));
            ASSERT_FALSE(result.ok()) << size;
            EXPECT_EQ(result.error().code, ErrorCode::FileTruncated) << size;
            EXPECT_NE(result.error().where.find("bad"), std::string::npos);
        }
        // Any bytes may be wrong: an error or other samples, never a crash. Half of the changes hit the heads of pages.
        std::mt19937 random(7);
        for (int round = 0; round < 400; ++round) {
            std::string changed = bytes;
            for (int i = 0; i < 4; ++i) {
                const size_t any = random() % changed.size();
                changed[round % 2 ? any : any / 4096 * 4096 + any % 64] = static_cast<char>(random());
            }
            // Not writeFile(): waiting for the disk a thousand times takes seconds.
            std::ofstream(m_folder.path() / "bad/data.mdb", std::ios::binary) << changed;
            const auto reader = data::LmdbReader::open(m_folder.path() / "bad");
            if (!reader) {
                EXPECT_FALSE(reader.error().where.empty());
                continue;
            }
            for (size_t i = 0; i < (*reader)->keys().size(); ++i)
                (void)(*reader)->value(i).ok();
        }
    }
}

namespace {

/// Numbers as they lie in the file.
template <class... T>
std::string bytesOf(T... values)
{
    std::string text;
    (text.append(reinterpret_cast<const char*>(&values), sizeof values), ...);
    return text;
}

constexpr size_t pageSize = 256;

std::string metaPage(uint64_t number, uint16_t depth, uint64_t root, uint64_t last)
{
    std::string page = bytesOf(number, uint16_t{0}, uint16_t{8}, uint16_t{0}, uint16_t{0}, uint32_t{0xBEEFC0DE}, uint32_t{1}, uint64_t{0},
                               uint64_t{1} << 20, uint32_t{pageSize}, uint16_t{0}, uint16_t{0}) +
                       std::string(40, '\0') + bytesOf(uint32_t{0}, uint16_t{0}, depth) + std::string(24, '\0') +
                       bytesOf(uint64_t{1}, root, last, number);
    page.resize(pageSize);
    return page;
}

/// Two children with keys of no bytes, at the end of the page.
std::string branchPage(uint64_t number, uint64_t child)
{
    const auto node = bytesOf(static_cast<uint16_t>(child), static_cast<uint16_t>(child >> 16), uint16_t{0}, uint16_t{0});
    std::string page =
        bytesOf(number, uint16_t{0}, uint16_t{1}, uint16_t{20}, uint16_t{pageSize - 16}, uint16_t{pageSize - 16}, uint16_t{pageSize - 8});
    page.resize(pageSize - 16);
    return page + node + node;
}

}  // namespace

TEST_F(LmdbTest, ATreeDeeperThanItCanBe)
{
    // Each page a branch to the next: as deep as the file is long.
    constexpr uint16_t depth = 26'000;
    std::string bytes = metaPage(0, depth, 2, depth + 1) + metaPage(1, depth, 2, depth + 1);
    for (uint64_t page = 2; page < depth + 2; ++page)
        bytes += branchPage(page, page + 1);
    m_folder.write("bad/data.mdb", bytes);
    const auto reader = data::LmdbReader::open(m_folder.path() / "bad");
    ASSERT_FALSE(reader.ok());
    EXPECT_EQ(reader.error().code, ErrorCode::DataUnreadable);
    EXPECT_NE(reader.error().detail.find("26000 pages deep"), std::string::npos) << reader.error().detail;
}

TEST_F(LmdbTest, AFileThatIsCutWhileItIsRead)
{
    const auto pictures = open(m_spec);
    ASSERT_TRUE(pictures);
    const fs::path folder = m_folder.path() / "cut";
    QS_ASSERT_OK(writeLmdb(*pictures, folder, false, {}));
    const auto set = open(lmdb(folder));
    ASSERT_TRUE(set);
    QS_ASSERT_OK(set->sample(11));
    fs::resize_file(folder / "data.mdb", 8192);
    for (int i = 0; i < set->size(); ++i)
        if (const auto sample = set->sample(i); !sample.ok())
            EXPECT_NE(sample.error().where.find("cut"), std::string::npos);
    EXPECT_EQ(set->sample(11).error().code, ErrorCode::DataUnreadable);
}

TEST_F(LmdbTest, WhatADeadWriterLeftGoes)
{
    const auto pictures = open(m_spec);
    ASSERT_TRUE(pictures);
    m_folder.write(".quantscope-out/data.mdb", "half");
    m_folder.write(".quantscope-out/more", "half");
    QS_ASSERT_OK(writeLmdb(*pictures, m_folder.path() / "out", false, {}));
    EXPECT_FALSE(fs::exists(m_folder.path() / ".quantscope-out"));
    EXPECT_EQ(std::distance(fs::directory_iterator(m_folder.path() / "out"), {}), 1);
    // Two at once: the second is refused.
    const auto one = data::LmdbWriter::create(m_folder.path() / "out");
    QS_ASSERT_OK(one);
    EXPECT_EQ(data::LmdbWriter::create(m_folder.path() / "out").error().code, ErrorCode::FileNotWritable);
}

}  // namespace qs
