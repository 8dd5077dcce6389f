// SPDX-License-Identifier: Apache-2.0
// Units of systemd's, by its D-Bus interface (org.freedesktop.systemd1(5)). Each call waits for its end, 25
// seconds at most. Errors: libsystemd is not installed, systemd refuses or is silent.
// Runs in: parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace kelp::launch {

// Of D-Bus's types s, t, i, b and au.
struct Property {
  std::string name;
  std::variant<std::string, std::uint64_t, std::int32_t, bool, std::vector<std::uint32_t>> value;
};

// Starts a transient unit ("a.scope"); not beyond the deadline (CLOCK_MONOTONIC, --timeout).
Status start_unit(const std::string& address, const std::string& name,
                  const std::vector<Property>& properties, std::optional<std::uint64_t> deadline_us);
Status set_unit_properties(const std::string& address, const std::string& name,
                           const std::vector<Property>& properties);
Status stop_unit(const std::string& address, const std::string& name);

}  // namespace kelp::launch
