// SPDX-License-Identifier: Apache-2.0
// What is remembered of a container, as a value and as the text of its state.json.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kelp::state {

// A process by its number and when it began (proc_pid_stat(5), field 22): both together name it as long as
// the machine runs.
struct ProcessName {
  pid_t pid = 0;  // 0: none yet
  std::uint64_t start_time = 0;
  bool operator==(const ProcessName&) const = default;
};

// How a container of `kelp run` ended.
struct End {
  int status = 0;        // what kelp exits with
  int signal = 0;        // that ended the command; 0: none did
  std::string finished;  // as Record::created
  bool operator==(const End&) const = default;
};

// What is known besides of a container that `kelp run` has given a name.
struct Kept {
  ProcessName monitor;              // the kelp that holds the container: its end is the container's
  std::string boot_id;              // of the machine's run that both processes belong to
  std::uint64_t pid_namespace = 0;  // in which their numbers count
  std::string root;                 // as it was typed
  std::vector<std::string> command;
  std::string not_entered;  // why `exec` cannot enter it; empty: it can
  bool has_log = false;
  bool removes_itself = false;  // --rm
  std::optional<End> end;
  bool operator==(const Kept&) const = default;
};

struct Record {
  std::string id;
  std::string oci_version;  // of its configuration
  std::string bundle;       // absolute
  std::string rootfs;       // absolute
  std::string created;      // RFC 3339, nanoseconds
  std::string owner;        // the caller's user name or number
  ProcessName init;
  // The number (inode) of the user namespace that `init` was born in. A hostile one may leave it later.
  std::uint64_t user_namespace = 0;
  // False from the process's birth until it is set up: whoever was to write the rest may have been killed.
  bool is_complete = false;
  bool waits_for_start = false;  // made by `create`: it runs once `start` has told it to
  bool has_terminal = false;
  std::string cgroup;          // the directory of its cgroup; empty: none of its own
  std::string cgroup_manager;  // "cgroupfs", "systemd" or "disabled"
  std::string unit;            // of systemd
  std::map<std::string, std::string> annotations;
  std::optional<Kept> kept;  // none: a container of kelp-oci's
  bool operator==(const Record&) const = default;
};

std::string text_of(const Record& record);

// A text of another version, or that is none, is an error. Members that are not known are passed over.
Result<Record> read_record(std::string_view text);

}  // namespace kelp::state
