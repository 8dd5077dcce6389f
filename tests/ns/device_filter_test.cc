// SPDX-License-Identifier: Apache-2.0
// What the processes of a cgroup may open by its filter of devices.
#include "sys/device_filter.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "harness/places.h"
#include "sys/files.h"

namespace kelp::sys {
namespace {

constexpr DeviceFilterRule kNothing = {.allow = false};
constexpr DeviceFilterRule kNull = {.allow = true, .type = DeviceType::kCharacter, .major = 1, .minor = 3};

// In a cgroup of its own: which of the devices can be opened, as "null zero".
class Devices : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "not for this identity: the program takes rights over the machine";
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", place.path().c_str(), "cgroup2", 0, nullptr) != 0) {
      if (errno != EPERM) FAIL() << "errno " << errno;
      GTEST_SKIP() << "not for this identity: the machine's root mounts cgroups";
    }
    cgroup = place.path() + "/kelp-devices-" + std::to_string(::getpid());
    ASSERT_EQ(::mkdir(cgroup.c_str(), 0755), 0);
    std::ofstream(cgroup + "/cgroup.procs") << ::getpid();
  }
  void TearDown() override {
    if (cgroup.empty()) return;
    std::ofstream(place.path() + "/cgroup.procs") << ::getpid();
    ::rmdir(cgroup.c_str());
    ::umount2(place.path().c_str(), MNT_DETACH);
  }

  std::string under(const std::vector<DeviceFilterRule>& rules) const {
    const Result<UniqueFd> fd = open_file(cgroup, O_RDONLY | O_DIRECTORY);
    const Status attached = attach_device_filter(fd->get(), compile_device_filter(rules));
    return attached ? opened() : attached.error().sentence();
  }
  static std::string opened() {
    std::string out;
    for (const char* const name : {"null", "zero", "full"}) {
      const std::string path = std::string("/dev/") + name;
      const UniqueFd reads(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      const UniqueFd writes(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
      if (reads.valid() || writes.valid()) out += std::string(name) + (writes.valid() ? " " : "(r) ");
    }
    return out;
  }

  harness::TempDir place;
  std::string cgroup;
};

TEST_F(Devices, AreAllThereWithoutAFilter) { EXPECT_EQ(opened(), "null zero full "); }

TEST_F(Devices, AreThoseOfTheLastRuleThatMatches) { EXPECT_EQ(under({kNothing, kNull}), "null "); }

TEST_F(Devices, AreNoneWhereNoRuleMatches) { EXPECT_EQ(under({}), ""); }

TEST_F(Devices, CanBeTakenAwayAgain) {
  EXPECT_EQ(
      under({{.allow = true}, {.allow = false, .type = DeviceType::kCharacter, .major = 1, .minor = 5}}),
      "null full ");
}

TEST_F(Devices, CanBeForReadingAlone) {
  EXPECT_EQ(under({kNothing, {.allow = true, .type = DeviceType::kCharacter, .major = 1, .access = kRead}}),
            "null(r) zero(r) full(r) ");
}

TEST_F(Devices, OfAnotherTypeAreNotMeant) {
  EXPECT_EQ(under({kNothing, {.allow = true, .type = DeviceType::kBlock, .major = 1, .minor = 3}}), "");
}

}  // namespace
}  // namespace kelp::sys
