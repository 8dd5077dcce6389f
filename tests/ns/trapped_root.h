// SPDX-License-Identifier: Apache-2.0
// A root with a trap beside it, and the resolver by either of its walks: openat2(2), and one component at a
// time for kernels and filters without it. What one says the other must say.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "harness/harness.h"
#include "sys/files.h"
#include "sys/resolve.h"

namespace kelp::sys {

namespace fs = std::filesystem;
using harness::TempDir;

class TrappedRoot : public testing::TestWithParam<Walk> {
 protected:
  TrappedRoot() {
    place_.file("trap/file", "trap\n");
    place_.file("root/file", "root\n");
    place_.file("root/dir/file", "inner\n");
    Result<UniqueFd> root = open_file(path(), O_PATH | O_DIRECTORY);
    root_ = std::move(*root);
  }

  std::string path(const std::string& below = "") const { return place_.path() + "/root" + below; }
  std::string trap() const { return place_.path() + "/trap"; }
  void link(const std::string& name, const std::string& target) const { place_.link("root/" + name, target); }

  // What lies at the path: the content of a file, "directory", "link", or the errno.
  std::string look(const std::string& wanted, LastLink last = LastLink::kFollow) const {
    const Result<UniqueFd> fd = resolve(root_.get(), wanted, last, GetParam());
    if (!fd) return std::string("errno ") + strerrorname_np(fd.error().code());
    return describe(fd->get());
  }
  static std::string describe(int fd) {
    struct stat info{};
    if (fstatat(fd, "", &info, AT_EMPTY_PATH) != 0) return "?";
    if (S_ISDIR(info.st_mode)) return "directory";
    if (S_ISLNK(info.st_mode)) return "link";
    const Result<std::string> text = read_file(proc_path(fd), 4096);
    return text ? *text : "unreadable";
  }

  std::string make(const std::string& wanted, Make what = Make::kDirectory,
                   Dangling dangling = Dangling::kRefuse) const {
    const Result<Place> made =
        resolve_or_make(root_.get(), wanted, {.what = what, .dangling = dangling, .walk = GetParam()});
    if (!made) return "refused: " + made.error().reason();
    return made->made ? "made" : "there";
  }

  void expect_trap_untouched() const {
    EXPECT_EQ(std::distance(fs::directory_iterator(trap()), {}), 1);
    EXPECT_EQ(harness::read_file(trap() + "/file"), "trap\n");
  }

  TempDir place_;
  UniqueFd root_;
};

inline std::string name_of_walk(const testing::TestParamInfo<Walk>& walk) {
  return walk.param == Walk::kKernel ? "ByTheKernel" : "ByComponents";
}
inline auto both_walks() { return testing::Values(Walk::kKernel, Walk::kWalk); }

}  // namespace kelp::sys
