// SPDX-License-Identifier: Apache-2.0
// The policy of a plan: what is told as enforced, partly or not, and what --require makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "plan_build.h"

namespace kelp::plan {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

// Asked with the fence, told as enforced: nothing where the policy has no such item.
std::optional<Enforcement> told(const Plan& plan, Fence fence) {
  for (const PolicyItem& item : plan.policy) {
    if (item.fence == fence) return item.enforcement;
  }
  return std::nullopt;
}

TEST(Policy, OfTheDefaultsHoldsWhollyOnAnOrdinaryMachine) {
  const Plan plan = plan_of({});
  EXPECT_THAT(not_enforced(plan.policy), IsEmpty());
  for (const Fence fence : {Fence::kUser, Fence::kMount, Fence::kPid, Fence::kIpc, Fence::kUts,
                            Fence::kCgroup, Fence::kProc, Fence::kPaths, Fence::kGroups, Fence::kCapabilities,
                            Fence::kNoNewPrivileges, Fence::kSession, Fence::kDieWithParent}) {
    EXPECT_EQ(told(plan, fence), Enforcement::kEnforced) << fence_name(fence);
  }
}

TEST(Policy, HasNoItemForWhatNobodyAskedFor) {
  EXPECT_EQ(told(plan_of({}), Fence::kNetwork), std::nullopt);
  EXPECT_EQ(told(plan_of({"--network=none"}), Fence::kNetwork), Enforcement::kEnforced);
  EXPECT_EQ(told(plan_of({"--share=ipc"}), Fence::kIpc), std::nullopt);
  EXPECT_EQ(told(plan_of({"--proc=host"}), Fence::kProc), std::nullopt);
  EXPECT_EQ(told(plan_of({"--new-privileges"}), Fence::kNoNewPrivileges), std::nullopt);
  EXPECT_EQ(told(plan_of({"--cap-add=all"}), Fence::kCapabilities), std::nullopt);
  EXPECT_EQ(told(plan_of({"--die-with-parent=false"}), Fence::kDieWithParent), std::nullopt);
}

TEST(Policy, SaysThatTheEndIsSureForPartOfItOnly) {
  EXPECT_EQ(told(plan_of({"--share=pid", "--proc=host"}), Fence::kDieWithParent), Enforcement::kPartly);
  EXPECT_EQ(told(plan_of({"--no-init"}), Fence::kDieWithParent), Enforcement::kPartly);
  EXPECT_EQ(told(plan_of({"--init=enterable", "--cap-add=sys_ptrace"}), Fence::kDieWithParent),
            Enforcement::kPartly);
  EXPECT_EQ(told(plan_of({"--init=enterable", "--cap-add=sys_admin"}), Fence::kDieWithParent),
            Enforcement::kEnforced);
  EXPECT_EQ(told(plan_of({"--cap-add=all"}), Fence::kDieWithParent), Enforcement::kEnforced)
      << "nobody inside can trace kelp's child";
}

TEST(Policy, SaysWhichNamespaceTheMachineForbids) {
  host::Facts facts = ordinary_facts();
  facts.may_make_cgroup_namespaces = false;
  EXPECT_EQ(told(plan_of({}, facts), Fence::kCgroup), Enforcement::kNot);
  EXPECT_THAT(not_enforced(plan_of({}, facts).policy),
              ElementsAre("its own cgroup namespace: the container around kelp forbids it"));
}

TEST(Policy, IsToldInLinesWithTheStrongestFirst) {
  const Policy policy = {{.what = "a", .enforcement = Enforcement::kNot, .why = "b"},
                         {.what = "c"},
                         {.what = "d", .enforcement = Enforcement::kPartly, .why = "e"},
                         {.what = "f"}};
  EXPECT_THAT(policy_lines(policy),
              ElementsAre("enforced: c; f", "partly enforced: d: e", "not enforced: a: b"));
  EXPECT_THAT(policy_lines({}), IsEmpty());
  EXPECT_THAT(not_enforced(policy), ElementsAre("a: b", "d: e"));
}

TEST(Require, LetsWhatHoldsStart) {
  EXPECT_EQ(refusal_of({"--require=user,mount,pid,ipc,uts,cgroup,proc,die-with-parent,no-new-privs"}), "");
  EXPECT_EQ(refusal_of({"--network=none", "--require", "net"}), "");
  EXPECT_EQ(refusal_of({"--network=none", "--require=network"}), "");
}

TEST(Require, RefusesWhatHoldsForPartOfItOnly) {
  EXPECT_THAT(refusal_of({"--share=pid", "--proc=host", "--require=die-with-parent"}),
              AllOf(StartsWith("cannot enforce die-with-parent (--require=die-with-parent): only partly: "),
                    HasSubstr("without a pid namespace of its own")));
}

TEST(Require, RefusesWhatDoesNotHoldAndSaysWhy) {
  host::Facts facts = ordinary_facts();
  facts.may_make_cgroup_namespaces = false;
  EXPECT_EQ(refusal_of({"--require", "cgroup"}, facts),
            "cannot enforce cgroup (--require cgroup): its own cgroup namespace: the container around kelp "
            "forbids it");
  EXPECT_THAT(refusal_of({"--cap-add=sys_admin", "--require=paths"}), HasSubstr("can undo its mounts"));
}

TEST(Require, RefusesWhatNobodyAskedFor) {
  EXPECT_EQ(refusal_of({"--require=net"}),
            "cannot enforce net (--require=net): nothing in this container asks for it");
}

TEST(Require, NamesTheFlagThatTookAFenceAway) {
  const auto of = [](std::string fence, Words flags) {
    flags.push_back("--require=" + fence);
    const std::string action = "cannot enforce " + fence + " (--require=" + fence + "): ";
    const std::string refusal = refusal_of(flags);
    EXPECT_EQ(refusal.substr(0, action.size()), action);
    return refusal.substr(std::min(action.size(), refusal.size()));
  };
  EXPECT_EQ(of("pid", {"--share=pid"}), "--share=pid takes it away");
  EXPECT_EQ(of("proc", {"--share=pid"}), "--share=pid takes it away");
  EXPECT_EQ(of("proc", {"--proc=host"}), "--proc=host takes it away");
  EXPECT_EQ(of("net", {"--network=host"}), "--network=host takes it away");
  EXPECT_EQ(of("landlock", {"--landlock=none"}), "--landlock=none takes it away");
  EXPECT_EQ(of("no-new-privs", {"--new-privileges"}), "--new-privileges takes it away");
  EXPECT_EQ(of("seccomp", {"--seccomp=none"}), "--seccomp=none takes it away");
  EXPECT_EQ(of("seccomp", {"--seccomp=none,@no-userns"}), "--seccomp=none,@no-userns takes it away");
  EXPECT_EQ(of("groups", {"--keep-groups"}), "--keep-groups takes it away");
  EXPECT_EQ(of("capabilities", {"--cap-add", "all"}), "--cap-add all takes it away");
  EXPECT_EQ(of("ipc", {"--bare"}), "--bare takes it away");
}

TEST(Require, NamesTheFlagThatAsksForAFence) {
  const auto hint_of = [](const std::string& fence, Words flags = {}) {
    flags.push_back("--require=" + fence);
    const Result<Plan> plan = try_plan(flags);
    return plan ? "" : plan.error().hint();
  };
  EXPECT_EQ(hint_of("net"), "ask for it with --network=none");
  EXPECT_EQ(hint_of("time"), "ask for it with --unshare=time or --time-offset");
  EXPECT_EQ(hint_of("landlock", {"--network=none"}), "ask for it with --landlock=files");
  EXPECT_EQ(hint_of("limits"), "ask for it with --memory, --cpus or --pids-limit");
}

TEST(Require, NamesEachFenceThatFails) {
  const Result<Plan> plan = try_plan({"--require=net,pid", "--require", "time"});
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().sentence(), HasSubstr("enforce net ("));
  ASSERT_THAT(plan.error().others(), SizeIs(1));
  EXPECT_THAT(plan.error().others()[0].sentence(), HasSubstr("enforce time (--require time)"));
}

}  // namespace
}  // namespace kelp::plan
