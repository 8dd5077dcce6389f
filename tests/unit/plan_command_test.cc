// SPDX-License-Identifier: Apache-2.0
// What the command's half of a Spec becomes: who it is, what it may do, who is PID 1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <string>

#include "plan/describe.h"
#include "unit/plan_build.h"

namespace kelp::plan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kAlways = CLONE_NEWUSER | CLONE_NEWNS;

TEST(PlanNamespaces, AreTheDefaultsOfTheManual) {
  EXPECT_EQ(plan_of({}).clone_flags, kAlways | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP);
  EXPECT_EQ(plan_of({"--network=none"}).clone_flags & CLONE_NEWNET, std::uint64_t{CLONE_NEWNET});
  EXPECT_EQ(plan_of({"--bare"}).clone_flags, kAlways);
  EXPECT_EQ(plan_of({"--share=pid,uts"}).clone_flags, kAlways | CLONE_NEWIPC | CLONE_NEWCGROUP);
}

TEST(PlanNamespaces, OfTimeAreEnteredByTheChild) {
  const Plan plan = plan_of({"--time-offset=boottime=5"});
  EXPECT_EQ(plan.clone_flags & CLONE_NEWTIME, 0U) << "a process cannot be cloned into one";
  EXPECT_EQ(step_of<EnterTimeNamespace>(plan).offsets.boottime_s, 5);
}

TEST(PlanReaper, IsPidOneOfAnOwnPidNamespace) {
  EXPECT_TRUE(plan_of({}).has_reaper);
  EXPECT_EQ(place_of<StartReaper>(plan_of({"--no-init"})), -1);
  EXPECT_FALSE(plan_of({"--no-init"}).has_reaper);
  EXPECT_FALSE(plan_of({"--share=pid"}).has_reaper);
  EXPECT_FALSE(plan_of({"--bare"}).has_reaper);
  EXPECT_TRUE(plan_of({"--bare", "--unshare=pid", "--init"}).has_reaper);
}

TEST(PlanReaper, IsTheEmbeddedInitOnlyWhereAskedFor) {
  EXPECT_FALSE(step_of<StartReaper>(plan_of({})).is_enterable);
  const Plan plan = plan_of({"--init=enterable"});
  EXPECT_TRUE(plan.has_reaper);
  EXPECT_TRUE(step_of<StartReaper>(plan).is_enterable);
}

TEST(PlanReaper, StartsBeforeTheCommandsIdsAndRights) {
  const Plan plan = plan_of({});
  EXPECT_LT(place_of<Pivot>(plan), place_of<StartReaper>(plan));
  EXPECT_LT(place_of<StartReaper>(plan), place_of<TakeUser>(plan));
  EXPECT_LT(place_of<TakeUser>(plan), place_of<LimitPrivileges>(plan));
  EXPECT_LT(place_of<LimitPrivileges>(plan), place_of<EnterDirectory>(plan));
  EXPECT_LT(place_of<EnterDirectory>(plan), place_of<Execute>(plan));
  EXPECT_EQ(static_cast<std::size_t>(place_of<Execute>(plan)) + 1, plan.child.size())
      << "the exec is the last";
}

TEST(PlanTerminal, FollowsTheStreams) {
  host::Facts facts = ordinary_facts();
  EXPECT_FALSE(plan_of({}, facts).has_terminal);
  EXPECT_TRUE(plan_of({"-t"}, facts).has_terminal);
  EXPECT_NE(place_of<NewSession>(plan_of({}, facts)), -1);
  facts.standard_streams_are_one_terminal = true;
  EXPECT_TRUE(plan_of({}, facts).has_terminal);
  EXPECT_FALSE(plan_of({"--tty=never"}, facts).has_terminal);
  EXPECT_EQ(step_of<OpenTerminal>(plan_of({}, facts)).devpts, "/dev/pts");
}

TEST(PlanTerminal, IsLeftOutWhereItCannotBe) {
  host::Facts facts = ordinary_facts();
  facts.standard_streams_are_one_terminal = true;
  for (const char* flag : {"--bare", "--dev=none", "--new-session=false"})
    EXPECT_FALSE(plan_of({flag}, facts).has_terminal) << flag;
  EXPECT_EQ(place_of<NewSession>(plan_of({"--new-session=false"}, facts)), -1);
  EXPECT_NE(place_of<NewSession>(plan_of({"--bare"}, facts)), -1);
}

TEST(PlanLimits, KeepTheirOrigins) {
  const Plan plan = plan_of({"--ulimit=core=0", "--ulimit=nofile=64"});
  std::vector<std::string> origins;
  for (const Step& step : plan.child) {
    if (std::holds_alternative<SetLimit>(step.what)) origins.push_back(step.origin.text);
  }
  EXPECT_THAT(origins, ElementsAre("--ulimit=core=0", "--ulimit=nofile=64"));
}

TEST(PlanUser, IsRootAndItsHomeComesFromTheRoot) {
  const TakeUser user = step_of<TakeUser>(plan_of({}));
  EXPECT_EQ(std::get<Id>(user.user.user), 0U);
  EXPECT_TRUE(user.home_from_passwd);
  EXPECT_EQ(user.home_fallback, "/");
  EXPECT_TRUE(user.set_groups);
  EXPECT_EQ(step_of<TakeUser>(plan_on("host", {})).home_fallback, "/home/alga");
}

