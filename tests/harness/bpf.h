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

}  // namespace kelp::harness
