// Vectors by id: what the casts said.
#include "core/base/ids.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace qs {

TEST(Ids, AVectorIsIndexedAndWalkedById)
{
    ById<int, double> values(2);
    EXPECT_EQ(values.nextId(), 2);
    values.push_back(5);
    values[0] = 3;
    EXPECT_EQ(values, (ById<int, double>{3, 0, 5}));
    std::vector<int> seen;
    for (const int id : values.ids())
        seen.push_back(id);
    EXPECT_EQ(seen, (std::vector{0, 1, 2}));
    EXPECT_TRUE(values.contains(2));
    EXPECT_FALSE(values.contains(3));
    EXPECT_FALSE(values.contains(-1));
    // Also where the elements are bits.
    ById<int, bool> flags(3);
    flags[1] = true;
    const auto& fixed = flags;
    EXPECT_TRUE(fixed[1]);
    const auto ids = flags.ids();
    EXPECT_EQ(std::count_if(ids.begin(), ids.end(), [&](int id) { return fixed[id]; }), 1);
    EXPECT_TRUE((ById<int, int>().ids().begin() == ById<int, int>().ids().end()));
}

}  // namespace qs
