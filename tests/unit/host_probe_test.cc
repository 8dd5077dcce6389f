// SPDX-License-Identifier: Apache-2.0
// probe() on the machine that runs the test: it fills what was asked for, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/text.h"
#include "harness/places.h"
#include "host/overlay_upper.h"
#include "host/probe.h"

namespace kelp::host {
namespace {

using harness::TempDir;
using testing::IsEmpty;

TEST(Probe, FillsOnlyWhatIsNeeded) {
  const Result<Facts> facts = probe({});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->caller.uid, ::geteuid());
  EXPECT_EQ(facts->ids, std::nullopt);
  EXPECT_THAT(facts->files, IsEmpty());
  EXPECT_THAT(facts->home, IsEmpty());
}

TEST(Probe, KnowsKelpsOwnFile) {
  struct stat own{};
  ASSERT_EQ(::stat("/proc/self/exe", &own), 0);
  const Result<Facts> facts = probe({});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->self_inode, own.st_ino);
  EXPECT_EQ(facts->self_device, own.st_dev);
}

TEST(Probe, LooksThroughLinksAndTellsTheirTargetsWhereAsked) {
  const TempDir place;
  place.file("dir/file", "x");
  Needs needs;
  needs.files = {cat(place.path(), "/dir"), cat(place.path(), "/dir/file"), cat(place.path(), "/none"),
                 cat(place.path(), "/dir/file/below"), place.link("quiet", "dir")};
  needs.links = {place.link("told", "dir"), place.link("dangling", "nowhere"), needs.files[0]};
  const Result<Facts> facts = probe(needs);
  ASSERT_TRUE(facts);
  const auto at = [&](std::string_view name) { return facts->file(cat(place.path(), "/", name)); };
  ASSERT_NE(at("dir"), nullptr);
  EXPECT_EQ(at("dir")->kind, FileKind::kDirectory);
  EXPECT_EQ(at("dir")->link_target, "");
  EXPECT_EQ(at("dir/file")->kind, FileKind::kOther);
  EXPECT_EQ(at("none")->kind, FileKind::kAbsent);
  EXPECT_EQ(at("none")->error, ENOENT);
  EXPECT_EQ(at("dir/file/below")->error, ENOTDIR);
  EXPECT_EQ(at("quiet")->kind, FileKind::kDirectory);
  EXPECT_EQ(at("quiet")->inode, at("dir")->inode);
  EXPECT_EQ(at("quiet")->link_target, "");
  EXPECT_EQ(at("told")->link_target, "dir");
  EXPECT_EQ(at("told")->kind, FileKind::kDirectory);
  EXPECT_EQ(at("dangling")->link_target, "nowhere");
  EXPECT_EQ(at("dangling")->kind, FileKind::kAbsent);
  EXPECT_EQ(facts->file("/not/asked/for"), nullptr);
}

TEST(Probe, ReadsTheIdsOfTheCaller) {
  Needs needs;
  needs.ids = needs.groups = needs.home = needs.overlay_upper = true;
  const Result<Facts> facts = probe(needs);
  ASSERT_TRUE(facts);
  ASSERT_TRUE(facts->ids);
  EXPECT_FALSE(facts->ids->own_users.empty());
  EXPECT_FALSE(facts->ids->own_groups.empty());
  EXPECT_EQ(facts->tmpfs_takes_user_xattrs, facts->scratch_directory.empty());
}

// With none of the variables that say where a user's data lies; each test is a process of its own.
class ScratchDirectory : public testing::Test {
 protected:
  ScratchDirectory() {
    ::unsetenv("XDG_DATA_HOME");
    ::unsetenv("HOME");
  }
  TempDir place_;
};

TEST_F(ScratchDirectory, LiesWithTheUsersData) {
  ::setenv("HOME", place_.path().c_str(), 1);
  EXPECT_EQ(find_scratch_directory().directory, cat(place_.path(), "/.local/share/kelp/layers"));
  ::setenv("XDG_DATA_HOME", cat(place_.path(), "/data").c_str(), 1);
  EXPECT_EQ(find_scratch_directory().directory, cat(place_.path(), "/data/kelp/layers"));
  ::setenv("XDG_DATA_HOME", "relative", 1);
  EXPECT_EQ(find_scratch_directory().directory, cat(place_.path(), "/.local/share/kelp/layers"));
  EXPECT_TRUE(std::filesystem::is_empty(place_.path())) << "nothing is made";
}

TEST_F(ScratchDirectory, NeedsAHome) {
  EXPECT_EQ(find_scratch_directory().directory, "");
  EXPECT_EQ(find_scratch_directory().refusal, "neither XDG_DATA_HOME nor HOME is set");
  ::setenv("HOME", "relative", 1);
  EXPECT_EQ(find_scratch_directory().refusal, "neither XDG_DATA_HOME nor HOME is set");
}

TEST_F(ScratchDirectory, IsNowhereThatTakesNoFilesOrMarks) {
  ::setenv("HOME", "/proc", 1);
  EXPECT_EQ(find_scratch_directory().directory, "");
  EXPECT_TRUE(find_scratch_directory().refusal.starts_with("nothing can be made in /proc: "));
  place_.file("home/.local", "a file");
  ::setenv("HOME", cat(place_.path(), "/home").c_str(), 1);
  EXPECT_EQ(find_scratch_directory().directory, "");
}

}  // namespace
}  // namespace kelp::host
