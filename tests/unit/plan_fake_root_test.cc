// SPDX-License-Identifier: Apache-2.0
// Where root is emulated, in front of which filters, and what helps apt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <string>

#include "filters/filters.h"
#include "unit/plan_build.h"

namespace kelp::plan {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

template <typename T>
const T* first(const Plan& plan) {
  for (const Step& step : plan.child) {
    if (const auto* found = std::get_if<T>(&step.what)) return found;
  }
  return nullptr;
}

std::vector<std::string> filters_of(const Plan& plan) {
  const auto* install = first<InstallFilters>(plan);
  return install == nullptr ? std::vector<std::string>() : install->names;
}
bool emulates(const Plan& plan) {
  const std::vector<std::string> names = filters_of(plan);
  return !names.empty() && names.front() == "root emulation";
}

host::Facts without_ranges() {
  host::Facts facts = ordinary_facts();
  facts.ids->user_ranges.clear();
  return facts;
}

TEST(FakeRoot, ComesByItselfWhereRootIsTheOnlyId) {
  EXPECT_TRUE(emulates(plan_of({"--userns=single"})));
  EXPECT_TRUE(emulates(plan_of({}, without_ranges()))) << "auto that fell to one id";
  EXPECT_TRUE(emulates(plan_of({"--userns=0:1000:1"})));
  EXPECT_TRUE(emulates(plan_of({"--userns=single", "-u", "root"})));
  EXPECT_TRUE(emulates(plan_of({"--userns=single", "--bare"})));
}

TEST(FakeRoot, StaysAwayWhereOtherIdsExistOrNobodyIsRoot) {
  EXPECT_FALSE(emulates(plan_of({}))) << "a range";
  EXPECT_FALSE(emulates(plan_of({"--userns=keep-id"}, without_ranges())));
  EXPECT_FALSE(emulates(plan_of({"--userns=5:1000:1", "-u", "5"}))) << "the only id is not root";
  EXPECT_FALSE(emulates(plan_of({"--userns=single", "-u", "alga"})));
  EXPECT_FALSE(emulates(plan_of({"--userns=single", "--new-privileges"})));
  EXPECT_FALSE(emulates(plan_of({"--userns=single", "--fake-root=off"})));
}

TEST(FakeRoot, AskedForByNameHoldsForEveryMapAndUser) {
  EXPECT_TRUE(emulates(plan_of({"--fake-root=simple"})));
  EXPECT_TRUE(emulates(plan_of({"--fake-root=simple", "--userns=keep-id"})));
  EXPECT_FALSE(emulates(plan_of({"--fake-root=simple", "--fake-root=auto"}))) << "the last one counts";
}

TEST(FakeRoot, IsInstalledBeforeEveryOtherFilter) {
  EXPECT_THAT(filters_of(plan_of({"--userns=single", "--seccomp=@no-ptrace"})),
              ElementsAre("root emulation", "no-ptrace", "default"));
  EXPECT_THAT(filters_of(plan_of({"--userns=single", "--seccomp=none"})), ElementsAre("root emulation"));
}

TEST(FakeRoot, IsNoFilterInTheSenseOfRequire) {
  EXPECT_THAT(refusal_of({"--userns=single", "--seccomp=none", "--require=seccomp"}),
              HasSubstr("--seccomp=none takes it away"));
}

TEST(FakeRoot, PretendsAlsoWhereRefusalsAreOnlyLogged) {
  const Plan plan = plan_of({"--userns=single", "--seccomp-log"});
  const auto* install = first<InstallFilters>(plan);
  ASSERT_NE(install, nullptr);
  const auto pretended = filters::code_of(BuiltInFilter::kFakeRoot, filters::this_machine());
  EXPECT_EQ(install->programs.front().code, FilterCode(pretended.begin(), pretended.end()));
  for (const FilterInstruction& one : install->programs.back().code) {
    if (one.code == (BPF_RET | BPF_K)) {
      EXPECT_THAT(one.operand, testing::AnyOf(SECCOMP_RET_ALLOW + 0U, SECCOMP_RET_LOG + 0U));
    }
  }
}

TEST(FakeRoot, IsToldAsWhatItTakes) {
  EXPECT_THAT(not_enforced(plan_of({"--userns=single"}).policy),
              Contains(StartsWith("what programs inside give up of their own rights")));
  EXPECT_THAT(not_enforced(plan_of({}).policy), Not(Contains(HasSubstr("root emulation"))));
}

TEST(FakeRoot, HelpsAptByAFileInItsOwnDev) {
  const Plan plan = plan_of({"--userns=single"});
  const auto* file = first<WriteFile>(plan);
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->to, "/dev/kelp-apt.conf");
  EXPECT_THAT(file->content, AllOf(HasSubstr("APT::Sandbox::User \"root\";\n"), Not(HasSubstr("#include"))));
  EXPECT_THAT(first<Execute>(plan)->environment, Contains("APT_CONFIG=/dev/kelp-apt.conf"));
}

TEST(FakeRoot, IncludesTheCallersAptConfig) {
  const Plan plan = plan_of({"--userns=single", "-e", "APT_CONFIG=/a", "-e", "APT_CONFIG=/my apt.conf"});
  EXPECT_THAT(first<WriteFile>(plan)->content, testing::EndsWith("root\";\n#include \"/my apt.conf\";\n"));
  const std::vector<std::string>& environment = first<Execute>(plan)->environment;
  EXPECT_THAT(environment, Contains("APT_CONFIG=/dev/kelp-apt.conf"));
  EXPECT_THAT(environment, Not(Contains(HasSubstr("my apt"))));
}

TEST(FakeRoot, LeavesAptAloneWhereItHasNoPlaceOrNoSay) {
  for (const Words& flags : {Words{"--dev=none"},
                             {"--tmpfs", "/dev"},
                             {"--clear-env"},
                             {"--fake-root=off"},
                             {"-e", "APT_CONFIG=/a\"b"},
                             {"--bare"}}) {
    Words words = {"--userns=single"};
    words.insert(words.end(), flags.begin(), flags.end());
    const Plan plan = plan_of(words);
    EXPECT_EQ(first<WriteFile>(plan), nullptr) << flags[0];
    EXPECT_THAT(first<Execute>(plan)->environment, Not(Contains("APT_CONFIG=/dev/kelp-apt.conf")))
        << flags[0];
  }
  EXPECT_EQ(first<WriteFile>(plan_of({})), nullptr) << "with a range apt becomes _apt";
}

TEST(FakeRoot, DoesNotGoTogetherWithNewPrivileges) {
  EXPECT_EQ(
      refusal_of({"--fake-root=simple", "--new-privileges"}),
      "cannot use --fake-root=simple: it does not go together with --new-privileges, under which kelp's own "
      "changes of ids and rights would be pretended too");
}

}  // namespace
}  // namespace kelp::plan
