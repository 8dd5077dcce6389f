// SPDX-License-Identifier: Apache-2.0
// The other readers of src/host: passwd, id maps, mountinfo, cgroup limits, kernel releases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "harness/places.h"
#include "host/accounts.h"
#include "host/file_causes.h"
#include "host/id_facts.h"
#include "host/mountinfo.h"

namespace kelp::host {
namespace {

using harness::TempDir;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Accounts, TheFirstLineOfTheUidCounts) {
  const TempDir place;
  const std::string path = place.file("passwd",
                                      "root:x:0:0:root:/root:/bin/sh\n"
                                      "alice:x:1000:1000:A,B:/home/alice:/bin/bash\n"
                                      "alias:x:1000:1000::/elsewhere:/bin/bash\n");
  EXPECT_EQ(*account_in_file(path, 1000), (Account{.name = "alice", .home = "/home/alice"}));
  EXPECT_EQ(*account_in_file(path, 0), (Account{.name = "root", .home = "/root"}));
  EXPECT_EQ(*account_in_file(path, 1), std::nullopt);
  EXPECT_EQ(*account_in_file(cat(place.path(), "/none"), 0), std::nullopt);
}

TEST(Accounts, ABrokenLineIsNobodys) {
  for (const std::string_view line :
       {"", "alice", "alice:x", ":x:1000:1000::/h:", "+::::::", "alice:x:1000x:1::/h:/s",
        "alice:x:-1:1::/h:/s", "alice:x:4294968296:1::/h:/s"}) {
    EXPECT_EQ(read_account(line, 1000), std::nullopt) << line;
  }
}

TEST(Accounts, AHomeMustBeAbsolute) {
  EXPECT_EQ(read_account("alice:x:1000:1000::home:/bin/sh", 1000)->home, "");
  EXPECT_EQ(read_account("alice:x:1000", 1000)->home, "");
}

TEST(IdMap, IsReadInItsPaddedColumns) {
  const Ranges all = read_id_map("         0          0 4294967295\n");
  EXPECT_TRUE(is_every_id(all));
  const Ranges some = read_id_map("         0       1000          1\n         1     100000      65536\n");
  // Two extents of the kernel's: a map one level down may not have one that spans both.
  EXPECT_THAT(some, ElementsAre(SubordinateRange{.first = 0, .count = 1},
                                SubordinateRange{.first = 1, .count = 65536}));
  EXPECT_FALSE(is_every_id(some));
  EXPECT_THAT(read_id_map("0 0\nx y z\n0 0 0\n"), IsEmpty());
}

TEST(Mountinfo, TypeComesAfterTheOptionalTags) {
  const auto mounts = read_mountinfo(
      "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
      "23 27 0:22 /x /mnt/a\\040b ro,nosuid shared:1 master:2 - tmpfs tmpfs rw\n"
      "broken\n");
  EXPECT_THAT(
      mounts,
      ElementsAre(
          MountEntry{.root = "/", .mount_point = "/proc", .options = "rw,relatime", .type = "proc"},
          MountEntry{.root = "/x", .mount_point = "/mnt/a b", .options = "ro,nosuid", .type = "tmpfs"}));
}

TEST(Mountinfo, WhatTheKernelKeepsEmptyIsNoMask) {
  const auto at = [](std::string_view point) {
    return MountEntry{.root = "/", .mount_point = std::string(point), .options = "rw", .type = "tmpfs"};
  };
  EXPECT_THAT(
      masks_below({at("/proc"), at("/proc/sys/fs/binfmt_misc"), at("/proc/kcore"), at("/process")}, "/proc"),
      ElementsAre("/proc/kcore"));
  EXPECT_THAT(masks_below({at("/sys/fs/cgroup"), at("/sys/fs/cgroup/memory"), at("/sys/firmware")}, "/sys"),
              ElementsAre("/sys/firmware"));
}

TEST(KernelVersion, IsReadFromARelease) {
  EXPECT_EQ(read_kernel_version("6.18.44-fc-v445"), (KernelVersion{6, 18}));
  EXPECT_EQ(read_kernel_version("5.4"), (KernelVersion{5, 4}));
  EXPECT_EQ(read_kernel_version("x"), KernelVersion{});
  EXPECT_LT((KernelVersion{5, 4}), (KernelVersion{5, 11}));
}

}  // namespace
}  // namespace kelp::host
