// SPDX-License-Identifier: Apache-2.0
// check(): the parts of a Spec that only config.json can say.
#include <gmock/gmock.h>
#include <linux/sched.h>

#include "spec/check.h"

namespace kelp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> problems(const Spec& spec) {
  const Result<CheckedSpec> checked = check(spec);
  if (checked) return {};
  std::vector<std::string> out = {checked.error().sentence()};
  for (const Error& other : checked.error().others()) out.push_back(other.sentence());
  return out;
}

std::vector<std::string> problems_of(const Scheduler& scheduler) {
  Spec spec;
  spec.command.scheduling.scheduler = scheduler;
  return problems(spec);
}
std::vector<std::string> problems_of(const MemoryPolicy& policy) {
  Spec spec;
  spec.command.scheduling.memory = policy;
  return problems(spec);
}

TEST(CheckScheduling, KnowsWhatGoesWithAPolicy) {
  EXPECT_THAT(problems_of(Scheduler{.policy = SCHED_FIFO, .priority = 5}), IsEmpty());
  EXPECT_THAT(problems_of(Scheduler{.policy = SCHED_RR}),
              ElementsAre("cannot set the scheduler: its policy needs a priority of 1 to 99"));
  EXPECT_THAT(problems_of(Scheduler{.policy = SCHED_BATCH, .priority = 5, .origin = {"process.scheduler"}}),
              ElementsAre("cannot use process.scheduler: its policy has no priority"));
  EXPECT_THAT(
      problems_of(Scheduler{.policy = SCHED_NORMAL, .period_ns = 5}),
      ElementsAre("cannot set the scheduler: only SCHED_DEADLINE has a runtime, a deadline and a period"));
  const Scheduler deadline = {.policy = SCHED_DEADLINE, .runtime_ns = 1, .deadline_ns = 2, .period_ns = 3};
  EXPECT_THAT(problems_of(deadline), IsEmpty());
  Scheduler wrong = deadline;
  wrong.runtime_ns = 0;
  EXPECT_THAT(problems_of(wrong), ElementsAre("cannot set the scheduler: SCHED_DEADLINE needs a runtime"));
  wrong.runtime_ns = 3;
  EXPECT_THAT(problems_of(wrong),
              ElementsAre("cannot set the scheduler: its runtime is longer than its deadline"));
  wrong = deadline;
  wrong.deadline_ns = 4;
  EXPECT_THAT(problems_of(wrong),
              ElementsAre("cannot set the scheduler: its deadline is later than its period"));
}

TEST(CheckScheduling, KnowsWhichPoliciesTakeNodes) {
  EXPECT_THAT(problems_of(MemoryPolicy{.mode = 2, .nodes = {0}}), IsEmpty());
  EXPECT_THAT(problems_of(MemoryPolicy{.mode = 1}), IsEmpty());
  EXPECT_THAT(problems_of(MemoryPolicy{.mode = 2}),
              ElementsAre("cannot set the memory policy: its mode needs nodes"));
  EXPECT_THAT(problems_of(MemoryPolicy{.mode = 4, .nodes = {0}}),
              ElementsAre("cannot set the memory policy: its mode takes no nodes"));
  EXPECT_THAT(problems_of(MemoryPolicy{.mode = 2, .flags = 3U << 14U, .nodes = {0}}),
              ElementsAre("cannot set the memory policy: nodes are static or relative, not both"));
}

TEST(CheckForeign, NetDevicesNeedANetworkOfTheContainers) {
  Spec spec;
  spec.net_devices = {{.host_name = "eth0", .name = "a"}, {.host_name = "eth/1", .name = "a"}};
  EXPECT_THAT(problems(spec),
              ElementsAre("cannot move the network device 'eth0': the network namespace is the host's",
                          "cannot move the network device 'eth/1': 'eth/1' is no name of a device",
                          "cannot move the network device 'eth/1': 'a' comes twice inside",
                          "cannot move the network device 'eth/1': the network namespace is the host's"));
  spec.net_devices = {{.host_name = "eth0", .name = "a"}};
  spec.joined_namespaces = {{.kind = Namespace::kNetwork, .path = "/n"}};
  EXPECT_THAT(problems(spec), IsEmpty());
}

TEST(CheckForeign, AJoinedUtsNamespaceTakesAHostName) {
  Spec spec;
  spec.hostname = "a";
  EXPECT_THAT(problems(spec), ElementsAre("cannot set the host name 'a': the uts namespace is the host's"));
  spec.joined_namespaces = {{.kind = Namespace::kUts, .path = "/n"}};
  EXPECT_THAT(problems(spec), IsEmpty());
}

TEST(CheckCommand, CapabilitySetsMustFitEachOther) {
  Spec spec;
  spec.command.capabilities.sets =
      CapabilitySets{.bounding = CapabilityMask{1} << 60U, .effective = 1, .permitted = 2, .ambient = 2};
  EXPECT_THAT(
      problems(spec),
      ElementsAre("cannot give the capabilities 60: kelp does not know them all",
                  "cannot give the capabilities chown: they are to be effective, and not permitted",
                  "cannot give the capabilities dac_override: they are to be ambient, and not permitted and "
                  "inheritable"));
}

TEST(CheckCommand, ATerminalMayBeOfAnOrdinaryDevptsOrOfTheContainerThatIsEntered) {
  Spec spec;
  spec.command.terminal = TerminalMode::kAlways;
  spec.command.new_session = true;
  EXPECT_THAT(problems(spec), ElementsAre("cannot make a terminal: the container has no /dev of its own"));
  spec.mounts = {{.what = PlainMount{.type = "devpts", .source = "devpts", .to = "/dev/pts"}}};
  EXPECT_THAT(problems(spec), IsEmpty());
  spec.mounts.clear();
  spec.entered = EnteredContainer{.pidfd = 5};
  EXPECT_THAT(problems(spec), IsEmpty());
}

TEST(CheckIds, GroupsThatAreListedMustBeMapped) {
  Spec spec;
  spec.ids = {.map = ExplicitIds{.users = {{.host = 5}}, .groups = {{.host = 5}}},
              .origin = {"linux.uidMappings"}};
  spec.command.user = {.user = Id{0}, .group = Id{0}, .origin = {"process.user"}};
  spec.command.groups = Groups::kListed;
  spec.command.listed_groups = {0, 7};
  EXPECT_THAT(problems(spec),
              ElementsAre("cannot use process.user: no group 7 is mapped by linux.uidMappings"));
}

TEST(CheckMounts, IdsOfAMountAreMappedTogether) {
  Spec spec;
  spec.mounts = {
      {.what = PlainMount{
           .type = "bind", .source = "/s", .to = "/a", .id_map = MountIdMap{.users = {{.host = 5}}}}}};
  EXPECT_THAT(problems(spec),
              ElementsAre("cannot mount on '/a': ids of users and of groups are mapped together"));
}

}  // namespace
}  // namespace kelp
