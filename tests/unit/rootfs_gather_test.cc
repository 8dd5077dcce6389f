// SPDX-License-Identifier: Apache-2.0
// What a root will hold, decided without writing anything: host paths with their links, and libraries that
// only the host's cache knows.
#include "verbs/rootfs_gather.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/places.h"
#include "unit/elf_builder.h"
#include "verbs/rootfs_tree.h"

namespace kelp {
namespace {

using harness::TempDir;
using test::build_elf;
using testing::HasSubstr;
using verbs::Gatherer;
using verbs::Tree;
using verbs::TreeFile;
using verbs::TreeLink;

std::string target_of(const Tree& tree, const std::string& path) {
  const auto found = tree.find(path);
  if (found == tree.end()) return "(not there)";
  const auto* link = std::get_if<TreeLink>(&found->second);
  return link != nullptr ? link->target : "(no link)";
}

bool is_file(const Tree& tree, const std::string& path) {
  const auto found = tree.find(path);
  return found != tree.end() && std::holds_alternative<TreeFile>(found->second);
}

TEST(RootfsTree, HoldsEveryLinkOnTheWayAndNoPathThroughOne) {
  const TempDir here;
  const std::string file = here.file("real/sub/file", "x");
  here.link("a", "b");
  here.link("b", here.path() + "/real");
  Tree tree;
  const auto place = verbs::add_host_path(tree, here.path() + "/a/./sub/../sub//file");
  ASSERT_TRUE(place) << place.error().sentence();
  EXPECT_EQ(place->path, file);
  EXPECT_EQ(target_of(tree, here.path() + "/a"), "b");
  EXPECT_EQ(target_of(tree, here.path() + "/b"), here.path() + "/real");
  EXPECT_TRUE(is_file(tree, file));
  for (const auto& [path, entry] : tree) {
    const auto parent = tree.find(verbs::parent_of(path));
    EXPECT_TRUE(parent == tree.end() || std::holds_alternative<verbs::TreeDirectory>(parent->second)) << path;
  }
}

TEST(RootfsTree, EndsAtLinksInACircle) {
  const TempDir here;
  here.link("a", "b");
  here.link("b", "a");
  Tree tree;
  const auto place = verbs::add_host_path(tree, here.path() + "/a");
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().code(), ELOOP);
}

TEST(RootfsTree, RefusesWhatIsMountedAfresh) {
  const TempDir here;
  here.link("mounts", "/proc/self/mounts");
  Tree tree;
  for (const std::string& path :
       {std::string("/proc"), std::string("/sys/kernel"), here.path() + "/mounts"}) {
    const auto place = verbs::add_host_path(tree, path);
    ASSERT_FALSE(place) << path;
    EXPECT_THAT(place.error().sentence(), HasSubstr("mounted afresh"));
  }
}

TEST(RootfsGather, LinksALibraryThatOnlyTheCacheKnowsNextToLibc) {
  const TempDir here;
  const std::string libc = here.file("libc/libc.so.6", build_elf({.soname = "libc.so.6"}));
  const std::string deep =
      here.file("deep/libkelp.so.1", build_elf({.needed = {"libkin.so"}, .runpath = "$ORIGIN/kin"}));
  here.file("deep/kin/libkin.so", build_elf({}));
  here.file("own/libown.so", build_elf({}));
  const std::string program = here.file(
      "bin/program",
      build_elf({.needed = {"libkelp.so.1", "libown.so", "libc.so.6"}, .runpath = "$ORIGIN/../own"}), 0755);
  Gatherer gatherer(sys::LibrarySearch({{"libc.so.6", {libc}}, {"libkelp.so.1", {deep}}}), "");
  const Status added = gatherer.add_program(program);
  ASSERT_TRUE(added) << added.error().sentence();
  const Tree& tree = gatherer.tree();
  EXPECT_TRUE(is_file(tree, deep));
  EXPECT_EQ(target_of(tree, here.path() + "/libc/libkelp.so.1"), deep);
  // Through the link $ORIGIN is another directory, so its kin needs one too. The program's own does not.
  EXPECT_EQ(target_of(tree, here.path() + "/libc/libkin.so"), here.path() + "/deep/kin/libkin.so");
  EXPECT_EQ(target_of(tree, here.path() + "/libc/libown.so"), "(not there)");
}

TEST(RootfsGather, LooksForNamesInPathOnlyWhereItIsAbsolute) {
  const TempDir here;
  here.file("bin/kelp-tool", "#!/bin/sh\n", 0644);
  Gatherer gatherer(sys::LibrarySearch({}), "relative::" + here.path() + "/bin");
  const Status added = gatherer.add_program("kelp-tool");
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().sentence(), HasSubstr("not executable"));
}

}  // namespace
}  // namespace kelp
