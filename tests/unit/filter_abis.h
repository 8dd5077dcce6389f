// SPDX-License-Identifier: Apache-2.0
// Architectures that the built-in filters are tried on, whatever the machine. The numbers are those of the
// kernel's own tables, not libseccomp's, which the filters were compiled with.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "filters/filters.h"
#include "harness/bpf.h"

namespace kelp::filters {

using harness::Call;
using harness::evaluate;
using harness::Verdict;

constexpr std::uint32_t kAllowed = SECCOMP_RET_ALLOW;
constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kUnknown = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint32_t kNoFamily = SECCOMP_RET_ERRNO | EAFNOSUPPORT;
constexpr std::uint32_t kKilled = SECCOMP_RET_KILL_PROCESS;
constexpr std::uint32_t kX32 = 0x40000000;

// An architecture, and the numbers on it of calls that the tests make.
struct Abi {
  const char* name;
  Machine machine;
  std::uint32_t token;
  std::uint32_t read, getppid, ioctl, clone, clone3, unshare, setns, mount, pivot_root, keyctl, ptrace, bpf,
      socket, socketpair, execve, personality, io_uring_setup, open_by_handle_at, landlock, listmount, last;
};
constexpr Abi kAbis[] = {
    {.name = "x86-64",
     .machine = Machine::kX86,
     .token = AUDIT_ARCH_X86_64,
     .read = 0,
     .getppid = 110,
     .ioctl = 16,
     .clone = 56,
     .clone3 = 435,
     .unshare = 272,
     .setns = 308,
     .mount = 165,
     .pivot_root = 155,
     .keyctl = 250,
     .ptrace = 101,
     .bpf = 321,
     .socket = 41,
     .socketpair = 53,
     .execve = 59,
     .personality = 135,
     .io_uring_setup = 425,
     .open_by_handle_at = 304,
     .landlock = 444,
     .listmount = 458,
     .last = 469},
    {.name = "i386",
     .machine = Machine::kX86,
     .token = AUDIT_ARCH_I386,
     .read = 3,
     .getppid = 64,
     .ioctl = 54,
     .clone = 120,
     .clone3 = 435,
     .unshare = 310,
     .setns = 346,
     .mount = 21,
     .pivot_root = 217,
     .keyctl = 288,
     .ptrace = 26,
     .bpf = 357,
     .socket = 359,
     .socketpair = 360,
     .execve = 11,
     .personality = 136,
     .io_uring_setup = 425,
     .open_by_handle_at = 342,
     .landlock = 444,
     .listmount = 458,
     .last = 469},
    {.name = "aarch64",
     .machine = Machine::kAarch64,
     .token = AUDIT_ARCH_AARCH64,
     .read = 63,
     .getppid = 173,
     .ioctl = 29,
     .clone = 220,
     .clone3 = 435,
     .unshare = 97,
     .setns = 268,
     .mount = 40,
     .pivot_root = 41,
     .keyctl = 219,
     .ptrace = 117,
     .bpf = 280,
     .socket = 198,
     .socketpair = 199,
     .execve = 221,
     .personality = 92,
     .io_uring_setup = 425,
     .open_by_handle_at = 265,
     .landlock = 444,
     .listmount = 458,
     .last = 469},
};

inline Verdict run(BuiltInFilter filter, const Abi& abi, std::uint32_t number,
                   std::vector<std::uint64_t> arguments = {}) {
  const Verdict verdict =
      evaluate(code_of(filter, abi.machine),
               Call{.architecture = abi.token, .number = number, .arguments = std::move(arguments)});
  EXPECT_GT(verdict.steps, 0) << abi.name << " " << number << ": the program leaves its own code";
  return verdict;
}

inline std::uint32_t answer(const Abi& abi, std::uint32_t number, std::vector<std::uint64_t> arguments = {}) {
  return run(BuiltInFilter::kDefault, abi, number, std::move(arguments)).answer;
}
inline std::uint32_t of(BuiltInFilter filter, const Abi& abi, std::uint32_t number,
                        std::vector<std::uint64_t> arguments = {}) {
  return run(filter, abi, number, std::move(arguments)).answer;
}

}  // namespace kelp::filters
