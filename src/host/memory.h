// SPDX-License-Identifier: Apache-2.0
// How much memory there is for us: RAM, or the lowest limit of the cgroups that we are in.
// Runs in: parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kelp::host {

// Where the limits of a process lie, by its /proc/PID/cgroup: files of cgroup v2 (one a level: a limit of the
// user's slice binds the session below it), or the one file of v1 that sums its levels up.
std::vector<std::string> memory_limit_files(std::string_view proc_cgroup);

// The limit in bytes that such a file tells; none for "max" and for what is no limit.
std::optional<std::uint64_t> read_memory_limit(std::string_view text);

// Bytes; 0 where nothing is known.
std::uint64_t available_memory();

}  // namespace kelp::host
