// SPDX-License-Identifier: Apache-2.0
// What Landlock is to fence in (landlock(7)).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "spec/origin.h"

namespace kelp {

// TCP ports of one direction; any other is refused. No port: all are.
struct Ports {
  std::vector<std::uint16_t> allowed;
  Origin origin = {};
  bool operator==(const Ports&) const = default;
};

struct Landlock {
  bool scope_sockets = false;  // no abstract socket of a process outside
  bool scope_signals = false;  // no signal to a process outside
  bool files = false;          // files as the mounts have them; mounts inside then fail
  std::optional<Ports> connect, bind;
  Origin origin = {};  // of files and scopes
  bool operator==(const Landlock&) const = default;
};

}  // namespace kelp
