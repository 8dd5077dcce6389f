// SPDX-License-Identifier: Apache-2.0
// Where the cgroup lies that an engine has named, and when a container does without one.
#include <gmock/gmock.h>

#include "base/text.h"
#include "plan_build.h"

namespace kelp::plan {
namespace {

using testing::ElementsAre;

host::Facts with_cgroups(host::CgroupFacts cgroups) {
  host::Facts facts = ordinary_facts();
  facts.cgroups = std::move(cgroups);
  return facts;
}

host::CgroupFacts delegated() {
  return {.mount = "/sys/fs/cgroup", .own = {.directory = "/sys/fs/cgroup/own", .exists = true}};
}

host::CgroupFacts below_systemd() {
  host::CgroupFacts cgroups = delegated();
  cgroups.manager = {.bus_address = "unix:path=/run/user/1000/bus"};
  return cgroups;
}

const CgroupFile kMemory = {
    .file = "memory.max", .value = "1000", .origin = {"linux.resources.memory.limit"}};

Result<Plan> planned(kelp::ManagedCgroup wanted, const host::Facts& facts) {
  Spec spec;
  spec.root.what = DirectoryRoot{"./root"};
  spec.ids.map = SingleId{};
  spec.command.argv = {"true"};
  spec.managed_cgroup = std::move(wanted);
  const Result<CheckedSpec> checked = check(std::move(spec));
  EXPECT_TRUE(checked) << checked.error().sentence();
  return build(*checked, facts);
}

std::string why_not(kelp::ManagedCgroup wanted, const host::Facts& facts) {
  const Result<Plan> plan = planned(std::move(wanted), facts);
  return plan ? "" : plan.error().sentence();
}

TEST(ManagedCgroup, LiesBelowTheTopOrBelowKelpsOwn) {
  const auto directory = [](const char* path) {
    const Result<Plan> plan =
        planned({.manager = CgroupManager::kFiles, .path = path}, with_cgroups(delegated()));
    return plan && plan->managed_cgroup ? plan->managed_cgroup->directory : "none";
  };
  EXPECT_EQ(directory("/libpod/one"), "/sys/fs/cgroup/libpod/one");
  EXPECT_EQ(directory("one"), "/sys/fs/cgroup/own/one");
}

TEST(ManagedCgroup, TakesTheControllersOfItsFilesOnceEach) {
  const Result<Plan> plan = planned({.manager = CgroupManager::kFiles,
                                     .path = "/one",
                                     .files = {kMemory,
                                               {.file = "memory.swap.max", .value = "max"},
                                               {.file = "pids.max", .value = "9"},
                                               {.file = "cgroup.max.depth", .value = "3"}}},
                                    with_cgroups(delegated()));
  ASSERT_TRUE(plan) << plan.error().sentence();
  ASSERT_TRUE(plan->managed_cgroup);
  EXPECT_THAT(plan->managed_cgroup->controllers, ElementsAre("memory", "pids"));
  EXPECT_FALSE(plan->managed_cgroup->may_lack);
}

TEST(ManagedCgroup, IsDoneWithoutOnlyWhereNothingIsLimited) {
  const host::Facts none =
      with_cgroups({.none_because = "no cgroup v2 is mounted here", .mend = "mount one"});
  const Result<Plan> plan = planned({.manager = CgroupManager::kFiles, .path = "/one"}, none);
  ASSERT_TRUE(plan) << plan.error().sentence();
  ASSERT_TRUE(plan->managed_cgroup);
  EXPECT_TRUE(plan->managed_cgroup->may_lack);
  EXPECT_EQ(plan->managed_cgroup->directory, "");
  EXPECT_EQ(why_not({.manager = CgroupManager::kFiles, .path = "/one", .files = {kMemory}}, none),
            "cannot use linux.resources.memory.limit: no cgroup v2 is mounted here");
  host::CgroupFacts v1 = delegated();
  v1.has_v1 = true;
  v1.none_because = "the controllers belong to cgroup v1";
  EXPECT_EQ(why_not({.manager = CgroupManager::kFiles, .path = "/one", .files = {kMemory}},
                    with_cgroups(std::move(v1))),
            "cannot use linux.resources.memory.limit: the controllers belong to cgroup v1");
}

TEST(ManagedCgroup, IsNoneWhereTheEngineHasDisabledThem) {
  const Result<Plan> plan =
      planned({.manager = CgroupManager::kNone, .files = {kMemory}}, with_cgroups(delegated()));
  ASSERT_TRUE(plan) << plan.error().sentence();
  EXPECT_FALSE(plan->managed_cgroup);
}

TEST(ManagedCgroup, IsAUnitsOnlyWhereSystemdRuns) {
  const kelp::ManagedCgroup wanted = {
      .manager = CgroupManager::kSystemd, .slice = "user.slice", .unit = "libpod-one.scope"};
  const Result<Plan> plan = planned(wanted, with_cgroups(below_systemd()));
  ASSERT_TRUE(plan) << plan.error().sentence();
  ASSERT_TRUE(plan->managed_cgroup && plan->managed_cgroup->unit);
  EXPECT_EQ(plan->managed_cgroup->unit->name, "libpod-one.scope");
  EXPECT_EQ(plan->managed_cgroup->unit->bus_address, "unix:path=/run/user/1000/bus");
  EXPECT_EQ(why_not(wanted, with_cgroups(delegated())),
            "cannot make the unit libpod-one.scope: no systemd of yours runs that could make it");
}

}  // namespace
}  // namespace kelp::plan
