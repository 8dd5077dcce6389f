// SPDX-License-Identifier: Apache-2.0
// `--seccomp` and `--seccomp-log`: which filters a Spec gets, and what becomes of them in a Plan.
#include <gmock/gmock.h>
#include <linux/filter.h>

#include <algorithm>

#include "harness/bpf.h"
#include "unit/cli_read.h"
#include "unit/plan_build.h"

namespace kelp {
namespace {

using cli::Words;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kProfile[] =
    R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_CHOWN"]}}]})";

// "F" is a profile, "B" is BPF, and so is what descriptor 9 yields.
Result<Spec> try_spec(Words flags) {
  const std::string bpf = harness::bytes_of(harness::answering(39, SECCOMP_RET_TRAP));
  cli::Surroundings around = cli::around();
  around.read_file = [bpf](const std::string& path) -> Result<std::string> {
    if (path == "F") return std::string(kProfile);
    if (path == "B") return bpf;
    return Error(cat("open ", path), "No such file or directory").with_code(ENOENT);
  };
  around.read_fd = [bpf](int fd) -> Result<std::string> {
    if (fd == 9) return bpf;
    return Error(cat("read descriptor ", fd), "Bad file descriptor");
  };
  flags.insert(flags.end(), {"./root", "true"});
  Result<cli::RunRequest> request = cli::read_run(flags, around);
  if (!request) return request.error();
  return std::move(request->spec);
}

// The kinds of a Spec's filters, in order.
std::vector<std::string> filters(Words flags) {
  const Result<Spec> spec = try_spec(std::move(flags));
  EXPECT_TRUE(spec) << (spec ? "" : spec.error().sentence());
  std::vector<std::string> out;
  if (!spec) return out;
  for (const Filter& filter : spec->seccomp.filters) {
    if (const auto* built_in = std::get_if<BuiltInFilter>(&filter.what)) {
      out.emplace_back(built_in_filter_name(*built_in));
    } else {
      out.emplace_back(std::holds_alternative<FilterProgram>(filter.what) ? "program" : "profile");
    }
  }
  return out;
}

std::string refusal(Words flags) {
  const Result<Spec> spec = try_spec(std::move(flags));
  return spec ? "" : spec.error().sentence();
}

TEST(ReadSeccomp, HasTheDefaultFilterUnlessAskedOtherwise) {
  EXPECT_THAT(filters({}), ElementsAre("default"));
  EXPECT_THAT(filters({"--bare"}), ElementsAre("default"));
  EXPECT_THAT(filters({"--seccomp=none"}), IsEmpty());
  EXPECT_THAT(filters({"--seccomp=none", "--seccomp", "default"}), ElementsAre("default"));
  EXPECT_THAT(filters({"--seccomp=B"}), ElementsAre("program"));
  EXPECT_THAT(filters({"--seccomp=fd:9"}), ElementsAre("program"));
  EXPECT_THAT(filters({"--seccomp", "F"}), ElementsAre("profile"));
  EXPECT_THAT(filters({"--seccomp=B", "--seccomp=none"}), IsEmpty()) << "the last one counts";
}

TEST(ReadSeccomp, TakesSetsBesides) {
  EXPECT_THAT(filters({"--seccomp=@no-userns"}), ElementsAre("no-userns", "default"));
  EXPECT_THAT(filters({"--seccomp=@no-userns,@no-ptrace"}), ElementsAre("no-userns", "no-ptrace", "default"));
  EXPECT_THAT(filters({"--seccomp=@no-ptrace", "--seccomp=@no-userns"}),
              ElementsAre("no-ptrace", "no-userns", "default"));
  EXPECT_THAT(filters({"--seccomp=none,@no-io-uring"}), ElementsAre("no-io-uring"));
  EXPECT_THAT(filters({"--seccomp=B,@no-keyring"}), ElementsAre("no-keyring", "program"))
      << "a filter of the caller's may forbid to install more";
}

TEST(ReadSeccomp, RefusesWhatItCannotRead) {
  EXPECT_THAT(refusal({"--seccomp="}), HasSubstr("a word of it is empty"));
  EXPECT_THAT(refusal({"--seccomp=@default"}), HasSubstr("'@default' is no set of system calls (@no-userns"));
  EXPECT_THAT(refusal({"--seccomp=absent"}),
              HasSubstr("open absent: No such file or directory (for --seccomp=absent)"));
  const auto hint = [](std::string flag) { return try_spec({std::move(flag)}).error().hint(); };
  EXPECT_EQ(hint("--seccomp=no-userns"), "did you mean @no-userns?");
  EXPECT_EQ(hint("--seccomp=@no-user"), "did you mean @no-userns?");
  EXPECT_EQ(hint("--seccomp=@no-iouring"), "did you mean @no-io-uring?");
  EXPECT_EQ(hint("--seccomp=absent"), "");
  EXPECT_EQ(hint("--seccomp=@unheard"), "");
  EXPECT_THAT(refusal({"--seccomp=fd:x"}), HasSubstr("fd:x: it is no descriptor"));
  EXPECT_THAT(refusal({"--seccomp=fd:8"}), HasSubstr("Bad file descriptor (for --seccomp=fd:8)"));
}

TEST(ReadSeccomp, AsksConditionsForTheRightsOfTheCommand) {
  const auto rules = [](Words flags) {
    const Result<Spec> spec = try_spec(std::move(flags));
    return std::get<SeccompProfile>(spec->seccomp.filters.at(0).what).rules.size();
  };
  EXPECT_EQ(rules({"--seccomp=F"}), 0U);
  EXPECT_EQ(rules({"--seccomp=F", "--cap-drop=chown"}), 1U);
}

TEST(CheckSeccomp, TakesNoProfileThatNobodyCompiled) {
  Result<Spec> spec = try_spec({"--seccomp=F"});
  const Result<CheckedSpec> checked = check(*std::move(spec));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().sentence(), "cannot use --seccomp=F: the profile is not compiled");
}

TEST(CheckSeccomp, CannotLogWhatAProgramComputes) {
  Spec spec;
  spec.seccomp = {.filters = {{.what = FilterProgram{.code = {{.code = BPF_LD | BPF_W | BPF_ABS},
                                                              {.code = BPF_RET | BPF_A}}},
                               .origin = {"--seccomp=X"}}},
                  .only_log = true,
                  .log_origin = {"--seccomp-log"}};
  const Result<CheckedSpec> checked = check(std::move(spec));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().sentence(),
            "cannot use --seccomp-log: the filter computes its answers, which cannot be changed");
}

}  // namespace

