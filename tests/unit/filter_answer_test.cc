// SPDX-License-Identifier: Apache-2.0
// What a filter answers, found out without making the call; and what a start makes of it.
#include <gmock/gmock.h>
#include <sys/syscall.h>

#include <cerrno>

#include "filters/answer.h"
#include "filters/filters.h"
#include "harness/bpf.h"
#include "plan/steps.h"

namespace kelp::filters {
namespace {

using harness::answering;
using harness::Bpf;

constexpr std::uint32_t kErrno = SECCOMP_RET_ERRNO;
#if defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#endif

FilterCode code_of(const Bpf& program) { return *read_filter_code(harness::bytes_of(program)); }

TEST(AnswerTo, IsThatOfTheKernelForEachCallOfTheDefaultFilter) {
  const auto built_in = code_of(BuiltInFilter::kDefault, this_machine());
  const FilterCode code(built_in.begin(), built_in.end());
  std::size_t known = 0;
  for (std::uint32_t number = 0; number < 600; ++number) {
    const auto answer = answer_to(code, number);
    if (!answer) continue;
    ++known;
    EXPECT_EQ(*answer, harness::evaluate(built_in, {.architecture = kArchitecture, .number = number}).answer)
        << number;
  }
  EXPECT_GT(known, 550U);
}

TEST(AnswerTo, IsNoneWhereArgumentsDecide) {
  const Bpf of_argument = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), BPF_STMT(BPF_RET | BPF_K, kErrno | 1)};
  EXPECT_EQ(answer_to(code_of(of_argument), 59), std::nullopt);
  const Bpf of_caller = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8), BPF_STMT(BPF_RET | BPF_K, kErrno | 1)};
  EXPECT_EQ(answer_to(code_of(of_caller), 59), std::nullopt);
}

TEST(AnswerTo, IsNoneForWhatIsNoProgram) {
  EXPECT_EQ(answer_to({}, 59), std::nullopt);
  EXPECT_EQ(answer_to(code_of({BPF_STMT(BPF_JMP | BPF_JA, 0xFFFFFFFF)}), 59), std::nullopt);
  EXPECT_EQ(answer_to(code_of({BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 255, 255)}), 59), std::nullopt);
  EXPECT_EQ(answer_to(code_of({BPF_STMT(BPF_RET | BPF_A, 0)}), 59), std::nullopt);
}

// A plan that installs the program and executes /bin/prog.
plan::Plan under(const Bpf& program) {
  plan::Plan plan;
  plan.child = {
      {.what = plan::InstallFilters{.programs = {{.code = code_of(program)}}}, .origin = {"--seccomp=f"}},
      {.what = plan::Execute{.argv = {"/bin/prog"}}}};
  return plan;
}

TEST(FilterOfACommand, ThatRefusesItsExecveIsRefused) {
  plan::Plan plan = under(answering(SYS_execve, kErrno | EACCES));
  const Status status = plan::check_filters(plan);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().sentence(),
            "cannot execute /bin/prog: the filter of system calls refuses execve (--seccomp=f)");
  EXPECT_EQ(status.error().code(), EACCES);
  EXPECT_EQ(status.error().status(), kExitCannotStart);
}

TEST(FilterOfACommand, ThatKillsItBeforeItBeginsIsRefused) {
  constexpr std::uint32_t kUnknown = 0x12340000;
  for (const std::uint32_t action :
       {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, kUnknown}) {
    plan::Plan plan = under(answering(SYS_execve, action));
    const Status status = plan::check_filters(plan);
    ASSERT_FALSE(status) << action;
    EXPECT_EQ(status.error().sentence(),
              "cannot execute /bin/prog: the filter of system calls kills who calls execve (--seccomp=f)");
    EXPECT_EQ(status.error().code(), 0) << "no errno comes of it";
    EXPECT_EQ(status.error().status(), kExitCannotStart);
  }
}

TEST(FilterOfACommand, ThatAsksSomebodyWhoIsNotThereIsRefused) {
  plan::Plan plan = under(answering(SYS_execve, SECCOMP_RET_USER_NOTIF));
  const Status status = plan::check_filters(plan);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().reason(), "the filter of system calls refuses execve");
  EXPECT_EQ(status.error().code(), ENOSYS);
}

TEST(FilterOfACommand, IsToldByItsStrictestAnswer) {
  plan::Plan plan = under(answering(SYS_execve, kErrno | EPERM));
  auto& install = std::get<plan::InstallFilters>(plan.child[0].what);
  install.programs.push_back({.code = code_of(answering(SYS_execve, SECCOMP_RET_KILL_PROCESS))});
  const Status status = plan::check_filters(plan);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().reason(), "the filter of system calls kills who calls execve");
}

TEST(FilterOfACommand, ThatLetsNothingEndIsWarnedOf) {
  plan::Plan plan = under(answering(SYS_exit_group, kErrno | EPERM));
  EXPECT_TRUE(plan::check_filters(plan));
  EXPECT_THAT(plan.warnings,
              testing::ElementsAre("the filter of system calls refuses exit_group: most programs can then "
                                   "end by a signal only (--seccomp=f)"));
}

TEST(FilterOfACommand, ThatRefusesSomethingElseIsNobodysBusiness) {
  for (const Bpf& program : {answering(SYS_getuid, kErrno | EPERM), answering(SYS_execve, SECCOMP_RET_LOG),
                             answering(SYS_execve, SECCOMP_RET_TRACE)}) {
    plan::Plan plan = under(program);
    EXPECT_TRUE(plan::check_filters(plan));
    EXPECT_THAT(plan.warnings, testing::IsEmpty());
  }
}

}  // namespace
}  // namespace kelp::filters
