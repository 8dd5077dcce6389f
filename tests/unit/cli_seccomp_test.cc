// SPDX-License-Identifier: Apache-2.0
// `--seccomp` and `--seccomp-log`: which filters a Spec gets, and what becomes of them in a Plan.
#include <gmock/gmock.h>
#include <linux/filter.h>

#include <algorithm>

#include "filters/filters.h"
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

TEST(ReadSeccomp, TakesSetsThatGiveBack) {
  const auto given = [](Words flags) {
    std::string out;
    const Result<Spec> spec = try_spec(std::move(flags));
    for (const GivenBack& one : spec->seccomp.given_back)
      out += cat(giving_set_name(one.set), " ", one.origin.text, "\n");
    return out;
  };
  EXPECT_EQ(given({}), "");
  EXPECT_EQ(given({"--seccomp=@io-uring"}), "io-uring --seccomp=@io-uring\n");
  EXPECT_EQ(given({"--seccomp", "@perf,@no-ptrace", "--seccomp=@keyring"}),
            "perf --seccomp @perf,@no-ptrace\nkeyring --seccomp=@keyring\n");
  EXPECT_THAT(filters({"--seccomp=@perf,@no-ptrace"}), ElementsAre("no-ptrace", "default"));
  EXPECT_THAT(filters({"--seccomp=none", "--seccomp=default,@perf"}), ElementsAre("default"));
}

TEST(ReadSeccomp, TakesTheLastOfTwoOppositeSets) {
  const auto words = [](Words flags) {
    std::string out = testing::PrintToString(filters(flags));
    const Result<Spec> spec = try_spec(std::move(flags));
    for (const GivenBack& one : spec->seccomp.given_back) out += cat(" +", giving_set_name(one.set));
    return out;
  };
  EXPECT_EQ(words({"--seccomp=@no-keyring,@no-userns", "--seccomp=@keyring"}),
            R"({ "no-userns", "default" } +keyring)");
  EXPECT_EQ(words({"--seccomp=@no-keyring,@keyring"}), R"({ "default" } +keyring)");
  EXPECT_EQ(words({"--seccomp=@keyring,@perf", "--seccomp=@no-keyring"}),
            R"({ "no-keyring", "default" } +perf)");
  EXPECT_EQ(words({"--seccomp=@no-io-uring", "--seccomp=@io-uring"}), R"({ "default" } +io-uring)");
  EXPECT_EQ(words({"--seccomp=@no-io-uring", "--seccomp=@keyring"}),
            R"({ "no-io-uring", "default" } +keyring)")
      << "no other set goes";
}

TEST(CheckSeccomp, RefusesSetsThatCouldGiveNothingBack) {
  const auto sentence = [](Words flags) {
    Result<Spec> spec = try_spec(std::move(flags));
    if (!spec) return spec.error().sentence();
    // Profiles are compiled before.
    for (Filter& filter : spec->seccomp.filters) {
      if (std::holds_alternative<SeccompProfile>(filter.what))
        filter.what = FilterProgram{.code = {{.code = BPF_RET | BPF_K, .operand = 0x7fff0000}}};
    }
    const Result<CheckedSpec> checked = check(*std::move(spec));
    return checked ? std::string() : checked.error().sentence();
  };
  EXPECT_EQ(sentence({"--seccomp=@io-uring,@perf,@keyring"}), "");
  EXPECT_EQ(sentence({"--seccomp=@io-uring,@no-userns,@no-keyring"}), "");
  EXPECT_EQ(sentence({"--allow-connect=80", "--seccomp=@perf,@keyring"}), "");
  constexpr std::string_view kGives = "it gives back what the default filter refuses, and ";
  EXPECT_EQ(sentence({"--seccomp=none,@perf"}),
            cat("cannot allow @perf (--seccomp=none,@perf): ", kGives, "there is no default filter"));
  for (const std::string_view own : {"F", "B", "fd:9"}) {
    EXPECT_EQ(
        sentence({"--seccomp=@keyring", cat("--seccomp=", own)}),
        cat("cannot allow @keyring (--seccomp=@keyring): ", kGives, "a filter of your own is in its place"));
  }
  EXPECT_EQ(
      sentence({"--seccomp=@io-uring,@no-unix-sockets"}),
      "cannot allow @io-uring (--seccomp=@io-uring,@no-unix-sockets): @no-unix-sockets refuses the same "
      "calls");
  EXPECT_EQ(
      sentence({"--allow-connect=80", "--seccomp=@io-uring"}),
      "cannot allow @io-uring (--seccomp=@io-uring): --allow-connect=80 refuses io_uring, which would be "
      "a way around it");
  EXPECT_EQ(
      sentence({"--allow-bind=none", "--seccomp=@io-uring"}),
      "cannot allow @io-uring (--seccomp=@io-uring): --allow-bind=none refuses io_uring, which would be a "
      "way around it");
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
  EXPECT_EQ(hint("--seccomp=@iouring"), "did you mean @io-uring?");
  EXPECT_EQ(hint("--seccomp=keyring"), "did you mean @keyring?");
  EXPECT_THAT(refusal({"--seccomp=@unheard"}), HasSubstr(" @no-mount-changes @io-uring @perf @keyring)"));
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
  EXPECT_THAT(
      plan_of({"--seccomp=none", "--seccomp=@no-ptrace"}).policy,
      testing::Contains(testing::Field(
          &PolicyItem::what, "a filter of system calls (no-ptrace; it leaves open all other calls)")));
  EXPECT_THAT(refusal_of({"--require=seccomp", "--seccomp=none"}),
              testing::HasSubstr("cannot enforce seccomp (--require=seccomp): --seccomp=none takes it away"));
}

