// SPDX-License-Identifier: Apache-2.0
// Which cgroup a container gets, and what stands in for it.
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/resource.h>

#include "base/text.h"
#include "plan_build.h"

namespace kelp::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A login session beside the user's systemd, which has all but io.
host::Facts with_systemd() {
  host::Facts facts = ordinary_facts();
  facts.cgroups = host::CgroupFacts{
      .mount = "/sys/fs/cgroup",
      .own = {.directory = "/sys/fs/cgroup/session", .exists = true, .controllers = {"memory", "pids"}},
      .manager = {.bus_address = "unix:path=/run/user/1000/bus", .controllers = {"cpu", "memory", "pids"}}};
  return facts;
}

// A cgroup of one's own, with kelp in it and nothing else; no systemd.
host::Facts with_own_cgroup() {
  host::Facts facts = ordinary_facts();
  facts.cgroups = host::CgroupFacts{.mount = "/sys/fs/cgroup",
                                    .own = {.directory = "/sys/fs/cgroup/own",
                                            .exists = true,
                                            .is_writable = true,
                                            .controllers = {"cpu", "io", "memory", "pids"}}};
  return facts;
}

host::Facts with_nothing() {
  host::Facts facts = ordinary_facts();
  facts.cgroups = host::CgroupFacts{.none_because = "it is so", .mend = "do this"};
  return facts;
}

host::Facts with_parent(host::CgroupPlace parent, bool may_enter = true) {
  host::Facts facts = with_systemd();
  facts.cgroups->parent = std::move(parent);
  facts.cgroups->may_enter_parent = may_enter;
  return facts;
}

std::vector<std::string> settings(const Plan& plan) {
  std::vector<std::string> out;
  if (!plan.cgroup) return out;
  for (const CgroupSetting& setting : plan.cgroup->settings)
    out.push_back(cat(setting.file, "=", setting.value));
  return out;
}

std::string hint_of(Words flags, const host::Facts& facts) {
  const Result<Plan> plan = try_plan(std::move(flags), facts);
  return plan ? "" : plan.error().hint();
}

TEST(PlanLimits, WithoutAnyNothingIsLookedAtAndNothingMade) {
  Result<cli::RunRequest> request = cli::read_run(Words{"./root", "true"}, {});
  const Result<CheckedSpec> checked = check(std::move(request->spec));
  EXPECT_FALSE(needs(*checked).cgroups);
  const Plan plan = plan_of({});
  EXPECT_FALSE(plan.cgroup);
  EXPECT_NE(plan.clone_flags & CLONE_NEWCGROUP, 0U);
  EXPECT_EQ(place_of<EnterCgroupNamespace>(plan), -1);
}

TEST(PlanLimits, BecomeTheFilesOfACgroup) {
  const Plan plan = plan_of({"-m64m", "--cpus=1.5", "--cpu-weight=50", "--pids-limit=20"}, with_systemd());
  EXPECT_THAT(settings(plan), ElementsAre("memory.max=67108864", "memory.swap.max=67108864",
                                          "cpu.max=150000 100000", "cpu.weight=50", "pids.max=20"));
  EXPECT_THAT(plan.cgroup->controllers, ElementsAre("memory", "cpu", "pids"));
  EXPECT_THAT(not_enforced(plan.policy), IsEmpty());
  EXPECT_THAT(settings(plan_of({"--io-weight=7"}, with_own_cgroup())), ElementsAre("io.weight=default 7"));
}

TEST(PlanLimits, OfSwapAreWhatMemoryLeavesOfTheSum) {
  EXPECT_THAT(settings(plan_of({"-m1m", "--memory-swap=3m"}, with_systemd())),
              ElementsAre("memory.max=1048576", "memory.swap.max=2097152"));
  EXPECT_THAT(settings(plan_of({"-m1m", "--memory-swap=1m"}, with_systemd())),
              ElementsAre("memory.max=1048576", "memory.swap.max=0"));
  const Plan unlimited = plan_of({"-m1m", "--memory-swap=-1"}, with_systemd());
  EXPECT_EQ(unlimited.cgroup->settings[1].value, "max");
  EXPECT_TRUE(unlimited.cgroup->settings[1].optional);
  EXPECT_FALSE(plan_of({"-m1m", "--memory-swap=1m"}, with_systemd()).cgroup->settings[1].optional);
}

TEST(PlanLimits, InASessionAreInAScopeOfSystemd) {
  const Plan plan = plan_of({"-m64m"}, with_systemd());
  ASSERT_TRUE(plan.cgroup && plan.cgroup->scope);
  EXPECT_EQ(plan.cgroup->scope->bus_address, "unix:path=/run/user/1000/bus");
  EXPECT_EQ(plan.cgroup->parent, "");
  EXPECT_TRUE(plan.cgroup->moves_kelp);
  EXPECT_EQ(plan_of({"-m64m", "--cgroup-parent=x.slice"}, with_systemd()).cgroup->scope->slice, "x.slice");
}

