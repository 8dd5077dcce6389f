// SPDX-License-Identifier: Apache-2.0
// Resource limits of a process (getrlimit(2)) by the names that ulimit, Podman and the OCI specification use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/origin.h"

namespace kelp {

inline constexpr std::uint64_t kUnlimited = UINT64_MAX;

struct ResourceLimit {
  int resource = 0;  // RLIMIT_*
  std::uint64_t soft = kUnlimited;
  std::uint64_t hard = kUnlimited;
  Origin origin = {};
  bool operator==(const ResourceLimit&) const = default;
};

// "nofile", "RLIMIT_NOFILE" → RLIMIT_NOFILE; nothing for an unknown name.
std::optional<int> read_limit_name(std::string_view name);
std::string_view limit_name(int resource);
// Every name, for a refusal that lists them.
std::vector<std::string_view> limit_names();

}  // namespace kelp
