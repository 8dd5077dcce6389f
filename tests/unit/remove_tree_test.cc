// SPDX-License-Identifier: Apache-2.0
// The removal of a tree that somebody hostile may have filled.
#include "sys/remove_tree.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/text.h"
#include "harness/harness.h"
#include "sys/unique_fd.h"

namespace kelp::sys {
namespace {

namespace fs = std::filesystem;

class RemoveTree : public testing::Test {
 protected:
  Status remove(const std::string& name) {
    const UniqueFd around(::open(place_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return remove_tree(around.get(), name);
  }
  bool is_there(const std::string& name) const { return fs::exists(fs::symlink_status(path(name))); }
  std::string path(const std::string& name) const { return cat(place_.path(), "/", name); }

  harness::TempDir place_;
};

TEST_F(RemoveTree, TakesAllThatIsInIt) {
  place_.file("tree/a/b/c/file", "x");
  place_.file("tree/file", "x", 0000);
  place_.link("tree/a/dangling", "/nowhere");
  ASSERT_EQ(::mkfifo(path("tree/a/fifo").c_str(), 0600), 0);
  for (int i = 0; i < 2000; ++i) place_.file(cat("tree/many/", i), "");
  for (int i = 0; i < 200; ++i) place_.file(cat("tree/directories/", i, "/sub/file"), "");
  place_.file("beside", "x");
  EXPECT_TRUE(remove("tree"));
  EXPECT_FALSE(is_there("tree"));
  EXPECT_TRUE(is_there("beside"));
}

TEST_F(RemoveTree, HasNoLimitOfDepth) {
  constexpr int kDepth = 5000;  // longer than any path, and more than the descriptors that there are
  int fd = ::open(place_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int depth = 0; depth < kDepth; ++depth) {
    ASSERT_EQ(::mkdirat(fd, "d", 0700), 0);
    const int next = ::openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ::close(fd);
    fd = next;
  }
  ::close(fd);
  const rlimit few{.rlim_cur = 32, .rlim_max = 32};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  EXPECT_TRUE(remove("d"));
  EXPECT_FALSE(is_there("d"));
}

TEST_F(RemoveTree, FollowsNoLink) {
  place_.file("outside/file", "kept");
  place_.link("tree/a/link", path("outside"));
  place_.link("tree/up", "..");
  EXPECT_TRUE(remove("tree"));
  EXPECT_TRUE(is_there("outside/file"));
  place_.link("link", path("outside"));
  const Status removed = remove("link");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code(), ENOTDIR);
  EXPECT_TRUE(is_there("outside/file"));
  EXPECT_TRUE(is_there("link"));
}

TEST_F(RemoveTree, OpensUpWhatHasNoPermissions) {
  place_.file("tree/shallow/closed/file", "x");
  place_.file("tree/deep/closed/inner/file", "x");
  for (const char* name : {"tree/shallow/closed", "tree/deep/closed/inner", "tree/deep/closed", "tree"})
    ASSERT_EQ(::chmod(path(name).c_str(), 0), 0) << name;
  EXPECT_TRUE(remove("tree"));
  EXPECT_FALSE(is_there("tree"));
}

// Deeper directories are moved to the top under numbers.
TEST_F(RemoveTree, MindsNoNames) {
  for (const char* top : {"0", "1", "2"}) {
    for (const char* next : {"0", "1", "2"}) place_.file(cat("tree/", top, "/", next, "/0/1/2/file"), "x");
  }
  place_.file("tree/3", "a file");
  place_.dir("tree/4");
  EXPECT_TRUE(remove("tree"));
  EXPECT_FALSE(is_there("tree"));
}

TEST_F(RemoveTree, TakesAbsenceForDone) { EXPECT_TRUE(remove("nothing")); }

TEST_F(RemoveTree, RefusesAFile) {
  place_.file("file", "x");
  EXPECT_FALSE(remove("file"));
  EXPECT_TRUE(is_there("file"));
}

}  // namespace
}  // namespace kelp::sys
