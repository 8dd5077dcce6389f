// SPDX-License-Identifier: Apache-2.0
// Which mounts of the kernel's list belong to a tree, and where they are found in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/mount.h>

#include "sys/mount_list.h"

namespace kelp::sys {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string line(int id, int parent, const std::string& point, const std::string& options = "rw,relatime",
                 const std::string& optional = "") {
  return std::to_string(id) + " " + std::to_string(parent) + " 0:30 / " + point + " " + options + " " +
         optional + "- tmpfs t rw\n";
}

// "ID:POINT" of each mount of the tree.
std::vector<std::string> tree(const std::string& text, std::uint64_t top) {
  const auto mounts = read_mount_list(text);
  std::vector<std::string> shown;
  if (!mounts) return {"unreadable"};
  for (const ListedMount& mount : tree_of_mounts(*mounts, top))
    shown.push_back(std::to_string(mount.id) + ":" + mount.point);
  return shown;
}

TEST(MountList, PathsAreDecoded) {
  EXPECT_EQ(decode_mount_path("/a\\040b\\134c\\011\\012"), "/a b\\c\t\n");
  EXPECT_EQ(decode_mount_path("\\04"), "\\04");
  EXPECT_EQ(decode_mount_path("\\999\\"), "\\999\\");
}

TEST(MountList, HasThePointAndTheAttributesOfEachMount) {
  const auto mounts =
      read_mount_list(line(36, 35, "/a\\040b", "ro,nosuid,noexec,noatime") + line(37, 36, "/a\\040b/c"));
  ASSERT_TRUE(mounts);
  EXPECT_THAT(*mounts, ElementsAre(ListedMount{.id = 36,
                                               .parent = 35,
                                               .point = "/a b",
                                               .attributes =
                                                   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC},
                                   ListedMount{.id = 37, .parent = 36, .point = "/a b/c", .attributes = 0}));
}

TEST(MountList, WithALineThatCannotBeReadIsRefused) {
  for (const char* bad :
       {"x\n", "36 35 0:30 /\n", "36 x 0:30 / /a rw - t t rw\n", "1 2 0:3 / a rw - t t rw\n"})
    EXPECT_FALSE(read_mount_list(line(1, 1, "/") + bad)) << bad;
}

TEST(TreeOfMounts, IsTheMountAndAllBelowIt) {
  const std::string text = line(1, 1, "/") + line(2, 1, "/a") + line(3, 2, "/a/b") +
                           line(4, 3, "/a/b/c\\040d") + line(5, 1, "/ab") + line(6, 1, "/a\\040b");
  EXPECT_THAT(tree(text, 2), ElementsAre("2:", "3:b", "4:b/c d"));
  EXPECT_THAT(tree(text, 4), ElementsAre("4:"));
  EXPECT_THAT(tree(text, 1), ElementsAre("1:", "2:a", "3:a/b", "4:a/b/c d", "5:ab", "6:a b"));
  EXPECT_THAT(tree(text, 9), IsEmpty());
}

TEST(TreeOfMounts, ThatCoversTheRootHasItsPointsFromThere) {
  const std::string text = line(1, 1, "/") + line(2, 1, "/proc") + line(8, 1, "/") + line(9, 8, "/proc");
  EXPECT_THAT(tree(text, 8), ElementsAre("8:", "9:proc"));
}

// Nobody gets to 3 or to what lies on it, and 4 covers it for good.
TEST(TreeOfMounts, LeavesOutWhatIsCoveredAtItsVeryRoot) {
  const std::string text = line(2, 1, "/a") + line(3, 2, "/a/b") + line(5, 3, "/a/b/c") + line(4, 3, "/a/b") +
                           line(6, 4, "/a/b/c");
  EXPECT_THAT(tree(text, 2), ElementsAre("2:", "4:b", "6:b/c"));
}

// Who unmounts the cover elsewhere uncovers it here.
TEST(TreeOfMounts, KeepsWhatIsCoveredAndPropagates) {
  for (const char* optional : {"master:7 ", "shared:7 ", "shared:7 master:3 "}) {
    const std::string text =
        line(2, 1, "/a") + line(3, 2, "/a/b", "rw,relatime", optional) + line(4, 3, "/a/b");
    EXPECT_THAT(tree(text, 2), ElementsAre("2:", "3:b", "4:b")) << optional;
  }
}

// From elsewhere /a/b can be renamed out of /a, and then 3 is seen again.
TEST(TreeOfMounts, KeepsWhatAMountFurtherUpHides) {
  EXPECT_THAT(tree(line(2, 1, "/") + line(3, 2, "/a/b") + line(4, 2, "/a"), 2),
              ElementsAre("2:", "3:a/b", "4:a"));
}

// What is stacked on the top itself would be reached from inside, and so it must not be overlooked.
TEST(TreeOfMounts, KeepsWhatCoversItsTop) {
  EXPECT_THAT(tree(line(2, 1, "/a") + line(3, 2, "/a"), 2), ElementsAre("2:", "3:"));
}

TEST(TreeOfMounts, EndsWhereAListIsInconsistent) {
  EXPECT_THAT(tree(line(2, 1, "/a") + line(3, 4, "/a/b") + line(4, 3, "/a/c"), 2), ElementsAre("2:"));
}

}  // namespace
}  // namespace kelp::sys
