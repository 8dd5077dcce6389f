// SPDX-License-Identifier: Apache-2.0
// `kelp unshare`: the same ids as in a container, on this machine's own files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Unshare, HasTheIdsOfAContainer) {
  const Outcome outside = kelp({"unshare", "cat", "/proc/self/uid_map"});
  EXPECT_EQ(outside.status, 0) << outside.err;
  EXPECT_EQ(outside.out, kelp({"run", small_root(), "cat", "/proc/self/uid_map"}).out);
  EXPECT_EQ(kelp({"unshare", "id", "-u"}).out, "0\n");
}

// As the README has it: what a container made as another of its users its owner cannot even delete.
TEST(Unshare, DeletesWhatBelongsToSubordinateIds) {
  KELP_ONLY_AS("needs more than one id, and no right over them outside", "user");
  const TempDir place;
  const std::string work = place.dir("work");
  const Outcome made =
      kelp({"run", "-v", work + ":/data", small_root(), "sh", "-c",
            "mkdir -m 700 /data/theirs && echo x >/data/theirs/file && chown -R 7:7 /data/theirs"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_NE(run({"rm", "-r", work + "/theirs"}).status, 0) << "the control: without the ids it fails";
  EXPECT_EQ(kelp({"unshare", "stat", "-c", "%u", work + "/theirs"}).out, "7\n");
  EXPECT_EQ(kelp({"unshare", "rm", "-r", work + "/theirs"}).status, 0);
  EXPECT_FALSE(fs::exists(work + "/theirs"));
}

TEST(Unshare, ChangesNothingElseOfTheCaller) {
  const TempDir place;
  const std::string work = place.dir("work");
  const Outcome outcome = kelp({"unshare", "sh", "-c", "pwd; umask; echo $OWN; echo x >made"},
                               {.env = {"OWN=mine"}, .cwd = work, .before_exec = [] { umask(0077); }});
  EXPECT_EQ(outcome.out, work + "\n0077\nmine\n") << outcome.err;
  struct stat info{};
  ASSERT_EQ(::stat((work + "/made").c_str(), &info), 0) << "on the machine's own file system";
  EXPECT_EQ(info.st_uid, ::geteuid());
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(Unshare, StartsWhereItIsTold) {
  EXPECT_EQ(kelp({"unshare", "-w", "/usr", "pwd"}).out, "/usr\n");
  EXPECT_EQ(kelp({"unshare", "-w", "lib", "pwd"}, {.cwd = "/usr"}).out, "/usr/lib\n");
  const Outcome nowhere = kelp({"unshare", "-w", "/no/such", "pwd"});
  EXPECT_EQ(nowhere.status, 125);
  EXPECT_THAT(nowhere.err, StartsWith("kelp: cannot enter /no/such: No such file or directory"));
}

TEST(Unshare, PassesOnTheCommandsStatus) {
  EXPECT_EQ(kelp({"unshare", "sh", "-c", "exit 7"}).status, 7);
  EXPECT_EQ(kelp({"unshare", "kelp-no-such-program"}).status, 127);
  const Outcome unknown = kelp({"unshare", "--no-such-flag", "true"});
  EXPECT_EQ(unknown.status, 125);
  EXPECT_THAT(unknown.err, HasSubstr("--no-such-flag"));
}

}  // namespace
}  // namespace kelp::harness
