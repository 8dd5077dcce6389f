// SPDX-License-Identifier: Apache-2.0
// `kelp bwrap` in a root file system that wants to get out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "e2e/bwrap.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A file without a format is given to /bin/sh, which here is kelp's own file: writable by /proc/self/exe.
TEST(BwrapHostile, AShellThatIsKelpItselfGetsNoScript) {
  const TempDir place;
  place.dir("proc");
  place.file("bin/job", "echo ran\n", 0755);
  fs::create_symlink("/proc/self/exe", place.path() + "/bin/sh");
  const Outcome outcome =
      kelp({"bwrap", "--bind", place.path(), "/", "--proc", "/proc", "--unshare-pid", "/bin/job"});
  EXPECT_EQ(outcome.out, "");
  if (may_write_kelp()) {
    // It is kelp-exec then, which does nothing with such arguments.
    EXPECT_EQ(outcome.status, 125) << outcome.err;
    return;
  }
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("kelp's own program"));
}

// What bubblewrap's CVEs of this kind did: a link in the sandbox's files that leads to the host.
TEST(BwrapHostile, DestinationsLeadNowhereOutside) {
  const TempDir place;
  const std::string outside = place.dir("outside");
  const std::string root = make_small_root(place);
  fs::create_symlink(outside, root + "/link");
  fs::create_symlink("../../../../../../../.." + outside, root + "/up");
  const Outcome made = bwrap({"--bind", root, "/", "--dir", "/link/x"}, {"true"});
  EXPECT_NE(made.status, 0);
  const Outcome written = on_host("echo x | \"$kelp\" bwrap --bind '" + root + "' / --file 0 /up/file true");
  EXPECT_NE(written.status, 0);
  EXPECT_TRUE(fs::is_empty(outside)) << testing::PrintToString(made) << testing::PrintToString(written);
}

TEST(BwrapHostile, TheWorkingDirectoryLeadsNowhereOutside) {
  const Outcome outcome = on_host(
      "exec 3</; \"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --proc /proc --chdir /proc/self/fd/3 ls");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, StartsWith("bwrap: Can't chdir to /proc/self/fd/3: "));
}

TEST(BwrapHostile, ProcessOneTellsNothingOfItsCaller) {
  const Outcome outcome =
      in_empty("cat /proc/1/environ /proc/1/cmdline; cat /proc/self/environ | tr '\\0' '\\n'",
               {"--unshare-pid", "--proc", "/proc", "--setenv", "SEEN", "control"});
  EXPECT_THAT(outcome.out, HasSubstr("SEEN=control")) << testing::PrintToString(outcome);
  EXPECT_THAT(outcome.out, Not(HasSubstr("ro-bind")));
  EXPECT_THAT(outcome.err, HasSubstr("/proc/1/environ"));
}

}  // namespace
}  // namespace kelp::harness
