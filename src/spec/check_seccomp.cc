// SPDX-License-Identifier: Apache-2.0
// What check() asks of system call filters. What the kernel checks too (seccomp_check_filter() in
// kernel/seccomp.c, bpf_check_classic() in net/core/filter.c) is looked at here first: it only ever answers
// "Invalid argument".
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"
#include "spec/check_parts.h"

namespace kelp {
namespace {

// BPF_W, BPF_ADD and BPF_K are 0, which makes some of these look redundant.
// NOLINTBEGIN(misc-redundant-expression)
bool is_known(std::uint16_t code) {
  switch (code) {
    case BPF_LD | BPF_ABS:
    case BPF_LD | BPF_LEN:
    case BPF_LDX | BPF_LEN:
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A:
    case BPF_ALU | BPF_ADD | BPF_K:
    case BPF_ALU | BPF_ADD | BPF_X:
    case BPF_ALU | BPF_SUB | BPF_K:
    case BPF_ALU | BPF_SUB | BPF_X:
    case BPF_ALU | BPF_MUL | BPF_K:
    case BPF_ALU | BPF_MUL | BPF_X:
    case BPF_ALU | BPF_DIV | BPF_K:
    case BPF_ALU | BPF_DIV | BPF_X:
    case BPF_ALU | BPF_AND | BPF_K:
    case BPF_ALU | BPF_AND | BPF_X:
    case BPF_ALU | BPF_OR | BPF_K:
    case BPF_ALU | BPF_OR | BPF_X:
    case BPF_ALU | BPF_XOR | BPF_K:
    case BPF_ALU | BPF_XOR | BPF_X:
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_LSH | BPF_X:
    case BPF_ALU | BPF_RSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_X:
    case BPF_ALU | BPF_NEG:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
    case BPF_JMP | BPF_JA:
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JEQ | BPF_X:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_X:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_X:
    case BPF_JMP | BPF_JSET | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_X: return true;
    default: return false;
  }
}
// NOLINTEND(misc-redundant-expression)

std::string problem_of(const FilterInstruction& one, std::size_t left) {
  if (!is_known(one.code)) return "the kernel takes no such instruction in a system call filter";
  const bool is_jump = BPF_CLASS(one.code) == BPF_JMP;
  if (one.code == (BPF_LD | BPF_ABS) && (one.operand % 4 != 0 || one.operand >= sizeof(seccomp_data)))
    return "it loads from outside of the system call's data";
  if (one.code == (BPF_JMP | BPF_JA) && one.operand >= left) return "it jumps behind the end";
  if (is_jump && one.code != (BPF_JMP | BPF_JA) && (one.if_true >= left || one.if_false >= left))
    return "it jumps behind the end";
  const bool is_division = BPF_CLASS(one.code) == BPF_ALU && BPF_OP(one.code) == BPF_DIV;
  if (is_division && BPF_SRC(one.code) == BPF_K && one.operand == 0) return "it divides by zero";
  return {};
}

// What a program computes cannot be turned into "log".
bool has_computed_answer(const FilterCode& code) {
  return std::any_of(code.begin(), code.end(),
                     [](const FilterInstruction& one) { return one.code == (BPF_RET | BPF_A); });
}

std::optional<std::string> problem_of(const FilterCode& code) {
  if (code.empty()) return "there is no instruction in it";
  if (code.size() > kMaxFilterInstructions) {
    return cat("it has ", code.size(), " instructions, and the kernel takes ", kMaxFilterInstructions);
  }
  for (std::size_t i = 0; i < code.size(); ++i) {
    std::string problem = problem_of(code[i], code.size() - i - 1);
    if (!problem.empty()) return cat("instruction ", i, ": ", problem);
  }
  if (BPF_CLASS(code.back().code) != BPF_RET) return "its last instruction does not return";
  return std::nullopt;
}

// Whether this filter refuses, perhaps for a reason of its own, what the set gives back.
bool takes(BuiltInFilter filter, GivingSet set) {
  switch (filter) {
    case BuiltInFilter::kNoIoUring:
    case BuiltInFilter::kNoUnixSockets:
    case BuiltInFilter::kNoOtherTcp:
    case BuiltInFilter::kNoListen: return set == GivingSet::kIoUring;
    case BuiltInFilter::kNoKeyring: return set == GivingSet::kKeyring;
    case BuiltInFilter::kNoUserns:
    case BuiltInFilter::kNoTerminalInjection:
    case BuiltInFilter::kNoPtrace:
    case BuiltInFilter::kNoNesting:
    case BuiltInFilter::kNoOtherProcess:
    case BuiltInFilter::kNoIpc:
    case BuiltInFilter::kNoMountChanges:
    case BuiltInFilter::kFakeRoot:
    case BuiltInFilter::kFakeRootConsistent:
    case BuiltInFilter::kSupervisor:
    case BuiltInFilter::kDefault: break;
  }
  return false;
}

// The strictest answer wins in the kernel: the set would silently give nothing.
std::optional<std::string> contradiction(const Spec& spec, const GivenBack& given) {
  bool has_default = false;
  bool has_own = false;
  for (const Filter& filter : spec.seccomp.filters) {
    const auto* built_in = std::get_if<BuiltInFilter>(&filter.what);
    if (built_in != nullptr && takes(*built_in, given.set))
      return cat("@", built_in_filter_name(*built_in), " refuses the same calls");
    has_own = has_own || built_in == nullptr;
    has_default = has_default || (built_in != nullptr && *built_in == BuiltInFilter::kDefault);
  }
  const std::optional<Ports>& ports = spec.landlock.connect ? spec.landlock.connect : spec.landlock.bind;
  if (given.set == GivingSet::kIoUring && ports)
    return cat(ports->origin.text, " refuses io_uring, which would be a way around it");
  if (has_default) return std::nullopt;
  return cat("it gives back what the default filter refuses, and ",
             has_own ? "a filter of your own is in its place" : "there is no default filter");
}

}  // namespace

std::vector<Error> problems_of_seccomp(const Spec& spec) {
  std::vector<Error> problems;
  for (const GivenBack& given : spec.seccomp.given_back) {
    if (const std::optional<std::string> why = contradiction(spec, given)) {
      const std::string& typed = given.origin.text;
      problems.emplace_back(
          cat("allow @", giving_set_name(given.set), typed.empty() ? "" : cat(" (", typed, ")")), *why);
    }
  }
  // Without no_new_privs a filter can only be installed before the command's ids and capabilities are taken,
  // and would pretend those too.
  if (is_asked_for(spec.fake_root) && spec.command.new_privileges) {
    problems.emplace_back(
        using_of(spec.fake_root.origin, "emulate root"),
        "it does not go together with --new-privileges, under which kelp's own changes of ids "
        "and rights would be pretended too");
  }
  for (const Filter& filter : spec.seccomp.filters) {
    const std::string action = using_of(filter.origin, "filter system calls");
    if (const auto* program = std::get_if<FilterProgram>(&filter.what)) {
      if (std::optional<std::string> problem = problem_of(program->code))
        problems.emplace_back(action, *problem);
      if (spec.seccomp.only_log && has_computed_answer(program->code))
        problems.emplace_back(using_of(spec.seccomp.log_origin, "only log"),
                              "the filter computes its answers, which cannot be changed");
    }
    // Only what starts a Spec can compile one, and has done so before.
    if (std::holds_alternative<SeccompProfile>(filter.what))
      problems.emplace_back(action, "the profile is not compiled");
  }
  return problems;
}

}  // namespace kelp