TEST(PlanLimits, AreInAnOwnCgroupOutOfWhichKelpMoves) {
  const Plan plan = plan_of({"-m64m"}, with_own_cgroup());
  ASSERT_TRUE(plan.cgroup && !plan.cgroup->scope);
  EXPECT_EQ(plan.cgroup->parent, "/sys/fs/cgroup/own");
  EXPECT_TRUE(plan.cgroup->moves_kelp);
  host::Facts enabled = with_own_cgroup();
  enabled.cgroups->own.enabled = {"memory"};
  enabled.cgroups->own.holds_others = true;
  EXPECT_FALSE(plan_of({"-m64m"}, enabled).cgroup->moves_kelp);
  host::Facts top = with_own_cgroup();
  top.cgroups->own.holds_others = top.cgroups->own.is_top = true;
  EXPECT_FALSE(plan_of({"-m64m"}, top).cgroup->moves_kelp);
}

TEST(PlanLimits, TakeNothingFromSystemdThatItDoesNotDelegate) {
  host::Facts facts = with_systemd();
  facts.cgroups->own.is_writable = true;
  EXPECT_TRUE(plan_of({"-m64m"}, facts).cgroup->scope);
  facts.cgroups->own.is_delegated = true;
  EXPECT_FALSE(plan_of({"-m64m"}, facts).cgroup->scope);
  // Somebody else is in it: systemd makes another one.
  facts.cgroups->own.holds_others = true;
  EXPECT_TRUE(plan_of({"-m64m"}, facts).cgroup->scope);
}

TEST(PlanLimits, WithACgroupTheChildMakesItsCgroupNamespace) {
  const Plan plan = plan_of({"-m64m"}, with_systemd());
  EXPECT_EQ(plan.clone_flags & CLONE_NEWCGROUP, 0U);
  EXPECT_TRUE(plan.new_namespaces.has(Namespace::kCgroup));
  EXPECT_NE(place_of<EnterCgroupNamespace>(plan), -1);
  EXPECT_LT(place_of<EnterCgroupNamespace>(plan), place_of<NewFilesystem>(plan));
  EXPECT_EQ(place_of<EnterCgroupNamespace>(plan_of({"-m64m", "--share=cgroup"}, with_systemd())), -1);
}

TEST(PlanLimits, WithoutAPlaceAreRefusedWithTheWayOut) {
  EXPECT_EQ(refusal_of({"-m", "64m"}, with_nothing()), "cannot use -m 64m: it is so");
  EXPECT_EQ(hint_of({"-m", "64m"}, with_nothing()),
            "do this; --limits=best-effort limits each process instead");
}

TEST(PlanLimits, WithoutTheControllerAreRefusedWithTheSettingThatDelegatesIt) {
  EXPECT_EQ(refusal_of({"-m64m", "--io-weight=5"}, with_systemd()),
            "cannot use --io-weight=5: the cgroup controller io is not delegated to your systemd");
  EXPECT_THAT(hint_of({"--io-weight=5"}, with_systemd()), HasSubstr("Delegate=cpu cpuset io memory pids"));
  host::Facts facts = with_own_cgroup();
  facts.cgroups->own.controllers = {"pids"};
  EXPECT_EQ(refusal_of({"-m64m"}, facts),
            "cannot use -m64m: the cgroup controller memory is not there in /sys/fs/cgroup/own");
  facts.cgroups->has_v1 = true;
  EXPECT_EQ(refusal_of({"-m64m"}, facts),
            "cannot use -m64m: the cgroup controller memory is not there in "
            "/sys/fs/cgroup/own: it belongs to cgroup v1 on this machine");
}

TEST(PlanLimits, WhereSystemdDoesNotTellItsControllersItIsAsked) {
  host::Facts facts = with_systemd();
  facts.cgroups->manager.controllers.clear();
  EXPECT_TRUE(plan_of({"--io-weight=5"}, facts).cgroup);
}

TEST(PlanCgroupParent, IsUsedAsItIs) {
  const Plan plan = plan_of(
      {"-m64m", "--cgroup-parent=/a"},
      with_parent(
          {.directory = "/sys/fs/cgroup/a", .exists = true, .is_writable = true, .controllers = {"memory"}}));
  EXPECT_EQ(plan.cgroup->parent, "/sys/fs/cgroup/a");
  EXPECT_FALSE(plan.cgroup->moves_kelp);
  // Without limits too.
  EXPECT_TRUE(plan_of({"--cgroup-parent=/a"},
                      with_parent({.directory = "/sys/fs/cgroup/a", .exists = true, .is_writable = true}))
                  .cgroup);
}