TEST(PlanSeccomp, TellsWhatIsGivenBack) {
  const Plan plan = plan_of({"--require=seccomp", "--seccomp=@keyring,@no-ptrace", "--seccomp=@io-uring"});
  EXPECT_THAT(step_of<InstallFilters>(plan).names,
              testing::ElementsAre("no-ptrace", "default minus @io-uring and @keyring"));
  EXPECT_THAT(
      policy_lines(plan.policy).front(),
      testing::HasSubstr("a filter of system calls (no-ptrace, default minus @io-uring and @keyring)"));
  EXPECT_THAT(not_enforced(plan.policy),
              testing::IsSupersetOf({"what the default filter refuses: the calls for keys are given back, "
                                     "and with them the keys of your "
                                     "user keyring (--seccomp=@keyring,@no-ptrace)",
                                     "what the default filter refuses: io_uring is given back, and no filter "
                                     "sees what goes through it: "
                                     "sockets of any family, for one (--seccomp=@io-uring)"}));
  EXPECT_THAT(not_enforced(plan_of({"--seccomp=@no-ptrace"}).policy),
              testing::Not(testing::Contains(testing::HasSubstr("what the default filter refuses"))));
}

TEST(PlanSeccomp, InstallsTheDefaultFilterThatGivesTheSetsBack) {
  const auto codes = [](Words flags) {
    std::vector<FilterCode> out;
    for (const FilterProgram& one : step_of<InstallFilters>(plan_of(std::move(flags))).programs)
      out.push_back(one.code);
    return out;
  };
  const auto giving = [](GivingSets sets) {
    const auto code = filters::default_code(sets, filters::this_machine());
    return FilterCode(code.begin(), code.end());
  };
  EXPECT_THAT(codes({}), testing::ElementsAre(giving(0)));
  EXPECT_THAT(codes({"--seccomp=@io-uring,@io-uring"}), testing::ElementsAre(giving(1)));
  EXPECT_THAT(codes({"--seccomp=@perf"}), testing::ElementsAre(giving(2)));
  EXPECT_THAT(codes({"--seccomp=@keyring,@io-uring"}), testing::ElementsAre(giving(5)));
  EXPECT_THAT(codes({"--seccomp=@no-ptrace,@perf"}), testing::ElementsAre(testing::_, giving(2)));
}

TEST(PlanSeccomp, DoesWithoutAKeyringWhereTheFilterLeavesNoWayToKeys) {
  EXPECT_TRUE(step_of<NewKeyring>(plan_of({})).is_closed);
  EXPECT_TRUE(step_of<NewKeyring>(plan_of({"--seccomp=none,@no-keyring"})).is_closed);
  EXPECT_FALSE(step_of<NewKeyring>(plan_of({"--seccomp=none"})).is_closed);
  EXPECT_FALSE(step_of<NewKeyring>(plan_of({"--seccomp=@keyring"})).is_closed);
  EXPECT_TRUE(step_of<NewKeyring>(plan_of({"--seccomp=@io-uring"})).is_closed);
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
