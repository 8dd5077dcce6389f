// SPDX-License-Identifier: Apache-2.0
// passwd and group files, such as a hostile root may hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/accounts.h"

namespace kelp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kPasswd[] =
    "root:x:0:0:root:/root:/bin/sh\n"
    "alga:x:1000:1001:Alga,,,:/home/alga:/bin/zsh\n"
    "twin:x:1000:7::/twin:\n";
constexpr char kGroup[] = "root:x:0:\nalga:x:1001:\nreef:x:2000:twin,alga\nempty:x:3000:\n";

TEST(Passwd, IsFoundByNameAndByUid) {
  const PasswdEntry want{.name = "alga", .uid = 1000, .gid = 1001, .home = "/home/alga", .shell = "/bin/zsh"};
  EXPECT_EQ(passwd_by_name(kPasswd, "alga"), want);
  EXPECT_EQ(passwd_by_uid(kPasswd, 1000), want) << "the first of two";
  EXPECT_EQ(passwd_by_name(kPasswd, "none"), std::nullopt);
  EXPECT_EQ(passwd_by_uid(kPasswd, 5), std::nullopt);
  EXPECT_EQ(passwd_by_name("", "root"), std::nullopt);
}

TEST(Passwd, NeedsNoNewlineAtItsEnd) { EXPECT_EQ(passwd_by_name("a:x:1:2::/:/bin/sh", "a")->uid, 1U); }

TEST(Passwd, PassesMalformedLinesOver) {
  for (const char* line :
       {"a", "a:x:1", "a:x:1:2::/", "a:x:-1:2::/:", "a:x:1:4294967295::/:", "a:x:99999999999:2::/:",
        "a:x: 1:2::/:", "a:x::2::/:", ":x:1:2::/:", "#a:x:1:2::/:", "", "::::::"}) {
    const std::string text = std::string(line) + "\na:x:42:43::/good:/bin/sh\n";
    const auto entry = passwd_by_name(text, "a");
    ASSERT_TRUE(entry) << line;
    EXPECT_EQ(entry->uid, 42U) << line;
  }
}

TEST(Passwd, HasNoUserThatMeansNoId) {
  EXPECT_EQ(passwd_by_name("a:x:4294967295:0::/:\n", "a"), std::nullopt);
  EXPECT_EQ(passwd_by_name("a:x:4294967294:0::/:\n", "a")->uid, 4294967294U);
  EXPECT_EQ(passwd_by_name("a:x:4294967296:0::/:\n", "a"), std::nullopt) << "not uid 0";
}

TEST(Passwd, TakesNoPartOfANameForAName) {
  EXPECT_EQ(passwd_by_name(kPasswd, "alg"), std::nullopt);
  EXPECT_EQ(passwd_by_name(kPasswd, "alga:x"), std::nullopt);
  EXPECT_EQ(passwd_by_name(kPasswd, ""), std::nullopt);
  EXPECT_EQ(passwd_by_name("1000:x:0:0::/:\n", "1000")->uid, 0U)
      << "as a name; a number is never one elsewhere";
}

TEST(Passwd, MayHoldAnyBytes) {
  constexpr char kBytes[] = "a\0b:x:1:2::/:\n\xff\xfe:x:3:4::/:\n\na:x:5:6::/:\n";
  const std::string text(kBytes, sizeof kBytes - 1);
  EXPECT_EQ(passwd_by_name(text, "a")->uid, 5U);
  EXPECT_EQ(passwd_by_name(text, std::string_view("a\0b", 3))->uid, 1U);
}

TEST(Group, IsFoundByName) {
  EXPECT_EQ(group_by_name(kGroup, "reef"), 2000U);
  EXPECT_EQ(group_by_name(kGroup, "none"), std::nullopt);
  EXPECT_EQ(group_by_name("g:x:bad:\ng:x:7\n", "g"), 7U) << "a list of members may be missing";
}

TEST(Group, ListsTheGroupsOfAUser) {
  EXPECT_THAT(groups_of(kGroup, "alga", 10), ElementsAre(2000U));
  EXPECT_THAT(groups_of(kGroup, "root", 10), IsEmpty());
  EXPECT_THAT(groups_of(kGroup, "", 10), IsEmpty()) << "an empty list has no empty member";
}

TEST(Group, CountsEachOnceAndNotTooMany) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "g:x:" + std::to_string(i % 3000) + ":a\n";
  EXPECT_THAT(groups_of(text, "a", 10000), SizeIs(3000));
  EXPECT_THAT(groups_of(text, "a", 100), SizeIs(100));
}

}  // namespace
}  // namespace kelp
