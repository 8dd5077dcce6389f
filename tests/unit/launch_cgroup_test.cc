// SPDX-License-Identifier: Apache-2.0
// Settings of a cgroup are proven to be in force; its counters are read. On plain files, which can be made to
// lie.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/places.h"
#include "launch/cgroup_files.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

using testing::HasSubstr;

class Settings : public testing::Test {
 protected:
  // The refusal; empty: in force.
  std::string apply(plan::CgroupSetting setting) const {
    Result<sys::UniqueFd> fd = sys::open_file(place.path(), O_RDONLY | O_DIRECTORY);
    setting.origin = {"--flag"};
    const Status applied = apply_settings(fd->get(), "/cg", {setting});
    return applied ? "" : applied.error().sentence();
  }
  harness::TempDir place;
};

TEST_F(Settings, AreWrittenAndReadBack) {
  place.file("pids.max", "");
  EXPECT_EQ(apply({.file = "pids.max", .value = "20"}), "");
  EXPECT_EQ(harness::read_file(place.path() + "/pids.max"), "20");
}

TEST_F(Settings, ThatAreTakenAndNotKeptAreRefused) {
  place.link("memory.max", "/dev/null");
  EXPECT_EQ(apply({.file = "memory.max", .value = "1048576"}),
            "cannot use --flag: it is not in force: '1048576' was written to /cg/memory.max, which shows ''");
  place.file("cpu.max", "max 100000 and more");
  EXPECT_THAT(apply({.file = "cpu.max", .value = "1000"}), HasSubstr("it is not in force"));
}

TEST_F(Settings, OfMemoryMayBeRoundedDownToAPage) {
  const auto shown = [&](std::string text) {
    // What was there is longer than what is written, and so shows through.
    text.insert(0, "1048577");
    place.file("memory.max", text);
    return apply({.file = "memory.max", .value = "1048577"});
  };
  EXPECT_EQ(shown("\n"), "");
  EXPECT_THAT(shown("0\n"), HasSubstr("it is not in force"));
}

TEST_F(Settings, OfOneDeviceAreAmongOthersInItsFile) {
  // What is written replaces the beginning of what was there.
  place.file("io.max", "---------- wbps=max riops=max\n8:16 rbps=9 wbps=max\n");
  EXPECT_EQ(apply({.file = "io.max", .value = "8:0 rbps=5"}), "");
  place.file("io.max", "----------0 wbps=max\n");
  EXPECT_THAT(apply({.file = "io.max", .value = "8:0 rbps=5"}), HasSubstr("it is not in force"));
  place.file("io.weight", "-----------\n8:0 200\n");
  EXPECT_EQ(apply({.file = "io.weight", .value = "default 100"}), "");
}

TEST_F(Settings, OfProcessorsMayBeWrittenInAnotherWay) {
  place.file("cpuset.cpus", "---\n");
  EXPECT_EQ(apply({.file = "cpuset.cpus", .value = "0,1"}), "");
  place.file("cpuset.cpus", "---,4\n");
  EXPECT_THAT(apply({.file = "cpuset.cpus", .value = "0-1"}), HasSubstr("it is not in force"));
}

TEST_F(Settings, TakeAnotherFileWhereTheirOwnIsMissing) {
  place.file("io.weight", "");
  EXPECT_EQ(
      apply({.file = "io.bfq.weight", .value = "10", .else_file = "io.weight", .else_value = "default 5"}),
      "");
  EXPECT_EQ(harness::read_file(place.path() + "/io.weight"), "default 5");
  EXPECT_THAT(apply({.file = "hugetlb.2MB.rsvd.max", .value = "1", .else_file = "hugetlb.2MB.max"}),
              HasSubstr("this kernel has no hugetlb.2MB.max in /cg"));
}

TEST_F(Settings, WithoutTheirFileAreRefusedUnlessNothingIsThereToLimit) {
  EXPECT_EQ(apply({.file = "io.weight", .value = "default 5"}),
            "cannot use --flag: this kernel has no io.weight in /cg");
  EXPECT_EQ(apply({.file = "memory.swap.max", .value = "5", .optional = true}), "");
}

TEST(CgroupDirectory, IsNoneWhereAnotherFileSystemLies) {
  const harness::TempDir place;
  place.file("cgroup.procs", "");
  const Result<sys::UniqueFd> opened = open_cgroup(place.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().sentence(),
            "cannot use the cgroup " + place.path() +
                ": what lies there now is no cgroup v2: something is mounted over it");
}

// The cgroup "top" with others in it, one in the other.
std::string removal_of_nested(unsigned deep) {
  const harness::TempDir place;
  std::string path = place.dir("top");
  for (unsigned i = 0; i < deep; ++i) EXPECT_EQ(::mkdir((path += "/d").c_str(), 0755), 0);
  const Result<sys::UniqueFd> fd = sys::open_file(place.path(), O_RDONLY | O_DIRECTORY);
  const Status removed = remove_cgroups(fd->get(), "top");
  EXPECT_EQ(::access((place.path() + "/top").c_str(), F_OK) == 0, !removed);
  return removed ? "" : removed.error().sentence();
}

TEST(CgroupRemoval, SaysWhatIsTooDeepForIt) {
  EXPECT_EQ(removal_of_nested(1), "");
  EXPECT_EQ(removal_of_nested(64), "");
  EXPECT_EQ(removal_of_nested(65), "cannot remove the cgroups in it: they lie more than 64 deep");
}

TEST(Counters, AreReadByTheirWord) {
  EXPECT_EQ(number_in("42\n"), 42U);
  EXPECT_EQ(number_in("max\n"), std::nullopt);
  constexpr const char* kStat = "usage_usec 30\nuser_usec 20\nsystem_usec 10\n";
  EXPECT_EQ(field_in(kStat, "user_usec"), 20U);
  EXPECT_EQ(field_in(kStat, "user"), std::nullopt);
  EXPECT_EQ(field_in("oom 3\noom_kill 2\noom_group_kill 0\n", "oom_kill"), 2U);
}

}  // namespace
}  // namespace kelp::launch
