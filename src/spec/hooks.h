// SPDX-License-Identifier: Apache-2.0
// Programs that an OCI configuration has run at points of a container's life (config.md, "POSIX-platform
// Hooks"). Each gets the state document on its standard input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/origin.h"

namespace kelp {

struct Hook {
  std::string path;                           // absolute
  std::vector<std::string> args = {};         // with args[0]; empty: the path alone
  std::vector<std::string> environment = {};  // all of it: nothing of kelp's own
  std::optional<std::uint32_t> timeout_s = {};
  Origin origin = {};  // "hooks.poststart[0]"
  bool operator==(const Hook&) const = default;
};

// In the order in which their times come.
struct Hooks {
  std::vector<Hook> prestart;          // runtime's namespaces, before the pivot (deprecated)
  std::vector<Hook> create_runtime;    // the same, after those
  std::vector<Hook> create_container;  // container's namespaces, the machine's files, before the pivot
  std::vector<Hook> start_container;   // inside, right before the command
  std::vector<Hook> poststart;         // runtime's namespaces, after the command's execve
  std::vector<Hook> poststop;          // runtime's namespaces, after the container is deleted
  // The state document around the process id, as it is while the container is being created.
  std::string state_before_pid;
  std::string state_after_pid;
  bool operator==(const Hooks&) const = default;
};

}  // namespace kelp
