// SPDX-License-Identifier: Apache-2.0
// Causes and remedies on machines built on disk: each cause is told where it holds, and not where it does
// not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "base/text.h"
#include "harness/places.h"
#include "host/causes.h"
#include "host/checks.h"

namespace kelp::host {
namespace {

using harness::TempDir;
using testing::HasSubstr;

// A machine where nothing is wrong; a test changes one thing.
class Built : public testing::Test {
 protected:
  Built() {
    put("proc/self/ns/user", "");
    put("proc/self/status", status_of("0", "0", "0000000000000000"));
    put("proc/self/uid_map", "         0          0 4294967295\n");
    put("proc/self/gid_map", "         0          0 4294967295\n");
    put("proc/self/mountinfo",
        "27 1 254:0 / / rw - ext4 /dev/vda rw\n22 27 0:21 / /proc rw - proc proc rw\n");
    put("proc/sys/user/max_user_namespaces", "15000\n");
    put("etc/os-release", "ID=ubuntu\nID_LIKE=debian\n");
    put("etc/subuid", "bob:100000:65536\nalice:200000:65536\n");
    put("etc/subgid", "bob:100000:65536\nalice:200000:65536\n");
    machine_ = {.prefix = place_.path(), .release = "6.18.0", .uid = 1000, .user = "alice"};
  }

  static std::string status_of(std::string_view seccomp, std::string_view no_new_privs,
                               std::string_view effective) {
    return cat("Name:\tkelp\nCapEff:\t", effective, "\nCapBnd:\t000001ffffffffff\nNoNewPrivs:\t",
               no_new_privs, "\nSeccomp:\t", seccomp, "\nSeccomp_filters:\t0\n");
  }
  void put(std::string_view path, std::string_view text) { place_.file(path, text); }

  std::string why(Failed what, int code) const {
    const std::optional<Cause> cause = find_cause(what, code, machine_);
    return cause ? cause->why : "";
  }
  std::string mend(Failed what, int code) const {
    const std::optional<Cause> cause = find_cause(what, code, machine_);
    return cause ? cause->mend : "";
  }

