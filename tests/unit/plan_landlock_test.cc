// SPDX-License-Identifier: Apache-2.0
// The Landlock domain of a plan on kernels of every ABI, and what the policy says of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/describe.h"
#include "plan_build.h"

namespace kelp::plan {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

constexpr std::uint64_t kSockets = 1;
constexpr std::uint64_t kSignals = 2;
constexpr std::uint64_t kReading = 0b1101;  // execute, read files, read directories
constexpr int kNewestAbi = 9;

// 0: a kernel without Landlock.
host::Facts kernel(int abi) {
  host::Facts facts = ordinary_facts();
  facts.landlock_abi.reset();
  if (abi > 0) facts.landlock_abi = abi;
  return facts;
}

std::vector<PolicyItem> items(const Plan& plan) {
  std::vector<PolicyItem> out;
  for (const PolicyItem& item : plan.policy) {
    if (item.fence == Fence::kLandlock) out.push_back(item);
  }
  return out;
}

std::vector<Enforcement> told(Words flags, int abi) {
  std::vector<Enforcement> out;
  for (const PolicyItem& item : items(plan_of(std::move(flags), kernel(abi))))
    out.push_back(item.enforcement);
  return out;
}

TEST(PlanLandlock, ScopesWhatTheNamespacesShare) {
  EXPECT_EQ(step_of<RestrictSelf>(plan_of({})), (RestrictSelf{.scopes = kSockets}));
  EXPECT_EQ(step_of<RestrictSelf>(plan_of({"--share=pid", "--proc=host"})),
            (RestrictSelf{.scopes = kSockets | kSignals}));
  EXPECT_EQ(step_of<RestrictSelf>(plan_of({"--share=pid", "--proc=host", "--network=none"})),
            (RestrictSelf{.scopes = kSignals}));
  EXPECT_EQ(step_of<RestrictSelf>(plan_of({"--bare"})), (RestrictSelf{.scopes = kSockets | kSignals}));
  EXPECT_THAT(steps_of<RestrictSelf>(plan_of({"--network=none"})), IsEmpty());
  EXPECT_THAT(steps_of<RestrictSelf>(plan_of({"--landlock=none"})), IsEmpty());
  EXPECT_THAT(steps_of<RestrictSelf>(plan_of({"--landlock=false"})), IsEmpty());
}

TEST(PlanLandlock, ComesAfterNoNewPrivsAndLastBeforeTheCommand) {
  const Plan plan = plan_of({"--landlock"});
  EXPECT_GT(place_of<RestrictSelf>(plan), place_of<LimitPrivileges>(plan));
  EXPECT_GT(place_of<RestrictSelf>(plan), place_of<EnterDirectory>(plan));
  EXPECT_LT(place_of<RestrictSelf>(plan), place_of<Execute>(plan));
}

TEST(PlanLandlock, ComesWithTheRightsOfSetUpWhereNoNewPrivsIsNotSet) {
  const Plan plan = plan_of({"--new-privileges"});
  EXPECT_LT(place_of<RestrictSelf>(plan), place_of<TakeUser>(plan));
  EXPECT_GT(place_of<RestrictSelf>(plan), place_of<StartReaper>(plan));
}

TEST(PlanLandlock, ScopesNothingBeforeAbi6) {
  for (int abi = 0; abi <= kNewestAbi; ++abi) {
    const Plan plan = plan_of({}, kernel(abi));
    EXPECT_EQ(steps_of<RestrictSelf>(plan).size(), abi >= 6 ? 1U : 0U) << abi;
    ASSERT_EQ(items(plan).size(), 1U);
    EXPECT_EQ(items(plan)[0].enforcement, abi >= 6 ? Enforcement::kEnforced : Enforcement::kNot) << abi;
    EXPECT_THAT(plan.warnings, IsEmpty()) << "of a default";
  }
  EXPECT_THAT(
      not_enforced(plan_of({}, kernel(0)).policy),
      ElementsAre("no abstract socket of the host: this kernel has no Landlock, or has it switched off"));
  EXPECT_THAT(not_enforced(plan_of({}, kernel(5)).policy),
              ElementsAre("no abstract socket of the host: it came with Landlock ABI 6 (Linux 6.12)"));
}

TEST(PlanLandlock, HasPortsSinceAbi4) {
  const Words flags = {"--network=none", "--allow-connect=443,80", "--allow-bind", "8080"};
  for (int abi = 0; abi <= kNewestAbi; ++abi) {
    const Plan plan = plan_of(flags, kernel(abi));
    EXPECT_EQ(steps_of<RestrictSelf>(plan).size(), abi >= 4 ? 1U : 0U) << abi;
    if (abi < 4) {
      EXPECT_THAT(told(flags, abi), ElementsAre(Enforcement::kNot, Enforcement::kNot));
    } else {
      EXPECT_THAT(told(flags, abi), ElementsAre(Enforcement::kEnforced, Enforcement::kPartly));
    }
    EXPECT_EQ(plan.warnings.size(), abi >= 4 ? 0U : 2U) << "what was typed is not left out in silence";
  }
  const RestrictSelf step = step_of<RestrictSelf>(plan_of(flags, kernel(4)));
  EXPECT_EQ(step.ports, 3U);
  EXPECT_THAT(step.allowed_ports,
              ElementsAre(PortRule{.port = 443, .rights = 2}, PortRule{.port = 80, .rights = 2},
                          PortRule{.port = 8080, .rights = 1}));
  EXPECT_EQ(items(plan_of(flags))[0].what, "TCP connections to ports 443, 80 only");
  EXPECT_EQ(items(plan_of({"--network=none", "--allow-connect=443"}))[0].what,
            "TCP connections to port 443 only");
  EXPECT_EQ(items(plan_of({"--network=none", "--allow-bind=none"}))[0].what, "no TCP listeners");
}

TEST(PlanLandlock, IsToldWithTheNumberOfItsPorts) {
  const auto told_of = [](const std::string& ports) {
    std::string all;
    for (const Sentence& sentence : describe(plan_of({"--network=none", "--allow-connect=" + ports})))
      all += sentence.what + "\n";
    return all;
  };
  EXPECT_THAT(told_of("443"), HasSubstr("with 1 TCP port\n"));
  EXPECT_THAT(told_of("443,80"), HasSubstr("with 2 TCP ports\n"));
}

// Landlock does not see all ways to a connection; a filter closes the others, but not the ports of the
// kernel's choice.
TEST(PlanLandlock, ClosesOtherWaysToPortsOrSaysSo) {
  const auto names = [](const Words& flags) { return step_of<InstallFilters>(plan_of(flags)).names; };
  EXPECT_THAT(names({"--allow-connect=443"}), ElementsAre("no-other-tcp", "default"));
  EXPECT_THAT(names({"--allow-bind=none", "--seccomp=none"}), ElementsAre("no-other-tcp", "no-listen"));
  EXPECT_THAT(told({"--network=none", "--allow-bind=80"}, kNewestAbi), ElementsAre(Enforcement::kPartly));
  EXPECT_THAT(told({"--network=none", "--allow-bind=none"}, kNewestAbi), ElementsAre(Enforcement::kEnforced));
  EXPECT_THAT(told({"--network=none", "--allow-connect=none", "--seccomp-log"}, kNewestAbi),
              ElementsAre(Enforcement::kPartly));
}

// Owners, modes, times and attributes are no rights of Landlock's: the mounts keep them, so those have to
// stay.
TEST(PlanLandlock, LetsNobodyMakeAReadOnlyMountWritableOrSaysSo) {
  const auto names = [](const Words& flags) { return step_of<InstallFilters>(plan_of(flags)).names; };
  EXPECT_THAT(names({"--landlock"}), ElementsAre("no-mount-changes", "default"));
  EXPECT_THAT(names({"--landlock", "--seccomp=none"}), ElementsAre("no-mount-changes"));
  EXPECT_THAT(names({"--landlock=scopes"}), ElementsAre("default"));
  EXPECT_THAT(told({"--network=none", "--landlock", "--seccomp-log"}, kNewestAbi),
              ElementsAre(Enforcement::kPartly, Enforcement::kEnforced));
}

TEST(PlanLandlock, RefusesEveryFileRightThatTheAbiKnows) {
  const std::vector<std::uint64_t> rights = {0,      0x1fff, 0x3fff, 0x7fff, 0x7fff,
                                             0xffff, 0xffff, 0xffff, 0xffff, 0x1ffff};
  for (int abi = 1; abi <= kNewestAbi; ++abi) {
    const RestrictSelf step = step_of<RestrictSelf>(plan_of({"--landlock"}, kernel(abi)));
    EXPECT_EQ(step.files, rights[static_cast<std::size_t>(abi)]) << abi;
    for (const FileRule& rule : step.allowed_files) EXPECT_EQ(rule.rights & ~step.files, 0U) << abi;
  }
  EXPECT_THAT(steps_of<RestrictSelf>(plan_of({"--landlock"}, kernel(0))), IsEmpty());
}

TEST(PlanLandlock, SaysThatFilesHoldInPartBeforeAbi3) {
  const Words flags = {"--network=none", "--landlock"};
  EXPECT_THAT(told(flags, 0), ElementsAre(Enforcement::kNot));
  EXPECT_THAT(told(flags, 1), ElementsAre(Enforcement::kPartly, Enforcement::kEnforced));
  EXPECT_THAT(told(flags, 2), ElementsAre(Enforcement::kPartly, Enforcement::kEnforced));
  EXPECT_THAT(told(flags, 3), ElementsAre(Enforcement::kEnforced, Enforcement::kEnforced));
  EXPECT_THAT(plan_of(flags, kernel(0)).warnings,
              ElementsAre("--landlock is not wholly enforced: files are written, made and removed below / "
                          "only: this kernel has no "
                          "Landlock, or has it switched off"));
}

FileRule reads(std::string path) { return {.path = std::move(path), .rights = kReading}; }
FileRule writes(std::string path) { return {.path = std::move(path), .rights = 0xffff}; }

TEST(PlanLandlock, MirrorsTheMountsOfAReadOnlyRoot) {
  host::Facts facts = ordinary_facts();
  facts.files["/data"] = facts.files["/out"] = a_directory();
  const RestrictSelf step = step_of<RestrictSelf>(
      plan_of({"--landlock", "--read-only", "-v/data:/data:ro", "-v/out:/out", "--hide=/etc/x"}, facts));
  EXPECT_EQ(step.allowed_files.front(), reads("/"));
  EXPECT_THAT(step.allowed_files, IsSupersetOf({writes("/proc"), writes("/dev"), writes("/dev/shm"),
                                                writes("/tmp"), writes("/out")}));
  EXPECT_THAT(step.allowed_files, Not(Contains(Field(&FileRule::path, "/data")))) << "the rule of / says it";
  EXPECT_THAT(step.allowed_files, Not(Contains(writes("/sys"))));
}

TEST(PlanLandlock, HasOneRuleAPathAndItIsOfTheLastMount) {
  host::Facts facts = ordinary_facts();
  facts.files["/first"] = facts.files["/last"] = a_directory();
  const auto rules = [&](const char* first, const char* last) {
    return step_of<RestrictSelf>(plan_of({"--landlock", "--read-only", first, last}, facts)).allowed_files;
  };
  EXPECT_THAT(rules("-v/first:/data", "-v/last:/data:ro"),
              AllOf(Contains(reads("/data")), Not(Contains(writes("/data")))));
  EXPECT_THAT(rules("-v/first:/data:ro", "-v/last:/data"), Contains(writes("/data")));
}

TEST(PlanLandlock, NeedsOneRuleForAWritableRoot) {
  EXPECT_THAT(step_of<RestrictSelf>(plan_of({"--landlock"})).allowed_files, ElementsAre(writes("/")));
}

TEST(PlanLandlock, LeavesTheRootOfTheHostsUserlandReadOnly) {
  host::Facts facts = ordinary_facts();
  facts.files["/usr"] = a_directory(0);
  const RestrictSelf step = step_of<RestrictSelf>(plan_on("host", {"--landlock"}, facts));
  EXPECT_EQ(step.allowed_files.front(), reads("/"));
  EXPECT_THAT(step.allowed_files, IsSupersetOf({writes("/tmp"), writes("/run"), writes("/home/alga")}));
  EXPECT_THAT(step.allowed_files, Not(Contains(writes("/usr"))));
}

// As some system users have it.
TEST(PlanLandlock, LeavesAHomeInTheHostsUserlandReadOnly) {
  host::Facts facts = ordinary_facts();
  facts.files["/usr"] = a_directory(0);
  facts.home = "/usr";
  const RestrictSelf step = step_of<RestrictSelf>(plan_on("host", {"--landlock"}, facts));
  EXPECT_THAT(step.allowed_files, Contains(writes("/tmp")));
  EXPECT_THAT(step.allowed_files, Not(Contains(writes("/usr"))));
}

TEST(RequireLandlock, RefusesWhatTheKernelHasInPartOrNot) {
  EXPECT_EQ(refusal_of({"--require=landlock"}, kernel(6)), "");
  EXPECT_THAT(refusal_of({"--require=landlock"}, kernel(5)), HasSubstr("it came with Landlock ABI 6"));
  EXPECT_THAT(refusal_of({"--require=landlock"}, kernel(0)), HasSubstr("this kernel has no Landlock"));
  EXPECT_THAT(refusal_of({"--network=none", "--landlock", "--require=landlock"}, kernel(2)),
              HasSubstr("only partly: files are written, made and removed below / only: files elsewhere can "
                        "still be emptied"));
  EXPECT_EQ(refusal_of({"--require=landlock:7"}, kernel(6)),
            "cannot enforce landlock (--require=landlock:7): this kernel has ABI 6");
  EXPECT_EQ(refusal_of({"--require=landlock:7"}, kernel(7)), "");
}

}  // namespace
}  // namespace kelp::plan
