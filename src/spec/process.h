// SPDX-License-Identifier: Apache-2.0
// The command of a container: what is executed, in which environment, with which rights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/capabilities.h"
#include "spec/ids.h"
#include "spec/limits.h"
#include "spec/origin.h"

namespace kelp {

enum class Pid1 {
  kReaper,           // kelp's child stays PID 1, forwards signals and reaps; the command is its child
  kCommand,          // the command itself is PID 1
  kEnterableReaper,  // as kReaper, by a program of its own, which can be entered by /proc from outside
};

enum class TerminalMode {
  kAuto,    // a pty of kelp's own where 0, 1 and 2 are one terminal and it can have one
  kAlways,  // a pty of kelp's own, whatever 0, 1 and 2 are
  kNever,   // descriptors as they are
};

// The environment that the command gets. Entries are NAME=VALUE; a later one wins.
struct Environment {
  bool from_root = false;  // HOME and USER by the root's own passwd file
  std::vector<std::string> entries;
  bool operator==(const Environment&) const = default;
};

struct Capabilities {
  // What the command may have at all (bounding set) and has from its start when it is uid 0 inside.
  CapabilityMask root = 0;
  // What it has also when it is not uid 0 inside (ambient): what was asked for by name.
  CapabilityMask any_user = 0;
  bool operator==(const Capabilities&) const = default;
};

struct Command {
  std::vector<std::string> argv;  // empty: $SHELL if it exists in the root, else /bin/sh
  std::string default_shell;      // an absolute path, the caller's $SHELL
  std::optional<std::string> argv0;
  std::optional<std::string> directory;  // inside the container; none: "/" (or where --here is)
  Environment environment;
  User user;
  bool keep_own_ids = false;  // the command runs as the caller's own uid and gid (keep-id) instead of `user`
  Groups groups = Groups::kOfUser;
  Capabilities capabilities;
  bool new_privileges = true;          // setuid programs and file capabilities count; false: no_new_privs
  std::optional<std::uint32_t> umask;  // none: the caller's
  std::vector<ResourceLimit> limits;
  std::vector<int> preserved_fds;  // besides 0, 1 and 2
  Pid1 pid1 = Pid1::kCommand;
  TerminalMode terminal = TerminalMode::kNever;
  bool new_session = false;  // a terminal of its own needs one
  bool new_keyring = false;  // a session keyring of its own
  bool die_with_parent = false;
  std::optional<std::uint64_t> timeout_ms;
  bool operator==(const Command&) const = default;
};

}  // namespace kelp
