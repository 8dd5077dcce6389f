// SPDX-License-Identifier: Apache-2.0
// `kelp bwrap` in a root file system that wants to get out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

// A file without a format is given to /bin/sh, which here is kelp's own file: writable by /proc/self/exe.
TEST(BwrapHostile, AShellThatIsKelpItselfGetsNoScript) {
  const TempDir place;
  place.dir("proc");
  place.file("bin/job", "echo ran\n", 0755);
  std::filesystem::create_symlink("/proc/self/exe", place.path() + "/bin/sh");
  const Outcome outcome =
      kelp({"bwrap", "--bind", place.path(), "/", "--proc", "/proc", "--unshare-pid", "/bin/job"});
  EXPECT_EQ(outcome.out, "");
  if (may_write_kelp()) {
    // It is kelp-exec then, which does nothing with such arguments.
    EXPECT_EQ(outcome.status, 125) << outcome.err;
    return;
  }
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, testing::HasSubstr("kelp's own program"));
}

}  // namespace
}  // namespace kelp::harness
