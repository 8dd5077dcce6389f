// SPDX-License-Identifier: Apache-2.0
// The resolver while somebody renames what it walks through.
#include <sys/syscall.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "ns/trapped_root.h"

namespace kelp::sys {
namespace {

using testing::AnyOf;

using ResolverRace = TrappedRoot;
INSTANTIATE_TEST_SUITE_P(Walks, ResolverRace, both_walks(), name_of_walk);

TEST_P(ResolverRace, StaysInsideWhileDirectoriesAreMovedAway) {
  // `..` of a directory that is moved out of the root while we are in it leads outside: the classic race.
  fs::create_directories(path("/one/two/three"));
  std::atomic<bool> is_over = false;
  std::thread mover([&] {
    const std::string in = path("/one/two"), out = place_.path() + "/two";
    while (!is_over) {
      fs::rename(in, out);
      fs::rename(out, in);
    }
  });
  int found = 0, failed = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string seen = look("/one/two/three/../../../../../../trap/file");
    EXPECT_THAT(seen, AnyOf("errno ENOENT", "errno EAGAIN"));
    const std::string file = look("/one/two/../../file");
    EXPECT_THAT(file, AnyOf("root\n", "errno ENOENT", "errno EAGAIN"));
    ++(file == "root\n" ? found : failed);
  }
  is_over = true;
  mover.join();
  EXPECT_GT(found, 0);
}

TEST_P(ResolverRace, StaysInsideWhileADirectoryIsSwappedWithALink) {
  fs::create_directories(path("/a/b"));
  fs::create_directory(trap() + "/b");
  fs::create_symlink(trap(), path("/out"));
  std::atomic<bool> is_over = false;
  std::thread swapper([&] {
    const std::string one = path("/a"), other = path("/out");
    while (!is_over)
      syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), 2 /* RENAME_EXCHANGE */);
  });
  for (int i = 0; i < 2000; ++i)
    make("/a/b/" + std::to_string(i) + "/c", i % 2 == 0 ? Make::kDirectory : Make::kFile);
  is_over = true;
  swapper.join();
  EXPECT_TRUE(fs::is_empty(trap() + "/b"));
}

TEST(NaiveResolver, LeavesWhileADirectoryIsSwappedWithALink) {
  // What the test above would see of a resolver by path.
  const TempDir place;
  place.dir("root/a/b");
  const std::string trap = place.dir("trap/b");
  place.link("root/out", place.path() + "/trap");
  const std::string one = place.path() + "/root/a", other = place.path() + "/root/out";
  std::atomic<bool> is_over = false;
  std::thread swapper([&] {
    while (!is_over) syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), 2);
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (int i = 0; fs::is_empty(trap) && std::chrono::steady_clock::now() < deadline; ++i) {
    struct stat info{};
    const std::string made = one + "/b/" + std::to_string(i);
    if (lstat(one.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) mkdir(made.c_str(), 0755);
  }
  is_over = true;
  swapper.join();
  EXPECT_FALSE(fs::is_empty(trap));
}

}  // namespace
}  // namespace kelp::sys
