// SPDX-License-Identifier: Apache-2.0
// One more process in a container that runs: `exec`, by a process document of its own or by flags over the
// container's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "oci/config.h"
#include "oci/state.h"
#include "spec/foreign.h"

namespace kelp::oci {

struct ExecRequest {
  EnteredContainer entered;
  // What --process FILE holds; then of the rest nothing but the descriptors counts.
  std::optional<std::string> process = {};
  std::vector<std::string> args = {};
  std::vector<std::string> environment = {};  // NAME=VALUE, besides the container's
  std::optional<std::string> directory = {};
  std::optional<std::string> user = {};  // "UID" or "UID:GID"
  std::vector<Id> additional_groups = {};
  std::vector<std::string> capabilities = {};  // "CAP_KILL", besides the container's
  bool terminal = false;
  std::optional<TerminalSize> terminal_size = {};
  bool no_new_privileges = false;  // true: whatever the container has
  std::optional<std::string> apparmor = {};
  std::optional<std::string> selinux = {};
  State state = {};  // of the container, for a seccomp agent
};

// The filters are those of config.json, never of the request.
Result<Spec> exec_spec(const Config& config, const ExecRequest& request, const Surroundings& around);

}  // namespace kelp::oci
