// SPDX-License-Identifier: Apache-2.0
// Fails the system calls of a start, one a run, and looks at what becomes of it: a refusal that reads as one,
// or a container that is the same to the last line of what it shows. Nothing in between, and nothing left
// behind.
#include <algorithm>
#include <cerrno>
#include <csignal>

#include "expectations.h"
#include "start.h"

namespace kelp::faults {
namespace {

constexpr int kManyAlike = 6;  // from the seventh on, calls that may fail are sampled
constexpr int kSample = 10;
constexpr int kShare = 6;  // what identities other than the first do: every sixth

bool is_left_out(const Call& call, std::size_t index, const Scene& scene) {
  if (cannot_fail(call.name)) return true;
  // Once the command runs it is too late for a refusal; RunningContainer tells about these.
  if (call.is_running && call.who != kInit) return true;
  if (expected(call).end == End::kUnchanged && call.occurrence > kManyAlike && call.occurrence % kSample != 0)
    return true;
  return harness::identity() != "user" && !scene.has_cgroup && index % kShare != 0;
}

// PID 1 gives up its own rights, and the parent waits for the reports' end, while the command begins: it may
// have been through when they fail. Otherwise a refusal means that it has not begun.
bool may_have_begun(const Call& call) {
  if (call.who == kParent) return call.name == "read" || call.name == "poll";
  return call.who == kInit && (call.name.starts_with("prctl(") || call.name.starts_with("cap"));
}

testing::AssertionResult is_as_expected(const Call& call, const Expectation& expectation,
                                        const Traced& disturbed, const Traced& plain) {
  const harness::Outcome& outcome = disturbed.outcome;
  const testing::AssertionResult refused = is_refusal(outcome);
  if (refused) {
    if (outcome.out.empty() || may_have_begun(call)) return refused;
    return testing::AssertionFailure() << "refused after the command had begun: " << outcome.err;
  }
  switch (expectation.end) {
    case End::kRefused:
      if (outcome == plain.outcome) return testing::AssertionFailure() << "nothing has noticed it";
      return testing::AssertionFailure() << refused.message() << difference(plain.outcome.out, outcome.out);
    case End::kUnchanged:
      if (outcome == plain.outcome) return testing::AssertionSuccess();
      return testing::AssertionFailure()
             << "another container (" << expectation.why << "): status " << outcome.status << ", "
             << outcome.err << difference(plain.outcome.out, outcome.out);
  }
  return refused;
}

// Where a start has a cgroup, its facts are read until the place of it is opened and looked at: they choose
// among places, of which one is named here, and what is not known is taken for absent.
std::size_t count_of_facts(const Scene& scene, const Traced& plain) {
  if (!scene.has_cgroup) return 0;
  const auto looked = std::ranges::find_if(
      plain.calls, [](const Call& call) { return call.who == kParent && call.name == "fstatfs"; });
  return static_cast<std::size_t>(looked - plain.calls.begin()) - 1;
}

// How often PID 1 waits while the command runs is a matter of time: two of its signals may come at once.
Traced run_until_reached(const Start& start, const Fault& fault, const Call& call) {
  Traced disturbed = start.run(fault);
  for (int tries = 1; call.is_running && disturbed.failed == 0 && tries < 10; ++tries)
    disturbed = start.run(fault);
  return disturbed;
}

// Of the calls of `who` every `stride`th.
void fail_each_call_of(Who who, const Scene& scene = {}, std::size_t stride = 1) {
  KELP_FAULTS_NEED_PTRACE();
  const Start start(scene);
  const Traced plain = start.run();
  ASSERT_EQ(plain.outcome.status, 0) << testing::PrintToString(plain.outcome);
  const std::size_t facts = count_of_facts(scene, plain);
  int tried = 0;
  std::size_t candidates = 0;
  for (std::size_t index = 0; index < plain.calls.size(); ++index) {
    const Call& call = plain.calls[index];
    if ((who != kAnyone && call.who != who) || is_left_out(call, index, scene)) continue;
    if (candidates++ % stride != 0) continue;
    const Fault fault = {.who = call.who,
                         .name = call.name,
                         .occurrence = call.occurrence,
                         .code = plausible_errno(call.name)};
    const Traced disturbed = run_until_reached(start, fault, call);
    ++tried;
    EXPECT_EQ(disturbed.failed, 1) << describe(fault);
    const Expectation expectation =
        index < facts ? Expectation{.end = End::kUnchanged, .why = "a fact"} : expected(call);
    EXPECT_TRUE(is_as_expected(call, expectation, disturbed, plain)) << describe(fault);
    ASSERT_TRUE(start.is_clean()) << describe(fault);
  }
  EXPECT_GT(tried, 0);
  testing::Test::RecordProperty("calls", tried);
}

TEST(EachFailedCall, OfTheParentIsToldAndLeavesNothing) { fail_each_call_of(kParent); }

TEST(EachFailedCall, OfPid1IsToldAndLeavesNothing) { fail_each_call_of(kInit); }

TEST(EachFailedCall, OfTheCommandsSetUpIsToldAndLeavesNothing) { fail_each_call_of(kCommand); }

#define KELP_FAULTS_NEED_CGROUPS()                              \
  KELP_ONLY_AS("only root may make a cgroup anywhere", "root"); \
  KELP_REQUIRE(!harness::cgroup_mount().empty(), "no writable cgroup v2 is mounted")

// The cgroup is the parent's alone.
TEST(EachFailedCall, OfAStartWithACgroupIsToldAndLeavesNoCgroup) {
  KELP_FAULTS_NEED_CGROUPS();
  fail_each_call_of(kParent, {.has_cgroup = true});
}

struct Row {
  Scene scene;
  Who who = kAnyone;
  std::size_t stride = 1;  // every call costs a start: those that all starts share are sampled
};

class EachFailedCallOf : public testing::TestWithParam<Row> {};

TEST_P(EachFailedCallOf, IsToldAndLeavesNothing) {
  fail_each_call_of(GetParam().who, GetParam().scene, GetParam().stride);
}

INSTANTIATE_TEST_SUITE_P(
    AStart, EachFailedCallOf,
    testing::Values(
        Row{.scene = {.name = "WithAnOverlayAndNoReaper",
                      .options = {"--overlay", "--no-init", "-w", "/mnt", "--add-host=reef:127.0.0.9"}},
            .who = kInit},
        Row{.scene = {.name = "WithAnEnterableInit", .options = {"--init=enterable"}}, .who = kInit},
        Row{.scene = {.name = "WithAnOverlay", .options = {"--overlay"}}, .stride = 2},
        Row{.scene = {.name = "WithATerminal", .options = {"-t"}, .has_terminal = true}},
        Row{.scene = {.name = "WithARangeOfIds", .options = {"--userns=auto"}}},
        Row{.scene = {.name = "OnTheHostsNetwork", .has_hosts_network = true}},
        Row{.scene = {.name = "OnTheHostsUserland", .root = "host"}},
        Row{.scene = {.name = "OnAnEmptyRoot", .root = "empty"}, .stride = 2},
        Row{.scene = {.name = "WithATimeout", .options = {"--timeout=60s"}}, .stride = 2}),
    [](const testing::TestParamInfo<Row>& row) { return row.param.scene.name; });

// The tracer itself: a fault that nothing notices would make the tests above pass for nothing.
TEST(EachFailedCall, IsReallyMadeToFail) {
  KELP_FAULTS_NEED_PTRACE();
  const Start start;
  const Fault fault = {.who = kInit, .name = "pivot_root", .occurrence = 1, .code = EIO};
  const Traced disturbed = start.run(fault);
  EXPECT_EQ(disturbed.failed, 1);
  EXPECT_EQ(disturbed.outcome.err, "kelp: cannot pivot into the new root: Input/output error\n");
}

// What the kernel answers to a caller who shall try again.
TEST(InterruptedCall, IsMadeAgain) {
  KELP_FAULTS_NEED_PTRACE();
  const Start start;
  const Traced plain = start.run();
  ASSERT_EQ(plain.outcome.status, 0);
  for (std::size_t index = 0; index < plain.calls.size(); ++index) {
    const Call& call = plain.calls[index];
    const int code = errno_to_survive(call.name);
    if (code == 0 || (call.occurrence > kManyAlike && call.occurrence % kSample != 0)) continue;
    const Fault fault = {.who = call.who, .name = call.name, .occurrence = call.occurrence, .code = code};
    const Traced disturbed = start.run(fault);
    EXPECT_TRUE(disturbed.outcome == plain.outcome)
        << describe(fault) << ": status " << disturbed.outcome.status << ", " << disturbed.outcome.err
        << difference(plain.outcome.out, disturbed.outcome.out);
    ASSERT_TRUE(start.is_clean()) << describe(fault);
  }
}

// Calls that an outer container's filter refuses for good have another way.
TEST(MissingCall, HasAFallbackThatGivesTheSameContainer) {
  KELP_FAULTS_NEED_PTRACE();
  const Start start;
  const Traced plain = start.run();
  ASSERT_EQ(plain.outcome.status, 0);
  struct Missing {
    const char* name;
    int code;
  };
  for (const Missing& missing :
       {Missing{"openat2", ENOSYS}, Missing{"openat2", EPERM}, Missing{"clone3", ENOSYS},
        Missing{"clone3", EPERM}, Missing{"close_range", ENOSYS}, Missing{"close_range", EPERM}}) {
    const Fault fault = {.who = kAnyone, .name = missing.name, .occurrence = 0, .code = missing.code};
    const Traced disturbed = start.run(fault);
    EXPECT_GT(disturbed.failed, 0) << missing.name;
    EXPECT_TRUE(disturbed.outcome == plain.outcome)
        << missing.name << ": status " << disturbed.outcome.status << ", " << disturbed.outcome.err
        << difference(plain.outcome.out, disturbed.outcome.out);
    ASSERT_TRUE(start.is_clean()) << missing.name;
  }
}

// Once the command runs kelp cannot refuse any more: it ends, by itself and with all that it started.
testing::AssertionResult has_ended_well(const Call& call, const Traced& disturbed, const Traced& plain,
                                        const Scene& scene) {
  const harness::Outcome& outcome = disturbed.outcome;
  if (outcome == plain.outcome || outcome.err.starts_with("kelp: cannot "))
    return testing::AssertionSuccess();
  // What a terminal answers that has hung up, and the container's hangs up in turn.
  const bool is_relayed = scene.has_terminal && (call.name == "read" || call.name == "write");
  if (is_relayed && outcome.err.empty() && (outcome.status == 0 || outcome.status == 128 + SIGHUP))
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "status " << outcome.status << ", " << outcome.err
                                     << difference(plain.outcome.out, outcome.out);
}

void fail_each_call_beside_the_command(const Scene& scene) {
  KELP_FAULTS_NEED_PTRACE();
  const Start start(scene);
  const Traced plain = start.run();
  int tried = 0;
  for (const Call& call : plain.calls) {
    if (!call.is_running || call.who != kParent || cannot_fail(call.name)) continue;
    if (call.name == "ioctl(TCSETS)") continue;  // what makes the terminal raw, and the only way back
    if (call.occurrence > kManyAlike && call.occurrence % kSample != 0) continue;
    const Fault fault = {.who = call.who,
                         .name = call.name,
                         .occurrence = call.occurrence,
                         .code = plausible_errno(call.name)};
    const Traced disturbed = run_until_reached(start, fault, call);
    ++tried;
    EXPECT_TRUE(has_ended_well(call, disturbed, plain, scene)) << describe(fault);
    ASSERT_TRUE(start.is_clean()) << describe(fault);
  }
  EXPECT_GT(tried, 2);
}

TEST(RunningContainer, EndsWhenACallOfKelpFails) { fail_each_call_beside_the_command({}); }

TEST(RunningContainer, WithATerminalEndsWhenACallOfKelpFails) {
  fail_each_call_beside_the_command({.options = {"-t"}, .has_terminal = true});
}

TEST(RunningContainer, WithACgroupEndsWhenACallOfKelpFails) {
  KELP_FAULTS_NEED_CGROUPS();
  fail_each_call_beside_the_command({.has_cgroup = true});
}

}  // namespace
}  // namespace kelp::faults