namespace plan {
namespace {

TEST(PlanSeccomp, HasTheDefaultFilterInItsPolicy) {
  const Plan plan = plan_of({"--require=seccomp", "--seccomp=@no-ptrace"});
  EXPECT_THAT(step_of<InstallFilters>(plan).names, testing::ElementsAre("no-ptrace", "default"));
  EXPECT_THAT(plan.policy, testing::Contains(testing::Field(
                               &PolicyItem::what, "a filter of system calls (no-ptrace, default)")));
  EXPECT_THAT(refusal_of({"--require=seccomp", "--seccomp=none"}),
              testing::HasSubstr("cannot enforce seccomp (--require=seccomp): --seccomp=none takes it away"));
}

TEST(PlanSeccomp, DoesWithoutAKeyringWhereTheFilterLeavesNoWayToKeys) {
  EXPECT_TRUE(step_of<NewKeyring>(plan_of({})).is_closed);
  EXPECT_TRUE(step_of<NewKeyring>(plan_of({"--seccomp=none,@no-keyring"})).is_closed);
  EXPECT_FALSE(step_of<NewKeyring>(plan_of({"--seccomp=none"})).is_closed);
  EXPECT_FALSE(step_of<NewKeyring>(plan_of({"--seccomp-log"})).is_closed);
}

TEST(PlanSeccomp, ThatOnlyLogsRefusesNothingAndIsNotEnforced) {
  const auto answers = [](const Plan& plan) {
    std::vector<std::uint32_t> out;
    const InstallFilters install = step_of<InstallFilters>(plan);
    for (const FilterInstruction& one : install.programs.at(0).code) {
      if (one.code == (BPF_RET | BPF_K)) out.push_back(one.operand);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  };
  EXPECT_GT(answers(plan_of({})).size(), 3U);
  EXPECT_THAT(answers(plan_of({"--seccomp-log"})),
              testing::ElementsAre(std::uint32_t{SECCOMP_RET_LOG}, std::uint32_t{SECCOMP_RET_ALLOW}));
  EXPECT_THAT(refusal_of({"--require=seccomp", "--seccomp-log"}),
              testing::HasSubstr("what it refuses is logged, and done"));
}

}  // namespace
}  // namespace plan
}  // namespace kelp
