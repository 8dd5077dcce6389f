// SPDX-License-Identifier: Apache-2.0
// A seccomp profile as the OCI runtime specification has it (config-linux.md, "Seccomp"), as values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kelp {

enum class SeccompActionKind { kAllow, kLog, kErrno, kTrap, kTrace, kKillThread, kKillProcess, kNotify };

struct SeccompAction {
  SeccompActionKind kind = SeccompActionKind::kKillProcess;
  std::uint16_t data = 0;  // the errno, or what a tracer is told
  bool operator==(const SeccompAction&) const = default;
};

enum class SeccompOperator {
  kNotEqual,
  kLess,
  kLessOrEqual,
  kEqual,
  kGreaterOrEqual,
  kGreater,
  kMaskedEqual,
};

// `argument OP value`; of kMaskedEqual `(argument & value) == value_two`. 64 bits, as the kernel hands it
// over.
struct SeccompComparison {
  std::uint32_t index = 0;  // of the argument, 0 to 5
  SeccompOperator op = SeccompOperator::kEqual;
  std::uint64_t value = 0;
  std::uint64_t value_two = 0;
  bool operator==(const SeccompComparison&) const = default;
};

struct SeccompRule {
  std::vector<std::string> names;
  SeccompAction action;
  std::vector<SeccompComparison> comparisons;  // all of them must hold
  std::string place;                           // "syscalls[3]": the JSON path, for messages
  bool operator==(const SeccompRule&) const = default;
};

struct SeccompProfile {
  SeccompAction default_action;
  std::vector<std::string> architectures;  // "SCMP_ARCH_X86_64"; none: this machine's own
  std::vector<SeccompRule> rules;
  std::uint32_t flags = 0;  // SECCOMP_FILTER_FLAG_*
  // Who gets the descriptor of what kNotify asks: a socket's path, and what is told with it
  // (config-linux.md, "Container Process State"). Empty: no rule has kNotify.
  std::string listener_path = {};
  std::string listener_metadata = {};
  bool operator==(const SeccompProfile&) const = default;
};

}  // namespace kelp
