// SPDX-License-Identifier: Apache-2.0
// The resolver over trees made by somebody hostile.
#include <vector>

#include "ns/trapped_root.h"

namespace kelp::sys {
namespace {

using testing::AnyOf;

using Resolver = TrappedRoot;
INSTANTIATE_TEST_SUITE_P(Walks, Resolver, both_walks(), name_of_walk);

TEST_P(Resolver, FindsWhatIsThere) {
  for (const char* way :
       {"/file", "file", "//file", "/./file", "/dir/../file", "/dir/./../file", "dir//../file"})
    EXPECT_EQ(look(way), "root\n") << way;
  for (const char* way : {"/", "", ".", "/dir", "/dir/", "/dir/.", "/dir/.."})
    EXPECT_EQ(look(way), "directory") << way;
  EXPECT_EQ(look("/none"), "errno ENOENT");
  EXPECT_EQ(look("/file/below"), "errno ENOTDIR");
  EXPECT_EQ(look("/file/.."), "errno ENOTDIR");
}

TEST_P(Resolver, StopsAtTheRootOnTheWayUp) {
  for (const char* way :
       {"/../file", "../file", "../../../../../../file", "/dir/../../../file", "/../../trap/../file"}) {
    EXPECT_THAT(look(way), AnyOf("root\n", "errno ENOENT")) << way;
  }
  EXPECT_EQ(look("/../trap/file"), "errno ENOENT");
  EXPECT_EQ(look("/.."), "directory");
}

TEST_P(Resolver, StartsAbsoluteLinksAtTheRoot) {
  link("a", "/file");
  link("b", "/dir");
  link("c", trap() + "/file");
  link("d", "/");
  EXPECT_EQ(look("/a"), "root\n");
  EXPECT_EQ(look("/b/file"), "inner\n");
  EXPECT_EQ(look("/c"), "errno ENOENT");
  EXPECT_EQ(look("/d/d/d/d/file"), "root\n");
}

TEST_P(Resolver, LeavesByNoRelativeLink) {
  link("a", "../trap/file");
  link("b", "../../../../../../../../../../../../.." + trap() + "/file");
  link("dir/c", "../../trap");
  link("dir/d", "../file");
  for (const char* way : {"/a", "/b", "/dir/c/file"}) EXPECT_EQ(look(way), "errno ENOENT") << way;
  EXPECT_EQ(look("/dir/d"), "root\n");
}

TEST_P(Resolver, FollowsLinksOfLinksButNotForEver) {
  link("l0", "/file");
  for (int i = 1; i <= 60; ++i) link("l" + std::to_string(i), "l" + std::to_string(i - 1));
  EXPECT_EQ(look("/l39"), "root\n");
  EXPECT_EQ(look("/l45"), "errno ELOOP");
  link("self", "self");
  link("ping", "pong");
  link("pong", "ping");
  link("grow", "grow/grow");
  for (const char* way : {"/self", "/ping", "/grow", "/self/x"}) EXPECT_EQ(look(way), "errno ELOOP") << way;
}

TEST_P(Resolver, KeepsTheLastLinkWhereAskedTo) {
  link("a", "/file");
  link("b", "/dir");
  EXPECT_EQ(look("/a", LastLink::kKeep), "link");
  EXPECT_EQ(look("/b", LastLink::kKeep), "link");
  EXPECT_EQ(look("/b/file", LastLink::kKeep), "inner\n") << "links on the way are followed";
}

TEST_P(Resolver, TakesNoMagicLink) {
  // Of a proc that is below the root, as in a container: its links lead anywhere, whatever their text says.
  Result<UniqueFd> machine = open_file("/", O_PATH | O_DIRECTORY);
  const UniqueFd inside(open(path("/dir").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const std::string& way :
       {std::string("/proc/self/root"), std::string("/proc/self/cwd"), proc_path(inside.get()),
        std::string("/proc/self/exe"), std::string("/proc/self/ns/mnt")}) {
    const Result<UniqueFd> found = resolve(machine->get(), way, LastLink::kFollow, Walk::kKernel);
    ASSERT_FALSE(found) << way;
    EXPECT_EQ(found.error().code(), ELOOP) << way;
  }
  // The walk reads their text as a path of the root, which is not followed out either.
  const std::string outside = proc_path(inside.get()) + "/../../trap/file";
  EXPECT_EQ(access(outside.c_str(), F_OK), 0) << "the link itself does lead there";
}

TEST_P(Resolver, PassesDirectoriesThatItMayNotRead) {
  if (geteuid() == 0) GTEST_SKIP() << "\nnot for this identity: root may read everything\n";
  place_.file("root/closed/deep/file", "deep\n");
  chmod(path("/closed").c_str(), 0111);
  EXPECT_EQ(look("/closed/deep/file"), "deep\n");
  EXPECT_EQ(make("/closed/deep/made"), "made");
  chmod(path("/closed").c_str(), 0);
  EXPECT_EQ(look("/closed/deep/file"), "errno EACCES");
  EXPECT_EQ(make("/closed/deep/made"), "refused: Permission denied");
  chmod(path("/closed").c_str(), 0755);
}

TEST_P(Resolver, MakesWhatIsMissing) {
  EXPECT_EQ(make("/a/b/c"), "made");
  EXPECT_TRUE(fs::is_directory(path("/a/b/c")));
  EXPECT_EQ(make("/a/b/c"), "there");
  EXPECT_EQ(make("/a/b/f", Make::kFile), "made");
  EXPECT_TRUE(fs::is_regular_file(path("/a/b/f")));
  EXPECT_EQ(make("/a/b/f", Make::kFile), "there");
  EXPECT_EQ(make("relative/x/"), "made");
  EXPECT_TRUE(fs::is_directory(path("/relative/x")));
}

TEST_P(Resolver, RefusesTheOtherKind) {
  EXPECT_EQ(make("/dir", Make::kFile), "refused: it is a directory, and what is to be there is none");
  EXPECT_EQ(make("/file"), "refused: it is no directory, and what is to be there is one");
  EXPECT_EQ(make("/file/below"), "refused: Not a directory");
}

TEST_P(Resolver, MakesBehindLinksInsideOnly) {
  link("to-dir", "/dir");
  EXPECT_EQ(make("/to-dir/made"), "made");
  EXPECT_TRUE(fs::is_directory(path("/dir/made")));
  for (const std::string& target :
       {trap(), std::string("../trap"), std::string("/missing"), trap() + "/missing"}) {
    link("out", target);
    EXPECT_EQ(make("/out/x"), "refused: /out is a symbolic link that points nowhere inside the root")
        << target;
    EXPECT_EQ(make("/out"), "refused: /out is a symbolic link that points nowhere inside the root") << target;
    expect_trap_untouched();
    fs::remove(path("/out"));
  }
}

TEST_P(Resolver, MakesTheTargetOfADanglingLinkInsideWhereAskedTo) {
  for (const std::string& target :
       {trap() + "/made", std::string("../../../run/made"), std::string("deep/made")}) {
    link("dir/out", target);
    EXPECT_EQ(make("/dir/out", Make::kFile, Dangling::kFollow), "made") << target;
    EXPECT_EQ(look("/dir/out"), "") << "an empty file, inside";
    expect_trap_untouched();
    fs::remove(path("/dir/out"));
  }
  EXPECT_TRUE(fs::exists(path(trap() + "/made"))) << "its path begins at the root";
  link("self", "self");
  EXPECT_EQ(make("/self", Make::kFile, Dangling::kFollow), "refused: Too many levels of symbolic links");
  link("ping", "pong/x");
  link("pong", "ping/x");
  EXPECT_EQ(make("/ping", Make::kFile, Dangling::kFollow), "refused: Too many levels of symbolic links");
}

TEST_P(Resolver, MakesNothingBehindAMissingDirectoryByWayOfItsParent) {
  EXPECT_EQ(make("/none/../x"), "refused: No such file or directory");
  EXPECT_FALSE(fs::exists(path("/x")));
}

TEST_P(Resolver, MakesNothingInAMountThatIsNotAllowed) {
  const std::vector<std::uint64_t> none;
  const Result<Place> made =
      resolve_or_make(root_.get(), "/a/b", {.walk = GetParam(), .allowed_mounts = &none});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().reason(), testing::HasSubstr("shared from the host"));
  EXPECT_FALSE(fs::exists(path("/a")));
  const Result<Place> there =
      resolve_or_make(root_.get(), "/dir", {.walk = GetParam(), .allowed_mounts = &none});
  EXPECT_TRUE(there) << "what exists needs not be made";
  EXPECT_FALSE(make_symlink(root_.get(), "/dir/link", "x", {.allowed_mounts = &none}));
  EXPECT_FALSE(fs::exists(fs::symlink_status(path("/dir/link"))));
}

// Below a mount of its own nothing is found by a way that leaves it: what lies outside is somebody else's.
TEST_P(Resolver, LeavesAMountByNoLinkWhereThatIsRefused) {
  link("dir/inner", "file");
  link("dir/around", "./deep/../file");
  link("dir/absolute", "/dir/file");
  link("dir/up", "../file");
  link("dir/out", "/");
  link("dir/nowhere", "none");
  fs::create_directories(path("/dir/deep"));
  const Result<UniqueFd> top = open_file(path("/dir"), O_PATH | O_DIRECTORY);
  const auto look_below = [&](const char* wanted) {
    const Result<UniqueFd> fd = resolve(top->get(), wanted, LastLink::kFollow, GetParam(), Outward::kRefused);
    return fd ? describe(fd->get()) : std::string("errno ") + strerrorname_np(fd.error().code());
  };
  for (const char* way : {"file", "/file", "//file", "inner", "around", "deep/../file"})
    EXPECT_EQ(look_below(way), "inner\n") << way;
  for (const char* way : {"", "/", ".", "deep/.."}) EXPECT_EQ(look_below(way), "directory") << way;
  for (const char* way : {"absolute", "up", "out", "out/file", "..", "deep/../../file", "deep/../up"})
    EXPECT_EQ(look_below(way), "errno ELOOP") << way;
  for (const char* way : {"none", "nowhere", "none/deep"}) EXPECT_EQ(look_below(way), "errno ENOENT") << way;
  EXPECT_EQ(look_below("file/below"), "errno ENOTDIR");
}

TEST_P(Resolver, MakesNothingOutsideOfAMountWhereThatIsRefused) {
  link("dir/out", "/");
  link("dir/up", "..");
  const Result<UniqueFd> top = open_file(path("/dir"), O_PATH | O_DIRECTORY);
  const auto make_below = [&](const char* wanted) {
    return resolve_or_make(top->get(), wanted,
                           {.walk = GetParam(), .outward = Outward::kRefused, .start = "/dir"});
  };
  EXPECT_TRUE(make_below("a/b"));
  EXPECT_TRUE(fs::is_directory(path("/dir/a/b")));
  for (const char* way : {"out/c", "up/c", "a/../../c"}) {
    const Result<Place> made = make_below(way);
    ASSERT_FALSE(made) << way;
    EXPECT_THAT(made.error().sentence(), testing::HasSubstr("/dir/")) << "it is called by its whole path";
  }
  EXPECT_FALSE(fs::exists(path("/c")));
}

TEST(Symlinks, AreMadeWithTheirParentsAndNotTwice) {
  const TempDir place;
  place.dir("root");
  const Result<UniqueFd> root = open_file(place.path() + "/root", O_PATH | O_DIRECTORY);
  EXPECT_TRUE(make_symlink(root->get(), "/a/b/link", "target"));
  EXPECT_EQ(fs::read_symlink(place.path() + "/root/a/b/link"), "target");
  EXPECT_TRUE(make_symlink(root->get(), "/a/b/link", "target"));
  EXPECT_FALSE(make_symlink(root->get(), "/a/b/link", "other"));
  EXPECT_FALSE(make_symlink(root->get(), "/a/b", "other"));
}

}  // namespace
}  // namespace kelp::sys
