// SPDX-License-Identifier: Apache-2.0
// What the readers of command lines know of the world: values that a verb hands in, so that a test can.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kelp::cli {

// What lies at a path of the host, links followed.
struct HostNode {
  enum class Kind { kAbsent, kDevice, kDirectory, kOther };
  Kind kind = Kind::kAbsent;
  std::string why = {};      // it could not be looked at: the sentence of the failing call
  bool is_link = false;      // the path itself is a symbolic link
  bool is_open = true;       // the caller may read or write it
  bool is_on_nodev = false;  // its file system is mounted so that no device in it works
  std::uint32_t mode = 0;    // permissions
  std::uint32_t owner = 0;   // ids as the caller's user namespace shows them
  std::uint32_t group = 0;
};

// What a container that stays shares with one that joins its network.
struct ContainerNetwork {
  std::string user_namespace;     // a file that leads to it; empty: it is ours
  std::string network_namespace;  // likewise
  bool maps_root = true;          // in its user namespace there is a root
  bool maps_only_root = false;
};

struct Surroundings {
  std::vector<std::string> environment;  // the caller's, NAME=VALUE
  bool has_terminal = false;             // one of 0, 1 and 2 is a terminal
  std::string working_directory;         // absolute; empty where it has no name
  // The whole of a file that a flag names (--env-file, --profile); fails with the sentence of the failing
  // call.
  std::function<Result<std::string>(const std::string& path)> read_file = {};
  // What a descriptor yields until its end (--seccomp fd:N).
  std::function<Result<std::string>(int fd)> read_fd = {};
  // The names in a directory, sorted; none where it cannot be read (the profiles that there are).
  std::function<std::vector<std::string>(const std::string& path)> names_in = {};
  // Whether there is such a file, for a hint.
  std::function<bool(const std::string& path)> is_there = {};
  // For devices, and directories of them.
  std::function<HostNode(const std::string& path)> look_at = {};
  // For CDI files: one YAML document as JSON, all scalars but null as text; and the name by which programs
  // ask for a shared library (DT_SONAME), empty where the file is none.
  std::function<Result<std::string>(const std::string& yaml)> json_of_yaml = {};
  std::function<std::string(const std::string& path)> library_name = {};
  // Of a container by its name (--network=container:NAME).
  std::function<Result<ContainerNetwork>(const std::string& name)> network_of = {};
  // Where kelp's own data is installed; profiles are in profiles/ below.
  std::function<std::vector<std::string>()> data_directories = {};
};

// The value of a variable of the caller's environment.
std::optional<std::string_view> variable(const Surroundings& around, std::string_view name);

}  // namespace kelp::cli