TEST(PlanCgroupParent, ThatCannotBeUsedIsRefusedWithTheReason) {
  const Words flags = {"-m64m", "--cgroup-parent=/a"};
  EXPECT_EQ(refusal_of(flags, with_parent({.directory = "/sys/fs/cgroup/a"})),
            "cannot use --cgroup-parent=/a: there is no such cgroup below /sys/fs/cgroup");
  EXPECT_EQ(refusal_of(flags, with_parent({.directory = "/sys/fs/cgroup/a", .exists = true})),
            "cannot use --cgroup-parent=/a: you may not write to /sys/fs/cgroup/a");
  const host::CgroupPlace full = {.directory = "/sys/fs/cgroup/a",
                                  .exists = true,
                                  .is_writable = true,
                                  .holds_others = true,
                                  .controllers = {"memory"}};
  EXPECT_EQ(refusal_of(flags, with_parent(full, false)),
            "cannot use --cgroup-parent=/a: no process can go there from kelp's own cgroup "
            "/sys/fs/cgroup/session: you may not write to what is above both (cgroups(7))");
  EXPECT_EQ(refusal_of(flags, with_parent(full)),
            "cannot use -m64m: the controller memory cannot be enabled in /sys/fs/cgroup/a: it holds other "
            "processes (cgroups(7))");
  EXPECT_EQ(refusal_of({"-m64m", "--cgroup-parent=x.slice"}, with_nothing()),
            "cannot use --cgroup-parent=x.slice: no systemd of yours runs that could make a scope in it");
}

TEST(BestEffort, LimitsEachProcessAndTellsTheRest) {
  const Plan plan = plan_of({"-m64m", "--pids-limit=20", "--cpus=1", "--limits=best-effort"}, with_nothing());
  EXPECT_FALSE(plan.cgroup);
  EXPECT_THAT(not_enforced(plan.policy),
              ElementsAre("-m64m: each process has this much address space (RLIMIT_AS), all "
                          "together may have more",
                          "--cpus=1: there is no cgroup for it",
                          "--pids-limit=20: each user of the container has so many processes "
                          "(RLIMIT_NPROC), all together may have more"));
  std::vector<ResourceLimit> limits;
  for (const SetLimit& step : steps_of<SetLimit>(plan)) limits.push_back(step.limit);
  EXPECT_THAT(limits,
              ElementsAre(ResourceLimit{.resource = RLIMIT_AS, .soft = 64U << 20U, .hard = 64U << 20U},
                          ResourceLimit{.resource = RLIMIT_NPROC, .soft = 20, .hard = 20}));
}

TEST(BestEffort, StillTakesACgroupWhereThereIsOne) {
  const Plan plan = plan_of({"-m64m", "--io-weight=5", "--limits=best-effort"}, with_systemd());
  EXPECT_THAT(settings(plan), ElementsAre("memory.max=67108864", "memory.swap.max=67108864"));
  EXPECT_THAT(not_enforced(plan.policy), ElementsAre("--io-weight=5: there is no cgroup for it"));
  EXPECT_THAT(steps_of<SetLimit>(plan), IsEmpty());
}

TEST(BestEffort, DoesNotPutUpWithAnotherParent) {
  EXPECT_EQ(refusal_of({"-m64m", "--cgroup-parent=/a", "--limits=best-effort"},
                       with_parent({.directory = "/sys/fs/cgroup/a"})),
            "cannot use --cgroup-parent=/a: there is no such cgroup below /sys/fs/cgroup");
}

TEST(SmallLimit, IsWarnedOf) {
  EXPECT_THAT(
      plan_of({"--ulimit=as=1000", "--ulimit", "nofile=3:9", "--ulimit=data=65535:unlimited"}).warnings,
      ElementsAre("hardly a program starts with 1000 bytes of address space (--ulimit=as=1000)",
                  "hardly a program starts with 3 descriptors (--ulimit nofile=3:9)",
                  "hardly a program starts with 65535 bytes of data (--ulimit=data=65535:unlimited)"));
  EXPECT_THAT(plan_of({"--ulimit=nofile=1"}).warnings,
              ElementsAre("hardly a program starts with 1 descriptor (--ulimit=nofile=1)"));
  EXPECT_THAT(plan_of({"--ulimit=as=1048576", "--ulimit=nofile=4", "--ulimit=core=0"}).warnings, IsEmpty());
  EXPECT_THAT(plan_of({"-m1k", "--limits=best-effort"}).warnings,
              ElementsAre("hardly a program starts with 1024 bytes of address space (-m1k)"));
}

TEST(TmpfsOfALimitedContainer, HasAQuarterOfItsMemory) {
  const auto shm = [](const Plan& plan) {
    for (const NewFilesystem& made : steps_of<NewFilesystem>(plan)) {
      if (made.to == "/dev/shm") return made.options;
    }
    return std::string();
  };
  EXPECT_THAT(shm(plan_of({}, with_systemd())), HasSubstr("size=25%"));
  EXPECT_THAT(shm(plan_of({"-m64m"}, with_systemd())), HasSubstr("size=16777216"));
  const Plan named = plan_of({"-m64m", "--tmpfs=/x:size=1m"}, with_systemd());
  EXPECT_THAT(steps_of<NewFilesystem>(named).back().options, HasSubstr("size=1048576"));
}

}  // namespace
}  // namespace kelp::plan
