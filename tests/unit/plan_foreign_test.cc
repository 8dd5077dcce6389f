// SPDX-License-Identifier: Apache-2.0
// Plans of what a foreign configuration asks for: what is done where the kernel may refuse, and what is not.
#include <gmock/gmock.h>
#include <linux/mount.h>
#include <sched.h>

#include "base/text.h"
#include "plan_build.h"

namespace kelp::plan {
namespace {

Spec foreign() {
  Spec spec;
  spec.root.what = DirectoryRoot{.path = "./root"};
  for (const Namespace kind : {Namespace::kPid, Namespace::kIpc, Namespace::kNetwork})
    spec.new_namespaces.add(kind);
  spec.command.argv = {"true"};
  spec.command.user = {.user = Id{0}, .group = Id{0}};
  return spec;
}
Spec foreign(MountKind mount) {
  Spec spec = foreign();
  spec.mounts.push_back({.what = std::move(mount)});
  return spec;
}
Result<Plan> try_spec(const Spec& spec, const host::Facts& facts = ordinary_facts()) {
  Result<CheckedSpec> checked = check(spec);
  if (!checked) return checked.error();
  return build(*checked, facts);
}
Plan planned(const Spec& spec, const host::Facts& facts = ordinary_facts()) {
  Result<Plan> plan = try_spec(spec, facts);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().sentence());
  return plan ? std::move(*plan) : Plan{};
}
template <class What>
const What* find(const Plan& plan) {
  for (const Step& step : plan.child) {
    if (const auto* what = std::get_if<What>(&step.what)) return what;
  }
  return nullptr;
}
// The path that is bound where the kernel refuses the mount; "-": none.
std::string otherwise(const Plan& plan) {
  const auto* mount = find<MountPlainly>(plan);
  if (mount == nullptr || !mount->otherwise) return "-";
  return std::get<OpenSources>(plan.child.front().what).sources[*mount->otherwise].path;
}
PlainMount filesystem(const std::string& type) { return {.type = type, .source = type, .to = "/x"}; }
Spec shares(Spec spec, Namespace kind) {
  spec.new_namespaces.remove(kind);
  return spec;
}

TEST(PlanForeign, ANewProcIsNothingElse) {
  EXPECT_EQ(otherwise(planned(foreign(filesystem("proc")))), "-");
  EXPECT_EQ(otherwise(planned(shares(foreign(filesystem("proc")), Namespace::kPid))), "/proc");
  Spec joined = shares(foreign(filesystem("proc")), Namespace::kPid);
  joined.joined_namespaces = {{.kind = Namespace::kPid, .path = "/proc/7/ns/pid"}};
  EXPECT_EQ(otherwise(planned(joined)), "-");
}

TEST(PlanForeign, KernelFileSystemsHaveSomethingThatStandsForThem) {
  EXPECT_EQ(otherwise(planned(foreign(filesystem("sysfs")))), "/sys");
  EXPECT_EQ(find<MountPlainly>(planned(foreign(filesystem("sysfs"))))->otherwise_set,
            std::uint64_t{MOUNT_ATTR_RDONLY});
  EXPECT_EQ(otherwise(planned(foreign(filesystem("cgroup")))), "/sys/fs/cgroup");
  EXPECT_EQ(find<MountPlainly>(planned(foreign(filesystem("cgroup"))))->what.type, "cgroup2");
  EXPECT_EQ(otherwise(planned(foreign(filesystem("mqueue")))), "-");
  EXPECT_EQ(otherwise(planned(shares(foreign(filesystem("mqueue")), Namespace::kIpc))), "/dev/mqueue");
  EXPECT_EQ(otherwise(planned(foreign(filesystem("tmpfs")))), "-");
}

TEST(PlanForeign, DevptsGoesWithoutAGroupThatNobodyHas) {
  PlainMount devpts = filesystem("devpts");
  devpts.data = "newinstance,gid=5,mode=0620";
  EXPECT_EQ(find<MountPlainly>(planned(foreign(devpts)))->data_otherwise, "newinstance,mode=0620");
  devpts.data = "newinstance";
  EXPECT_EQ(find<MountPlainly>(planned(foreign(devpts)))->data_otherwise, std::nullopt);
}

TEST(PlanForeign, AChoiceOfAccessTimesClearsTheOneBefore) {
  PlainMount bind{.type = "bind", .source = "/a", .to = "/b", .attributes = {.set = MOUNT_ATTR_NOATIME}};
  EXPECT_EQ(find<MountPlainly>(planned(foreign(bind)))->what.attributes.clear,
            std::uint64_t{MOUNT_ATTR__ATIME});
  bind.attributes = {.set = MOUNT_ATTR_NODEV};
  EXPECT_EQ(find<MountPlainly>(planned(foreign(bind)))->what.attributes.clear, 0U);
}

TEST(PlanForeign, OwnIdsAreNoNewUserNamespace) {
  Spec spec = foreign(DeviceNode{.path = "/dev/null", .major = 1, .minor = 3});
  EXPECT_FALSE(find<MakeNode>(planned(spec))->may_make);
  EXPECT_NE(planned(spec).clone_flags & CLONE_NEWUSER, 0U);
  spec.ids.map = OwnIds{};
  const Plan plan = planned(spec, facts_of_root());
  EXPECT_TRUE(find<MakeNode>(plan)->may_make);
  EXPECT_EQ(plan.clone_flags & CLONE_NEWUSER, 0U);
  EXPECT_NE(plan.clone_flags & CLONE_NEWNS, 0U);
  EXPECT_FALSE(plan.is_without_namespaces);
  EXPECT_EQ(find<TakeIds>(plan)->user, std::nullopt);
  EXPECT_NE(find<MakeLauncher>(plan), nullptr) << "root may write to kelp's own file";
}

TEST(PlanForeign, SharedMountsLeaveOnlyWithoutAUserNamespace) {
  Spec spec = foreign();
  spec.propagation = MountPropagation::kShared;
  EXPECT_EQ(*find<SetPropagation>(planned(spec)), (SetPropagation{.slave = true}));
  spec.ids.map = OwnIds{};
  EXPECT_EQ(*find<SetPropagation>(planned(spec, facts_of_root())), (SetPropagation{.shared = true}));
  spec.propagation = MountPropagation::kUnbindable;
  EXPECT_TRUE(find<Pivot>(planned(spec, facts_of_root()))->unbindable_afterwards);
  EXPECT_FALSE(find<Pivot>(planned(spec, facts_of_root()))->root_alone);
  spec.shares_root_alone = true;
  EXPECT_TRUE(find<Pivot>(planned(spec, facts_of_root()))->root_alone);
}

TEST(PlanForeign, AHomeIsLookedUpWhereNoEntrySaysIt) {
  Spec spec = foreign();
  spec.command.environment.home_from_root = true;
  EXPECT_TRUE(find<TakeUser>(planned(spec))->home_from_passwd);
  EXPECT_FALSE(find<TakeUser>(planned(spec))->name_from_passwd);
  spec.command.environment.entries = {"HOME=/x"};
  EXPECT_FALSE(find<TakeUser>(planned(spec))->home_from_passwd);
}

TEST(PlanForeign, ListedGroupsAreTriedWhereTheKernelWillRefuseThem) {
  Spec spec = foreign();
  host::Facts facts = ordinary_facts();
  facts.ids->user_ranges.clear();
  facts.ids->group_ranges.clear();
  spec.command.groups = Groups::kListed;
  EXPECT_EQ(find<TakeUser>(planned(spec, facts))->groups, std::nullopt)
      << "none are wanted, none can be taken away";
  spec.command.listed_groups = {7};
  spec.command.groups_origin = {"process.user.additionalGids"};
  const Plan plan = planned(spec, facts);
  EXPECT_EQ(find<TakeUser>(plan)->groups, std::vector<Id>{7});
  EXPECT_TRUE(find<TakeUser>(plan)->groups_may_be_denied);
  EXPECT_EQ(find<TakeUser>(plan)->groups_origin.text, "process.user.additionalGids");
}

TEST(PlanForeign, AFilterThatNotifiesComesBeforeTheExecAndHasWhoIsAsked) {
  Spec spec = foreign();
  spec.command.new_privileges = false;
  // execve waits for an answer, everything else is allowed.
  const FilterCode code = *read_filter_code(std::string_view(
      "\x20\0\0\0\0\0\0\0\x15\0\0\1\x3b\0\0\0\x06\0\0\0\0\0\xc0\x7f\x06\0\0\0\0\0\xff\x7f", 32));
  spec.seccomp.filters = {
      {.what = FilterProgram{.code = code, .notifies = true}, .origin = {"linux.seccomp"}}};
  spec.seccomp.listener = SeccompListener{.path = "/agent", .metadata = {}, .document = {}, .origin = {}};
  const Plan plan = planned(spec);
  EXPECT_EQ(find<InstallFilters>(plan)->time, FilterTime::kHere);
  ASSERT_TRUE(plan.listener);
  EXPECT_EQ(plan.listener->path, "/agent");
  spec.seccomp.filters = {{.what = FilterProgram{.code = code}, .origin = {"linux.seccomp"}}};
  EXPECT_FALSE(try_spec(spec)) << "nobody is asked";
}

TEST(PlanForeign, WhatIsJoinedIsNotNew) {
  Spec spec = foreign();
  spec.joined_namespaces = {{.kind = Namespace::kNetwork, .path = "/run/netns/blue"},
                            {.kind = Namespace::kUser, .path = "/proc/7/ns/user"}};
  const Plan plan = planned(spec);
  EXPECT_EQ(plan.clone_flags & (CLONE_NEWNET | CLONE_NEWUSER), 0U);
  EXPECT_EQ(find<TakeIds>(plan)->user, Id{0});
  EXPECT_EQ(plan.joined, spec.joined_namespaces);
  spec.joined_namespaces = {
      {.kind = Namespace::kMount, .path = "/proc/7/ns/mnt", .origin = {"linux.namespaces[0]"}}};
  EXPECT_EQ(
      try_spec(spec).error().sentence(),
      "cannot join the mount namespace /proc/7/ns/mnt: a container that is made has its mounts in one of "
      "its own (linux.namespaces[0])");
}

TEST(PlanForeign, WhoWaitsIsKelpExec) {
  Spec spec = foreign();
  EXPECT_EQ(find<MakeLauncher>(planned(spec)), nullptr);
  spec.command.start_fd = 7;
  spec.stays = true;
  const Plan plan = planned(spec);
  EXPECT_NE(find<MakeLauncher>(plan), nullptr);
  EXPECT_EQ(find<Execute>(plan)->start_fd, 7);
  EXPECT_THAT(plan.inherited_fds, testing::Contains(7));
  EXPECT_TRUE(plan.stays);
}

TEST(PlanForeign, HooksHaveTheirTimes) {
  Spec spec = foreign();
  EXPECT_EQ(find<AskParent>(planned(spec)), nullptr);
  spec.hooks.create_runtime = {{.path = "/h"}};
  spec.hooks.start_container = {{.path = "/in"}};
  const Plan plan = planned(spec);
  EXPECT_NE(find<AskParent>(plan), nullptr);
  EXPECT_EQ(find<RunHooks>(plan)->hooks, spec.hooks.start_container);
  spec.command.start_fd = 7;
  const Plan waiting = planned(spec);
  EXPECT_EQ(find<RunHooks>(waiting), nullptr);
  EXPECT_EQ(find<Execute>(waiting)->hooks, spec.hooks.start_container);
}

TEST(PlanForeign, AnEnteredContainerIsLeftAsItIs) {
  Spec spec;
  spec.entered = EnteredContainer{.pidfd = 8, .kinds = {Namespace::kUser, Namespace::kMount}};
  spec.command.argv = {"true"};
  spec.command.user = {.user = Id{0}, .group = Id{0}};
  spec.command.scheduling.oom_score_adj = 7;
  const Plan plan = planned(spec);
  EXPECT_EQ(plan.clone_flags, 0U);
  EXPECT_NE(find<TakeRoot>(plan), nullptr);
  EXPECT_EQ(find<Pivot>(plan), nullptr);
  EXPECT_EQ(find<SetScheduling>(plan), nullptr);
  EXPECT_EQ(plan.entered_oom_score, 7) << "before there is only the container's own /proc";
  EXPECT_EQ(find<MakeLauncher>(plan), nullptr)
      << "no container of this caller's can hold the owner of kelp's file";
  host::Facts own = ordinary_facts();
  own.self_owner = own.caller.uid;
  EXPECT_NE(find<MakeLauncher>(planned(spec, own)), nullptr);
}

}  // namespace
}  // namespace kelp::plan
