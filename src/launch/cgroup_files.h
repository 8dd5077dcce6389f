// SPDX-License-Identifier: Apache-2.0
// The files of a cgroup v2: controllers, settings that are proven to be in force, counters.
// Runs in: parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

// A cgroup's directory, proven to be one: as root everything else that is there could be written to as well.
Result<sys::UniqueFd> open_cgroup(const std::string& path);

// Writes each setting and reads it back.
Status apply_settings(int cgroup_fd, const std::string& path,
                      const std::vector<plan::CgroupSetting>& settings);

// Makes the controllers available to the cgroups in this one. Gives those that were not before.
Result<std::vector<std::string>> enable_controllers(int cgroup_fd, const std::string& path,
                                                    const std::vector<std::string>& controllers);
// Takes them away again, as far as the kernel lets it.
void disable_controllers(int cgroup_fd, const std::vector<std::string>& controllers);

Status write_cgroup_file(int cgroup_fd, const std::string& path, const std::string& file,
                         std::string_view text);
Result<std::string> read_cgroup_file(int cgroup_fd, const std::string& path, const std::string& file);

// The number in a file that holds one; nothing for "max".
std::optional<std::uint64_t> number_in(std::string_view text);
// The number behind a word: field_in("user_usec 5\n…", "user_usec").
std::optional<std::uint64_t> field_in(std::string_view text, std::string_view word);

// Removes a cgroup and those in it; all must be empty of processes (else EBUSY), and none too deep.
Status remove_cgroups(int around_fd, const std::string& name);

}  // namespace kelp::launch
