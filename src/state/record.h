// SPDX-License-Identifier: Apache-2.0
// What is remembered of a container, as a value and as the text of its state.json.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kelp::state {

// A process by its number and when it began (proc_pid_stat(5), field 22): both together name it as long as
// the machine runs.
struct ProcessName {
  pid_t pid = 0;  // 0: none yet
  std::uint64_t start_time = 0;
  bool operator==(const ProcessName&) const = default;
};

struct Record {
  std::string id;
  std::string oci_version;  // of its configuration
  std::string bundle;       // absolute
  std::string rootfs;       // absolute
  std::string created;      // RFC 3339, nanoseconds
  std::string owner;        // the caller's user name or number
  ProcessName init;
  // False from the process's birth until it is set up: whoever was to write the rest may have been killed.
  bool is_complete = false;
  bool waits_for_start = false;  // made by `create`: it runs once `start` has told it to
  bool has_terminal = false;
  std::string cgroup;          // the directory of its cgroup; empty: none of its own
  std::string cgroup_manager;  // "cgroupfs", "systemd" or "disabled"
  std::string unit;            // of systemd
  std::map<std::string, std::string> annotations;
  bool operator==(const Record&) const = default;
};

std::string text_of(const Record& record);

// A text of another version, or that is none, is an error. Members that are not known are passed over.
Result<Record> read_record(std::string_view text);

}  // namespace kelp::state
