// SPDX-License-Identifier: Apache-2.0
// Classic BPF in tests: small programs in one expression, and what a program answers to a system call that
// nobody makes. The kernel is not asked: all architectures can be tried on one machine.
#pragma once

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace kelp::harness {

using Bpf = std::vector<sock_filter>;

/// Answers `action` to the call `number`, whatever the architecture, and lets all others pass.
inline Bpf answering(std::uint32_t number, std::uint32_t action) {
  return {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
          BPF_STMT(BPF_RET | BPF_K, action), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
}

inline std::string bytes_of(const Bpf& program) {
  return {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)};
}

/// A system call that nobody makes.
struct Call {
  std::uint32_t architecture = AUDIT_ARCH_X86_64;
  std::uint32_t number = 0;
  std::vector<std::uint64_t> arguments = {};
};

/// What a program answers, and after how many instructions.
struct Verdict {
  std::uint32_t answer = SECCOMP_RET_KILL_PROCESS;
  int steps = 0;
};

/// Runs a program as the kernel would: the instructions that libseccomp and kelp write (loads, comparisons of
/// the accumulator with a constant, and, jumps, returns). Anything else, and a jump or load that leaves the
/// program, answers with steps = -1.
template <typename Instruction>
Verdict evaluate(std::span<const Instruction> code, const Call& call) {
  seccomp_data data{
      .nr = static_cast<int>(call.number), .arch = call.architecture, .instruction_pointer = 0, .args = {}};
  for (std::size_t i = 0; i < call.arguments.size() && i < 6; ++i) data.args[i] = call.arguments[i];
  std::uint32_t accumulator = 0;
  int steps = 0;
  for (std::size_t at = 0; at < code.size(); ++at) {
    sock_filter one{};
    static_assert(sizeof(Instruction) == sizeof one);
    std::memcpy(&one, &code[at], sizeof one);
    ++steps;
    const auto choose = [&](bool is_so) { at += is_so ? one.jt : one.jf; };
    switch (one.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (one.k % 4 != 0 || one.k + 4 > sizeof data) return {.steps = -1};
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + one.k, 4);
        break;
      case BPF_JMP | BPF_JA: at += one.k; break;
      case BPF_JMP | BPF_JEQ | BPF_K: choose(accumulator == one.k); break;
      case BPF_JMP | BPF_JGE | BPF_K: choose(accumulator >= one.k); break;
      case BPF_JMP | BPF_JGT | BPF_K: choose(accumulator > one.k); break;
      case BPF_JMP | BPF_JSET | BPF_K: choose((accumulator & one.k) != 0); break;
      case BPF_ALU | BPF_AND | BPF_K: accumulator &= one.k; break;
      case BPF_RET | BPF_K: return {.answer = one.k, .steps = steps};
      default: return {.steps = -1};
    }
  }
  return {.steps = -1};
}

}  // namespace kelp::harness
