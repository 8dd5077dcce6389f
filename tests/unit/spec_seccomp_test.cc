// SPDX-License-Identifier: Apache-2.0
// Raw filters as values: what the kernel would only call an invalid argument is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/bpf.h"
#include "plan/describe.h"
#include "spec/check.h"
#include "unit/plan_build.h"

namespace kelp {
namespace {

using harness::answering;
using harness::Bpf;
using harness::bytes_of;
using testing::HasSubstr;

FilterCode code_of(const Bpf& program) { return read_filter_code(bytes_of(program)).value_or(FilterCode()); }

std::string problem(const Bpf& program) {
  Spec spec;
  spec.seccomp.filters.push_back(
      {.what = FilterProgram{.code = code_of(program)}, .origin = {"--seccomp X"}});
  const Result<CheckedSpec> checked = check(std::move(spec));
  return checked ? "" : checked.error().sentence();
}

constexpr sock_filter kAllow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

TEST(FilterCode, IsReadInWholeInstructions) {
  const std::string bytes = bytes_of(answering(39, SECCOMP_RET_TRAP));
  const FilterCode code = *read_filter_code(bytes);
  ASSERT_EQ(code.size(), 4U);
  EXPECT_EQ(code[1], (FilterInstruction{.code = 0x15, .if_true = 0, .if_false = 1, .operand = 39}));
  EXPECT_FALSE(read_filter_code(bytes.substr(1)));
  EXPECT_TRUE(read_filter_code("")->empty());
}

TEST(CheckFilter, NamesWhatTheKernelWouldNotTake) {
  EXPECT_EQ(problem(answering(39, SECCOMP_RET_TRAP)), "");
  EXPECT_EQ(problem({}), "cannot use --seccomp X: there is no instruction in it");
  EXPECT_EQ(problem(Bpf(4096, kAllow)), "");
  EXPECT_EQ(problem(Bpf(4097, kAllow)),
            "cannot use --seccomp X: it has 4097 instructions, and the kernel takes 4096");
  EXPECT_EQ(problem({BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)}),
            "cannot use --seccomp X: its last instruction does not return");
  EXPECT_THAT(problem({BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), kAllow}),
              HasSubstr("instruction 0: it loads"));
  EXPECT_THAT(problem({BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 6), kAllow}), HasSubstr("instruction 0: it loads"));
  EXPECT_EQ(problem({BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 60), kAllow}), "");
  EXPECT_THAT(problem({kAllow, BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), kAllow}),
              HasSubstr("instruction 1: the kernel takes no such instruction"));
  EXPECT_THAT(problem({BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 1, 0), kAllow}),
              HasSubstr("0: it jumps behind"));
  EXPECT_THAT(problem({BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1), kAllow}),
              HasSubstr("0: it jumps behind"));
  EXPECT_THAT(problem({BPF_STMT(BPF_JMP | BPF_JA, 0xFFFFFFFF), kAllow}), HasSubstr("0: it jumps behind"));
  EXPECT_THAT(problem({BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), kAllow}), HasSubstr("0: it divides by zero"));
}

}  // namespace

namespace plan {
namespace {

using testing::HasSubstr;

// The plan of `true` with one raw filter.
Plan filtered(bool new_privileges) {
  Spec spec;
  spec.root.what = EmptyRoot{};
  spec.command.argv = {"true"};
  spec.command.new_privileges = new_privileges;
  spec.seccomp.filters.push_back(
      {.what = FilterProgram{.code = code_of(answering(1, SECCOMP_RET_TRAP))}, .origin = {"--seccomp X"}});
  Result<Plan> plan = build(*check(std::move(spec)), ordinary_facts());
  EXPECT_TRUE(plan);
  return plan ? std::move(*plan) : Plan{};
}

TEST(PlanFilters, AreTheLastBeforeTheExec) {
  const Plan plan = filtered(false);
  EXPECT_EQ(place_of<InstallFilters>(plan) + 1, place_of<Execute>(plan));
  EXPECT_EQ(step_of<InstallFilters>(plan).time, FilterTime::kWithExec);
  EXPECT_EQ(plan.child.at(static_cast<std::size_t>(place_of<InstallFilters>(plan))).origin.text,
            "--seccomp X");
}

TEST(PlanFilters, WithoutNoNewPrivsAreInstalledWhileThereIsARightTo) {
  const Plan plan = filtered(true);
  EXPECT_LT(place_of<InstallFilters>(plan), place_of<TakeUser>(plan));
  EXPECT_EQ(step_of<InstallFilters>(plan).time, FilterTime::kHere);
}

TEST(PlanFilters, AreToldByExplain) {
  std::string all;
  for (const Sentence& sentence : describe(filtered(false))) all += sentence.what + "\n";
  EXPECT_THAT(all, HasSubstr("filter system calls: the caller's own (4 instructions)\n"));
}

TEST(PlanFilters, AreAbsentWhereNothingAskedForThem) {
  Spec spec;
  spec.root.what = EmptyRoot{};
  spec.command.argv = {"true"};
  EXPECT_EQ(place_of<InstallFilters>(*build(*check(std::move(spec)), ordinary_facts())), -1);
}

}  // namespace
}  // namespace plan
}  // namespace kelp
