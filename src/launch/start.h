// SPDX-License-Identifier: Apache-2.0
// The parent's half of a start: clone, id maps, "go", and the child's report.
// Runs in: parent.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "launch/cgroup.h"
#include "launch/layer.h"
#include "launch/network.h"
#include "launch/owners_file.h"
#include "launch/signals.h"
#include "plan/plan.h"
#include "sys/process.h"

namespace kelp::launch {

// Where --timeout ends a start that began then, on the clock of clock.h.
std::optional<std::uint64_t> deadline_of(const plan::Plan& plan, std::uint64_t started_us);

// A container whose command has been executed.
struct Running {
  Layer layer;  // these outlive the process
  Cgroup cgroup;
  OwnersFile owners;
  sys::Process process;
  std::optional<NetworkConnection> network;  // where a program connects it
  sys::UniqueFd status;          // StatusMessage from the child's side; invalid where there is neither a
                                 // reaper nor a terminal
  sys::UniqueFd notify;          // where the descriptor of a filter that notifies comes; invalid: none does
  sys::UniqueFd signals;         // signals.h
  sys::UniqueFd go;              // its end tells the child that kelp is gone
  std::uint64_t started_us = 0;  // CLOCK_MONOTONIC when the start began
  std::optional<std::uint64_t> deadline_us;  // where --timeout ends it, on the same clock
  std::uint64_t setup_us = 0;                // from there to the command's exec
  std::string proc;                          // "new", "pids", or empty where the plan has no new proc
  std::vector<Signal> early_signals;         // came during the start, and are the command's
  std::vector<std::string> made;             // mount points that were made in the root
  std::vector<std::string> warnings;
};

// Starts the plan. Closes every descriptor above 2 that the plan does not name, blocks all signals, and
// leaves them blocked: wait() reads them. An error leaves no process, mount or file behind.
//
// `at_birth` hears the child's process id and its namespaces, and gives what is to be written of them while
// the child still waits: nothing is mounted yet, its ids may be unmapped. What cannot be written ends the
// start.
struct Words {
  int fd = -1;
  std::string text;
  std::string name;     // of the descriptor, for a message
  bool closes = false;  // its reader waits for the end
};
using AtBirth = std::function<std::vector<Words>(pid_t, const sys::NamespaceNumbers&)>;
Result<Running> start(const plan::Plan& plan, const AtBirth& at_birth = {});

}  // namespace kelp::launch