TEST(PlanPrivileges, AreTheElevenAndNoNewOnes) {
  const LimitPrivileges limit = step_of<LimitPrivileges>(plan_of({}));
  EXPECT_EQ(limit.root, 0x800405fbU);
  EXPECT_EQ(limit.any_user, 0U);
  EXPECT_FALSE(limit.new_privileges);
  EXPECT_TRUE(step_of<LimitPrivileges>(plan_of({"--new-privileges"})).new_privileges);
}

TEST(PlanPrivileges, ThatWereAskedForAreEverybodys) {
  const LimitPrivileges limit = step_of<LimitPrivileges>(plan_of({"--cap-drop=all", "--cap-add=chown,kill"}));
  EXPECT_EQ(limit.root, 0x21U);
  EXPECT_EQ(limit.any_user, 0x21U);
}

TEST(PlanExecute, KnowsKelpsOwnProgram) {
  const Execute execute = step_of<Execute>(plan_of({}));
  EXPECT_EQ(execute.own_device, 1U);
  EXPECT_EQ(execute.own_inode, 42U);
}

TEST(PlanExecute, TakesTheLastOfAVariable) {
  const std::vector<std::string> environment =
      step_of<Execute>(plan_of({"-e", "A=1", "-e", "AA=2", "-e", "A=3", "-e", "PATH=/x"})).environment;
  EXPECT_THAT(environment, Contains("A=3"));
  EXPECT_THAT(environment, Contains("AA=2"));
  EXPECT_THAT(environment, Contains("PATH=/x"));
  EXPECT_EQ(std::count_if(environment.begin(), environment.end(),
                          [](const auto& entry) { return entry.starts_with("A="); }),
            1);
}

TEST(PlanExecute, StartsWhereAskedForElseAtHereElseAtTheRoot) {
  EXPECT_EQ(step_of<EnterDirectory>(plan_of({})).path, "/");
  EXPECT_EQ(step_of<EnterDirectory>(plan_of({"--here"})).path, "/home/alga/work");
  EXPECT_EQ(step_of<EnterDirectory>(plan_of({"--here", "-w", "/tmp"})).path, "/tmp");
}

TEST(PlanDescriptors, AreThoseThatAreNamedSortedAndOnce) {
  EXPECT_THAT(plan_of({}).inherited_fds, IsEmpty());
  EXPECT_THAT(plan_of({"--preserve-fd=9,4", "--file=7:/x", "--report=5"}).inherited_fds,
              ElementsAre(4, 5, 7, 9));
  EXPECT_THAT(step_of<Execute>(plan_of({"--preserve-fd=9,4", "--file=7:/x"})).preserved_fds,
              ElementsAre(4, 9));
}

TEST(PlanDescription, TellsEveryStepAndItsOrigin) {
  const Plan plan = plan_of({"-v", "/s:/m:ro", "--hide=/h", "--userns=single"});
  const std::vector<Sentence> sentences = describe(plan);
  EXPECT_EQ(sentences.size(), plan.child.size() + 2) << "the namespaces and the map come first";
  EXPECT_THAT(sentences, Contains(Sentence{"bind /s on /m, read-only, nosuid, nodev", "-v /s:/m:ro"}));
  EXPECT_THAT(sentences, Contains(Sentence{"hide /h", "--hide=/h"}));
  EXPECT_EQ(sentences[1].origin, "--userns=single");
  for (const Sentence& sentence : sentences) {
    EXPECT_NE(sentence.what, "");
    EXPECT_NE(sentence.origin, "");
  }
}

TEST(PlanExecute, IsByAProgramInMemoryWhereKelpsFileMayBeWritten) {
  const auto is_so = [](const host::Facts& facts, const Words& flags) {
    const Plan plan = plan_of(flags, facts);
    return std::ranges::any_of(
        plan.child, [](const Step& step) { return std::holds_alternative<MakeLauncher>(step.what); });
  };
  host::Facts facts = ordinary_facts();
  EXPECT_FALSE(is_so(facts, {})) << "kelp is root's, and root is not in the map";
  facts.self_mode = 0775;
  EXPECT_TRUE(is_so(facts, {}));
  facts.self_mode = 0757;
  EXPECT_TRUE(is_so(facts, {}));
  facts.self_mode = 0755;
  facts.self_owner = facts.caller.uid;
  EXPECT_TRUE(is_so(facts, {"--userns=single"}));
  facts.self_owner = 100'007;
  EXPECT_TRUE(is_so(facts, {})) << "one of the subordinate ids";
  EXPECT_FALSE(is_so(facts, {"--userns=single"}));
  host::Facts root = facts_of_root();
  root.self_mode = 0555;
  EXPECT_TRUE(is_so(root, {})) << "the owner can change the mode";
}

TEST(PlanNeeds, AsksForNothingThatIsNotLookedAt) {
  const auto needs_of = [](Words flags, const std::string& root = "./root") {
    flags.insert(flags.end(), {root, "true"});
    Result<CheckedSpec> checked = check(cli::read_run(flags, {})->spec);
    return needs(*checked);
  };
  EXPECT_TRUE(needs_of({}).ids);
  EXPECT_FALSE(needs_of({"--userns=single"}).ids);
  EXPECT_FALSE(needs_of({}, "host").ids) << "oneself needs no ranges";
  EXPECT_FALSE(needs_of({}).home);
  EXPECT_TRUE(needs_of({}, "host").home);
  EXPECT_FALSE(needs_of({}).overlay_upper);
  EXPECT_TRUE(needs_of({"--overlay"}).overlay_upper);
  EXPECT_FALSE(needs_of({"--overlay=/kept"}).overlay_upper);
  EXPECT_THAT(needs_of({"-v", "/s:/m"}).files, Contains("/s"));
}

}  // namespace
}  // namespace kelp::plan
