// SPDX-License-Identifier: Apache-2.0
// Whether a container lives: its process, proven to be the one of the record, and the status that the
// runtime specification has (runtime.md, "State").
// Runs in: parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "state/entry.h"
#include "state/record.h"
#include "sys/unique_fd.h"

namespace kelp::state {

enum class LifeStatus {
  kCreating,  // being set up, or abandoned in the middle of it
  kCreated,
  kRunning,
  kPaused,
  kStopped,
};
std::string_view name_of(LifeStatus status);

// The name of a process that lives; nothing: there is none.
std::optional<ProcessName> process_name(pid_t pid);

// The number of the user namespace that a process is in; 0: it cannot be told.
std::uint64_t user_namespace_of(pid_t pid);

// A pidfd of the process, as long as it has not ended (a zombie has). Invalid: it has.
Result<sys::UniqueFd> open_process(const ProcessName& name);

// Sends a signal to the process of a pidfd; false: it has ended.
Result<bool> signal_process(int pidfd, int signal);

// As it is right now.
LifeStatus status_of(const Entry& entry, const Record& record);

// Whether all processes in the cgroup stand still ("frozen 1" in cgroup.events).
bool is_frozen(const std::string& cgroup);

}  // namespace kelp::state
