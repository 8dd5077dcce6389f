// SPDX-License-Identifier: Apache-2.0
// The machine as it is looked at after a failure and by `kelp doctor`: settings, the status of this process,
// the distribution. Files are read below `prefix`, so that a test can build a machine on disk. Runs in:
// parent.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/mountinfo.h"

namespace kelp::host {

struct Machine {
  std::string prefix;   // empty: this machine
  std::string release;  // of the kernel: "6.1.0-25-amd64"
  std::uint32_t uid = 0;
  std::string user;           // "uid 1000" where it has no name
  bool is_local_user = true;  // in /etc/passwd: usermod(8) knows it
  // What no file shows, tried by a call (outer_fences.h); none: it is not known.
  std::function<bool()> mount_is_filtered = {};
  std::function<bool()> landlock_forbids_mounts = {};

  // This machine, and the caller.
  static Machine here();

  // A small file; none where it cannot be read.
  std::optional<std::string> read(std::string_view path) const;
  // The number that a file in /proc/sys holds.
  std::optional<std::uint64_t> setting(std::string_view path) const;
  bool exists(std::string_view path) const;
  // A field of /proc/self/status: status("Seccomp") == "2"; empty where there is none.
  std::string status(std::string_view field) const;
  // Whether the effective set holds a capability.
  bool has_capability(unsigned number) const;
  std::vector<MountEntry> mounts() const;
  // The directories of the cgroups v2 that we are in, the innermost first ("/sys/fs/cgroup/a/b",
  // "/sys/fs/cgroup/a"), without the root; empty: there is no cgroup v2.
  std::vector<std::string> cgroup_levels() const;

  // The first word of ID or ID_LIKE in os-release(5) that is among debian, fedora, arch, alpine, suse, nixos;
  // empty: another one.
  std::string distribution() const;
  // "docker", "podman", "kubernetes"; empty: no container that is known.
  std::string outer_engine() const;
};

}  // namespace kelp::host
