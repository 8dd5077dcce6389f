// SPDX-License-Identifier: Apache-2.0
// How a message over the report pipe begins. Plain numbers: helpers/exec, which has no library, sends one
// too. Runs in: both.
#pragma once

#include <cstdint>

namespace kelp::sys {

enum class ReportKind : std::uint8_t {
  kFailed,  // a step failed; nothing more will come
  kMade,    // a mount point was made in the root: detail
  kProc,    // which proc was mounted: detail is "new" or "pids"
  // The listed groups of the command count for nothing: this user namespace has given setgroups up.
  kGroupsLeftOut,
  // The filter comes next of which the parent passes the descriptor on: it comes over a socket of its own,
  // and the child waits for another "go".
  kListening,
  kMounted,      // all is mounted, nothing is left yet: the child waits for another "go"
  kExecuting,    // every step is done, the exec comes next
  kWaiting,      // helpers/exec: all is done but the execve, for which it waits (sys/start_message.h)
  kNotExecuted,  // helpers/exec: the exec that kExecuting told of failed with `code`; nothing more will come
};

// The `index` of kNotExecuted.
// Of kHook the step is the number of the hook, `status` how it ended (HookEnd), `code` its value, and the
// first text what it said.
enum class NotExecuted : std::uint32_t { kCommand, kFilter, kLauncher, kHook };

inline constexpr int kReportTexts = 4;  // action, reason, hint, object

struct ReportHead {
  ReportKind kind = ReportKind::kFailed;
  std::uint8_t part = 0;                   // FailedPart
  std::uint32_t step = 0;                  // index in Plan::child
  std::uint32_t index = 0;                 // within the step: which source …
  std::int32_t code = 0;                   // errno; 0: not from the kernel
  std::int32_t status = 0;                 // kelp's exit status for it
  std::uint16_t sizes[kReportTexts] = {};  // of the texts that follow
};

}  // namespace kelp::sys
