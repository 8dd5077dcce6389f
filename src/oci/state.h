// SPDX-License-Identifier: Apache-2.0
// The state of a container as a document (runtime.md, "State"): what `state` prints and hooks are given.
#pragma once

#include <string>
#include <vector>

#include "oci/config.h"

namespace kelp::oci {

struct State {
  std::string version;
  std::string id;
  std::string status;  // "creating", "created", "running" or "stopped"
  int pid = 0;         // of the caller's pid namespace; of a stopped container there is none
  std::string bundle;
  Annotations annotations = {};
};

// On one line, with the members that the specification has.
std::string state_document(const State& state);

// The same around the digits of the pid, for a process that is not there yet.
struct StateText {
  std::string before;
  std::string after;
};
StateText state_around_pid(const State& state);

// What a seccomp agent is told of a process (config-linux.md, "Container Process State"), in parts: between
// two stands the pid of the process. Where the state has none, that is the container's, too.
std::vector<std::string> process_state_around_pid(const State& state, const std::string& metadata);

}  // namespace kelp::oci
