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
#include "spec/scheduling.h"

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

// What ends with the command.
enum class Lifetime {
  kCommand,  // everything inside
  kAll,      // kelp itself: PID 1, if kelp has one inside, stays until no process is left
};

// Whether the command may make user namespaces of its own.
enum class InnerNamespaces {
  kAllowed,
  kForbidden,  // by a limit that nothing inside can raise: the command runs in a user namespace below
  kProven,     // somebody else has forbidden them; a start where one can be made is refused
};

// The environment that the command gets. Entries are NAME=VALUE; a later one wins.
struct Environment {
  bool from_root = false;       // HOME and USER by the root's own passwd file
  bool home_from_root = false;  // HOME alone, where no entry says it; "/" where that file has no such user
  std::vector<std::string> entries;
  bool operator==(const Environment&) const = default;
};

struct Capabilities {
  // What the command may have at all (bounding set) and has from its start when it is uid 0 inside.
  CapabilityMask root = 0;
  // What it has also when it is not uid 0 inside (ambient): what was asked for by name.
  CapabilityMask any_user = 0;
  // Instead of both: whoever the command is.
  std::optional<CapabilitySets> sets = {};
  bool operator==(const Capabilities&) const = default;
};

// Labels of security modules, for the command's execve (proc_pid_attr(5)).
struct Labels {
  std::string apparmor;  // the name of a profile that is loaded
  std::string selinux;
  Origin apparmor_origin = {}, selinux_origin = {};
  bool operator==(const Labels&) const = default;
};

struct TerminalSize {
  std::uint16_t rows = 0;
  std::uint16_t columns = 0;
  bool operator==(const TerminalSize&) const = default;
};

struct Command {
  std::vector<std::string> argv;  // empty: $SHELL if it exists in the root, else /bin/sh
  std::string default_shell;      // an absolute path, the caller's $SHELL
  std::optional<std::string> argv0;
  std::optional<std::string> directory;  // inside the container; none: "/" (or where --here is)
  // Tried one after the other where `directory` is not given; "/" is the last.
  std::vector<std::string> likely_directories;
  bool tells_directory = false;  // PWD is the directory that was entered
  Environment environment;
  User user;
  bool keep_own_ids = false;  // the command runs as the caller's own uid and gid (keep-id) instead of `user`
  Groups groups = Groups::kOfUser;
  std::vector<Id> listed_groups;
  Origin groups_origin;
  Capabilities capabilities;
  bool locks_root = true;      // without new privileges uid 0 means nothing to another user, and stays so
  bool new_privileges = true;  // setuid programs and file capabilities count; false: no_new_privs
  std::optional<std::uint32_t> umask;  // none: the caller's
  std::vector<ResourceLimit> limits;
  Scheduling scheduling;
  Labels labels;
  std::vector<int> preserved_fds;  // besides 0, 1 and 2
  Pid1 pid1 = Pid1::kCommand;
  TerminalMode terminal = TerminalMode::kNever;
  std::optional<TerminalSize> terminal_size;  // none: that of the caller's
  bool has_console = false;                   // its terminal is /dev/console, too
  bool new_session = false;                   // a terminal of its own needs one
  bool new_keyring = false;                   // a session keyring of its own
  bool die_with_parent = false;
  bool die_with_caller = false;  // kelp itself ends with the process that started it
  Lifetime lifetime = Lifetime::kCommand;
  InnerNamespaces inner_namespaces = InnerNamespaces::kAllowed;
  bool runs_plain_scripts = false;      // a file of no known format is given to /bin/sh, as execvp(3) does
  std::vector<std::string> lock_files;  // paths inside; PID 1 holds a shared lock on each (fcntl(2))
  int held_fd = -1;  // an inherited descriptor that PID 1 holds open, and the command does not
  // A listening socket: the command begins when somebody connects and says so (sys/start_message.h).
  int start_fd = -1;
  int wait_fd = -1;  // the command starts when this inherited descriptor yields a byte or ends
  std::optional<std::uint64_t> timeout_ms;
  bool operator==(const Command&) const = default;
};

}  // namespace kelp
