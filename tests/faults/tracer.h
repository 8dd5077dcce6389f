// SPDX-License-Identifier: Apache-2.0
// Runs a program under ptrace(2), lists the system calls of its start, and makes chosen ones fail. strace's
// -e inject counts each process for itself and cannot aim at one of them, so that the parent's fifth openat
// would always shield the child's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/run.h"

namespace kelp::faults {

/// The processes of a start, in the order in which they are made. Programs that kelp starts as its helpers
/// are not among them.
/// The one that writes the ids of locked mounts stands aside of the order.
enum Who : int { kParent = 0, kInit = 1, kCommand = 2, kIdWriter = 100, kAnyone = -1 };

struct Call {
  int who = kParent;
  std::string name;         ///< as name_of gives it
  int occurrence = 0;       ///< 1: the first of this name by this process
  bool is_running = false;  ///< made after the command was executed
  bool operator==(const Call&) const = default;
};

/// What shall fail: one call, or every call of that name.
struct Fault {
  int who = kAnyone;
  std::string name;
  int occurrence = 0;  ///< 0: each of them
  int code = 0;        ///< the errno that it gets; the kernel does not see the call (but for close)
};

struct Traced {
  harness::Outcome outcome;
  std::vector<Call> calls;  ///< of kelp's own processes, from main() on
  int failed = 0;           ///< how many calls were made to fail
  int processes = 0;
};

/// False where ptrace may not be used, or this machine's registers are not known here.
bool can_trace();

constexpr unsigned kPatienceSeconds = 10;

/// before_exec runs in the new process: to open descriptors that shall be passed on. After the
/// patience every process is killed, and Outcome::timed_out is true.
Traced trace(const harness::Argv& argv, const std::optional<Fault>& fault,
             const std::function<void()>& before_exec = {}, unsigned patience_seconds = kPatienceSeconds);

}  // namespace kelp::faults
