// SPDX-License-Identifier: Apache-2.0
// Where a cgroup can be made, on machines built on disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/text.h"
#include "harness/places.h"
#include "host/cgroup_facts.h"

namespace kelp::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kSession = "user.slice/user-1000.slice/session-1.scope";

class Cgroups : public testing::Test {
 protected:
  Cgroups() {
    ::unsetenv("XDG_RUNTIME_DIR");
    place_.file("proc/self/mountinfo",
                "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
                "30 27 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n");
    in(kSession);
    cgroup(kSession, "memory pids", "", cat(::getpid(), "\n"));
    machine_ = {.prefix = place_.path(), .uid = 1000, .user = "alga"};
  }
  void in(const std::string& cgroup) { place_.file("proc/self/cgroup", cat("0::/", cgroup, "\n")); }
  void cgroup(const std::string& name, const std::string& controllers, const std::string& enabled,
              const std::string& processes) {
    const std::string at = cat("sys/fs/cgroup/", name, name.empty() ? "" : "/");
    place_.file(cat(at, "cgroup.controllers"), cat(controllers, "\n"));
    place_.file(cat(at, "cgroup.subtree_control"), cat(enabled, "\n"));
    place_.file(cat(at, "cgroup.procs"), processes);
    place_.file(cat(at, "cgroup.type"), "domain\n");
  }
  CgroupFacts probe(const std::string& parent = "") const { return probe_cgroups(machine_, parent); }

  harness::TempDir place_;
  Machine machine_;
};

TEST_F(Cgroups, OwnOneIsReadWhole) {
  const CgroupFacts facts = probe();
  EXPECT_EQ(facts.mount, "/sys/fs/cgroup");
  EXPECT_EQ(facts.own.directory, cat("/sys/fs/cgroup/", kSession));
  EXPECT_TRUE(facts.own.exists);
  EXPECT_TRUE(facts.own.is_writable);
  EXPECT_FALSE(facts.own.holds_others);
  EXPECT_FALSE(facts.own.is_top);
  EXPECT_THAT(facts.own.controllers, ElementsAre("memory", "pids"));
  EXPECT_THAT(facts.own.enabled, IsEmpty());
  EXPECT_EQ(facts.none_because, "");
}

TEST_F(Cgroups, WithOtherProcessesAreInTheWayAndSaySo) {
  cgroup(kSession, "memory pids", "", cat(::getpid(), "\n1\n"));
  EXPECT_TRUE(probe().own.holds_others);
  EXPECT_THAT(probe().none_because, HasSubstr("holds other processes than kelp"));
}

TEST_F(Cgroups, OfNobodyAreRefusedWithTheCommandThatHelps) {
  ::chmod(cat(place_.path(), "/sys/fs/cgroup/", kSession, "/cgroup.procs").c_str(), 0444);
  const CgroupFacts facts = probe();
  EXPECT_FALSE(facts.own.is_writable);
  EXPECT_EQ(facts.none_because,
            "no cgroup is delegated to you, and no systemd of yours runs that could make one");
  EXPECT_THAT(facts.mend, HasSubstr("sudo loginctl enable-linger $(id -un)"));
}

TEST_F(Cgroups, OfVersionOneAreNone) {
  place_.file("proc/self/mountinfo", "30 27 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  EXPECT_EQ(probe().none_because, "no cgroup v2 is mounted here");
  place_.file("proc/self/mountinfo", "30 27 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  place_.file("proc/self/cgroup", "4:memory:/\n0::/\n");
  EXPECT_EQ(probe().none_because, "the controllers belong to cgroup v1, where only root sets limits");
  EXPECT_EQ(probe().mend, "boot with cgroup_no_v1=all, and mount a cgroup2 on /sys/fs/cgroup");
  place_.dir("run/systemd/system");
  EXPECT_EQ(probe().mend, "boot with systemd.unified_cgroup_hierarchy=1");
}

TEST_F(Cgroups, AreMadeByTheUsersSystemdWhereItRuns) {
  EXPECT_EQ(probe().manager, ServiceManager{});
  place_.file("run/user/1000/bus", "");
  EXPECT_EQ(probe().manager, ServiceManager{});
  place_.file("run/user/1000/systemd/private", "");
  cgroup("user.slice/user-1000.slice/user@1000.service", "cpu memory pids", "memory pids", "");
  const ServiceManager manager = probe().manager;
  EXPECT_EQ(manager.bus_address, "unix:path=/run/user/1000/bus");
  EXPECT_FALSE(manager.is_system);
  EXPECT_THAT(manager.controllers, ElementsAre("cpu", "memory", "pids"));
}

TEST_F(Cgroups, OfAnotherRuntimeDirectoryHaveAnEscapedAddress) {
  place_.file("odd place/bus", "");
  place_.file("odd place/systemd/private", "");
  ::setenv("XDG_RUNTIME_DIR", "/odd place", 1);
  EXPECT_EQ(probe().manager.bus_address, "unix:path=/odd%20place/bus");
}

TEST_F(Cgroups, OfRootAreMadeByTheMachinesSystemd) {
  machine_.uid = 0;
  place_.file("run/systemd/private", "");
  place_.file("run/dbus/system_bus_socket", "");
  place_.file("sys/fs/cgroup/cgroup.controllers", "cpu io memory pids\n");
  place_.file("proc/self/uid_map", "         0       1000          1\n");
  EXPECT_EQ(probe().manager, ServiceManager{});
  place_.file("proc/self/uid_map", "         0          0 4294967295\n");
  const ServiceManager manager = probe().manager;
  EXPECT_TRUE(manager.is_system);
  EXPECT_EQ(manager.bus_address, "unix:path=/run/dbus/system_bus_socket");
  EXPECT_THAT(manager.controllers, ElementsAre("cpu", "io", "memory", "pids"));
}

TEST_F(Cgroups, ThatAreNamedAreFoundByEitherOfTheirNames) {
  cgroup("mine", "memory", "memory", "");
  place_.file("sys/fs/cgroup/cgroup.procs", "");
  for (const char* name : {"/mine", "/sys/fs/cgroup/mine"}) {
    const CgroupFacts facts = probe(name);
    EXPECT_EQ(facts.parent->directory, "/sys/fs/cgroup/mine") << name;
    EXPECT_TRUE(facts.parent->exists) << name;
    EXPECT_TRUE(facts.may_enter_parent) << name;
  }
  EXPECT_FALSE(probe("/none").parent->exists);
}

TEST_F(Cgroups, OfANamespaceAreSeenFromItsRoot) {
  place_.file("proc/self/mountinfo", "30 27 0:26 /pod/one /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  in("pod/one/work");
  EXPECT_EQ(probe().own.directory, "/sys/fs/cgroup/work");
  in("pod/other");
  EXPECT_EQ(probe().own.directory, "");
  in("../other");
  EXPECT_EQ(probe().own.directory, "");
}

}  // namespace
}  // namespace kelp::host
