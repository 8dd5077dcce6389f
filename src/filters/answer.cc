// SPDX-License-Identifier: Apache-2.0
// A reader of classic BPF, as far as libseccomp and hands write filters; see answer.h.
#include "filters/answer.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>

namespace kelp::filters {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

struct Run {
  std::uint32_t number = 0;
  std::uint32_t accumulator = 0;
  std::size_t next = 0;
  std::optional<std::uint32_t> answer;
};

bool load(std::uint32_t offset, Run& run) {
  if (offset == offsetof(seccomp_data, nr)) {
    run.accumulator = run.number;
  } else if (offset == offsetof(seccomp_data, arch)) {
    run.accumulator = kArchitecture;
  } else {
    return false;
  }
  return true;
}

// One instruction; false where it is not followed.
bool step(const FilterInstruction& one, Run& run) {
  ++run.next;
  const auto branch = [&](bool is_so) {
    run.next += is_so ? one.if_true : one.if_false;
    return true;
  };
  switch (one.code) {
    case BPF_LD | BPF_W | BPF_ABS: return load(one.operand, run);
    case BPF_ALU | BPF_AND | BPF_K: run.accumulator &= one.operand; return true;
    case BPF_JMP | BPF_JA: run.next += one.operand; return true;
    case BPF_JMP | BPF_JEQ | BPF_K: return branch(run.accumulator == one.operand);
    case BPF_JMP | BPF_JGT | BPF_K: return branch(run.accumulator > one.operand);
    case BPF_JMP | BPF_JGE | BPF_K: return branch(run.accumulator >= one.operand);
    case BPF_JMP | BPF_JSET | BPF_K: return branch((run.accumulator & one.operand) != 0);
    case BPF_RET | BPF_K: run.answer = one.operand; return true;
    default: return false;
  }
}

}  // namespace

std::optional<std::uint32_t> answer_to(const FilterCode& code, std::uint32_t number) {
  if (kArchitecture == 0) return std::nullopt;
  Run run{.number = number, .accumulator = 0, .next = 0, .answer = std::nullopt};
  // Every jump goes forward, so this ends.
  while (run.next < code.size() && step(code[run.next], run)) {
    if (run.answer) return run.answer;
  }
  return std::nullopt;
}

}  // namespace kelp::filters
