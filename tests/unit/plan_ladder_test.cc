// SPDX-License-Identifier: Apache-2.0
// Which rung a plan stands on, and what is left of it there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include <algorithm>

#include "plan_build.h"

namespace kelp::plan {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::StartsWith;

host::Facts facts_of_place(bool has_namespaces, bool may_chroot, bool has_own_proc = false) {
  host::Facts facts = ordinary_facts();
  facts.ladder = host::LadderFacts{.has_namespaces = has_namespaces,
                                   .has_own_proc = has_own_proc,
                                   .may_chroot = may_chroot,
                                   .may_set_groups = may_chroot,
                                   .may_limit_bounds = may_chroot,
                                   .may_kill = may_chroot,
                                   .missing = "it is not to be had",
                                   .why = "somebody refuses it",
                                   .mend = "ask them"};
  for (const char* path : {"/usr", "/etc"}) facts.files[path] = a_directory(0);
  return facts;
}
const host::Facts kFull = facts_of_place(true, false, true);
const host::Facts kMasked = facts_of_place(true, false);
const host::Facts kDocker = facts_of_place(false, true);
const host::Facts kNothing = facts_of_place(false, false);

TEST(PlanLadder, TakesTheHighestRungOfThePlace) {
  EXPECT_EQ(plan_of({"--fallback"}, kFull).rung, Rung::kFull);
  EXPECT_EQ(plan_of({"--fallback"}, kMasked).rung, Rung::kOuterProc);
  EXPECT_EQ(plan_of({"--fallback", "--proc=none"}, kMasked).rung, Rung::kFull);
  EXPECT_EQ(plan_of({"--fallback", "--proc=host"}, kMasked).rung, Rung::kFull);
  EXPECT_EQ(plan_of({"--fallback"}, kDocker).rung, Rung::kChroot);
  EXPECT_EQ(plan_on("host", {"--fallback"}, kDocker).rung, Rung::kLandlock);
  EXPECT_EQ(plan_on("host", {"--fallback"}, kNothing).rung, Rung::kLandlock);
}

TEST(PlanLadder, IsTheSamePlanOnTheFirstRung) {
  const Plan plan = plan_of({"--fallback"}, kFull);
  EXPECT_EQ(plan.child, plan_of({}).child);
  EXPECT_TRUE(plan.warnings.empty());
}

TEST(PlanLadder, SaysWhereItStandsAndWhy) {
  EXPECT_THAT(plan_of({"--fallback"}, kDocker).warnings,
              testing::ElementsAre(
                  "the container stands on the rung chroot (rung 3 of 4), it is not to be had: somebody "
                  "refuses it"));
  EXPECT_THAT(refusal_of({"--fallback=outer-proc"}, kDocker),
              StartsWith("cannot start on the rung outer-proc (--fallback=outer-proc): it is not to be had: "
                         "somebody refuses it"));
}

// A fence that somebody adds later must be thought of here too.
TEST(PlanLadder, ClaimsNoFenceThatNamespacesAreMadeOf) {
  for (const Plan& plan : {plan_of({"--fallback"}, kDocker), plan_on("host", {"--fallback"}, kNothing)}) {
    for (const Fence fence : {Fence::kUser, Fence::kMount, Fence::kPid, Fence::kIpc, Fence::kUts,
                              Fence::kCgroup, Fence::kProc, Fence::kDieWithParent}) {
      const auto item = std::ranges::find(plan.policy, fence, &PolicyItem::fence);
      ASSERT_NE(item, plan.policy.end()) << fence_name(fence);
      EXPECT_NE(item->enforcement, Enforcement::kEnforced) << fence_name(fence);
    }
  }
  const Plan landlock = plan_on("host", {"--fallback"}, kNothing);
  EXPECT_EQ(std::ranges::find(landlock.policy, Fence::kPaths, &PolicyItem::fence)->enforcement,
            Enforcement::kPartly);
}

TEST(PlanLadder, HasNoNamespaceAndNoMountBelowTheSecondRung) {
  for (const Plan& plan : {plan_of({"--fallback"}, kDocker), plan_on("host", {"--fallback"}, kNothing)}) {
    EXPECT_EQ(plan.clone_flags, 0U);
    EXPECT_EQ(plan.ids.writer, MapWriter::kNobody);
    EXPECT_FALSE(plan.has_reaper);
    EXPECT_FALSE(plan.root_is_lasting) << "no mount point is made in ROOT";
    EXPECT_TRUE(steps_of<BindMount>(plan).empty());
    EXPECT_TRUE(steps_of<Pivot>(plan).empty());
  }
}

TEST(PlanLadder, KeepsNoCapabilityThatLeadsOutOfAChroot) {
  const CapabilityMask kept = step_of<LimitPrivileges>(plan_of({"--fallback"}, kDocker)).root;
  for (const unsigned capability :
       {CAP_SYS_CHROOT, CAP_SETFCAP, CAP_SETPCAP, CAP_KILL, CAP_MKNOD, CAP_NET_BIND_SERVICE})
    EXPECT_EQ((kept >> capability) & 1U, 0U) << capability;
  EXPECT_EQ((kept >> CAP_CHOWN) & 1U, 1U);
  EXPECT_EQ(step_of<LimitPrivileges>(plan_on("host", {"--fallback"}, kNothing)).root, 0U);
}

TEST(PlanLadder, LetsNobodyBecomeAUserWhomItCouldNotEnd) {
  host::Facts cannot_kill = kDocker;
  cannot_kill.ladder->may_kill = false;
  const auto may_set_user = [](const host::Facts& facts) {
    return ((step_of<LimitPrivileges>(plan_of({"--fallback"}, facts)).root >> CAP_SETUID) & 1U) != 0;
  };
  EXPECT_TRUE(may_set_user(kDocker));
  EXPECT_FALSE(may_set_user(cannot_kill));
  EXPECT_THAT(
      refusal_of({"--fallback", "-u", "7"}, cannot_kill),
      StartsWith("cannot use -u 7: without CAP_KILL kelp could not end a command of another user on the "
                 "rung chroot; outer-proc could"));
}

TEST(PlanLadder, ExecutesByAProgramInMemoryWhereTheCommandOwnsKelp) {
  const auto is_so = [](const host::Facts& facts) {
    return !steps_of<MakeLauncher>(plan_on("host", {"--fallback"}, facts)).empty();
  };
  host::Facts facts = kNothing;
  EXPECT_FALSE(is_so(facts)) << "kelp is root's";
  facts.self_owner = facts.caller.uid;
  EXPECT_TRUE(is_so(facts));
  facts = kNothing;
  facts.self_mode = 0775;
  EXPECT_TRUE(is_so(facts));
  facts = kNothing;
  facts.caller.uid = 0;
  facts.self_owner = 7;
  EXPECT_TRUE(is_so(facts)) << "root may write anywhere";
}

TEST(PlanLadder, FiltersAfterLandlockAndLandlockAfterTheRoot) {
  const Plan plan = plan_of({"--fallback"}, kDocker);
  EXPECT_LT(place_of<EnterChroot>(plan), place_of<LimitPrivileges>(plan));
  EXPECT_LT(place_of<LimitPrivileges>(plan), place_of<RestrictSelf>(plan));
  EXPECT_LT(place_of<RestrictSelf>(plan), place_of<InstallFilters>(plan));
  EXPECT_THAT(step_of<InstallFilters>(plan).names,
              IsSupersetOf({"no-nesting", "no-ptrace", "no-keyring", "no-io-uring", "no-ipc",
                            "no-other-process", "default"}));
}

TEST(PlanLadder, ClosesUnixSocketsWhereLandlockCannot) {
  const auto has = [](const Plan& plan) {
    const auto names = step_of<InstallFilters>(plan).names;
    return std::ranges::find(names, "no-unix-sockets") != names.end();
  };
  host::Facts facts = kNothing;
  facts.landlock_abi = 8;
  EXPECT_TRUE(has(plan_on("host", {"--fallback"}, facts)));
  facts.landlock_abi = 9;
  EXPECT_FALSE(has(plan_on("host", {"--fallback"}, facts)));
  facts = kDocker;
  facts.landlock_abi = 5;
  EXPECT_TRUE(has(plan_of({"--fallback"}, facts)));
  facts.landlock_abi = 6;
  EXPECT_FALSE(has(plan_of({"--fallback"}, facts)));
}

TEST(PlanLadder, StartsNothingWithoutTheLandlockThatItIsMadeOf) {
  host::Facts facts = kNothing;
  facts.landlock_abi = 2;
  const Result<Plan> plan = try_plan_on("host", {"--fallback"}, facts);
  ASSERT_FALSE(plan);
  EXPECT_THAT(
      plan.error().sentence(),
      HasSubstr(
          "start on the rung landlock (--fallback): it needs Landlock ABI 3, and this kernel has ABI 2"));
  facts = kDocker;
  facts.landlock_abi.reset();
  EXPECT_THAT(refusal_of({"--fallback"}, facts),
              HasSubstr("it is made of Landlock, which this kernel lacks"));
}

TEST(PlanLadder, ShowsOfTheHostWhatRootHostShowsAndWhatIsShared) {
  host::Facts facts = kNothing;
  facts.files["/data"] = a_directory();
  const Plan plan = plan_on("host", {"--fallback", "-v", "/data:/data"}, facts);
  std::vector<std::string> readable;
  std::vector<std::string> writable;
  for (const StayInRoot::Shown& shown : step_of<StayInRoot>(plan).shown)
    (shown.is_writable ? writable : readable).push_back(shown.path);
  EXPECT_THAT(readable, testing::UnorderedElementsAre("/usr", "/etc", "/proc", "/sys", "/etc/resolv.conf",
                                                      "/etc/hosts"));
  EXPECT_THAT(writable, testing::UnorderedElementsAre("/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                                      "/dev/urandom", "/dev/tty", "/data"));
}

TEST(PlanLadder, SeesThroughLinksWhatLiesInWhat) {
  host::Facts facts = kNothing;
  facts.files["/data"] = a_directory();
  facts.files["/data"].real_path = "/data";
  facts.files["/alias/key"] = a_file();
  facts.files["/alias/key"].real_path = "/data/key";
  const auto refusal = [&](const Words& flags) {
    const Result<Plan> plan = try_plan_on("host", flags, facts);
    return plan ? std::string() : plan.error().sentence();
  };
  EXPECT_THAT(refusal({"--fallback", "-v", "/data:/data", "--hide", "/alias/key"}),
              HasSubstr("use --hide /alias/key: "));
  EXPECT_THAT(refusal({"--fallback", "-v", "/data:/data", "-v", "/alias/key:/alias/key:ro"}),
              HasSubstr("can be read-only"));
  facts.files["/alias/key"].real_path = "/elsewhere/key";
  EXPECT_EQ(refusal({"--fallback", "-v", "/data:/data", "--hide", "/alias/key"}), "");
}

}  // namespace
}  // namespace kelp::plan
