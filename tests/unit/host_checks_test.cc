// SPDX-License-Identifier: Apache-2.0
// The table of `kelp doctor` on machines built on disk: what is missing, and what is not called so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "host/checks.h"
#include "unit/built_machine.h"

namespace kelp::host {
namespace {

using testing::HasSubstr;

class Checks : public BuiltMachine {
 protected:
  Checks() {
    situation_.machine = machine_;
    for (const Failed what : kTried) situation_.trial.set(what, 0);
    situation_.facts.caller.uid = 1000;
    situation_.facts.tmpfs_takes_user_xattrs = true;
    situation_.facts.ids = IdFacts{};
    situation_.facts.ids->user_ranges =
        situation_.facts.ids->group_ranges = {{.first = 200000, .count = 65536}};
    situation_.facts.ids->newuidmap = situation_.facts.ids->newgidmap = "/usr/bin/true";
    situation_.facts.ids->no_new_privs = true;
    situation_.facts.ids->may_set_ids = true;
    situation_.facts.ids->own_users = {{.first = 0, .count = 65536}};
    situation_.facts.landlock_abi = 7;
  }

  Finding of(std::string_view name) const {
    for (const Check& check : all_checks()) {
      if (check.name == name) return check.examine(situation_);
    }
    ADD_FAILURE() << "no such check: " << name;
    return {};
  }

  Situation situation_;
};

TEST_F(Checks, NothingIsMissingWhereAllWorks) {
  for (const Check& check : all_checks()) {
    EXPECT_NE(check.examine(situation_).condition, Condition::kMissing) << check.name;
  }
}

TEST_F(Checks, AFailedStepIsMissingWithTheKernelsWordWhereNoCauseIsKnown) {
  situation_.trial.set(Failed::kFirstMount, EIO);
  EXPECT_EQ(of("rights in them").condition, Condition::kMissing);
  EXPECT_THAT(of("rights in them").why, HasSubstr("Input/output error"));
}

TEST_F(Checks, WhatWasNotTriedIsNotCalledOk) {
  situation_.trial = Trial();
  situation_.trial.set(Failed::kClone, EPERM);
  for (const std::string_view name :
       {"user namespaces", "rights in them", "other namespaces", "proc", "overlay"}) {
    EXPECT_EQ(of(name).condition, Condition::kMissing) << name;
  }
}

TEST_F(Checks, ASeccompFilterIsBlamedOnlyForWhatNothingElseExplains) {
  put("proc/self/status", status_of("2", "1", "0000000000000000"));
  EXPECT_EQ(of("outer seccomp filter").condition, Condition::kOk);
  situation_.trial.set(Failed::kClone, EPERM);
  EXPECT_EQ(of("outer seccomp filter").condition, Condition::kMissing);
  put("proc/sys/kernel/unprivileged_userns_clone", "0\n");
  EXPECT_EQ(of("outer seccomp filter").condition, Condition::kOk);
}

TEST_F(Checks, NoNewPrivsMattersOnlyToThoseWhoNeedAHelper) {
  EXPECT_EQ(of("no_new_privs").condition, Condition::kOk);
  situation_.facts.ids->may_set_ids = false;
  EXPECT_EQ(of("no_new_privs").condition, Condition::kMissing);
}

TEST_F(Checks, OneIdIsNotFullStrength) {
  situation_.facts.ids->own_users = {{.first = 0, .count = 1}};
  EXPECT_EQ(of("subordinate ids").condition, Condition::kMissing);
}

TEST_F(Checks, AMissingHelperIsMissing) {
  situation_.facts.ids->may_set_ids = false;
  situation_.facts.ids->newgidmap.clear();
  EXPECT_EQ(of("newuidmap, newgidmap").condition, Condition::kMissing);
}

TEST_F(Checks, AnOverlayOnDiskIsLessThanOneInMemory) {
  situation_.trial.set(Failed::kOverlay, EIO);
  situation_.facts.tmpfs_takes_user_xattrs = false;
  situation_.facts.scratch_directory = "/var/tmp";
  EXPECT_EQ(of("overlay").condition, Condition::kLimited);
  situation_.facts.scratch_directory.clear();
  situation_.facts.no_scratch_because = "neither XDG_DATA_HOME nor HOME is set";
  EXPECT_EQ(of("overlay").condition, Condition::kLimited);
  EXPECT_THAT(of("overlay").why, HasSubstr("neither XDG_DATA_HOME nor HOME is set"));
  situation_.facts.tmpfs_takes_user_xattrs = true;
  EXPECT_EQ(of("overlay").condition, Condition::kMissing);
}

TEST_F(Checks, MountsInsideOfTheUserlandAreTold) {
  place_.file("proc/self/mountinfo",
              "27 1 254:0 / / rw - ext4 /dev/vda rw\n28 27 0:40 / /usr/local rw - ext4 x rw\n");
  EXPECT_EQ(of("locked mounts").condition, Condition::kLimited);
  EXPECT_THAT(of("locked mounts").fact, HasSubstr("/usr/local"));
}

TEST_F(Checks, CgroupsTellWhatCanBeLimitedAndWhyNot) {
  CgroupFacts cgroups;
  cgroups.none_because = "it is so";
  cgroups.mend = "do this";
  situation_.facts.cgroups = cgroups;
  EXPECT_EQ(of("cgroups"), (Finding{.condition = Condition::kLimited,
                                    .fact = "--memory, --cpus, --pids-limit and their like are refused",
                                    .why = "it is so",
                                    .mend = "do this"}));
  cgroups.none_because.clear();
  cgroups.manager = {.bus_address = "unix:path=/run/user/1000/bus", .controllers = {"memory", "pids"}};
  situation_.facts.cgroups = cgroups;
  EXPECT_EQ(of("cgroups").fact, "limits by memory, pids, not by cpu, io");
  EXPECT_THAT(of("cgroups").mend, HasSubstr("Delegate="));
  situation_.facts.cgroups->manager.controllers = {"cpu", "memory", "pids"};
  EXPECT_EQ(of("cgroups").condition, Condition::kOk);
}

TEST_F(Checks, LandlockIsToldWithWhatAnOldOneLacks) {
  EXPECT_EQ(of("landlock").fact, "ABI 7");
  EXPECT_EQ(of("landlock").condition, Condition::kOk);
  situation_.facts.landlock_abi = 5;
  EXPECT_EQ(of("landlock").condition, Condition::kLimited);
  EXPECT_THAT(of("landlock").why, HasSubstr("ABI 6"));
  situation_.facts.landlock_abi.reset();
  EXPECT_EQ(of("landlock").fact, "none");
  EXPECT_EQ(of("landlock").condition, Condition::kLimited);
}

TEST_F(Checks, NameWhatConnectsANetwork) {
  EXPECT_EQ(of("network").why, "neither pasta nor slirp4netns is installed");
  EXPECT_EQ(of("network").condition, Condition::kLimited);
  EXPECT_THAT(of("network").mend, HasSubstr("passt"));
  situation_.facts.network = NetworkFacts{.pasta = "/usr/bin/pasta"};
  EXPECT_EQ(of("network"), (Finding{.fact = "/usr/bin/pasta"}));
  situation_.facts.network->tunnel_error = EACCES;
  EXPECT_EQ(of("network").why, "/dev/net/tun may not be opened: Permission denied");
  situation_.facts.network = NetworkFacts{.slirp4netns = "/usr/bin/slirp4netns"};
  EXPECT_EQ(of("network").fact, "/usr/bin/slirp4netns, which publishes no port");
}

}  // namespace
}  // namespace kelp::host
