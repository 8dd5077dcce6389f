// SPDX-License-Identifier: Apache-2.0
// Causes and remedies on machines built on disk: each cause is told where it holds, and not where it does
// not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "host/causes.h"
#include "host/trial.h"
#include "unit/built_machine.h"

namespace kelp::host {
namespace {

using testing::HasSubstr;

using Causes = BuiltMachine;

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
  machine_.release = "5.8.0";
  EXPECT_EQ(why(Failed::kMissingCall, ENOSYS), "");
  machine_.release = "5.4.0-100-generic";
  EXPECT_EQ(why(Failed::kMissingCall, ENOSYS),
            "kelp tells mounts apart by their numbers, which statx gives since Linux 5.8; this is Linux "
            "5.4.0-100-generic");
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

}  // namespace
}  // namespace kelp::host