  TempDir place_;
  Machine machine_;
};
using Causes = Built;

TEST_F(Causes, NoneIsInventedWhereNothingIsWrong) {
  for (const Failed what : kTried) {
    for (const int code : {EPERM, EACCES, EINVAL})
      EXPECT_EQ(why(what, code), "") << static_cast<int>(what) << " " << code;
  }
  EXPECT_EQ(why(Failed::kNoRange, 0), "");
}

TEST_F(Causes, ASwitchOfDebianIsNamedWithItsSysctl) {
  put("proc/sys/kernel/unprivileged_userns_clone", "0\n");
  EXPECT_THAT(why(Failed::kClone, EPERM), HasSubstr("kernel.unprivileged_userns_clone is 0"));
  EXPECT_THAT(mend(Failed::kClone, EPERM), HasSubstr("sudo sysctl -w kernel.unprivileged_userns_clone=1"));
  EXPECT_EQ(why(Failed::kClone, ENOSPC).find("userns_clone"), std::string::npos);
  put("proc/sys/kernel/unprivileged_userns_clone", "1\n");
  EXPECT_EQ(why(Failed::kClone, EPERM), "");
}

TEST_F(Causes, ALimitOfZeroIsToldFromOneThatIsReached) {
  EXPECT_THAT(why(Failed::kClone, ENOSPC), HasSubstr("is reached"));
  put("proc/sys/user/max_user_namespaces", "0\n");
  EXPECT_THAT(why(Failed::kClone, ENOSPC), HasSubstr("user.max_user_namespaces is 0"));
  put("proc/sys/user/max_user_namespaces", "15000\n");
  put("proc/sys/user/max_pid_namespaces", "0\n");
  EXPECT_THAT(why(Failed::kClone, ENOSPC), HasSubstr("user.max_pid_namespaces is 0"));
}

TEST_F(Causes, AppArmorIsFoundInBothOfItsWays) {
  put("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
  put("proc/self/attr/apparmor/current", "unconfined\n");
  for (const auto& [what, code] :
       {std::pair{Failed::kClone, EACCES}, {Failed::kIdMap, EPERM}, {Failed::kFirstMount, EACCES}}) {
    EXPECT_THAT(why(what, code), HasSubstr("apparmor_restrict_unprivileged_userns is 1"));
  }
  put("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n");
  EXPECT_EQ(why(Failed::kFirstMount, EPERM), "");
  put("proc/self/attr/apparmor/current", "docker-default (enforce)\n");
  EXPECT_THAT(why(Failed::kFirstMount, EACCES), HasSubstr("docker-default (enforce)"));
  put("proc/self/attr/apparmor/current", "mine (complain)\n");
  EXPECT_EQ(why(Failed::kFirstMount, EACCES), "");
}

TEST_F(Causes, AnotherModulesLabelIsNotTakenForAppArmors) {
  put("proc/self/attr/current", "system_u:system_r:init_t:s0");
  EXPECT_EQ(why(Failed::kFirstMount, EPERM), "");
}

TEST_F(Causes, AnOuterSeccompFilterIsTheLastGuess) {
  put("proc/self/status", status_of("2", "1", "0000000000000000"));
  EXPECT_THAT(why(Failed::kClone, EPERM), HasSubstr("seccomp"));
  put("proc/sys/kernel/unprivileged_userns_clone", "0\n");
  EXPECT_THAT(why(Failed::kClone, EPERM), HasSubstr("unprivileged_userns_clone"));
}

TEST_F(Causes, AFilterIsBlamedForAMountOnlyIfItRefusesMounts) {
  put("proc/self/status", status_of("2", "1", "0000000000000000"));
  machine_.mount_is_filtered = [] { return false; };
  EXPECT_EQ(why(Failed::kFirstMount, EPERM), "");
  machine_.mount_is_filtered = [] { return true; };
  EXPECT_EQ(why(Failed::kFirstMount, EPERM), "a seccomp filter set from outside refuses it");
}

TEST_F(Causes, LandlockIsBlamedForAMountOnlyWhereItWasShown) {
  put("proc/self/status", status_of("2", "1", "0000000000000000"));
  machine_.mount_is_filtered = [] { return false; };
  machine_.landlock_forbids_mounts = [] { return true; };
  EXPECT_EQ(why(Failed::kFirstMount, EPERM),
            "this process is in a Landlock domain, and one with file rules forbids every mount");
  EXPECT_EQ(mend(Failed::kFirstMount, EPERM),
            "start it outside of that domain (an outer kelp: without --landlock=files)");
  EXPECT_EQ(why(Failed::kFirstMount, EACCES), "");
  EXPECT_EQ(why(Failed::kClone, EPERM), "a seccomp filter set from outside refuses it");
}

TEST_F(Causes, AChrootIsFoundByTheMissingRootMount) {
  put("proc/self/mountinfo", "22 27 0:21 / /proc rw - proc proc rw\n");
  EXPECT_THAT(why(Failed::kClone, EPERM), HasSubstr("chroot"));
}

TEST_F(Causes, AnIdWithoutAPlaceInItsOwnNamespaceIsFound) {
  put("proc/self/uid_map", "         0       1000          1\n");
  EXPECT_THAT(why(Failed::kClone, EPERM), HasSubstr("uid 1000 of this process has no place"));
  EXPECT_THAT(why(Failed::kNoRange, 0), HasSubstr("uid 1000 of this process has no place"))
      << "and no line for the name of the overflow id is asked for";
}

TEST_F(Causes, RootNeedsSetfcap) {
  machine_.uid = 0;
  EXPECT_THAT(why(Failed::kIdMap, EPERM), HasSubstr("CAP_SETFCAP"));
  put("proc/self/status", status_of("0", "0", "0000000080000000"));
  EXPECT_EQ(why(Failed::kIdMap, EPERM), "");
}

TEST_F(Causes, AMissingProcIsNamed) {
  EXPECT_EQ(why(Failed::kIdMap, ENOENT), "");
  machine_.prefix = place_.dir("bare");
  EXPECT_THAT(why(Failed::kIdMap, ENOENT), HasSubstr("no proc is mounted"));
}

TEST_F(Causes, AMaskedProcIsNamedByItsMasks) {
  put("proc/self/mountinfo",
      "27 1 254:0 / / rw - ext4 /dev/vda rw\n22 27 0:21 / /proc rw - proc proc rw\n"
      "30 22 0:30 / /proc/sys/fs/binfmt_misc rw - binfmt_misc b rw\n31 22 0:31 / /proc/acpi ro - tmpfs t "
      "rw\n");
  EXPECT_THAT(why(Failed::kProc, EPERM), HasSubstr("(/proc/acpi mounted over)"));
  EXPECT_THAT(mend(Failed::kProc, EPERM), HasSubstr("--proc=host"));
}

TEST_F(Causes, AMissingRangeGetsTheCommandWithIdsThatNobodyHas) {
  put("etc/subgid", "bob:300000:65536\nalice:zzz:1\n");
  EXPECT_THAT(why(Failed::kNoRange, 0), HasSubstr("/etc/subgid has no line for alice that can be used"));
  EXPECT_THAT(mend(Failed::kNoRange, 0),
              HasSubstr("sudo usermod --add-subuids 365536-431071 --add-subgids 365536-431071 alice"));
  put("etc/subuid", "");
  put("etc/subgid", "");
  EXPECT_THAT(why(Failed::kNoRange, 0), HasSubstr("/etc/subuid has no line for alice"));
  EXPECT_THAT(mend(Failed::kNoRange, 0), HasSubstr("alice:100000:65536"));
}

TEST_F(Causes, AUserOfADirectoryServiceGetsLinesInsteadOfUsermod) {
  put("etc/subuid", "");
  put("etc/subgid", "");
  machine_.is_local_user = false;
  EXPECT_EQ(mend(Failed::kNoRange, 0), "echo alice:100000:65536 | sudo tee -a /etc/subuid /etc/subgid");
}

TEST_F(Causes, ARangeOutsideOfTheNamespaceIsNotCalledMissing) {
  put("proc/self/uid_map", "         0     100000      65536\n");
  EXPECT_THAT(why(Failed::kNoRange, 0), HasSubstr("lies outside of this user namespace"));
}

TEST_F(Causes, NoNewPrivsExplainsAHelperThatFails) {
  put("proc/self/status", status_of("0", "1", "0000000000000000"));
  EXPECT_THAT(why(Failed::kIdHelper, 0), HasSubstr("no_new_privs"));
}

TEST_F(Causes, AnOldKernelExplainsARefusedOverlay) {
  EXPECT_EQ(why(Failed::kOverlay, EPERM), "");
  machine_.release = "5.4.0-100-generic";
  EXPECT_THAT(why(Failed::kOverlay, EPERM), HasSubstr("5.4.0-100-generic"));
}

TEST_F(Causes, AnOldKernelExplainsAMissingCall) {
  EXPECT_EQ(why(Failed::kMissingCall, ENOSYS), "") << "it may be somebody's filter";
  machine_.release = "5.12.0";
  EXPECT_EQ(why(Failed::kMissingCall, ENOSYS), "");
  machine_.release = "5.10.0-32-amd64";
  EXPECT_EQ(why(Failed::kMissingCall, ENOSYS),
            "kelp sets the attributes of mounts by mount_setattr, which came with Linux 5.12; this is Linux "
            "5.10.0-32-amd64");
}

TEST_F(Causes, ACgroupThatIsFullExplainsAMissingProcess) {
  put("proc/self/cgroup", "0::/user.slice/user-1000.slice/session-1.scope\n");
  put("sys/fs/cgroup/user.slice/user-1000.slice/pids.max", "100\n");
  put("sys/fs/cgroup/user.slice/user-1000.slice/pids.current", "100\n");
  EXPECT_THAT(why(Failed::kClone, EAGAIN), HasSubstr("all 100 processes"));
}

TEST(Cause, IsAHintOfTwoParts) {
  EXPECT_EQ((Cause{.why = "it is so", .mend = "do this"}).hint(), "it is so; do this");
  EXPECT_EQ((Cause{.why = "it is so", .mend = ""}).hint(), "it is so");
}

// --- the table of doctor
// ------------------------------------------------------------------------------------

class Checks : public Built {
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

}  // namespace
}  // namespace kelp::host
