// SPDX-License-Identifier: Apache-2.0
// What a trial says of a place, and what would lift it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "host/ladder_facts.h"
#include "unit/built_machine.h"

namespace kelp::host {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Ladder : public BuiltMachine {
 protected:
  static Trial trial_until(Failed failed, int code) {
    Trial trial;
    for (const Failed what :
         {Failed::kClone, Failed::kIdMap, Failed::kNamespaces, Failed::kFirstMount, Failed::kProc}) {
      trial.set(what, what == failed ? code : 0);
      if (what == failed) break;
    }
    return trial;
  }
};

TEST_F(Ladder, LacksNothingWhereAllWasDone) {
  Trial trial = trial_until(Failed::kProc, 0);
  EXPECT_EQ(ladder_of(trial, machine_), (LadderFacts{.has_namespaces = true, .has_own_proc = true}));
}

TEST_F(Ladder, TellsTheFirstThatFailsAndWhatElseIsInTheWay) {
  put("proc/self/status", status_of("2", "1", "0000000000000000"));
  put("proc/self/mountinfo",
      "27 1 254:0 / / rw - ext4 /dev/vda rw\n22 27 0:21 / /proc rw - proc proc rw\n"
      "23 22 0:5 /null /proc/kcore rw - devtmpfs d rw\n");
  const LadderFacts facts = ladder_of(trial_until(Failed::kClone, EPERM), machine_);
  EXPECT_FALSE(facts.has_namespaces);
  EXPECT_EQ(facts.missing, "user namespaces cannot be made here");
  EXPECT_EQ(facts.why, "a seccomp filter set from outside refuses it");
  EXPECT_THAT(facts.mend, AllOf(HasSubstr("seccomp filter that allows clone"), HasSubstr("; besides, "),
                                HasSubstr("without masks on /proc")));
}

TEST_F(Ladder, KnowsWhoMayChangeTheRoot) {
  const Trial trial = trial_until(Failed::kClone, EPERM);
  EXPECT_FALSE(ladder_of(trial, machine_).may_chroot);
  machine_.uid = 0;
  EXPECT_FALSE(ladder_of(trial, machine_).may_chroot);
  put("proc/self/status", status_of("0", "0", "00000000a80425fb"));
  const LadderFacts docker = ladder_of(trial, machine_);
  EXPECT_TRUE(docker.may_chroot);
  EXPECT_TRUE(docker.may_set_groups);
  EXPECT_TRUE(docker.may_limit_bounds);
  EXPECT_TRUE(docker.may_kill);
  put("proc/self/status", status_of("0", "0", "00000000a80425db"));
  EXPECT_FALSE(ladder_of(trial, machine_).may_kill);
  put("proc/self/setgroups", "deny\n");
  EXPECT_FALSE(ladder_of(trial, machine_).may_set_groups);
}

}  // namespace
}  // namespace kelp::host
